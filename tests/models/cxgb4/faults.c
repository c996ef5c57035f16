// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults, by text commands on the control socket. Most can wait ("after=N": let
 * N pass first) and end by themselves ("times=N").
 */
#include <stdlib.h>
#include <strings.h>

#include "t5.h"

struct fault_state {
	bool armed;
	int op;			/* command, work request, kind of queue; -1: any */
	u32 after;
	u32 times;		/* 0: until cleared */
	u8 status;
	u64 hits;
};

struct faults {
	struct fault_state state[NR_FAULTS];
	bool gone;
};

static const char * const names[NR_FAULTS] = {
	[FAULT_COMMAND_DROP]	= "command-drop",
	[FAULT_COMMAND_FAIL]	= "command-fail",
	[FAULT_WR_DROP]		= "wr-drop",
	[FAULT_WR_FAIL]		= "wr-fail",
	[FAULT_FIRMWARE_DEAD]	= "firmware-dead",
	[FAULT_FLUSH_STALL]	= "flush-stall",
	[FAULT_CQE_LOSE]	= "cqe-lose",
	[FAULT_IRQ_LOSE]	= "irq-lose",
	[FAULT_DOORBELL_IGNORE]	= "doorbell-ignore",
};

struct faults *faults_create(void)
{
	return calloc(1, sizeof(struct faults));
}

/* Whether a fault happens now; counts */
bool fault_hits(struct t5 *t, enum fault f, int op)
{
	struct fault_state *s = &t->faults->state[f];

	if (!s->armed || (s->op >= 0 && s->op != op))
		return false;
	if (s->after) {
		s->after--;
		return false;
	}
	s->hits++;
	if (s->times && !--s->times)
		s->armed = false;
	return true;
}

/* Faults that are a condition, not an occurrence */
bool fault_armed(const struct t5 *t, enum fault f)
{
	return t->faults->state[f].armed;
}

u8 fault_status(const struct t5 *t, enum fault f)
{
	return t->faults->state[f].status;
}

bool fault_gone(const struct t5 *t)
{
	return t->faults->gone;
}

/* A reset brings dead firmware back to life */
void faults_reset(struct t5 *t)
{
	t->faults->state[FAULT_FIRMWARE_DEAD].armed = false;
	t->faults->state[FAULT_FLUSH_STALL].armed = false;
}

/* What was left in the queues while nobody looked */
static void resume(struct t5 *t)
{
	u32 id;

	for (id = 1; id < NR_QUEUES; id++)
		if (eq_find(t, id) && t->eqs[id].kind != EQ_FL)
			eq_run(t, &t->eqs[id]);
}

static int find_fault(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_FAULTS; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static int op_by_name(int f, const char *name)
{
	switch (f) {
	case FAULT_COMMAND_DROP:
	case FAULT_COMMAND_FAIL:
		return cmd_by_name(name);
	case FAULT_WR_DROP:
	case FAULT_WR_FAIL:
		return wr_by_name(name);
	case FAULT_DOORBELL_IGNORE:
		return eq_kind_by_name(name);
	default:
		return -1;
	}
}

static bool set_option(struct fault_state *s, int f, const char *word)
{
	const char *value = strchr(word, '=');
	size_t len;

	if (!value)
		return false;
	len = value++ - word;
	if (!strncmp(word, "after", len))
		s->after = strtoul(value, NULL, 0);
	else if (!strncmp(word, "times", len))
		s->times = strtoul(value, NULL, 0);
	else if (!strncmp(word, "status", len))
		s->status = strtoul(value, NULL, 0);
	else if (!strncmp(word, "op", len))
		return (s->op = op_by_name(f, value)) >= 0;
	else
		return false;
	return true;
}

static int control_fault(struct t5 *t, int argc, char **argv, FILE *out)
{
	struct fault_state s = { .armed = true, .op = -1, .status = FW_EIO };
	int f, i;

	f = argc > 1 ? find_fault(argv[1]) : -1;
	if (f < 0) {
		fprintf(out, "error: there is no fault '%s'\n", argc > 1 ? argv[1] : "");
		return -1;
	}
	for (i = 2; i < argc; i++) {
		if (set_option(&s, f, argv[i]))
			continue;
		fprintf(out, "error: '%s' is not understood\n", argv[i]);
		return -1;
	}
	t->faults->state[f] = s;
	return 0;
}

static int control_clear(struct t5 *t, int argc, char **argv, FILE *out)
{
	int f = argc > 1 ? find_fault(argv[1]) : -1, i;

	if (argc > 1 && f < 0) {
		fprintf(out, "error: there is no fault '%s'\n", argv[1]);
		return -1;
	}
	for (i = 0; i < NR_FAULTS; i++)
		if (argc < 2 || i == f)
			t->faults->state[i].armed = false;
	/* What is plugged in again has just got its power */
	if (argc < 2 && t->faults->gone) {
		t->faults->gone = false;
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
	t->faults->state[FAULT_FIRMWARE_DEAD] =
		(struct fault_state){ .armed = true, .op = -1 };
	t5_crash(t);
	return 0;
}

static int control_remove(struct t5 *t, int argc, char **argv, FILE *out)
{
	t->faults->gone = true;
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
	for (i = 0; i < NR_FAULTS; i++)
		if (t->faults->state[i].armed || t->faults->state[i].hits)
			fprintf(out, "fault %s %s hits %llu\n", names[i],
				t->faults->state[i].armed ? "armed" : "over",
				(unsigned long long)t->faults->state[i].hits);
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
		for (i = 0; i < NR_FAULTS; i++)
			fprintf(out, "fault %s\n", names[i]);
		return 0;
	}
	fprintf(out, "error: '%s' is not a command; try 'help'\n", argv[0]);
	return -1;
}
