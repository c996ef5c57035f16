// SPDX-License-Identifier: GPL-2.0
/*
 * What the core's drain needs of mlx4_ib, on a device that works, that hangs
 * and that is in internal error.
 */
#include <linux/module.h>

#include "hw_ulp.h"
#include "mlx4_memory.h"

struct flush_case {
	struct mlx4_memory *mem;
	struct ib_device *ibdev;
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
	struct mlx4_ib_ah *ah = kunit_kzalloc(test, sizeof(*ah), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	KUNIT_ASSERT_NOT_NULL(test, ah);
	test->priv = c;
	c->mem = mlx4_memory_create(test);
	c->ibdev = &c->mem->ibdev.ib_dev;
	c->ulp = hw_ulp_create(test, c->ibdev);
	c->ulp->ah = &ah->ibah;
	c->send_cq = hw_alloc_cq(c->ulp, ctx);
	c->recv_cq = hw_alloc_cq(c->ulp, ctx);
	c->qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq, c->recv_cq, NULL);
	KUNIT_ASSERT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_INIT));
	return 0;
}

static bool flushes_in_software(struct flush_case *c)
{
	return READ_ONCE(c->ibdev->flushes_in_software);
}

static unsigned long orphans(struct flush_case *c)
{
	return atomic64_read(&c->ibdev->drain.counters[IB_DRAIN_ORPHANED]);
}

static void driver_has_no_drain_of_its_own(struct kunit *test)
{
	struct flush_case *c = test->priv;

	KUNIT_EXPECT_NULL(test, c->ibdev->ops.drain_sq);
	KUNIT_EXPECT_NULL(test, c->ibdev->ops.drain_rq);
}

static void pending_counts_until_polled(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_expect_pending_until_polled(c->ulp, c->qp);
}

static void pending_counts_across_the_wrap(struct kunit *test)
{
	struct flush_case *c = test->priv;

	mlx4_memory_start_at(c->qp, UINT_MAX - 1);
	hw_post(c->ulp, c->qp, 5, 4);
	hw_expect_pending(c->ulp, c->qp, 5, 4);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 9, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

/* mlx4_ib posts for RoCE v2 to a QP of which the owner of the GSI QP is unaware */
static void pending_of_gsi_counts_its_shadow(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct mlx4_ib_sqp *sqp = kunit_kzalloc(test, sizeof(*sqp), GFP_KERNEL);
	struct ib_qp *gsi, *shadow;

	KUNIT_ASSERT_NOT_NULL(test, sqp);
	gsi = hw_create_qp(c->ulp, IB_QPT_GSI, c->send_cq, c->recv_cq, NULL);
	shadow = hw_create_qp(c->ulp, IB_QPT_UD, c->send_cq, c->recv_cq, NULL);
	to_mqp(gsi)->sqp = sqp;
	hw_post(c->ulp, shadow, 3, 0);
	hw_expect_pending(c->ulp, gsi, 0, 0);
	sqp->roce_v2_gsi = shadow;
	hw_expect_pending(c->ulp, gsi, 3, 0);
}

static void dead_device_flushes_each_request_once(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_wc wc[4];

	hw_post(c->ulp, c->qp, 5, 4);
	mlx4_memory_die(c->mem);
	KUNIT_EXPECT_EQ(test, 4, ib_poll_cq(c->send_cq, 4, wc));
	KUNIT_EXPECT_EQ(test, IB_WC_WR_FLUSH_ERR, wc[0].status);
	KUNIT_EXPECT_PTR_EQ(test, &c->ulp->wr[0].cqe, wc[0].wr_cqe);
	KUNIT_EXPECT_PTR_EQ(test, &c->ulp->wr[3].cqe, wc[3].wr_cqe);
	KUNIT_EXPECT_EQ(test, 1, ib_poll_cq(c->send_cq, 4, wc));
	KUNIT_EXPECT_EQ(test, 0, ib_poll_cq(c->send_cq, 4, wc));
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 4, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

static void dead_device_flushes_all_qps_of_a_cq(struct kunit *test)
{
	struct flush_case *c = test->priv;
	enum ib_qp_type types[] = { IB_QPT_RC, IB_QPT_UD, IB_QPT_UC };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct ib_qp *qp = hw_create_qp(c->ulp, types[i], c->send_cq,
						c->send_cq, NULL);

		mlx4_memory_start_at(qp, UINT_MAX - i);
		hw_post(c->ulp, qp, 6, 6);
	}
	mlx4_memory_die(c->mem);
	hw_consume(c->qp);
	KUNIT_EXPECT_EQ(test, 36, hw_flushed(c->ulp));
}

/* What it has completed is in the CQ, in its own words */
static void dead_device_has_done_what_it_has_done(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_wc wc[6];
	unsigned int i;

	hw_post(c->ulp, c->qp, 3, 0);
	KUNIT_EXPECT_EQ(test, 0, hw_modify_qp(c->qp, IB_QPS_ERR));
	c->mem->hung = true;
	hw_post(c->ulp, c->qp, 2, 0);
	mlx4_memory_die(c->mem);
	KUNIT_ASSERT_EQ(test, 5, ib_poll_cq(c->send_cq, ARRAY_SIZE(wc), wc));
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_PTR_EQ(test, &c->ulp->wr[i].cqe, wc[i].wr_cqe);
		KUNIT_EXPECT_EQ(test, i < 3 ? 0 : MLX4_CQE_SYNDROME_WR_FLUSH_ERR,
				wc[i].vendor_err);
	}
	KUNIT_EXPECT_EQ(test, 0, ib_poll_cq(c->send_cq, ARRAY_SIZE(wc), wc));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

static void dead_device_takes_no_post(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_srq *srq = hw_create_srq(c->ulp);
	struct ib_send_wr swr = { .opcode = IB_WR_SEND };
	struct ib_recv_wr rwr = {};
	const struct ib_send_wr *bad_swr = NULL;
	const struct ib_recv_wr *bad_rwr = NULL;

	mlx4_memory_die(c->mem);
	KUNIT_EXPECT_EQ(test, -EIO, ib_post_send(c->qp, &swr, &bad_swr));
	KUNIT_EXPECT_PTR_EQ(test, bad_swr, &swr);
	KUNIT_EXPECT_EQ(test, -EIO, ib_post_recv(c->qp, &rwr, &bad_rwr));
	KUNIT_EXPECT_PTR_EQ(test, bad_rwr, &rwr);
	bad_rwr = NULL;
	KUNIT_EXPECT_EQ(test, -EIO, ib_post_srq_recv(srq, &rwr, &bad_rwr));
	KUNIT_EXPECT_PTR_EQ(test, bad_rwr, &rwr);
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

static void error_event_announces_the_software_flush(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_expect_pending(c->ulp, c->qp, 0, 0);
	KUNIT_EXPECT_FALSE(test, flushes_in_software(c));
	mlx4_memory_die(c->mem);
	KUNIT_EXPECT_TRUE(test, flushes_in_software(c));
}

/* mlx4_ib unregisters from the events before its device */
static void removed_device_announces_it_on_request(struct kunit *test)
{
	struct flush_case *c = test->priv;

	c->mem->removed = true;
	mlx4_memory_die(c->mem);
	KUNIT_EXPECT_FALSE(test, flushes_in_software(c));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
	KUNIT_EXPECT_TRUE(test, flushes_in_software(c));
}

/* A consumer that does not drain sees its flushes as well */
static void error_event_wakes_the_consumer(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_cq *cq = hw_alloc_cq(c->ulp, IB_POLL_WORKQUEUE);
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, cq, cq, NULL);

	hw_post(c->ulp, qp, 4, 4);
	mlx4_memory_die(c->mem);
	flush_work(&cq->work);
	KUNIT_EXPECT_EQ(test, 8, hw_flushed(c->ulp));
}

static void drain_returns_after_the_last_done(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 8, 8);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
	KUNIT_EXPECT_FALSE(test, flushes_in_software(c));
}

