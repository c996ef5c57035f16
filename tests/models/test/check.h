/* SPDX-License-Identifier: GPL-2.0-only */
/* Cases, and their checks: one that fails names itself, and the case goes on. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdio.h>

extern unsigned int failures;

#define CHECK(cond) do { \
	if (!(cond)) { \
		failures++; \
		printf("    %s:%d: %s\n", __FILE__, __LINE__, #cond); \
	} \
} while (0)

#define CHECK_EQ(a, b) do { \
	long long a_ = (a), b_ = (b); \
	if (a_ != b_) { \
		failures++; \
		printf("    %s:%d: %s is %#llx, not %#llx\n", __FILE__, __LINE__, \
		       #a, a_, b_); \
	} \
} while (0)

struct test_case {
	const char *name;
	void (*run)(void);
};

/* A model's fixture: around each case; and its cases, by file, up to NULL */
void fixture_start(void);
void fixture_stop(void);
extern const struct test_case * const all_cases[];

#endif
