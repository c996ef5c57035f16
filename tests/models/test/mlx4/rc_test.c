// SPDX-License-Identifier: GPL-2.0-only
/* Connections: data that moves, errors that come back, waiting. */
#include "fixture.h"

#define SIZE	6000

static struct test_qp a, b;
static u64 src, dst;
static u32 src_key, dst_key;

static void pair(void)
{
	unsigned int i;

	a = TEST_QP(0);
	b = TEST_QP(1);
	b.port = 2;
	connect(&a, &b);
	src = alloc(SIZE);
	dst = alloc(SIZE);
	for (i = 0; i < SIZE; i++)
		mem[src + i] = i * 7 + 3;
	src_key = make_mr(PD, src, SIZE, ALL_PERMS);
	dst_key = make_mr(PD, dst, SIZE, ALL_PERMS);
}

static void expect(struct test_qp *qp, bool send, u8 opcode, u8 syndrome)
{
	struct test_cqe c = { 0 };

	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, qp->qpn);
	CHECK_EQ(c.send, send);
	CHECK_EQ(c.syndrome, syndrome);
	if (!syndrome)
		CHECK_EQ(c.opcode, opcode);
	else
		CHECK_EQ(c.opcode, CQE_OPCODE_ERROR);
}

static void expect_nothing(void)
{
	struct test_cqe c;

	CHECK(!poll_cqe(&c));
}

static void send_moves_data(void)
{
	struct test_cqe c;

	pair();
	recv_wr(&b, dst_key, dst, SIZE);
	send_wr(&a, OP_SEND, src_key, src, SIZE - 1);
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, b.qpn);
	CHECK_EQ(c.opcode, RECV_SEND);
	CHECK_EQ(c.bytes, SIZE - 1);
	CHECK_EQ(c.src_qpn, a.qpn);
	expect(&a, true, OP_SEND, 0);
	expect_nothing();
	CHECK(!memcmp(mem + src, mem + dst, SIZE - 1));
	CHECK_EQ(mem[dst + SIZE - 1], 0);
}

static void many_rounds_of_both_queues(void)
{
	unsigned int i;

	pair();
	/* Around the CQ, too */
	for (i = 0; i < 10 * WRS; i++) {
		mem[src] = i;
		recv_wr(&b, dst_key, dst + i, 1);
		send_wr(&a, OP_SEND, src_key, src, 1);
		CHECK_EQ(mem[dst + i], i & 0xff);
		expect(&b, false, RECV_SEND, 0);
		expect(&a, true, OP_SEND, 0);
	}
}

static void the_first_message_establishes(void)
{
	u32 qpn;

	a = TEST_QP(0);
	b = TEST_QP(1);
	qp_make(&a);
	qp_make(&b);
	CHECK_EQ(qp_rtr(&a, b.qpn, 1), STAT_OK);
	CHECK_EQ(qp_rtr(&b, a.qpn, 1), STAT_OK);
	CHECK_EQ(qp_rts(&a), STAT_OK);
	recv_wr(&b, 0, 0, 0);
	wqe_post(&a, wqe_start(&a, OP_SEND, true));
	CHECK(poll_event(EVENT_COMM_EST, &qpn));
	CHECK_EQ(qpn, b.qpn);
}

static void post_remote(u8 opcode, u32 len, u32 rkey, u64 raddr)
{
	u8 *p = wqe_start(&a, opcode, true);

	p = wqe_remote(p, rkey, raddr);
	wqe_post(&a, wqe_sge(p, src_key, src, len));
}

static void rdma_write_and_read(void)
{
	pair();
	post_remote(OP_RDMA_WRITE, 5000, dst_key, dst + 10);
	expect(&a, true, OP_RDMA_WRITE, 0);
	CHECK(!memcmp(mem + src, mem + dst + 10, 5000));
	memset(mem + dst, 0x5a, SIZE);
	post_remote(OP_RDMA_READ, 5000, dst_key, dst);
	expect(&a, true, OP_RDMA_READ, 0);
	CHECK_EQ(mem[src], 0x5a);
	CHECK_EQ(mem[src + 4999], 0x5a);
	CHECK(mem[src + 5000] != 0x5a);
}

static void write_with_immediate_takes_a_receive(void)
{
	struct test_cqe c;
	u8 *p;

	pair();
	recv_wr(&b, 0, 0, 0);
	p = wqe_start(&a, OP_RDMA_WRITE_IMM, true);
	put32(p - 4, 0xcafe);
	p = wqe_remote(p, dst_key, dst);
	wqe_post(&a, wqe_sge(p, src_key, src, 100));
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.opcode, RECV_RDMA_WRITE_IMM);
	CHECK_EQ(c.imm, 0xcafe);
	CHECK_EQ(c.bytes, 100);
	expect(&a, true, OP_RDMA_WRITE_IMM, 0);
}

