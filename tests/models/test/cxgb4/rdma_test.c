// SPDX-License-Identifier: GPL-2.0-only
/* Messages between queue pairs, their completions, and the ends of RDMA mode. */
#include "fixture.h"

static struct test_qp a, b;
static u64 src, dst;
static u32 mr;

static void two_qps(void)
{
	connect_qps(&a, &b);
	src = alloc(8192);
	dst = alloc(8192);
	strcpy((char *)mem + src, "hello");
}

/* Both buffers in one region of @b, which is @a's peer */
static void with_region(u8 perms)
{
	two_qps();
	mr = make_mr(PD, src, 16384, perms);
}

static bool completed(struct test_qp *qp, u8 opcode, bool sq)
{
	struct test_cqe c;

	if (!poll_cqe(qp, &c))
		return false;
	return c.opcode == opcode && c.sq == sq && !c.status && c.qpid == qp->sqid;
}

static void a_send_fills_a_receive(void)
{
	struct test_cqe c;

	two_qps();
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(completed(&a, RI_SEND, true));
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.opcode, RI_SEND);
	CHECK_EQ(c.len, 6);
	CHECK_EQ(c.msn, 1);
	CHECK(!strcmp((char *)mem + dst, "hello"));
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 0);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.msn, 2);
	CHECK_EQ(c.len, 0);
}

/* The other end may not be in RDMA mode yet: its bytes would not be understood */
static void a_responder_waits_for_the_first_message(void)
{
	struct test_cqe c;

	qp_make(&a, 0);
	qp_make(&b, 1);
	tcp_connect(&a, &b);
	dst = alloc(64);
	recv_wr(&a, 0, dst, 64);
	CHECK_EQ(rdma_mode(&b, false), FW_OK);
	send_wr(&b, RI_SEND, 0, dst, 8);
	CHECK(!poll_cqe(&b, &c));
	CHECK_EQ(rdma_mode(&a, true), FW_OK);
	CHECK(completed(&b, RI_SEND, true));
}

static void a_send_without_a_receive_is_the_receivers_error(void)
{
	struct test_cqe c;

	two_qps();
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(completed(&a, RI_SEND, true));
	CHECK(poll_async(b.sqid, &c));
	CHECK_EQ(c.status, T5_OUT_OF_RQE);
	CHECK(!c.sq);
	/* Nothing moves any more */
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(!poll_cqe(&a, &c));
}

static void a_message_too_long_fails_the_receive(void)
{
	struct test_cqe c;

	two_qps();
	recv_wr(&b, 0, dst, 5);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.status, T5_LENGTH);
	CHECK(poll_async(b.sqid, &c));
	CHECK(!mem[dst]);
}

static void a_bad_list_fails_the_work_request(void)
{
	struct test_cqe c;

	two_qps();
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0x12345678, src, 6);
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.status, T5_STAG);
	CHECK_EQ(c.wrid, 0);
	CHECK(c.sq);
	CHECK(poll_async(a.sqid, &c));
	CHECK(!poll_cqe(&b, &c));
}

static void a_write_lands(void)
{
	with_region(ALL_PERMS);
	write_wr(&a, 0, src, 6, mr, src + 8192 - 3);
	CHECK(completed(&a, RI_RDMA_WRITE, true));
	CHECK(!strcmp((char *)mem + src + 8192 - 3, "hello"));
}

static void a_write_may_be_refused(void)
{
	struct test_cqe c;

	with_region(PERM_LOCAL_READ | PERM_LOCAL_WRITE | PERM_REMOTE_READ);
	write_wr(&a, 0, src, 6, mr, dst);
	/* The sender does not hear of it but by TERMINATE */
	CHECK(completed(&a, RI_RDMA_WRITE, true));
	CHECK(poll_async(b.sqid, &c));
	CHECK_EQ(c.opcode, RI_RDMA_WRITE);
	CHECK_EQ(c.status, T5_ACCESS);
	CHECK_EQ(c.stag, mr);
	CHECK(!mem[dst]);
}

