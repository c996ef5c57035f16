// SPDX-License-Identifier: GPL-2.0-only
/*
 * Send queues: fetch a WQE that is the device's, do what it says, complete it.
 * A WQE's owner bit tells in which round it was posted.
 */
#include "hca.h"

/* WQEs in one go; a long queue must not keep the guest's reads waiting */
#define BATCH		64

static u8 *stride_ptr(struct hca *h, struct qp *qp, u32 index)
{
	u32 stride = 1u << qp->sq_shift;

	return ring_ptr(h, &qp->ring, qp->sq_offset +
			(u64)(index & (qp->sq_entries - 1)) * stride, stride);
}

/* The next WQE, if it has been posted; it stays in the queue */
static u8 *posted(struct hca *h, struct qp *qp)
{
	u8 *p = stride_ptr(h, qp, qp->sq_ci);
	bool owner;

	if (!p)
		return NULL;
	owner = get32_acquire(p) & WQE_OWNER;
	return owner == !!(qp->sq_ci & qp->sq_entries) ? p : NULL;
}

/* A WQE of the Ethernet driver may take several strides, also around the end */
static bool copy_wqe(struct hca *h, struct qp *qp, struct wqe *w, const u8 *first)
{
	u32 stride = 1u << qp->sq_shift, i;

	w->size = (first[7] & WQE_DS_MASK) * 16;
	w->strides = (w->size + stride - 1) / stride;
	if (!w->strides)
		w->strides = 1;
	memcpy(w->raw, first, stride);
	for (i = 1; i < w->strides; i++) {
		const u8 *p = stride_ptr(h, qp, qp->sq_ci + i);

		if (!p)
			return false;
		memcpy(w->raw + i * stride, p, stride);
	}
	return true;
}

static bool fetch(struct hca *h, struct qp *qp, struct wqe *w)
{
	u8 *p = posted(h, qp);

	if (!p || !copy_wqe(h, qp, w, p))
		return false;
	w->opcode = get32(w->raw) & WQE_OPCODE;
	w->signaled = get32(w->raw + 8) & WQE_CQ_UPDATE;
	w->solicited = get32(w->raw + 8) & WQE_SOLICITED;
	w->imm = get32(w->raw + 12);
	return true;
}

static void complete(struct hca *h, struct qp *qp, const struct wqe *w, u32 bytes)
{
	u8 cqe[CQE_SIZE] = { 0 };

	put32(cqe, qp->qpn);
	put32(cqe + 20, bytes);
	put16(cqe + 24, qp->sq_ci);
	cqe[31] = CQE_IS_SEND | w->opcode;
	cq_push(h, qp->cqn_send, cqe, w->solicited);
}

/* Datagram and raw QPs stop sending, connected ones stop altogether */
static void fail(struct hca *h, struct qp *qp, enum syndrome syn)
{
	vfu_log(1, "QP %#x: WQE %u fails, syndrome %#x", qp->qpn, qp->sq_ci, syn);
	cq_push_error(h, qp->cqn_send, qp->qpn, qp->sq_ci++, true, syn);
	if (qp->type == QP_RC || qp->type == QP_XRC) {
		qp_to_error(h, qp);
		return;
	}
	qp->state = QP_SQER;
	send_flush(h, qp);
}

static enum send_result execute(struct hca *h, struct qp *qp, struct wqe *w,
				enum syndrome *syn, u32 *bytes)
{
	switch (qp->type) {
	case QP_RC:
	case QP_UC:
		return rc_send(h, qp, w, syn, bytes);
	case QP_UD:
		return ud_send(h, qp, w, syn, bytes);
	case QP_MLX:
		if (!is_special(h, qp->qpn))
			return eth_send(h, qp, w, syn, bytes);
		return mlx_send(h, qp, w, syn, bytes);
	default:
		*syn = SYN_LOCAL_QP_OP;
		return SEND_ERROR;
	}
}

static void forget_waiting(struct qp *qp)
{
	qp->give_up = 0;
	qp->retrying = false;
}

void send_run(struct hca *h, struct qp *qp)
{
	enum syndrome syn = SYN_OK;
	static struct wqe w;
	u32 bytes, n;

	for (n = 0; qp->state == QP_RTS && fetch(h, qp, &w); n++) {
		if (n == BATCH) {
			qp_wake_at(h, qp, now_ns());
			return;
		}
		bytes = 0;
		switch (execute(h, qp, &w, &syn, &bytes)) {
		case SEND_WAIT:
			return;
		case SEND_ERROR:
			forget_waiting(qp);
			fail(h, qp, syn);
			return;
		case SEND_DONE:
			break;
		}
		forget_waiting(qp);
		if (w.signaled)
			complete(h, qp, &w, bytes);
		qp->sq_ci += w.strides;
	}
	/* Others than RC are flushed here in their error state, too */
	if (qp->state == QP_SQER && !fault_armed(h->faults, FAULT_FLUSH_STALL))
		send_flush(h, qp);
}

/* Complete what is posted as flushed; whether there was anything */
bool send_flush(struct hca *h, struct qp *qp)
{
	bool any = false;
	u32 n;

	for (n = 0; n < qp->sq_entries && posted(h, qp); n++) {
		cq_push_error(h, qp->cqn_send, qp->qpn, qp->sq_ci++, true,
			      SYN_FLUSH);
		any = true;
	}
	return any;
}

void send_doorbell(struct hca *h, u32 value)
{
	struct qp *qp = qp_find(h, value >> 8);
	u64 now = now_ns();

	h->stats.send_doorbells++;
	if (!qp || fault_hits(h->faults, FAULT_DOORBELL_IGNORE, 0))
		return;
	/* A QP that waits for its peer does not try earlier for a new request */
	if (qp->state == QP_RTS && qp->retrying)
		return;
	qp_wake_at(h, qp, now);
}
