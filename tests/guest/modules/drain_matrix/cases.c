// SPDX-License-Identifier: GPL-2.0
/*
 * The cases. Each makes pairs of QPs, posts to them, drains them, and looks
 * whether each done() had returned when the drain did.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "dm.h"

#define DM_WRS		32	/* room in a work queue */
#define DM_CQE		256	/* room in a CQ */
#define DM_RECVS	16
#define DM_SENDS	12
#define DM_NAME		64

static const char * const ctx_names[] = {
	[IB_POLL_SOFTIRQ]		= "softirq",
	[IB_POLL_WORKQUEUE]		= "workqueue",
	[IB_POLL_UNBOUND_WORKQUEUE]	= "unbound",
	[IB_POLL_DIRECT]		= "direct",
};

static const char * const cqs_names[] = {
	[DM_CQ_ONE]	= "one CQ",
	[DM_CQ_TWO]	= "two CQs",
	[DM_CQ_SHARED]	= "shared CQ",
};

static const char * const state_names[] = {
	[IB_QPS_RESET]	= "RESET",
	[IB_QPS_INIT]	= "INIT",
	[IB_QPS_RTR]	= "RTR",
	[IB_QPS_RTS]	= "RTS",
	[IB_QPS_SQD]	= "SQD",
	[IB_QPS_SQE]	= "SQE",
	[IB_QPS_ERR]	= "ERR",
};

enum dm_load {
	DM_QUIET,	/* nothing */
	DM_RECV,	/* outstanding receives */
	DM_TRAFFIC,	/* and sends that have what they need */
	DM_STUCK,	/* and sends that wait for receives of the peer */
	DM_SQ_FULL,	/* ... as many as there is room for */
	DM_NR_LOADS,
};

static const char * const load_names[] = {
	[DM_QUIET]	= "quiet",
	[DM_RECV]	= "receives",
	[DM_TRAFFIC]	= "traffic",
	[DM_STUCK]	= "stuck sends",
	[DM_SQ_FULL]	= "full SQ",
};

static const struct dm_cfg dm_default = {
	.ctx = IB_POLL_WORKQUEUE,
	.cqs = DM_CQ_TWO,
	.cqe = DM_CQE,
	.wrs = DM_WRS,
	.state = IB_QPS_RTS,
};

/* Create a pair, or tell why not */
static struct dm_pair *dm_pair_get(struct dm_env *env,
				   const struct dm_cfg *cfg, const char *what)
{
	struct dm_pair *pair = dm_pair_create(env, cfg);

	if (!IS_ERR(pair))
		return pair;
	dm_not_ok(what, "the QPs could not be set up: %ld", PTR_ERR(pair));
	return NULL;
}

static bool dm_load(struct dm_pair *pair, enum dm_load load, const char *what)
{
	unsigned int sends = load == DM_SQ_FULL ? 4 * DM_WRS : DM_SENDS;
	unsigned int recvs = load == DM_QUIET ? 0 : DM_RECVS;

	if (dm_post_recvs(&pair->a, recvs) != recvs ||
	    (load <= DM_TRAFFIC && dm_post_recvs(&pair->b, recvs) != recvs)) {
		dm_not_ok(what, "the receives could not be posted");
		return false;
	}
	if (load < DM_TRAFFIC)
		return true;
	/* An iWARP peer without a receive ends the connection half-way */
	if (!dm_post_sends(pair, &pair->a, sends, DM_MSG_SIZE)) {
		dm_not_ok(what, "no send could be posted");
		return false;
	}
	return true;
}