static void a_read_brings(void)
{
	struct test_cqe c;

	with_region(ALL_PERMS);
	read_wr(&a, mr, dst, 6, mr, src);
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.opcode, RI_READ_RESP);
	CHECK(!c.sq);
	CHECK_EQ(c.len, 6);
	CHECK(!strcmp((char *)mem + dst, "hello"));
	/* Of nothing, anywhere */
	read_wr(&a, 2, 0, 0, 2, 0);
	CHECK(completed(&a, RI_READ_RESP, false));
}

static void a_read_that_is_refused_never_completes(void)
{
	struct test_cqe c;

	with_region(PERM_LOCAL_READ | PERM_REMOTE_WRITE);
	read_wr(&a, mr, dst, 6, mr, src);
	CHECK(poll_async(b.sqid, &c));
	CHECK_EQ(c.opcode, RI_READ_REQ);
	CHECK_EQ(c.status, T5_ACCESS);
	CHECK(!poll_cqe(&a, &c));
}

static void the_local_key_is_not_for_remote_use(void)
{
	struct test_cqe c;

	with_region(ALL_PERMS);
	write_wr(&a, 0, src, 6, 0, dst);
	CHECK(poll_async(b.sqid, &c));
	CHECK_EQ(c.status, T5_STAG);
}

static void immediate_data_use_a_receive(void)
{
	u8 wr[64] = { WR_RI_RDMA_WRITE, RI_SIGNALED | RI_WRITE_IMM };
	struct test_cqe c;

	with_region(ALL_PERMS);
	recv_wr(&b, 0, dst, 100);
	wr[WR_LEN16] = 3;
	memcpy(wr + RI_WRITE_IMM_DATA, "imm!", 4);
	wr[RI_WRITE_SGL] = RI_DATA_IMMD;
	put32(wr + RI_WRITE_SGL + 4, 5);
	memcpy(wr + RI_WRITE_SGL + 8, "short", 5);
	put32(wr + RI_WRITE_STAG, mr);
	put64(wr + RI_WRITE_TO, dst);
	post(&a.sq, wr, 48);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.opcode, RI_WRITE_IMMEDIATE);
	CHECK(!memcmp(&c.imm, "imm!", 4));
	CHECK(!memcmp(mem + dst, "short", 5));
}

static void a_write_may_bring_its_send(void)
{
	u8 wr[96] = { WR_RI_WRITE_CMPL, 0 };
	struct test_cqe c;

	with_region(ALL_PERMS);
	recv_wr(&b, 0, dst + 100, 100);
	wr[WR_LEN16] = 6;
	wr[RI_CMPL_FLAGS] = RI_SIGNALED;
	wr[RI_CMPL_WRID] = 1;
	wr[RI_CMPL_SEND_SGL] = RI_DATA_IMMD;
	wr[RI_CMPL_SEND_SGL + RI_CMPL_IMMD_LEN] = 16;
	memcpy(wr + RI_CMPL_SEND_SGL + 8, "sixteen bytes...", 16);
	put32(wr + RI_WRITE_STAG, mr);
	put64(wr + RI_WRITE_TO, dst);
	wr[RI_CMPL_WRITE_SGL] = RI_DATA_ISGL;
	put16(wr + RI_CMPL_WRITE_SGL + 2, 1);
	put32(wr + RI_CMPL_WRITE_SGL + 12, 6);
	put64(wr + RI_CMPL_WRITE_SGL + 16, src);
	post(&a.sq, wr, sizeof(wr));
	CHECK(poll_cqe(&a, &c));
	CHECK_EQ(c.opcode, RI_SEND);
	CHECK_EQ(c.wrid, 1);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.len, 16);
	CHECK(!strcmp((char *)mem + dst, "hello"));
	CHECK(!memcmp(mem + dst + 100, "sixteen bytes...", 16));
}

static void terminate_reaches_the_other_end(void)
{
	u8 wr[64] = { 0 };
	struct test_cqe c;
	const u8 *p;

	two_qps();
	wr_header(wr, WR_RI_INIT, a.tid, sizeof(wr), 0);
	wr[INIT_TYPE] = INIT_TERMINATE;
	post(&offload, wr, sizeof(wr));
	p = expect(CPL_RDMA_TERMINATE);
	CHECK(p && CPL_TID(get32(p)) == b.tid);
	CHECK(poll_cqe(&b, &c));
	CHECK_EQ(c.opcode, RI_TERMINATE);
	send_wr(&b, RI_SEND, 0, src, 6);
	CHECK(!poll_cqe(&b, &c));
}

