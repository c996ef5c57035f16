// SPDX-License-Identifier: GPL-2.0-only
/* Which faults there are, and the commands of the control socket. */
#include <stdlib.h>

#include "hca.h"

#define RESET_FAIL_TIME	(6000 * MS)

const struct fault_kind fault_kinds[NR_FAULTS] = {
	[FAULT_COMMAND_DROP]	= { "command-drop", .op_by_name = cmd_by_name },
	[FAULT_COMMAND_FAIL]	= { "command-fail", .op_by_name = cmd_by_name,
				    .status = STAT_INTERNAL_ERR },
	[FAULT_FIRMWARE_DEAD]	= { "firmware-dead", .until_reset = true },
	[FAULT_FLUSH_STALL]	= { "flush-stall", .until_reset = true },
	[FAULT_CQE_LOSE]	= { "cqe-lose" },
	[FAULT_IRQ_LOSE]	= { "irq-lose" },
	[FAULT_DOORBELL_IGNORE]	= { "doorbell-ignore" },
	[FAULT_RESET_FAIL]	= { "reset-fail" },
};

bool hca_config_gone(const struct hca *h)
{
	return fault_gone(h->faults) || now_ns() < h->away_until;
}

/* A reset brings dead firmware back to life, unless it is to fail */
void hca_faults_reset(struct hca *h)
{
	if (fault_hits(h->faults, FAULT_RESET_FAIL, 0)) {
		vfu_log(0, "The reset fails.");
		h->away_until = now_ns() + RESET_FAIL_TIME;
		return;
	}
	faults_reset(h->faults);
}

static int control_fault(struct hca *h, int argc, char **argv, FILE *out)
{
	return faults_command(h->faults, argc, argv, out);
}

static int control_clear(struct hca *h, int argc, char **argv, FILE *out)
{
	if (faults_clear(h->faults, argc > 1 ? argv[1] : NULL, out))
		return -1;
	/* What is plugged in again has just got its power */
	if (argc < 2 && fault_gone(h->faults)) {
		fault_set_gone(h->faults, false);
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
	fault_set_gone(h->faults, true);
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
	faults_print_state(h->faults, out);
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
		faults_print_names(h->faults, out);
		return 0;
	}
	fprintf(out, "error: '%s' is not a command; try 'help'\n", argv[0]);
	return -1;
}
