// SPDX-License-Identifier: GPL-2.0
/*
 * CQ barrier: wait until every completion that is in a CQ now has been
 * consumed and its done() has returned.
 */
#include <linux/sched.h>

#include "core_priv.h"
#include "cq_barrier.h"

#define CREATE_TRACE_POINTS
#include <trace/events/rdma_cq_barrier.h>

/**
 * DOC: CQ barrier
 *
 * "The provider has written the last completion" and "the consumer is done
 * with the last completion" are two different things. A ULP that frees memory
 * on the former has done() use it after free. The barrier bridges the two. It
 * posts no work request and needs no room in the CQ.
 *
 * It counts on *poll runs*. A poll run is one invocation of the CQ's own poll
 * context: it polls batches, calls done() for each, and ends with a batch that
 * is not full (the CQ was empty) or with its budget used up. A run that was
 * under way when the barrier was started may have polled its last batch
 * before; it proves nothing. A run that begins after that *covers* the
 * barrier::
 *
 *   start            kick              begin         poll, done(), ...    end
 *   ---+---------------+-----------------+-----------------------------+---->
 *      put on list     poll context      barrier covered               passed?
 *                      is scheduled
 *
 * The barrier is passed when a covering run ends and found the CQ empty, or
 * when covering runs have consumed more completions than the CQ can hold: what
 * is consumed after that has come into the CQ after the start. So another QP
 * that keeps the CQ busy can't hold a barrier back.
 *
 * One barrier serves all QPs of a CQ; many barriers may wait on one CQ.
 *
 * An IB_POLL_DIRECT CQ has no poll context: the caller polls it, by the same
 * rule.
 */

/*
 * cq->cqe is what the ULP may have outstanding. A provider can hold more: cxgb4
 * has a software queue beside the hardware's, both of twice the size.
 */
#define IB_CQ_BARRIER_BOUND	4

/* Completions that a drain polls from a direct CQ before it looks up */
#define IB_DIRECT_CHUNK		256

void ib_cq_barriers_init(struct ib_cq *cq)
{
	spin_lock_init(&cq->barriers.lock);
	INIT_LIST_HEAD(&cq->barriers.waiting);
	INIT_LIST_HEAD(&cq->barriers.orphans);
	mutex_init(&cq->barriers.direct);
}

/* The CQ's poll context has been stopped for good */
void ib_cq_barriers_destroy(struct ib_cq *cq)
{
	WARN_ON_ONCE(!list_empty(&cq->barriers.waiting));
	mutex_destroy(&cq->barriers.direct);
}

void __ib_cq_barrier_run_begin(struct ib_cq *cq)
{
	struct ib_cq_barrier *barrier;
	unsigned long flags;

	/* Polls come after this lock: they see what was in the CQ at start */
	spin_lock_irqsave(&cq->barriers.lock, flags);
	list_for_each_entry(barrier, &cq->barriers.waiting, node)
		barrier->covered = true;
	spin_unlock_irqrestore(&cq->barriers.lock, flags);
}

static bool ib_cq_barrier_is_passed(const struct ib_cq *cq, unsigned int seen,
				    bool empty)
{
	/*
	 * A flush in software completes every WR, the unsignalled ones too,
	 * which the CQ was not made for. Nobody posts any more: it runs dry.
	 */
	if (empty || READ_ONCE(cq->device->flushes_in_software))
		return empty;
	return seen / IB_CQ_BARRIER_BOUND >= cq->cqe;
}

void __ib_cq_barrier_run_end(struct ib_cq *cq, int completed, bool empty)
{
	struct ib_cq_barrier *barrier, *next;
	unsigned long flags;

	spin_lock_irqsave(&cq->barriers.lock, flags);
	list_for_each_entry_safe(barrier, next, &cq->barriers.waiting, node) {
		/* Started in the middle of this run: its kick brings another */
		if (!barrier->covered)
			continue;
		barrier->seen += completed;
		if (!ib_cq_barrier_is_passed(cq, barrier->seen, empty))
			continue;
		list_del_init(&barrier->node);
		complete(&barrier->passed);
	}
	spin_unlock_irqrestore(&cq->barriers.lock, flags);
}

/**
 * ib_cq_kick() - schedule a run of a CQ's own poll context
 * @cq: CQ; nothing is done for one of IB_POLL_DIRECT
 *
 * Context: Any but with interrupts disabled.
 */
void ib_cq_kick(struct ib_cq *cq)
{
	switch (cq->poll_ctx) {
	case IB_POLL_SOFTIRQ:
		/* Enabling runs the softirq here rather than in its thread */
		local_bh_disable();
		irq_poll_sched(&cq->iop);
		local_bh_enable();
		break;
	case IB_POLL_WORKQUEUE:
	case IB_POLL_UNBOUND_WORKQUEUE:
		queue_work(cq->comp_wq, &cq->work);
		break;
	case IB_POLL_DIRECT:
		break;
	}
}

