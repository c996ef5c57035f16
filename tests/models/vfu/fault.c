// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "fault.h"

struct fault {
	bool armed;
	int op;			/* -1: any */
	uint32_t after;
	uint32_t times;		/* 0: until cleared */
	uint8_t status;
	uint64_t hits;
};

struct faults {
	const struct fault_kind *kinds;
	unsigned int nr;
	bool gone;
	struct fault state[];
};

struct faults *faults_create(const struct fault_kind *kinds, unsigned int nr)
{
	struct faults *f = calloc(1, sizeof(*f) + nr * sizeof(f->state[0]));

	if (!f)
		return NULL;
	f->kinds = kinds;
	f->nr = nr;
	return f;
}

bool fault_hits(struct faults *f, unsigned int fault, int op)
{
	struct fault *s = &f->state[fault];

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

static struct fault armed(const struct faults *f, unsigned int fault)
{
	return (struct fault){
		.armed = true, .op = -1, .status = f->kinds[fault].status,
	};
}

void fault_arm(struct faults *f, unsigned int fault)
{
	f->state[fault] = armed(f, fault);
}

bool fault_armed(const struct faults *f, unsigned int fault)
{
	return f->state[fault].armed;
}

uint8_t fault_status(const struct faults *f, unsigned int fault)
{
	return f->state[fault].status;
}

void faults_reset(struct faults *f)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++)
		if (f->kinds[i].until_reset)
			f->state[i].armed = false;
}

bool fault_gone(const struct faults *f)
{
	return f->gone;
}

void fault_set_gone(struct faults *f, bool gone)
{
	f->gone = gone;
}

/*
 * The control socket
 */

static int find(const struct faults *f, const char *name, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++)
		if (!strcmp(f->kinds[i].name, name))
			return i;
	fprintf(out, "error: there is no fault '%s'\n", name);
	return -1;
}

static bool is(const char *word, const char *option)
{
	return !strncmp(word, option, strlen(option));
}

static bool set_option(struct fault *s, const struct fault_kind *k, const char *word)
{
	const char *value = strchr(word, '=');

	if (!value)
		return false;
	value++;
	if (is(word, "after="))
		s->after = strtoul(value, NULL, 0);
	else if (is(word, "times="))
		s->times = strtoul(value, NULL, 0);
	else if (is(word, "status="))
		s->status = strtoul(value, NULL, 0);
	else if (is(word, "op=") && k->op_by_name)
		return (s->op = k->op_by_name(value)) >= 0;
	else
		return false;
	return true;
}

int faults_command(struct faults *f, int argc, char **argv, FILE *out)
{
	int fault = find(f, argc > 1 ? argv[1] : "", out), i;
	struct fault s;

	if (fault < 0)
		return -1;
	s = armed(f, fault);
	for (i = 2; i < argc; i++) {
		if (set_option(&s, &f->kinds[fault], argv[i]))
			continue;
		fprintf(out, "error: '%s' is not understood\n", argv[i]);
		return -1;
	}
	f->state[fault] = s;
	return 0;
}

int faults_clear(struct faults *f, const char *name, FILE *out)
{
	int fault = name ? find(f, name, out) : -1;
	unsigned int i;

	if (name && fault < 0)
		return -1;
	for (i = 0; i < f->nr; i++)
		if (!name || i == (unsigned int)fault)
			f->state[i].armed = false;
	return 0;
}

void faults_print_names(const struct faults *f, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++)
		fprintf(out, "fault %s\n", f->kinds[i].name);
}

void faults_print_state(const struct faults *f, FILE *out)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++) {
		const struct fault *s = &f->state[i];

		if (s->armed || s->hits)
			fprintf(out, "fault %s %s hits %llu\n", f->kinds[i].name,
				s->armed ? "armed" : "over",
				(unsigned long long)s->hits);
	}
}
