// SPDX-License-Identifier: GPL-2.0-only
/* What the control socket asks of the adapter, and tells of it. */
#include "../vfu/commands.h"
#include "hca.h"

static void reset(void *priv)
{
	hca_reset(priv);
}

static void resume(void *priv)
{
	qp_run_flushes(priv);
}

static void set_link(void *priv, unsigned int port, bool up)
{
	port_set_link(priv, port, up);
}

static void catas(void *priv)
{
	struct hca *h = priv;
	unsigned int i;

	for (i = 0; i < CATAS_WORDS; i++)
		h->catas[i] = 0xdead0000 + i;
}

static void print_qps(void *priv, FILE *out)
{
	static const char * const states[] = {
		"RST", "INIT", "RTR", "RTS", "SQER", "SQD", "ERR",
	};
	struct hca *h = priv;
	unsigned int i;
	struct qp *qp;

	for (i = 0; i < QP_BUCKETS; i++)
		for (qp = h->qps[i]; qp; qp = qp->next)
			fprintf(out, "qp %#x type %u port %u %s peer %#x\n", qp->qpn,
				qp->type, qp->port, states[qp->state],
				qp->remote_qpn);
}

static void print_stats(void *priv, FILE *out)
{
	struct hca *h = priv;
	const struct stats *s = &h->stats;
	unsigned int i;

#define SHOW(what) fprintf(out, #what " %llu\n", (unsigned long long)s->what)
	SHOW(commands);
	SHOW(eqes);
	SHOW(cqes);
	SHOW(irqs);
	SHOW(send_doorbells);
	SHOW(cq_doorbells);
	SHOW(doorbell_writes);
	SHOW(messages);
	SHOW(frames);
	SHOW(bytes);
	SHOW(resets);
	SHOW(bad_dma);
#undef SHOW
	fprintf(out, "icm_pages %llu\n", (unsigned long long)h->icm_pages);
	for (i = 0; i < h->nr_ports; i++)
		fprintf(out, "port%u %s\n", i + 1, h->ports[i].eth ? "eth" : "ib");
	for (i = 0; i < NR_OPCODES; i++)
		if (s->per_opcode[i])
			fprintf(out, "command %s %llu\n", cmd_name(i),
				(unsigned long long)s->per_opcode[i]);
}

static const struct own_command own_commands[] = {
	{ "catas", catas, "fill the catastrophic error buffer" },
	{ 0 }
};

static const struct command_ops command_ops = {
	.own = own_commands,
	.op_help = "COMMAND",
	.list = "qps",
	.reset = reset,
	.resume = resume,
	.set_link = set_link,
	.print_stats = print_stats,
	.print_list = print_qps,
};

int hca_control(void *priv, int argc, char **argv, FILE *out)
{
	struct hca *h = priv;
	struct commands c = {
		.ops = &command_ops, .priv = h, .vfu = h->vfu, .faults = h->faults,
		.nr_ports = h->nr_ports,
	};

	return commands_run(&c, argc, argv, out);
}
