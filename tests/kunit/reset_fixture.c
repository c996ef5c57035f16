// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of error mode and reset begin with.
 */
#include "reset_fixture.h"

const struct fake_config reset_ib = {
	.transport = FAKE_IB,
	.error_mode = true,
};
EXPORT_SYMBOL_GPL(reset_ib);

const struct fake_config reset_iwarp = {
	.transport = FAKE_IWARP,
	.flush_complete = true,
	.error_mode = true,
};
EXPORT_SYMBOL_GPL(reset_iwarp);

const struct fake_config reset_own_drain = {
	.transport = FAKE_IWARP,
	.own_drain = true,
	.error_mode = true,
};
EXPORT_SYMBOL_GPL(reset_own_drain);

const struct fake_config reset_all_ops = {
	.transport = FAKE_IB,
	.error_mode = true,
	.stand_ins = true,
};
EXPORT_SYMBOL_GPL(reset_all_ops);

const struct fake_config reset_no_hooks = {
	.transport = FAKE_IB,
};
EXPORT_SYMBOL_GPL(reset_no_hooks);

static struct ib_reset_limits reset_default_limits;

/* After a reset got stuck its device is left to it */
static void reset_release(void *data)
{
	struct ulp *ulp = data;

	ulp_join(ulp);
	flush_work(&reset_of(ulp)->error_work);
	if (!fake_is_settled(ulp->fake)) {
		kunit_err(ulp->test, "a reset is stuck for good");
		ulp->stuck = true;
	}
	ib_reset_limits = reset_default_limits;
}

struct ulp *reset_create(struct kunit *test, const struct fake_config *config)
{
	struct ulp *ulp = ulp_create(test, config);

	if (!reset_default_limits.patience_ms)
		reset_default_limits = ib_reset_limits;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, reset_release, ulp));
	fake_forget_story(ulp->fake);
	return ulp;
}
EXPORT_SYMBOL_GPL(reset_create);

int reset_write(struct ulp *ulp)
{
	return fake_write(ulp->fake, "reset", "1");
}
EXPORT_SYMBOL_GPL(reset_write);

static int reset_do_write(struct ulp_task *task)
{
	return fake_write(task->fake, "reset", "1");
}

struct ulp_task *reset_start(struct ulp *ulp)
{
	return ulp_start(ulp, reset_do_write,
			 &(struct ulp_task){ .fake = ulp->fake });
}
EXPORT_SYMBOL_GPL(reset_start);

struct ulp_task *reset_start_hung(struct ulp *ulp, enum fake_verb verb)
{
	struct ulp_task *reset;

	fake_hang(ulp->fake, verb);
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(ulp->test, fake_hangs_in(ulp->fake, verb));
	return reset;
}
EXPORT_SYMBOL_GPL(reset_start_hung);

static int reset_do_unregister(struct ulp_task *task)
{
	fake_unregister(task->fake);
	return 0;
}

struct ulp_task *reset_start_unregister(struct ulp *ulp)
{
	return ulp_start(ulp, reset_do_unregister,
			 &(struct ulp_task){ .fake = ulp->fake });
}
EXPORT_SYMBOL_GPL(reset_start_unregister);

static int reset_do_client_unregister(struct ulp_task *task)
{
	fake_client_unregister(task->client);
	return 0;
}

struct ulp_task *reset_start_client_unregister(struct fake_client *client)
{
	return ulp_start(client->ulp, reset_do_client_unregister,
			 &(struct ulp_task){ .client = client });
}
EXPORT_SYMBOL_GPL(reset_start_client_unregister);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
