// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: shared receive queues. A work request belongs to the SRQ
 * until a QP takes it for a message that arrives.
 */
#include <linux/slab.h>

#include "fake_priv.h"

int fake_create_srq(struct ib_srq *ibsrq, struct ib_srq_init_attr *attr,
		    struct ib_udata *udata)
{
	struct fake_srq *srq = to_fake_srq(ibsrq);
	int ret;

	ret = fake_create_object(to_fake(ibsrq->device), FAKE_CREATE_SRQ);
	if (ret)
		return ret;

	INIT_LIST_HEAD(&srq->work);
	srq->max = attr->attr.max_wr;
	return 0;
}

int fake_destroy_srq(struct ib_srq *ibsrq, struct ib_udata *udata)
{
	struct fake_work *work, *next;
	int ret;

	ret = fake_release_object(to_fake(ibsrq->device), FAKE_DESTROY_SRQ,
				  to_fake_srq(ibsrq));
	if (ret)
		return ret;

	list_for_each_entry_safe(work, next, &to_fake_srq(ibsrq)->work, entry) {
		list_del(&work->entry);
		kfree(work);
	}
	return 0;
}

int fake_post_srq_recv(struct ib_srq *ibsrq, const struct ib_recv_wr *wr,
		       const struct ib_recv_wr **bad_wr)
{
	struct fake_device *fake = to_fake(ibsrq->device);
	struct fake_srq *srq = to_fake_srq(ibsrq);
	struct fake_work *work;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&fake->lock, flags);
	for (; wr; wr = wr->next) {
		*bad_wr = wr;
		work = NULL;
		if (!fake->dead && srq->nr < srq->max)
			work = kzalloc(sizeof(*work), GFP_ATOMIC);
		if (!work) {
			ret = fake->dead ? -EIO : -ENOMEM;
			break;
		}
		work->wc.wr_cqe = wr->wr_cqe;
		work->wc.opcode = IB_WC_RECV;
		list_add_tail(&work->entry, &srq->work);
		srq->nr++;
	}
	spin_unlock_irqrestore(&fake->lock, flags);
	return ret;
}

/**
 * fake_qp_take_srq() - messages begin to arrive at a QP with an SRQ
 * @ibqp: queue pair
 * @n: how many; each takes a work request from the SRQ
 *
 * Returns: how many work requests there were.
 */
unsigned int fake_qp_take_srq(struct ib_qp *ibqp, unsigned int n)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_srq *srq = to_fake_srq(ibqp->srq);
	struct fake_qp *qp = to_fake_qp(ibqp);
	struct fake_work *work, *next;
	unsigned int taken = 0;

	spin_lock_irq(&fake->lock);
	list_for_each_entry_safe(work, next, &srq->work, entry) {
		if (taken == n)
			break;
		list_move_tail(&work->entry, &qp->rq.work);
		work->wq = &qp->rq;
		work->wc.qp = ibqp;
		qp->rq.used++;
		qp->rq.owed++;
		srq->nr--;
		taken++;
	}
	__fake_qp_progress(qp);
	spin_unlock_irq(&fake->lock);
	return taken;
}
EXPORT_SYMBOL_GPL(fake_qp_take_srq);
