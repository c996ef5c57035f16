// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared receive queues: a linked list of WQEs in the guest's memory, whose
 * length the driver tells by a counter in a doorbell record.
 */
#include <stdlib.h>

#include "hca.h"

#define SRQC_SIZE_SRQN		0
#define SRQC_LOG_STRIDE		4
#define SRQC_LOG_PAGE		16
#define SRQC_PD			24
#define SRQC_LIMIT		28
#define SRQC_WQE_COUNTER	34
#define SRQC_DB_REC		40

#define SRQ_NEXT_INDEX		2	/* in the segment before the scatter list */

struct srq *srq_find(struct hca *h, u32 srqn)
{
	struct srq *srq = h->srqs[srqn & (NR_SRQS - 1)];

	return srq && srq->valid ? srq : NULL;
}

u8 cmd_sw2hw_srq(struct hca *h, struct command *c)
{
	u32 slot = c->in_modifier & (NR_SRQS - 1);
	struct srq *srq;

	if (!c->in)
		return STAT_BAD_PARAM;
	if (!h->srqs[slot])
		h->srqs[slot] = calloc(1, sizeof(*srq));
	srq = h->srqs[slot];
	if (!srq || srq->valid)
		return STAT_BAD_RES_STATE;
	*srq = (struct srq){
		.valid = true,
		.srqn = c->in_modifier & 0xffffff,
		.entries = 1u << (get32(c->in + SRQC_SIZE_SRQN) >> 24 & 0xf),
		.stride_shift = (c->in[SRQC_LOG_STRIDE] & 7) + 4,
		.pd = get24(c->in + SRQC_PD),
		.db_rec = get64(c->in + SRQC_DB_REC),
	};
	ring_init(&srq->ring, c->in + SRQC_LOG_PAGE, 0);
	vfu_log(1, "SRQ %#x: %u entries", srq->srqn, srq->entries);
	return STAT_OK;
}

u8 cmd_hw2sw_srq(struct hca *h, struct command *c)
{
	struct srq *srq = srq_find(h, c->in_modifier);

	if (!srq)
		return STAT_BAD_INDEX;
	srq->valid = false;
	return STAT_OK;
}

u8 cmd_query_srq(struct hca *h, struct command *c)
{
	struct srq *srq = srq_find(h, c->in_modifier);

	if (!srq || !c->out)
		return STAT_BAD_INDEX;
	memset(c->out, 0, 64);
	put16(c->out + SRQC_LIMIT, srq->limit);
	put16(c->out + SRQC_WQE_COUNTER, srq->consumed);
	return STAT_OK;
}

static u16 srq_available(struct hca *h, struct srq *srq)
{
	u8 *db = dma_ptr(h, srq->db_rec, 4);

	return db ? (u16)(get32_acquire(db) - srq->consumed) : 0;
}

static void srq_check_limit(struct hca *h, struct srq *srq)
{
	u8 data[4];

	if (!srq->limit || srq_available(h, srq) >= srq->limit)
		return;
	srq->limit = 0;
	put32(data, srq->srqn);
	eq_event(h, EVENT_SRQ_LIMIT, 0, data, sizeof(data));
}

u8 cmd_arm_srq(struct hca *h, struct command *c)
{
	struct srq *srq = srq_find(h, c->in_modifier);

	if (!srq)
		return STAT_BAD_INDEX;
	srq->limit = c->in_param;
	srq_check_limit(h, srq);
	return STAT_OK;
}

bool srq_empty(struct hca *h, struct srq *srq)
{
	return !srq_available(h, srq);
}

/* Take the first WQE; returns its scatter list, or NULL */
u8 *srq_take(struct hca *h, struct srq *srq, u16 *index)
{
	u32 stride = 1u << srq->stride_shift;
	u8 *wqe;

	if (srq_empty(h, srq))
		return NULL;
	*index = srq->head & (srq->entries - 1);
	wqe = ring_ptr(h, &srq->ring, (u64)*index * stride, stride);
	if (!wqe)
		return NULL;
	srq->head = get16(wqe + SRQ_NEXT_INDEX);
	srq->consumed++;
	srq_check_limit(h, srq);
	return wqe + WQE_CTRL_SIZE;
}

void srq_reset(struct hca *h)
{
	u32 i;

	for (i = 0; i < NR_SRQS; i++) {
		free(h->srqs[i]);
		h->srqs[i] = NULL;
	}
}
