// SPDX-License-Identifier: GPL-2.0-only
/* Run all cases; a line for each that fails, then the totals. */
#include "fixture.h"

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
	setvbuf(stdout, NULL, _IOLBF, 0);
	run(memory_cases);
	run(queue_cases);
	run(rc_cases);
	run(ud_cases);
	run(fault_cases);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
