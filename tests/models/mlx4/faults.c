// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults, by text commands on the control socket. Most can wait ("after=N": let
 * N pass first) and end by themselves ("times=N").
 */
#include <stdlib.h>
#include <strings.h>

#include "hca.h"

struct fault_state {
	bool armed;
	int opcode;		/* of commands; -1: any */
	u32 after;
	u32 times;		/* 0: until cleared */
	u8 status;
	u64 hits;
};

struct faults {
	struct fault_state state[NR_FAULTS];
	bool gone;
	u64 away_until;		/* a reset that takes too long */
};

#define RESET_FAIL_TIME	(6000 * MS)

static const char * const names[NR_FAULTS] = {
	[FAULT_COMMAND_DROP]	= "command-drop",
	[FAULT_COMMAND_FAIL]	= "command-fail",
	[FAULT_FIRMWARE_DEAD]	= "firmware-dead",
	[FAULT_FLUSH_STALL]	= "flush-stall",
	[FAULT_CQE_LOSE]	= "cqe-lose",
	[FAULT_IRQ_LOSE]	= "irq-lose",
	[FAULT_DOORBELL_IGNORE]	= "doorbell-ignore",
	[FAULT_RESET_FAIL]	= "reset-fail",
};

struct faults *faults_create(void)
{
	return calloc(1, sizeof(struct faults));
}

