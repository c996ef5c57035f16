// SPDX-License-Identifier: GPL-2.0
/*
 * The tables that the suites of the drain run over.
 */
#include "drain_test.h"

const struct fake_config drain_ib = {
	.transport = FAKE_IB,
};

const struct fake_config drain_roce = {
	.transport = FAKE_ROCE,
};

/* Posts in ERR fail: a drain that needs them is found out */
const struct fake_config drain_iwarp = {
	.transport = FAKE_IWARP,
	.flush_complete = true,
};

static const struct drain_transport transports[] = {
	{ "infiniband", &drain_ib },
	{ "roce", &drain_roce },
	{ "iwarp", &drain_iwarp },
};

KUNIT_ARRAY_PARAM_DESC(transport, transports, name);

const void *drain_transport_gen_params(const void *prev, char *desc)
{
	return transport_gen_params(prev, desc);
}

static const struct drain_ctx ctxs[] = {
	{ "direct", IB_POLL_DIRECT, &drain_ib },
	{ "softirq", IB_POLL_SOFTIRQ, &drain_ib },
	{ "workqueue", IB_POLL_WORKQUEUE, &drain_ib },
	{ "unbound_workqueue", IB_POLL_UNBOUND_WORKQUEUE, &drain_ib },
};

KUNIT_ARRAY_PARAM_DESC(ctx, ctxs, name);

const void *drain_ctx_gen_params(const void *prev, char *desc)
{
	return ctx_gen_params(prev, desc);
}

static bool is_polled(const struct drain_ctx *ctx)
{
	return ctx->poll_ctx != IB_POLL_DIRECT;
}

static bool is_polled_by_workqueue(const struct drain_ctx *ctx)
{
	return ctx->poll_ctx == IB_POLL_WORKQUEUE ||
	       ctx->poll_ctx == IB_POLL_UNBOUND_WORKQUEUE;
}

const void *drain_polled_gen_params(const void *prev, char *desc)
{
	do {
		prev = ctx_gen_params(prev, desc);
	} while (prev && !is_polled(prev));
	return prev;
}

static const struct drain_ctx matrix[] = {
	{ "infiniband_direct", IB_POLL_DIRECT, &drain_ib },
	{ "infiniband_softirq", IB_POLL_SOFTIRQ, &drain_ib },
	{ "infiniband_workqueue", IB_POLL_WORKQUEUE, &drain_ib },
	{ "infiniband_unbound_workqueue", IB_POLL_UNBOUND_WORKQUEUE, &drain_ib },
	{ "roce_workqueue", IB_POLL_WORKQUEUE, &drain_roce },
	{ "iwarp_direct", IB_POLL_DIRECT, &drain_iwarp },
	{ "iwarp_softirq", IB_POLL_SOFTIRQ, &drain_iwarp },
	{ "iwarp_workqueue", IB_POLL_WORKQUEUE, &drain_iwarp },
	{ "iwarp_unbound_workqueue", IB_POLL_UNBOUND_WORKQUEUE, &drain_iwarp },
};

KUNIT_ARRAY_PARAM_DESC(matrix, matrix, name);

const void *drain_matrix_gen_params(const void *prev, char *desc)
{
	return matrix_gen_params(prev, desc);
}

const void *drain_matrix_polled_gen_params(const void *prev, char *desc)
{
	do {
		prev = matrix_gen_params(prev, desc);
	} while (prev && !is_polled(prev));
	return prev;
}

const void *drain_matrix_workqueue_gen_params(const void *prev, char *desc)
{
	do {
		prev = matrix_gen_params(prev, desc);
	} while (prev && !is_polled_by_workqueue(prev));
	return prev;
}

int ulp_do_drain_qps(struct ulp_task *task)
{
	return ib_drain_qps(task->qps, task->n, task->timeout);
}

MODULE_DESCRIPTION("KUnit suites of the queue pair drain and the CQ barrier");
MODULE_LICENSE("GPL");
