// SPDX-License-Identifier: GPL-2.0
/*
 * Benchmark of the queue pair drain. It runs while it is loaded and prints one
 * line for each case. It builds for a kernel with and without rdma/ib_drain.h.
 *
 * Times are in TSC cycles. In a guest whose clock counts instructions that is
 * one nanosecond and one instruction.
 */
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "bench.h"

#define BENCH_MAX_LIST	8

static char *dev = "rxe0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "RDMA device");

static char *addr = "127.0.0.1";
module_param(addr, charp, 0444);
MODULE_PARM_DESC(addr, "IPv4 address of the RDMA device");

static unsigned int n[BENCH_MAX_LIST] = { 1, 64, 512 };
static unsigned int nr_n = 3;
module_param_array(n, uint, &nr_n, 0444);
MODULE_PARM_DESC(n, "numbers of queue pairs");

static unsigned int k[BENCH_MAX_LIST] = { 0, 16, 128 };
static unsigned int nr_k = 3;
module_param_array(k, uint, &nr_k, 0444);
MODULE_PARM_DESC(k, "numbers of receive work requests on each");

static unsigned int runs = 33;
module_param(runs, uint, 0444);
MODULE_PARM_DESC(runs, "how often a case with one queue pair is repeated");

static unsigned int runs_many = 5;
module_param(runs_many, uint, 0444);
MODULE_PARM_DESC(runs_many, "how often a case with several queue pairs is repeated");

static char *cq = "own,shared";
module_param(cq, charp, 0444);
MODULE_PARM_DESC(cq, "own, shared or both");

static char *traffic = "quiet,flying";
module_param(traffic, charp, 0444);
MODULE_PARM_DESC(traffic, "quiet, flying or both");

static char *op = "";
module_param(op, charp, 0444);
MODULE_PARM_DESC(op, "names of operations; none: all that this kernel has");

static bool workqueue;
module_param(workqueue, bool, 0444);
MODULE_PARM_DESC(workqueue, "CQs polled by the workqueue instead of the softirq");

/* Is @name one of the comma-separated words of @list? */
static bool bench_listed(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *p = list;

	while ((p = strstr(p, name))) {
		if ((p == list || p[-1] == ',') && (!p[len] || p[len] == ','))
			return true;
		p += len;
	}
	return false;
}

/* All cases of one kind of traffic and one of CQs */
static int bench_matrix(struct bench_dev *bd, bool flying, bool shared)
{
	struct bench_case bc = {
		.shared = shared,
		.flying = flying,
		.poll = workqueue ? IB_POLL_WORKQUEUE : IB_POLL_SOFTIRQ,
	};
	unsigned int i, j, o;
	int ret;

	for (i = 0; i < nr_n; i++)
		for (j = 0; j < nr_k; j++)
			for (o = 0; o < bench_nr_ops; o++) {
				bc.op = &bench_ops[o];
				bc.n = n[i];
				bc.k = k[j];
				bc.runs = max(bc.n == 1 ? runs : runs_many, 1U);
				if (*op && !bench_listed(op, bc.op->name))
					continue;
				ret = bench_measure(bd, &bc);
				if (ret)
					return ret;
			}
	return 0;
}

static int bench_all(struct bench_dev *bd)
{
	unsigned int i;
	int ret;

	for (i = 0; i < 4; i++) {
		bool flying = i & 2, shared = i & 1;

		if (!bench_listed(traffic, flying ? "flying" : "quiet") ||
		    !bench_listed(cq, shared ? "shared" : "own"))
			continue;
		ret = bench_matrix(bd, flying, shared);
		if (ret)
			return ret;
	}
	return 0;
}

static int bench_open(struct bench_dev *bd)
{
	int ret = -ENOMEM;

	bd->transport = rdma_protocol_iwarp(bd->ib, rdma_start_port(bd->ib)) ?
			&bench_iwarp : &bench_roce;
	bd->pd = ib_alloc_pd(bd->ib, 0);
	if (IS_ERR(bd->pd))
		return PTR_ERR(bd->pd);

	bd->buf = kzalloc(BENCH_MSG_SIZE, GFP_KERNEL);
	if (!bd->buf)
		goto free_pd;
	bd->sge.addr = ib_dma_map_single(bd->ib, bd->buf, BENCH_MSG_SIZE,
					 DMA_BIDIRECTIONAL);
	bd->sge.length = BENCH_MSG_SIZE;
	bd->sge.lkey = bd->pd->local_dma_lkey;
	ret = ib_dma_mapping_error(bd->ib, bd->sge.addr);
	if (ret)
		goto free_buf;

	ret = bd->transport->open ? bd->transport->open(bd) : 0;
	if (ret)
		goto unmap;
	return 0;

unmap:
	ib_dma_unmap_single(bd->ib, bd->sge.addr, BENCH_MSG_SIZE,
			    DMA_BIDIRECTIONAL);
free_buf:
	kfree(bd->buf);
free_pd:
	ib_dealloc_pd(bd->pd);
	return ret;
}

static void bench_close(struct bench_dev *bd)
{
	if (bd->transport->close)
		bd->transport->close(bd);
	ib_dma_unmap_single(bd->ib, bd->sge.addr, BENCH_MSG_SIZE,
			    DMA_BIDIRECTIONAL);
	kfree(bd->buf);
	ib_dealloc_pd(bd->pd);
}

static int __init bench_init(void)
{
	struct bench_dev bd = { .addr = in_aton(addr) };
	int ret;

	bd.ib = ib_device_get_by_name(dev, RDMA_DRIVER_UNKNOWN);
	if (!bd.ib) {
		pr_err("drain_bench: there is no RDMA device %s\n", dev);
		return -ENODEV;
	}
	ret = bench_open(&bd);
	if (!ret) {
		ret = bench_all(&bd);
		bench_close(&bd);
	}
	if (ret)
		pr_err("drain_bench: dev=%s failed: %d\n", dev, ret);
	ib_device_put(bd.ib);
	return ret;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmark of the RDMA queue pair drain");
MODULE_LICENSE("GPL");
