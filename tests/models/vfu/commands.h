/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of the control socket: those of every model, and a model's own. */
#ifndef VFU_COMMANDS_H
#define VFU_COMMANDS_H

#include "fault.h"
#include "vfu.h"

/* One that only this model has; it takes no arguments */
struct own_command {
	const char *name;
	void (*run)(void *priv);
	const char *help;
};

/**
 * struct command_ops - what a model does for the commands
 * @own: its own commands, up to one without a name
 * @op_help: what "op=" of a fault restricts it to
 * @list: the argument of "stat" that has @print_list print as well
 * @reset: the device has its power again after a removal
 * @resume: what a fault has held back may go on
 * @set_link: the cable of a port, counted from 1
 * @print_stats: counters, a line for each
 * @print_list: the objects that there are, a line for each
 */
struct command_ops {
	const struct own_command *own;
	const char *op_help;
	const char *list;
	void (*reset)(void *priv);
	void (*resume)(void *priv);
	void (*set_link)(void *priv, unsigned int port, bool up);
	void (*print_stats)(void *priv, FILE *out);
	void (*print_list)(void *priv, FILE *out);
};

/* A model, as far as the commands reach it */
struct commands {
	const struct command_ops *ops;
	void *priv;
	struct vfu_server *vfu;
	struct faults *faults;
	unsigned int nr_ports;
};

/* For &vfu_ops.control */
int commands_run(const struct commands *c, int argc, char **argv, FILE *out);

#endif
