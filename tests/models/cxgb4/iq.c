// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ingress queues. An entry's generation bit tells the driver that it is new; the
 * driver says through GTS how many it has consumed and whether it wants an event
 * for the next. An event is an interrupt, or an entry in another queue.
 */
#include <stdlib.h>

#include "t5.h"

struct iq *iq_find(struct t5 *t, u32 id)
{
	return id < NR_QUEUES && t->iqs[id].valid ? &t->iqs[id] : NULL;
}

/* The generation changes each time around */
void iq_advance(struct iq *q)
{
	if (++q->pi == q->entries) {
		q->pi = 0;
		q->gen = !q->gen;
	}
}

static void fl_forget(struct free_list *fl)
{
	struct held_cpl *next;

	for (; fl->held; fl->held = next) {
		next = fl->held->next;
		free(fl->held);
	}
}

void iq_stop(struct t5 *t, u32 id)
{
	struct iq *q = iq_find(t, id);

	if (!q)
		return;
	fl_forget(&q->fl);
	if (q->fl.id)
		t->eqs[q->fl.id].kind = EQ_NONE;
	q->valid = false;
}

void iq_start(struct t5 *t, u32 id, const struct iq *q)
{
	iq_stop(t, id);
	t->iqs[id] = *q;
	t->iqs[id].valid = true;
	t->iqs[id].id = id;
	t->iqs[id].gen = true;
	t->iqs[id].fl.held_tail = &t->iqs[id].fl.held;
}

static u32 free_id(const struct t5 *t)
{
	u32 id;

	for (id = 1; id < RDMA_QUEUES; id++)
		if (!t->iqs[id].valid)
			return id;
	return 0;
}

static void start_free_list(struct t5 *t, struct iq *q, u8 *c)
{
	u32 id = eq_alloc(t, EQ_FL);

	if (!id)
		return;
	/* Units of eight buffers; the last is the status page */
	q->fl.entries = 8 * (get16(c + IQ_FL0_SIZE) - 1);
	q->fl.addr = get64(c + IQ_FL0_ADDR);
	q->fl.id = id;
	t->eqs[id].iqid = q->id;
	put16(c + IQ_FL0_ID, id);
}

u8 cmd_iq(struct t5 *t, u8 *c)
{
	u32 flags = get32(c + 4), type = get32(c + IQ_TYPE), id;
	struct iq q = {
		.to_queue = type & IQ_TO_QUEUE,
		.dest = type & IQ_DEST,
		.entry = 16u << (get16(c + IQ_ENTRY) & IQ_ENTRY_SHIFT),
		.entries = get16(c + IQ_SIZE) - 1,	/* the last is not used */
		.addr = get64(c + IQ_ADDR),
	};

	if (flags & CMD_FREE) {
		iq_stop(t, get16(c + IQ_ID));
		return FW_OK;
	}
	if (!(flags & CMD_ALLOC))
		return FW_OK;
	id = free_id(t);
	if (!id || !get16(c + IQ_SIZE) || q.entry < 32)
		return FW_EINVAL;
	iq_start(t, id, &q);
	put16(c + IQ_PHYS_ID, id);
	put16(c + IQ_ID, id);
	if (get64(c + IQ_FL0_ADDR) && get16(c + IQ_FL0_SIZE) > 1)
		start_free_list(t, &t->iqs[id], c);
	if (type & IQ_ASYNC)
		t->event_iqid = id;
	return FW_OK;
}

void iq_event(struct t5 *t, struct iq *q)
{
	struct iq *to;

	q->armed = false;
	if (!q->to_queue) {
		if (fault_hits(t->faults, FAULT_IRQ_LOSE, 0))
			return;
		t->stats.irqs++;
		if (!vfu_irq(t->vfu, q->dest))
			vfu_log(1, "Nobody listens to vector %u.", q->dest);
		return;
	}
	to = iq_find(t, q->dest);
	if (to && to != q)
		iq_push(t, to, NULL, 0, RSP_INTERRUPT, q->id);
}

void iq_push(struct t5 *t, struct iq *q, const void *data, u32 len,
	     enum response_type type, u32 len_qid)
{
	u8 *p, *end;

