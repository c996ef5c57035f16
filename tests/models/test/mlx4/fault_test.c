// SPDX-License-Identifier: GPL-2.0-only
/* Each fault does what its name says, once it is time, and ends. */
#include "fixture.h"

static u8 nop(void)
{
	return command(CMD_NOP, 0, 0, NULL, 0, NULL);
}

static void a_command_is_dropped_once(void)
{
	control("fault command-drop op=NOP after=1 times=1");
	CHECK_EQ(nop(), STAT_OK);
	CHECK_EQ(command(CMD_QUERY_FW, 0, 0, NULL, 0, NULL), STAT_OK);
	CHECK_EQ(nop(), 0xff);
	CHECK_EQ(nop(), STAT_OK);
}

static void a_command_fails_as_told(void)
{
	control("fault command-fail op=NOP status=0x0c times=2");
	CHECK_EQ(nop(), STAT_ICM_ERROR);
	CHECK_EQ(nop(), STAT_ICM_ERROR);
	CHECK_EQ(nop(), STAT_OK);
}

static void dead_firmware_comes_back_with_a_reset(void)
{
	u8 one[4];

	control("fault firmware-dead");
	CHECK_EQ(nop(), 0xff);
	CHECK_EQ(command(CMD_QUERY_FW, 0, 0, NULL, 0, NULL), 0xff);
	put32(one, 1);
	hca_ops.write(hca, BAR_REGS, REG_RESET, one, 4);
	CHECK_EQ(nop(), STAT_OK);
	CHECK_EQ(hca->icm_pages, 0);
}

static void stalled_flushes_come_when_it_ends(void)
{
	struct test_qp a = TEST_QP(0), b = TEST_QP(1);
	struct test_cqe c;

	connect(&a, &b);
	recv_wr(&a, 0, 0, 0);
	control("fault flush-stall");
	CHECK_EQ(qp_move(&a, CMD_2ERR_QP), STAT_OK);
	work_for(10);
	CHECK(!poll_cqe(&c));
	control("clear flush-stall");
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.syndrome, SYN_FLUSH);
}

static void a_lost_completion_stays_lost(void)
{
	struct test_qp a = TEST_QP(0), b = TEST_QP(1);
	struct test_cqe c;

	connect(&a, &b);
	control("fault cqe-lose times=1");
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK(poll_cqe(&c));
	CHECK(c.send);
	CHECK(!poll_cqe(&c));
}

static void a_lost_interrupt_leaves_the_event(void)
{
	struct test_qp a = TEST_QP(0), b = TEST_QP(1);
	u32 cqn;

	connect(&a, &b);
	arm_cq(2);
	control("fault irq-lose");
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	CHECK_EQ(interrupts, 0);
	CHECK(poll_event(EVENT_COMP, &cqn));
}

static void an_ignored_doorbell_sends_nothing(void)
{
	struct test_qp a = TEST_QP(0), b = TEST_QP(1);
	struct test_cqe c;

	connect(&a, &b);
	work_for(2);
	control("fault doorbell-ignore");
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, OP_SEND, 0, 0, 0);
	work_for(10);
	CHECK(!poll_cqe(&c));
}

static void a_removed_device_reads_as_ones(void)
{
	u8 b[4];

	control("remove");
	hca_ops.read(hca, BAR_REGS, REG_HCR, b, 4);
	CHECK_EQ(get32(b), 0xffffffff);
	memset(b, 0, 4);
	hca_ops.config_read(hca, 0, b, 2);
	CHECK_EQ(b[0] << 8 | b[1], 0xffff);
}

static void the_buffer_of_catastrophes_fills(void)
{
	u8 b[4] = { 0 };

	hca_ops.read(hca, BAR_REGS, REG_CATAS, b, 4);
	CHECK_EQ(get32(b), 0);
	control("catas");
	hca_ops.read(hca, BAR_REGS, REG_CATAS, b, 4);
	CHECK(get32(b));
}

const struct test_case fault_cases[] = {
	{ "a_command_is_dropped_once", a_command_is_dropped_once },
	{ "a_command_fails_as_told", a_command_fails_as_told },
	{ "dead_firmware_comes_back_with_a_reset", dead_firmware_comes_back_with_a_reset },
	{ "stalled_flushes_come_when_it_ends", stalled_flushes_come_when_it_ends },
	{ "a_lost_completion_stays_lost", a_lost_completion_stays_lost },
	{ "a_lost_interrupt_leaves_the_event", a_lost_interrupt_leaves_the_event },
	{ "an_ignored_doorbell_sends_nothing", an_ignored_doorbell_sends_nothing },
	{ "a_removed_device_reads_as_ones", a_removed_device_reads_as_ones },
	{ "the_buffer_of_catastrophes_fills", the_buffer_of_catastrophes_fills },
	{ 0 }
};
