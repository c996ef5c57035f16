// SPDX-License-Identifier: GPL-2.0-only
/*
 * The adapter's memory: entries of the translation and protection table (TPTEs),
 * and lists of pages (PBLs). The driver writes both.
 */
#include "t5.h"

#define WHOLE_MEMORY	(~0ull)

void *dma_ptr(struct t5 *t, u64 addr, u64 len)
{
	void *p = vfu_dma(t->vfu, addr, len);

	/* While bus mastering is off the device is mute, and nobody is to blame */
	if (!p && vfu_pci_bus_master(t->vfu))
		t->stats.bad_dma++;
	return p;
}

static u8 *tpte_of(struct t5 *t, u32 stag)
{
	u64 offset = (u64)(stag >> 8) * TPTE_SIZE;

	return offset < STAG_SIZE ? t->memory + STAG_BASE + offset : NULL;
}

static u64 tpte_va(const u8 *e)
{
	return get64(e + 16);
}

static u64 tpte_len(const u8 *e)
{
	return (u64)get32(e + 28) << 32 | get32(e + 12);
}

/* Key and state */
static enum cqe_status check_stag(const u8 *e, u32 stag)
{
	u32 word;

	if (!e)
		return T5_STAG;
	word = get32(e);
	if (!(word & TPTE_VALID) || !(word & TPTE_STATE_VALID) ||
	    TPTE_KEY(word) != (stag & 0xff))
		return T5_STAG;
	return T5_SUCCESS;
}

/* Whether all of a range may be accessed */
enum cqe_status mem_check(struct t5 *t, const struct access *a, u32 stag,
			  u64 addr, u32 len)
{
	const u8 *e = tpte_of(t, stag);
	enum cqe_status status;
	u64 va, size;

	/* Of an empty range nothing is looked at, not even the STag */
	if (!len)
		return T5_SUCCESS;
	if (!stag)
		return !a->remote && a->qp->caps & QP_STAG0 ? T5_SUCCESS : T5_STAG;
	status = check_stag(e, stag);
	if (status)
		return status;
	if (TPTE_PD(get32(e)) != a->qp->pd)
		return T5_PDID;
	if (!(TPTE_PERMS(get32(e + 4)) & a->perm))
		return T5_ACCESS;
	if (addr + len < addr)
		return T5_WRAP;
	va = tpte_va(e);
	size = tpte_len(e);
	if (addr < va || addr - va > size || size - (addr - va) < len)
		return T5_BOUND;
	return T5_SUCCESS;
}

/* The page list's entry for an offset from the beginning of the first page */
static u8 *page_entry(struct t5 *t, const u8 *e, u64 offset)
{
	u64 at = 8ull * TPTE_PBL(get32(e + 8)) +
		 8 * (offset >> TPTE_PAGE_SHIFT(get32(e + 4)));

	return at + 8 <= PBL_SIZE ? t->memory + PBL_BASE + at : NULL;
}

/*
 * The beginning of a range that has been checked; @len becomes what is in one
 * piece. NULL where no memory is.
 */
u8 *mem_translate(struct t5 *t, u32 stag, u64 addr, u32 *len)
{
	u64 size = 4096, mask, offset;
	const u8 *e = NULL, *page;

	if (stag)
		e = tpte_of(t, stag);
	if (e && tpte_len(e) != WHOLE_MEMORY) {
		size = 1ull << TPTE_PAGE_SHIFT(get32(e + 4));
		mask = size - 1;
		offset = addr - tpte_va(e) + (tpte_va(e) & mask);
		page = page_entry(t, e, offset);
		if (!page)
			return NULL;
		addr = (get64(page) & ~mask) + (offset & mask);
	}
	mask = size - 1;
	if (*len > size - (addr & mask))
		*len = size - (addr & mask);
	return dma_ptr(t, addr, *len);
}

/*
 * Fast registration: of an entry that is allocated, and not valid now
 */

static enum cqe_status registrable(const struct qp *qp, const u8 *e)
{
	u32 word;

	if (!(qp->caps & QP_FAST_REGISTER))
		return T5_ACCESS;
	if (!e)
		return T5_STAG;
	word = get32(e);
	if (!(word & TPTE_VALID) || word & TPTE_STATE_VALID)
		return T5_STAG;
	return TPTE_PD(word) == qp->pd ? T5_SUCCESS : T5_PDID;
}