/* Drain both ends, look at both */
static void dm_drain_pair(struct dm_pair *pair, enum dm_how how,
			  const char *what)
{
	unsigned int msecs = 0;
	bool ok;

	ok = dm_drain(pair->env, how, &pair->a, what, &msecs) &&
	     dm_check(&pair->a, what, "first QP") &&
	     dm_drain(pair->env, how, &pair->b, what, &msecs) &&
	     dm_check(&pair->b, what, "second QP");
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

/*
 * CQs x loads
 */

static void dm_case_loads(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_cfg cfg = dm_default;
	enum dm_load load;
	char what[DM_NAME];

	cfg.ctx = ctx;
	for (cfg.cqs = 0; cfg.cqs < DM_NR_CQS; cfg.cqs++) {
		for (load = 0; load < DM_NR_LOADS && !dm_hung(); load++) {
			struct dm_pair *pair;

			snprintf(what, sizeof(what), "%s, %s, %s",
				 ctx_names[ctx], cqs_names[cfg.cqs],
				 load_names[load]);
			pair = dm_pair_get(env, &cfg, what);
			if (!pair)
				continue;
			if (dm_load(pair, load, what))
				dm_drain_pair(pair, DM_DRAIN_QP, what);
			else
				dm_pair_destroy(pair, NULL);
		}
	}
}

/*
 * States x loads
 */

static void dm_state(struct dm_env *env, enum ib_poll_context ctx,
		     enum ib_qp_state state, enum dm_load load)
{
	struct dm_cfg cfg = dm_default;
	struct dm_pair *pair;
	char what[DM_NAME];

	snprintf(what, sizeof(what), "%s, %s, %s", state_names[state],
		 ctx_names[ctx], load_names[load]);

	/* IBA: no receive may be posted in RESET, no send before RTS */
	if (state == IB_QPS_RESET && load != DM_QUIET)
		return;
	if (state < IB_QPS_RTS && load > DM_RECV)
		return;
	if (!DM_OURS && state == IB_QPS_RESET && !env->iwarp) {
		dm_skip(what, "the stock kernel warns and does nothing");
		return;
	}
	if (env->iwarp && state == IB_QPS_RTR) {
		dm_skip(what, "iWARP has no such state");
		return;
	}

	cfg.ctx = ctx;
	cfg.state = state;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	if (!dm_load(pair, load, what)) {
		dm_pair_destroy(pair, NULL);
		return;
	}
	if (state > IB_QPS_RTS && dm_end_to_state(&pair->a, state)) {
		/* A datagram QP gets there by a failed send only */
		dm_pair_destroy(pair, NULL);
		dm_skip(what, "the device does not go there");
		return;
	}
	dm_drain_pair(pair, DM_DRAIN_QP, what);
}

static void dm_case_states(struct dm_env *env, enum ib_poll_context ctx)
{
	enum ib_qp_state state;
	enum dm_load load;

	for (state = IB_QPS_RESET; state <= IB_QPS_ERR; state++)
		for (load = 0; load <= DM_STUCK && !dm_hung(); load++)
			dm_state(env, ctx, state, load);
}

/*
 * Ways to call it
 */

static void dm_way(struct dm_env *env, enum ib_poll_context ctx,
		   enum dm_how how, const char *name)
{
	struct dm_cfg cfg = dm_default;
	struct dm_pair *pair;
	char what[DM_NAME];

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "%s, %s", name, ctx_names[ctx]);
	cfg.ctx = ctx;
	cfg.cqs = DM_CQ_ONE;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	if (dm_load(pair, DM_TRAFFIC, what))
		dm_drain_pair(pair, how, what);
	else
		dm_pair_destroy(pair, NULL);
}

static void dm_twice(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_cfg cfg = dm_default;
	struct dm_pair *pair;
	unsigned int msecs = 0;
	char what[DM_NAME];

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "drained twice, %s", ctx_names[ctx]);
	cfg.ctx = ctx;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	if (!dm_load(pair, DM_TRAFFIC, what))
		dm_pair_destroy(pair, NULL);
	else if (!dm_drain(env, DM_DRAIN_QP, &pair->a, what, &msecs) ||
		 !dm_check(&pair->a, what, "first drain"))
		dm_pair_destroy(pair, NULL);
	else
		dm_drain_pair(pair, DM_DRAIN_QP, what);
}

static void dm_at_once(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_drain *drains[4] = {};
	struct dm_cfg cfg = dm_default;
	unsigned int i, msecs = 0;
	struct dm_pair *pair;
	struct dm_end *end;
	char what[DM_NAME];
	bool ok = true;
	int ret;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "%zu drains at once, %s",
		 ARRAY_SIZE(drains), ctx_names[ctx]);
	if (!DM_OURS && ctx == IB_POLL_DIRECT) {
		dm_skip(what, "in the stock kernel they poll the CQ side by side");
		return;
	}
	cfg.ctx = ctx;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	end = &pair->a;
	if (!dm_load(pair, DM_TRAFFIC, what)) {
		dm_pair_destroy(pair, NULL);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(drains); i++)
		drains[i] = dm_drain_start(env, DM_DRAIN_QP, &end, 1, 0);
	for (i = 0; i < ARRAY_SIZE(drains); i++) {
		if (!drains[i])
			continue;
		if (dm_drain_wait(drains[i], env->limit, &ret)) {
			dm_not_ok(what, "drain %u hangs", i);
			ok = false;
		}
		msecs = max(msecs, dm_drain_finish(drains[i]));
	}
	ok = ok && dm_check(end, what, "first QP") &&
	     dm_drain(env, DM_DRAIN_QP, &pair->b, what, &msecs);
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

