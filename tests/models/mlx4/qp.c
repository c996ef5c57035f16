// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue pairs: their context, their state, and when they run. A QP runs when its
 * doorbell rings, when what it waits for may have come, and in ERR as long as
 * the driver may still post, because a posted receive rings no doorbell.
 */
#include <stdlib.h>

#include "hca.h"

#define CONTEXT_IN_MAILBOX	8

/* How often a QP in ERR is looked at: just after it had something, and later */
#define ERR_POLL_SOON		(1 * MS)
#define ERR_POLL_LATER		(20 * MS)
#define ERR_SOON		(500 * MS)

static struct qp **qp_bucket(struct hca *h, u32 qpn)
{
	return &h->qps[qpn & (QP_BUCKETS - 1)];
}

struct qp *qp_find(struct hca *h, u32 qpn)
{
	struct qp *qp = *qp_bucket(h, qpn);

	while (qp && qp->qpn != qpn)
		qp = qp->next;
	return qp;
}

static struct qp *qp_create(struct hca *h, u32 qpn)
{
	struct qp *qp = calloc(1, sizeof(*qp));

	if (!qp)
		return NULL;
	qp->qpn = qpn;
	qp->next = *qp_bucket(h, qpn);
	*qp_bucket(h, qpn) = qp;
	list_init(&qp->waiting);
	return qp;
}

static void qp_destroy(struct hca *h, struct qp *qp)
{
	struct qp **p = qp_bucket(h, qp->qpn);

	while (*p != qp)
		p = &(*p)->next;
	*p = qp->next;
	list_del(&qp->waiting);
	free(qp);
}

void qp_reset(struct hca *h)
{
	unsigned int i;

	for (i = 0; i < QP_BUCKETS; i++)
		while (h->qps[i])
			qp_destroy(h, h->qps[i]);
	list_init(&h->waiting);
}

void qp_access(const struct qp *qp, u32 perm, struct access *a)
{
	a->pd = qp->pd;
	a->perm = perm;
	a->reserved_lkey = qp->context[QPC_RLKEY] & QPC_RLKEY_ENABLE;
}

/*
 * The context
 */

static void set_queues(struct qp *qp)
{
	const u8 *c = qp->context;
	u32 srqn = get32(c + QPC_SRQN);

	qp->type = get32(c + QPC_FLAGS) >> 16 & 0xff;
	qp->pd = get24(c + QPC_PD);
	qp->cqn_send = get24(c + QPC_CQN_SEND);
	qp->cqn_recv = get24(c + QPC_CQN_RECV);
	qp->db_rec = get64(c + QPC_DB_REC);
	qp->has_srq = srqn & QPC_SRQ_ENABLE;
	qp->srqn = srqn & 0xffffff;
	ring_init(&qp->ring, c + QPC_LOG_PAGE, 0);

	qp->sq_entries = 1u << (c[QPC_SQ_SIZE] >> 3 & 0xf);
	qp->sq_shift = (c[QPC_SQ_SIZE] & 7) + 4;
	/* Without a receive queue the driver leaves nonsense here */
	qp->rq_entries = 1u << (c[QPC_RQ_SIZE] >> 3);
	qp->rq_shift = (c[QPC_RQ_SIZE] & 7) + 4;
	if (qp->has_srq || c[QPC_RQ_SIZE] >> 3 > 15) {
		qp->rq_entries = 0;
		qp->rq_shift = 0;
	}
	/* The queue with the larger WQEs comes first */
	if (qp->rq_shift > qp->sq_shift)
		qp->sq_offset = qp->rq_entries << qp->rq_shift;
	else
		qp->rq_offset = qp->sq_entries << qp->sq_shift;
}

static void copy_bits32(u8 *to, const u8 *from, u32 mask)
{
	put32(to, (get32(to) & ~mask) | (get32(from) & mask));
}

