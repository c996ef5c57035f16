// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: resets that the core starts by itself, when a device has broken.
 */
#include "reset_fixture.h"

/* A device that is reset by itself, so many times in a row */
static struct ulp *auto_create(struct kunit *test, const char *max)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	KUNIT_ASSERT_EQ(test, 0, fake_write(ulp->fake, "reset_auto_max", max));
	ib_reset_limits.back_off_ms = 10;
	return ulp;
}

static u64 auto_count(struct ulp *ulp)
{
	return READ_ONCE(reset_of(ulp)->count);
}

/* It breaks, and is reset once more */
static void auto_expect_reset(struct ulp *ulp)
{
	u64 count = auto_count(ulp);

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(ulp->test, ulp_poll_until(auto_count(ulp) == count + 1));
	KUNIT_EXPECT_TRUE(ulp->test, fake_is_settled(ulp->fake));
	reset_expect_state(ulp, "active");
}

/* It breaks, and stays so */
static void auto_expect_no_reset(struct ulp *ulp)
{
	u64 count = auto_count(ulp);

	fake_enter_error_mode(ulp->fake);
	msleep(50);
	reset_expect_state(ulp, "error");
	KUNIT_EXPECT_EQ(ulp->test, auto_count(ulp), count);
}

static void device_that_breaks_is_reset(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "3");
	struct fake_client *a = fake_client_start(ulp, 'a');

	auto_expect_reset(ulp);
	KUNIT_EXPECT_EQ(test, a->added, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->fatal), 1);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_DEVICE_ERROR);
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents,
			   "error/device_error disabled/device_error resetting/device_error active/device_error");
}

static void drain_that_stalls_leads_to_a_reset(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "1");
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *drain;

	KUNIT_EXPECT_EQ(test, 0, fake_write(ulp->fake, "drain/stall_ms", "20"));
	KUNIT_ASSERT_EQ(test, 0,
			fake_write(ulp->fake, "drain/stall_policy", "error"));
	fake_qp_hold(a->qp, true, true);
	a->faulty = true;
	fake_hang(ulp->fake, FAKE_CLIENT_REMOVE);
	drain = ulp_start_drain(ulp, a->qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	fake_resume(ulp->fake, FAKE_CLIENT_REMOVE);
	KUNIT_EXPECT_TRUE(test, ulp_poll_until(auto_count(ulp) == 1));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_DRAIN_STALL);
}

static void device_that_breaks_again_and_again_is_given_up(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "2");

	auto_expect_reset(ulp);
	auto_expect_reset(ulp);
	auto_expect_no_reset(ulp);
}

static void device_is_not_reset_if_the_administrator_says_so(struct kunit *test)
{
	auto_expect_no_reset(auto_create(test, "0"));
}

/* It has time to come to rest */
static void second_reset_in_a_row_is_later(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "2");
	u64 before;

	ib_reset_limits.back_off_ms = 200;
	auto_expect_reset(ulp);
	before = ktime_get_ns();
	auto_expect_reset(ulp);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - before, 190 * NSEC_PER_MSEC);
}

static void reset_by_the_administrator_forgives(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "1");

	auto_expect_reset(ulp);
	auto_expect_no_reset(ulp);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	auto_expect_reset(ulp);
}

static void time_without_errors_forgives(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "1");

	auto_expect_reset(ulp);
	ib_reset_limits.calm_ms = 10;
	msleep(30);
	auto_expect_reset(ulp);
}

/* Hardware that cannot be reset is the administrator's */
static void reset_that_fails_is_not_repeated(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "3");

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, UINT_MAX);
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, fake_reaches(ulp->fake, IB_DEVICE_FAILED));
	msleep(50);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_failures"), 1);
}

/* The administrator is first: there is one reset, not two */
static void reset_that_waits_finds_the_device_cured(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "2");

	auto_expect_reset(ulp);
	ib_reset_limits.back_off_ms = 300;
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	flush_delayed_work(&reset_of(ulp)->auto_work);
	KUNIT_EXPECT_TRUE(test, fake_is_settled(ulp->fake));
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 2);
}

static void device_that_goes_is_reset_no_more(struct kunit *test)
{
	struct ulp *ulp = auto_create(test, "2");

	auto_expect_reset(ulp);
	ib_reset_limits.back_off_ms = 100;
	fake_enter_error_mode(ulp->fake);
	fake_unregister(ulp->fake);
	msleep(150);
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 1);
}

static struct kunit_case reset_auto_cases[] = {
	KUNIT_CASE(device_that_breaks_is_reset),
	KUNIT_CASE(drain_that_stalls_leads_to_a_reset),
	KUNIT_CASE(device_that_breaks_again_and_again_is_given_up),
	KUNIT_CASE(device_is_not_reset_if_the_administrator_says_so),
	KUNIT_CASE(second_reset_in_a_row_is_later),
	KUNIT_CASE(reset_by_the_administrator_forgives),
	KUNIT_CASE(time_without_errors_forgives),
	KUNIT_CASE(reset_that_fails_is_not_repeated),
	KUNIT_CASE(reset_that_waits_finds_the_device_cured),
	KUNIT_CASE(device_that_goes_is_reset_no_more),
	{}
};

static struct kunit_suite reset_auto_suite = {
	.name = "rdma_reset_auto",
	.test_cases = reset_auto_cases,
};

kunit_test_suite(reset_auto_suite);
