// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: resets that fail, hang or are disturbed, and removals of devices
 * that are broken.
 */
#include <linux/delay.h>

#include "reset_fixture.h"

/*
 * The provider fails
 */

static void failed_reset_leaves_a_failed_device(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "error !a -a reset");
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents,
			   "error/admin disabled/admin resetting/admin failed/admin");
	KUNIT_EXPECT_FALSE(test, a->present);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_count"), 0);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_failures"), 1);
	KUNIT_EXPECT_TRUE(test, ib_device_in_error(&ulp->fake->ibdev));
	KUNIT_EXPECT_PTR_EQ(test, ib_alloc_pd(&ulp->fake->ibdev, 0),
			    ERR_PTR(-EIO));
}

static void failed_reset_can_be_tried_again(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 2);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "reset +a");
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents,
			   "disabled/admin resetting/admin active/admin");
	KUNIT_EXPECT_EQ(test, a->added, 2);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_count"), 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_failures"), 2);
}

static void attributes_that_cannot_be_read_fail_the_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	fake_fail(ulp->fake, FAKE_QUERY_DEVICE, -EPROTO, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EPROTO);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_FALSE(test, a->present);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, a->present);
}

static bool reset_reaches(struct ulp *ulp, enum ib_device_state state)
{
	unsigned int i;

	for (i = 0; i < 1000 && READ_ONCE(reset_of(ulp)->state) != state; i++)
		msleep(20);
	return i < 1000;
}

/* Nobody knows who will use it next, and the hardware would forget it */
static void object_that_is_left_over_fails_the_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	a->forgets_pd = true;
	reset_log_start(test);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 0);
	KUNIT_EXPECT_TRUE(test, reset_log_has("PD"));
	KUNIT_EXPECT_TRUE(test, reset_log_has("fake_rdma"));

	fake_client_free_pd(a);
	a->forgets_pd = false;
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_EQ(test, ulp->fake->objects_at_reset, 0);
}

/* As RDS does it: by a work of its own, after its remove() has returned */
static void object_that_is_released_a_little_later_is_waited_for(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *reset;

	ib_reset_limits.left_ms = 30000;
	a->forgets_pd = true;
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(test, reset_reaches(ulp, IB_DEVICE_DISABLED));
	/* It would be over long before, if it did not wait */
	msleep(100);
	reset_expect_state(ulp, "disabled");
	a->forgets_pd = false;
	fake_client_free_pd(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_EQ(test, ulp->fake->objects_at_reset, 0);
}

/*
 * Something hangs: whoever wrote gets an answer, and the state is visible
 */

struct fault_hang {
	const char *name;
	enum fake_verb verb;
	const char *state;
};

static const struct fault_hang fault_hangs[] = {
	{ "enter_error", FAKE_ENTER_ERROR, "error" },
	{ "client_remove", FAKE_CLIENT_REMOVE, "error" },
	{ "destroy_qp", FAKE_DESTROY_QP, "error" },
	{ "dealloc_pd", FAKE_DEALLOC_PD, "error" },
	{ "reset_device", FAKE_RESET_DEVICE, "resetting" },
	{ "query_device", FAKE_QUERY_DEVICE, "resetting" },
	{ "client_add", FAKE_CLIENT_ADD, "resetting" },
};

KUNIT_ARRAY_PARAM_DESC(fault_hang, fault_hangs, name);

/* A reset that hangs there, and a client */
static struct ulp_task *fault_start(struct kunit *test)
{
	const struct fault_hang *param = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	a->faulty = true;
	fake_outlive_death(ulp->fake, param->verb);
	return reset_start_hung(ulp, param->verb);
}

static void writer_is_not_kept_when_something_hangs(struct kunit *test)
{
	const struct fault_hang *param = test->param_value;
	struct ulp_task *reset;
	struct ulp *ulp;

	ib_reset_limits.patience_ms = 100;
	reset = fault_start(test);
	ulp = test->priv;
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -ETIMEDOUT);
	reset_expect_state(ulp, param->state);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);

	/* It goes on as if nothing had been */
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, fake_is_settled(ulp->fake));
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_count"), 1);
}