static bool write_pbl(struct t5 *t, const u8 *e, const u8 *pages, u32 len)
{
	u64 at = 8ull * TPTE_PBL(get32(e + 8));

	if (!pages || at + len > PBL_SIZE)
		return false;
	memcpy(t->memory + PBL_BASE + at, pages, len);
	return true;
}

static bool write_pages(struct t5 *t, const u8 *e, const u8 *list, const u8 *end)
{
	u32 len = get32(list + 4);

	switch (list[0]) {
	case RI_DATA_IMMD:
		return len <= end - list - 8 && write_pbl(t, e, list + 8, len);
	case RI_DATA_DSGL:
		return write_pbl(t, e, dma_ptr(t, get64(list + 8), len), len);
	default:
		return false;
	}
}

enum cqe_status mem_fast_register(struct t5 *t, const struct qp *qp,
				  const u8 *wr, u32 len)
{
	u32 stag = get32(wr + RI_FR_STAG), word;
	u8 *e = tpte_of(t, stag);
	enum cqe_status status = registrable(qp, e);

	if (status)
		return status;
	if (!write_pages(t, e, wr + RI_FR_PBL, wr + len))
		return T5_PBL_BOUND;
	word = get32(e) & ~TPTE_KEY_MASK;
	put32(e, word | (stag & 0xff) << 23 | TPTE_STATE_VALID);
	put32(e + 4, (u32)wr[RI_FR_PERMS] << 28 | 1u << 26 |
		     (u32)wr[RI_FR_PAGE_SHIFT] << 20);
	memcpy(e + 12, wr + RI_FR_LEN, 4);
	memcpy(e + 16, wr + RI_FR_VA, 8);
	memcpy(e + 28, wr + RI_FR_LEN - 4, 4);
	return T5_SUCCESS;
}

/* The short form brings the whole entry, and at most two pages */
enum cqe_status mem_fast_register_tpte(struct t5 *t, const struct qp *qp,
				       const u8 *wr, u32 len)
{
	u8 *e = tpte_of(t, get32(wr + RI_FR_TPTE_STAG));
	enum cqe_status status = registrable(qp, e);

	if (status)
		return status;
	if (TPTE_PD(get32(wr + RI_FR_TPTE)) != qp->pd)
		return T5_PDID;
	memcpy(e, wr + RI_FR_TPTE, TPTE_SIZE);
	return write_pbl(t, e, wr + RI_FR_TPTE_PBL, 16) ? T5_SUCCESS : T5_PBL_BOUND;
}

enum cqe_status mem_invalidate(struct t5 *t, const struct qp *qp, u32 stag,
			       bool remote)
{
	u8 *e = tpte_of(t, stag);
	enum cqe_status status = stag ? check_stag(e, stag) : T5_STAG;

	if (status)
		return status;
	if (TPTE_PD(get32(e)) != qp->pd)
		return T5_PDID;
	if (remote && !(TPTE_PERMS(get32(e + 4)) &
			(PERM_REMOTE_READ | PERM_REMOTE_WRITE)))
		return T5_ACCESS;
	put32(e, get32(e) & ~TPTE_STATE_VALID);
	return T5_SUCCESS;
}

/* ULPTX: the driver writes the adapter's memory */
bool mem_write(struct t5 *t, const u8 *wr, u32 len)
{
	u64 addr = (u64)get32(wr + ULP_ADDR) * ULP_UNIT;
	u32 size = get32(wr + ULP_LEN) * ULP_UNIT;
	const u8 *data = NULL;

	if (wr[ULP_CMD] != ULP_MEM_WRITE || addr + size > MEMORY_SIZE)
		return false;
	if (wr[ULP_DATA] == ULP_SC_IMM && ULP_DATA + 8 + size <= len)
		data = wr + ULP_DATA + 8;
	else if (wr[ULP_DATA] == ULP_SC_DSGL && get32(wr + ULP_DATA + 4) >= size)
		data = dma_ptr(t, get64(wr + ULP_DATA + 8), size);
	if (!data)
		return false;
	memcpy(t->memory + addr, data, size);
	return true;
}
