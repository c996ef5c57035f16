// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: the CQ barrier, in every poll context.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "drain_test.h"

static int do_barrier(struct ulp_task *task)
{
	return ib_cq_barrier(task->cq, ULP_PATIENCE);
}

static int do_complete_one(struct ulp_task *task)
{
	fake_qp_complete(task->qp, 0, 1);
	return 0;
}

static void barrier_passes_on_an_empty_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));

	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
}

static void barrier_consumes_what_is_in_the_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	ulp_post(ulp, qp, ULP_MAX_WR, ULP_MAX_WR);
	fake_qp_complete(qp, ULP_MAX_WR, ULP_MAX_WR);
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/* Nobody was told of the completions: an event that the provider lost */
static void barrier_needs_no_completion_event(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	to_fake_cq(cq)->armed = false;
	ulp_post(ulp, qp, 4, 4);
	fake_qp_complete(qp, 4, 4);
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void barrier_needs_no_room_in_the_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, 8, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	ulp->fake->stop_at_full_cq = true;
	to_fake_cq(cq)->armed = false;
	ulp_post(ulp, qp, 8, 0);
	fake_qp_complete(qp, 8, 0);
	KUNIT_EXPECT_EQ(test, to_fake_cq(cq)->nr, 8);
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/*
 * A poll context has polled a completion and is in its done() while the test
 * goes on. A softirq would keep the test from its CPU, so that it runs on
 * another one; there it may well run on top of the task that completes, which
 * then ends only after the softirq.
 */
static bool poll_context_is_in_done(struct ulp *ulp, struct ib_qp *qp)
{
	struct ulp_task args = { .qp = qp, .cq = qp->recv_cq };

	ulp_hold_done(ulp);
	if (qp->recv_cq->poll_ctx == IB_POLL_DIRECT) {
		fake_qp_complete(qp, 0, 1);
		ulp_start(ulp, do_barrier, &args);
	} else {
		args.cpu = 1;
		ulp_start(ulp, do_complete_one, &args);
	}
	return fake_wait_until(ulp->fake, atomic_read(&ulp->in_done));
}

static void stay_on_cpu_0(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	set_cpus_allowed_ptr(current, cpumask_of(0));
}

static void barrier_passes_only_after_done_returned(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task *barrier;

	stay_on_cpu_0(test);
	ulp_post(ulp, qp, 0, 1);
	KUNIT_ASSERT_TRUE(test, poll_context_is_in_done(ulp, qp));
	barrier = ulp_start(ulp, do_barrier, &(struct ulp_task){ .cq = cq });
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(barrier));

	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(barrier));
	KUNIT_EXPECT_EQ(test, barrier->ret, 0);
	ulp_expect_all_done(ulp);
}

/*
 * The run that is under way polled its last batch before the second completion
 * came. It ends with "the CQ was empty", and must not pass the barrier.
 */
static void barrier_is_not_passed_by_a_run_that_began_before_it(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task *barrier;

	stay_on_cpu_0(test);
	ulp_post(ulp, qp, 0, 2);
	KUNIT_ASSERT_TRUE(test, poll_context_is_in_done(ulp, qp));

	fake_qp_complete(qp, 0, 1);
	barrier = ulp_start(ulp, do_barrier, &(struct ulp_task){ .cq = cq });
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(barrier));
	ulp_release_one_done(ulp);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) == 1));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(barrier));

	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(barrier));
	KUNIT_EXPECT_EQ(test, barrier->ret, 0);
	ulp_expect_all_done(ulp);
}

/* The same, and the run has a barrier to pass: the first, not the second */
static void barrier_is_not_passed_with_one_that_was_there_before(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task args = { .cq = cq, .cpu = 1 };
	struct ulp_task *first, *second;

	stay_on_cpu_0(test);
	ulp_post(ulp, qp, 0, 2);
	ulp_hold_done(ulp);
	to_fake_cq(cq)->armed = false;
	fake_qp_complete(qp, 0, 1);
	first = ulp_start(ulp, do_barrier, &args);
	KUNIT_ASSERT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->in_done)));

	fake_qp_complete(qp, 0, 1);
	args.cpu = 0;
	second = ulp_start(ulp, do_barrier, &args);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(second));
	ulp_release_one_done(ulp);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) == 1));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(second));

	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(first));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(second));
	KUNIT_EXPECT_EQ(test, first->ret, 0);
	KUNIT_EXPECT_EQ(test, second->ret, 0);
	ulp_expect_all_done(ulp);
}

