// SPDX-License-Identifier: GPL-2.0-only
/* Each fault does what its name says, once it is time, and ends. */
#include "fixture.h"

static struct test_qp a, b;

static int query(void)
{
	u8 c[16] = { CMD_PFVF };

	return command(c, sizeof(c));
}

static void a_command_is_dropped_once(void)
{
	u8 c[16] = { CMD_CLIP };

	control("fault command-drop op=PFVF after=1 times=1");
	CHECK_EQ(query(), FW_OK);
	CHECK_EQ(command(c, sizeof(c)), FW_OK);
	CHECK_EQ(query(), -1);
	CHECK_EQ(query(), FW_OK);
}

static void a_command_fails_as_told(void)
{
	control("fault command-fail op=PFVF status=22 times=2");
	CHECK_EQ(query(), FW_EINVAL);
	CHECK_EQ(query(), FW_EINVAL);
	CHECK_EQ(query(), FW_OK);
}

static void dead_firmware_comes_back_with_a_reset(void)
{
	qp_make(&a, 0);
	qp_make(&b, 1);
	tcp_connect(&a, &b);
	control("fault firmware-dead");
	CHECK_EQ(query(), -1);
	CHECK_EQ(rdma_mode(&a, true), -1);
	t5_ops.reset(t5);
	CHECK_EQ(query(), FW_OK);
}

static void a_crash_is_to_be_seen(void)
{
	CHECK(!(read32(REG_FW) & FW_ERR));
	control("crash");
	CHECK(read32(REG_FW) & FW_ERR);
	CHECK_EQ(query(), -1);
}

static void a_fatal_error_interrupts(void)
{
	control("fatal");
	CHECK_EQ(interrupts, 1);
	CHECK(read32(REG_INT_CAUSE) & INT_TP);
	write32(REG_INT_CAUSE, INT_TP);
	CHECK(!read32(REG_INT_CAUSE));
	/* The driver stops the queues then */
	write32(REG_SGE_CONTROL, read32(REG_SGE_CONTROL) & ~SGE_ENABLE);
	control("port 1 down");
	CHECK_EQ(t5->iqs[events.id].unread, 0);
}

static void stalled_flushes_stay_so(void)
{
	connect_qps(&a, &b);
	control("fault flush-stall");
	CHECK_EQ(fini(&a), -1);
	control("clear flush-stall");
	CHECK_EQ(fini(&a), FW_OK);
}

static void a_work_request_fails_as_told(void)
{
	qp_make(&a, 0);
	qp_make(&b, 1);
	tcp_connect(&a, &b);
	control("fault wr-fail op=RI_INIT status=22 times=1");
	CHECK_EQ(rdma_mode(&b, false), FW_EINVAL);
	CHECK_EQ(rdma_mode(&b, false), FW_OK);
	control("fault wr-drop op=RI_INIT times=1");
	CHECK_EQ(rdma_mode(&a, true), -1);
	CHECK_EQ(rdma_mode(&a, true), FW_OK);
}

static void a_lost_completion_stays_lost(void)
{
	struct test_cqe c;
	u64 addr;

	connect_qps(&a, &b);
	addr = alloc(64);
	control("fault cqe-lose times=1");
	recv_wr(&b, 0, addr, 64);
	send_wr(&a, RI_SEND, 0, addr, 8);
	CHECK(!poll_cqe(&a, &c));
	CHECK(poll_cqe(&b, &c));
}

static void a_lost_interrupt_leaves_the_entry(void)
{
	u32 len_qid;
	u8 type;

	connect_qps(&a, &b);
	arm(&concentrator, 0, false);
	arm(&b.cq, 0, false);
	control("fault irq-lose");
	recv_wr(&b, 0, 0, 0);
	send_wr(&a, RI_SEND, 0, 0, 0);
	CHECK_EQ(interrupts, 0);
	CHECK(next_entry(&concentrator, &type, &len_qid));
}

static void an_ignored_doorbell_sends_nothing(void)
{
	struct test_cqe c;

	connect_qps(&a, &b);
	recv_wr(&b, 0, 0, 0);
	control("fault doorbell-ignore op=SQ times=1");
	send_wr(&a, RI_SEND, 0, 0, 0);
	CHECK(!poll_cqe(&a, &c));
	CHECK(!poll_cqe(&b, &c));
	/* What came before the next one is not lost */
	recv_wr(&b, 0, 0, 0);
	control("clear");
	doorbell(a.sqid, UDB_KDOORBELL, 1);
	CHECK(poll_cqe(&b, &c));
}

static void a_removed_device_reads_as_ones(void)
{
	u8 b[2] = { 0 };

	control("remove");
	CHECK_EQ(read32(REG_WHOAMI), 0xffffffff);
	t5_ops.config_read(t5, 0, b, 2);
	CHECK_EQ(b[0] << 8 | b[1], 0xffff);
	control("clear");
	CHECK_EQ(read32(REG_WHOAMI), PF << 8);
}

const struct test_case fault_cases[] = {
	{ "a_command_is_dropped_once", a_command_is_dropped_once },
	{ "a_command_fails_as_told", a_command_fails_as_told },
	{ "dead_firmware_comes_back_with_a_reset", dead_firmware_comes_back_with_a_reset },
	{ "a_crash_is_to_be_seen", a_crash_is_to_be_seen },
	{ "a_fatal_error_interrupts", a_fatal_error_interrupts },
	{ "stalled_flushes_stay_so", stalled_flushes_stay_so },
	{ "a_work_request_fails_as_told", a_work_request_fails_as_told },
	{ "a_lost_completion_stays_lost", a_lost_completion_stays_lost },
	{ "a_lost_interrupt_leaves_the_entry", a_lost_interrupt_leaves_the_entry },
	{ "an_ignored_doorbell_sends_nothing", an_ignored_doorbell_sends_nothing },
	{ "a_removed_device_reads_as_ones", a_removed_device_reads_as_ones },
	{ 0 }
};
