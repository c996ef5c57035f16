// SPDX-License-Identifier: GPL-2.0-only
/* What is run of the cxgb4 model: what the others build on comes first. */
#include "fixture.h"

const struct test_case * const all_cases[] = {
	firmware_cases, tcp_cases, rdma_cases, memory_cases, fault_cases, NULL
};
