// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reliable connections (and unreliable ones, which get no answer): the
 * requester's and the responder's side of one message in one step. What takes
 * time is modelled as waiting: for a peer that does not answer, and for a peer
 * that has no receive posted (RNR).
 */
#include "hca.h"

/* What the responder answers */
enum answer {
	ANSWER_ACK,
	ANSWER_NONE,
	ANSWER_RNR,
	ANSWER_INVALID_REQUEST,
	ANSWER_ACCESS,
	ANSWER_OPERATION,
	LOCAL_PROTECTION,	/* no answer: the requester's own list is bad */
};

#define RADDR_SEG_SIZE		16
#define ATOMIC_SEG_SIZE		16
#define MASKED_ATOMIC_SEG_SIZE	32
#define FMR_SEG_SIZE		48
#define INVAL_KEY		8	/* in its segment */

/* Minimum RNR timer, in units of 10 microseconds */
static const u32 rnr_timer[32] = {
	65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384,
	512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576,
	32768, 49152,
};

static struct port *qp_port(struct hca *h, const struct qp *qp)
{
	return qp->port <= h->nr_ports ? &h->ports[qp->port - 1] : NULL;
}

/* The QP at the other end, if a packet gets there */
static struct qp *find_peer(struct hca *h, struct qp *qp)
{
	const u8 *path = qp->context + QPC_PATH;
	struct port *from = qp_port(h, qp), *to;
	struct qp *peer;

	if (!from)
		return NULL;
	to = fabric_route(h, from, get16(path + PATH_RLID), path + PATH_RGID);
	if (!to)
		return NULL;
	peer = qp_find(h, qp->remote_qpn);
	if (!peer || peer->type != qp->type || peer->remote_qpn != qp->qpn ||
	    peer->port != port_number(h, to))
		return NULL;
	if (peer->state != QP_RTR && peer->state != QP_RTS &&
	    peer->state != QP_SQD && peer->state != QP_SQER)
		return NULL;
	return peer;
}

/* The first message on a connection tells a driver that still is in RTR */
static void establish(struct hca *h, struct qp *peer)
{
	if (peer->established)
		return;
	peer->established = true;
	if (peer->state == QP_RTR)
		eq_qp_event(h, EVENT_COMM_EST, peer->qpn);
}

static void responder_error(struct hca *h, struct qp *peer, u8 event)
{
	eq_qp_event(h, event, peer->qpn);
	qp_to_error(h, peer);
}

static bool allowed(const struct qp *peer, u32 right)
{
	return get32(peer->context + QPC_PARAMS2) & right;
}

static void push_receive(struct hca *h, struct qp *qp, struct qp *peer,
			 const struct receive *r, u8 opcode, u32 bytes, u32 imm,
			 bool solicited)
{
	u8 cqe[CQE_SIZE] = { 0 };

	put32(cqe, peer->qpn);
	put32(cqe + 4, imm);
	put32(cqe + 8, qp->qpn);
	put32(cqe + 20, bytes);
	put16(cqe + 24, r->index);
	cqe[31] = opcode;
	cq_push(h, peer->cqn_recv, cqe, solicited);
}

static void fail_receive(struct hca *h, struct qp *peer, const struct receive *r,
			 enum syndrome syn)
{
	cq_push_error(h, peer->cqn_recv, peer->qpn, r->index, false, syn);
	qp_to_error(h, peer);
}

static u8 receive_opcode(u8 opcode)
{
	switch (opcode) {
	case OP_SEND_IMM:
		return RECV_SEND_IMM;
	case OP_SEND_INVAL:
		return RECV_SEND_INVAL;
	case OP_RDMA_WRITE_IMM:
		return RECV_RDMA_WRITE_IMM;
	default:
		return RECV_SEND;
	}
}

static enum answer respond_send(struct hca *h, struct qp *qp, struct qp *peer,
				struct wqe *w, struct sg *from)
{
	struct receive r;
	struct sg to;

