// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multicast groups: a hash table in ICM that the driver fills. An entry has the
 * index of the next with the same hash, the members, the group's GID.
 */
#include "hca.h"

#define MCG_NEXT	0
#define  MCG_NEXT_SHIFT	6
#define MCG_COUNT	4
#define MCG_GID		16
#define MCG_QPS		32
#define  MCG_QPN_MASK	0xffffff
#define  MCG_BLOCK_LOOPBACK	(1u << 30)

#define MODIFIER_PROMISCUOUS	1

static u8 *mcg_ptr(struct hca *h, u32 index)
{
	return icm_ptr(h, h->mcg_base + ((u64)index << h->log_mcg_entry),
		       1u << h->log_mcg_entry);
}

u8 cmd_read_mcg(struct hca *h, struct command *c)
{
	u8 *mcg = mcg_ptr(h, c->in_modifier & 0xffff);

	if (!mcg || !c->out)
		return STAT_ICM_ERROR;
	memcpy(c->out, mcg, 1u << h->log_mcg_entry);
	return STAT_OK;
}

u8 cmd_write_mcg(struct hca *h, struct command *c)
{
	u8 *mcg;

	/* Steering of Ethernet frames is not modelled */
	if (c->modifier == MODIFIER_PROMISCUOUS)
		return STAT_OK;
	mcg = mcg_ptr(h, c->in_modifier & 0xffff);
	if (!mcg || !c->in)
		return STAT_ICM_ERROR;
	memcpy(mcg, c->in, 1u << h->log_mcg_entry);
	return STAT_OK;
}

static u16 hash(struct hca *h, const u8 *gid)
{
	u32 x = get32(gid) ^ get32(gid + 4) ^ get32(gid + 8) ^ get32(gid + 12);

	x ^= x >> 16;
	return x & ((1u << h->log_mcg_hash) - 1);
}

u8 cmd_mgid_hash(struct hca *h, struct command *c)
{
	if (!c->in)
		return STAT_BAD_PARAM;
	c->out_param = hash(h, c->in);
	return STAT_OK;
}

/* The entry of a group, or NULL */
static const u8 *find_group(struct hca *h, const u8 *gid)
{
	u32 index = hash(h, gid), n;

	for (n = 0; n < 1u << 16; n++) {
		const u8 *mcg = mcg_ptr(h, index);

		if (!mcg)
			return NULL;
		if (!memcmp(mcg + MCG_GID, gid, 16))
			return mcg;
		index = get32(mcg + MCG_NEXT) >> MCG_NEXT_SHIFT;
		if (!index)
			return NULL;
	}
	return NULL;
}

/* Call @deliver for each member of a group, but a sender that does not want to */
void mcast_for_each(struct hca *h, const u8 *gid, u32 sender,
		    void (*deliver)(struct hca *h, u32 qpn, void *arg), void *arg)
{
	const u8 *mcg = find_group(h, gid);
	u32 i, count;

	if (!mcg)
		return;
	count = get24(mcg + MCG_COUNT);
	for (i = 0; i < count && MCG_QPS + 4 * i + 4 <= 1u << h->log_mcg_entry; i++) {
		u32 entry = get32(mcg + MCG_QPS + 4 * i);

		if ((entry & MCG_QPN_MASK) == sender && entry & MCG_BLOCK_LOOPBACK)
			continue;
		deliver(h, entry & MCG_QPN_MASK, arg);
	}
}
