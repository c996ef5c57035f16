// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICM: the device's own tables, in pages that the driver lends it. The model
 * keeps there what the driver looks at or writes itself: the memory translation
 * table (MTT), the memory protection table (MPT), the multicast groups.
 */
#include <stdlib.h>

#include "hca.h"

#define ICM_PAGE_SHIFT	12
#define ICM_PAGE_MASK	((1ull << ICM_PAGE_SHIFT) - 1)
#define L2_BITS		12
#define L2_ENTRIES	(1u << L2_BITS)
#define ICM_BITS	40
#define L1_ENTRIES	(1u << (ICM_BITS - ICM_PAGE_SHIFT - L2_BITS))

void *dma_ptr(struct hca *h, u64 addr, u64 len)
{
	void *p = vfu_dma(h->vfu, addr, len);

	/* While bus mastering is off the device is mute, and nobody is to blame */
	if (!p && vfu_pci_bus_master(h->vfu)) {
		h->stats.bad_dma++;
		vfu_log(1, "There is no memory at %#llx + %#llx.",
			(unsigned long long)addr, (unsigned long long)len);
	}
	return p;
}

static u64 *icm_slot(struct hca *h, u64 virt, bool create)
{
	u64 page = virt >> ICM_PAGE_SHIFT;
	u64 l1 = page >> L2_BITS;

	if (l1 >= L1_ENTRIES)
		return NULL;
	if (!h->icm) {
		if (!create)
			return NULL;
		h->icm = calloc(L1_ENTRIES, sizeof(*h->icm));
		if (!h->icm)
			return NULL;
	}
	if (!h->icm[l1]) {
		if (!create)
			return NULL;
		h->icm[l1] = calloc(L2_ENTRIES, sizeof(**h->icm));
		if (!h->icm[l1])
			return NULL;
	}
	return &h->icm[l1][page & (L2_ENTRIES - 1)];
}

void icm_reset(struct hca *h)
{
	unsigned int i;

	for (i = 0; h->icm && i < L1_ENTRIES; i++)
		free(h->icm[i]);
	free(h->icm);
	h->icm = NULL;
	h->icm_pages = 0;
}

/* Each entry: ICM address; bus address with log2 of the number of pages */
u8 cmd_map_icm(struct hca *h, struct command *c)
{
	u32 i;

	if (!c->in || c->in_modifier > 256)
		return STAT_BAD_PARAM;
	for (i = 0; i < c->in_modifier; i++) {
		u64 virt = get64(c->in + 16 * i) & ~ICM_PAGE_MASK;
		u64 bus = get64(c->in + 16 * i + 8);
		u64 n, pages = 1ull << (bus & 0x1f);

		bus &= ~ICM_PAGE_MASK;
		for (n = 0; n < pages; n++) {
			u64 *slot = icm_slot(h, virt + (n << ICM_PAGE_SHIFT), true);

			if (!slot)
				return STAT_ICM_ERROR;
			if (!*slot)
				h->icm_pages++;
			*slot = (bus + (n << ICM_PAGE_SHIFT)) | 1;
		}
	}
	return STAT_OK;
}

u8 cmd_unmap_icm(struct hca *h, struct command *c)
{
	u32 i;

	for (i = 0; i < c->in_modifier; i++) {
		u64 *slot = icm_slot(h, c->in_param + ((u64)i << ICM_PAGE_SHIFT),
				     false);

		if (!slot || !*slot)
			continue;
		*slot = 0;
		h->icm_pages--;
	}
	return STAT_OK;
}

/* How many auxiliary pages the device wants for an ICM of this size */
u8 cmd_set_icm_size(struct hca *h, struct command *c)
{
	c->out_param = 64;
	return STAT_OK;
}

/* What is at @virt; @len must not leave the page */
void *icm_ptr(struct hca *h, u64 virt, u32 len)
{
	u64 *slot = icm_slot(h, virt, false);

	if (!slot || !*slot || (virt & ICM_PAGE_MASK) + len > ICM_PAGE_MASK + 1)
		return NULL;
	return dma_ptr(h, (*slot & ~ICM_PAGE_MASK) + (virt & ICM_PAGE_MASK), len);
}

/* The bus address in entry @index of the translation that begins at @mtt; or 0 */
u64 mtt_lookup(struct hca *h, u64 mtt, u64 index)
{
	u8 *p = icm_ptr(h, h->mtt_base + mtt + index * MTT_ENTRY_SIZE,
			MTT_ENTRY_SIZE);
	u64 entry = p ? get64(p) : 0;

	return entry & MTT_PRESENT ? entry & ~7ull : 0;
}

bool mtt_write(struct hca *h, u64 mtt, u64 index, u64 addr)
{
	u8 *p = icm_ptr(h, h->mtt_base + mtt + index * MTT_ENTRY_SIZE,
			MTT_ENTRY_SIZE);

	if (p)
		put64(p, addr);
	return p;
}

/*
 * @log_page points to the 8 bytes that all contexts have alike: log2 of the page
 * size in units of 4096, two reserved bytes, address of the first entry.
 */
void ring_init(struct ring *r, const u8 *log_page, u32 offset)
{
	r->page_shift = (log_page[0] & 0x3f) + ICM_PAGE_SHIFT;
	r->mtt = ((u64)log_page[3] << 32) | (get32(log_page + 4) & ~7u);
	r->offset = offset;
}

void *ring_ptr(struct hca *h, const struct ring *r, u64 offset, u32 len)
{
	u64 page;

	offset += r->offset;
	page = mtt_lookup(h, r->mtt, offset >> r->page_shift);
	if (!page)
		return NULL;
	return dma_ptr(h, page + (offset & ((1ull << r->page_shift) - 1)), len);
}