	if (recv_empty(h, peer))
		return ANSWER_RNR;
	if (!recv_take(h, peer, &r)) {
		responder_error(h, peer, EVENT_WQ_CATAS_ERROR);
		return ANSWER_OPERATION;
	}
	recv_list(h, peer, &r, &to);
	switch (sg_copy(h, &to, from)) {
	case SG_OK:
		break;
	case SG_SOURCE:
		/* The receive stays used: a QP that fails has no order left */
		fail_receive(h, peer, &r, SYN_FLUSH);
		return LOCAL_PROTECTION;
	case SG_DESTINATION:
		fail_receive(h, peer, &r, SYN_LOCAL_PROT);
		return ANSWER_OPERATION;
	case SG_TOO_LONG:
		fail_receive(h, peer, &r, SYN_LOCAL_LENGTH);
		return ANSWER_INVALID_REQUEST;
	}
	if (w->opcode == OP_SEND_INVAL &&
	    !mem_invalidate(h, peer->pd, w->imm, true)) {
		fail_receive(h, peer, &r, SYN_LOCAL_QP_OP);
		return ANSWER_ACCESS;
	}
	push_receive(h, qp, peer, &r, receive_opcode(w->opcode), from->len,
		     w->imm, w->solicited);
	return ANSWER_ACK;
}

/* A range in the peer's memory as a list of one segment */
static void remote_range(struct qp *peer, struct wqe *w, u32 perm, u32 len,
			 struct sg *sg)
{
	const u8 *seg = w->raw + WQE_CTRL_SIZE;

	sg_init(sg, peer, perm);
	sg->access.reserved_lkey = false;
	sg_add(sg, get32(seg + 8), get64(seg), len, NULL);
}

static enum answer respond_write(struct hca *h, struct qp *qp, struct qp *peer,
				 struct wqe *w, struct sg *from)
{
	struct receive r;
	struct sg to;

	if (!allowed(peer, QPC_RWE)) {
		responder_error(h, peer, EVENT_WQ_INVAL_REQ);
		return ANSWER_INVALID_REQUEST;
	}
	if (w->opcode == OP_RDMA_WRITE_IMM && recv_empty(h, peer))
		return ANSWER_RNR;
	remote_range(peer, w, PERM_REMOTE_WRITE, from->len, &to);
	switch (sg_copy(h, &to, from)) {
	case SG_OK:
		break;
	case SG_SOURCE:
		return LOCAL_PROTECTION;
	default:
		responder_error(h, peer, EVENT_WQ_ACCESS_ERROR);
		return ANSWER_ACCESS;
	}
	if (w->opcode == OP_RDMA_WRITE_IMM && recv_take(h, peer, &r))
		push_receive(h, qp, peer, &r, RECV_RDMA_WRITE_IMM, from->len,
			     w->imm, w->solicited);
	return ANSWER_ACK;
}

static enum answer respond_read(struct hca *h, struct qp *peer, struct wqe *w,
				struct sg *to)
{
	struct sg from;

	if (!allowed(peer, QPC_RRE)) {
		responder_error(h, peer, EVENT_WQ_INVAL_REQ);
		return ANSWER_INVALID_REQUEST;
	}
	remote_range(peer, w, PERM_REMOTE_READ, to->len, &from);
	switch (sg_copy(h, to, &from)) {
	case SG_OK:
		return ANSWER_ACK;
	case SG_DESTINATION:
		return LOCAL_PROTECTION;
	default:
		responder_error(h, peer, EVENT_WQ_ACCESS_ERROR);
		return ANSWER_ACCESS;
	}
}

/* Add with carries that stop at the bits that @boundaries has */
static u64 masked_add(u64 a, u64 b, u64 boundaries)
{
	u64 carry_in = 0, sum = 0;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		u64 bits = (a >> i & 1) + (b >> i & 1) + carry_in;

		sum |= (bits & 1) << i;
		carry_in = boundaries >> i & 1 ? 0 : bits >> 1;
	}
	return sum;
}

static u64 atomic_result(const struct wqe *w, const u8 *seg, u64 old)
{
	u64 swap_add = get64(seg), compare = get64(seg + 8);

	switch (w->opcode) {
	case OP_ATOMIC_CS:
		return old == compare ? swap_add : old;
	case OP_MASKED_ATOMIC_CS:
		if ((old ^ compare) & get64(seg + 24))
			return old;
		return (old & ~get64(seg + 16)) | (swap_add & get64(seg + 16));
	case OP_MASKED_ATOMIC_FA:
		return masked_add(old, swap_add, compare);
	default:
		return old + swap_add;
	}
}