static void take_optional(struct qp *qp, u32 opt, const u8 *from)
{
	u8 *c = qp->context;

	if (opt & OPTPAR_PRIMARY_PATH)
		memcpy(c + QPC_PATH, from + QPC_PATH, PATH_SIZE);
	if (opt & OPTPAR_RRE)
		copy_bits32(c + QPC_PARAMS2, from + QPC_PARAMS2, QPC_RRE);
	if (opt & OPTPAR_RWE)
		copy_bits32(c + QPC_PARAMS2, from + QPC_PARAMS2, QPC_RWE);
	if (opt & OPTPAR_RAE)
		copy_bits32(c + QPC_PARAMS2, from + QPC_PARAMS2, QPC_RAE);
	if (opt & OPTPAR_PKEY_INDEX)
		c[QPC_PATH + PATH_PKEY_INDEX] = from[QPC_PATH + PATH_PKEY_INDEX];
	if (opt & OPTPAR_Q_KEY)
		memcpy(c + QPC_QKEY, from + QPC_QKEY, 4);
	if (opt & OPTPAR_RNR_TIMEOUT)
		c[QPC_RNR_RECV_PSN] = from[QPC_RNR_RECV_PSN];
	if (opt & OPTPAR_ACK_TIMEOUT)
		c[QPC_PATH + PATH_ACKTO] = from[QPC_PATH + PATH_ACKTO];
	if (opt & OPTPAR_SCHED_QUEUE)
		c[QPC_PATH + PATH_SCHED_QUEUE] = from[QPC_PATH + PATH_SCHED_QUEUE];
	if (opt & OPTPAR_RETRY_COUNT)
		copy_bits32(c + QPC_PARAMS1, from + QPC_PARAMS1, 7 << 16);
	if (opt & OPTPAR_RNR_RETRY)
		copy_bits32(c + QPC_PARAMS1, from + QPC_PARAMS1, 7 << 13);
	if (opt & OPTPAR_SRA_MAX)
		copy_bits32(c + QPC_PARAMS1, from + QPC_PARAMS1, 7 << 21);
	if (opt & OPTPAR_RRA_MAX)
		copy_bits32(c + QPC_PARAMS2, from + QPC_PARAMS2, 7 << 21);
}

static void take_rtr(struct qp *qp, const u8 *from)
{
	u8 *c = qp->context;

	memcpy(c + QPC_PATH, from + QPC_PATH, PATH_SIZE);
	memcpy(c + QPC_REMOTE_QPN, from + QPC_REMOTE_QPN, 4);
	c[QPC_MTU] = from[QPC_MTU];
	copy_bits32(c + QPC_RNR_RECV_PSN, from + QPC_RNR_RECV_PSN, 0xffffff);
}

static void take_rts(struct qp *qp, const u8 *from)
{
	u8 *c = qp->context;

	memcpy(c + QPC_SEND_PSN, from + QPC_SEND_PSN, 4);
	memcpy(c + QPC_PARAMS1, from + QPC_PARAMS1, 4);
	c[QPC_PATH + PATH_ACKTO] = from[QPC_PATH + PATH_ACKTO];
}

static void set_path(struct qp *qp)
{
	qp->remote_qpn = get24(qp->context + QPC_REMOTE_QPN);
	qp->port = (qp->context[QPC_PATH + PATH_SCHED_QUEUE] >> 6 & 1) + 1;
}

/*
 * When it runs
 */

/* Run it again at @when; the earlier one counts */
void qp_wake_at(struct hca *h, struct qp *qp, u64 when)
{
	if (list_empty(&qp->waiting))
		list_add_tail(&qp->waiting, &h->waiting);
	else if (qp->wake <= when)
		return;
	qp->wake = when;
}

static void run_in_error(struct hca *h, struct qp *qp, u64 now)
{
	bool any;

	if (fault_armed(h->faults, FAULT_FLUSH_STALL))
		return;
	any = send_flush(h, qp);
	any |= recv_flush(h, qp);
	if (any)
		qp->idle_since = now;
	if (qp->has_srq && !qp->last_wqe_sent) {
		qp->last_wqe_sent = true;
		eq_qp_event(h, EVENT_SRQ_LAST_WQE, qp->qpn);
	}
	qp_wake_at(h, qp, now + (now - qp->idle_since < ERR_SOON ?
				 ERR_POLL_SOON : ERR_POLL_LATER));
}