static void dm_case_ways(struct dm_env *env, enum ib_poll_context ctx)
{
	dm_way(env, ctx, DM_DRAIN_SQ_THEN_RQ, "SQ, then RQ");
	dm_way(env, ctx, DM_DRAIN_BOUNDED, "with a bound");
	dm_twice(env, ctx);
	dm_at_once(env, ctx);
	if (ctx == IB_POLL_WORKQUEUE || ctx == IB_POLL_UNBOUND_WORKQUEUE)
		dm_way(env, ctx, DM_DRAIN_FROM_COMP_WQ,
		       "from the CQ's own workqueue");
}

/*
 * Full and overflowed CQs
 */

/*
 * The first QP has @more work requests than its CQ has room for, none of them
 * completed, and a consumer that is blocked if it can be: the whole flush comes
 * before the consumer consumes anything.
 */
static struct dm_pair *dm_full_pair(struct dm_env *env,
				    enum ib_poll_context ctx, int more,
				    const char *what)
{
	struct dm_cfg cfg = dm_default;
	struct dm_pair *pair;
	unsigned int n;

	cfg.ctx = ctx;
	cfg.cqs = DM_CQ_ONE;
	cfg.cqe = 15;
	cfg.wrs = 256;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return NULL;

	n = pair->cqs[0]->cqe + more;
	if (dm_post_recvs(&pair->a, n) != n) {
		dm_not_ok(what, "%u receives could not be posted", n);
		dm_pair_destroy(pair, NULL);
		return NULL;
	}
	if (ctx != IB_POLL_DIRECT)
		dm_block(&pair->a);
	return pair;
}

static void dm_full_cq(struct dm_env *env, enum ib_poll_context ctx, int more)
{
	struct dm_pair *pair;
	unsigned int msecs = 0;
	char what[DM_NAME];
	bool ok;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "%d more than a CQ holds, %s", more,
		 ctx_names[ctx]);
	pair = dm_full_pair(env, ctx, more, what);
	if (!pair)
		return;
	dm_end_to_state(&pair->a, IB_QPS_ERR);
	msleep(20);
	if (ctx != IB_POLL_DIRECT)
		dm_unblock(&pair->a);

	ok = dm_drain(env, DM_DRAIN_QP, &pair->a, what, &msecs) &&
	     dm_check(&pair->a, what, "QP");
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

/*
 * The ULP's own fault: sends that complete by themselves, without room for
 * their completions. They may be lost, but the drain returns.
 */
static void dm_overflow(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_cfg cfg = dm_default;
	struct dm_pair *pair;
	unsigned int msecs = 0;
	char what[DM_NAME];
	bool ok;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "CQ overflowed by the ULP, %s",
		 ctx_names[ctx]);
	cfg.ctx = ctx;
	cfg.cqs = DM_CQ_ONE;
	cfg.cqe = 15;
	cfg.wrs = 64;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	if (ctx != IB_POLL_DIRECT)
		dm_block(&pair->a);
	dm_post_recvs(&pair->a, 32);
	dm_post_recvs(&pair->b, 8);
	dm_post_sends(pair, &pair->a, 64, DM_MSG_SIZE);
	msleep(20);
	if (ctx != IB_POLL_DIRECT)
		dm_unblock(&pair->a);

	ok = dm_drain(env, DM_DRAIN_QP, &pair->a, what, &msecs);
	snprintf(what, sizeof(what), "CQ overflowed by the ULP, %s (%u of %u)",
		 ctx_names[ctx], dm_completed(&pair->a), pair->a.nr);
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

