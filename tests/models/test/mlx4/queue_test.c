// SPDX-License-Identifier: GPL-2.0-only
/* Queues: flush, arming, moderation, overrun, SRQ, SQD. */
#include "fixture.h"

static struct test_qp a, b;

static void pair(void)
{
	a = TEST_QP(0);
	b = TEST_QP(1);
	connect(&a, &b);
}

static unsigned int drain_cq(u8 syndrome)
{
	struct test_cqe c;
	unsigned int n = 0;

	while (poll_cqe(&c)) {
		CHECK_EQ(c.syndrome, syndrome);
		n++;
	}
	return n;
}

static void err_flushes_both_queues(void)
{
	pair();
	recv_wr(&a, 0, 0, 0);
	recv_wr(&a, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);		/* waits for a receive */
	CHECK_EQ(drain_cq(0), 0);
	CHECK_EQ(qp_move(&a, CMD_2ERR_QP), STAT_OK);
	CHECK_EQ(drain_cq(SYN_FLUSH), 3);
	CHECK_EQ(qp_state(&a), QP_ERR);
}

static void posts_in_err_are_flushed(void)
{
	pair();
	CHECK_EQ(qp_move(&a, CMD_2ERR_QP), STAT_OK);
	work_for(3);
	CHECK_EQ(drain_cq(SYN_FLUSH), 0);
	recv_wr(&a, 0, 0, 0);
	work_for(5);
	CHECK_EQ(drain_cq(SYN_FLUSH), 1);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK_EQ(drain_cq(SYN_FLUSH), 1);
}

static void sqd_sends_nothing(void)
{
	pair();
	recv_wr(&b, 0, 0, 0);
	CHECK_EQ(qp_move(&a, CMD_RTS2SQD_QP), STAT_OK);
	send_wr(&a, OP_SEND, 0, 0, 0);
	work_for(3);
	CHECK_EQ(drain_cq(0), 0);
	CHECK_EQ(qp_move(&a, CMD_SQD2RTS_QP), STAT_OK);
	work_for(3);
	CHECK_EQ(drain_cq(0), 2);
}

static void wrong_transitions_are_refused(void)
{
	a = TEST_QP(0);
	qp_make(&a);
	CHECK_EQ(qp_rts(&a), STAT_BAD_QP_STATE);
	CHECK_EQ(qp_move(&a, CMD_RTS2SQD_QP), STAT_BAD_QP_STATE);
	CHECK_EQ(qp_rtr(&a, 1, 1), STAT_OK);
	CHECK_EQ(qp_rtr(&a, 1, 1), STAT_BAD_QP_STATE);
	CHECK_EQ(qp_move(&a, CMD_2RST_QP), STAT_OK);
	CHECK_EQ(qp_state(&a), QP_RST);
}

static void arming_gives_one_event(void)
{
	u32 cqn;

	pair();
	arm_cq(2);
	recv_wr(&b, 0, 0, 0);
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(poll_event(EVENT_COMP, &cqn));
	CHECK_EQ(cqn, CQN);
	CHECK_EQ(interrupts > 0, true);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(!poll_event(EVENT_COMP, &cqn));
}

static void arming_too_late_gives_an_event_at_once(void)
{
	u32 cqn;

	pair();
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	arm_cq(2);
	CHECK(poll_event(EVENT_COMP, &cqn));
}

static void solicited_only(void)
{
	u32 cqn;
	u8 *p;

	pair();
	arm_cq(1);
	recv_wr(&b, 0, 0, 0);
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(!poll_event(EVENT_COMP, &cqn));
	p = wqe_start(&a, OP_SEND, true);
	put32(p - 8, WQE_CQ_UPDATE | WQE_SOLICITED);
	wqe_post(&a, p);
	CHECK(poll_event(EVENT_COMP, &cqn));
}

static void moderation_waits_for_more(void)
{
	u8 in[64] = { 0 };
	u32 cqn;

	pair();
	put16(in + 16, 50000);		/* us */
	put16(in + 18, 4);
	CHECK_EQ(command(CMD_MODIFY_CQ, CQN, 1, in, sizeof(in), NULL), STAT_OK);
	arm_cq(2);
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	work_for(5);
	CHECK_EQ(hca->stats.eqes, 0);
	CHECK(poll_event(EVENT_COMP, &cqn));
	/* Four at once do not wait */
	drain_cq(0);
	arm_cq(2);
	recv_wr(&b, 0, 0, 0);
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK_EQ(hca->stats.eqes, 2);
}

static void an_overrun_is_an_event(void)
{
	unsigned int i;
	u32 data;

	CHECK_EQ(command(CMD_HW2SW_CQ, CQN, 1, NULL, 0, NULL), STAT_OK);
	make_cq(CQN, 2);
	pair();
	for (i = 0; i < 3; i++) {
		recv_wr(&b, 0, 0, 0);
		send_wr(&a, OP_SEND, 0, 0, 0);
	}
	CHECK(poll_event(EVENT_CQ_ERROR, &data));
	CHECK_EQ(data, CQN);
	CHECK(poll_event(EVENT_WQ_CATAS_ERROR, &data));
	CHECK_EQ(qp_state(&a), QP_ERR);
}

