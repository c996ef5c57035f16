// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: how each strategy of the drain learns that a QP is flushed.
 */
#include "drain_test.h"

/*
 * What a drain waits for
 */

/* A drain ends when @release() is called, not when @n requests are done */
static void expect_waits_for(struct ulp *ulp, struct ib_qp *qp, int n,
			     void (*release)(struct ib_qp *qp))
{
	struct ulp_task *drain = ulp_start_drain(ulp, qp);

	KUNIT_EXPECT_TRUE(ulp->test, fake_wait_until(ulp->fake,
						     atomic_read(&ulp->done) == n));
	KUNIT_EXPECT_TRUE(ulp->test, ulp_task_waits(drain));

	release(qp);
	KUNIT_EXPECT_TRUE(ulp->test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/* A drain ends when the done() that is held returns, and not before */
static void expect_waits_for_done(struct ulp *ulp, struct ib_qp *qp,
				  int (*fn)(struct ulp_task *task))
{
	struct ulp_task *drain;

	drain = ulp_start(ulp, fn, &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(ulp->test, fake_wait_until(ulp->fake,
						     atomic_read(&ulp->in_done)));
	KUNIT_EXPECT_TRUE(ulp->test, ulp_task_waits(drain));

	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(ulp->test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/*
 * Marker
 */

static void marker_drain_posts_both_markers_before_it_waits(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct fake_qp *fqp = to_fake_qp(qp);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						READ_ONCE(fqp->sq.markers) == 1 &&
						READ_ONCE(fqp->rq.markers) == 1));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));

	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_EQ(test, fqp->sq.markers, 1);
	KUNIT_EXPECT_EQ(test, fqp->rq.markers, 1);
}

static void marker_drain_ends_when_the_receive_queue_is_flushed_first(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, false);
	expect_waits_for(ulp, qp, 4, fake_qp_release_sq);
}

static void marker_drain_ends_when_the_send_queue_is_flushed_first(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, false, true);
	expect_waits_for(ulp, qp, 4, fake_qp_release_rq);
}

/* Within a queue work completes in order, but not across queues */
static void marker_drain_bears_completions_out_of_order(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	to_fake_qp(qp)->rq_first = true;
	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

/* A marker is the barrier too: its done() comes after all others */
static void marker_drain_waits_for_done(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 2, 2);
	ulp_hold_done(ulp);
	expect_waits_for_done(ulp, qp, ulp_do_drain_qp);
}

static void iwarp_drain_without_the_capability_posts_markers(struct kunit *test)
{
	static const struct fake_config config = {
		.transport = FAKE_IWARP,
		.posts_in_error = true,
	};
	struct ulp *ulp = ulp_create(test, &config);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 1);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.markers, 1);
}

static void infiniband_drain_with_the_capability_posts_markers(struct kunit *test)
{
	static const struct fake_config config = {
		.transport = FAKE_IB,
		.flush_complete = true,
	};
	struct ulp *ulp = ulp_create(test, &config);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 1);
}

/*
 * Flush-complete
 */

static void flush_complete_drain_posts_no_work_request(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	/* It would fail */
	ulp_post(ulp, qp, 4, 4);
	fake_fail(ulp->fake, FAKE_POST_SEND, -ENOTCONN, UINT_MAX);
	fake_fail(ulp->fake, FAKE_POST_RECV, -ENOTCONN, UINT_MAX);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->faults[FAKE_POST_SEND].times, UINT_MAX);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.markers, 0);
	ulp_expect_all_done(ulp);
}

static void flush_complete_drain_works_with_full_queues(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, ULP_MAX_WR, ULP_MAX_WR);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void flush_complete_drain_waits_for_the_provider(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	to_fake_qp(qp)->signal = FAKE_SIGNAL_NEVER;
	ulp_post(ulp, qp, 4, 4);
	expect_waits_for(ulp, qp, 8, fake_qp_signal_flushed);
}

static void flush_complete_drain_waits_for_a_late_flush(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, false);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));

	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

static void flush_complete_drain_of_an_idle_qp_returns(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
}

/* A second life of a QP has a flush of its own */
static void flush_complete_is_armed_anew_by_reset(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, &drain_iwarp);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_recycle_qp(ulp, qp);

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_qp_release(qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/*
 * SRQ
 */

static struct ib_qp *create_srq_qp(struct ulp *ulp, struct ib_cq *cq)
{
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.srq = ulp_create_srq(ulp),
	};

	ulp_post_srq(ulp, attr.srq, 8);
	return ulp_create_qp(ulp, &attr, IB_QPS_RTS);
}

/* @n messages are on their way into work requests of the SRQ */
static void take_srq(struct ulp *ulp, struct ib_qp *qp, unsigned int n)
{
	KUNIT_ASSERT_EQ(ulp->test, fake_qp_take_srq(qp, n), n);
	ulp->posted += n;
}

static void srq_drain_waits_for_the_last_wqe_event(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp *qp = create_srq_qp(ulp, cq);

	to_fake_qp(qp)->no_last_wqe = true;
	ulp_post(ulp, qp, 4, 0);
	take_srq(ulp, qp, 3);
	expect_waits_for(ulp, qp, 7, fake_qp_last_wqe);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.markers, 0);
}

/* The event says that the completions are in the CQ, not that they are done */
static void srq_drain_waits_for_done(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp *qp = create_srq_qp(ulp, cq);

	take_srq(ulp, qp, 3);
	ulp_hold_done(ulp);
	expect_waits_for_done(ulp, qp, ulp_do_drain_qp);
}

static void srq_drain_of_an_idle_qp_returns(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp *qp = create_srq_qp(ulp, cq);

	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
}