static void drain_of_a_full_queue_pair(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, to_mqp(c->qp)->sq.max_post,
		to_mqp(c->qp)->rq.max_post);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, c->ulp->posted, hw_flushed(c->ulp));
}

static void drain_of_a_datagram_qp(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_UD, c->send_cq,
					c->recv_cq, NULL);

	KUNIT_ASSERT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_INIT));
	hw_post(c->ulp, qp, 8, 8);
	hw_expect_drains(c->ulp, qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
}

static void drain_of_an_srq_qp(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
					c->recv_cq, hw_create_srq(c->ulp));

	KUNIT_ASSERT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_RTS));
	hw_post(c->ulp, qp, 8, 0);
	hw_expect_drains(c->ulp, qp);
	KUNIT_EXPECT_EQ(test, 8, hw_flushed(c->ulp));
}

static void drain_of_a_dead_device(struct kunit *test)
{
	struct flush_case *c = test->priv;

	hw_post(c->ulp, c->qp, 8, 8);
	mlx4_memory_die(c->mem);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
	KUNIT_EXPECT_EQ(test, 0, orphans(c));
}

static void drain_of_a_device_that_died_unheard(struct kunit *test)
{
	struct flush_case *c = test->priv;

	c->mem->removed = true;
	hw_post(c->ulp, c->qp, 8, 8);
	mlx4_memory_die(c->mem);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
}

/* The device hangs, and dies when the drain has posted all that it can */
static void drain_outlives_the_device(struct kunit *test)
{
	struct flush_case *c = test->priv;

	c->mem->hung = true;
	c->mem->die_after = 2;
	hw_post(c->ulp, c->qp, 8, 8);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
	KUNIT_EXPECT_EQ(test, 0, orphans(c));
}

static void drain_outlives_a_device_unheard(struct kunit *test)
{
	struct flush_case *c = test->priv;

	c->mem->removed = true;
	drain_outlives_the_device(test);
}