static enum answer respond_atomic(struct hca *h, struct qp *peer, struct wqe *w,
				  struct sg *to)
{
	const u8 *seg = w->raw + WQE_CTRL_SIZE;
	struct sg from;
	u32 len = 8;
	u64 old, new;
	u8 *p;

	if (!allowed(peer, QPC_RAE) || get64(seg) & 7) {
		responder_error(h, peer, EVENT_WQ_INVAL_REQ);
		return ANSWER_INVALID_REQUEST;
	}
	sg_init(&from, peer, PERM_ATOMIC);
	from.access.reserved_lkey = false;
	p = mem_translate(h, &from.access, get32(seg + 8), get64(seg), &len);
	if (!p) {
		responder_error(h, peer, EVENT_WQ_ACCESS_ERROR);
		return ANSWER_ACCESS;
	}
	/* Values in memory are the host's */
	memcpy(&old, p, 8);
	new = atomic_result(w, seg + RADDR_SEG_SIZE, old);
	sg_add(&from, 0, 0, 8, (const u8 *)&old);
	switch (sg_copy(h, to, &from)) {
	case SG_OK:
		break;
	default:
		return LOCAL_PROTECTION;
	}
	__atomic_store_n((u64 *)p, new, __ATOMIC_RELEASE);
	return ANSWER_ACK;
}

/*
 * Waiting for the peer
 */

static enum send_result wait_for_answer(struct hca *h, struct qp *qp,
					enum syndrome *syn)
{
	u32 timeout = qp->context[QPC_PATH + PATH_ACKTO] >> 3;
	u32 retries = get32(qp->context + QPC_PARAMS1) >> 16 & 7;
	u64 now = now_ns(), total;

	/* 4.096 us << timeout for each attempt; 0: for ever */
	total = (4096ull << timeout) * (retries + 1);
	if (!qp->retrying) {
		qp->retrying = true;
		qp->give_up = timeout ? now + total : ~0ull;
	}
	if (now >= qp->give_up) {
		*syn = SYN_RETRY_EXC;
		return SEND_ERROR;
	}
	now += 2 * MS;
	qp_wake_at(h, qp, now < qp->give_up ? now : qp->give_up);
	return SEND_WAIT;
}

static enum send_result wait_for_receive(struct hca *h, struct qp *qp,
					 struct qp *peer, enum syndrome *syn)
{
	u32 retries = get32(qp->context + QPC_PARAMS1) >> 13 & 7;
	u8 timer = peer->context[QPC_RNR_RECV_PSN] & 0x1f;

	if (!qp->retrying) {
		qp->retrying = true;
		qp->rnr_left = retries;
	} else if (retries != 7 && qp->rnr_left-- == 0) {
		*syn = SYN_RNR_RETRY_EXC;
		return SEND_ERROR;
	}
	if (!retries) {
		*syn = SYN_RNR_RETRY_EXC;
		return SEND_ERROR;
	}
	qp_wake_at(h, qp, now_ns() + rnr_timer[timer] * 10000ull);
	return SEND_WAIT;
}

static enum send_result take_answer(struct hca *h, struct qp *qp,
				    struct qp *peer, enum answer answer,
				    enum syndrome *syn)
{
	/* Nobody answers over an unreliable connection */
	if (qp->type == QP_UC && answer != LOCAL_PROTECTION)
		return SEND_DONE;
	switch (answer) {
	case ANSWER_ACK:
		h->stats.messages++;
		return SEND_DONE;
	case ANSWER_NONE:
		return wait_for_answer(h, qp, syn);
	case ANSWER_RNR:
		return wait_for_receive(h, qp, peer, syn);
	case ANSWER_INVALID_REQUEST:
		*syn = SYN_REMOTE_INVAL_REQ;
		return SEND_ERROR;
	case ANSWER_ACCESS:
		*syn = SYN_REMOTE_ACCESS;
		return SEND_ERROR;
	case ANSWER_OPERATION:
		*syn = SYN_REMOTE_OP;
		return SEND_ERROR;
	case LOCAL_PROTECTION:
		break;
	}
	*syn = SYN_LOCAL_PROT;
	return SEND_ERROR;
}

