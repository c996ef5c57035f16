/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Benchmark of the queue pair drain: what its files share.
 *
 * Every QP under test ("near") has a peer on the same device ("far"). Only
 * near ends are drained and measured. Far ends are there for the transport's
 * sake: their CQ is never polled while a clock runs.
 */
#ifndef DRAIN_BENCH_H
#define DRAIN_BENCH_H

#include <linux/completion.h>
#include <rdma/ib_verbs.h>
#include <rdma/iw_cm.h>

/* Sends that a QP gets before the drain */
#define BENCH_SENDS	4
/* Room in each work queue for what the drain itself may post */
#define BENCH_SPARE	1
#define BENCH_MSG_SIZE	64

/**
 * struct bench_end - one end of a connection
 * @cqe: of all WRs of this end
 * @left: completions that are still to come
 * @idle: completed when @left becomes zero
 * @cm_id: iWARP only
 */
struct bench_end {
	struct ib_qp *qp;
	struct ib_cq *send_cq;
	struct ib_cq *recv_cq;
	struct ib_cqe cqe;
	atomic_t left;
	struct completion idle;
	struct iw_cm_id *cm_id;
};

/**
 * struct bench_pair - a connection
 * @ready: iWARP only: completed by either end once it is connected
 * @status: iWARP only: what the connection manager said, 0 or an error
 */
struct bench_pair {
	struct bench_end near;
	struct bench_end far;
	struct completion ready;
	int status;
};

struct bench_dev;

/**
 * struct bench_transport - how QPs of a transport get connected
 */
struct bench_transport {
	const char *name;
	int (*open)(struct bench_dev *bd);
	void (*close)(struct bench_dev *bd);
	int (*connect)(struct bench_dev *bd, struct bench_pair *pair);
	void (*disconnect)(struct bench_pair *pair);
};

extern const struct bench_transport bench_roce;
extern const struct bench_transport bench_iwarp;

/**
 * struct bench_dev - device under test
 * @addr: its IPv4 address
 * @sge: buffer of all WRs
 * @listener: iWARP only
 * @connecting: iWARP only: the pair that the next connection request is for
 */
struct bench_dev {
	struct ib_device *ib;
	struct ib_pd *pd;
	const struct bench_transport *transport;
	__be32 addr;
	void *buf;
	struct ib_sge sge;
	struct iw_cm_id *listener;
	struct bench_pair *connecting;
};

/**
 * struct bench_case - one line of the result
 * @op: what is measured
 * @n: queue pairs
 * @k: receive WRs outstanding on each
 * @runs: how often it is repeated, with new queue pairs each time
 * @shared: CQs from the device's pool of shared CQs, else two for each QP
 * @flying: BENCH_SENDS sends of every QP are posted right before the clock is
 *	started, else they have completed long ago
 * @poll: poll context of the CQs
 */
struct bench_case {
	const struct bench_op *op;
	unsigned int n;
	unsigned int k;
	unsigned int runs;
	bool shared;
	bool flying;
	enum ib_poll_context poll;
};

struct bench_pair *bench_pairs_create(struct bench_dev *bd,
				      const struct bench_case *bc,
				      unsigned int nr, struct ib_cq **far_cq);
void bench_pairs_destroy(struct bench_dev *bd, const struct bench_case *bc,
			 struct bench_pair *pairs, unsigned int nr,
			 struct ib_cq *far_cq);
int bench_post_sends(struct bench_dev *bd, struct bench_end *end);

/**
 * struct bench_op - a way to get QPs empty
 * @name: in the result
 * @one: does it for one QP; called for each of them in turn
 * @all: does it for all at once; NULL if @one is set
 */
struct bench_op {
	const char *name;
	int (*one)(struct bench_end *end);
	int (*all)(struct bench_pair *pairs, struct ib_qp **qps,
		   unsigned int n);
};

extern const struct bench_op bench_ops[];
extern const unsigned int bench_nr_ops;

int bench_measure(struct bench_dev *bd, const struct bench_case *bc);

#endif /* DRAIN_BENCH_H */
