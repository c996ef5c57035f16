// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues: CQEs with an owner bit by round, arming for the next or the
 * next solicited completion, moderation, resizing, overrun.
 */
#include <stdlib.h>

#include "hca.h"

#define CQC_PAGE_OFFSET		10
#define CQC_LOG_SIZE		12
#define CQC_PERIOD		16
#define CQC_MAX_COUNT		18
#define CQC_EQN			23
#define CQC_LOG_PAGE		24
#define CQC_CI			40
#define CQC_PI			44
#define CQC_DB_REC		56

#define CQE_QPN			0
#define CQE_INDEX		24
#define CQE_SYNDROME		27
#define CQE_LAST		31

#define ARM_SOLICITED		1
#define ARM_NEXT		2
#define CQ_CI_MASK		0xffffff

#define MODIFY_RESIZE		0
#define MODIFY_MODERATION	1

static struct cq *cq_find(struct hca *h, u32 cqn)
{
	struct cq *cq = h->cqs[cqn & (NR_CQS - 1)];

	return cq && cq->valid ? cq : NULL;
}

static u8 *cqe_ptr(struct hca *h, struct cq *cq, u32 index)
{
	return ring_ptr(h, &cq->ring, (u64)(index & (cq->entries - 1)) * CQE_SIZE,
			CQE_SIZE);
}

/* All entries are the device's, unless the driver says that it has done that */
static bool cq_init_buffer(struct hca *h, struct cq *cq)
{
	u32 i;

	for (i = 0; i < cq->entries; i++) {
		u8 *cqe = cqe_ptr(h, cq, i);

		if (!cqe)
			return false;
		cqe[CQE_LAST] = CQE_OWNER;
	}
	return true;
}

u8 cmd_sw2hw_cq(struct hca *h, struct command *c)
{
	u32 slot = c->in_modifier & (NR_CQS - 1);
	struct cq *cq;

	if (!c->in)
		return STAT_BAD_PARAM;
	if (!h->cqs[slot])
		h->cqs[slot] = calloc(1, sizeof(*cq));
	cq = h->cqs[slot];
	if (!cq || cq->valid)
		return STAT_BAD_RES_STATE;
	*cq = (struct cq){
		.cqn = c->in_modifier & 0xffffff,
		.entries = 1u << (c->in[CQC_LOG_SIZE] & 0x1f),
		.eqn = c->in[CQC_EQN],
		.max_count = get16(c->in + CQC_MAX_COUNT),
		.period_us = get16(c->in + CQC_PERIOD),
		.db_rec = get64(c->in + CQC_DB_REC),
	};
	list_init(&cq->moderated);
	ring_init(&cq->ring, c->in + CQC_LOG_PAGE, get16(c->in + CQC_PAGE_OFFSET));
	if (!c->modifier && !cq_init_buffer(h, cq))
		return STAT_ICM_ERROR;
	cq->valid = true;
	vfu_log(1, "CQ %#x: %u entries, EQ %u", cq->cqn, cq->entries, cq->eqn);
	return STAT_OK;
}

u8 cmd_hw2sw_cq(struct hca *h, struct command *c)
{
	struct cq *cq = cq_find(h, c->in_modifier);

	if (!cq)
		return STAT_BAD_INDEX;
	list_del(&cq->moderated);
	cq->valid = false;
	return STAT_OK;
}

u8 cmd_query_cq(struct hca *h, struct command *c)
{
	struct cq *cq = cq_find(h, c->in_modifier);

	if (!cq || !c->out)
		return STAT_BAD_INDEX;
	memset(c->out, 0, 64);
	put32(c->out + CQC_PI, cq->pi);
	return STAT_OK;
}

/* The old buffer ends with an entry that sends the driver on to the new one */
static u8 cq_resize(struct hca *h, struct cq *cq, struct command *c)
{
	u8 *cqe = cqe_ptr(h, cq, cq->pi);

	if (!cqe)
		return STAT_ICM_ERROR;
	memset(cqe, 0, CQE_LAST);
	put8_release(cqe + CQE_LAST, CQE_OPCODE_RESIZE |
		     (cq->pi & cq->entries ? CQE_OWNER : 0));
	cq->pi++;
	cq->entries = 1u << (c->in[CQC_LOG_SIZE] & 0x1f);
	ring_init(&cq->ring, c->in + CQC_LOG_PAGE, get16(c->in + CQC_PAGE_OFFSET));
	return STAT_OK;
}

u8 cmd_modify_cq(struct hca *h, struct command *c)
{
	struct cq *cq = cq_find(h, c->in_modifier);

	if (!cq)
		return STAT_BAD_INDEX;
	if (!c->in)
		return STAT_BAD_PARAM;
	switch (c->modifier) {
	case MODIFY_RESIZE:
		return cq_resize(h, cq, c);
	case MODIFY_MODERATION:
		cq->max_count = get16(c->in + CQC_MAX_COUNT);
		cq->period_us = get16(c->in + CQC_PERIOD);
		return STAT_OK;
	default:
		return STAT_BAD_PARAM;
	}
}

