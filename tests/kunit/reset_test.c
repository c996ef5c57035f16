// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: a reset that succeeds: the order of its steps, what it leaves as
 * it was, and what it tells the administrator.
 */
#include <linux/kernfs.h>
#include <rdma/ib_drain.h>

#include "reset_fixture.h"

#define RESET_IN_A_ROW	50

/*
 * From active to active
 */

static void idle_device_is_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	char text[FAKE_ATTR_LEN];

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_FALSE(test, ib_device_in_error(&ulp->fake->ibdev));
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_count"), 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_failures"), 0);
	KUNIT_EXPECT_STREQ(test, fake_read(ulp->fake, "reset_reason", text),
			   "admin");
}

static void device_in_error_mode_is_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->fatal), 1);
	KUNIT_EXPECT_EQ(test, a->added, 2);
}

/* Error mode, clients out, hardware, clients in, and each in its order */
static void clients_leave_last_in_first_out(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_client_start(ulp, 'a');
	fake_client_start(ulp, 'b');
	fake_client_start(ulp, 'c');
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "+a +b +c");
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b !c -c -b -a reset +a +b +c");
}

/* A client that drains finds all of its work ended before it lets go */
static void work_in_flight_ends_before_what_it_needs(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	fake_qp_hold(a->qp, true, true);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->undone_at_release, 0);
	KUNIT_EXPECT_EQ(test, a->flushed_at_release, 4);
}

static void work_in_flight_over_iwarp_ends_as_well(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_iwarp);
	struct fake_client *a = fake_client_start(ulp, 'a');

	to_fake_qp(a->qp)->signal = FAKE_SIGNAL_NEVER;
	fake_qp_hold(a->qp, true, true);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->undone_at_release, 0);
	KUNIT_EXPECT_EQ(test, a->flushed_at_release, 4);
}

static void no_object_is_alive_when_the_hardware_is_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_client_start(ulp, 'a');
	fake_client_start(ulp, 'b');
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 6);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects_at_reset, 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 6);
}

/*
 * What is as before, and what is not
 */

static void device_stays_the_one_it_was(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_device *dev = &ulp->fake->ibdev;
	struct kernfs_node *folder = dev->dev.kobj.sd, *file;
	char name[IB_DEVICE_NAME_MAX];
	u32 index = dev->index;

	strscpy(name, dev_name(&dev->dev));
	file = kernfs_find_and_get(folder, "reset_count");
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, dev_name(&dev->dev), name);
	KUNIT_EXPECT_EQ(test, dev->index, index);
	KUNIT_EXPECT_PTR_EQ(test, dev->dev.kobj.sd, folder);
	kernfs_put(file);
	KUNIT_EXPECT_PTR_EQ(test, kernfs_find_and_get(folder, "reset_count"),
			    file);
	kernfs_put(file);
}

static void attributes_are_read_anew(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	KUNIT_EXPECT_EQ(test, ulp->fake->ibdev.attrs.max_ah, 0);
	ulp->fake->max_ah = 77;
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->ibdev.attrs.max_ah, 77);
	ulp->fake->max_ah = 0;
}

/* The hardware flushes again: a drain must not think that software has */
static void drain_waits_for_the_hardware_again(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_cq *cq;
	struct ib_qp *qp;

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	qp = ulp_create_rc(ulp, cq, cq);
	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, 1), -ETIMEDOUT);
	fake_qp_release(qp);
	KUNIT_EXPECT_EQ(test, ib_drain_qp_timeout(qp, ULP_PATIENCE), 0);
	ulp_expect_all_done(ulp);
}

static void device_works_after_a_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_cq *cq;
	struct ib_qp *qp;

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_SOFTIRQ);
	qp = ulp_create_rc(ulp, cq, cq);
	ulp_post(ulp, qp, 4, 4);
	fake_qp_complete(qp, 4, 4);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) == 8));
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->flushed), 0);
}

