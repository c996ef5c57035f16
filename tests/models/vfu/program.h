/* SPDX-License-Identifier: GPL-2.0-only */
/* A model as a program: its options, and the life of its process. */
#ifndef VFU_PROGRAM_H
#define VFU_PROGRAM_H

#include "vfu.h"

/**
 * struct program - what is a model's own in its options
 * @name: of the program
 * @device: what it models
 * @option: an option that only this model has, with a value; NULL: none
 * @option_help: its line of the help text
 */
struct program {
	const char *name;
	const char *device;
	const char *option;
	const char *option_help;
};

struct options {
	unsigned int nr_ports;
	bool keep;
	const char *own;	/* the value of &program.option; NULL: not given */
	const char *socket;
	const char *control;
};

/* Ends the process where the options are not understood, or ask for help only */
void program_start(const struct program *p, int argc, char **argv, struct options *o);
/* Serves until it is over; returns the exit status */
int program_run(const struct program *p, const struct options *o, struct vfu_server *s);

#endif
