// SPDX-License-Identifier: GPL-2.0-only
/* Scatter and gather lists. */
#include "t5.h"

void sg_init(struct sg *sg, const struct qp *qp, u8 perm, bool remote)
{
	memset(sg, 0, sizeof(*sg));
	sg->access = (struct access){ .qp = qp, .perm = perm, .remote = remote };
}

static bool add(struct sg *sg, const struct segment *s)
{
	if (!s->len)
		return true;
	if (sg->nr == MAX_SEGMENTS || sg->len + s->len < sg->len)
		return false;
	sg->len += s->len;
	sg->segments[sg->nr++] = *s;
	return true;
}

void sg_add(struct sg *sg, u32 stag, u64 addr, u32 len)
{
	add(sg, &(struct segment){ .stag = stag, .addr = addr, .len = len });
}

/* As it is in a work request: data, or a list of where the data are */
bool sg_parse(struct sg *sg, const u8 *p, const u8 *end)
{
	u32 i, nr;

	if (end - p < 8)
		return false;
	if (p[0] == RI_DATA_IMMD) {
		struct segment s = { .len = get32(p + 4), .inline_data = p + 8 };

		return s.len <= end - p - 8 && add(sg, &s);
	}
	nr = get16(p + 2);
	if (p[0] != RI_DATA_ISGL || 16 * nr > end - p - 8)
		return false;
	for (i = 0, p += 8; i < nr; i++, p += 16) {
		struct segment s = {
			.stag = get32(p), .len = get32(p + 4), .addr = get64(p + 8),
		};

		if (!add(sg, &s))
			return false;
	}
	return true;
}

/* Every segment as a whole must be allowed before the first byte moves */
enum cqe_status sg_check(struct t5 *t, const struct sg *sg)
{
	enum cqe_status status;
	unsigned int i;

	for (i = 0; i < sg->nr; i++) {
		const struct segment *s = &sg->segments[i];

		if (s->inline_data)
			continue;
		status = mem_check(t, &sg->access, s->stag, s->addr, s->len);
		if (status)
			return status;
	}
	return T5_SUCCESS;
}

static u8 *segment_ptr(struct t5 *t, const struct segment *s, u32 offset, u32 *len)
{
	if (s->inline_data)
		return (u8 *)s->inline_data + offset;
	return mem_translate(t, s->stag, s->addr + offset, len);
}

/* Copy all of @from to the beginning of @to; both have been checked */
bool sg_copy(struct t5 *t, const struct sg *to, const struct sg *from)
{
	const struct segment *fs = from->segments, *ts = to->segments;
	u32 left = from->len, from_offset = 0, to_offset = 0, n;
	u8 *src, *dst;

	if (left > to->len)
		return false;
	for (; left; left -= n) {
		n = fs->len - from_offset;
		if (n > ts->len - to_offset)
			n = ts->len - to_offset;
		src = segment_ptr(t, fs, from_offset, &n);
		dst = src ? segment_ptr(t, ts, to_offset, &n) : NULL;
		if (!dst)
			return false;
		memmove(dst, src, n);
		from_offset += n;
		to_offset += n;
		if (from_offset == fs->len) {
			fs++;
			from_offset = 0;
		}
		if (to_offset == ts->len) {
			ts++;
			to_offset = 0;
		}
	}
	t->stats.bytes += from->len;
	return true;
}