static void resizing_loses_nothing(void)
{
	struct test_cqe c;
	u8 in[64] = { 0 };
	u64 ring = alloc(4096);

	pair();
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	put32(in + 12, 5u << 24);
	mtt_write(hca, 30000, 0, ring | MTT_PRESENT);
	put32(in + 28, 30000);
	CHECK_EQ(command(CMD_MODIFY_CQ, CQN, 0, in, sizeof(in), NULL), STAT_OK);
	CHECK_EQ(drain_cq(0), 3);
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	/* Nothing more in the old one: entry 3 of the new one has the next */
	CHECK(!poll_cqe(&c));
	CHECK_EQ(get24(mem + ring + 3 * CQE_SIZE), b.qpn);
}

static void srq_post(u64 ring, u64 db, u16 index, u16 count)
{
	u8 *p = mem + ring + (index << WQE_SHIFT) + 16;

	put32(p, 0);
	put32(p + 4, WQE_INVALID_LKEY);
	put32(mem + db, count);
}

static void srq_serves_two_qps(void)
{
	struct test_qp c;
	struct test_cqe e;
	u64 db, ring;
	u32 data;

	make_srq(0x41, &db, &ring);
	a = TEST_QP(0);
	b = TEST_QP(1);
	c = TEST_QP(2);
	b.srqn = 0x41;
	connect(&a, &b);
	srq_post(ring, db, 0, 1);
	srq_post(ring, db, 1, 2);
	CHECK_EQ(command(CMD_ARM_SRQ, 0x41, 0, NULL, 0, NULL), STAT_OK);
	hca->srqs[0x41]->limit = 2;
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(poll_event(EVENT_SRQ_LIMIT, &data));
	CHECK_EQ(data, 0x41);
	CHECK(poll_cqe(&e));
	CHECK_EQ(e.index, 0);
	CHECK(poll_cqe(&e));
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(poll_cqe(&e));
	CHECK_EQ(e.index, 1);
	CHECK(poll_cqe(&e));
	/* Empty now: the next one waits */
	send_wr(&a, OP_SEND, 0, 0, 0);
	work_for(3);
	CHECK(!poll_cqe(&e));
	CHECK_EQ(qp_move(&b, CMD_2ERR_QP), STAT_OK);
	CHECK(poll_event(EVENT_SRQ_LAST_WQE, &data));
	CHECK_EQ(data, b.qpn);
	(void)c;
}

static void srq_follows_its_list(void)
{
	struct test_cqe e;
	u64 db, ring;

	make_srq(0x41, &db, &ring);
	a = TEST_QP(0);
	b = TEST_QP(1);
	b.srqn = 0x41;
	connect(&a, &b);
	/* 0, then 5, then 2 */
	put16(mem + ring + 2, 5);
	put16(mem + ring + (5 << WQE_SHIFT) + 2, 2);
	srq_post(ring, db, 0, 1);
	srq_post(ring, db, 5, 2);
	srq_post(ring, db, 2, 3);
	send_wr(&a, OP_SEND, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(poll_cqe(&e) && e.index == 0);
	CHECK(poll_cqe(&e) && e.send);
	CHECK(poll_cqe(&e) && e.index == 5);
	CHECK(poll_cqe(&e) && e.send);
	CHECK(poll_cqe(&e) && e.index == 2);
}

static void an_interrupt_until_the_driver_asks_again(void)
{
	unsigned int i;
	u32 cqn;

	pair();
	for (i = 0; i < 3; i++) {
		arm_cq(2);
		recv_wr(&b, 0, 0, 0);
		send_wr(&a, OP_SEND, 0, 0, 0);
		drain_cq(0);
	}
	CHECK_EQ(hca->stats.eqes, 3);
	CHECK_EQ(interrupts, 1);
	CHECK(poll_event(EVENT_COMP, &cqn));
	CHECK_EQ(interrupts, 2);
}

const struct test_case queue_cases[] = {
	{ "err_flushes_both_queues", err_flushes_both_queues },
	{ "posts_in_err_are_flushed", posts_in_err_are_flushed },
	{ "sqd_sends_nothing", sqd_sends_nothing },
	{ "wrong_transitions_are_refused", wrong_transitions_are_refused },
	{ "arming_gives_one_event", arming_gives_one_event },
	{ "arming_too_late_gives_an_event_at_once", arming_too_late_gives_an_event_at_once },
	{ "solicited_only", solicited_only },
	{ "moderation_waits_for_more", moderation_waits_for_more },
	{ "an_overrun_is_an_event", an_overrun_is_an_event },
	{ "resizing_loses_nothing", resizing_loses_nothing },
	{ "srq_serves_two_qps", srq_serves_two_qps },
	{ "srq_follows_its_list", srq_follows_its_list },
	{ "an_interrupt_until_the_driver_asks_again", an_interrupt_until_the_driver_asks_again },
	{ 0 }
};
