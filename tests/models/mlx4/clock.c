// SPDX-License-Identifier: GPL-2.0-only
/* The clock that the model runs by; its tests have one of their own. */
#include <time.h>

#include "hca.h"

u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}
