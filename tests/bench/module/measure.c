// SPDX-License-Identifier: GPL-2.0
/*
 * The measurement of one case.
 */
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "bench.h"

#if __has_include(<rdma/ib_drain.h>)
#include <rdma/ib_drain.h>
#define BENCH_TIMEOUT	(10 * HZ)
#endif

/* Long enough for connections, timers and workers to come to rest */
#define BENCH_SETTLE_MS	200

static int bench_to_err(struct ib_qp *qp)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };

	return ib_modify_qp(qp, &attr, IB_QP_STATE);
}

static void bench_wait_idle(struct bench_end *end)
{
	if (atomic_read(&end->left))
		wait_for_completion(&end->idle);
}

/* No drain at all: what any drain has to do at least */
static int bench_floor(struct bench_end *end)
{
	int ret = bench_to_err(end->qp);

	bench_wait_idle(end);
	return ret;
}

static int bench_floor_all(struct bench_pair *pairs, struct ib_qp **qps,
			   unsigned int n)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n; i++)
		ret = bench_to_err(qps[i]) ?: ret;
	for (i = 0; i < n; i++)
		bench_wait_idle(&pairs[i].near);
	return ret;
}

static int bench_drain(struct bench_end *end)
{
	ib_drain_qp(end->qp);
	return 0;
}

#ifdef BENCH_TIMEOUT
static int bench_drain_timeout(struct bench_end *end)
{
	return ib_drain_qp_timeout(end->qp, BENCH_TIMEOUT);
}

static int bench_drain_all(struct bench_pair *pairs, struct ib_qp **qps,
			   unsigned int n)
{
	return ib_drain_qps(qps, n, BENCH_TIMEOUT);
}
#endif

const struct bench_op bench_ops[] = {
	{ .name = "floor", .one = bench_floor },
	{ .name = "floor_batch", .all = bench_floor_all },
	{ .name = "drain", .one = bench_drain },
#ifdef BENCH_TIMEOUT
	{ .name = "drain_timeout", .one = bench_drain_timeout },
	{ .name = "drain_batch", .all = bench_drain_all },
#endif
};

const unsigned int bench_nr_ops = ARRAY_SIZE(bench_ops);

static int bench_cmp(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * struct bench_result - what was measured, in cycles
 * @each: for each QP or, with a batch, each run
 * @nr: entries in @each
 * @total: for each run, from before the first QP to after the last
 * @early: QPs for which a drain returned although completions were missing
 */
struct bench_result {
	u64 *each;
	unsigned int nr;
	u64 *total;
	unsigned int early;
	int err;
};

static void bench_run_one(const struct bench_case *bc, struct bench_end *end,
			  struct bench_result *res)
{
	cycles_t start = get_cycles();
	int ret = bc->op->one(end);

	res->each[res->nr++] = get_cycles() - start;
	res->err = res->err ?: ret;
	res->early += !!atomic_read(&end->left);
}

static void bench_run_all(const struct bench_case *bc, struct bench_pair *pairs,
			  struct ib_qp **qps, unsigned int n,
			  struct bench_result *res)
{
	cycles_t start = get_cycles();
	int ret = bc->op->all(pairs, qps, n);
	unsigned int i;

	res->each[res->nr++] = get_cycles() - start;
	res->err = res->err ?: ret;
	for (i = 0; i < n; i++)
		res->early += !!atomic_read(&pairs[i].near.left);
}

/* Bring the QPs of one run into the state that the case asks for, measure */
static int bench_run(struct bench_dev *bd, const struct bench_case *bc,
		     struct bench_pair *pairs, struct ib_qp **qps,
		     unsigned int run, struct bench_result *res)
{
	const unsigned int phase = USEC_PER_SEC / HZ / bc->runs * run;
	cycles_t start;
	unsigned int i;
	int ret;

	for (i = 0; !bc->flying && i < bc->n; i++) {
		ret = bench_post_sends(bd, &pairs[i].near);
		if (ret)
			return ret;
	}
	for (i = 0; !bc->flying && i < bc->n; i++)
		while (atomic_read(&pairs[i].near.left) > bc->k)
			msleep(20);
	/* Each run begins at another time after the timer's tick */
	msleep(BENCH_SETTLE_MS);
	usleep_range(phase + 1, phase + 1);
	for (i = 0; i < bc->n; i++) {
		reinit_completion(&pairs[i].near.idle);
		if (!bc->flying)
			continue;
		ret = bench_post_sends(bd, &pairs[i].near);
		if (ret)
			return ret;
	}

	/*
	 * The connections go down in worker threads. At each tick these would
	 * get the processor for 4 ms, be it in the floor or in the drain, though
	 * no drain waits for them. Who waits, waits: they run then.
	 */
	if (!bc->flying)
		sched_set_fifo(current);
	start = get_cycles();
	if (bc->op->all)
		bench_run_all(bc, pairs, qps, bc->n, res);
	for (i = 0; bc->op->one && i < bc->n; i++)
		bench_run_one(bc, &pairs[i].near, res);
	res->total[run] = get_cycles() - start;
	if (!bc->flying)
		sched_set_normal(current, 0);
	return 0;
}

static void bench_print(struct bench_dev *bd, const struct bench_case *bc,
			struct bench_result *res)
{
	sort(res->each, res->nr, sizeof(*res->each), bench_cmp, NULL);
	sort(res->total, bc->runs, sizeof(*res->total), bench_cmp, NULL);
	pr_info("drain_bench: dev=%s op=%s cq=%s traffic=%s n=%u k=%u runs=%u median=%llu min=%llu max=%llu total=%llu total_median=%llu early=%u err=%d\n",
		dev_name(&bd->ib->dev), bc->op->name,
		bc->shared ? "shared" : "own", bc->flying ? "flying" : "quiet",
		bc->n, bc->k, bc->runs, res->each[res->nr / 2], res->each[0],
		res->each[res->nr - 1], res->total[0],
		res->total[bc->runs / 2], res->early, res->err);
}

int bench_measure(struct bench_dev *bd, const struct bench_case *bc)
{
	unsigned int i, nr = bc->n * bc->runs;
	struct bench_result res = {};
	struct bench_pair *pairs;
	struct ib_cq *far_cq;
	struct ib_qp **qps;
	int ret = -ENOMEM;

	res.each = kvcalloc(nr, sizeof(*res.each), GFP_KERNEL);
	res.total = kvcalloc(bc->runs, sizeof(*res.total), GFP_KERNEL);
	qps = kvcalloc(nr, sizeof(*qps), GFP_KERNEL);
	if (!res.each || !res.total || !qps)
		goto free;
	pairs = bench_pairs_create(bd, bc, nr, &far_cq);
	if (IS_ERR(pairs)) {
		ret = PTR_ERR(pairs);
		goto free;
	}
	for (i = 0; i < nr; i++)
		qps[i] = pairs[i].near.qp;

	for (i = 0, ret = 0; i < bc->runs && !ret; i++)
		ret = bench_run(bd, bc, pairs + i * bc->n, qps + i * bc->n, i,
				&res);
	if (!ret)
		bench_print(bd, bc, &res);

	/* A drain that was early must not turn into a use after free here */
	msleep(BENCH_SETTLE_MS);
	bench_pairs_destroy(bd, bc, pairs, nr, far_cq);
free:
	kvfree(qps);
	kvfree(res.total);
	kvfree(res.each);
	return ret;
}
