// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: completion queues.
 */
#include <linux/slab.h>

#include "fake_priv.h"

int fake_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
		   struct uverbs_attr_bundle *attrs)
{
	struct fake_device *fake = to_fake(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	int ret;

	ret = fake_create_object(fake, FAKE_CREATE_CQ);
	if (ret)
		return ret;

	ibcq->cqe = attr->cqe;
	INIT_LIST_HEAD(&cq->written);
	INIT_LIST_HEAD(&cq->lost);

	spin_lock_irq(&fake->lock);
	list_add_tail(&cq->node, &fake->cqs);
	spin_unlock_irq(&fake->lock);
	return 0;
}

static void fake_free_work(struct list_head *list)
{
	struct fake_work *work, *next;

	list_for_each_entry_safe(work, next, list, entry) {
		list_del(&work->entry);
		kfree(work);
	}
}

int fake_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	struct fake_device *fake = to_fake(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	int ret;

	ret = fake_release_object(fake, FAKE_DESTROY_CQ, cq);
	if (ret)
		return ret;

	spin_lock_irq(&fake->lock);
	list_del(&cq->node);
	fake_free_work(&cq->written);
	fake_free_work(&cq->lost);
	spin_unlock_irq(&fake->lock);
	return 0;
}

void __fake_cq_notify(struct fake_cq *cq)
{
	if (!cq->armed)
		return;
	cq->armed = false;
	cq->ibcq.comp_handler(&cq->ibcq, cq->ibcq.cq_context);
}

static void __fake_cq_overflow(struct fake_cq *cq)
{
	struct ib_event event = {
		.device = cq->ibcq.device,
		.event = IB_EVENT_CQ_ERR,
		.element.cq = &cq->ibcq,
	};

	if (!cq->overflowed && cq->ibcq.event_handler)
		cq->ibcq.event_handler(&event, cq->ibcq.cq_context);
	cq->overflowed = true;
}

static void __fake_cq_append(struct fake_cq *cq, struct fake_work *work)
{
	list_move_tail(&work->entry, &cq->written);
	cq->nr++;
	if (work->wq)
		work->wq->owed--;
	__fake_cq_notify(cq);
}

/* Write a completion. Returns false if the CQ is full and the flush stops. */
bool __fake_cq_write(struct fake_cq *cq, struct fake_work *work)
{
	struct fake_device *fake = to_fake(cq->ibcq.device);

	if (cq->nr < cq->ibcq.cqe || fake->dead) {
		__fake_cq_append(cq, work);
		return true;
	}
	if (fake->stop_at_full_cq)
		return false;
	__fake_cq_overflow(cq);
	__fake_cq_lose(cq, work);
	return true;
}

void __fake_cq_lose(struct fake_cq *cq, struct fake_work *work)
{
	list_move_tail(&work->entry, &cq->lost);
}

void __fake_cq_find_lost(struct fake_cq *cq)
{
	struct fake_work *work, *next;

	list_for_each_entry_safe(work, next, &cq->lost, entry)
		__fake_cq_append(cq, work);
}

/* The QP of @wq is about to be destroyed; its completions stay */
void __fake_cq_forget(struct fake_cq *cq, const struct fake_wq *wq)
{
	struct fake_work *work;

	list_for_each_entry(work, &cq->written, entry)
		if (work->wq == wq)
			work->wq = NULL;
	list_for_each_entry(work, &cq->lost, entry)
		if (work->wq == wq)
			work->wq = NULL;
}

int fake_poll_cq(struct ib_cq *ibcq, int num, struct ib_wc *wc)
{
	struct fake_device *fake = to_fake(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	struct fake_work *work;
	unsigned long flags;
	int n = 0;

	spin_lock_irqsave(&fake->lock, flags);
	while (n < num && !list_empty(&cq->written)) {
		work = list_first_entry(&cq->written, struct fake_work, entry);
		list_del(&work->entry);
		cq->nr--;
		wc[n++] = work->wc;
		__fake_wq_polled(work);
		kfree(work);
	}
	while (n < num && cq->busy)
		wc[n++] = cq->busy_wc;
	spin_unlock_irqrestore(&fake->lock, flags);

	if (n)
		wake_up_all(&fake->changed);
	return n;
}

int fake_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags flags)
{
	struct fake_device *fake = to_fake(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	unsigned long irq_flags;
	int missed = 0;

	spin_lock_irqsave(&fake->lock, irq_flags);
	cq->armed = true;
	if ((flags & IB_CQ_REPORT_MISSED_EVENTS) &&
	    (cq->busy || !list_empty(&cq->written)))
		missed = 1;
	spin_unlock_irqrestore(&fake->lock, irq_flags);
	return missed;
}

static void fake_busy_done(struct ib_cq *cq, struct ib_wc *wc)
{
}

/**
 * fake_cq_keep_busy() - another QP completes work faster than anybody polls
 * @ibcq: CQ that will never be polled empty again
 * @ibqp: QP whose completions they are
 */
void fake_cq_keep_busy(struct ib_cq *ibcq, struct ib_qp *ibqp)
{
	static struct ib_cqe cqe = { .done = fake_busy_done };
	struct fake_device *fake = to_fake(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);

	spin_lock_irq(&fake->lock);
	cq->busy_wc = (struct ib_wc) {
		.wr_cqe = &cqe,
		.status = IB_WC_SUCCESS,
		.opcode = IB_WC_SEND,
		.qp = ibqp,
	};
	cq->busy = true;
	__fake_cq_notify(cq);
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_cq_keep_busy);

void fake_cq_stop_busy(struct ib_cq *ibcq)
{
	struct fake_device *fake = to_fake(ibcq->device);

	spin_lock_irq(&fake->lock);
	to_fake_cq(ibcq)->busy = false;
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_cq_stop_busy);

/* A completion event, even if the CQ is empty */
void fake_cq_notify(struct ib_cq *ibcq)
{
	struct fake_device *fake = to_fake(ibcq->device);

	spin_lock_irq(&fake->lock);
	__fake_cq_notify(to_fake_cq(ibcq));
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_cq_notify);

/**
 * fake_cq_deliver_lost() - lost completions arrive after all
 * @ibcq: CQ that they were meant for
 *
 * Returns: how many.
 */
unsigned int fake_cq_deliver_lost(struct ib_cq *ibcq)
{
	struct fake_device *fake = to_fake(ibcq->device);
	struct fake_cq *cq = to_fake_cq(ibcq);
	unsigned int before, n;

	spin_lock_irq(&fake->lock);
	before = cq->nr;
	__fake_cq_find_lost(cq);
	n = cq->nr - before;
	spin_unlock_irq(&fake->lock);
	wake_up_all(&fake->changed);
	return n;
}
EXPORT_SYMBOL_GPL(fake_cq_deliver_lost);
