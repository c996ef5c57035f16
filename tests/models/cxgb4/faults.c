// SPDX-License-Identifier: GPL-2.0-only
/* Which faults there are, and the commands of the control socket. */
#include <stdlib.h>

#include "t5.h"

const struct fault_kind fault_kinds[NR_FAULTS] = {
	[FAULT_COMMAND_DROP]	= { "command-drop", .op_by_name = cmd_by_name },
	[FAULT_COMMAND_FAIL]	= { "command-fail", .op_by_name = cmd_by_name,
				    .status = FW_EIO },
	[FAULT_WR_DROP]		= { "wr-drop", .op_by_name = wr_by_name },
	[FAULT_WR_FAIL]		= { "wr-fail", .op_by_name = wr_by_name,
				    .status = FW_EIO },
	[FAULT_FIRMWARE_DEAD]	= { "firmware-dead", .until_reset = true },
	[FAULT_FLUSH_STALL]	= { "flush-stall", .until_reset = true },
	[FAULT_CQE_LOSE]	= { "cqe-lose" },
	[FAULT_IRQ_LOSE]	= { "irq-lose" },
	[FAULT_DOORBELL_IGNORE]	= { "doorbell-ignore", .op_by_name = eq_kind_by_name },
};

/* What was left in the queues while nobody looked */
static void resume(struct t5 *t)
{
	u32 id;

	for (id = 1; id < NR_QUEUES; id++)
		if (eq_find(t, id) && t->eqs[id].kind != EQ_FL)
			eq_run(t, &t->eqs[id]);
}

static int control_fault(struct t5 *t, int argc, char **argv, FILE *out)
{
	return faults_command(t->faults, argc, argv, out);
}

static int control_clear(struct t5 *t, int argc, char **argv, FILE *out)
{
	if (faults_clear(t->faults, argc > 1 ? argv[1] : NULL, out))
		return -1;
	/* What is plugged in again has just got its power */
	if (argc < 2 && fault_gone(t->faults)) {
		fault_set_gone(t->faults, false);
		t5_reset(t);
	}
	resume(t);
	return 0;
}

static int control_fatal(struct t5 *t, int argc, char **argv, FILE *out)
{
	t5_fatal(t);
	return 0;
}

static int control_crash(struct t5 *t, int argc, char **argv, FILE *out)
{
	fault_arm(t->faults, FAULT_FIRMWARE_DEAD);
	t5_crash(t);
	return 0;
}

static int control_remove(struct t5 *t, int argc, char **argv, FILE *out)
{
	fault_set_gone(t->faults, true);
	return 0;
}

static int control_port(struct t5 *t, int argc, char **argv, FILE *out)
{
	unsigned int nr = argc == 3 ? atoi(argv[1]) : 0;

	if (nr < 1 || nr > t->nr_ports ||
	    (strcmp(argv[2], "up") && strcmp(argv[2], "down"))) {
		fprintf(out, "error: usage: port NUMBER up|down\n");
		return -1;
	}
	port_set_link(t, nr - 1, !strcmp(argv[2], "up"));
	return 0;
}

static void print_connections(struct t5 *t, FILE *out)
{
	static const char * const states[] = { "free", "syn", "open", "dead" };
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

static int control_stat(struct t5 *t, int argc, char **argv, FILE *out)
{
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
	faults_print_state(t->faults, out);
	if (argc > 1 && !strcmp(argv[1], "tids"))
		print_connections(t, out);
	return 0;
}

static int control_verbose(struct t5 *t, int argc, char **argv, FILE *out)
{
	if (argc > 1)
		vfu_verbose = atoi(argv[1]);
	return 0;
}

static int control_exit(struct t5 *t, int argc, char **argv, FILE *out)
{
	vfu_stop(t->vfu);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct t5 *t, int argc, char **argv, FILE *out);
	const char *help;
} controls[] = {
	{ "fault", control_fault, "NAME [after=N] [times=N] [op=COMMAND|WORK-REQUEST|QUEUE] [status=N]" },
	{ "clear", control_clear, "[NAME]: no fault any more" },
	{ "fatal", control_fatal, ": a parity error, with its interrupt" },
	{ "crash", control_crash, ": the firmware dies, and a register says so" },
	{ "remove", control_remove, ": surprise removal, all reads are ones" },
	{ "port", control_port, "NUMBER up|down" },
	{ "stat", control_stat, "[tids]: counters" },
	{ "verbose", control_verbose, "LEVEL" },
	{ "exit", control_exit, ": the model dies" },
};

#define NR_CONTROLS	(sizeof(controls) / sizeof(controls[0]))

int faults_control(void *priv, int argc, char **argv, FILE *out)
{
	struct t5 *t = priv;
	unsigned int i;

	for (i = 0; i < NR_CONTROLS; i++) {
		if (strcmp(controls[i].name, argv[0]))
			continue;
		vfu_log(1, "control: %s %s", argv[0], argc > 1 ? argv[1] : "");
		return controls[i].run(t, argc, argv, out);
	}
	if (!strcmp(argv[0], "help")) {
		for (i = 0; i < NR_CONTROLS; i++)
			fprintf(out, "%s %s\n", controls[i].name, controls[i].help);
		faults_print_names(t->faults, out);
		return 0;
	}
	fprintf(out, "error: '%s' is not a command; try 'help'\n", argv[0]);
	return -1;
}
