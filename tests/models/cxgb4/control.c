// SPDX-License-Identifier: GPL-2.0-only
/* What the control socket asks of the adapter, and tells of it. */
#include "../vfu/commands.h"
#include "t5.h"

static void reset(void *priv)
{
	t5_reset(priv);
}

/* What was left in the queues while nobody looked */
static void resume(void *priv)
{
	struct t5 *t = priv;
	u32 id;

	for (id = 1; id < NR_QUEUES; id++)
		if (eq_find(t, id) && t->eqs[id].kind != EQ_FL)
			eq_run(t, &t->eqs[id]);
}

static void set_link(void *priv, unsigned int port, bool up)
{
	port_set_link(priv, port - 1, up);
}

static void fatal(void *priv)
{
	t5_fatal(priv);
}

static void crash(void *priv)
{
	struct t5 *t = priv;

	fault_arm(t->faults, FAULT_FIRMWARE_DEAD);
	t5_crash(t);
}

static void print_connections(void *priv, FILE *out)
{
	static const char * const states[] = { "free", "syn", "open", "dead" };
	struct t5 *t = priv;
	u32 tid;

	for (tid = 0; tid < NR_TIDS; tid++) {
		struct conn *c = conn_find(t, tid);

		if (!c)
			continue;
		fprintf(out, "tid %u %s%s", tid, states[c->state],
			c->closed ? " closed" : "");
		if (c->peer)
			fprintf(out, " peer %u", c->peer->tid);
		if (c->qp)
			fprintf(out, " qp %u msn %u%s%s", c->qp->qpid, c->qp->msn,
				c->qp->may_send ? "" : " waits",
				c->qp->broken ? " broken" : "");
		fprintf(out, "\n");
	}
}

/* What a driver that has gone should not have left */
static u32 count_connections(struct t5 *t)
{
	u32 tid, n = 0;

	for (tid = 0; tid < NR_TIDS; tid++)
		n += conn_find(t, tid) != NULL;
	return n;
}

static u32 count_valid_stags(const struct t5 *t)
{
	u32 at, n = 0;

	for (at = 0; at < STAG_SIZE; at += TPTE_SIZE)
		n += !!(get32(t->memory + STAG_BASE + at) & TPTE_VALID);
	return n;
}

static void print_stats(void *priv, FILE *out)
{
	struct t5 *t = priv;
	const struct stats *s = &t->stats;
	unsigned int i;

#define SHOW(what) fprintf(out, #what " %llu\n", (unsigned long long)s->what)
	SHOW(commands);
	SHOW(work_requests);
	SHOW(messages);
	SHOW(bytes);
	SHOW(cqes);
	SHOW(cq_overflows);
	SHOW(irqs);
	SHOW(doorbells);
	SHOW(doorbell_writes);
	SHOW(connections);
	SHOW(terminates);
	SHOW(frames);
	SHOW(resets);
	SHOW(bad_dma);
#undef SHOW
	fprintf(out, "tids %u\n", count_connections(t));
	fprintf(out, "stags %u\n", count_valid_stags(t));
	for (i = 0; i < 256; i++)
		if (s->per_command[i])
			fprintf(out, "command %s %llu\n", cmd_name(i),
				(unsigned long long)s->per_command[i]);
	for (i = 0; i < 256; i++)
		if (s->per_request[i])
			fprintf(out, "request %s %llu\n", wr_name(i),
				(unsigned long long)s->per_request[i]);
}

static const struct own_command own_commands[] = {
	{ "fatal", fatal, "a parity error, with its interrupt" },
	{ "crash", crash, "the firmware dies, and a register says so" },
	{ 0 }
};

static const struct command_ops command_ops = {
	.own = own_commands,
	.op_help = "COMMAND|WORK-REQUEST|QUEUE",
	.list = "tids",
	.reset = reset,
	.resume = resume,
	.set_link = set_link,
	.print_stats = print_stats,
	.print_list = print_connections,
};

int t5_control(void *priv, int argc, char **argv, FILE *out)
{
	struct t5 *t = priv;
	struct commands c = {
		.ops = &command_ops, .priv = t, .vfu = t->vfu, .faults = t->faults,
		.nr_ports = t->nr_ports,
	};

	return commands_run(&c, argc, argv, out);
}
