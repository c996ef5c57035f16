// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: what a drain does when the provider fails, hangs, forgets or
 * dies, what it leaves behind, and what it tells the administrator.
 */
#include "drain_test.h"

#define SHORT_BOUND	msecs_to_jiffies(100)

static s64 counter(struct ulp *ulp, enum ib_drain_counter which)
{
	return atomic64_read(&ulp->fake->ibdev.drain.counters[which]);
}

/*
 * Verbs that fail or hang
 */

static void drain_reports_a_failed_move_to_err(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_fail(ulp->fake, FAKE_MODIFY_QP, -EPERM, UINT_MAX);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), -EPERM);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_FAILED), 1);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_COMPLETED), 0);
	/* and the unbounded one returns as well */
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_FAILED), 2);
}

/* Even then, what is in the CQ is the consumer's */
static void drain_waits_for_done_after_a_failed_move_to_err(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 1, 0);
	ulp_hold_done(ulp);
	fake_qp_complete(qp, 1, 0);
	fake_fail(ulp->fake, FAKE_MODIFY_QP, -EPERM, UINT_MAX);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

static void drain_waits_while_the_move_to_err_hangs(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_hang(ulp->fake, FAKE_MODIFY_QP);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_MODIFY_QP));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_resume(ulp->fake, FAKE_MODIFY_QP);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

struct post_fault {
	const char *name;
	enum fake_verb verb;
	int err;
	unsigned int times;
	int ret;
};

static const struct post_fault post_faults[] = {
	{ "send_for_good", FAKE_POST_SEND, -EINVAL, UINT_MAX, -EINVAL },
	{ "receive_for_good", FAKE_POST_RECV, -EINVAL, UINT_MAX, -EINVAL },
	{ "send_full_for_a_while", FAKE_POST_SEND, -ENOMEM, 3, 0 },
	{ "receive_full_for_a_while", FAKE_POST_RECV, -ENOMEM, 3, 0 },
	{ "send_busy_for_a_while", FAKE_POST_SEND, -EAGAIN, 3, 0 },
	{ "receive_busy_for_a_while", FAKE_POST_RECV, -EAGAIN, 3, 0 },
};

KUNIT_ARRAY_PARAM_DESC(post_fault, post_faults, name);

static void drain_survives_a_marker_that_cannot_be_posted(struct kunit *test)
{
	const struct post_fault *param = test->param_value;
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_fail(ulp->fake, param->verb, param->err, param->times);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE),
			param->ret);
	ulp_expect_all_done(ulp);
}

/* The side that can be drained is, whatever becomes of the other */
static void drain_waits_for_the_side_that_has_its_marker(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_fail(ulp->fake, FAKE_POST_SEND, -EINVAL, UINT_MAX);
	fake_qp_hold(qp, false, true);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/*
 * Each thing that a drain can wait for
 */

struct wait {
	const char *name;
	const struct fake_config *config;
	void (*prepare)(struct ulp *ulp, struct ib_qp *qp);
	enum ib_qp_type type;
	bool srq;
};

static void hold_sq(struct ulp *ulp, struct ib_qp *qp)
{
	fake_qp_hold(qp, true, false);
}

static void hold_rq(struct ulp *ulp, struct ib_qp *qp)
{
	fake_qp_hold(qp, false, true);
}

static void lose_marker(struct ulp *ulp, struct ib_qp *qp)
{
	to_fake_qp(qp)->sq.lose_markers = 1;
}

static void lose_flush(struct ulp *ulp, struct ib_qp *qp)
{
	to_fake_qp(qp)->rq.lose = 2;
}

static void no_room(struct ulp *ulp, struct ib_qp *qp)
{
	fake_qp_hold(qp, true, false);
	to_fake_qp(qp)->sq.max = to_fake_qp(qp)->sq.used;
}

static void no_signal(struct ulp *ulp, struct ib_qp *qp)
{
	to_fake_qp(qp)->signal = FAKE_SIGNAL_NEVER;
}

static void no_event(struct ulp *ulp, struct ib_qp *qp)
{
	to_fake_qp(qp)->no_last_wqe = true;
}

static void stay_in_done(struct ulp *ulp, struct ib_qp *qp)
{
	ulp_hold_done(ulp);
}

static const struct wait waits[] = {
	{ "send_marker", &drain_ib, hold_sq, IB_QPT_RC },
	{ "receive_marker", &drain_ib, hold_rq, IB_QPT_RC },
	{ "lost_marker", &drain_ib, lose_marker, IB_QPT_RC },
	{ "room_for_a_marker", &drain_ib, no_room, IB_QPT_RC },
	{ "flush", &drain_iwarp, hold_sq, IB_QPT_RC },
	{ "lost_flushes", &drain_iwarp, lose_flush, IB_QPT_RC },
	{ "flush_signal", &drain_iwarp, no_signal, IB_QPT_RC },
	{ "last_wqe_event", &drain_ib, no_event, IB_QPT_RC, true },
	{ "last_wqe_event_over_iwarp", &drain_iwarp, no_event, IB_QPT_RC, true },
	{ "count", &drain_ib, hold_sq, IB_QPT_UD },
	{ "consumer", &drain_ib, stay_in_done, IB_QPT_RC },
	{ "consumer_over_iwarp", &drain_iwarp, stay_in_done, IB_QPT_RC },
};

KUNIT_ARRAY_PARAM_DESC(wait, waits, name);

/* A QP with work to flush, and something that keeps a drain of it waiting */
static struct ib_qp *create_waiting(struct kunit *test)
{
	const struct wait *param = test->param_value;
	struct ulp *ulp = ulp_create(test, param->config);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp_init_attr attr = {
		.qp_type = param->type,
		.send_cq = cq,
		.recv_cq = cq,
		.srq = param->srq ? ulp_create_srq(ulp) : NULL,
	};
	struct ib_qp *qp = ulp_create_qp(ulp, &attr, IB_QPS_RTS);

	ulp_post(ulp, qp, 4, param->srq ? 0 : 4);
	param->prepare(ulp, qp);
	return qp;
}

static void bounded_drain_times_out(struct kunit *test)
{
	struct ib_qp *qp = create_waiting(test);
	struct ulp *ulp = test->priv;

	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, SHORT_BOUND), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_TIMED_OUT), 1);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_STALLED), 0);

	/* The fault passes, and a second drain finds all of it */
	ulp_release_done(ulp);
	fake_heal(ulp->fake);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_COMPLETED), 1);
	ulp_expect_all_done(ulp);
}

