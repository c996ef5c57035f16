// SPDX-License-Identifier: GPL-2.0
/*
 * How iw_cxgb4 flushes the queues of a kernel QP, when it says so, and that the
 * core's drain can rely on it.
 */
#include <linux/module.h>

#include "hw_ulp.h"
#include "t4_memory.h"

struct flush_case {
	struct t4_memory *mem;
	struct hw_ulp *ulp;
	struct ib_cq *send_cq;
	struct ib_cq *recv_cq;
	struct ib_qp *qp;
};

static int flush_init(struct kunit *test)
{
	const enum ib_poll_context *poll_ctx = test->param_value;
	enum ib_poll_context ctx = poll_ctx ? *poll_ctx : IB_POLL_DIRECT;
	struct flush_case *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	test->priv = c;
	c->mem = t4_memory_create(test);
	c->ulp = hw_ulp_create(test, &c->mem->rhp.ibdev);
	c->send_cq = hw_alloc_cq(c->ulp, ctx);
	c->recv_cq = hw_alloc_cq(c->ulp, ctx);
	c->qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq, c->recv_cq, NULL);
	return 0;
}

static bool flush_complete(struct ib_qp *qp)
{
	return completion_done(&qp->flush_done);
}

static void device_promises_flush_complete(struct kunit *test)
{
	struct flush_case *c = test->priv;

	KUNIT_EXPECT_TRUE(test, c->mem->rhp.ibdev.attrs.kernel_cap_flags &
				IBK_FLUSH_COMPLETE);
}

static void error_flushes_each_request_once(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 5, 4);
	KUNIT_EXPECT_FALSE(test, flush_complete(c->qp));

	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	KUNIT_EXPECT_TRUE(test, flush_complete(c->qp));
	KUNIT_EXPECT_EQ(test, 0, hw_flushed(c->ulp));

	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 9, hw_flushed(c->ulp));
}

static void unsignalled_sends_are_flushed_too(struct kunit *test)
{
	struct flush_case *c = test->priv;
	int i;

	for (i = 0; i < 6; i++)
		KUNIT_ASSERT_EQ(test, 0, hw_post_send(c->ulp, c->qp, i & 1 ?
						      IB_SEND_SIGNALED : 0));
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 6, hw_flushed(c->ulp));
}

static void empty_qp_is_flushed_at_once(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_wc wc;

	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	KUNIT_EXPECT_TRUE(test, flush_complete(c->qp));
	KUNIT_EXPECT_EQ(test, 0, ib_poll_cq(c->send_cq, 1, &wc));
	KUNIT_EXPECT_EQ(test, 0, ib_poll_cq(c->recv_cq, 1, &wc));
}

static void both_queues_flush_into_one_cq(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
					c->send_cq, NULL);

	hw_post(c->ulp, qp, 5, 4);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_ERR));
	KUNIT_EXPECT_TRUE(test, flush_complete(qp));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 9, hw_flushed(c->ulp));
}

/* The connection manager moves the QP to IDLE: the connection is closed */
static int connection_closed(struct ib_qp *qp)
{
	struct c4iw_qp_attributes attrs = {
		.next_state = C4IW_QP_STATE_IDLE,
	};

	return c4iw_modify_qp(to_c4iw_qp(qp)->rhp, to_c4iw_qp(qp),
			      C4IW_QP_ATTR_NEXT_STATE, &attrs, 1);
}

/* It flushes the QP, but that is in IDLE then and not in ERROR */
static void flush_outside_error_is_not_signalled(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 2, 2);
	t4_memory_connect(test, c->qp, C4IW_QP_STATE_CLOSING);
	KUNIT_EXPECT_EQ(test, 0, connection_closed(c->qp));
	KUNIT_EXPECT_FALSE(test, flush_complete(c->qp));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 4, hw_flushed(c->ulp));

	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	KUNIT_EXPECT_TRUE(test, flush_complete(c->qp));
}

/* A drain may be about to look when the late close comes */
static void late_close_does_not_take_the_signal_back(struct kunit *test)
{
	struct flush_case *c = test->priv;

	t4_memory_connect(test, c->qp, C4IW_QP_STATE_CLOSING);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	KUNIT_EXPECT_EQ(test, 0, connection_closed(c->qp));
	KUNIT_EXPECT_EQ(test, C4IW_QP_STATE_IDLE, to_c4iw_qp(c->qp)->attr.state);
	KUNIT_EXPECT_TRUE(test, flush_complete(c->qp));
}