static void dm_case_full(struct dm_env *env, enum ib_poll_context ctx)
{
	dm_full_cq(env, ctx, -1);
	dm_full_cq(env, ctx, 0);
	dm_full_cq(env, ctx, 1);
	dm_full_cq(env, ctx, 117);
	dm_overflow(env, ctx);
}

/*
 * A device that fails while CQs are full. One run, one poll context: the device
 * stays as it is until it is reset.
 */

enum dm_before {
	DM_BEFORE_NOTHING,	/* nothing has moved the QP to ERR */
	DM_BEFORE_ERR,		/* it is in ERR, and its flush found no room */
	DM_BEFORE_DRAIN,	/* so it is, and a drain waits */
	DM_NR_BEFORE,
};

static const char * const before_names[] = {
	[DM_BEFORE_NOTHING]	= "connected",
	[DM_BEFORE_ERR]		= "in ERR",
	[DM_BEFORE_DRAIN]	= "draining",
};

struct dm_victim {
	struct dm_pair *pair;
	struct dm_drain *drain;
	char what[DM_NAME];
};

static bool dm_victim_init(struct dm_env *env, enum ib_poll_context ctx,
			   enum dm_before before, struct dm_victim *victim)
{
	struct dm_end *end;

	snprintf(victim->what, sizeof(victim->what),
		 "device fails, CQ full, %s, %s", before_names[before],
		 ctx_names[ctx]);
	victim->pair = dm_full_pair(env, ctx, 117, victim->what);
	if (!victim->pair)
		return false;
	end = &victim->pair->a;

	/* Without a receive an iWARP peer ends the connection */
	if (!env->iwarp &&
	    !dm_post_sends(victim->pair, end, DM_SENDS, DM_MSG_SIZE)) {
		dm_not_ok(victim->what, "no send could be posted");
		return false;
	}
	if (before == DM_BEFORE_ERR)
		dm_end_to_state(end, IB_QPS_ERR);
	if (before == DM_BEFORE_DRAIN)
		victim->drain = dm_drain_start(env, DM_DRAIN_QP, &end, 1, 0);
	return true;
}

/* Each done() has returned when the drain does, and none is called later */
static bool dm_victim_check(struct dm_env *env, struct dm_victim *victim,
			    unsigned int *msecs)
{
	struct dm_pair *pair = victim->pair;
	int ret;

	if (victim->drain) {
		if (dm_drain_wait(victim->drain, env->limit, &ret))
			dm_not_ok(victim->what, "the drain hangs, %u of %u work requests completed",
				  dm_completed(&pair->a), pair->a.nr);
		*msecs = dm_drain_finish(victim->drain);
		victim->drain = NULL;
		if (dm_hung())
			return false;
	} else if (!dm_drain(env, DM_DRAIN_QP, &pair->a, victim->what, msecs)) {
		return false;
	}
	return dm_check(&pair->a, victim->what, "first QP") &&
	       dm_drain(env, DM_DRAIN_QP, &pair->b, victim->what, msecs) &&
	       dm_check(&pair->b, victim->what, "second QP");
}

static bool dm_break_wait(struct dm_env *env)
{
	unsigned long due = jiffies + env->limit;

	dm_break(env->dev);
	while (!dm_is_broken(env->dev) && time_before(jiffies, due))
		msleep(20);
	return dm_is_broken(env->dev);
}

static void dm_case_error(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_victim *victims;
	enum dm_before before;
	bool ok = true;

	victims = kcalloc(DM_NR_BEFORE, sizeof(*victims), GFP_KERNEL);
	if (!victims)
		return;
	for (before = 0; ok && before < DM_NR_BEFORE; before++)
		ok = dm_victim_init(env, ctx, before, &victims[before]);
	msleep(20);
	if (ok && !dm_break_wait(env)) {
		dm_not_ok("device fails", "it does not enter error mode");
		ok = false;
	}

	for (before = 0; before < DM_NR_BEFORE; before++)
		if (victims[before].pair && ctx != IB_POLL_DIRECT)
			dm_unblock(&victims[before].pair->a);
	for (before = 0; before < DM_NR_BEFORE && !dm_hung(); before++) {
		struct dm_victim *victim = &victims[before];
		unsigned int msecs = 0;

		if (!victim->pair)
			continue;
		if (dm_victim_check(env, victim, &msecs) && ok)
			dm_ok(victim->what, msecs);
		dm_pair_destroy(victim->pair, victim->what);
	}
	/* What a drain that hangs may still touch is on its own */
	kfree(victims);
}