/**
 * ib_cq_poll_direct() - consume what is in a direct CQ
 * @cq: CQ of IB_POLL_DIRECT
 *
 * Consumes completions until the rule of the barrier holds: the CQ was found
 * empty, or more have been consumed than it can hold.
 *
 * Context: Process context; takes a mutex, calls done().
 */
void ib_cq_poll_direct(struct ib_cq *cq)
{
	unsigned int seen = 0, n;

	mutex_lock(&cq->barriers.direct);
	do {
		n = ib_process_cq_direct(cq, IB_DIRECT_CHUNK);
		seen += n;
		cond_resched();
	} while (!ib_cq_barrier_is_passed(cq, seen, n < IB_DIRECT_CHUNK));
	mutex_unlock(&cq->barriers.direct);
}

/**
 * ib_cq_barrier_start() - start to wait for the completions in a CQ
 * @barrier: uninitialized barrier; may be on the stack
 * @cq: CQ from ib_alloc_cq() or ib_cq_pool_get()
 *
 * Each start is followed by one ib_cq_barrier_wait() before @barrier goes out
 * of scope and before @cq is freed. Start the barriers of several CQs before
 * waiting for the first, and their poll contexts work side by side.
 *
 * Context: Process context, not from a done() of the same CQ. Does not sleep,
 *	unless @cq is an IB_POLL_DIRECT CQ, which is polled here: then all
 *	that its done() functions sleep on. Takes &ib_cq_barriers.lock.
 */
void ib_cq_barrier_start(struct ib_cq_barrier *barrier, struct ib_cq *cq)
{
	unsigned long flags;

	barrier->cq = cq;
	barrier->covered = false;
	barrier->seen = 0;
	init_completion(&barrier->passed);
	trace_cq_barrier_start(cq);

	if (cq->poll_ctx == IB_POLL_DIRECT) {
		INIT_LIST_HEAD(&barrier->node);
		ib_cq_poll_direct(cq);
		complete(&barrier->passed);
		return;
	}

	spin_lock_irqsave(&cq->barriers.lock, flags);
	list_add_tail(&barrier->node, &cq->barriers.waiting);
	spin_unlock_irqrestore(&cq->barriers.lock, flags);

	ib_cq_kick(cq);
}
EXPORT_SYMBOL(ib_cq_barrier_start);

/**
 * ib_cq_barrier_cancel() - give a barrier up
 * @barrier: barrier that was started
 *
 * Context: Any. Takes &ib_cq_barriers.lock.
 * Return: true if it was given up, false if it was passed before.
 */
bool ib_cq_barrier_cancel(struct ib_cq_barrier *barrier)
{
	struct ib_cq_barriers *barriers = &barrier->cq->barriers;
	unsigned long flags;
	bool waiting;

	spin_lock_irqsave(&barriers->lock, flags);
	waiting = !list_empty(&barrier->node);
	list_del_init(&barrier->node);
	spin_unlock_irqrestore(&barriers->lock, flags);
	return waiting;
}

/**
 * ib_cq_barrier_wait() - wait until a barrier is passed
 * @barrier: barrier that was started
 * @timeout: at most so many jiffies; MAX_SCHEDULE_TIMEOUT: without bound
 *
 * Afterwards, whatever is returned, nobody but the caller knows @barrier.
 *
 * Context: Process context, not from a done() of the same CQ. Sleeps until the
 *	CQ's poll context has run, thus on whatever its done() functions wait
 *	for.
 * Return: 0: every completion that was in the CQ at the start has been
 *	consumed and its done() has returned. -ETIMEDOUT: not within @timeout.
 */
int ib_cq_barrier_wait(struct ib_cq_barrier *barrier, unsigned long timeout)
{
	int ret = 0;

	if (!wait_for_completion_timeout(&barrier->passed, timeout) &&
	    ib_cq_barrier_cancel(barrier))
		ret = -ETIMEDOUT;
	trace_cq_barrier_end(barrier->cq, ret);
	return ret;
}
EXPORT_SYMBOL(ib_cq_barrier_wait);

/**
 * ib_cq_barrier() - wait for the completions that are in a CQ now
 * @cq: CQ from ib_alloc_cq() or ib_cq_pool_get()
 * @timeout: at most so many jiffies; MAX_SCHEDULE_TIMEOUT: without bound
 *
 * Context: as ib_cq_barrier_start() and ib_cq_barrier_wait().
 * Return: 0 or -ETIMEDOUT, as ib_cq_barrier_wait().
 */
int ib_cq_barrier(struct ib_cq *cq, unsigned long timeout)
{
	struct ib_cq_barrier barrier;

	ib_cq_barrier_start(&barrier, cq);
	return ib_cq_barrier_wait(&barrier, timeout);
}
EXPORT_SYMBOL(ib_cq_barrier);