static void qp_run(struct hca *h, struct qp *qp, u64 now)
{
	if (qp->state == QP_ERR)
		run_in_error(h, qp, now);
	else
		send_run(h, qp);
}

/* Run all whose time has come; returns ms until the next one, or -1 */
int qp_work(struct hca *h, u64 now)
{
	struct list due = { &due, &due };
	struct list *l, *next;
	u64 first = ~0ull;

	for (l = h->waiting.next; l != &h->waiting; l = next) {
		struct qp *qp = list_entry(l, struct qp, waiting);

		next = l->next;
		if (qp->wake > now)
			continue;
		list_del(l);
		list_add_tail(l, &due);
	}
	while (!list_empty(&due)) {
		struct qp *qp = list_entry(due.next, struct qp, waiting);

		list_del(&qp->waiting);
		qp_run(h, qp, now);
	}
	for (l = h->waiting.next; l != &h->waiting; l = l->next) {
		struct qp *qp = list_entry(l, struct qp, waiting);

		if (qp->wake < first)
			first = qp->wake;
	}
	if (first == ~0ull)
		return -1;
	now = now_ns();
	return first <= now ? 0 : (first - now + MS - 1) / MS;
}

void qp_to_error(struct hca *h, struct qp *qp)
{
	u64 now = now_ns();

	if (qp->state == QP_RST)
		return;
	qp->state = QP_ERR;
	qp->idle_since = now;
	list_del(&qp->waiting);
	run_in_error(h, qp, now);
}

/* A fault that held flushes back is gone */
void qp_run_flushes(struct hca *h)
{
	unsigned int i;
	struct qp *qp;

	for (i = 0; i < QP_BUCKETS; i++)
		for (qp = h->qps[i]; qp; qp = qp->next)
			if (qp->state == QP_ERR)
				run_in_error(h, qp, now_ns());
}

/* A CQ that can take no more completions ends the QPs that write to it */
void qp_cq_error(struct hca *h, u32 cqn)
{
	unsigned int i;
	struct qp *qp;

	for (i = 0; i < QP_BUCKETS; i++) {
		for (qp = h->qps[i]; qp; qp = qp->next) {
			if (qp->cqn_send != cqn && qp->cqn_recv != cqn)
				continue;
			if (qp->state == QP_RST || qp->state == QP_ERR)
				continue;
			qp->state = QP_ERR;
			qp->idle_since = now_ns();
			qp_wake_at(h, qp, qp->idle_since);
			eq_qp_event(h, EVENT_WQ_CATAS_ERROR, qp->qpn);
		}
	}
}

/*
 * Commands
 */

static u8 to_reset(struct hca *h, u32 qpn)
{
	struct qp *qp = qp_find(h, qpn);

	if (qp) {
		vfu_log(1, "QP %#x: RST", qpn);
		qp_destroy(h, qp);
	}
	return STAT_OK;
}

static u8 from_reset(struct hca *h, u32 qpn, const u8 *context)
{
	struct qp *qp = qp_find(h, qpn);

	if (qp)
		return STAT_BAD_QP_STATE;
	qp = qp_create(h, qpn);
	if (!qp)
		return STAT_INTERNAL_ERR;
	memcpy(qp->context, context, QPC_SIZE);
	set_queues(qp);
	set_path(qp);
	qp->state = QP_INIT;
	vfu_log(1, "QP %#x: INIT, type %u, SQ %u << %u, RQ %u << %u%s", qpn,
		qp->type, qp->sq_entries, qp->sq_shift, qp->rq_entries,
		qp->rq_shift, qp->has_srq ? ", SRQ" : "");
	return STAT_OK;
}

