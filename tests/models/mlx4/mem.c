// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory regions: an entry of the memory protection table (MPT) for each key.
 * The entries live in ICM, because the driver rewrites them there when it
 * registers a region anew. A key is index << 8 | tag, the MPT holds it rotated.
 */
#include "hca.h"

static u32 key_rotate(u32 key)
{
	return key >> 8 | key << 24;
}

static u8 *mpt_ptr(struct hca *h, u32 index)
{
	index &= (1u << h->log_mpts) - 1;
	return icm_ptr(h, h->dmpt_base + (u64)index * MPT_STRIDE, MPT_SIZE);
}

static u8 *mpt_of_key(struct hca *h, u32 key)
{
	return mpt_ptr(h, key >> 8);
}

static u32 mpt_status(const u8 *mpt)
{
	return get32(mpt + MPT_FLAGS) >> MPT_STATUS_SHIFT;
}

static void mpt_set_status(u8 *mpt, u32 status)
{
	u32 flags = get32(mpt + MPT_FLAGS);

	flags &= ~(0xfu << MPT_STATUS_SHIFT);
	put32(mpt + MPT_FLAGS, flags | status << MPT_STATUS_SHIFT);
}

u8 cmd_sw2hw_mpt(struct hca *h, struct command *c)
{
	u8 *mpt = mpt_ptr(h, c->in_modifier);

	if (!c->in)
		return STAT_BAD_PARAM;
	if (!mpt)
		return STAT_ICM_ERROR;
	memcpy(mpt, c->in, MPT_SIZE);
	/* The driver hands it over as software's, or as free for fast registration */
	if (mpt_status(mpt) != MPT_STATUS_FREE)
		mpt_set_status(mpt, MPT_STATUS_HW);
	return STAT_OK;
}

u8 cmd_hw2sw_mpt(struct hca *h, struct command *c)
{
	u8 *mpt = mpt_ptr(h, c->in_modifier);

	if (!mpt)
		return STAT_ICM_ERROR;
	if (mpt_status(mpt) == MPT_STATUS_SW)
		return STAT_BAD_RES_STATE;
	if (c->out)
		memcpy(c->out, mpt, MPT_SIZE);
	mpt_set_status(mpt, MPT_STATUS_SW);
	return STAT_OK;
}

u8 cmd_query_mpt(struct hca *h, struct command *c)
{
	u8 *mpt = mpt_ptr(h, c->in_modifier);

	if (!mpt || !c->out)
		return STAT_ICM_ERROR;
	memcpy(c->out, mpt, MPT_SIZE);
	return STAT_OK;
}

/* The entry of a key that is valid, of this protection domain, with these rights */
static u8 *mpt_for_access(struct hca *h, const struct access *a, u32 key)
{
	u8 *mpt = mpt_of_key(h, key);

	if (!mpt || mpt_status(mpt) != MPT_STATUS_HW)
		return NULL;
	if (get32(mpt + MPT_KEY) != key_rotate(key))
		return NULL;
	if ((get32(mpt + MPT_PD) & MPT_PD_MASK) != (a->pd & MPT_PD_MASK))
		return NULL;
	if ((get32(mpt + MPT_FLAGS) & a->perm) != a->perm)
		return NULL;
	return mpt;
}

static bool in_region(const u8 *mpt, u64 addr, u64 len)
{
	u64 start = get64(mpt + MPT_START), size = get64(mpt + MPT_LENGTH);

	/* Length 0 at address 0: the whole of memory */
	if (get32(mpt + MPT_FLAGS) & MPT_PHYSICAL && !size)
		return true;
	return addr >= start && len <= size && addr - start <= size - len;
}

/*
 * Where a region begins in its first page: start addresses of regions have the
 * same offset in a page as the memory that they name.
 */
static u64 offset_in_mtt(const u8 *mpt, u64 addr)
{
	u64 page_size = 1ull << get32(mpt + MPT_ENTITY_SIZE);
	u64 start = get64(mpt + MPT_START);

	return addr - start + (start & (page_size - 1));
}

/**
 * mem_check - whether an access to a whole range is allowed
 * @h: the adapter
 * @a: who wants to do what
 * @key: local or remote key
 * @addr: virtual address in the region
 * @len: bytes; with 0 the key is not looked at, as the specification has it
 */
bool mem_check(struct hca *h, const struct access *a, u32 key, u64 addr, u32 len)
{
	u8 *mpt;

	if (!len)
		return true;
	if (key == RESERVED_LKEY)
		return a->reserved_lkey;
	mpt = mpt_for_access(h, a, key);
	return mpt && in_region(mpt, addr, len);
}

/**
 * mem_translate - the memory behind a range
 * @h: the adapter
 * @a: who wants to do what
 * @key: local or remote key
 * @addr: virtual address in the region
 * @len: bytes wanted; becomes what lies in one piece
 *
 * Return: NULL if the access is not allowed.
 */
