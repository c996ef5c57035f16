// SPDX-License-Identifier: GPL-2.0-only
/* Keys, rights, domains, bounds, fast registration, invalidation. */
#include "fixture.h"

static struct test_qp a, b;
static u64 page;
static u32 mr;

/* A page in a region of both queue pairs' domain */
static void with_page(void)
{
	connect_qps(&a, &b);
	page = alloc(4096);
	mr = make_mr(PD, page, 4096, ALL_PERMS);
}

static enum cqe_status may(u8 perm, u32 stag, u64 addr, u32 len)
{
	struct access access = {
		.qp = conn_find(t5, a.tid)->qp, .perm = perm,
		.remote = perm & (PERM_REMOTE_READ | PERM_REMOTE_WRITE),
	};

	return mem_check(t5, &access, stag, addr, len);
}

static void a_region_grants_what_it_was_made_for(void)
{
	u64 addr;

	connect_qps(&a, &b);
	addr = alloc(8192) + 100;
	mr = make_mr(PD, addr, 5000, PERM_LOCAL_READ | PERM_REMOTE_READ);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, addr, 5000), T5_SUCCESS);
	CHECK_EQ(may(PERM_REMOTE_READ, mr, addr + 4999, 1), T5_SUCCESS);
	CHECK_EQ(may(PERM_REMOTE_WRITE, mr, addr, 1), T5_ACCESS);
	CHECK_EQ(may(PERM_LOCAL_READ, mr ^ 1, addr, 1), T5_STAG);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, addr - 1, 1), T5_BOUND);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, addr, 5001), T5_BOUND);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, addr + 5000, 1), T5_BOUND);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, ~0ull - 1, 4), T5_WRAP);
	CHECK_EQ(may(PERM_LOCAL_READ, 0xfffff000, addr, 1), T5_STAG);
	mr = make_mr(PD + 1, addr, 5000, ALL_PERMS);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, addr, 1), T5_PDID);
}

static void translation_is_cut_at_pages(void)
{
	u64 addr = alloc(3 * 4096) + 4000;
	u32 len = 5000;

	mr = make_mr(PD, addr, 5000, ALL_PERMS);
	CHECK(mem_translate(t5, mr, addr, &len) == mem + addr);
	CHECK_EQ(len, 96);
	len = 4904;
	CHECK(mem_translate(t5, mr, addr + 96, &len) == mem + addr + 96);
	CHECK_EQ(len, 4096);
}

static void the_key_of_all_memory_is_the_kernels(void)
{
	connect_qps(&a, &b);
	CHECK_EQ(may(PERM_LOCAL_READ, 0, 4096, 10), T5_SUCCESS);
	conn_find(t5, a.tid)->qp->caps = QP_READ | QP_WRITE;
	CHECK_EQ(may(PERM_LOCAL_READ, 0, 4096, 10), T5_STAG);
}

static void registered_used_and_invalidated(void)
{
	struct test_cqe c;

	connect_qps(&a, &b);
	mr = make_fast_mr(PD, 1);
	page = alloc(4096);
	CHECK_EQ(may(PERM_REMOTE_READ, mr, page, 1), T5_STAG);
	mr ^= 0x11;
	register_wr(&a, mr, PERM_REMOTE_READ | PERM_LOCAL_READ, page + 8, 100, page);
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.opcode, RI_FAST_REGISTER);
	CHECK_EQ(c.status, T5_SUCCESS);
	CHECK_EQ(may(PERM_REMOTE_READ, mr, page + 8, 100), T5_SUCCESS);
	CHECK_EQ(may(PERM_REMOTE_READ, mr ^ 0x11, page + 8, 100), T5_STAG);
	invalidate_wr(&a, mr);
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.opcode, RI_LOCAL_INV);
	CHECK_EQ(c.status, T5_SUCCESS);
	CHECK_EQ(may(PERM_REMOTE_READ, mr, page + 8, 100), T5_STAG);
	invalidate_wr(&a, mr);
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.status, T5_STAG);
}

static void what_is_valid_is_not_registered_again(void)
{
	struct test_cqe c;

	with_page();
	register_wr(&a, mr, ALL_PERMS, page, 100, page);
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.status, T5_STAG);
	CHECK_EQ(c.stag, mr);
}

static void a_send_invalidates_at_the_other_end(void)
{
	struct test_cqe c;

	with_page();
	recv_wr(&b, 0, page, 100);
	send_wr(&a, RI_SEND_INV, mr, page, 10);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.opcode, RI_SEND_INV);
	CHECK_EQ(c.stag, mr);
	CHECK_EQ(may(PERM_LOCAL_READ, mr, page, 1), T5_STAG);
	/* Twice is an error of the receiver */
	recv_wr(&b, 0, page, 100);
	send_wr(&a, RI_SEND_INV, mr, page, 10);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.status, T5_STAG);
}

static void writes_beyond_the_memory_are_refused(void)
{
	u8 wr[128] = { 0 };

	wr_header(wr, WR_ULPTX, 0, 72, 77);
	wr[ULP_CMD] = ULP_MEM_WRITE;
	put32(wr + ULP_LEN, 1);
	put32(wr + ULP_ADDR, MEMORY_SIZE / ULP_UNIT);
	wr[ULP_DATA] = ULP_SC_IMM;
	put32(wr + ULP_DATA + 4, ULP_UNIT);
	post(&ctrl, wr, 72);
	CHECK_EQ(wr_answer(77), FW_EINVAL);
}

const struct test_case memory_cases[] = {
	{ "a_region_grants_what_it_was_made_for", a_region_grants_what_it_was_made_for },
	{ "translation_is_cut_at_pages", translation_is_cut_at_pages },
	{ "the_key_of_all_memory_is_the_kernels", the_key_of_all_memory_is_the_kernels },
	{ "registered_used_and_invalidated", registered_used_and_invalidated },
	{ "what_is_valid_is_not_registered_again", what_is_valid_is_not_registered_again },
	{ "a_send_invalidates_at_the_other_end", a_send_invalidates_at_the_other_end },
	{ "writes_beyond_the_memory_are_refused", writes_beyond_the_memory_are_refused },
	{ 0 }
};