/*
 * A consumer that is blocked
 */

/*
 * A bounded drain ends in time. Then either the consumer goes on and a second
 * drain succeeds, or the QP is destroyed first.
 */
static void dm_blocked(struct dm_env *env, enum ib_poll_context ctx,
		       bool destroy)
{
	struct dm_cfg cfg = dm_default;
	struct dm_drain *drain;
	struct dm_pair *pair;
	struct dm_end *end;
	char what[DM_NAME];
	unsigned int msecs;
	int ret = 0, err;
	bool ok;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "blocked consumer%s, %s",
		 destroy ? ", QP destroyed" : "", ctx_names[ctx]);
	cfg.ctx = ctx;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	end = &pair->a;
	dm_block(end);
	if (dm_post_recvs(end, DM_RECVS) != DM_RECVS) {
		dm_not_ok(what, "the receives could not be posted");
		dm_unblock(end);
		dm_pair_destroy(pair, NULL);
		return;
	}

	drain = dm_drain_start(env, DM_DRAIN_BOUNDED, &end, 1, env->hold);
	err = dm_drain_wait(drain, env->hold + env->limit, &ret);
	if (err) {
		/* The stock drain: it ends once the consumer goes on */
		dm_not_ok(what, "the drain has no bound: not back after %u ms",
			  jiffies_to_msecs(env->hold + env->limit));
		dm_unblock(end);
		dm_drain_wait(drain, env->limit, &ret);
		dm_drain_finish(drain);
		dm_pair_destroy(pair, NULL);
		return;
	}
	msecs = dm_drain_finish(drain);
	ok = ret == -ETIMEDOUT;
	if (!ok)
		dm_not_ok(what, "the bounded drain returned %d", ret);
	if (destroy)
		dm_end_destroy_qp(end);
	dm_unblock(end);

	/* What the destroyed QP had in its CQs is consumed by now or never */
	if (!destroy)
		ok = ok && dm_drain(env, DM_DRAIN_QP, end, what, &msecs) &&
		     dm_check(end, what, "QP");
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

static void dm_case_blocked(struct dm_env *env, enum ib_poll_context ctx)
{
	dm_blocked(env, ctx, false);
	dm_blocked(env, ctx, true);
}

/* An unbounded drain waits for as long as it takes, and must report that */
static void dm_stalled(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_cfg cfg = dm_default;
	struct dm_drain *drain;
	struct dm_pair *pair;
	struct dm_end *end;
	char what[DM_NAME];
	unsigned int msecs;
	bool ok = true;
	int ret = 0;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "stalled drain, %s", ctx_names[ctx]);
	cfg.ctx = ctx;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	end = &pair->a;
	dm_block(end);
	dm_post_recvs(end, DM_RECVS);

	drain = dm_drain_start(env, DM_DRAIN_QP, &end, 1, 0);
	if (!dm_drain_wait(drain, env->hold, &ret)) {
		dm_not_ok(what, "the drain returned before its consumer had run");
		ok = false;
	}
	dm_unblock(end);
	if (dm_drain_wait(drain, env->limit, &ret)) {
		dm_not_ok(what, "the drain hangs on after the consumer has run");
		ok = false;
	}
	msecs = dm_drain_finish(drain);
	ok = ok && dm_check(end, what, "QP");
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

/*
 * Another pair on the same CQ that is never quiet
 */

