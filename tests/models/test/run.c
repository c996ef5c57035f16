// SPDX-License-Identifier: GPL-2.0-only
/* Run all cases of a model; a line for each that fails, then the totals. */
#include "check.h"

unsigned int failures;

static unsigned int passed, failed;

static void run(const struct test_case *c)
{
	unsigned int before = failures;

	for (; c->name; c++, before = failures) {
		fixture_start();
		c->run();
		fixture_stop();
		if (failures == before) {
			passed++;
			continue;
		}
		failed++;
		printf("FAIL %s\n", c->name);
	}
}

int main(void)
{
	const struct test_case * const *c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (c = all_cases; *c; c++)
		run(*c);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