/* Whether a fault happens now; counts */
bool fault_hits(struct hca *h, enum fault f, int opcode)
{
	struct fault_state *s = &h->faults->state[f];

	if (!s->armed || (s->opcode >= 0 && s->opcode != opcode))
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
bool fault_armed(struct hca *h, enum fault f)
{
	return h->faults->state[f].armed;
}

u8 fault_status(struct hca *h)
{
	return h->faults->state[FAULT_COMMAND_FAIL].status;
}

bool fault_gone(struct hca *h)
{
	return h->faults->gone;
}

bool fault_config_gone(struct hca *h)
{
	return h->faults->gone || now_ns() < h->faults->away_until;
}

/* A reset brings dead firmware back to life, unless it is to fail */
void faults_reset(struct hca *h)
{
	struct faults *f = h->faults;

	if (fault_hits(h, FAULT_RESET_FAIL, 0)) {
		vfu_log(0, "The reset fails.");
		f->away_until = now_ns() + RESET_FAIL_TIME;
		return;
	}
	f->state[FAULT_FIRMWARE_DEAD].armed = false;
	f->state[FAULT_FLUSH_STALL].armed = false;
}

static int find_fault(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_FAULTS; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static bool set_option(struct fault_state *s, const char *word)
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
		return (s->opcode = cmd_by_name(value)) >= 0;
	else
		return false;
	return true;
}

static int control_fault(struct hca *h, int argc, char **argv, FILE *out)
{
	struct fault_state s = {
		.armed = true, .opcode = -1, .status = STAT_INTERNAL_ERR,
	};
	int f, i;

	f = argc > 1 ? find_fault(argv[1]) : -1;
	if (f < 0) {
		fprintf(out, "error: there is no fault '%s'\n", argc > 1 ? argv[1] : "");
		return -1;
	}
	for (i = 2; i < argc; i++) {
		if (set_option(&s, argv[i]))
			continue;
		fprintf(out, "error: '%s' is not understood\n", argv[i]);
		return -1;
	}
	h->faults->state[f] = s;
	return 0;
}

static int control_clear(struct hca *h, int argc, char **argv, FILE *out)
{
	int f = argc > 1 ? find_fault(argv[1]) : -1, i;

	if (argc > 1 && f < 0) {
		fprintf(out, "error: there is no fault '%s'\n", argv[1]);
		return -1;
	}
	for (i = 0; i < NR_FAULTS; i++)
		if (argc < 2 || i == f)
			h->faults->state[i].armed = false;
	/* What is plugged in again has just got its power */
	if (argc < 2 && h->faults->gone) {
		h->faults->gone = false;
		hca_reset(h);
	}
	qp_run_flushes(h);
	return 0;
}

static int control_catas(struct hca *h, int argc, char **argv, FILE *out)
{
	unsigned int i;

	for (i = 0; i < CATAS_WORDS; i++)
		h->catas[i] = 0xdead0000 + i;
	return 0;
}

static int control_remove(struct hca *h, int argc, char **argv, FILE *out)
{
	h->faults->gone = true;
	return 0;
}

static int control_port(struct hca *h, int argc, char **argv, FILE *out)
{
	unsigned int nr = argc == 3 ? atoi(argv[1]) : 0;

	if (nr < 1 || nr > h->nr_ports ||
	    (strcmp(argv[2], "up") && strcmp(argv[2], "down"))) {
		fprintf(out, "error: usage: port NUMBER up|down\n");
		return -1;
	}
	port_set_link(h, nr, !strcmp(argv[2], "up"));
	return 0;
}

static void print_qps(struct hca *h, FILE *out)
{
	static const char * const states[] = {
		"RST", "INIT", "RTR", "RTS", "SQER", "SQD", "ERR",
	};
	unsigned int i;
	struct qp *qp;

	for (i = 0; i < QP_BUCKETS; i++)
		for (qp = h->qps[i]; qp; qp = qp->next)
			fprintf(out, "qp %#x type %u port %u %s peer %#x\n", qp->qpn,
				qp->type, qp->port, states[qp->state],
				qp->remote_qpn);
}

static int control_stat(struct hca *h, int argc, char **argv, FILE *out)
{
	const struct stats *s = &h->stats;
	unsigned int i;

#define SHOW(what) fprintf(out, #what " %llu\n", (unsigned long long)s->what)
	SHOW(commands);
	SHOW(eqes);
	SHOW(cqes);
	SHOW(irqs);
	SHOW(send_doorbells);
	SHOW(cq_doorbells);
	SHOW(messages);
	SHOW(frames);
	SHOW(bytes);
	SHOW(resets);
	SHOW(bad_dma);
#undef SHOW
	fprintf(out, "icm_pages %llu\n", (unsigned long long)h->icm_pages);
	for (i = 0; i < NR_OPCODES; i++)
		if (s->per_opcode[i])
			fprintf(out, "command %s %llu\n", cmd_name(i),
				(unsigned long long)s->per_opcode[i]);
	for (i = 0; i < NR_FAULTS; i++)
		if (h->faults->state[i].armed || h->faults->state[i].hits)
			fprintf(out, "fault %s %s hits %llu\n", names[i],
				h->faults->state[i].armed ? "armed" : "over",
				(unsigned long long)h->faults->state[i].hits);
	if (argc > 1 && !strcmp(argv[1], "qps"))
		print_qps(h, out);
	return 0;
}

static int control_verbose(struct hca *h, int argc, char **argv, FILE *out)
{
	if (argc > 1)
		vfu_verbose = atoi(argv[1]);
	return 0;
}

static int control_exit(struct hca *h, int argc, char **argv, FILE *out)
{
	vfu_stop(h->vfu);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct hca *h, int argc, char **argv, FILE *out);
	const char *help;
} controls[] = {
	{ "fault", control_fault, "NAME [after=N] [times=N] [op=COMMAND] [status=N]" },
	{ "clear", control_clear, "[NAME]: no fault any more" },
	{ "catas", control_catas, ": fill the catastrophic error buffer" },
	{ "remove", control_remove, ": surprise removal, all reads are ones" },
	{ "port", control_port, "NUMBER up|down" },
	{ "stat", control_stat, "[qps]: counters" },
	{ "verbose", control_verbose, "LEVEL" },
	{ "exit", control_exit, ": the model dies" },
};

#define NR_CONTROLS	(sizeof(controls) / sizeof(controls[0]))

int faults_control(void *priv, int argc, char **argv, FILE *out)
{
	struct hca *h = priv;
	unsigned int i;

	for (i = 0; i < NR_CONTROLS; i++) {
		if (strcmp(controls[i].name, argv[0]))
			continue;
		vfu_log(1, "control: %s %s", argv[0], argc > 1 ? argv[1] : "");
		return controls[i].run(h, argc, argv, out);
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