static void a_bad_remote_key_is_an_access_error(void)
{
	u32 qpn;

	pair();
	post_remote(OP_RDMA_WRITE, 100, dst_key ^ 0x10, dst);
	expect(&a, true, 0, SYN_REMOTE_ACCESS);
	CHECK_EQ(qp_state(&a), QP_ERR);
	CHECK_EQ(qp_state(&b), QP_ERR);
	CHECK(poll_event(EVENT_WQ_ACCESS_ERROR, &qpn));
	CHECK_EQ(qpn, b.qpn);
}

static void remote_bounds_and_rights_hold(void)
{
	pair();
	post_remote(OP_RDMA_WRITE, 100, dst_key, dst + SIZE - 99);
	expect(&a, true, 0, SYN_REMOTE_ACCESS);
	CHECK_EQ(mem[dst + SIZE - 99], 0);

	a = TEST_QP(2);
	b = TEST_QP(3);
	b.rights = QPC_RRE;
	connect(&a, &b);
	post_remote(OP_RDMA_WRITE, 100, dst_key, dst);
	expect(&a, true, 0, SYN_REMOTE_INVAL_REQ);
	CHECK_EQ(mem[dst], 0);
}

static void a_bad_local_key_is_a_protection_error(void)
{
	pair();
	recv_wr(&b, dst_key, dst, SIZE);
	send_wr(&a, OP_SEND, src_key ^ 1, src, 10);
	expect(&b, false, 0, SYN_FLUSH);
	expect(&a, true, 0, SYN_LOCAL_PROT);
	CHECK_EQ(qp_state(&a), QP_ERR);
}

static void a_message_too_long_fails_both(void)
{
	pair();
	recv_wr(&b, dst_key, dst, 9);
	send_wr(&a, OP_SEND, src_key, src, 10);
	expect(&b, false, 0, SYN_LOCAL_LENGTH);
	expect(&a, true, 0, SYN_REMOTE_INVAL_REQ);
	CHECK_EQ(mem[dst], 0);
}

static void post_atomic(u8 opcode, u64 swap_add, u64 compare)
{
	u8 *p = wqe_start(&a, opcode, true);

	p = wqe_remote(p, dst_key, dst + 8);
	put64(p, swap_add);
	put64(p + 8, compare);
	wqe_post(&a, wqe_sge(p + 16, src_key, src, 8));
}

static u64 host64(u64 addr)
{
	u64 x;

	memcpy(&x, mem + addr, 8);
	return x;
}

static void atomics_compute(void)
{
	u64 x = 41;

	pair();
	memcpy(mem + dst + 8, &x, 8);
	post_atomic(OP_ATOMIC_FA, 5, 0);
	expect(&a, true, OP_ATOMIC_FA, 0);
	CHECK_EQ(host64(src), 41);
	CHECK_EQ(host64(dst + 8), 46);
	post_atomic(OP_ATOMIC_CS, 7, 45);
	expect(&a, true, OP_ATOMIC_CS, 0);
	CHECK_EQ(host64(dst + 8), 46);
	post_atomic(OP_ATOMIC_CS, 7, 46);
	expect(&a, true, OP_ATOMIC_CS, 0);
	CHECK_EQ(host64(src), 46);
	CHECK_EQ(host64(dst + 8), 7);
}

static void a_send_waits_for_a_receive(void)
{
	pair();
	send_wr(&a, OP_SEND, src_key, src, 10);
	work_for(5);
	expect_nothing();
	recv_wr(&b, dst_key, dst, 10);
	work_for(5);
	expect(&b, false, RECV_SEND, 0);
	expect(&a, true, OP_SEND, 0);
}

static void a_send_gives_up_waiting_for_a_receive(void)
{
	a = TEST_QP(0);
	a.rnr_retry = 3;
	b = TEST_QP(1);
	connect(&a, &b);
	send_wr(&a, OP_SEND, 0, 0, 0);
	work_for(20);
	expect(&a, true, 0, SYN_RNR_RETRY_EXC);
	CHECK_EQ(qp_state(&b), QP_RTS);
}

static void a_dead_peer_is_a_time_out(void)
{
	pair();
	qp_move(&b, CMD_2RST_QP);
	send_wr(&a, OP_SEND, src_key, src, 10);
	work_for(50);
	expect_nothing();
	work_for(120);
	expect(&a, true, 0, SYN_RETRY_EXC);
}

static void a_stranger_gets_no_answer(void)
{
	struct test_qp c = TEST_QP(2);

	pair();
	qp_make(&c);
	CHECK_EQ(qp_rtr(&c, b.qpn, b.port), STAT_OK);
	CHECK_EQ(qp_rts(&c), STAT_OK);
	recv_wr(&b, dst_key, dst, 10);
	send_wr(&c, OP_SEND, src_key, src, 10);
	work_for(200);
	expect(&c, true, 0, SYN_RETRY_EXC);
	CHECK_EQ(qp_state(&b), QP_RTS);
	CHECK_EQ(mem[dst], 0);
}

