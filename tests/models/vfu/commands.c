// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static int command_fault(const struct commands *c, int argc, char **argv, FILE *out)
{
	return faults_command(c->faults, argc, argv, out);
}

static int command_clear(const struct commands *c, int argc, char **argv, FILE *out)
{
	if (faults_clear(c->faults, argc > 1 ? argv[1] : NULL, out))
		return -1;
	/* What is plugged in again has just got its power */
	if (argc < 2 && fault_gone(c->faults)) {
		fault_set_gone(c->faults, false);
		c->ops->reset(c->priv);
	}
	c->ops->resume(c->priv);
	return 0;
}

static int command_remove(const struct commands *c, int argc, char **argv, FILE *out)
{
	fault_set_gone(c->faults, true);
	return 0;
}

static int command_port(const struct commands *c, int argc, char **argv, FILE *out)
{
	unsigned int port = argc == 3 ? atoi(argv[1]) : 0;

	if (port < 1 || port > c->nr_ports ||
	    (strcmp(argv[2], "up") && strcmp(argv[2], "down"))) {
		fprintf(out, "error: usage: port NUMBER up|down\n");
		return -1;
	}
	c->ops->set_link(c->priv, port, !strcmp(argv[2], "up"));
	return 0;
}

static int command_stat(const struct commands *c, int argc, char **argv, FILE *out)
{
	c->ops->print_stats(c->priv, out);
	faults_print_state(c->faults, out);
	if (argc > 1 && !strcmp(argv[1], c->ops->list))
		c->ops->print_list(c->priv, out);
	return 0;
}

static int command_verbose(const struct commands *c, int argc, char **argv, FILE *out)
{
	if (argc > 1)
		vfu_verbose = atoi(argv[1]);
	return 0;
}

static int command_exit(const struct commands *c, int argc, char **argv, FILE *out)
{
	vfu_stop(c->vfu);
	return 0;
}

static int command_help(const struct commands *c, int argc, char **argv, FILE *out)
{
	const struct own_command *own;

	fprintf(out, "fault NAME [after=N] [times=N] [op=%s] [status=N]\n", c->ops->op_help);
	fprintf(out, "clear [NAME]: no fault any more\n");
	for (own = c->ops->own; own->name; own++)
		fprintf(out, "%s : %s\n", own->name, own->help);
	fprintf(out, "remove : surprise removal, all reads are ones\n");
	fprintf(out, "port NUMBER up|down\n");
	fprintf(out, "stat [%s]: counters\n", c->ops->list);
	fprintf(out, "verbose LEVEL\n");
	fprintf(out, "exit : the model dies\n");
	faults_print_names(c->faults, out);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const struct commands *c, int argc, char **argv, FILE *out);
} commands[] = {
	{ "fault", command_fault },
	{ "clear", command_clear },
	{ "remove", command_remove },
	{ "port", command_port },
	{ "stat", command_stat },
	{ "verbose", command_verbose },
	{ "exit", command_exit },
	{ "help", command_help },
};

int commands_run(const struct commands *c, int argc, char **argv, FILE *out)
{
	const struct own_command *own;
	unsigned int i;

	vfu_log(1, "control: %s %s", argv[0], argc > 1 ? argv[1] : "");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, argv[0]))
			return commands[i].run(c, argc, argv, out);
	for (own = c->ops->own; own->name; own++) {
		if (strcmp(own->name, argv[0]))
			continue;
		own->run(c->priv);
		return 0;
	}
	fprintf(out, "error: '%s' is not a command; try 'help'\n", argv[0]);
	return -1;
}