/*
 * One work request
 */

static u32 segments_at(const struct wqe *w)
{
	switch (w->opcode) {
	case OP_RDMA_READ:
	case OP_RDMA_WRITE:
	case OP_RDMA_WRITE_IMM:
		return WQE_CTRL_SIZE + RADDR_SEG_SIZE;
	case OP_ATOMIC_CS:
	case OP_ATOMIC_FA:
	case OP_MASKED_ATOMIC_FA:
		return WQE_CTRL_SIZE + RADDR_SEG_SIZE + ATOMIC_SEG_SIZE;
	case OP_MASKED_ATOMIC_CS:
		return WQE_CTRL_SIZE + RADDR_SEG_SIZE + MASKED_ATOMIC_SEG_SIZE;
	default:
		return WQE_CTRL_SIZE;
	}
}

static enum answer respond(struct hca *h, struct qp *qp, struct qp *peer,
			   struct wqe *w, struct sg *local)
{
	switch (w->opcode) {
	case OP_RDMA_WRITE:
	case OP_RDMA_WRITE_IMM:
		return respond_write(h, qp, peer, w, local);
	case OP_RDMA_READ:
		return respond_read(h, peer, w, local);
	case OP_ATOMIC_CS:
	case OP_ATOMIC_FA:
	case OP_MASKED_ATOMIC_CS:
	case OP_MASKED_ATOMIC_FA:
		return respond_atomic(h, peer, w, local);
	default:
		return respond_send(h, qp, peer, w, local);
	}
}

static enum send_result do_local(struct hca *h, struct qp *qp, struct wqe *w,
				 enum syndrome *syn)
{
	const u8 *seg = w->raw + WQE_CTRL_SIZE;
	bool done = true;

	if (w->opcode == OP_FMR)
		done = w->size >= WQE_CTRL_SIZE + FMR_SEG_SIZE &&
		       mem_fast_register(h, qp->pd, seg);
	else if (w->opcode == OP_LOCAL_INVAL)
		done = mem_invalidate(h, qp->pd, get32(seg + INVAL_KEY), false);
	*syn = SYN_MW_BIND;
	return done ? SEND_DONE : SEND_ERROR;
}

static bool is_local(u8 opcode)
{
	return opcode == OP_NOP || opcode == OP_FMR || opcode == OP_LOCAL_INVAL;
}

static bool writes_locally(u8 opcode)
{
	return opcode == OP_RDMA_READ ||
	       (opcode >= OP_ATOMIC_CS && opcode <= OP_MASKED_ATOMIC_FA);
}

static bool known(u8 opcode)
{
	switch (opcode) {
	case OP_SEND:
	case OP_SEND_IMM:
	case OP_SEND_INVAL:
	case OP_RDMA_WRITE:
	case OP_RDMA_WRITE_IMM:
	case OP_RDMA_READ:
	case OP_ATOMIC_CS:
	case OP_ATOMIC_FA:
	case OP_MASKED_ATOMIC_CS:
	case OP_MASKED_ATOMIC_FA:
		return true;
	default:
		return false;
	}
}

enum send_result rc_send(struct hca *h, struct qp *qp, struct wqe *w,
			 enum syndrome *syn, u32 *bytes)
{
	struct qp *peer;
	struct sg local;

	if (is_local(w->opcode))
		return do_local(h, qp, w, syn);
	sg_init(&local, qp, writes_locally(w->opcode) ? PERM_LOCAL_WRITE :
							PERM_LOCAL_READ);
	if (!known(w->opcode) ||
	    !sg_parse(&local, w->raw + segments_at(w), w->raw + w->size)) {
		*syn = SYN_LOCAL_QP_OP;
		return SEND_ERROR;
	}
	*bytes = local.len;
	peer = find_peer(h, qp);
	if (!peer)
		return take_answer(h, qp, NULL, ANSWER_NONE, syn);
	establish(h, peer);
	return take_answer(h, qp, peer, respond(h, qp, peer, w, &local), syn);
}