static void nothing_completes_after_rdma_mode(void)
{
	struct test_cqe c;

	two_qps();
	CHECK_EQ(fini(&b), FW_OK);
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(!poll_cqe(&a, &c));
	CHECK(!poll_cqe(&b, &c));
}

static bool told_of_cq(const struct test_qp *qp)
{
	u32 len_qid;
	u8 type;

	return next_entry(&concentrator, &type, &len_qid) && type == RSP_INTERRUPT &&
	       len_qid == qp->cq.id;
}

static void a_cq_tells_once_when_armed(void)
{
	two_qps();
	CHECK(!told_of_cq(&b));
	arm(&b.cq, 0, false);
	recv_wr(&b, 0, dst, 100);
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 6);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(told_of_cq(&b));
	CHECK(!told_of_cq(&b));
}

/* As user space does, which writes to the first segment of the page */
static void a_cq_may_be_named_in_the_doorbell(void)
{
	u32 in_page;

	two_qps();
	in_page = b.cq.id % (1 << QUEUES_PER_PAGE_SHIFT);
	CHECK(in_page);
	doorbell(b.cq.id - in_page, UDB_GTS, in_page << 16 | 6 << 13);
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(told_of_cq(&b));
}

static void a_cq_may_wait_for_solicited_ones(void)
{
	two_qps();
	arm(&b.cq, 0, true);
	recv_wr(&b, 0, dst, 100);
	recv_wr(&b, 0, dst, 100);
	send_wr(&a, RI_SEND, 0, src, 6);
	CHECK(!told_of_cq(&b));
	send_wr(&a, RI_SEND_SE, 0, src, 6);
	CHECK(told_of_cq(&b));
}

static void many_messages_go_round_the_rings(void)
{
	struct test_cqe c;
	unsigned int i;

	two_qps();
	for (i = 1; i <= 1000; i++) {
		recv_wr(&b, 0, dst, 100);
		send_wr(&a, RI_SEND, 0, src, 6);
		CHECK(completed(&a, RI_SEND, true));
		CHECK(poll_cqe(&b, &c));
		CHECK_EQ(c.msn, i);
	}
}

const struct test_case rdma_cases[] = {
	{ "a_send_fills_a_receive", a_send_fills_a_receive },
	{ "a_responder_waits_for_the_first_message", a_responder_waits_for_the_first_message },
	{ "a_send_without_a_receive_is_the_receivers_error", a_send_without_a_receive_is_the_receivers_error },
	{ "a_message_too_long_fails_the_receive", a_message_too_long_fails_the_receive },
	{ "a_bad_list_fails_the_work_request", a_bad_list_fails_the_work_request },
	{ "a_write_lands", a_write_lands },
	{ "a_write_may_be_refused", a_write_may_be_refused },
	{ "a_read_brings", a_read_brings },
	{ "a_read_that_is_refused_never_completes", a_read_that_is_refused_never_completes },
	{ "the_local_key_is_not_for_remote_use", the_local_key_is_not_for_remote_use },
	{ "immediate_data_use_a_receive", immediate_data_use_a_receive },
	{ "a_write_may_bring_its_send", a_write_may_bring_its_send },
	{ "terminate_reaches_the_other_end", terminate_reaches_the_other_end },
	{ "nothing_completes_after_rdma_mode", nothing_completes_after_rdma_mode },
	{ "a_cq_tells_once_when_armed", a_cq_tells_once_when_armed },
	{ "a_cq_may_be_named_in_the_doorbell", a_cq_may_be_named_in_the_doorbell },
	{ "a_cq_may_wait_for_solicited_ones", a_cq_may_wait_for_solicited_ones },
	{ "many_messages_go_round_the_rings", many_messages_go_round_the_rings },
	{ 0 }
};