static void bounded_drain_without_time_does_not_wait(struct kunit *test)
{
	struct ib_qp *qp = create_waiting(test);

	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->state, IB_QPS_ERR);
}

static void unbounded_drain_reports_that_it_stalls(struct kunit *test)
{
	struct ib_qp *qp = create_waiting(test);
	struct ulp *ulp = test->priv;
	struct ulp_task *drain;

	ulp->fake->ibdev.drain.stall_ms = 20;
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_poll_until(counter(ulp, IB_DRAIN_STALLED)));
	KUNIT_EXPECT_FALSE(test, completion_done(&drain->ended));

	ulp_release_done(ulp);
	fake_heal(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_COMPLETED), 1);
	ulp_expect_all_done(ulp);
}

static void death_of_the_device_ends_a_drain(struct kunit *test)
{
	struct ib_qp *qp = create_waiting(test);
	struct ulp *ulp = test->priv;
	struct ulp_task *drain = ulp_start_drain(ulp, qp);

	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	ulp_release_done(ulp);
	fake_die(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/*
 * Death of the device
 */

/* No matter what was said: after the death all is said */
static void death_of_the_device_ends_a_bounded_drain_early(struct kunit *test)
{
	struct ib_qp *qp = create_waiting(test);
	struct ulp *ulp = test->priv;
	struct ulp_task args = { .qp = qp, .timeout = 2 * ULP_PATIENCE };
	struct ulp_task *drain = ulp_start(ulp, ulp_do_drain_timeout, &args);

	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	ulp_release_done(ulp);
	fake_die(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, drain->ret, 0);
}

static void death_of_the_device_ends_a_hung_move_to_err(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task args = { .qp = qp, .timeout = ULP_PATIENCE };
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_hang(ulp->fake, FAKE_MODIFY_QP);
	drain = ulp_start(ulp, ulp_do_drain_timeout, &args);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_MODIFY_QP));
	fake_die(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, drain->ret, 0);
	ulp_expect_all_done(ulp);
}

static void death_without_a_word_ends_a_drain_that_asks(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_die_unannounced(ulp->fake);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/* A flush in software completes more than the CQ was made for */
static void software_drain_runs_the_cq_dry(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, 1, drain_poll_ctx(test));
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.cap = { .max_send_wr = 600 },
	};
	struct ib_qp *first = ulp_create_qp(ulp, &attr, IB_QPS_RTS);
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	to_fake_cq(cq)->armed = false;
	ulp_post(ulp, first, 600, 0);
	ulp_post(ulp, qp, 4, 4);
	fake_die(ulp->fake);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/*
 * What a drain that timed out leaves behind
 */

