/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of error mode and reset begin with.
 */
#ifndef RESET_FIXTURE_H
#define RESET_FIXTURE_H

#include <linux/module.h>

#include "../core/bad_device.h"
#include "../core/reset.h"
#include "fake_reset.h"

extern const struct fake_config reset_ib;
extern const struct fake_config reset_iwarp;
extern const struct fake_config reset_own_drain;
extern const struct fake_config reset_all_ops;
extern const struct fake_config reset_no_hooks;

/* A device for one case, without objects, and all limits as ever */
struct ulp *reset_create(struct kunit *test, const struct fake_config *config);

static inline struct ib_device_reset *reset_of(struct ulp *ulp)
{
	return &ulp->fake->ibdev.reset;
}

/* An administrator's reset: what writing to the file returns */
int reset_write(struct ulp *ulp);
/* The same in a thread, because it may not return */
struct ulp_task *reset_start(struct ulp *ulp);
/* The same, and it hangs in @verb, until fake_resume() */
struct ulp_task *reset_start_hung(struct ulp *ulp, enum fake_verb verb);
/* ib_unregister_device(), in a thread */
struct ulp_task *reset_start_unregister(struct ulp *ulp);
/* ib_unregister_client(), in a thread */
struct ulp_task *reset_start_client_unregister(struct fake_client *client);

#define reset_expect_state(consumer, expected) do {			\
	char __text[FAKE_ATTR_LEN];					\
									\
	KUNIT_EXPECT_STREQ((consumer)->test,				\
			   fake_read((consumer)->fake, "device_state",	\
				     __text), expected);		\
} while (0)

/* The kernel's log: reset_log.c */
void reset_log_start(struct kunit *test);
bool reset_log_has(const char *text);
/* A reset in which client a hangs in @verb: the log says so. Then it goes on. */
void reset_log_names_hung_client(struct fake_client *a, enum fake_verb verb);

#endif /* RESET_FIXTURE_H */
