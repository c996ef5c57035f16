// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: what can be drained, from where, and how CQs are laid out.
 */
#include "drain_test.h"

#define MANY_QPS	8

static struct ulp *create_param_ulp(struct kunit *test)
{
	const struct drain_ctx *param = test->param_value;

	return ulp_create(test, param->config);
}

/*
 * Layout of CQs, in every poll context
 */

static void drain_with_one_cq(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, drain_poll_ctx(test));

	ulp_post(ulp, qp, 8, 8);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->flushed), ulp->posted);
}

static void drain_with_two_cqs(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *send_cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_cq *recv_cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, send_cq, recv_cq);

	ulp_post(ulp, qp, 8, 8);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
}

/* As ib_srp has it: receives in a softirq, sends polled by the ULP */
static void drain_with_a_direct_send_cq(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *send_cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_DIRECT);
	struct ib_cq *recv_cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, send_cq, recv_cq);

	ulp_post(ulp, qp, 8, 8);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
}

static void drain_with_a_cq_that_many_qps_share(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *cq = ulp_alloc_cq(ulp, 2 * ULP_MAX_WR * MANY_QPS,
					drain_poll_ctx(test));
	struct ib_qp *qps[MANY_QPS];
	unsigned int i;

	for (i = 0; i < MANY_QPS; i++) {
		qps[i] = ulp_create_rc(ulp, cq, cq);
		ulp_post(ulp, qps[i], 4, 4);
	}
	for (i = 0; i < MANY_QPS; i++) {
		KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qps[i], ULP_PATIENCE),
				0);
		KUNIT_EXPECT_EQ(test, atomic_read(&ulp->done), 8 * (i + 1));
	}
	KUNIT_EXPECT_EQ(test, to_fake_cq(cq)->nr, 0);
}

static void drain_takes_a_cq_of_the_pool(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *cq;
	struct ib_qp_init_attr attr = { .qp_type = IB_QPT_RC };
	struct ib_qp *qp;

	cq = ib_cq_pool_get(&ulp->fake->ibdev, ULP_CQE, 0, drain_poll_ctx(test));
	KUNIT_ASSERT_FALSE(test, IS_ERR(cq));
	attr.send_cq = cq;
	attr.recv_cq = cq;
	qp = ulp_create_qp(ulp, &attr, IB_QPS_RTS);
	ulp_post(ulp, qp, 8, 8);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
	ulp_destroy_qp(ulp, qp);
	ib_cq_pool_put(cq, ULP_CQE);
}

/*
 * States
 */

struct state {
	const char *name;
	const struct fake_config *config;
	enum ib_qp_state state;
	unsigned int sends;
	unsigned int recvs;
};

static const struct state states[] = {
	{ "infiniband_RESET", &drain_ib, IB_QPS_RESET, 0, 0 },
	{ "infiniband_INIT", &drain_ib, IB_QPS_INIT, 0, 4 },
	{ "infiniband_RTR", &drain_ib, IB_QPS_RTR, 0, 4 },
	{ "infiniband_RTS", &drain_ib, IB_QPS_RTS, 4, 4 },
	{ "infiniband_SQD", &drain_ib, IB_QPS_SQD, 4, 4 },
	{ "infiniband_SQE", &drain_ib, IB_QPS_SQE, 4, 4 },
	{ "infiniband_ERR", &drain_ib, IB_QPS_ERR, 4, 4 },
	{ "iwarp_IDLE", &drain_iwarp, IB_QPS_RESET, 0, 0 },
	{ "iwarp_RTS", &drain_iwarp, IB_QPS_RTS, 4, 4 },
	{ "iwarp_CLOSING", &drain_iwarp, IB_QPS_SQD, 4, 4 },
	{ "iwarp_TERMINATE", &drain_iwarp, IB_QPS_SQE, 4, 4 },
	{ "iwarp_ERROR", &drain_iwarp, IB_QPS_ERR, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(state, states, name);

static void drain_from_every_state(struct kunit *test)
{
	const struct state *param = test->param_value;
	struct ulp *ulp = ulp_create(test, param->config);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
	};
	struct ib_qp *qp = ulp_create_qp(ulp, &attr, param->state);

	ulp_post(ulp, qp, param->sends, param->recvs);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->state,
			param->state == IB_QPS_RESET &&
			param->config->transport != FAKE_IWARP ?
			IB_QPS_RESET : IB_QPS_ERR);
}

