/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the CQ's own poll contexts (cq.c) and the drain (drain.c) need of the
 * CQ barrier.
 */
#ifndef _CQ_BARRIER_H
#define _CQ_BARRIER_H

#include <rdma/ib_cq_barrier.h>
#include <rdma/ib_verbs.h>

void ib_cq_barriers_init(struct ib_cq *cq);
void ib_cq_barriers_destroy(struct ib_cq *cq);
void ib_cq_kick(struct ib_cq *cq);
void ib_cq_poll_direct(struct ib_cq *cq);
bool ib_cq_barrier_cancel(struct ib_cq_barrier *barrier);

void __ib_cq_barrier_run_begin(struct ib_cq *cq);
void __ib_cq_barrier_run_end(struct ib_cq *cq, int completed, bool empty);

/*
 * Called by a poll context before its first poll. A barrier was put on the
 * list before the poll context was kicked, and the kick is a full barrier, so
 * the unlocked look sees it.
 *
 * Returns: true if the run has to be ended with ib_cq_barrier_run_end().
 */
static inline bool ib_cq_barrier_run_begin(struct ib_cq *cq)
{
	if (likely(list_empty(&cq->barriers.waiting)))
		return false;
	__ib_cq_barrier_run_begin(cq);
	return true;
}

/*
 * Called by a poll context after the done() of its last completion returned.
 * @empty: the last poll found fewer completions than it had asked for.
 */
static inline void ib_cq_barrier_run_end(struct ib_cq *cq, bool begun,
					 int completed, bool empty)
{
	if (unlikely(begun))
		__ib_cq_barrier_run_end(cq, completed, empty);
}

/*
 * The kick of a softirq CQ is lost while its handler runs. The handler asks
 * this after it has given up the poll instance and schedules itself again.
 */
static inline bool ib_cq_barrier_kick_lost(struct ib_cq *cq)
{
	/* Pairs with test_and_set_bit() in irq_poll_sched(): after list_add() */
	smp_mb__after_atomic();
	return unlikely(!list_empty(&cq->barriers.waiting));
}

#endif /* _CQ_BARRIER_H */