/* The adapter has written completions that nobody has polled yet */
static void completions_before_the_flush_are_kept(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 4, 4);
	t4_memory_complete_send(c->qp, 0);
	t4_memory_complete_send(c->qp, 1);
	t4_memory_complete_recv(c->qp, 1);

	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 3, hw_completed(c->ulp, IB_WC_SUCCESS));
	KUNIT_EXPECT_EQ(test, 5, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

/* A signalled send completes the unsignalled ones before it */
static void completion_covers_unsignalled_sends(struct kunit *test)
{
	struct flush_case *c = test->priv;

	KUNIT_ASSERT_EQ(test, 0, hw_post_send(c->ulp, c->qp, 0));
	KUNIT_ASSERT_EQ(test, 0, hw_post_send(c->ulp, c->qp, 0));
	hw_post(c->ulp, c->qp, 3, 0);
	t4_memory_complete_send(c->qp, 2);

	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 1, hw_completed(c->ulp, IB_WC_SUCCESS));
	KUNIT_EXPECT_EQ(test, 2, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

/* The flush of one QP moves what the CQ holds for another that works on */
static void completions_of_other_qps_are_kept(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *other = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
					   c->recv_cq, NULL);

	hw_post(c->ulp, other, 3, 3);
	t4_memory_complete_send(other, 0);
	t4_memory_complete_recv(other, 1);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 2, hw_completed(c->ulp, IB_WC_SUCCESS));
	hw_expect_pending(c->ulp, other, 2, 2);
	KUNIT_EXPECT_FALSE(test, flush_complete(other));
}

/* For lockdep: the locks of two CQs are taken in one order */
static void cqs_may_be_used_crosswise(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *cross = hw_create_qp(c->ulp, IB_QPT_RC, c->recv_cq,
					   c->send_cq, NULL);

	hw_post(c->ulp, c->qp, 3, 3);
	hw_post(c->ulp, cross, 3, 3);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(cross, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 12, hw_flushed(c->ulp));
}

/* What the adapter says after the flush has been said already */
static void completions_after_the_flush_are_dropped(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 2, 2);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	t4_memory_complete_send(c->qp, 0);
	t4_memory_complete_recv(c->qp, 1);
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 4, hw_flushed(c->ulp));
}

/* Slots and generations wrap around more than once */
static void queues_may_wrap(struct kunit *test)
{
	struct flush_case *c = test->priv;
	unsigned int i, size = to_c4iw_qp(c->qp)->wq.sq.size;

	for (i = 0; i < 2 * size - 2; i++) {
		memset(c->ulp->wr, 0, sizeof(c->ulp->wr));
		c->ulp->posted = 0;
		hw_post(c->ulp, c->qp, 1, 1);
		t4_memory_complete_send(c->qp, i % size);
		t4_memory_complete_recv(c->qp, i + 1);
		hw_consume(c->qp);
		KUNIT_ASSERT_EQ(test, 2, hw_completed(c->ulp, IB_WC_SUCCESS));
	}
	c->ulp->posted = 0;
	memset(c->ulp->wr, 0, sizeof(c->ulp->wr));
	hw_post(c->ulp, c->qp, 8, 8);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

static void pending_counts_until_polled(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_expect_pending_until_polled(c->ulp, c->qp);
}

static void count_event(struct ib_event *event, void *context)
{
	if (event->event == IB_EVENT_QP_LAST_WQE_REACHED)
		++*(int *)context;
}

static void srq_qp_flushes_its_sends_alone(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
					c->recv_cq, hw_create_srq(c->ulp));
	int events = 0;

	qp->registered_event_handler = count_event;
	qp->qp_context = &events;
	hw_post(c->ulp, qp, 3, 0);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_ERR));
	KUNIT_EXPECT_TRUE(test, flush_complete(qp));
	KUNIT_EXPECT_EQ(test, 1, events);
	hw_expect_pending(c->ulp, qp, 3, 0);
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 3, hw_flushed(c->ulp));
}

static void closing_and_terminate_may_go_to_error(struct kunit *test)
{
	static const enum c4iw_qp_state states[] = {
		C4IW_QP_STATE_CLOSING, C4IW_QP_STATE_TERMINATE,
	};
	struct flush_case *c = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
						c->recv_cq, NULL);

		hw_post(c->ulp, qp, 2, 2);
		t4_memory_connect(test, qp, states[i]);
		KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_ERR));
		KUNIT_EXPECT_TRUE(test, flush_complete(qp));
		KUNIT_EXPECT_NULL(test, to_c4iw_qp(qp)->ep);
	}
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 8, hw_flushed(c->ulp));
}

static void user_qp_stays_in_terminate(struct kunit *test)
{
	struct flush_case *c = test->priv;

	t4_memory_connect(test, c->qp, C4IW_QP_STATE_TERMINATE);
	/* That it has one is all that matters */
	c->qp->uobject = (struct ib_uqp_object *)c;
	KUNIT_EXPECT_EQ(test, -EINVAL, hw_modify_qp(c->qp, IB_QPS_ERR));
	KUNIT_EXPECT_FALSE(test, flush_complete(c->qp));
	c->qp->uobject = NULL;
}

/* No answer of the adapter is needed, and none is waited for */
static void connected_qp_of_a_dead_adapter_is_flushed(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 3, 3);
	t4_memory_connect(test, c->qp, C4IW_QP_STATE_RTS);
	set_bit(T4_FATAL_ERROR, &c->mem->rhp.rdev.flags);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 6, hw_flushed(c->ulp));
}

