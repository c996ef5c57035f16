// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event queues: completion events name a CQ, asynchronous events go to the EQ
 * that MAP_EQ chose for their type. An EQE's owner bit tells in which round it
 * was written.
 */
#include "hca.h"

#define EQC_FLAGS		0
#define  EQC_STATE_ARMED	0x9
#define EQC_PAGE_OFFSET		10
#define EQC_LOG_SIZE		12
#define EQC_VECTOR		23
#define EQC_LOG_PAGE		24

#define EQE_TYPE		1
#define EQE_SUBTYPE		3
#define EQE_DATA		4
#define EQE_DATA_SIZE		24
#define EQE_OWNER		31

#define EQ_UNMAPPED		(~0u)
#define EQ_CI_MASK		0xffffff
#define EQ_REQUEST		(1u << 31)

u8 cmd_map_eq(struct hca *h, struct command *c)
{
	bool unmap = c->in_modifier >> 31;
	unsigned int type;

	for (type = 0; type < NR_EVENT_TYPES; type++)
		if (c->in_param >> type & 1)
			h->event_eqn[type] = unmap ? EQ_UNMAPPED :
						     c->in_modifier & 0x3ff;
	return STAT_OK;
}

static void *eqe_ptr(struct hca *h, struct eq *eq, u32 index)
{
	return ring_ptr(h, &eq->ring, (u64)(index & (eq->entries - 1)) * EQE_SIZE,
			EQE_SIZE);
}

u8 cmd_sw2hw_eq(struct hca *h, struct command *c)
{
	struct eq *eq;
	u32 i;

	if (!c->in)
		return STAT_BAD_PARAM;
	if (c->in_modifier >= NR_EQS)
		return STAT_BAD_INDEX;
	eq = &h->eqs[c->in_modifier];
	*eq = (struct eq){
		.vector = c->in[EQC_VECTOR],
		.entries = 1u << (c->in[EQC_LOG_SIZE] & 0x1f),
		.armed = (get32(c->in + EQC_FLAGS) >> 8 & 0xf) == EQC_STATE_ARMED,
	};
	ring_init(&eq->ring, c->in + EQC_LOG_PAGE, get16(c->in + EQC_PAGE_OFFSET));
	/* All are the device's: as if written in the round before the first */
	for (i = 0; i < eq->entries; i++) {
		u8 *eqe = eqe_ptr(h, eq, i);

		if (!eqe)
			return STAT_ICM_ERROR;
		eqe[EQE_OWNER] = 0x80;
	}
	eq->valid = true;
	vfu_log(1, "EQ %u: %u entries, vector %u", c->in_modifier, eq->entries,
		eq->vector);
	return STAT_OK;
}

u8 cmd_hw2sw_eq(struct hca *h, struct command *c)
{
	if (c->in_modifier >= NR_EQS || !h->eqs[c->in_modifier].valid)
		return STAT_BAD_INDEX;
	h->eqs[c->in_modifier].valid = false;
	return STAT_OK;
}

static void eq_interrupt(struct hca *h, struct eq *eq)
{
	if (!eq->armed || eq->pi == eq->ci)
		return;
	eq->armed = false;
	if (fault_hits(h->faults, FAULT_IRQ_LOSE, 0))
		return;
	h->stats.irqs++;
	if (!vfu_irq(h->vfu, eq->vector))
		vfu_log(1, "Nobody listens to vector %u.", eq->vector);
}

static void eq_push(struct hca *h, u32 eqn, u8 type, u8 subtype,
		    const void *data, u32 len)
{
	struct eq *eq;
	u8 *eqe;

	if (eqn >= NR_EQS || !h->eqs[eqn].valid) {
		vfu_log(1, "Event %#x has no EQ to go to.", type);
		return;
	}
	eq = &h->eqs[eqn];
	if (eq->pi - eq->ci >= eq->entries) {
		vfu_log(0, "EQ %u is full: event %#x is lost.", eqn, type);
		return;
	}
	eqe = eqe_ptr(h, eq, eq->pi);
	if (!eqe)
		return;
	memset(eqe, 0, EQE_OWNER);
	eqe[EQE_TYPE] = type;
	eqe[EQE_SUBTYPE] = subtype;
	memcpy(eqe + EQE_DATA, data, len < EQE_DATA_SIZE ? len : EQE_DATA_SIZE);
	put8_release(eqe + EQE_OWNER, eq->pi & eq->entries ? 0x80 : 0);
	eq->pi++;
	h->stats.eqes++;
	eq_interrupt(h, eq);
}

/* The driver tells how far it has read, and may ask for an interrupt */
void eq_doorbell(struct hca *h, u32 eqn, u32 value)
{
	struct eq *eq;

	if (eqn >= NR_EQS || !h->eqs[eqn].valid)
		return;
	eq = &h->eqs[eqn];
	/* 24 bits of a counter that never runs ahead of pi */
	eq->ci = eq->pi - ((eq->pi - value) & EQ_CI_MASK);
	if (value & EQ_REQUEST) {
		eq->armed = true;
		eq_interrupt(h, eq);
	}
}

void eq_comp_event(struct hca *h, u32 eqn, u32 cqn)
{
	u8 data[4];

	put32(data, cqn);
	eq_push(h, eqn, EVENT_COMP, 0, data, sizeof(data));
}

void eq_event(struct hca *h, u8 type, u8 subtype, const void *data, u32 len)
{
	eq_push(h, h->event_eqn[type], type, subtype, data, len);
}

void eq_qp_event(struct hca *h, u8 type, u32 qpn)
{
	u8 data[4];

	vfu_log(1, "QP %#x: event %#x", qpn, type);
	put32(data, qpn);
	eq_event(h, type, 0, data, sizeof(data));
}