/* The writer is let go at once: the removal of its file waits for it */
static void device_goes_while_its_reset_hangs(struct kunit *test)
{
	const struct fault_hang *param = test->param_value;
	struct ulp_task *unregister, *reset = fault_start(test);
	struct ulp *ulp = test->priv;

	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -ENODEV);
	KUNIT_EXPECT_FALSE(test, completion_done(&unregister->ended));
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 0);
}

static void client_that_does_not_let_go_is_named(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	reset_log_names_hung_client(fake_client_start(ulp, 'a'),
				    FAKE_CLIENT_REMOVE);
}

/* Else it would hold the locks that all devices share, for ever */
static void verb_that_hangs_as_clients_return_fails(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	const unsigned int addition_ms = ib_reset_limits.addition_ms;
	struct ulp_task *reset;

	fake_client_start(ulp, 'a');
	ib_reset_limits.addition_ms = 50;
	ulp->fake->hangs_after_reset = true;
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -EIO);
	reset_expect_state(ulp, "error");
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_failures"), 1);

	ib_reset_limits.addition_ms = addition_ms;
	ulp->fake->hangs_after_reset = false;
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	reset_expect_state(ulp, "active");
}

/* Not the error that made it necessary */
static void reason_is_that_of_the_last_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_DEVICE_ERROR);
	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -EIO, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EIO);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_ADMIN);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_ADMIN);
}

static void reference_that_somebody_holds_is_reported(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_create(ulp, 'a');
	struct ulp_task *reset;

	ib_reset_limits.report_ms = 20;
	reset_log_start(test);
	a->keeps_device = true;
	fake_client_register(a);
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_poll_until(reset_log_has("references")));
	KUNIT_EXPECT_FALSE(test, completion_done(&reset->ended));
	a->keeps_device = false;
	fake_client_put_device(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
}

/*
 * The device breaks again
 */

static void device_that_breaks_as_its_clients_return_is_in_error(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *reset;

	a->faulty = true;
	reset = reset_start_hung(ulp, FAKE_CLIENT_ADD);
	fake_enter_error_mode(ulp->fake);
	reset_expect_state(ulp, "error");
	fake_resume(ulp->fake, FAKE_CLIENT_ADD);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -EIO);
	reset_expect_state(ulp, "error");
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "reset_failures"), 1);

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_TRUE(test, a->present);
}

/* What breaks before the hardware is reset is mended by that */
static void error_before_the_hardware_is_reset_is_forgotten(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *reset;

	a->faulty = true;
	reset = reset_start_hung(ulp, FAKE_CLIENT_REMOVE);
	fake_enter_error_mode(ulp->fake);
	fake_resume(ulp->fake, FAKE_CLIENT_REMOVE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
}

/* What breaks while it is reset is not */
static void error_while_the_hardware_is_reset_counts(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *reset;

	reset = reset_start_hung(ulp, FAKE_RESET_DEVICE);
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_PCI_ERROR);
	fake_resume(ulp->fake, FAKE_RESET_DEVICE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	flush_work(&reset_of(ulp)->error_work);
	reset_expect_state(ulp, "error");
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_PCI_ERROR);
}

/*
 * Clients that come, go or fail meanwhile
 */

static int fault_do_register(struct ulp_task *task)
{
	fake_client_register(task->client);
	return 0;
}

/* It is added when the device is back, and once */
static void client_may_be_registered_during_a_reset(struct kunit *test)
{
	const struct fault_hang *param = test->param_value;
	struct ulp_task *task, *reset = fault_start(test);
	struct ulp *ulp = test->priv;
	struct fake_client *b = fake_client_create(ulp, 'b');

	b->work = 4;
	task = ulp_start(ulp, fault_do_register,
			 &(struct ulp_task){ .client = b });
	ulp_task_waits(task);
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(task));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_TRUE(test, b->present);
	KUNIT_EXPECT_EQ(test, b->added, b->removed + 1);
}

static void client_may_be_unregistered_during_a_reset(struct kunit *test)
{
	const struct fault_hang *param = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct fake_client *b = fake_client_start(ulp, 'b');
	struct ulp_task *task, *reset;

	a->faulty = true;
	fake_outlive_death(ulp->fake, param->verb);
	reset = reset_start_hung(ulp, param->verb);
	task = reset_start_client_unregister(b);
	ulp_task_waits(task);
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(task));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_FALSE(test, b->present);
	KUNIT_EXPECT_TRUE(test, a->present);
	KUNIT_EXPECT_EQ(test, b->added, b->removed);
}

