// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: queue pairs, their states and what they do in ERR.
 */
#include "fake_priv.h"

int fake_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr,
		   struct ib_udata *udata)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	struct ib_cq *recv_cq = attr->recv_cq;
	int ret;

	ret = fake_create_object(fake, FAKE_CREATE_QP);
	if (ret)
		return ret;

	if (attr->srq && ib_srq_has_cq(attr->srq->srq_type))
		recv_cq = attr->srq->ext.cq;
	fake_wq_init(&qp->sq, qp, attr->send_cq, attr->cap.max_send_wr);
	fake_wq_init(&qp->rq, qp, recv_cq, attr->cap.max_recv_wr);
	qp->state = IB_QPS_RESET;
	init_completion(&qp->flushed);

	spin_lock_irq(&fake->lock);
	ibqp->qp_num = attr->qp_type == IB_QPT_GSI ? 1 : fake->next_qpn++;
	list_add_tail(&qp->node, &fake->qps);
	spin_unlock_irq(&fake->lock);
	return 0;
}

int fake_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	int ret;

	ret = fake_release_object(fake, FAKE_DESTROY_QP, qp);
	if (ret)
		return ret;

	spin_lock_irq(&fake->lock);
	list_del(&qp->node);
	__fake_wq_destroy(&qp->sq);
	__fake_wq_destroy(&qp->rq);
	spin_unlock_irq(&fake->lock);
	return 0;
}

/* IBA volume 1, 10.3.1; attributes are taken as given */
static bool fake_state_is_ok(const struct fake_device *fake,
			     enum ib_qp_state cur, enum ib_qp_state next)
{
	if (next == IB_QPS_RESET)
		return true;
	/* An iWARP QP may go from IDLE to ERROR, one of InfiniBand may not */
	if (next == IB_QPS_ERR)
		return cur != IB_QPS_RESET ||
		       fake->config.transport == FAKE_IWARP;

	switch (cur) {
	case IB_QPS_RESET:
		return next == IB_QPS_INIT;
	case IB_QPS_INIT:
		return next == IB_QPS_INIT || next == IB_QPS_RTR;
	case IB_QPS_RTR:
		return next == IB_QPS_RTS;
	case IB_QPS_RTS:
		return next == IB_QPS_RTS || next == IB_QPS_SQD;
	case IB_QPS_SQD:
		return next == IB_QPS_SQD || next == IB_QPS_RTS;
	case IB_QPS_SQE:
		return next == IB_QPS_RTS;
	default:
		return false;
	}
}

static void __fake_qp_raise_last_wqe(struct fake_qp *qp)
{
	struct ib_event event = {
		.device = qp->ibqp.device,
		.event = IB_EVENT_QP_LAST_WQE_REACHED,
		.element.qp = &qp->ibqp,
	};

	if (qp->last_wqe_raised)
		return;
	qp->last_wqe_raised = true;
	qp->ibqp.event_handler(&event, qp->ibqp.qp_context);
}

static void __fake_qp_raise_flushed(struct fake_qp *qp)
{
	complete_all(&qp->flushed);
	ib_qp_flush_complete(&qp->ibqp);
}

/* Say that the QP is flushed if it is, and if it is so told */
void __fake_qp_signal(struct fake_qp *qp)
{
	unsigned int owed = qp->sq.owed + qp->rq.owed;
	unsigned int used = qp->sq.used + qp->rq.used;

	if (qp->state != IB_QPS_ERR)
		return;
	if (qp->ibqp.srq && !qp->rq.owed && !qp->no_last_wqe)
		__fake_qp_raise_last_wqe(qp);
	if ((qp->signal == FAKE_SIGNAL_WRITTEN && !owed) ||
	    (qp->signal == FAKE_SIGNAL_POLLED && !used))
		__fake_qp_raise_flushed(qp);
}

/* Do what the QP's state demands with the work that is there */
void __fake_qp_progress(struct fake_qp *qp)
{
	if (qp->state == IB_QPS_ERR && qp->rq_first)
		__fake_wq_complete(&qp->rq, UINT_MAX, IB_WC_WR_FLUSH_ERR);
	if (qp->state == IB_QPS_ERR || qp->state == IB_QPS_SQE)
		__fake_wq_complete(&qp->sq, UINT_MAX, IB_WC_WR_FLUSH_ERR);
	if (qp->state == IB_QPS_ERR)
		__fake_wq_complete(&qp->rq, UINT_MAX, IB_WC_WR_FLUSH_ERR);
	__fake_qp_signal(qp);
}

