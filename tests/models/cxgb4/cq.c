// SPDX-License-Identifier: GPL-2.0-only
/* Completions, and the events that tell the driver of an error. */
#include "t5.h"

static void fill(u8 *p, const struct qp *qp, const struct cqe *c)
{
	put32(p, qp->qpid << CQE_QPID_SHIFT | (u32)c->status << CQE_STATUS_SHIFT |
		 (c->sq ? CQE_SQ : 0) | c->opcode);
	put32(p + CQE_LEN, c->len);
	put32(p + CQE_STAG, c->stag);
	if (c->sq)
		memcpy(p + CQE_WRID, &c->wrid, sizeof(c->wrid));
	else
		put32(p + CQE_MSN, c->msn);
	/* Immediate data stays as the other end wrote it */
	if (c->has_imm)
		memcpy(p + CQE_IMM, &c->imm, sizeof(c->imm));
}

void cq_push(struct t5 *t, u32 cqid, const struct qp *qp, const struct cqe *c)
{
	struct iq *q = iq_find(t, cqid);
	u64 last;
	u8 *p;

	if (!q || !q->completions || !sge_enabled(t) ||
	    fault_hits(t->faults, FAULT_CQE_LOSE, c->opcode))
		return;
	p = dma_ptr(t, q->addr + (u64)q->pi * q->entry, q->entry);
	if (!p)
		return;
	t->stats.cqes++;
	memset(p, 0, q->entry - 8);
	fill(p, qp, c);
	last = htobe64((u64)q->gen << CQE_GEN_SHIFT | ++q->stamp);
	__atomic_store_n((u64 *)(p + q->entry - 8), last, __ATOMIC_RELEASE);
	iq_advance(q);
	/* The driver sees by the stamps that it was overtaken */
	if (++q->unread >= q->entries)
		t->stats.cq_overflows++;
	if (c->solicited || c->status)
		q->solicited = q->unread;
	if (q->armed && (!q->armed_solicited || q->solicited))
		iq_event(t, q);
}

void cq_async_event(struct t5 *t, const struct qp *qp, const struct cqe *c)
{
	u8 data[32] = { 0 };

	fill(data, qp, c);
	fw6_send(t, qp->conn->iqid, FW6_CQE, data, sizeof(data));
}
