// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDMA's queues, and RDMA mode: RI_INIT takes a connection from streaming mode
 * into it, with a queue pair; FINI ends it, and so does the end of the
 * connection. Nothing is flushed here: what is left in the queues is the
 * driver's to complete.
 */
#include <stdlib.h>

#include "t5.h"

/*
 * Resources
 */

static bool rdma_queue(u32 id)
{
	return id >= RDMA_QUEUES && id < NR_QUEUES;
}

static bool start_cq(struct t5 *t, u32 id, const u8 *r)
{
	u32 dest = get32(r + RES_DEST);
	struct iq q = {
		.completions = true,
		.to_queue = dest & IQ_TO_QUEUE,
		.dest = dest & IQ_DEST,
		.entry = 16u << (get16(r + RES_IQ_ENTRY) & IQ_ENTRY_SHIFT),
		.entries = get16(r + RES_IQ_SIZE) - 1,
		.addr = get64(r + RES_ADDR),
	};

	if (get16(r + RES_IQ_SIZE) < 2 || q.entry < 32)
		return false;
	iq_start(t, id, &q);
	return true;
}

static bool start_wq(struct t5 *t, u32 id, const u8 *r)
{
	u32 units = get32(r + RES_EQ_SIZE) & 0xffff;

	if (units < 2)
		return false;
	t->eqs[id] = (struct eq){
		.kind = r[RES_TYPE] == RES_SQ ? EQ_SQ : EQ_RQ, .id = id,
		.units = units - 1, .addr = get64(r + RES_ADDR),
	};
	return true;
}

static bool resource(struct t5 *t, const u8 *r)
{
	u32 id = get32(r + RES_ID);

	if (!rdma_queue(id) || r[RES_TYPE] > RES_CQ)
		return false;
	if (r[RES_OP] == RES_OP_WRITE)
		return r[RES_TYPE] == RES_CQ ? start_cq(t, id, r) : start_wq(t, id, r);
	if (r[RES_TYPE] == RES_CQ)
		iq_stop(t, id);
	else
		t->eqs[id].kind = EQ_NONE;
	return true;
}

void ri_resources(struct t5 *t, struct eq *e, const u8 *wr, u32 len)
{
	u8 status = FW_OK;
	u32 i, nr = wr[3];

	if (fault_hits(t->faults, FAULT_WR_FAIL, WR_RI_RES)) {
		wr_reply(t, e->iqid, wr, fault_status(t->faults, FAULT_WR_FAIL));
		return;
	}
	for (i = 0; i < nr && WR_HEADER + (i + 1) * RES_SIZE <= len; i++)
		if (!resource(t, wr + WR_HEADER + i * RES_SIZE))
			status = FW_EINVAL;
	wr_reply(t, e->iqid, wr, status);
}

/*
 * RDMA mode
 */

/* Whichever end came last into RDMA mode may have kept the other one waiting */
void ri_run(struct t5 *t, struct conn *c)
{
	if (c->qp)
		eq_run(t, c->qp->sq);
}

void ri_end(struct t5 *t, struct conn *c)
{
	struct qp *qp = c->qp;

	if (!qp)
		return;
	c->qp = NULL;
	/* The driver creates a queue anew before it uses it again */
	if (qp->sq->qp == qp)
		qp->sq->qp = NULL;
	if (qp->rq->qp == qp)
		qp->rq->qp = NULL;
	free(qp);
}

/* The initiator begins with a message that nobody asked for: the responder waits for that */
static void first_message(struct t5 *t, struct conn *c, u8 mpa)
{
	struct cqe cqe = { .opcode = RI_READ_RESP, .stag = 1 };
	struct conn *p = c->peer;

	if (!(mpa & MPA_INITIATOR) || (mpa & MPA_P2P_TYPE) == MPA_P2P_DISABLED)
		return;
	if (p && p->qp)
		p->qp->may_send = true;
	if ((mpa & MPA_P2P_TYPE) == MPA_P2P_READ)
		cq_push(t, c->qp->scq, c->qp, &cqe);
}

static u8 enter(struct t5 *t, struct conn *c, const u8 *wr)
{
	struct eq *sq = eq_find(t, get32(wr + INIT_QPID));
	struct eq *rq = eq_find(t, get32(wr + INIT_RQ));
	u8 mpa = wr[INIT_MPA];
	struct qp *qp;

	if (c->state != CONN_OPEN)
		return FW_EIO;
	if (c->qp || !sq || sq->kind != EQ_SQ || !rq || rq->kind != EQ_RQ)
		return FW_EINVAL;
	qp = calloc(1, sizeof(*qp));
	if (!qp)
		return FW_EIO;
	*qp = (struct qp){
		.qpid = sq->id, .pd = get32(wr + INIT_PD), .caps = wr[INIT_QP_CAPS],
		.conn = c, .sq = sq, .rq = rq, .scq = get32(wr + INIT_SCQ),
		.rcq = get32(wr + INIT_RCQ),
		.may_send = mpa & MPA_INITIATOR ||
			    (mpa & MPA_P2P_TYPE) == MPA_P2P_DISABLED,
	};
	c->qp = qp;
	sq->qp = qp;
	rq->qp = qp;
	first_message(t, c, mpa);
	return FW_OK;
}

/* The message itself is of no interest to the driver at the other end */
static void terminate(struct t5 *t, struct conn *c)
{
	struct cqe cqe = { .opcode = RI_TERMINATE };
	struct conn *p = c->peer;
	u8 cpl[8] = { 0 };

	if (c->qp)
		c->qp->broken = true;
	if (!conn_carries(c))
		return;
	t->stats.terminates++;
	if (p->qp) {
		p->qp->broken = true;
		cq_push(t, p->qp->rcq, p->qp, &cqe);
	}
	put32(cpl, (u32)CPL_RDMA_TERMINATE << 24 | p->tid);
	cpl_send(t, p->iqid, cpl, sizeof(cpl));
}

void ri_init(struct t5 *t, const u8 *wr)
{
	struct conn *c = conn_find(t, WR_FLOWID(get32(wr + 4)));
	u8 status = FW_OK;

	if (!c) {
		vfu_log(1, "RI_INIT for TID %u, which is not there",
			WR_FLOWID(get32(wr + 4)));
		return;
	}
	if (fault_hits(t->faults, FAULT_WR_FAIL, WR_RI_INIT)) {
		wr_reply(t, c->iqid, wr, fault_status(t->faults, FAULT_WR_FAIL));
		return;
	}
	switch (wr[INIT_TYPE]) {
	case INIT_INIT:
		status = enter(t, c, wr);
		break;
	case INIT_FINI:
		if (fault_hits(t->faults, FAULT_FLUSH_STALL, WR_RI_INIT))
			return;
		ri_end(t, c);
		break;
	case INIT_TERMINATE:
		terminate(t, c);
		break;
	default:
		status = FW_EINVAL;
	}
	wr_reply(t, c->iqid, wr, status);
	if (wr[INIT_TYPE] != INIT_INIT)
		return;
	ri_run(t, c);
	if (c->peer)
		ri_run(t, c->peer);
}
