// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: draining many queue pairs at once.
 */
#include <linux/kprobes.h>

#include "drain_test.h"

#define BATCH	32

/*
 * QPs of all kinds and states in one batch
 */

struct batch {
	struct ulp *ulp;
	struct ib_cq *cqs[2];
	struct ib_qp *qps[BATCH];
};

static struct batch *create_batch(struct kunit *test,
				  const struct fake_config *config,
				  enum ib_poll_context poll_ctx)
{
	struct batch *batch = kunit_kzalloc(test, sizeof(*batch), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, batch);
	batch->ulp = ulp_create(test, config);
	for (i = 0; i < ARRAY_SIZE(batch->cqs); i++)
		batch->cqs[i] = ulp_alloc_cq(batch->ulp, 2 * BATCH * ULP_MAX_WR,
					     poll_ctx);
	for (i = 0; i < BATCH; i++) {
		batch->qps[i] = ulp_create_rc(batch->ulp, batch->cqs[i % 2],
					      batch->cqs[i / 2 % 2]);
		ulp_post(batch->ulp, batch->qps[i], 2, i % 4);
	}
	return batch;
}

static struct batch *create_param_batch(struct kunit *test)
{
	const struct drain_ctx *param = test->param_value;

	return create_batch(test, param->config, param->poll_ctx);
}

static void batch_of_nothing_is_drained(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ib_drain_qps(NULL, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(NULL, 0, MAX_SCHEDULE_TIMEOUT), 0);
}

static void batch_of_one_is_drained(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);

	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, 1, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&batch->ulp->done), 2);
}

static void batch_is_drained(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);

	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, ULP_PATIENCE), 0);
	ulp_expect_all_done(batch->ulp);
	KUNIT_EXPECT_EQ(test, to_fake_cq(batch->cqs[0])->nr, 0);
	KUNIT_EXPECT_EQ(test, to_fake_cq(batch->cqs[1])->nr, 0);
}

static void batch_is_flushed_as_a_whole_before_the_first_wait(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);
	struct ulp *ulp = batch->ulp;
	struct ulp_task args = {
		.qps = batch->qps,
		.n = BATCH,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct fake_qp *last = to_fake_qp(batch->qps[BATCH - 1]);
	struct ulp_task *drain;

	fake_qp_hold(batch->qps[0], true, true);
	drain = ulp_start(ulp, ulp_do_drain_qps, &args);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						READ_ONCE(last->state) ==
						IB_QPS_ERR));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_qp_release(batch->qps[0]);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, drain->ret, 0);
	ulp_expect_all_done(ulp);
}

/* The others are flushed and consumed, and nothing but the one is missing */
static void stuck_qp_does_not_keep_the_others_from_being_drained(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);
	struct ulp *ulp = batch->ulp;

	fake_qp_hold(batch->qps[5], true, true);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, HZ / 4),
			-ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) ==
						ulp->posted - 2 - 5 % 4));
	fake_qp_release(batch->qps[5]);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void failed_qp_does_not_keep_the_others_from_being_drained(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);
	struct ulp *ulp = batch->ulp;

	fake_fail(ulp->fake, FAKE_MODIFY_QP, -EPERM, 1);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, ULP_PATIENCE),
			-EPERM);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->done), ulp->posted - 2);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void batch_may_name_a_qp_twice(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);
	struct ib_qp *qps[] = { batch->qps[0], batch->qps[1], batch->qps[0] };

	KUNIT_EXPECT_EQ(test, ib_drain_qps(qps, ARRAY_SIZE(qps), ULP_PATIENCE),
			0);
	KUNIT_EXPECT_EQ(test, atomic_read(&batch->ulp->done), 2 + 3);
}

static void death_of_the_device_ends_the_drain_of_a_batch(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);
	struct ulp *ulp = batch->ulp;
	struct ulp_task args = {
		.qps = batch->qps,
		.n = BATCH,
		.timeout = MAX_SCHEDULE_TIMEOUT,
	};
	struct ulp_task *drain;
	unsigned int i;

	for (i = 0; i < BATCH; i += 3)
		fake_qp_hold(batch->qps[i], i & 1, true);
	drain = ulp_start(ulp, ulp_do_drain_qps, &args);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_die(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, drain->ret, 0);
	ulp_expect_all_done(ulp);
}