/* What a transition needs and does; 0xff in .to: the state stays */
static const struct transition {
	u16 opcode;
	u8 states;		/* bit mask of those it may start in */
	u8 to;
} transitions[] = {
	{ CMD_INIT2INIT_QP,	1 << QP_INIT,	QP_INIT },
	{ CMD_INIT2RTR_QP,	1 << QP_INIT,	QP_RTR },
	{ CMD_RTR2RTS_QP,	1 << QP_RTR,	QP_RTS },
	{ CMD_RTS2RTS_QP,	1 << QP_RTS,	QP_RTS },
	{ CMD_SQERR2RTS_QP,	1 << QP_SQER,	QP_RTS },
	{ CMD_RTS2SQD_QP,	1 << QP_RTS,	QP_SQD },
	{ CMD_SQD2SQD_QP,	1 << QP_SQD,	QP_SQD },
	{ CMD_SQD2RTS_QP,	1 << QP_SQD,	QP_RTS },
	/* The driver may not know that a QP is in ERR already */
	{ CMD_2ERR_QP,		0xff,		QP_ERR },
};

static const struct transition *find_transition(u16 opcode)
{
	unsigned int i;

	for (i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++)
		if (transitions[i].opcode == opcode)
			return &transitions[i];
	return NULL;
}

static void enter_state(struct hca *h, struct qp *qp, struct command *c, u8 to)
{
	qp->state = to;
	switch (to) {
	case QP_ERR:
		qp_to_error(h, qp);
		break;
	case QP_SQD:
		/* Nothing is ever half sent here */
		if (c->opcode == CMD_RTS2SQD_QP && c->in_modifier >> 31)
			eq_qp_event(h, EVENT_SQ_DRAINED, qp->qpn);
		break;
	case QP_RTS:
		qp_wake_at(h, qp, now_ns());
		break;
	}
}

u8 cmd_modify_qp(struct hca *h, struct command *c)
{
	u32 qpn = c->in_modifier & 0xffffff;
	const struct transition *t;
	const u8 *context;
	struct qp *qp;
	u8 from;

	if (c->opcode == CMD_2RST_QP)
		return to_reset(h, qpn);
	if (!c->in)
		return STAT_BAD_PARAM;
	context = c->in + CONTEXT_IN_MAILBOX;
	if (c->opcode == CMD_RST2INIT_QP)
		return from_reset(h, qpn, context);

	t = find_transition(c->opcode);
	qp = qp_find(h, qpn);
	if (!qp)
		/* In RST there is nothing to flush */
		return c->opcode == CMD_2ERR_QP ? STAT_OK : STAT_BAD_QP_STATE;
	if (!(t->states >> qp->state & 1))
		return STAT_BAD_QP_STATE;
	if (c->opcode == CMD_INIT2RTR_QP)
		take_rtr(qp, context);
	if (c->opcode == CMD_RTR2RTS_QP)
		take_rts(qp, context);
	take_optional(qp, get32(c->in), context);
	set_path(qp);
	from = qp->state;
	enter_state(h, qp, c, t->to);
	vfu_log(1, "QP %#x: %u to %u, peer %#x", qpn, from, t->to, qp->remote_qpn);
	return STAT_OK;
}

u8 cmd_query_qp(struct hca *h, struct command *c)
{
	struct qp *qp = qp_find(h, c->in_modifier & 0xffffff);
	u8 *out;

	if (!c->out)
		return STAT_BAD_PARAM;
	out = c->out + CONTEXT_IN_MAILBOX;
	memset(c->out, 0, CONTEXT_IN_MAILBOX + QPC_SIZE);
	if (!qp)
		return STAT_OK;
	memcpy(out, qp->context, QPC_SIZE);
	put32(out + QPC_FLAGS, (get32(out + QPC_FLAGS) & 0x0fffffff) |
	      (u32)qp->state << 28);
	return STAT_OK;
}

/* Rate limits, source checks: nothing that the model looks at */
u8 cmd_update_qp(struct hca *h, struct command *c)
{
	return qp_find(h, c->in_modifier & 0xffffff) ? STAT_OK : STAT_BAD_INDEX;
}

/* QP0 of both ports, then QP1 of both ports */
u8 cmd_conf_special_qp(struct hca *h, struct command *c)
{
	h->special_qpn = c->in_modifier & 0xffffff;
	return STAT_OK;
}
