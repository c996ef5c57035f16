// SPDX-License-Identifier: GPL-2.0-only
/* Keys, rights, domains, bounds, fast registration. */
#include "fixture.h"

static struct access access_of(u32 pd, u32 perm)
{
	return (struct access){ .pd = pd, .perm = perm };
}

static bool may(u32 pd, u32 perm, u32 key, u64 addr, u32 len)
{
	struct access a = access_of(pd, perm);

	return mem_check(hca, &a, key, addr, len);
}

static void a_region_grants_what_it_was_made_for(void)
{
	u64 addr = alloc(8192) + 100;
	u32 key = make_mr(PD, addr, 5000, PERM_LOCAL_READ | PERM_REMOTE_READ);

	CHECK(may(PD, PERM_LOCAL_READ, key, addr, 5000));
	CHECK(may(PD, PERM_REMOTE_READ, key, addr + 4999, 1));
	CHECK(!may(PD, PERM_LOCAL_WRITE, key, addr, 1));
	CHECK(!may(PD, PERM_REMOTE_WRITE, key, addr, 1));
	CHECK(!may(PD + 1, PERM_LOCAL_READ, key, addr, 1));
	CHECK(!may(PD, PERM_LOCAL_READ, key ^ 1, addr, 1));
	CHECK(!may(PD, PERM_LOCAL_READ, key, addr - 1, 1));
	CHECK(!may(PD, PERM_LOCAL_READ, key, addr, 5001));
	CHECK(!may(PD, PERM_LOCAL_READ, key, addr + 5000, 1));
	CHECK(!may(PD, PERM_LOCAL_READ, key, ~0ull - 1, 4));
}

static void a_region_ends_with_hw2sw(void)
{
	u64 addr = alloc(4096);
	u32 key = make_mr(PD, addr, 4096, PERM_LOCAL_READ);

	CHECK_EQ(command(CMD_HW2SW_MPT, key >> 8, 1, NULL, 0, NULL), STAT_OK);
	CHECK(!may(PD, PERM_LOCAL_READ, key, addr, 1));
	CHECK_EQ(command(CMD_HW2SW_MPT, key >> 8, 1, NULL, 0, NULL),
		 STAT_BAD_RES_STATE);
}

static void translation_is_cut_at_pages(void)
{
	struct access a = access_of(PD, PERM_LOCAL_READ);
	u64 addr = alloc(3 * 4096) + 4000;
	u32 key = make_mr(PD, addr, 5000, PERM_LOCAL_READ), len = 5000;

	CHECK(mem_translate(hca, &a, key, addr, &len) == mem + addr);
	CHECK_EQ(len, 96);
	len = 4904;
	CHECK(mem_translate(hca, &a, key, addr + 96, &len) == mem + addr + 96);
	CHECK_EQ(len, 4096);
}

static void the_reserved_key_is_for_those_who_may(void)
{
	struct access a = access_of(PD, PERM_LOCAL_READ);
	u64 addr = alloc(4096);

	CHECK(!mem_check(hca, &a, RESERVED_LKEY, addr, 1));
	a.reserved_lkey = true;
	CHECK(mem_check(hca, &a, RESERVED_LKEY, addr, 1));
}

static void put_fmr(u8 *seg, u32 key, u64 list, u64 addr, u64 len, u32 perms)
{
	memset(seg, 0, 48);
	put32(seg, perms << 17);
	put32(seg + 4, key);
	put64(seg + 8, list);
	put64(seg + 16, addr);
	put64(seg + 24, len);
	put32(seg + 36, 12);
}

static void fast_registration_works_once(void)
{
	u64 addr = alloc(8192), list = alloc(64);
	u32 key = make_fast_mr(PD, 2), tagged = (key & ~0xffu) | 0x77;
	u8 seg[48];

	put64(mem + list, addr | MTT_PRESENT);
	put64(mem + list + 8, (addr + 4096) | MTT_PRESENT);
	CHECK(!may(PD, PERM_REMOTE_READ, tagged, addr, 1));
	put_fmr(seg, tagged, list, addr + 8, 8000, PERM_REMOTE_READ);
	CHECK(!mem_fast_register(hca, PD + 1, seg));
	CHECK(mem_fast_register(hca, PD, seg));
	CHECK(may(PD, PERM_REMOTE_READ, tagged, addr + 8, 8000));
	CHECK(!may(PD, PERM_REMOTE_READ, key, addr + 8, 1));
	CHECK(!may(PD, PERM_REMOTE_WRITE, tagged, addr + 8, 1));
	/* It is not free any more */
	CHECK(!mem_fast_register(hca, PD, seg));
	CHECK(!mem_invalidate(hca, PD, key, false));
	CHECK(mem_invalidate(hca, PD, tagged, false));
	CHECK(!may(PD, PERM_REMOTE_READ, tagged, addr + 8, 1));
	CHECK(mem_fast_register(hca, PD, seg));
}

static void fast_registration_has_a_limit(void)
{
	u64 addr = alloc(3 * 4096), list = alloc(64);
	u32 key = make_fast_mr(PD, 2);
	u8 seg[48];

	put_fmr(seg, key, list, addr, 2 * 4096 + 1, PERM_LOCAL_READ);
	CHECK(!mem_fast_register(hca, PD, seg));
	/* An ordinary region is not made for it */
	key = make_mr(PD, addr, 4096, PERM_LOCAL_READ);
	put_fmr(seg, key, list, addr, 4096, PERM_LOCAL_READ);
	CHECK(!mem_fast_register(hca, PD, seg));
}

static void icm_that_is_unmapped_is_gone(void)
{
	u64 addr = alloc(4096);
	u32 key = make_mr(PD, addr, 4096, PERM_LOCAL_READ);
	u64 pages = hca->icm_pages;
	struct command c = { .in_param = hca->dmpt_base, .in_modifier = 64 };

	CHECK(may(PD, PERM_LOCAL_READ, key, addr, 1));
	CHECK_EQ(cmd_unmap_icm(hca, &c), STAT_OK);
	CHECK_EQ(hca->icm_pages, pages - 64);
	CHECK(!may(PD, PERM_LOCAL_READ, key, addr, 1));
}

const struct test_case memory_cases[] = {
	{ "a_region_grants_what_it_was_made_for", a_region_grants_what_it_was_made_for },
	{ "a_region_ends_with_hw2sw", a_region_ends_with_hw2sw },
	{ "translation_is_cut_at_pages", translation_is_cut_at_pages },
	{ "the_reserved_key_is_for_those_who_may", the_reserved_key_is_for_those_who_may },
	{ "fast_registration_works_once", fast_registration_works_once },
	{ "fast_registration_has_a_limit", fast_registration_has_a_limit },
	{ "icm_that_is_unmapped_is_gone", icm_that_is_unmapped_is_gone },
	{ 0 }
};