/* No client, no object and no file more or less than at the start */
static void device_can_be_reset_again_and_again(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct kernfs_node *folder = ulp->fake->ibdev.dev.kobj.sd;
	unsigned int objects = ulp->fake->objects;
	unsigned int refs = refcount_read(&ulp->fake->ibdev.refcount);
	unsigned int i;

	for (i = 1; i <= RESET_IN_A_ROW; i++)
		KUNIT_ASSERT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_count"),
			RESET_IN_A_ROW);
	KUNIT_EXPECT_EQ(test, a->added, RESET_IN_A_ROW + 1);
	KUNIT_EXPECT_EQ(test, a->removed, RESET_IN_A_ROW);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, objects);
	KUNIT_EXPECT_EQ(test, refcount_read(&ulp->fake->ibdev.refcount), refs);
	KUNIT_EXPECT_PTR_EQ(test, ulp->fake->ibdev.dev.kobj.sd, folder);
	reset_expect_state(ulp, "active");
}

/*
 * What the administrator sees
 */

static void each_transition_is_told_to_user_space(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents,
			   "error/admin disabled/admin resetting/admin active/admin");
}

struct reset_text {
	const char *name;
	const char *text;
	int ret;
};

static const struct reset_text reset_texts[] = {
	{ "1", "1", 0 },
	{ "1_and_newline", "1\n", 0 },
	{ "nothing", "", -EINVAL },
	{ "newline", "\n", -EINVAL },
	{ "0", "0", -EINVAL },
	{ "2", "2", -EINVAL },
	{ "11", "11", -EINVAL },
	{ "1_and_more", "1 1", -EINVAL },
	{ "yes", "yes", -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(reset_text, reset_texts, name);

static void nothing_but_1_resets_the_device(struct kunit *test)
{
	const struct reset_text *param = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);

	KUNIT_EXPECT_EQ(test, fake_write(ulp->fake, "reset", param->text),
			param->ret);
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, !param->ret);
	reset_expect_state(ulp, "active");
}

static void device_whose_provider_cannot_is_not_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_no_hooks);

	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EOPNOTSUPP);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "");
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents, "");
}

struct reset_file {
	const char *name;
	umode_t mode;
};

static const struct reset_file reset_files[] = {
	{ "reset", 0200 },
	{ "device_state", 0444 },
	{ "reset_reason", 0444 },
	{ "reset_count", 0444 },
	{ "reset_failures", 0444 },
	{ "reset_grace_ms", 0644 },
	{ "reset_auto_max", 0644 },
	{ "reset_duration_us/grace", 0444 },
	{ "reset_duration_us/error", 0444 },
	{ "reset_duration_us/disable", 0444 },
	{ "reset_duration_us/hardware", 0444 },
	{ "reset_duration_us/enable", 0444 },
	{ "reset_duration_us/total", 0444 },
	{ "drain/stall_policy", 0644 },
};

/* Whoever is not root may look, and no more */
static void only_root_may_write(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct device_attribute *attr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reset_files); i++) {
		attr = fake_find_attr(ulp->fake, reset_files[i].name);
		KUNIT_ASSERT_NOT_NULL_MSG(test, attr, "%s", reset_files[i].name);
		KUNIT_EXPECT_EQ_MSG(test, attr->attr.mode, reset_files[i].mode,
				    "%s", reset_files[i].name);
	}
}

static void number_is_what_was_written(struct kunit *test)
{
	static const char *const files[] = { "reset_grace_ms", "reset_auto_max" };
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_device *fake = ulp->fake;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		KUNIT_EXPECT_EQ(test, fake_write(fake, files[i], "1234\n"), 0);
		KUNIT_EXPECT_EQ(test, fake_write(fake, files[i], "-1"), -EINVAL);
		KUNIT_EXPECT_EQ(test, fake_write(fake, files[i], "x"), -EINVAL);
		KUNIT_EXPECT_EQ(test, fake_write(fake, files[i], ""), -EINVAL);
		KUNIT_EXPECT_LT(test, fake_write(fake, files[i], "4294967296"),
				0);
		KUNIT_EXPECT_EQ(test, fake_read_number(fake, files[i]), 1234);
		KUNIT_EXPECT_EQ(test, fake_write(fake, files[i], "0"), 0);
	}
}