static void a_cable_that_is_pulled_is_a_time_out(void)
{
	u32 data;

	pair();
	control("port 2 down");
	CHECK(poll_event(EVENT_PORT_CHANGE, &data));
	recv_wr(&b, dst_key, dst, 10);
	send_wr(&a, OP_SEND, src_key, src, 10);
	work_for(20);
	expect_nothing();
	control("port 2 up");
	work_for(20);
	expect(&b, false, RECV_SEND, 0);
	expect(&a, true, OP_SEND, 0);
}

static void fast_registration_by_work_request(void)
{
	u64 list = alloc(64);
	u32 key;
	u8 *p;

	pair();
	key = make_fast_mr(PD, 2);
	put64(mem + list, dst | MTT_PRESENT);
	p = wqe_start(&b, OP_FMR, true);
	put32(p, PERM_REMOTE_WRITE << 17);
	put32(p + 4, key);
	put64(p + 8, list);
	put64(p + 16, dst);
	put64(p + 24, 4096);
	put32(p + 36, 12);
	wqe_post(&b, p + 48);
	expect(&b, true, OP_FMR, 0);
	post_remote(OP_RDMA_WRITE, 100, key, dst);
	expect(&a, true, OP_RDMA_WRITE, 0);
	CHECK(!memcmp(mem + src, mem + dst, 100));

	/* The peer's send invalidates it */
	recv_wr(&b, 0, 0, 0);
	p = wqe_start(&a, OP_SEND_INVAL, true);
	put32(p - 4, key);
	wqe_post(&a, p);
	expect(&b, false, RECV_SEND_INVAL, 0);
	expect(&a, true, OP_SEND_INVAL, 0);
	post_remote(OP_RDMA_WRITE, 100, key, dst);
	expect(&a, true, 0, SYN_REMOTE_ACCESS);
}

static void inline_data_is_sent(void)
{
	u8 *p;

	pair();
	recv_wr(&b, dst_key, dst, 100);
	p = wqe_start(&a, OP_SEND, true);
	put32(p, WQE_INLINE | 44);
	memset(p + 4, 0x11, 44);
	p += 48;
	put32(p, WQE_INLINE | 20);
	memset(p + 4, 0x22, 20);
	wqe_post(&a, p + 32);
	expect(&b, false, RECV_SEND, 0);
	expect(&a, true, OP_SEND, 0);
	CHECK_EQ(mem[dst + 43], 0x11);
	CHECK_EQ(mem[dst + 44], 0x22);
	CHECK_EQ(mem[dst + 63], 0x22);
	CHECK_EQ(mem[dst + 64], 0);
}

static void an_unreliable_connection_does_not_wait(void)
{
	a = TEST_QP(0);
	b = TEST_QP(1);
	a.type = b.type = QP_UC;
	connect(&a, &b);
	send_wr(&a, OP_SEND, 0, 0, 0);
	expect(&a, true, OP_SEND, 0);
	recv_wr(&b, 0, 0, 0);
	work_for(3);
	expect_nothing();
	send_wr(&a, OP_SEND, 0, 0, 0);
	expect(&b, false, RECV_SEND, 0);
	expect(&a, true, OP_SEND, 0);
}

static void unsignaled_sends_are_silent(void)
{
	pair();
	recv_wr(&b, dst_key, dst, 100);
	wqe_post(&a, wqe_sge(wqe_start(&a, OP_SEND, false), src_key, src, 8));
	expect(&b, false, RECV_SEND, 0);
	expect_nothing();
}

const struct test_case rc_cases[] = {
	{ "send_moves_data", send_moves_data },
	{ "many_rounds_of_both_queues", many_rounds_of_both_queues },
	{ "the_first_message_establishes", the_first_message_establishes },
	{ "rdma_write_and_read", rdma_write_and_read },
	{ "write_with_immediate_takes_a_receive", write_with_immediate_takes_a_receive },
	{ "a_bad_remote_key_is_an_access_error", a_bad_remote_key_is_an_access_error },
	{ "remote_bounds_and_rights_hold", remote_bounds_and_rights_hold },
	{ "a_bad_local_key_is_a_protection_error", a_bad_local_key_is_a_protection_error },
	{ "a_message_too_long_fails_both", a_message_too_long_fails_both },
	{ "atomics_compute", atomics_compute },
	{ "a_send_waits_for_a_receive", a_send_waits_for_a_receive },
	{ "a_send_gives_up_waiting_for_a_receive", a_send_gives_up_waiting_for_a_receive },
	{ "a_dead_peer_is_a_time_out", a_dead_peer_is_a_time_out },
	{ "a_stranger_gets_no_answer", a_stranger_gets_no_answer },
	{ "a_cable_that_is_pulled_is_a_time_out", a_cable_that_is_pulled_is_a_time_out },
	{ "fast_registration_by_work_request", fast_registration_by_work_request },
	{ "inline_data_is_sent", inline_data_is_sent },
	{ "an_unreliable_connection_does_not_wait", an_unreliable_connection_does_not_wait },
	{ "unsignaled_sends_are_silent", unsignaled_sends_are_silent },
	{ 0 }
};