/* What had completed before the QP was reset is still the consumer's */
static void drain_in_reset_waits_for_done(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 1, 0);
	ulp_hold_done(ulp);
	fake_qp_complete(qp, 1, 0);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->in_done)));
	KUNIT_ASSERT_EQ(test, ulp_modify_qp(qp, IB_QPS_RESET), 0);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/*
 * Full queues
 */

static void drain_with_full_send_and_receive_queues(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, drain_poll_ctx(test));

	ulp_post(ulp, qp, ULP_MAX_WR, ULP_MAX_WR);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/* The flush makes room only when the test says so */
static void drain_waits_for_room_in_a_full_send_queue(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, drain_poll_ctx(test));
	struct ulp_task *drain;

	ulp_post(ulp, qp, ULP_MAX_WR, 0);
	fake_qp_hold(qp, true, false);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 0);
	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/* A queue without a single entry never has room, and nothing to drain */
static void drain_does_not_wait_for_room_that_cannot_come(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	to_fake_qp(qp)->rq.max = 0;
	ulp_post(ulp, qp, 4, 0);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void drain_resumes_a_flush_that_stopped_at_a_full_cq(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *cq = ulp_alloc_cq(ulp, 8, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	ulp->fake->stop_at_full_cq = true;
	ulp_post(ulp, qp, 12, 12);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_FALSE(test, to_fake_cq(cq)->overflowed);
}

/* A CQ that was too small has lost completions for good */
static void bounded_drain_survives_a_cq_that_overflowed(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *cq = ulp_alloc_cq(ulp, 4, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct ulp_task args = { .qp = qp, .timeout = HZ / 5 };
	struct ulp_task *drain;

	to_fake_cq(cq)->armed = false;
	ulp_post(ulp, qp, 8, 8);
	drain = ulp_start(ulp, ulp_do_drain_timeout, &args);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_TRUE(test, to_fake_cq(cq)->overflowed);
	KUNIT_EXPECT_EQ(test, drain->ret, -ETIMEDOUT);
}

/*
 * Types of QPs
 */

static void drain_of_an_unreliable_connection(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_UC,
		.send_cq = cq,
		.recv_cq = cq,
	};
	struct ib_qp *qp = ulp_create_qp(ulp, &attr, IB_QPS_RTS);

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void drain_of_an_xrc_initiator_has_no_receive_side(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_XRC_INI,
		.send_cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE),
	};
	struct ib_qp *qp = ulp_create_qp(ulp, &attr, IB_QPS_RTS);

	ulp_post(ulp, qp, 4, 0);
	fake_fail(ulp->fake, FAKE_POST_RECV, -EINVAL, UINT_MAX);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.markers, 0);
	ulp_expect_all_done(ulp);

	/* nor does the unbounded one look at the CQ that is not there */
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
}

static void drain_of_an_xrc_target_only_moves_it_to_err(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp_init_attr attr = { .qp_type = IB_QPT_XRC_TGT };
	struct ib_qp *qp = ulp_create_qp(ulp, &attr, IB_QPS_RTR);

	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->state, IB_QPS_ERR);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
}

/*
 * One queue alone
 */

static void drain_sq_does_not_wait_for_the_receive_queue(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, false, true);
	drain = ulp_start(ulp, ulp_do_drain_sq, &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->done), 4);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.markers, 0);
	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) == 8));
}

static void drain_rq_does_not_wait_for_the_send_queue(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, false);
	drain = ulp_start(ulp, ulp_do_drain_rq, &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->done), 4);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 0);
	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) == 8));
}

/* Both wait: the provider's flush is of the whole QP */
static void drain_of_one_queue_over_iwarp(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task args = { .qp = qp };

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(ulp_start(ulp, ulp_do_drain_sq,
							 &args)));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(ulp_start(ulp, ulp_do_drain_rq,
							 &args)));
	ulp_expect_all_done(ulp);
}

/*
 * Several drains
 */

