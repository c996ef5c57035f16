// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "vfu.h"

/* 0: errors and what a test did; 1: life of objects; 2: commands; 3: all */
int vfu_verbose = 1;

void vfu_log(int level, const char *fmt, ...)
{
	struct timespec t;
	va_list ap;

	if (level > vfu_verbose)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	fprintf(stderr, "%6ld.%03ld ", (long)t.tv_sec, t.tv_nsec / 1000000);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