/* A drain loses so many of its markers, and gives up */
static void orphan_markers(struct kunit *test, struct ib_qp *qp,
			   unsigned int sends, unsigned int recvs)
{
	to_fake_qp(qp)->sq.lose_markers = sends;
	to_fake_qp(qp)->rq.lose_markers = recvs;
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, SHORT_BOUND), -ETIMEDOUT);
}

static void expect_orphans_complete(struct kunit *test, struct ib_cq *cq,
				    unsigned int n)
{
	KUNIT_EXPECT_EQ(test, fake_cq_deliver_lost(cq), n);
	KUNIT_EXPECT_EQ(test, ib_cq_barrier(cq, ULP_PATIENCE), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&cq->barriers.orphans));
}

static void lost_marker_is_an_orphan_until_it_completes(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	orphan_markers(test, qp, 1, 1);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_ORPHANED), 2);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&cq->barriers.orphans), 2);

	expect_orphans_complete(test, cq, 2);
}

static void orphan_of_a_destroyed_qp_may_still_complete(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	orphan_markers(test, qp, 1, 0);
	ulp_destroy_qp(ulp, qp);
	expect_orphans_complete(test, cq, 1);
}

/* Nothing is left for it to complete: kmemleak would find the marker */
static void orphan_goes_with_its_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	orphan_markers(test, qp, 1, 1);
	ulp_destroy_qp(ulp, qp);
	ulp_free_cq(ulp, cq);
}

/* Its two markers are in two CQs; the first to go must not take the other */
static void orphans_of_one_drain_go_with_their_own_cqs(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *send_cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_cq *recv_cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, send_cq, recv_cq);

	orphan_markers(test, qp, 1, 1);
	ulp_destroy_qp(ulp, qp);
	ulp_free_cq(ulp, send_cq);
	expect_orphans_complete(test, recv_cq, 1);
}

/* Again and again, and then all of them complete at once */
static void drain_can_time_out_many_times(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, drain_poll_ctx(test));
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);
	unsigned int i;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	for (i = 1; i <= 5; i++) {
		KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, 1), -ETIMEDOUT);
		KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_ORPHANED), 2 * i);
	}
	fake_qp_release(qp);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_TRUE(test, list_empty(&cq->barriers.orphans));
}

/*
 * Counters and reports
 */

static void drain_counts_what_it_did(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_COMPLETED), 2);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_FAILED), 0);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_TIMED_OUT), 0);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_STALLED), 0);
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_ORPHANED), 0);
}

static void stall_is_not_reported_if_the_administrator_says_so(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp->fake->ibdev.drain.stall_ms = 0;
	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	drain = ulp_start_drain(ulp, qp);
	msleep(300);
	KUNIT_EXPECT_FALSE(test, completion_done(&drain->ended));
	KUNIT_EXPECT_EQ(test, counter(ulp, IB_DRAIN_STALLED), 0);
}

static struct kunit_case drain_error_cases[] = {
	KUNIT_CASE_PARAM(drain_reports_a_failed_move_to_err,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(drain_waits_for_done_after_a_failed_move_to_err,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(drain_waits_while_the_move_to_err_hangs,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(drain_survives_a_marker_that_cannot_be_posted,
			 post_fault_gen_params),
	KUNIT_CASE(drain_waits_for_the_side_that_has_its_marker),
	KUNIT_CASE_PARAM(bounded_drain_times_out, wait_gen_params),
	KUNIT_CASE_PARAM(bounded_drain_without_time_does_not_wait,
			 wait_gen_params),
	KUNIT_CASE_PARAM(unbounded_drain_reports_that_it_stalls,
			 wait_gen_params),
	KUNIT_CASE_PARAM(death_of_the_device_ends_a_drain, wait_gen_params),
	KUNIT_CASE_PARAM(death_of_the_device_ends_a_bounded_drain_early,
			 wait_gen_params),
	KUNIT_CASE_PARAM(death_of_the_device_ends_a_hung_move_to_err,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(death_without_a_word_ends_a_drain_that_asks,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(software_drain_runs_the_cq_dry, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(lost_marker_is_an_orphan_until_it_completes,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(orphan_of_a_destroyed_qp_may_still_complete,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(orphan_goes_with_its_cq, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(orphans_of_one_drain_go_with_their_own_cqs,
			 drain_ctx_gen_params),
	KUNIT_CASE_PARAM(drain_can_time_out_many_times, drain_ctx_gen_params),
	KUNIT_CASE_PARAM(drain_counts_what_it_did, drain_transport_gen_params),
	KUNIT_CASE_PARAM(stall_is_not_reported_if_the_administrator_says_so,
			 drain_transport_gen_params),
	{}
};

static struct kunit_suite drain_error_suite = {
	.name = "rdma_drain_errors",
	.test_cases = drain_error_cases,
};

kunit_test_suite(drain_error_suite);
