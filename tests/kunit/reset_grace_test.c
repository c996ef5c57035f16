// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: the grace period of an administrator's reset.
 */
#include "reset_fixture.h"

#define GRACE_LONG	"60000"

/* A client that holds a user context, as uverbs does, and closes it on removal */
static struct fake_client *grace_start(struct ulp *ulp)
{
	struct fake_client *a = fake_client_create(ulp, 'a');

	a->opens_context = true;
	fake_client_register(a);
	KUNIT_ASSERT_NOT_NULL(ulp->test, a->context);
	fake_forget_story(ulp->fake);
	return a;
}

/* A reset in its grace period */
static struct ulp_task *grace_reset(struct ulp *ulp)
{
	struct ulp_task *reset;

	KUNIT_EXPECT_EQ(ulp->test, 0,
			fake_write(ulp->fake, "reset_grace_ms", GRACE_LONG));
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(ulp->test, fake_reaches(ulp->fake,
						  IB_DEVICE_DRAINING));
	KUNIT_EXPECT_TRUE(ulp->test, ulp_task_waits(reset));
	return reset;
}

static void grace_period_waits_for_the_last_context(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = grace_start(ulp);
	struct ib_ucontext *second = fake_context_open(ulp->fake);
	struct ulp_task *reset;

	KUNIT_ASSERT_NOT_NULL(test, second);
	reset = grace_reset(ulp);
	reset_expect_state(ulp, "draining");
	fake_client_close_context(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(reset));
	fake_context_close(second);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents,
			   "draining/admin error/admin disabled/admin resetting/admin active/admin");
	KUNIT_EXPECT_GE(test, fake_read_number(ulp->fake,
					       "reset_duration_us/grace"),
			jiffies_to_usecs(ULP_GLANCE));
}

static void clients_hear_of_it_once_and_when_it_begins(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = grace_start(ulp);
	struct ulp_task *reset = grace_reset(ulp);

	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "!a");
	fake_client_close_context(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "!a error -a reset +a");
}

/* All else goes on working until the period is over */
static void no_new_context_is_opened_meanwhile(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = grace_start(ulp);
	struct ib_device *dev = &ulp->fake->ibdev;
	struct ulp_task *reset;
	struct ib_pd *pd;

	KUNIT_EXPECT_EQ(test, dev->ops.alloc_ucontext(NULL, NULL), 0);
	reset = grace_reset(ulp);
	KUNIT_EXPECT_EQ(test, dev->ops.alloc_ucontext(NULL, NULL), -EIO);
	KUNIT_EXPECT_FALSE(test, ib_device_in_error(dev));
	pd = ib_alloc_pd(dev, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(pd));
	if (!IS_ERR(pd))
		ib_dealloc_pd(pd);
	fake_client_close_context(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, dev->ops.alloc_ucontext(NULL, NULL), 0);
}

static void grace_period_ends_when_its_time_is_up(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	grace_start(ulp);
	KUNIT_EXPECT_EQ(test, 0, fake_write(ulp->fake, "reset_grace_ms", "60"));
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "!a error -a reset +a");
	KUNIT_EXPECT_GE(test, fake_read_number(ulp->fake,
					       "reset_duration_us/grace"),
			50000);
}

static void grace_period_without_contexts_is_over_at_once(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *reset;

	fake_client_start(ulp, 'a');
	KUNIT_EXPECT_EQ(test, 0, fake_write(ulp->fake, "reset_grace_ms",
					    GRACE_LONG));
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
}

static void there_is_no_grace_period_by_default(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	grace_start(ulp);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents,
			   "error/admin disabled/admin resetting/admin active/admin");
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "error !a -a reset +a");
}

static void second_reset_is_refused_meanwhile(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = grace_start(ulp);
	struct ulp_task *reset = grace_reset(ulp);

	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);
	fake_client_close_context(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
}

static void device_that_breaks_ends_the_grace_period(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = grace_start(ulp);
	struct ulp_task *reset = grace_reset(ulp);

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_EQ(test, atomic_read(&a->fatal), 1);
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
}

static void broken_device_gets_no_grace_period(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *reset;

	grace_start(ulp);
	KUNIT_EXPECT_EQ(test, 0, fake_write(ulp->fake, "reset_grace_ms",
					    GRACE_LONG));
	fake_enter_error_mode(ulp->fake);
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
}

static void device_that_goes_ends_the_grace_period(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *unregister, *reset;

	grace_start(ulp);
	reset = grace_reset(ulp);
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -ENODEV);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 0);
}

static struct kunit_case reset_grace_cases[] = {
	KUNIT_CASE(grace_period_waits_for_the_last_context),
	KUNIT_CASE(clients_hear_of_it_once_and_when_it_begins),
	KUNIT_CASE(no_new_context_is_opened_meanwhile),
	KUNIT_CASE(grace_period_ends_when_its_time_is_up),
	KUNIT_CASE(grace_period_without_contexts_is_over_at_once),
	KUNIT_CASE(there_is_no_grace_period_by_default),
	KUNIT_CASE(second_reset_is_refused_meanwhile),
	KUNIT_CASE(device_that_breaks_ends_the_grace_period),
	KUNIT_CASE(broken_device_gets_no_grace_period),
	KUNIT_CASE(device_that_goes_ends_the_grace_period),
	{}
};

static struct kunit_suite reset_grace_suite = {
	.name = "rdma_reset_grace",
	.test_cases = reset_grace_cases,
};

kunit_test_suite(reset_grace_suite);