static void cq_notify(struct hca *h, struct cq *cq)
{
	cq->armed = 0;
	cq->pending = 0;
	cq->event_at = 0;
	list_del(&cq->moderated);
	eq_comp_event(h, cq->eqn, cq->cqn);
}

/* Moderation: an event after so many completions, or after that time */
static void cq_moderate(struct hca *h, struct cq *cq)
{
	if (cq->max_count <= 1 || !cq->period_us ||
	    cq->pending >= cq->max_count) {
		cq_notify(h, cq);
		return;
	}
	if (!cq->event_at) {
		cq->event_at = now_ns() + cq->period_us * 1000ull;
		list_add_tail(&cq->moderated, &h->moderated);
	}
}

/*
 * What counts is what the driver has not seen when it arms: a completion that
 * came just before must not be waited for.
 */
void cq_doorbell(struct hca *h, u32 request, u32 ci)
{
	struct cq *cq = cq_find(h, request & 0xffffff);
	u32 seen;

	h->stats.cq_doorbells++;
	if (!cq)
		return;
	cq->armed = request >> 24 & 3;
	seen = cq->pi - ((cq->pi - ci) & CQ_CI_MASK);
	if (cq->armed == ARM_NEXT && cq->pi != seen)
		cq_moderate(h, cq);
	else if (cq->armed == ARM_SOLICITED &&
		 (int32_t)(cq->solicited_pi - seen) > 0)
		cq_notify(h, cq);
}

static bool cq_full(struct hca *h, struct cq *cq)
{
	u8 *db = cq->db_rec ? dma_ptr(h, cq->db_rec, 4) : NULL;

	if (!db)
		return false;
	return ((cq->pi - get32_acquire(db)) & CQ_CI_MASK) >= cq->entries;
}

/* Nothing that comes after an overrun can be told any more */
static void cq_overrun(struct hca *h, struct cq *cq)
{
	u8 data[12] = { 0 };

	vfu_log(1, "CQ %#x: overrun", cq->cqn);
	cq->error = true;
	put32(data, cq->cqn);
	data[11] = 1;
	eq_event(h, EVENT_CQ_ERROR, 0, data, sizeof(data));
	qp_cq_error(h, cq->cqn);
}

void cq_push(struct hca *h, u32 cqn, const u8 *src, bool solicited)
{
	struct cq *cq = cq_find(h, cqn);
	u8 *cqe;

	if (!cq || cq->error || fault_hits(h->faults, FAULT_CQE_LOSE, 0))
		return;
	if (cq_full(h, cq)) {
		cq_overrun(h, cq);
		return;
	}
	cqe = cqe_ptr(h, cq, cq->pi);
	if (!cqe)
		return;
	memcpy(cqe, src, CQE_LAST);
	put8_release(cqe + CQE_LAST, (src[CQE_LAST] & ~CQE_OWNER) |
		     (cq->pi & cq->entries ? CQE_OWNER : 0));
	cq->pi++;
	cq->pending++;
	h->stats.cqes++;
	if (solicited)
		cq->solicited_pi = cq->pi;
	if (cq->armed == ARM_NEXT)
		cq_moderate(h, cq);
	else if (cq->armed == ARM_SOLICITED && solicited)
		cq_notify(h, cq);
}

/* An error counts as solicited */
void cq_push_error(struct hca *h, u32 cqn, u32 qpn, u16 index, bool send,
		   enum syndrome syn)
{
	u8 cqe[CQE_SIZE] = { 0 };

	put32(cqe + CQE_QPN, qpn);
	put16(cqe + CQE_INDEX, index);
	cqe[CQE_SYNDROME] = syn;
	cqe[CQE_LAST] = CQE_OPCODE_ERROR | (send ? CQE_IS_SEND : 0);
	cq_push(h, cqn, cqe, true);
}

/* Events that moderation held back; returns ms until the next one, or -1 */
int cq_work(struct hca *h, u64 now)
{
	struct list *l, *next;

	for (l = h->moderated.next; l != &h->moderated; l = next) {
		struct cq *cq = list_entry(l, struct cq, moderated);

		next = l->next;
		if (now >= cq->event_at)
			cq_notify(h, cq);
	}
	return list_empty(&h->moderated) ? -1 : 1;
}

void cq_reset(struct hca *h)
{
	u32 i;

	list_init(&h->moderated);
	for (i = 0; i < NR_CQS; i++) {
		free(h->cqs[i]);
		h->cqs[i] = NULL;
	}
}