static void dm_busy(struct dm_env *env, enum ib_poll_context ctx)
{
	struct dm_pair *pair = NULL, *noise = NULL;
	struct dm_cfg cfg = dm_default;
	unsigned int msecs = 0, before;
	char what[DM_NAME];
	bool ok = false;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "busy CQ, %s", ctx_names[ctx]);
	cfg.ctx = ctx;
	cfg.cqs = DM_CQ_SHARED;
	noise = dm_pair_get(env, &cfg, what);
	if (!noise)
		return;
	cfg.cq = noise->cqs[0];
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		goto destroy;
	if (dm_bounce(noise, 8)) {
		dm_not_ok(what, "the other pair does not start");
		goto destroy;
	}
	if (!dm_load(pair, DM_TRAFFIC, what))
		goto destroy;

	before = atomic_read(&noise->b.bounces);
	ok = dm_drain(env, DM_DRAIN_QP, &pair->a, what, &msecs) &&
	     dm_check(&pair->a, what, "first QP") &&
	     dm_drain(env, DM_DRAIN_QP, &pair->b, what, &msecs) &&
	     dm_check(&pair->b, what, "second QP");
	if (ok && ctx != IB_POLL_DIRECT && !READ_ONCE(noise->b.bouncing)) {
		dm_not_ok(what, "the other pair has stopped after %u messages",
			  before);
		ok = false;
	}
	dm_bounce_stop(noise);
	ok = ok && dm_drain(env, DM_DRAIN_QP, &noise->a, what, &msecs) &&
	     dm_drain(env, DM_DRAIN_QP, &noise->b, what, &msecs);
destroy:
	dm_bounce_stop(noise);
	if (pair)
		dm_pair_destroy(pair, what);
	dm_pair_destroy(noise, NULL);
	if (ok)
		dm_ok(what, msecs);
}

/*
 * Many at once
 */

#define DM_BATCH_PAIRS	8

static void dm_batch(struct dm_env *env, enum ib_poll_context ctx,
		     enum dm_cqs cqs)
{
	struct dm_end *ends[2 * DM_BATCH_PAIRS];
	struct dm_pair *pairs[DM_BATCH_PAIRS];
	struct dm_cfg cfg = dm_default;
	unsigned int i, n, msecs = 0;
	struct dm_drain *drain;
	char what[DM_NAME];
	bool ok = true;
	int ret = 0;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "%zu QPs, %s, %s", ARRAY_SIZE(ends),
		 cqs == DM_CQ_SHARED ? "one CQ for all" : cqs_names[cqs],
		 ctx_names[ctx]);
	cfg.ctx = ctx;
	cfg.cqs = cqs;
	cfg.cqe = 4 * DM_BATCH_PAIRS * DM_WRS;
	for (n = 0; n < DM_BATCH_PAIRS; n++) {
		pairs[n] = dm_pair_get(env, &cfg, what);
		if (!pairs[n]) {
			ok = false;
			goto destroy;
		}
		if (cqs == DM_CQ_SHARED)
			cfg.cq = pairs[0]->cqs[0];
		ends[2 * n] = &pairs[n]->a;
		ends[2 * n + 1] = &pairs[n]->b;
	}
	for (i = 0; ok && i < n; i++)
		ok = dm_load(pairs[i], i & 1 ? DM_TRAFFIC : DM_RECV, what);
	if (!ok)
		goto destroy;

	drain = dm_drain_start(env, DM_DRAIN_BATCH, ends, 2 * n, env->limit);
	if (dm_drain_wait(drain, 2 * env->limit, &ret) || ret) {
		dm_not_ok(what, "the batch drain %s %d",
			  ret ? "returned" : "hangs", ret);
		ok = false;
	}
	msecs = dm_drain_finish(drain);
	for (i = 0; ok && i < 2 * n; i++)
		ok = dm_check(ends[i], what, "a QP");
destroy:
	/* The first one may own the CQ of all */
	while (n--)
		dm_pair_destroy(pairs[n], what);
	if (ok)
		dm_ok(what, msecs);
}

static void dm_case_batch(struct dm_env *env, enum ib_poll_context ctx)
{
	dm_batch(env, ctx, DM_CQ_TWO);
	dm_batch(env, ctx, DM_CQ_SHARED);
}

/*
 * Shared receive queues
 */

static void dm_srq(struct dm_env *env, enum ib_poll_context ctx,
		   unsigned int sends, bool settle)
{
	struct dm_cfg cfg = dm_default;
	unsigned int msecs = 0, taken;
	struct dm_pair *pair;
	char what[DM_NAME];
	bool ok;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "SRQ, %u messages%s, %s", sends,
		 settle ? " arrived" : "", ctx_names[ctx]);
	cfg.ctx = ctx;
	cfg.srq = true;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	dm_post_recvs(&pair->a, DM_RECVS);
	dm_post_sends(pair, &pair->b, sends, 1024);
	if (settle && ctx != IB_POLL_DIRECT)
		msleep(20);

	ok = dm_drain(env, DM_DRAIN_QP, &pair->a, what, &msecs);
	taken = dm_completed(&pair->a);
	ok = ok && dm_drain(env, DM_DRAIN_QP, &pair->b, what, &msecs) &&
	     dm_check(&pair->b, what, "the peer");
	/* What has been taken is done; what is left in the SRQ never is */
	if (ok && dm_completed(&pair->a) != taken) {
		dm_not_ok(what, "%u receives completed after the drain",
			  dm_completed(&pair->a) - taken);
		ok = false;
	}
	dm_pair_destroy(pair, what);
	if (ok)
		dm_ok(what, msecs);
}

