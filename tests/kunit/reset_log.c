// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's log says of fake devices during a case.
 */
#include <linux/string.h>
#include <trace/events/printk.h>

#include "reset_fixture.h"

static DEFINE_RAW_SPINLOCK(reset_log_lock);
static char reset_log[4096];
static size_t reset_log_len;

/* @text has no end of its own */
static void reset_log_line(void *ignored, const char *text, size_t len)
{
	unsigned long flags;
	size_t room;

	if (!strnstr(text, "fake", len))
		return;
	raw_spin_lock_irqsave(&reset_log_lock, flags);
	room = sizeof(reset_log) - 1 - reset_log_len;
	len = min(len, room);
	memcpy(reset_log + reset_log_len, text, len);
	reset_log_len += len;
	reset_log[reset_log_len] = '\0';
	raw_spin_unlock_irqrestore(&reset_log_lock, flags);
}

static void reset_log_stop(void *data)
{
	unregister_trace_console(reset_log_line, NULL);
	tracepoint_synchronize_unregister();
}

/* From now on until the end of the case */
void reset_log_start(struct kunit *test)
{
	reset_log_len = 0;
	reset_log[0] = '\0';
	KUNIT_ASSERT_EQ(test, 0, register_trace_console(reset_log_line, NULL));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, reset_log_stop,
							   NULL));
}
EXPORT_SYMBOL_GPL(reset_log_start);

bool reset_log_has(const char *text)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&reset_log_lock, flags);
	found = strstr(reset_log, text);
	raw_spin_unlock_irqrestore(&reset_log_lock, flags);
	return found;
}
EXPORT_SYMBOL_GPL(reset_log_has);

void reset_log_names_hung_client(struct fake_client *a, enum fake_verb verb)
{
	struct kunit *test = a->ulp->test;
	struct ulp_task *reset;

	ib_reset_limits.removal_ms = 20;
	ib_reset_limits.report_ms = 20;
	reset_log_start(test);
	a->faulty = true;
	fake_hang(a->ulp->fake, verb);
	reset = reset_start(a->ulp);
	KUNIT_EXPECT_TRUE(test, ulp_poll_until(reset_log_has("client a has not")));
	fake_resume(a->ulp->fake, verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
}
EXPORT_SYMBOL_GPL(reset_log_names_hung_client);
