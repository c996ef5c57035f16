// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work requests of a send queue: both ends of a message in one step.
 *
 * What is wrong at this end fails the work request. Of what is wrong at the
 * other end, the other end's driver is told, and it terminates the connection;
 * a write or send has been completed by then, a read never is.
 */
#include "t5.h"

/* Whether messages arrive; until they do, they wait in the queue */
bool rdma_may_run(const struct qp *qp)
{
	const struct conn *p = qp->conn->peer;

	return qp->may_send && !qp->broken && conn_carries(qp->conn) && p->qp &&
	       !p->qp->broken;
}

static void complete_if(struct t5 *t, struct qp *qp, u8 flags, const u8 *wrid,
			u8 opcode, u32 len)
{
	struct cqe c = { .sq = true, .opcode = opcode, .len = len };

	if (!(flags & RI_SIGNALED))
		return;
	memcpy(&c.wrid, wrid, sizeof(c.wrid));
	cq_push(t, qp->scq, qp, &c);
}

static void complete(struct t5 *t, struct qp *qp, const u8 *wr, u8 opcode, u32 len)
{
	complete_if(t, qp, wr[RI_FLAGS], wr + RI_WRID, opcode, len);
}

static void local_error(struct t5 *t, struct qp *qp, const u8 *wr, u8 opcode,
			enum cqe_status status, u32 stag)
{
	struct cqe c = {
		.sq = true, .opcode = opcode, .status = status, .stag = stag,
	};

	vfu_log(1, "QP %u: status %#x of operation %u", qp->qpid, status, opcode);
	memcpy(&c.wrid, wr + RI_WRID, sizeof(c.wrid));
	qp->broken = true;
	cq_push(t, qp->scq, qp, &c);
	cq_async_event(t, qp, &c);
}

/* Of a message that has arrived at @qp */
static void ingress_error(struct t5 *t, struct qp *qp, u8 opcode,
			  enum cqe_status status, u32 stag)
{
	struct cqe c = { .opcode = opcode, .status = status, .stag = stag };

	vfu_log(1, "QP %u: status %#x of incoming operation %u", qp->qpid, status,
		opcode);
	qp->broken = true;
	cq_async_event(t, qp, &c);
}

/*
 * Messages that use a receive
 */

/* A receive that failed is complete, with its status */
static void receive_error(struct t5 *t, struct qp *qp, u8 opcode,
			  enum cqe_status status)
{
	struct cqe c = { .opcode = opcode, .status = status, .msn = ++qp->msn };

	cq_push(t, qp->rcq, qp, &c);
	ingress_error(t, qp, opcode, status, 0);
}

static bool take_receive(struct t5 *t, struct qp *qp, u8 *wr, struct sg *sg)
{
	u32 len;

	sg_init(sg, qp, PERM_LOCAL_WRITE, false);
	if (!eq_peek(t, qp->rq, wr, &len))
		return false;
	eq_advance(qp->rq, len);
	return sg_parse(sg, wr + RI_RECV_SGL, wr + len);
}

static void receive(struct t5 *t, struct qp *qp, u8 opcode, u32 stag,
		    const struct sg *from)
{
	bool invalidate = opcode == RI_SEND_INV || opcode == RI_SEND_SE_INV;
	struct cqe c = {
		.opcode = opcode, .len = from->len, .stag = stag,
		.solicited = opcode == RI_SEND_SE || opcode == RI_SEND_SE_INV,
	};
	u8 wr[MAX_WR + EQ_UNIT];
	enum cqe_status status;
	struct sg to;

	if (!take_receive(t, qp, wr, &to)) {
		ingress_error(t, qp, opcode, T5_OUT_OF_RQE, 0);
		return;
	}
	status = from->len > to.len ? T5_LENGTH : sg_check(t, &to);
	if (!status && !sg_copy(t, &to, from))
		status = T5_BOUND;
	if (!status && invalidate)
		status = mem_invalidate(t, qp, stag, true);
	if (status) {
		receive_error(t, qp, opcode, status);
		return;
	}
	c.msn = ++qp->msn;
	cq_push(t, qp->rcq, qp, &c);
}

