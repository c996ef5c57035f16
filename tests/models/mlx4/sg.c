// SPDX-License-Identifier: GPL-2.0-only
/* Scatter and gather lists, and the copying between two of them. */
#include "hca.h"

void sg_init(struct sg *sg, const struct qp *qp, u32 perm)
{
	sg->nr = 0;
	sg->len = 0;
	qp_access(qp, perm, &sg->access);
}

void sg_add(struct sg *sg, u32 key, u64 addr, u32 len, const u8 *data)
{
	if (!len)
		return;
	sg->seg[sg->nr++] = (struct segment){ key, len, addr, data };
	sg->len += len;
}

/*
 * Inline data is cut at boundaries of 64 bytes, with a header after each: for
 * us one segment more. Its distance to the boundaries counts from the start of
 * the WQE, of which the copy is aligned as the original.
 */
static const u8 *parse_inline(struct sg *sg, const u8 *p, const u8 *end)
{
	u32 len = get32(p) & ~WQE_INLINE;

	if (len > (size_t)(end - p - 4))
		return NULL;
	sg_add(sg, 0, 0, len, p + 4);
	return p + ((4 + len + 15) & ~15u);
}

/* The data segments from @p to @end; false: they are not well formed */
bool sg_parse(struct sg *sg, const u8 *p, const u8 *end)
{
	while (p + 16 <= end) {
		u32 count = get32(p);

		if (sg->nr == MAX_SEGMENTS)
			return false;
		if (count & WQE_INLINE) {
			p = parse_inline(sg, p, end);
			if (!p)
				return false;
			continue;
		}
		/* The end of a list that is shorter than its WQE */
		if (!count && get32(p + 4) == WQE_INVALID_LKEY)
			break;
		sg_add(sg, get32(p + 4), get64(p + 8), count, NULL);
		p += 16;
	}
	return true;
}

static u8 *seg_ptr(struct hca *h, struct sg *sg, const struct segment *s,
		   u32 offset, u32 *len)
{
	if (s->data)
		return (u8 *)s->data + offset;
	return mem_translate(h, &sg->access, s->key, s->addr + offset, len);
}

/* Every segment as a whole must be allowed before the first byte moves */
static bool sg_check(struct hca *h, struct sg *sg)
{
	unsigned int i;

	for (i = 0; i < sg->nr; i++) {
		struct segment *s = &sg->seg[i];

		if (!s->data && !mem_check(h, &sg->access, s->key, s->addr, s->len))
			return false;
	}
	return true;
}

/* Copy all of @from to the beginning of @to */
enum sg_result sg_copy(struct hca *h, struct sg *to, struct sg *from)
{
	u32 to_offset = 0, from_offset = 0;
	unsigned int t = 0, f = 0;

	if (from->len > to->len)
		return SG_TOO_LONG;
	if (!sg_check(h, from))
		return SG_SOURCE;
	if (!sg_check(h, to))
		return SG_DESTINATION;
	while (f < from->nr) {
		struct segment *fs = &from->seg[f], *ts = &to->seg[t];
		u32 n = fs->len - from_offset;
		u8 *src, *dst;

		if (n > ts->len - to_offset)
			n = ts->len - to_offset;
		src = seg_ptr(h, from, fs, from_offset, &n);
		if (!src)
			return SG_SOURCE;
		dst = seg_ptr(h, to, ts, to_offset, &n);
		if (!dst)
			return SG_DESTINATION;
		memmove(dst, src, n);
		from_offset += n;
		to_offset += n;
		if (from_offset == fs->len) {
			f++;
			from_offset = 0;
		}
		if (to_offset == ts->len) {
			t++;
			to_offset = 0;
		}
	}
	h->stats.bytes += from->len;
	return SG_OK;
}

/* The first @len bytes of @from, for whoever looks at them */
enum sg_result sg_read(struct hca *h, struct sg *from, u8 *buf, u32 len)
{
	unsigned int f;
	u32 offset = 0;

	if (from->len < len)
		return SG_TOO_LONG;
	for (f = 0; len; ) {
		u32 n = from->seg[f].len - offset;
		u8 *src;

		if (n > len)
			n = len;
		src = seg_ptr(h, from, &from->seg[f], offset, &n);
		if (!src)
			return SG_SOURCE;
		memcpy(buf, src, n);
		buf += n;
		len -= n;
		offset += n;
		if (offset == from->seg[f].len) {
			f++;
			offset = 0;
		}
	}
	return SG_OK;
}
