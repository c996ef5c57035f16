/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults: armed by name, each for the occurrences that a test wants. Most can wait
 * ("after=N": let N pass first) and end by themselves ("times=N").
 */
#ifndef VFU_FAULT_H
#define VFU_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct fault_kind - a fault that a model offers
 * @name: of it, on the control socket
 * @op_by_name: the number of what "op=NAME" restricts it to, or -1; NULL: the fault
 *	cannot be restricted
 * @status: what an answer says that is to fail, unless "status=N" tells it
 * @until_reset: it ends with a reset of the device
 */
struct fault_kind {
	const char *name;
	int (*op_by_name)(const char *name);
	uint8_t status;
	bool until_reset;
};

struct faults;

/* One state for each kind; a model counts its kinds by an enum */
struct faults *faults_create(const struct fault_kind *kinds, unsigned int nr);

/* Where things happen: whether the fault happens to this one now; counts */
bool fault_hits(struct faults *f, unsigned int fault, int op);
/* Faults that are a condition, not an occurrence */
void fault_arm(struct faults *f, unsigned int fault);
bool fault_armed(const struct faults *f, unsigned int fault);

/* What the answer says that a fault of this kind makes */
uint8_t fault_status(const struct faults *f, unsigned int fault);
/* The device is reset */
void faults_reset(struct faults *f);

/* The device has been pulled out: it answers no more */
bool fault_gone(const struct faults *f);
void fault_set_gone(struct faults *f, bool gone);

/* "fault NAME [OPTION=VALUE...]": -1 and an error on @out if it is not understood */
int faults_command(struct faults *f, int argc, char **argv, FILE *out);
/* The fault of this name, or with NULL all of them; likewise */
int faults_clear(struct faults *f, const char *name, FILE *out);
void faults_print_names(const struct faults *f, FILE *out);
void faults_print_state(const struct faults *f, FILE *out);

#endif