/*
 * Each step, while it takes long
 */

struct reset_step {
	const char *name;
	enum fake_verb verb;
	const char *state;
	const char *duration;
};

static const struct reset_step reset_steps[] = {
	{ "error", FAKE_ENTER_ERROR, "error", "reset_duration_us/error" },
	{ "disable", FAKE_CLIENT_REMOVE, "error", "reset_duration_us/disable" },
	{ "hardware", FAKE_RESET_DEVICE, "resetting",
	  "reset_duration_us/hardware" },
	{ "enable", FAKE_CLIENT_ADD, "resetting", "reset_duration_us/enable" },
};

KUNIT_ARRAY_PARAM_DESC(reset_step, reset_steps, name);

static void step_shows_its_state_and_lets_no_second_reset_in(struct kunit *test)
{
	const struct reset_step *step = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *reset;

	a->faulty = true;
	reset = reset_start_hung(ulp, step->verb);
	reset_expect_state(ulp, step->state);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(reset));
	fake_resume(ulp->fake, step->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_count"), 1);
}

static void step_is_timed(struct kunit *test)
{
	static const char *const parts[] = {
		"reset_duration_us/grace", "reset_duration_us/error",
		"reset_duration_us/disable", "reset_duration_us/hardware",
		"reset_duration_us/enable",
	};
	const struct reset_step *step = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *reset;
	unsigned int i;
	s64 sum = 0;

	a->faulty = true;
	reset = reset_start_hung(ulp, step->verb);
	msleep(30);
	fake_resume(ulp->fake, step->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_GE(test, fake_read_number(ulp->fake, step->duration),
			30000);
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		sum += fake_read_number(ulp->fake, parts[i]);
	KUNIT_EXPECT_EQ(test, sum, fake_read_number(ulp->fake,
						    "reset_duration_us/total"));
}

static struct kunit_case reset_cases[] = {
	KUNIT_CASE(idle_device_is_reset),
	KUNIT_CASE(device_in_error_mode_is_reset),
	KUNIT_CASE(clients_leave_last_in_first_out),
	KUNIT_CASE(work_in_flight_ends_before_what_it_needs),
	KUNIT_CASE(work_in_flight_over_iwarp_ends_as_well),
	KUNIT_CASE(no_object_is_alive_when_the_hardware_is_reset),
	KUNIT_CASE(device_stays_the_one_it_was),
	KUNIT_CASE(attributes_are_read_anew),
	KUNIT_CASE(drain_waits_for_the_hardware_again),
	KUNIT_CASE(device_works_after_a_reset),
	KUNIT_CASE_SLOW(device_can_be_reset_again_and_again),
	KUNIT_CASE(each_transition_is_told_to_user_space),
	KUNIT_CASE_PARAM(nothing_but_1_resets_the_device,
			 reset_text_gen_params),
	KUNIT_CASE(device_whose_provider_cannot_is_not_reset),
	KUNIT_CASE(only_root_may_write),
	KUNIT_CASE(number_is_what_was_written),
	KUNIT_CASE_PARAM(step_shows_its_state_and_lets_no_second_reset_in,
			 reset_step_gen_params),
	KUNIT_CASE_PARAM(step_is_timed, reset_step_gen_params),
	{}
};

static struct kunit_suite reset_suite = {
	.name = "rdma_reset",
	.test_cases = reset_cases,
};

kunit_test_suite(reset_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit suites of the reset of RDMA devices");
MODULE_LICENSE("GPL");
