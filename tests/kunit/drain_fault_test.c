// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: three faults that a drain must survive. It uses only what the
 * RDMA core had before the drain became bounded, plus stand-ins, so that it can
 * be built and run against such a kernel, where it fails.
 */
#include <linux/module.h>

#include "fake_ulp.h"

#define FAULT_BOUND	msecs_to_jiffies(200)
/* What a bounded drain may take in all, in a slow guest */
#define FAULT_TOO_LONG	(5 * HZ)

static const struct fake_config fault_ib = {
	.transport = FAKE_IB,
};

static const struct fake_config fault_iwarp = {
	.transport = FAKE_IWARP,
	.flush_complete = true,
	.own_drain = !IBK_FLUSH_COMPLETE,
};

struct fault_ctx {
	const char *name;
	enum ib_poll_context poll_ctx;
};

static const struct fault_ctx fault_ctxs[] = {
	{ "softirq", IB_POLL_SOFTIRQ },
	{ "workqueue", IB_POLL_WORKQUEUE },
	{ "unbound_workqueue", IB_POLL_UNBOUND_WORKQUEUE },
	{ "direct", IB_POLL_DIRECT },
};

KUNIT_ARRAY_PARAM_DESC(fault_ctx, fault_ctxs, name);

struct fault_side {
	const char *name;
	bool send;
};

static const struct fault_side fault_sides[] = {
	{ "send", true },
	{ "receive", false },
};

KUNIT_ARRAY_PARAM_DESC(fault_side, fault_sides, name);

struct fault_signal {
	const char *name;
	enum fake_signal signal;
};

static const struct fault_signal fault_signals[] = {
	{ "when_the_last_completion_is_written", FAKE_SIGNAL_WRITTEN },
	{ "when_the_last_completion_is_polled", FAKE_SIGNAL_POLLED },
};

KUNIT_ARRAY_PARAM_DESC(fault_signal, fault_signals, name);

/* The marker's completion comes only after the drain has given up */
static void bounded_drain_survives_a_lost_marker(struct kunit *test)
{
	const struct fault_side *side = test->param_value;
	struct ulp *ulp = ulp_create(test, &fault_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task args = { .qp = qp, .timeout = FAULT_BOUND };
	struct ulp_task *drain;
	struct fake_wq *wq;

	wq = side->send ? &to_fake_qp(qp)->sq : &to_fake_qp(qp)->rq;
	wq->lose_markers = 1;
	ulp_post(ulp, qp, 4, 4);

	drain = ulp_start(ulp, ulp_do_drain_timeout, &args);
	KUNIT_EXPECT_TRUE_MSG(test, wait_for_completion_timeout(&drain->ended,
								FAULT_TOO_LONG),
			      "the drain did not return");
	KUNIT_EXPECT_EQ(test, drain->ret, -ETIMEDOUT);
	ulp_expect_all_done(ulp);

	/* Overwrite the stack of the drain and what it has freed: then, late */
	fake_cq_deliver_lost(cq);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						list_empty(&to_fake_cq(cq)->written)));
}

/* The consumer is still in done() when the provider says "flushed" */
static void drain_waits_for_done_when_flush_is_signalled(struct kunit *test)
{
	const struct fault_signal *param = test->param_value;
	struct ulp *ulp = ulp_create(test, &fault_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	to_fake_qp(qp)->signal = param->signal;
	ulp_post(ulp, qp, 2, 2);
	ulp_hold_done(ulp);

	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->in_done)));
	KUNIT_EXPECT_TRUE_MSG(test, ulp_task_waits(drain),
			      "the drain returned while done() was running");

	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/* Another QP completes work on the same CQ faster than anybody can poll it */
static void drain_ends_though_another_qp_keeps_the_cq_busy(struct kunit *test)
{
	const struct fault_ctx *ctx = test->param_value;
	struct ulp *ulp = ulp_create(test, &fault_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, ctx->poll_ctx);
	struct ib_qp *busy = ulp_create_rc(ulp, cq, cq);
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
		struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_cq_keep_busy(cq, busy);

	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE_MSG(test, wait_for_completion_timeout(&drain->ended,
								FAULT_TOO_LONG),
			      "the drain did not return");
	KUNIT_EXPECT_TRUE(test, to_fake_cq(cq)->busy);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->flushed), ulp->posted);
}

static struct kunit_case drain_fault_cases[] = {
	KUNIT_CASE_PARAM(bounded_drain_survives_a_lost_marker,
			 fault_side_gen_params),
	KUNIT_CASE_PARAM(drain_waits_for_done_when_flush_is_signalled,
			 fault_signal_gen_params),
	KUNIT_CASE_PARAM(drain_ends_though_another_qp_keeps_the_cq_busy,
			 fault_ctx_gen_params),
	{}
};

static struct kunit_suite drain_fault_suite = {
	.name = "rdma_drain_faults",
	.test_cases = drain_fault_cases,
};

kunit_test_suite(drain_fault_suite);

MODULE_DESCRIPTION("KUnit suite of faults that a queue pair drain survives");
MODULE_LICENSE("GPL");