/* Completions that have not been polled are gone as well */
static void __fake_qp_reset(struct fake_qp *qp)
{
	__fake_wq_destroy(&qp->sq);
	__fake_wq_destroy(&qp->rq);
	qp->sq.used = 0;
	qp->sq.owed = 0;
	qp->rq.used = 0;
	qp->rq.owed = 0;
	qp->sq.markers = 0;
	qp->rq.markers = 0;
	qp->last_wqe_raised = false;
	reinit_completion(&qp->flushed);
}

int fake_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		   struct ib_udata *udata)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);
	int ret;

	ret = fake_fault(fake, FAKE_MODIFY_QP);
	if (ret)
		return ret;

	spin_lock_irq(&fake->lock);
	if (fake->dead) {
		ret = -EIO;
	} else if (!(mask & IB_QP_STATE)) {
		ret = 0;
	} else if (!fake_state_is_ok(fake, qp->state, attr->qp_state)) {
		ret = -EINVAL;
	} else {
		qp->state = attr->qp_state;
		if (qp->state == IB_QPS_RESET)
			__fake_qp_reset(qp);
		qp->modified_to_err += qp->state == IB_QPS_ERR;
		__fake_qp_progress(qp);
	}
	spin_unlock_irq(&fake->lock);
	wake_up_all(&fake->changed);
	return ret;
}

int fake_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		  struct ib_qp_init_attr *init_attr)
{
	struct fake_device *fake = to_fake(ibqp->device);
	int ret;

	ret = fake_fault(fake, FAKE_QUERY_QP);
	if (ret)
		return ret;
	attr->qp_state = READ_ONCE(to_fake_qp(ibqp)->state);
	return 0;
}

/* A provider's own drain, of the kind that counts on its flush signal alone */
void fake_drain_qp(struct ib_qp *ibqp)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };

	if (!ib_modify_qp(ibqp, &attr, IB_QP_STATE))
		wait_for_completion(&to_fake_qp(ibqp)->flushed);
}

/*
 * Knobs
 */

/**
 * fake_qp_complete() - execute work requests
 * @ibqp: queue pair
 * @sends: so many of its send queue, in order
 * @recvs: so many of its receive queue, in order
 */
void fake_qp_complete(struct ib_qp *ibqp, unsigned int sends,
		      unsigned int recvs)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);

	spin_lock_irq(&fake->lock);
	__fake_wq_complete(&qp->sq, sends, IB_WC_SUCCESS);
	__fake_wq_complete(&qp->rq, recvs, IB_WC_SUCCESS);
	spin_unlock_irq(&fake->lock);
	wake_up_all(&fake->changed);
}
EXPORT_SYMBOL_GPL(fake_qp_complete);

/* Keep the QP from working on its send queue, its receive queue, or both */
void fake_qp_hold(struct ib_qp *ibqp, bool sq, bool rq)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);

	spin_lock_irq(&fake->lock);
	qp->sq.held |= sq;
	qp->rq.held |= rq;
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_qp_hold);

static void fake_qp_let_go(struct ib_qp *ibqp, bool sq, bool rq)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);

	spin_lock_irq(&fake->lock);
	qp->sq.held &= !sq;
	qp->rq.held &= !rq;
	__fake_qp_progress(qp);
	spin_unlock_irq(&fake->lock);
	wake_up_all(&fake->changed);
}

void fake_qp_release(struct ib_qp *ibqp)
{
	fake_qp_let_go(ibqp, true, true);
}
EXPORT_SYMBOL_GPL(fake_qp_release);

void fake_qp_release_sq(struct ib_qp *ibqp)
{
	fake_qp_let_go(ibqp, true, false);
}
EXPORT_SYMBOL_GPL(fake_qp_release_sq);

void fake_qp_release_rq(struct ib_qp *ibqp)
{
	fake_qp_let_go(ibqp, false, true);
}
EXPORT_SYMBOL_GPL(fake_qp_release_rq);

/* Signal flush-complete, whether it is true or not */
void fake_qp_signal_flushed(struct ib_qp *ibqp)
{
	struct fake_device *fake = to_fake(ibqp->device);

	spin_lock_irq(&fake->lock);
	__fake_qp_raise_flushed(to_fake_qp(ibqp));
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_qp_signal_flushed);

/* Raise IB_EVENT_QP_LAST_WQE_REACHED, whether it is true or not */
void fake_qp_last_wqe(struct ib_qp *ibqp)
{
	struct fake_device *fake = to_fake(ibqp->device);

	spin_lock_irq(&fake->lock);
	__fake_qp_raise_last_wqe(to_fake_qp(ibqp));
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_qp_last_wqe);

/* A send has failed: the hardware takes the QP to SQE */
void fake_qp_enter_sqe(struct ib_qp *ibqp)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);

	spin_lock_irq(&fake->lock);
	qp->state = IB_QPS_SQE;
	__fake_qp_progress(qp);
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_qp_enter_sqe);