static void srq_drain_leaves_the_srq_to_its_other_qps(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp *qp = create_srq_qp(ulp, cq);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.srq = qp->srq,
	};
	struct ib_qp *other = ulp_create_qp(ulp, &attr, IB_QPS_RTS);

	take_srq(ulp, qp, 2);
	take_srq(ulp, other, 2);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->done), 2);
	KUNIT_EXPECT_EQ(test, to_fake_srq(qp->srq)->nr, 4);
	KUNIT_EXPECT_EQ(test, to_fake_qp(other)->state, IB_QPS_RTS);

	fake_qp_complete(other, 0, 2);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) == 4));
}

/* An SRQ for tag matching has a CQ of its own, and the QP's is not used */
static void srq_drain_waits_for_the_srqs_own_cq(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_cq *srq_cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.srq = ulp_create_srq_with_cq(ulp, srq_cq),
	};
	struct ib_qp *qp;

	ulp_post_srq(ulp, attr.srq, 8);
	qp = ulp_create_qp(ulp, &attr, IB_QPS_RTS);
	take_srq(ulp, qp, 3);
	ulp_hold_done(ulp);
	expect_waits_for_done(ulp, qp, ulp_do_drain_qp);
}

/*
 * Count
 */

static struct ib_qp *create_datagram(struct ulp *ulp, enum ib_qp_type type)
{
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp_init_attr attr = {
		.qp_type = type,
		.send_cq = cq,
		.recv_cq = cq,
		.port_num = 1,
	};

	return ulp_create_qp(ulp, &attr, IB_QPS_RTS);
}

struct datagram {
	const char *name;
	enum ib_qp_type type;
};

static const struct datagram datagrams[] = {
	{ "UD", IB_QPT_UD },
	{ "GSI", IB_QPT_GSI },
};

KUNIT_ARRAY_PARAM_DESC(datagram, datagrams, name);

static void datagram_drain_counts_its_send_queue(struct kunit *test)
{
	const struct datagram *param = test->param_value;
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = create_datagram(ulp, param->type);

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, false);
	expect_waits_for(ulp, qp, 4, fake_qp_release);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.markers, 1);
}

static void datagram_drain_waits_for_done(struct kunit *test)
{
	const struct datagram *param = test->param_value;
	struct ulp *ulp = ulp_create(test, &drain_ib);
	struct ib_qp *qp = create_datagram(ulp, param->type);

	ulp_post(ulp, qp, 2, 0);
	ulp_hold_done(ulp);
	expect_waits_for_done(ulp, qp, ulp_do_drain_sq);
}

static void datagram_drain_is_refused_without_a_count(struct kunit *test)
{
	static const struct fake_config config = {
		.transport = FAKE_IB,
		.no_flush_resume = true,
	};
	const struct datagram *param = test->param_value;
	struct ulp *ulp = ulp_create(test, &config);
	struct ib_qp *qp = create_datagram(ulp, param->type);

	ulp_post(ulp, qp, 4, 4);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE),
			-EOPNOTSUPP);
	/* The fake flushes at once, so the barrier has seen all of it */
	ulp_expect_all_done(ulp);
}

/*
 * Software
 */

static void software_drain_does_not_ask_the_provider(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_die(ulp->fake);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->modified_to_err, 0);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.markers, 0);
	ulp_expect_all_done(ulp);
}

static void software_drain_waits_for_done(struct kunit *test)
{
	struct ulp *ulp = ulp_create(test, drain_config(test));
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	ulp_hold_done(ulp);
	fake_die(ulp->fake);
	expect_waits_for_done(ulp, qp, ulp_do_drain_qp);
}

static struct kunit_case drain_strategy_cases[] = {
	KUNIT_CASE(marker_drain_posts_both_markers_before_it_waits),
	KUNIT_CASE(marker_drain_ends_when_the_receive_queue_is_flushed_first),
	KUNIT_CASE(marker_drain_ends_when_the_send_queue_is_flushed_first),
	KUNIT_CASE(marker_drain_bears_completions_out_of_order),
	KUNIT_CASE(marker_drain_waits_for_done),
	KUNIT_CASE(iwarp_drain_without_the_capability_posts_markers),
	KUNIT_CASE(infiniband_drain_with_the_capability_posts_markers),
	KUNIT_CASE(flush_complete_drain_posts_no_work_request),
	KUNIT_CASE(flush_complete_drain_works_with_full_queues),
	KUNIT_CASE(flush_complete_drain_waits_for_the_provider),
	KUNIT_CASE(flush_complete_drain_waits_for_a_late_flush),
	KUNIT_CASE(flush_complete_drain_of_an_idle_qp_returns),
	KUNIT_CASE(flush_complete_is_armed_anew_by_reset),
	KUNIT_CASE_PARAM(srq_drain_waits_for_the_last_wqe_event,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(srq_drain_waits_for_done, drain_transport_gen_params),
	KUNIT_CASE_PARAM(srq_drain_of_an_idle_qp_returns,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(srq_drain_leaves_the_srq_to_its_other_qps,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(srq_drain_waits_for_the_srqs_own_cq,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(datagram_drain_counts_its_send_queue,
			 datagram_gen_params),
	KUNIT_CASE_PARAM(datagram_drain_waits_for_done, datagram_gen_params),
	KUNIT_CASE_PARAM(datagram_drain_is_refused_without_a_count,
			 datagram_gen_params),
	KUNIT_CASE_PARAM(software_drain_does_not_ask_the_provider,
			 drain_transport_gen_params),
	KUNIT_CASE_PARAM(software_drain_waits_for_done,
			 drain_transport_gen_params),
	{}
};

static struct kunit_suite drain_strategy_suite = {
	.name = "rdma_drain_strategies",
	.test_cases = drain_strategy_cases,
};

kunit_test_suite(drain_strategy_suite);