	if (!sge_enabled(t))
		return;
	p = dma_ptr(t, q->addr + (u64)q->pi * q->entry, q->entry);
	if (!p)
		return;
	end = p + q->entry - RSP_SIZE;
	memset(p, 0, q->entry - RSP_SIZE);
	if (len)
		memcpy(p, data, len);
	put32(end, 0);
	put32(end + RSP_LEN_QID, len_qid);
	put8_release(end + RSP_TYPE_GEN,
		     q->gen << RSP_GEN_SHIFT | type << RSP_TYPE_SHIFT);
	iq_advance(q);
	if (++q->unread >= q->entries)
		vfu_log(0, "Ingress queue %u overflows.", q->id);
	if (q->armed)
		iq_event(t, q);
}

/* A write of GTS: entries consumed, and whether to tell of the next one */
void iq_consumed(struct t5 *t, u32 id, u32 value)
{
	u32 n = value & GTS_CIDX_INC;
	struct iq *q = iq_find(t, id);

	if (!q)
		return;
	q->unread -= n < q->unread ? n : q->unread;
	q->solicited -= n < q->solicited ? n : q->solicited;
	if (GTS_TIMER(value) == GTS_TIMER_NONE)
		return;
	q->armed = true;
	q->armed_solicited = q->completions && value & GTS_SOLICITED;
	if (q->armed_solicited ? q->solicited : q->unread)
		iq_event(t, q);
}

/*
 * Messages that do not fit in an entry are in a buffer of the free list, as many
 * as fit into one
 */

static bool fl_next_buffer(struct t5 *t, struct free_list *fl)
{
	u8 *p = fl->available ? dma_ptr(t, fl->addr + 8ull * fl->ci, 8) : NULL;
	u64 addr;

	if (!p)
		return false;
	addr = get64(p);
	fl->size = reg_read(t, REG_SGE_FL_SIZE(addr & FL_SIZE_INDEX));
	fl->buffer = dma_ptr(t, addr & ~(u64)FL_SIZE_INDEX, fl->size);
	fl->used = 0;
	fl->available--;
	if (++fl->ci == fl->entries)
		fl->ci = 0;
	return fl->buffer;
}

static bool fl_push(struct t5 *t, struct iq *q, const u8 *cpl, u32 len)
{
	struct free_list *fl = &q->fl;
	u8 header[RSS_HEADER] = { cpl[0] };
	u32 new_buffer = 0;

	if (!fl->buffer || fl->used + len > fl->size) {
		if (!fl_next_buffer(t, fl))
			return false;
		new_buffer = RSP_NEW_BUFFER;
	}
	memcpy(fl->buffer + fl->used, cpl, len);
	fl->used += (len + FL_ALIGN - 1) & ~(FL_ALIGN - 1);
	iq_push(t, q, header, sizeof(header), RSP_FREE_LIST, new_buffer | len);
	return true;
}

static bool push(struct t5 *t, struct iq *q, const u8 *cpl, u32 len)
{
	u8 entry[RSS_HEADER + CPL_MAX] = { cpl[0] };

	if (len > CPL_MAX)
		return fl_push(t, q, cpl, len);
	memcpy(entry + RSS_HEADER, cpl, len);
	iq_push(t, q, entry, RSS_HEADER + len, RSP_CPL, 0);
	return true;
}

/* Later messages must not overtake one that waits */
static void hold(struct free_list *fl, const u8 *cpl, u32 len)
{
	struct held_cpl *h = malloc(sizeof(*h) + len);

	if (!h)
		return;
	h->next = NULL;
	h->len = len;
	memcpy(h->data, cpl, len);
	*fl->held_tail = h;
	fl->held_tail = &h->next;
}

void cpl_send(struct t5 *t, u32 iqid, const void *cpl, u32 len)
{
	struct iq *q = iq_find(t, iqid);

	if (!q) {
		vfu_log(1, "message %#x for queue %u, which is not there",
			*(const u8 *)cpl, iqid);
		return;
	}
	if (q->fl.held || !push(t, q, cpl, len))
		hold(&q->fl, cpl, len);
}

void fl_refill(struct t5 *t, u32 eqid, u32 units)
{
	struct iq *q = iq_find(t, t->eqs[eqid].iqid);
	struct held_cpl *h;

	if (!q)
		return;
	q->fl.available += 8 * units;
	while ((h = q->fl.held) && push(t, q, h->data, h->len)) {
		q->fl.held = h->next;
		if (!q->fl.held)
			q->fl.held_tail = &q->fl.held;
		free(h);
	}
}

void fw6_send(struct t5 *t, u32 iqid, enum fw6_type type, const void *data,
	      u32 len)
{
	u8 cpl[CPL_MAX] = { CPL_FW6_MSG, type };

	memcpy(cpl + 8, data, len);
	cpl_send(t, iqid, cpl, sizeof(cpl));
}
