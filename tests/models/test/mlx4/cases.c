// SPDX-License-Identifier: GPL-2.0-only
/* What is run of the mlx4 model: what the others build on comes first. */
#include "fixture.h"

const struct test_case * const all_cases[] = {
	memory_cases, queue_cases, port_cases, rc_cases, ud_cases, fault_cases,
	NULL
};