/* It waits for room in the SQ when the device dies */
static void drain_of_a_full_queue_outlives_the_device(struct kunit *test)
{
	struct flush_case *c = test->priv;

	c->mem->hung = true;
	c->mem->die_after = 2;
	hw_post(c->ulp, c->qp, to_mqp(c->qp)->sq.max_post, 8);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, c->ulp->posted, hw_flushed(c->ulp));
}

/* It waits for an empty SQ when the device dies */
static void drain_of_a_datagram_qp_outlives_the_device(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_UD, c->send_cq,
					c->recv_cq, NULL);

	KUNIT_ASSERT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_INIT));
	c->mem->hung = true;
	c->mem->die_after = 1;
	hw_post(c->ulp, qp, 8, 8);
	hw_expect_drains(c->ulp, qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
}

/* It waits for the last WQE when the device dies */
static void drain_of_an_srq_qp_outlives_the_device(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qp = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
					c->recv_cq, hw_create_srq(c->ulp));

	KUNIT_ASSERT_EQ(test, 0, hw_modify_qp(qp, IB_QPS_RTS));
	c->mem->hung = true;
	c->mem->die_after = 1;
	hw_post(c->ulp, qp, 8, 0);
	hw_expect_drains(c->ulp, qp);
	KUNIT_EXPECT_EQ(test, 8, hw_flushed(c->ulp));
}

/* The markers that it left behind complete when the device dies */
static void bounded_drain_gives_a_hung_device_up(struct kunit *test)
{
	struct flush_case *c = test->priv;

	c->mem->hung = true;
	hw_post(c->ulp, c->qp, 8, 8);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, ib_drain_qp_timeout(c->qp, 2));
	KUNIT_EXPECT_EQ(test, 2, orphans(c));
	KUNIT_EXPECT_EQ(test, 0, hw_flushed(c->ulp));
	mlx4_memory_die(c->mem);
	hw_expect_drains(c->ulp, c->qp);
	KUNIT_EXPECT_EQ(test, 16, hw_flushed(c->ulp));
	hw_expect_pending(c->ulp, c->qp, 0, 0);
}

static void drain_of_a_batch_outlives_the_device(struct kunit *test)
{
	struct flush_case *c = test->priv;
	struct ib_qp *qps[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(qps); i++) {
		qps[i] = hw_create_qp(c->ulp, IB_QPT_RC, c->send_cq,
				      c->send_cq, NULL);
		KUNIT_ASSERT_EQ(test, 0, hw_modify_qp(qps[i], IB_QPS_INIT));
		hw_post(c->ulp, qps[i], 8, 8);
	}
	c->mem->hung = true;
	c->mem->die_after = 2 * ARRAY_SIZE(qps);
	KUNIT_EXPECT_EQ(test, 0, ib_drain_qps(qps, ARRAY_SIZE(qps),
					      HW_PATIENCE));
	KUNIT_EXPECT_EQ(test, 48, hw_flushed(c->ulp));
}

#define IN_EACH_CONTEXT(fn) KUNIT_CASE_PARAM(fn, hw_poll_context_gen_params)

static struct kunit_case mlx4_flush_cases[] = {
	KUNIT_CASE(driver_has_no_drain_of_its_own),
	KUNIT_CASE(pending_counts_until_polled),
	KUNIT_CASE(pending_counts_across_the_wrap),
	KUNIT_CASE(pending_of_gsi_counts_its_shadow),
	KUNIT_CASE(dead_device_flushes_each_request_once),
	KUNIT_CASE(dead_device_flushes_all_qps_of_a_cq),
	KUNIT_CASE(dead_device_has_done_what_it_has_done),
	KUNIT_CASE(dead_device_takes_no_post),
	KUNIT_CASE(error_event_announces_the_software_flush),
	KUNIT_CASE(removed_device_announces_it_on_request),
	KUNIT_CASE(error_event_wakes_the_consumer),
	IN_EACH_CONTEXT(drain_returns_after_the_last_done),
	IN_EACH_CONTEXT(drain_of_a_full_queue_pair),
	IN_EACH_CONTEXT(drain_of_a_datagram_qp),
	IN_EACH_CONTEXT(drain_of_an_srq_qp),
	IN_EACH_CONTEXT(drain_of_a_dead_device),
	IN_EACH_CONTEXT(drain_of_a_device_that_died_unheard),
	IN_EACH_CONTEXT(drain_outlives_the_device),
	IN_EACH_CONTEXT(drain_outlives_a_device_unheard),
	IN_EACH_CONTEXT(drain_of_a_full_queue_outlives_the_device),
	IN_EACH_CONTEXT(drain_of_a_datagram_qp_outlives_the_device),
	IN_EACH_CONTEXT(drain_of_an_srq_qp_outlives_the_device),
	IN_EACH_CONTEXT(bounded_drain_gives_a_hung_device_up),
	IN_EACH_CONTEXT(drain_of_a_batch_outlives_the_device),
	{}
};

static struct kunit_suite mlx4_flush_suite = {
	.name = "mlx4_flush",
	.init = flush_init,
	.test_cases = mlx4_flush_cases,
};

kunit_test_suite(mlx4_flush_suite);

MODULE_DESCRIPTION("KUnit tests of mlx4_ib's flush");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
