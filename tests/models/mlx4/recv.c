// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive queues. A posted receive rings no doorbell: the driver advances a
 * counter in memory, which is read when a message arrives, and in ERR by
 * polling.
 */
#include "hca.h"

/* How far the driver has posted */
static u16 rq_pi(struct hca *h, struct qp *qp)
{
	u8 *db = qp->db_rec ? dma_ptr(h, qp->db_rec, 4) : NULL;

	return db ? get32_acquire(db) : qp->rq_ci;
}

bool recv_empty(struct hca *h, struct qp *qp)
{
	struct srq *srq;

	if (qp->has_srq) {
		srq = srq_find(h, qp->srqn);
		return !srq || srq_empty(h, srq);
	}
	return !qp->rq_entries || rq_pi(h, qp) == qp->rq_ci;
}

static bool take_from_srq(struct hca *h, struct qp *qp, struct receive *r)
{
	struct srq *srq = srq_find(h, qp->srqn);

	if (!srq)
		return false;
	r->wqe = srq_take(h, srq, &r->index);
	r->size = (1u << srq->stride_shift) - WQE_CTRL_SIZE;
	return r->wqe;
}

/* Take the first posted receive; false: there is none */
bool recv_take(struct hca *h, struct qp *qp, struct receive *r)
{
	u32 stride = 1u << qp->rq_shift;

	if (qp->has_srq)
		return take_from_srq(h, qp, r);
	if (recv_empty(h, qp))
		return false;
	r->index = qp->rq_ci;
	r->size = stride;
	r->wqe = ring_ptr(h, &qp->ring, qp->rq_offset +
			  (u64)(qp->rq_ci & (qp->rq_entries - 1)) * stride, stride);
	if (!r->wqe)
		return false;
	qp->rq_ci++;
	return true;
}

/* Complete what is posted as flushed; whether there was anything */
bool recv_flush(struct hca *h, struct qp *qp)
{
	u16 pi;

	if (qp->has_srq || !qp->rq_entries)
		return false;
	pi = rq_pi(h, qp);
	if (qp->rq_ci == pi)
		return false;
	while (qp->rq_ci != pi)
		cq_push_error(h, qp->cqn_recv, qp->qpn, qp->rq_ci++, false,
			      SYN_FLUSH);
	return true;
}

/* The scatter list of a receive, to be checked against the PD that posted it */
void recv_list(struct hca *h, struct qp *qp, const struct receive *r,
	       struct sg *to)
{
	sg_init(to, qp, PERM_LOCAL_WRITE);
	if (qp->has_srq) {
		struct srq *srq = srq_find(h, qp->srqn);

		if (srq)
			to->access.pd = srq->pd;
	}
	sg_parse(to, r->wqe, r->wqe + r->size);
}