u8 *mem_translate(struct hca *h, const struct access *a, u32 key, u64 addr,
		  u32 *len)
{
	u64 offset, page, room;
	unsigned int shift;
	u8 *mpt;

	if (!mem_check(h, a, key, addr, *len))
		return NULL;
	if (key == RESERVED_LKEY)
		return dma_ptr(h, addr, *len);
	mpt = mpt_of_key(h, key);
	if (get32(mpt + MPT_FLAGS) & MPT_PHYSICAL)
		return dma_ptr(h, addr, *len);

	shift = get32(mpt + MPT_ENTITY_SIZE);
	offset = offset_in_mtt(mpt, addr);
	page = mtt_lookup(h, get64(mpt + MPT_MTT) & 0xfffffffff8ull,
			  offset >> shift);
	if (!page)
		return NULL;
	offset &= (1ull << shift) - 1;
	room = (1ull << shift) - offset;
	if (*len > room)
		*len = room;
	return dma_ptr(h, page + offset, *len);
}

/* Offsets in the segment of a fast registration */
#define FMR_FLAGS	0
#define  FMR_PERM_SHIFT	17	/* from its bits to the MPT's */
#define FMR_KEY		4
#define FMR_BUF_LIST	8
#define FMR_START	16
#define FMR_LENGTH	24
#define FMR_PAGE_SIZE	36

static bool copy_page_list(struct hca *h, const u8 *seg, u64 mtt, u64 pages)
{
	u64 i;

	for (i = 0; i < pages; i++) {
		u8 *p = dma_ptr(h, get64(seg + FMR_BUF_LIST) + 8 * i, 8);

		if (!p || !mtt_write(h, mtt, i, get64(p)))
			return false;
	}
	return true;
}

/**
 * mem_fast_register - make a free region valid
 * @h: the adapter
 * @pd: of the queue pair
 * @seg: the segment of the work request
 *
 * Return: false for a memory management error: the region is not free, not of
 * this protection domain, not made for it, or too small.
 */
bool mem_fast_register(struct hca *h, u32 pd, const u8 *seg)
{
	u32 key = get32(seg + FMR_KEY), shift = get32(seg + FMR_PAGE_SIZE);
	u64 start = get64(seg + FMR_START), len = get64(seg + FMR_LENGTH);
	u32 perms = PERM_LOCAL_READ | PERM_LOCAL_WRITE | PERM_REMOTE_READ |
		    PERM_REMOTE_WRITE | PERM_ATOMIC;
	u8 *mpt = mpt_of_key(h, key);
	u64 pages;
	u32 flags;

	if (!mpt || mpt_status(mpt) != MPT_STATUS_FREE || shift < 12 || shift > 31)
		return false;
	if (!(get32(mpt + MPT_PD) & MPT_PD_FAST_REG) ||
	    (get32(mpt + MPT_PD) & MPT_PD_MASK) != (pd & MPT_PD_MASK))
		return false;
	/* The driver may choose the tag, not the index */
	if ((get32(mpt + MPT_KEY) ^ key_rotate(key)) & 0xffffff)
		return false;
	pages = ((start & ((1ull << shift) - 1)) + len + (1ull << shift) - 1) >> shift;
	if (pages > get32(mpt + MPT_MTT_SIZE) ||
	    !copy_page_list(h, seg, get64(mpt + MPT_MTT) & 0xfffffffff8ull, pages))
		return false;

	put32(mpt + MPT_KEY, key_rotate(key));
	put64(mpt + MPT_START, start);
	put64(mpt + MPT_LENGTH, len);
	put32(mpt + MPT_ENTITY_SIZE, shift);
	flags = get32(mpt + MPT_FLAGS) & ~perms;
	flags |= get32(seg + FMR_FLAGS) >> FMR_PERM_SHIFT & perms;
	put32(mpt + MPT_FLAGS, flags);
	mpt_set_status(mpt, MPT_STATUS_HW);
	return true;
}

/**
 * mem_invalidate - free a region for another registration
 * @h: the adapter
 * @pd: of the queue pair
 * @key: of the region
 * @remote: the peer asked for it
 *
 * Return: false if that key cannot be invalidated.
 */
bool mem_invalidate(struct hca *h, u32 pd, u32 key, bool remote)
{
	u8 *mpt = mpt_of_key(h, key);

	if (!mpt || get32(mpt + MPT_KEY) != key_rotate(key) ||
	    mpt_status(mpt) == MPT_STATUS_SW)
		return false;
	if ((get32(mpt + MPT_PD) & MPT_PD_MASK) != (pd & MPT_PD_MASK) ||
	    !(get32(mpt + MPT_PD) & MPT_PD_EN_INV))
		return false;
	/* To invalidate what is free already is no error for its owner */
	if (mpt_status(mpt) == MPT_STATUS_FREE)
		return !remote;
	mpt_set_status(mpt, MPT_STATUS_FREE);
	return true;
}