static void concurrent_drains_of_one_qp_all_wait(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, drain_poll_ctx(test));
	struct ulp_task *drains[4];
	unsigned int i;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	for (i = 0; i < ARRAY_SIZE(drains); i++)
		drains[i] = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drains[0]));
	for (i = 0; i < ARRAY_SIZE(drains); i++)
		KUNIT_EXPECT_FALSE(test, completion_done(&drains[i]->ended));
	fake_qp_release(qp);
	for (i = 0; i < ARRAY_SIZE(drains); i++)
		KUNIT_EXPECT_TRUE(test, ulp_task_ended(drains[i]));
	ulp_expect_all_done(ulp);
}

static void drain_can_be_called_twice(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, drain_poll_ctx(test));

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void drain_of_a_qp_that_lives_again(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, drain_poll_ctx(test));
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ulp_post(ulp, qp, 4, 4);
		KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
		ulp_expect_all_done(ulp);
		ulp_recycle_qp(ulp, qp);
	}
}

struct drain_work {
	struct work_struct work;
	struct ib_qp *qp;
	int ret;
};

static void drain_work(struct work_struct *work)
{
	struct drain_work *dw = container_of(work, struct drain_work, work);

	dw->ret = ib_drain_qp_timeout(dw->qp, ULP_PATIENCE);
}

static void drain_in_the_workqueue_that_polls(struct kunit *test)
{
	struct ulp *ulp = create_param_ulp(test);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	struct drain_work dw = { .qp = qp, .ret = -EINPROGRESS };

	ulp_post(ulp, qp, 4, 4);
	INIT_WORK_ONSTACK(&dw.work, drain_work);
	queue_work(cq->comp_wq, &dw.work);
	flush_work(&dw.work);
	destroy_work_on_stack(&dw.work);
	KUNIT_EXPECT_EQ(test, dw.ret, 0);
	ulp_expect_all_done(ulp);
}

/*
 * A provider with a drain of its own
 */

static void providers_own_drain_is_called_if_there_is_no_bound(struct kunit *test)
{
	static const struct fake_config config = {
		.transport = FAKE_IB,
		.own_drain = true,
	};
	struct ulp *ulp = ulp_create(test, &config);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 0);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 1);
	ulp_expect_all_done(ulp);
}

static struct kunit_case drain_qp_cases[] = {
	KUNIT_CASE_PARAM(drain_with_one_cq, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_with_two_cqs, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_with_a_direct_send_cq, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_with_a_cq_that_many_qps_share,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_takes_a_cq_of_the_pool,
			 drain_matrix_polled_gen_params),
	KUNIT_CASE_PARAM(drain_from_every_state, state_gen_params),
	KUNIT_CASE(drain_in_reset_waits_for_done),
	KUNIT_CASE_PARAM(drain_with_full_send_and_receive_queues,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_waits_for_room_in_a_full_send_queue,
			 drain_ctx_gen_params),
	KUNIT_CASE(drain_does_not_wait_for_room_that_cannot_come),
	KUNIT_CASE_PARAM(drain_resumes_a_flush_that_stopped_at_a_full_cq,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(bounded_drain_survives_a_cq_that_overflowed,
			 drain_matrix_gen_params),
	KUNIT_CASE(drain_of_an_unreliable_connection),
	KUNIT_CASE(drain_of_an_xrc_initiator_has_no_receive_side),
	KUNIT_CASE(drain_of_an_xrc_target_only_moves_it_to_err),
	KUNIT_CASE(drain_sq_does_not_wait_for_the_receive_queue),
	KUNIT_CASE(drain_rq_does_not_wait_for_the_send_queue),
	KUNIT_CASE(drain_of_one_queue_over_iwarp),
	KUNIT_CASE_PARAM(concurrent_drains_of_one_qp_all_wait,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_can_be_called_twice, drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_of_a_qp_that_lives_again,
			 drain_matrix_gen_params),
	KUNIT_CASE_PARAM(drain_in_the_workqueue_that_polls,
			 drain_matrix_workqueue_gen_params),
	KUNIT_CASE(providers_own_drain_is_called_if_there_is_no_bound),
	{}
};

static struct kunit_suite drain_qp_suite = {
	.name = "rdma_drain",
	.test_cases = drain_qp_cases,
};

kunit_test_suite(drain_qp_suite);