static void batch_of_all_kinds_of_qps_is_drained(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_cq *cq = ulp_alloc_cq(ulp, 8 * ULP_MAX_WR, IB_POLL_SOFTIRQ);
	struct ib_cq *recv_cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_DIRECT);
	struct ib_qp_init_attr rc = {
		.qp_type = IB_QPT_RC, .send_cq = cq, .recv_cq = recv_cq,
	};
	struct ib_qp_init_attr ud = {
		.qp_type = IB_QPT_UD, .send_cq = cq, .recv_cq = cq,
	};
	struct ib_qp_init_attr ini = { .qp_type = IB_QPT_XRC_INI, .send_cq = cq };
	struct ib_qp_init_attr tgt = { .qp_type = IB_QPT_XRC_TGT };
	struct ib_qp_init_attr srq = {
		.qp_type = IB_QPT_RC, .send_cq = cq, .recv_cq = cq,
		.srq = ulp_create_srq(ulp),
	};
	struct ib_qp *qps[] = {
		ulp_create_qp(ulp, &rc, IB_QPS_RTS),
		ulp_create_qp(ulp, &rc, IB_QPS_RESET),
		ulp_create_qp(ulp, &rc, IB_QPS_ERR),
		ulp_create_qp(ulp, &ud, IB_QPS_RTS),
		ulp_create_qp(ulp, &ini, IB_QPS_RTS),
		ulp_create_qp(ulp, &tgt, IB_QPS_RTR),
		ulp_create_qp(ulp, &srq, IB_QPS_RTS),
		ulp_create_qp(ulp, &srq, IB_QPS_INIT),
	};

	ulp_post(ulp, qps[0], 4, 4);
	ulp_post(ulp, qps[3], 4, 4);
	ulp_post(ulp, qps[4], 4, 0);
	ulp_post_srq(ulp, srq.srq, 4);
	ulp->posted += fake_qp_take_srq(qps[6], 2);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(qps, ARRAY_SIZE(qps), ULP_PATIENCE),
			0);
	ulp_expect_all_done(ulp);
}

/*
 * No memory for a batch: what this thread drains at once is refused as if it
 * could not be allocated. The probe is on a function that nobody else runs. To
 * patch an allocator, which all processors are in at any time, is more than
 * some emulators stand: they run the code that was there before.
 */

static unsigned int oom_times;

#if defined(CONFIG_KPROBES) && defined(CONFIG_X86_64)
static struct task_struct *oom_task;

/* int ib_drain_run(qps, n, ...): return before it has begun */
static int oom_handler(struct kprobe *probe, struct pt_regs *regs)
{
	if (current != oom_task || (u32)regs_get_kernel_argument(regs, 1) < 2)
		return 0;
	oom_times++;
	regs_set_return_value(regs, -ENOMEM);
	instruction_pointer_set(regs, *(unsigned long *)regs->sp);
	regs->sp += sizeof(long);
	return 1;
}

/* It is there so that the probe stays a breakpoint, which may return */
static void oom_post_handler(struct kprobe *probe, struct pt_regs *regs,
			     unsigned long flags)
{
}

static struct kprobe oom_probe;

static void oom_end(void *data)
{
	unregister_kprobe(&oom_probe);
}

static void oom_begin(struct kunit *test)
{
	oom_task = current;
	oom_times = 0;
	oom_probe = (struct kprobe) {
		.symbol_name = "ib_drain_run",
		.pre_handler = oom_handler,
		.post_handler = oom_post_handler,
	};
	if (register_kprobe(&oom_probe))
		kunit_skip(test, "the allocation can't be made to fail");
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, oom_end, NULL));
}
#else
static void oom_end(void *data)
{
}

static void oom_begin(struct kunit *test)
{
	kunit_skip(test, "the allocation can't be made to fail");
}
#endif

static void batch_is_drained_one_by_one_without_memory(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);

	oom_begin(test);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, oom_times, 1);
	kunit_release_action(test, oom_end, NULL);
	ulp_expect_all_done(batch->ulp);
}

static void stuck_qp_times_out_once_without_memory(struct kunit *test)
{
	struct batch *batch = create_param_batch(test);
	struct ulp *ulp = batch->ulp;
	unsigned long start;

	fake_qp_hold(batch->qps[5], true, true);
	oom_begin(test);
	start = jiffies;
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, HZ / 4),
			-ETIMEDOUT);
	KUNIT_EXPECT_LT(test, jiffies - start, ULP_PATIENCE);
	KUNIT_EXPECT_EQ(test, oom_times, 1);
	kunit_release_action(test, oom_end, NULL);
	KUNIT_EXPECT_EQ(test, to_fake_qp(batch->qps[BATCH - 1])->state,
			IB_QPS_ERR);
	fake_qp_release(batch->qps[5]);
	KUNIT_EXPECT_EQ(test, ib_drain_qps(batch->qps, BATCH, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static struct kunit_case drain_batch_cases[] = {
	KUNIT_CASE(batch_of_nothing_is_drained),
	KUNIT_CASE_PARAM(batch_of_one_is_drained, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(batch_is_drained, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(batch_is_flushed_as_a_whole_before_the_first_wait,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(stuck_qp_does_not_keep_the_others_from_being_drained,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(failed_qp_does_not_keep_the_others_from_being_drained,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(batch_may_name_a_qp_twice, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(death_of_the_device_ends_the_drain_of_a_batch,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(batch_of_all_kinds_of_qps_is_drained,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(batch_is_drained_one_by_one_without_memory,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(stuck_qp_times_out_once_without_memory,
			 drain_ctx_gen_params),
	{}
};

static struct kunit_suite drain_batch_suite = {
	.name = "rdma_drain_batches",
	.test_cases = drain_batch_cases,
};

kunit_test_suite(drain_batch_suite);