static void client_of_a_failed_device_is_added_by_the_next_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a;

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	a = fake_client_start(ulp, 'a');
	KUNIT_EXPECT_FALSE(test, a->present);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, a->present);
}

static void client_of_a_broken_device_is_added_by_the_next_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a;

	fake_enter_error_mode(ulp->fake);
	a = fake_client_start(ulp, 'a');
	KUNIT_EXPECT_FALSE(test, a->present);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, a->present);
}

static void client_of_a_failed_device_may_be_unregistered(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	fake_client_unregister(a);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->added, 1);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
}

/* As at registration: it is the client's own misfortune */
static void client_that_fails_to_return_does_not_fail_the_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct fake_client *b = fake_client_start(ulp, 'b');

	a->faulty = true;
	fake_fail(ulp->fake, FAKE_CLIENT_ADD, -ENOMEM, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_FALSE(test, a->present);
	KUNIT_EXPECT_TRUE(test, b->present);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, a->present);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
}

/*
 * The device goes
 */

static void failed_device_can_be_unregistered(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *unregister;

	fake_client_start(ulp, 'a');
	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
}

static void broken_device_can_be_unregistered(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *unregister;

	fake_enter_error_mode(ulp->fake);
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
	KUNIT_EXPECT_EQ(test, a->undone_at_release, 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 0);
}

/* Its client drains, and the hardware answers no more */
static void wedged_device_can_be_unregistered(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *unregister;

	ib_reset_limits.removal_ms = 50;
	fake_qp_hold(a->qp, true, true);
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, a->flushed_at_release, 4);
	KUNIT_EXPECT_EQ(test, a->undone_at_release, 0);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_REMOVAL);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
}

/* One whose client is merely slow is not harmed before its time */
static void sound_device_is_not_broken_by_its_removal(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *unregister;

	fake_client_start(ulp, 'a');
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 0);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_NONE);
}

static void device_that_is_gone_is_not_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_unregister(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENODEV);
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 0);
}

static struct kunit_case reset_fault_cases[] = {
	KUNIT_CASE(failed_reset_leaves_a_failed_device),
	KUNIT_CASE(failed_reset_can_be_tried_again),
	KUNIT_CASE(attributes_that_cannot_be_read_fail_the_reset),
	KUNIT_CASE(object_that_is_left_over_fails_the_reset),
	KUNIT_CASE(object_that_is_released_a_little_later_is_waited_for),
	KUNIT_CASE_PARAM(writer_is_not_kept_when_something_hangs,
			 fault_hang_gen_params),
	KUNIT_CASE_PARAM(device_goes_while_its_reset_hangs,
			 fault_hang_gen_params),
	KUNIT_CASE(client_that_does_not_let_go_is_named),
	KUNIT_CASE(verb_that_hangs_as_clients_return_fails),
	KUNIT_CASE(reason_is_that_of_the_last_reset),
	KUNIT_CASE(reference_that_somebody_holds_is_reported),
	KUNIT_CASE(device_that_breaks_as_its_clients_return_is_in_error),
	KUNIT_CASE(error_before_the_hardware_is_reset_is_forgotten),
	KUNIT_CASE(error_while_the_hardware_is_reset_counts),
	KUNIT_CASE_PARAM(client_may_be_registered_during_a_reset,
			 fault_hang_gen_params),
	KUNIT_CASE_PARAM(client_may_be_unregistered_during_a_reset,
			 fault_hang_gen_params),
	KUNIT_CASE(client_of_a_failed_device_is_added_by_the_next_reset),
	KUNIT_CASE(client_of_a_broken_device_is_added_by_the_next_reset),
	KUNIT_CASE(client_of_a_failed_device_may_be_unregistered),
	KUNIT_CASE(client_that_fails_to_return_does_not_fail_the_reset),
	KUNIT_CASE(failed_device_can_be_unregistered),
	KUNIT_CASE(broken_device_can_be_unregistered),
	KUNIT_CASE(wedged_device_can_be_unregistered),
	KUNIT_CASE(sound_device_is_not_broken_by_its_removal),
	KUNIT_CASE(device_that_is_gone_is_not_reset),
	{}
};

static struct kunit_suite reset_fault_suite = {
	.name = "rdma_reset_faults",
	.test_cases = reset_fault_cases,
};

kunit_test_suite(reset_fault_suite);
