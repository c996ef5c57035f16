/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CQ barrier: wait until every completion that is in a CQ now has been
 * consumed. For ULPs and for the drain of queue pairs.
 */
#ifndef IB_CQ_BARRIER_H
#define IB_CQ_BARRIER_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

struct ib_cq;

/**
 * struct ib_cq_barriers - barriers and orphaned drain markers of one CQ
 * @lock: holding it proves that @waiting and @orphans, and the state of the
 *	barriers and markers on them, do not change. A leaf lock, but for the
 *	lock inside a barrier's completion. Taken with interrupts disabled.
 * @waiting: barriers not yet passed, struct ib_cq_barrier
 * @orphans: markers of drains that timed out, owned by the CQ until their
 *	completion arrives or the CQ is freed
 * @direct: serializes drains and barriers that poll one IB_POLL_DIRECT CQ,
 *	so that "polled empty" means that each done() has returned. Held
 *	across done(), thus a done() may not drain or pass a barrier.
 */
struct ib_cq_barriers {
	spinlock_t lock; /* the lists and what is on them */
	struct list_head waiting;
	struct list_head orphans;
	struct mutex direct; /* polls of a direct CQ */
};

/**
 * struct ib_cq_barrier - a point in the stream of completions of one CQ
 * @node: entry in the CQ's list of barriers, empty once passed
 * @cq: the CQ
 * @covered: a poll run that began after the barrier was started is under way
 * @seen: completions consumed by covering poll runs
 * @passed: completed once the barrier is passed
 *
 * All members are protected by the lock in &struct ib_cq_barriers, and private
 * to the core. The object may live on the stack.
 */
struct ib_cq_barrier {
	struct list_head node;
	struct ib_cq *cq;
	bool covered;
	unsigned int seen;
	struct completion passed;
};

void ib_cq_barrier_start(struct ib_cq_barrier *barrier, struct ib_cq *cq);
int ib_cq_barrier_wait(struct ib_cq_barrier *barrier, unsigned long timeout);
int ib_cq_barrier(struct ib_cq *cq, unsigned long timeout);

#endif /* IB_CQ_BARRIER_H */