static void dm_case_srq(struct dm_env *env, enum ib_poll_context ctx)
{
	dm_srq(env, ctx, 0, false);
	dm_srq(env, ctx, 8, false);
	dm_srq(env, ctx, 8, true);
}

/*
 * Datagrams
 */

static void dm_ud(struct dm_env *env, enum ib_poll_context ctx,
		  enum dm_cqs cqs, enum dm_load load)
{
	struct dm_cfg cfg = dm_default;
	struct dm_pair *pair;
	char what[DM_NAME];
	unsigned int n;

	if (dm_hung())
		return;
	snprintf(what, sizeof(what), "UD, %s, %s, %s", load_names[load],
		 cqs_names[cqs], ctx_names[ctx]);
	cfg.ctx = ctx;
	cfg.cqs = cqs;
	cfg.ud = true;
	pair = dm_pair_get(env, &cfg, what);
	if (!pair)
		return;
	n = load == DM_QUIET ? 0 : DM_RECVS;
	dm_post_recvs(&pair->a, n);
	dm_post_recvs(&pair->b, n);
	if (load == DM_TRAFFIC &&
	    dm_post_sends(pair, &pair->a, DM_SENDS, 512) != DM_SENDS) {
		dm_not_ok(what, "the sends could not be posted");
		dm_pair_destroy(pair, NULL);
		return;
	}
	dm_drain_pair(pair, DM_DRAIN_QP, what);
}

static void dm_case_ud(struct dm_env *env, enum ib_poll_context ctx)
{
	enum dm_load load;

	if (env->iwarp) {
		dm_skip("UD", "iWARP has no datagrams");
		return;
	}
	for (load = DM_QUIET; load <= DM_TRAFFIC; load++) {
		dm_ud(env, ctx, DM_CQ_ONE, load);
		dm_ud(env, ctx, DM_CQ_TWO, load);
	}
}

/* A direct CQ has no consumer of its own that could be blocked */
static const struct {
	const char *name;
	void (*run)(struct dm_env *env, enum ib_poll_context ctx);
	enum ib_poll_context last;
} cases[] = {
	{ "loads",	dm_case_loads,		IB_POLL_DIRECT },
	{ "states",	dm_case_states,		IB_POLL_DIRECT },
	{ "ways",	dm_case_ways,		IB_POLL_DIRECT },
	{ "full",	dm_case_full,		IB_POLL_DIRECT },
	{ "error",	dm_case_error,		IB_POLL_DIRECT },
	{ "blocked",	dm_case_blocked,	IB_POLL_UNBOUND_WORKQUEUE },
	{ "stalled",	dm_stalled,		IB_POLL_UNBOUND_WORKQUEUE },
	{ "busy",	dm_busy,		IB_POLL_DIRECT },
	{ "batch",	dm_case_batch,		IB_POLL_DIRECT },
	{ "srq",	dm_case_srq,		IB_POLL_DIRECT },
	{ "ud",		dm_case_ud,		IB_POLL_DIRECT },
};

int dm_run_case(struct dm_env *env, const char *name)
{
	enum ib_poll_context ctx;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(cases[i].name, name))
			continue;
		for (ctx = 0; ctx <= cases[i].last; ctx++)
			if (env->ctx_mask & BIT(ctx))
				cases[i].run(env, ctx);
		return 0;
	}
	return -ENOENT;
}

/* A poll context's name as a mask, 0 if there is none of that name */
unsigned int dm_ctx_mask(const char *name)
{
	int ctx = match_string(ctx_names, ARRAY_SIZE(ctx_names), name);

	return ctx < 0 ? 0 : BIT(ctx);
}