/* Not even those that a QP in ERROR completes by itself */
static void dead_adapter_takes_no_post(struct kunit *test)
{
	struct flush_case *c = test->priv;
	const struct ib_recv_wr *bad_recv = NULL;
	const struct ib_send_wr *bad_send = NULL;
	struct ib_recv_wr recv = {};
	struct ib_send_wr send = { .opcode = IB_WR_SEND };

	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	set_bit(T4_FATAL_ERROR, &c->mem->rhp.rdev.flags);
	KUNIT_EXPECT_EQ(test, -EIO, ib_post_send(c->qp, &send, &bad_send));
	KUNIT_EXPECT_PTR_EQ(test, &send, bad_send);
	KUNIT_EXPECT_EQ(test, -EIO, ib_post_recv(c->qp, &recv, &bad_recv));
	KUNIT_EXPECT_PTR_EQ(test, &recv, bad_recv);
}

static void posts_in_error_still_complete(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 1, 1);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_post(c->ulp, c->qp, 1, 1);
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 4, hw_flushed(c->ulp));
}

static void drain_returns_after_the_last_done(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 16, 16);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 32, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

/* The CQs do not see a completion that the consumer did not ask for */
static void drain_posts_nothing(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct t4_cq *send_cq = &to_c4iw_cq(c->send_cq)->cq;
	struct t4_cq *recv_cq = &to_c4iw_cq(c->recv_cq)->cq;

	hw_post(c->ulp, c->qp, 3, 2);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 3, send_cq->sw_pidx);
	KUNIT_EXPECT_EQ(test, 2, recv_cq->sw_pidx);
}

static void drain_of_a_reused_qp_returns(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 2, 2);
	hw_expect_drains(c->ulp, c->qp);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_RESET));
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 4, hw_flushed(c->ulp));
}

static void drain_of_a_batch_on_one_cq(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qps[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(qps); i++) {
		qps[i] = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
				      c->send_cq, NULL);
		hw_post(c->ulp, qps[i], 4, 4);
	}
	KUNIT_EXPECT_EQ(test, 0, ib_drain_qps(qps, ARRAY_SIZE(qps),
					      HW_PATIENCE));
	KUNIT_EXPECT_EQ(test, 32, hw_flushed(c->ulp));
}

static void drain_of_an_srq_qp(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
					c->recv_cq, hw_create_srq(c->ulp));

	hw_post(c->ulp, qp, 3, 0);
	t4_memory_connect(test, qp, C4IW_QP_STATE_TERMINATE);
	hw_expect_drains(c->ulp, qp);
	KUNIT_EXPECT_EQ(test, 3, hw_flushed(c->ulp));
}

static struct kunit_case cxgb4_flush_cases[] = {
	KUNIT_CASE(device_promises_flush_complete),
	KUNIT_CASE(error_flushes_each_request_once),
	KUNIT_CASE(unsignalled_sends_are_flushed_too),
	KUNIT_CASE(empty_qp_is_flushed_at_once),
	KUNIT_CASE(both_queues_flush_into_one_cq),
	KUNIT_CASE(flush_outside_error_is_not_signalled),
	KUNIT_CASE(late_close_does_not_take_the_signal_back),
	KUNIT_CASE(completions_before_the_flush_are_kept),
	KUNIT_CASE(completion_covers_unsignalled_sends),
	KUNIT_CASE(completions_of_other_qps_are_kept),
	KUNIT_CASE(cqs_may_be_used_crosswise),
	KUNIT_CASE(completions_after_the_flush_are_dropped),
	KUNIT_CASE(queues_may_wrap),
	KUNIT_CASE(pending_counts_until_polled),
	KUNIT_CASE(srq_qp_flushes_its_sends_alone),
	KUNIT_CASE(closing_and_terminate_may_go_to_error),
	KUNIT_CASE(user_qp_stays_in_terminate),
	KUNIT_CASE(connected_qp_of_a_dead_adapter_is_flushed),
	KUNIT_CASE(dead_adapter_takes_no_post),
	KUNIT_CASE(posts_in_error_still_complete),
	KUNIT_CASE_PARAM(drain_returns_after_the_last_done,
			 hw_poll_context_gen_params),
	KUNIT_CASE(drain_posts_nothing),
	KUNIT_CASE_PARAM(drain_of_a_reused_qp_returns,
			 hw_poll_context_gen_params),
	KUNIT_CASE_PARAM(drain_of_a_batch_on_one_cq,
			 hw_poll_context_gen_params),
	KUNIT_CASE_PARAM(drain_of_an_srq_qp, hw_poll_context_gen_params),
	{}
};

static struct kunit_suite cxgb4_flush_suite = {
	.name = "cxgb4_flush",
	.init = flush_init,
	.test_cases = cxgb4_flush_cases,
};

kunit_test_suite(cxgb4_flush_suite);

MODULE_DESCRIPTION("KUnit tests of iw_cxgb4's flush");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