static void barrier_passes_on_a_busy_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *busy = ulp_create_rc(ulp, cq, cq);
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task *barrier;

	ulp_post(ulp, qp, 4, 4);
	fake_cq_keep_busy(cq, busy);
	fake_qp_hold(qp, true, true);
	ulp_modify_qp(qp, IB_QPS_ERR);
	fake_qp_release(qp);
	barrier = ulp_start(ulp, do_barrier, &(struct ulp_task){ .cq = cq });
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(barrier));
	KUNIT_EXPECT_EQ(test, barrier->ret, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->flushed), 8);
	KUNIT_EXPECT_TRUE(test, to_fake_cq(cq)->busy);
}

static void many_barriers_pass_on_one_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task *barriers[8];
	unsigned int i;

	stay_on_cpu_0(test);
	ulp_post(ulp, qp, 0, 2);
	KUNIT_ASSERT_TRUE(test, poll_context_is_in_done(ulp, qp));
	fake_qp_complete(qp, 0, 1);
	for (i = 0; i < ARRAY_SIZE(barriers); i++)
		barriers[i] = ulp_start(ulp, do_barrier,
					&(struct ulp_task){ .cq = cq });
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(barriers[0]));
	for (i = 0; i < ARRAY_SIZE(barriers); i++)
		KUNIT_EXPECT_FALSE(test, completion_done(&barriers[i]->ended));

	ulp_release_done(ulp);
	for (i = 0; i < ARRAY_SIZE(barriers); i++) {
		KUNIT_EXPECT_TRUE(test, ulp_task_ended(barriers[i]));
		KUNIT_EXPECT_EQ(test, barriers[i]->ret, 0);
	}
	ulp_expect_all_done(ulp);
}

/* The barrier is gone from this stack before the poll context ends its run */
static void barrier_that_timed_out_is_forgotten(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	stay_on_cpu_0(test);
	ulp_post(ulp, qp, 0, 1);
	KUNIT_ASSERT_TRUE(test, poll_context_is_in_done(ulp, qp));
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, 1), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, list_empty(&cq->barriers.waiting));

	ulp_release_done(ulp);
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/* Several barriers of one caller, all started before the first wait */
static void barriers_of_several_cqs_wait_side_by_side(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cqs[4];
	struct ib_cq_barrier barriers[ARRAY_SIZE(cqs)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cqs); i++) {
		struct ib_qp *qp;

		cqs[i] = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
		qp = ulp_create_rc(ulp, cqs[i], cqs[i]);
		to_fake_cq(cqs[i])->armed = false;
		ulp_post(ulp, qp, 4, 4);
		fake_qp_complete(qp, 4, 4);
	}
	for (i = 0; i < ARRAY_SIZE(cqs); i++)
		ib_cq_barrier_start(&barriers[i], cqs[i]);
	for (i = 0; i < ARRAY_SIZE(cqs); i++)
		KUNIT_EXPECT_EQ(test, ib_cq_barrier_wait(&barriers[i],
							 ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

struct barrier_work {
	struct work_struct work;
	struct ib_cq *cq;
	int ret;
};

static void barrier_work(struct work_struct *work)
{
	struct barrier_work *bw = container_of(work, struct barrier_work, work);

	bw->ret = ib_cq_barrier(bw->cq, ULP_PATIENCE);
}

static void barrier_passes_in_the_workqueue_that_polls(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct barrier_work bw = { .cq = cq, .ret = -EINPROGRESS };

	to_fake_cq(cq)->armed = false;
	ulp_post(ulp, qp, 4, 4);
	fake_qp_complete(qp, 4, 4);
	INIT_WORK_ONSTACK(&bw.work, barrier_work);
	queue_work(cq->comp_wq, &bw.work);
	flush_work(&bw.work);
	destroy_work_on_stack(&bw.work);
	KUNIT_EXPECT_EQ(test, bw.ret, 0);
	ulp_expect_all_done(ulp);
}

static struct kunit_case cq_barrier_cases[] = {
	KUNIT_CASE_PARAM(barrier_passes_on_an_empty_cq, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_consumes_what_is_in_the_cq,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_needs_no_completion_event,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_needs_no_room_in_the_cq, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_passes_only_after_done_returned,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_is_not_passed_by_a_run_that_began_before_it,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_is_not_passed_with_one_that_was_there_before,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_passes_on_a_busy_cq, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(many_barriers_pass_on_one_cq, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_that_timed_out_is_forgotten,
			 drain_polled_gen_params),
	KUNIT_CASE_PARAM(barriers_of_several_cqs_wait_side_by_side,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(barrier_passes_in_the_workqueue_that_polls,
			 drain_matrix_workqueue_gen_params),
	{}
};

static struct kunit_suite cq_barrier_suite = {
	.name = "rdma_cq_barrier",
	.test_cases = cq_barrier_cases,
};

kunit_test_suite(cq_barrier_suite);
