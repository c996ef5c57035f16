// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: work queues. A work request keeps its place in the
 * send or receive queue until its completion has been polled.
 */
#include <linux/slab.h>

#include "fake_priv.h"

void fake_wq_init(struct fake_wq *wq, struct fake_qp *qp, struct ib_cq *ibcq,
		  unsigned int max)
{
	INIT_LIST_HEAD(&wq->work);
	wq->qp = qp;
	wq->cq = ibcq ? to_fake_cq(ibcq) : NULL;
	wq->max = max;
}

void __fake_wq_destroy(struct fake_wq *wq)
{
	struct fake_work *work, *next;

	list_for_each_entry_safe(work, next, &wq->work, entry) {
		list_del(&work->entry);
		kfree(work);
	}
	if (wq->cq)
		__fake_cq_forget(wq->cq, wq);
}

static bool __fake_wq_loses(struct fake_wq *wq, const struct fake_work *work)
{
	if (wq->lose) {
		wq->lose--;
		return true;
	}
	if (work->marker && wq->lose_markers) {
		wq->lose_markers--;
		return true;
	}
	return false;
}

/* Complete up to @n work requests in order */
void __fake_wq_complete(struct fake_wq *wq, unsigned int n,
			enum ib_wc_status status)
{
	struct fake_work *work, *next;

	list_for_each_entry_safe(work, next, &wq->work, entry) {
		if (wq->held || !n--)
			break;
		work->wc.status = status;
		if (__fake_wq_loses(wq, work))
			__fake_cq_lose(wq->cq, work);
		else if (!__fake_cq_write(wq->cq, work))
			break;
	}
}

/* The completion of @work has been polled, its place is free */
void __fake_wq_polled(struct fake_work *work)
{
	struct fake_wq *wq = work->wq;

	if (!wq)
		return;
	wq->used--;
	__fake_qp_signal(wq->qp);
}

static int __fake_wq_post(struct fake_wq *wq, struct ib_cqe *cqe,
			  enum ib_wc_opcode opcode)
{
	struct fake_qp *qp = wq->qp;
	struct fake_work *work;

	if (!wq->cq)
		return -EINVAL;
	if (wq->used == wq->max)
		return -ENOMEM;
	work = kzalloc(sizeof(*work), GFP_ATOMIC);
	if (!work)
		return -ENOMEM;

	work->wq = wq;
	work->wc.wr_cqe = cqe;
	work->wc.opcode = opcode;
	work->wc.qp = &qp->ibqp;
	work->marker = qp->state == IB_QPS_ERR;
	list_add_tail(&work->entry, &wq->work);
	wq->used++;
	wq->owed++;
	wq->markers += work->marker;
	__fake_qp_progress(qp);
	return 0;
}

static int __fake_may_post(struct fake_qp *qp, bool send)
{
	struct fake_device *fake = to_fake(qp->ibqp.device);

	if (fake->dead)
		return -EIO;

	switch (qp->state) {
	case IB_QPS_RESET:
		return -EINVAL;
	case IB_QPS_INIT:
	case IB_QPS_RTR:
		return send ? -EINVAL : 0;
	case IB_QPS_ERR:
		return fake->config.transport != FAKE_IWARP ||
		       fake->config.posts_in_error ? 0 : -ENOTCONN;
	default:
		return 0;
	}
}

/* A datagram goes nowhere without an address handle */
static bool fake_is_valid(const struct fake_qp *qp,
			  const struct ib_send_wr *wr)
{
	switch (qp->ibqp.qp_type) {
	case IB_QPT_UD:
	case IB_QPT_GSI:
		return wr->opcode == IB_WR_SEND;
	default:
		return true;
	}
}

int fake_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		   const struct ib_send_wr **bad_wr)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	unsigned long flags;
	int ret;

	*bad_wr = wr;
	ret = fake_fault(fake, FAKE_POST_SEND);
	if (ret)
		return ret;

	spin_lock_irqsave(&fake->lock, flags);
	ret = __fake_may_post(qp, true);
	for (; wr && !ret; wr = wr->next) {
		*bad_wr = wr;
		ret = fake_is_valid(qp, wr) ?
			__fake_wq_post(&qp->sq, wr->wr_cqe, IB_WC_SEND) :
			-EINVAL;
	}
	spin_unlock_irqrestore(&fake->lock, flags);
	wake_up_all(&fake->changed);
	return ret;
}

int fake_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		   const struct ib_recv_wr **bad_wr)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	unsigned long flags;
	int ret;

	*bad_wr = wr;
	ret = fake_fault(fake, FAKE_POST_RECV);
	if (ret)
		return ret;
	if (ibqp->srq)
		return -EINVAL;

	spin_lock_irqsave(&fake->lock, flags);
	ret = __fake_may_post(qp, false);
	for (; wr && !ret; wr = wr->next) {
		*bad_wr = wr;
		ret = __fake_wq_post(&qp->rq, wr->wr_cqe, IB_WC_RECV);
	}
	spin_unlock_irqrestore(&fake->lock, flags);
	wake_up_all(&fake->changed);
	return ret;
}