static void receive_immediate(struct t5 *t, struct qp *qp, const u8 *imm, u32 len)
{
	struct cqe c = { .opcode = RI_WRITE_IMMEDIATE, .len = len, .has_imm = true };
	u8 wr[MAX_WR + EQ_UNIT];
	struct sg to;

	if (!take_receive(t, qp, wr, &to)) {
		ingress_error(t, qp, RI_WRITE_IMMEDIATE, T5_OUT_OF_RQE, 0);
		return;
	}
	memcpy(&c.imm, imm, sizeof(c.imm));
	c.msn = ++qp->msn;
	cq_push(t, qp->rcq, qp, &c);
}

/*
 * Operations
 */

/* What this end sends, checked; false: the work request has failed */
static bool gather(struct t5 *t, struct qp *qp, const u8 *wr, const u8 *list,
		   u32 len, u8 opcode, struct sg *sg)
{
	enum cqe_status status;

	sg_init(sg, qp, PERM_LOCAL_READ, false);
	status = sg_parse(sg, list, wr + len) ? sg_check(t, sg) : T5_OPCODE;
	if (status)
		local_error(t, qp, wr, opcode, status, 0);
	return !status;
}

static void do_send(struct t5 *t, struct qp *qp, struct qp *peer, const u8 *wr,
		    u32 len)
{
	u8 opcode = get32(wr + RI_SEND_OP) & 0xf;
	struct sg from;

	if (!gather(t, qp, wr, wr + RI_SEND_SGL, len, opcode, &from))
		return;
	complete(t, qp, wr, opcode, from.len);
	receive(t, peer, opcode, get32(wr + RI_SEND_STAG), &from);
}

/* Whether what was written has arrived */
static bool write_arrives(struct t5 *t, struct qp *peer, const u8 *wr,
			  const struct sg *from)
{
	u32 stag = get32(wr + RI_WRITE_STAG);
	enum cqe_status status;
	struct sg to;

	sg_init(&to, peer, PERM_REMOTE_WRITE, true);
	sg_add(&to, stag, get64(wr + RI_WRITE_TO), from->len);
	status = peer->caps & QP_WRITE ? sg_check(t, &to) : T5_ACCESS;
	if (!status && !sg_copy(t, &to, from))
		status = T5_BOUND;
	if (status)
		ingress_error(t, peer, RI_RDMA_WRITE, status, stag);
	return !status;
}

static void do_write(struct t5 *t, struct qp *qp, struct qp *peer, const u8 *wr,
		     u32 len)
{
	struct sg from;

	if (!gather(t, qp, wr, wr + RI_WRITE_SGL, len, RI_RDMA_WRITE, &from))
		return;
	complete(t, qp, wr, RI_RDMA_WRITE, from.len);
	if (write_arrives(t, peer, wr, &from) && wr[RI_FLAGS] & RI_WRITE_IMM)
		receive_immediate(t, peer, wr + RI_WRITE_IMM_DATA, from.len);
}

/* A write and the send that tells of it, in one work request */
static void do_write_and_send(struct t5 *t, struct qp *qp, struct qp *peer,
			      const u8 *wr, u32 len)
{
	const u8 *list = wr + RI_CMPL_SEND_SGL;
	u32 stag = get32(wr + RI_CMPL_STAG);
	u8 opcode = stag ? RI_SEND_INV : RI_SEND, immediate[24];
	struct sg written, sent;

	if (list[0] == RI_DATA_IMMD) {
		memcpy(immediate, list, sizeof(immediate));
		put32(immediate + 4, list[RI_CMPL_IMMD_LEN]);
		list = immediate;
	}
	if (len < RI_CMPL_WRITE_SGL ||
	    !gather(t, qp, wr, wr + RI_CMPL_WRITE_SGL, len, RI_RDMA_WRITE, &written))
		return;
	sg_init(&sent, qp, PERM_LOCAL_READ, false);
	if (!sg_parse(&sent, list, list + 24) || sg_check(t, &sent)) {
		local_error(t, qp, wr, RI_RDMA_WRITE, T5_STAG, 0);
		return;
	}
	complete(t, qp, wr, RI_RDMA_WRITE, written.len);
	complete_if(t, qp, wr[RI_CMPL_FLAGS], wr + RI_CMPL_WRID, opcode, sent.len);
	if (write_arrives(t, peer, wr, &written))
		receive(t, peer, opcode, stag, &sent);
}

