// SPDX-License-Identifier: GPL-2.0-only
/*
 * Egress queues: rings of work requests that each take some units of 64 bytes.
 * A doorbell says how many units are new.
 */
#include <strings.h>

#include "t5.h"

int eq_kind_by_name(const char *name)
{
	static const char * const names[NR_EQ_KINDS] = {
		"none", "eth", "ctrl", "ofld", "fl", "sq", "rq",
	};
	int i;

	for (i = EQ_ETH; i < NR_EQ_KINDS; i++)
		if (!strcasecmp(names[i], name))
			return i;
	return -1;
}

struct eq *eq_find(struct t5 *t, u32 id)
{
	return id < NR_QUEUES && t->eqs[id].kind ? &t->eqs[id] : NULL;
}

/* 0: none is left */
u32 eq_alloc(struct t5 *t, enum eq_kind kind)
{
	u32 id;

	for (id = 1; id < RDMA_QUEUES; id++) {
		if (t->eqs[id].kind)
			continue;
		t->eqs[id] = (struct eq){ .kind = kind, .id = id };
		return id;
	}
	return 0;
}

static enum eq_kind kind_of(u8 op)
{
	switch (op) {
	case CMD_EQ_ETH:
		return EQ_ETH;
	case CMD_EQ_CTRL:
		return EQ_CTRL;
	default:
		return EQ_OFLD;
	}
}

u8 cmd_eq(struct t5 *t, u8 *c)
{
	u8 op = CMD_OP(get32(c));
	u32 flags = get32(c + 4), id = get32(c + EQ_ID) & 0xfffff;
	struct eq *e;

	if (flags & CMD_FREE && id < RDMA_QUEUES)
		t->eqs[id].kind = EQ_NONE;
	if (!(flags & CMD_ALLOC))
		return FW_OK;
	id = eq_alloc(t, kind_of(op));
	if (!id || (get32(c + EQ_SIZE) & 0xffff) < 2)
		return FW_EINVAL;
	e = &t->eqs[id];
	e->units = (get32(c + EQ_SIZE) & 0xffff) - 1;	/* the last is the status page */
	e->addr = get64(c + EQ_ADDR);
	e->update_iqid = get32(c + EQ_IQ) & 0xffff;
	e->iqid = op == CMD_EQ_CTRL ? get32(c + EQ_ID) >> EQ_CTRL_CMPL_SHIFT :
				      e->update_iqid;
	put32(c + EQ_ID, id);
	put32(c + EQ_PHYS_ID, id);
	return FW_OK;
}

static u32 units_of(u32 len)
{
	return (len + EQ_UNIT - 1) / EQ_UNIT;
}

static u32 units_posted(const struct eq *e)
{
	return (e->pi + e->units - e->ci) % e->units;
}

/* The next work request, which may wrap around the end of the ring */
bool eq_peek(struct t5 *t, struct eq *e, u8 *wr, u32 *len)
{
	u32 i, n = 1;
	u8 *p;

	for (i = 0; i < n; i++) {
		if (i >= units_posted(e))
			return false;
		p = dma_ptr(t, e->addr + (u64)EQ_UNIT * ((e->ci + i) % e->units),
			    EQ_UNIT);
		if (!p)
			return false;
		memcpy(wr + EQ_UNIT * i, p, EQ_UNIT);
		if (i)
			continue;
		*len = 16 * wr[WR_LEN16];
		n = units_of(*len);
		if (!n || *len > MAX_WR) {
			vfu_log(0, "work request of %u bytes in egress queue %u",
				*len, e->id);
			return false;
		}
	}
	return true;
}

void eq_advance(struct eq *e, u32 len)
{
	e->ci = (e->ci + units_of(len)) % e->units;
}

static bool may_run(struct t5 *t, const struct eq *e)
{
	if (!sge_enabled(t))
		return false;
	/* Ethernet alone does without the firmware */
	if (e->kind != EQ_ETH && fault_armed(t->faults, FAULT_FIRMWARE_DEAD))
		return false;
	switch (e->kind) {
	case EQ_ETH:
	case EQ_CTRL:
	case EQ_OFLD:
		return true;
	case EQ_SQ:
		return e->qp && rdma_may_run(e->qp);
	default:
		return false;
	}
}

static void write_status(struct t5 *t, const struct eq *e)
{
	u8 *p = dma_ptr(t, e->addr + (u64)EQ_UNIT * e->units, EQ_UNIT);

	if (!p)
		return;
	put16(p + STATUS_CIDX, e->ci);
	put16(p + STATUS_PIDX, e->pi);
}

static void send_update(struct t5 *t, const struct eq *e)
{
	u8 cpl[8];

	put32(cpl, (u32)CPL_SGE_EGR_UPDATE << 24 | e->id);
	put16(cpl + 4, e->ci);
	put16(cpl + 6, e->pi);
	cpl_send(t, e->update_iqid, cpl, sizeof(cpl));
}

void eq_run(struct t5 *t, struct eq *e)
{
	u8 wr[MAX_WR + EQ_UNIT];
	bool update = false;
	u32 len;

	while (may_run(t, e) && eq_peek(t, e, wr, &len)) {
		/* It may end this queue */
		eq_advance(e, len);
		t->stats.work_requests++;
		t->stats.per_request[wr[0]]++;
		if (e->kind == EQ_SQ) {
			rdma_execute(t, e->qp, wr, len);
			continue;
		}
		update |= get32(wr + 4) & WR_UPDATE_IQ;
		wr_execute(t, e, wr, len);
	}
	if (e->kind != EQ_ETH && e->kind != EQ_CTRL && e->kind != EQ_OFLD)
		return;
	write_status(t, e);
	if (update)
		send_update(t, e);
}

void eq_doorbell(struct t5 *t, u32 id, u32 units)
{
	struct eq *e = eq_find(t, id);

	t->stats.doorbells++;
	if (!e || fault_hits(t->faults, FAULT_DOORBELL_IGNORE, e->kind))
		return;
	if (e->kind == EQ_FL) {
		fl_refill(t, id, units);
		return;
	}
	e->pi = (e->pi + units) % e->units;
	eq_run(t, e);
}