/* The answer, which the chip takes for something incoming */
static void read_response(struct t5 *t, struct qp *qp, const u8 *wr,
			  const struct sg *from)
{
	u32 stag = get32(wr + RI_READ_SINK_STAG);
	struct cqe c = { .opcode = RI_READ_RESP, .len = from->len, .stag = stag };
	enum cqe_status status;
	struct sg to;

	sg_init(&to, qp, PERM_REMOTE_WRITE, true);
	sg_add(&to, stag, get64(wr + RI_READ_SINK_TO), from->len);
	status = sg_check(t, &to);
	if (!status && !sg_copy(t, &to, from))
		status = T5_BOUND;
	if (!status && wr[RI_FLAGS] & RI_READ_INVALIDATE)
		status = mem_invalidate(t, qp, stag, false);
	if (status)
		ingress_error(t, qp, RI_READ_RESP, status, stag);
	else
		cq_push(t, qp->scq, qp, &c);	/* signaled or not */
}

static void do_read(struct t5 *t, struct qp *qp, struct qp *peer, const u8 *wr)
{
	u32 stag = get32(wr + RI_READ_SOURCE_STAG);
	enum cqe_status status;
	struct sg from;

	sg_init(&from, peer, PERM_REMOTE_READ, true);
	sg_add(&from, stag, get64(wr + RI_READ_SOURCE_TO), get32(wr + RI_READ_LEN));
	status = peer->caps & QP_READ ? sg_check(t, &from) : T5_ACCESS;
	if (status)
		ingress_error(t, peer, RI_READ_REQ, status, stag);
	else
		read_response(t, qp, wr, &from);
}

static void finish_local(struct t5 *t, struct qp *qp, const u8 *wr, u8 opcode,
			 enum cqe_status status, u32 stag)
{
	if (status)
		local_error(t, qp, wr, opcode, status, stag);
	else
		complete(t, qp, wr, opcode, 0);
}

void rdma_execute(struct t5 *t, struct qp *qp, const u8 *wr, u32 len)
{
	struct qp *peer = qp->conn->peer->qp;
	enum cqe_status status;

	t->stats.messages++;
	switch (wr[0]) {
	case WR_RI_SEND:
		do_send(t, qp, peer, wr, len);
		break;
	case WR_RI_RDMA_WRITE:
		do_write(t, qp, peer, wr, len);
		break;
	case WR_RI_WRITE_CMPL:
		do_write_and_send(t, qp, peer, wr, len);
		break;
	case WR_RI_RDMA_READ:
		do_read(t, qp, peer, wr);
		break;
	case WR_RI_FR_NSMR:
		status = mem_fast_register(t, qp, wr, len);
		finish_local(t, qp, wr, RI_FAST_REGISTER, status,
			     get32(wr + RI_FR_STAG));
		break;
	case WR_RI_FR_NSMR_TPTE:
		status = mem_fast_register_tpte(t, qp, wr, len);
		finish_local(t, qp, wr, RI_FAST_REGISTER, status,
			     get32(wr + RI_FR_TPTE_STAG));
		break;
	case WR_RI_INV_LSTAG:
		status = mem_invalidate(t, qp, get32(wr + RI_INV_STAG), false);
		finish_local(t, qp, wr, RI_LOCAL_INV, status,
			     get32(wr + RI_INV_STAG));
		break;
	default:
		local_error(t, qp, wr, RI_SEND, T5_OPCODE, 0);
	}
}
