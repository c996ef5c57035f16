// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: clients that keep their state over a reset, in order, and what
 * becomes of them when something goes wrong. In a story, <a is the stop of client
 * a, >a its start.
 */
#include "reset_fixture.h"

#define STOP_IN_A_ROW	50

/*
 * Order
 */

static void client_is_stopped_instead_of_removed(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');

	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "error !a <a reset >a");
	KUNIT_EXPECT_EQ(test, a->added, 1);
	KUNIT_EXPECT_EQ(test, a->removed, 0);
	KUNIT_EXPECT_TRUE(test, a->running);
}

/* Each in the place that it has, whether it is stopped or removed */
static void stopped_and_removed_clients_keep_one_order(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_client_start(ulp, 'a');
	fake_client_start_keeper(ulp, 'b');
	fake_client_start(ulp, 'c');
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b !c -c <b -a reset +a >b +c");
}

static void stopped_clients_keep_their_order(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_client_start_keeper(ulp, 'a');
	fake_client_start(ulp, 'b');
	fake_client_start_keeper(ulp, 'c');
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b !c <c -b <a reset >a +b >c");
}

static void client_with_one_of_the_two_is_removed(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_create(ulp, 'a');
	struct fake_client *b = fake_client_create(ulp, 'b');

	fake_client_keep_state(a);
	a->client.start = NULL;
	fake_client_register(a);
	fake_client_keep_state(b);
	b->client.stop = NULL;
	fake_client_register(b);
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b -b -a reset +a +b");
}

/* Nobody will start it */
static void client_of_a_device_that_goes_is_removed(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_client_start_keeper(ulp, 'a');
	fake_forget_story(ulp->fake);
	fake_unregister(ulp->fake);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "-a");
}

/*
 * What stays, and what does not
 */

static void client_data_stays(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');
	struct ulp_task *reset;

	reset = reset_start_hung(ulp, FAKE_RESET_DEVICE);
	KUNIT_EXPECT_PTR_EQ(test, ib_get_client_data(&ulp->fake->ibdev,
						     &a->client), (void *)a);
	fake_resume(ulp->fake, FAKE_RESET_DEVICE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, a->strangers, 0);
	KUNIT_EXPECT_PTR_EQ(test, ib_get_client_data(&ulp->fake->ibdev,
						     &a->client), (void *)a);
}

static void work_of_a_stopped_client_ends(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');

	fake_qp_hold(a->qp, true, true);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->undone_at_release, 0);
	KUNIT_EXPECT_EQ(test, a->flushed_at_release, 4);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects_at_reset, 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 3);
}

static void started_client_can_be_stopped_again_and_again(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');
	unsigned int refs = refcount_read(&ulp->fake->ibdev.refcount);
	unsigned int uses = refcount_read(&a->client.uses);
	unsigned int i;

	for (i = 1; i <= STOP_IN_A_ROW; i++)
		KUNIT_ASSERT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->stopped, STOP_IN_A_ROW);
	KUNIT_EXPECT_EQ(test, a->started, STOP_IN_A_ROW);
	KUNIT_EXPECT_EQ(test, a->added, 1);
	KUNIT_EXPECT_EQ(test, a->removed, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&ulp->fake->ibdev.refcount), refs);
	KUNIT_EXPECT_EQ(test, refcount_read(&a->client.uses), uses);
	KUNIT_EXPECT_EQ(test, atomic_read(&reset_of(ulp)->nr_stopped), 0);
}

/*
 * It fails
 */

static void client_that_does_not_start_begins_anew(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');

	fake_client_start_keeper(ulp, 'b');
	a->faulty = true;
	fake_fail(ulp->fake, FAKE_CLIENT_START, -ENOMEM, 1);
	fake_forget_story(ulp->fake);
	reset_log_start(test);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b <b <a reset >a >b -a +a");
	KUNIT_EXPECT_TRUE(test, reset_log_has("client a does not start"));
	KUNIT_EXPECT_TRUE(test, a->running);
	reset_expect_state(ulp, "active");

	/* It is as good as any other */
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->stopped, 2);
	KUNIT_EXPECT_EQ(test, a->started, 1);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
}

static void client_that_does_not_even_begin_anew_is_left_alone(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');

	a->faulty = true;
	fake_fail(ulp->fake, FAKE_CLIENT_START, -ENOMEM, 1);
	fake_fail(ulp->fake, FAKE_CLIENT_ADD, -ENOMEM, 1);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_FALSE(test, a->present);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
	reset_expect_state(ulp, "active");

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, a->running);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
}

static void clients_of_a_failed_device_are_removed_once(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');
	struct fake_client *b = fake_client_start_keeper(ulp, 'b');

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -ENXIO);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b <b <a reset -b -a");

	fake_forget_story(ulp->fake);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "reset +a +b");
	KUNIT_EXPECT_EQ(test, a->removed, 1);
	KUNIT_EXPECT_EQ(test, b->removed, 1);
}

static void stop_that_leaves_an_object_fails_the_reset(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');

	a->forgets_pd = true;
	reset_log_start(test);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_TRUE(test, reset_log_has("PD"));
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 0);
	KUNIT_EXPECT_EQ(test, a->removed, 1);

	fake_client_free_pd(a);
	a->forgets_pd = false;
	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, a->running);
}

static void client_that_does_not_stop_is_named(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');

	reset_log_names_hung_client(a, FAKE_CLIENT_STOP);
	KUNIT_EXPECT_EQ(test, a->started, 1);
}

/* As is one that does not start, and not the one before it that did */
static void client_that_hangs_as_it_starts_is_named(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a, *b;
	struct ulp_task *reset;

	a = fake_client_start_keeper(ulp, 'a');
	b = fake_client_start_keeper(ulp, 'b');
	ib_reset_limits.addition_ms = 3000;
	ib_reset_limits.report_ms = 20;
	reset_log_start(test);
	b->faulty = true;
	fake_hang(ulp->fake, FAKE_CLIENT_START);
	fake_outlive_death(ulp->fake, FAKE_CLIENT_START);
	reset = reset_start(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_poll_until(reset_log_has("client b has not come back")));
	KUNIT_EXPECT_FALSE(test, reset_log_has("client a has not"));
	fake_resume(ulp->fake, FAKE_CLIENT_START);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, a->started, 1);
}

/*
 * The device breaks again, as its clients start
 */

/* It was started on a broken device, and is stopped with that as ever */
static void device_may_break_during_a_start(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_create(ulp, 'a');
	struct ulp_task *reset;

	/* One that needs nothing of the device */
	fake_client_keep_state(a);
	fake_client_register(a);
	a->faulty = true;
	reset = reset_start_hung(ulp, FAKE_CLIENT_START);
	fake_enter_error_mode(ulp->fake);
	fake_resume(ulp->fake, FAKE_CLIENT_START);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -EIO);
	reset_expect_state(ulp, "error");
	KUNIT_EXPECT_TRUE(test, a->running);

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_EQ(test, a->stopped, 2);
	KUNIT_EXPECT_EQ(test, a->started, 2);
	KUNIT_EXPECT_EQ(test, a->removed, 0);
}

/* Its start fails, and an add would: the next reset adds it */
static void client_that_needs_a_broken_device_is_removed(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct fake_client *b = fake_client_start_keeper(ulp, 'b');
	struct ulp_task *reset;

	a->faulty = true;
	fake_forget_story(ulp->fake);
	reset = reset_start_hung(ulp, FAKE_CLIENT_ADD);
	fake_enter_error_mode(ulp->fake);
	fake_resume(ulp->fake, FAKE_CLIENT_ADD);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -EIO);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story,
			   "error !a !b <b -a reset +a error >b -b");

	KUNIT_EXPECT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_TRUE(test, b->running);
	KUNIT_EXPECT_EQ(test, b->added, 2);
	KUNIT_EXPECT_EQ(test, b->removed, 1);
}

/*
 * Somebody comes in between
 */

struct stop_hang {
	const char *name;
	enum fake_verb verb;
	const char *state;
};

/* During the stop, while it is stopped, and during the start, of client a */
static const struct stop_hang stop_hangs[] = {
	{ "stop", FAKE_CLIENT_STOP, "error" },
	{ "stopped", FAKE_RESET_DEVICE, "resetting" },
	{ "start", FAKE_CLIENT_START, "resetting" },
};

KUNIT_ARRAY_PARAM_DESC(stop_hang, stop_hangs, name);

/* A reset that hangs there, and two clients that keep their state */
static struct ulp_task *stop_hang_reset(struct kunit *test,
					struct fake_client **a,
					struct fake_client **b)
{
	const struct stop_hang *param = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);

	*a = fake_client_start_keeper(ulp, 'a');
	*b = fake_client_start_keeper(ulp, 'b');
	(*a)->faulty = true;
	fake_outlive_death(ulp->fake, param->verb);
	return reset_start_hung(ulp, param->verb);
}

static void no_second_reset_comes_in_between(struct kunit *test)
{
	const struct stop_hang *param = test->param_value;
	struct fake_client *a, *b;
	struct ulp_task *reset = stop_hang_reset(test, &a, &b);
	struct ulp *ulp = test->priv;

	reset_expect_state(ulp, param->state);
	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_EQ(test, a->stopped, 1);
	KUNIT_EXPECT_EQ(test, a->started, 1);
	KUNIT_EXPECT_EQ(test, b->started, 1);
}

/* Unplugged, say: each is removed once, and has let go of all */
static void device_may_go_meanwhile(struct kunit *test)
{
	const struct stop_hang *param = test->param_value;
	struct ulp_task *unregister, *reset;
	struct fake_client *a, *b;
	struct ulp *ulp;

	reset = stop_hang_reset(test, &a, &b);
	ulp = test->priv;
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -ENODEV);
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
	KUNIT_EXPECT_EQ(test, b->removed, 1);
	KUNIT_EXPECT_EQ(test, a->added, 1);
	KUNIT_EXPECT_EQ(test, b->added, 1);
	KUNIT_EXPECT_EQ(test, b->started, 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 0);
}

/* The one that is just called */
static void client_may_be_unregistered_meanwhile(struct kunit *test)
{
	const struct stop_hang *param = test->param_value;
	struct ulp_task *unregister, *reset;
	struct fake_client *a, *b;
	struct ulp *ulp;

	reset = stop_hang_reset(test, &a, &b);
	ulp = test->priv;
	unregister = reset_start_client_unregister(a);
	ulp_task_waits(unregister);
	fake_resume(ulp->fake, param->verb);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_EQ(test, a->added, 1);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
	KUNIT_EXPECT_FALSE(test, a->running);
	KUNIT_EXPECT_TRUE(test, b->running);
	KUNIT_EXPECT_EQ(test, b->removed, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&reset_of(ulp)->nr_stopped), 0);
}

/* Module unload does not wait for hardware that takes long */
static void unregistration_of_a_stopped_client_does_not_wait(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');
	struct fake_client *b = fake_client_start_keeper(ulp, 'b');
	struct ulp_task *unregister, *reset;

	reset = reset_start_hung(ulp, FAKE_RESET_DEVICE);
	unregister = reset_start_client_unregister(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, a->removed, 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&reset->ended));

	fake_resume(ulp->fake, FAKE_RESET_DEVICE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, a->started, 0);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
	KUNIT_EXPECT_EQ(test, b->started, 1);
}

/* Whoever removes it uses the device: that must not go before he is done */
static void reset_waits_for_a_stopped_client_that_is_removed(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');
	struct ulp_task *unregister, *reset;

	reset = reset_start_hung(ulp, FAKE_RESET_DEVICE);
	a->faulty = true;
	fake_hang(ulp->fake, FAKE_CLIENT_REMOVE);
	unregister = reset_start_client_unregister(a);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_CLIENT_REMOVE));
	fake_resume(ulp->fake, FAKE_RESET_DEVICE);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(reset));
	fake_resume(ulp->fake, FAKE_CLIENT_REMOVE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, 0);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
}

/* A failed reset removes what is stopped, and so does the unregistration */
static void stopped_client_is_removed_by_one_of_two(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start_keeper(ulp, 'a');
	struct ulp_task *unregister, *reset;

	fake_fail(ulp->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	a->faulty = true;
	reset = reset_start_hung(ulp, FAKE_CLIENT_REMOVE);
	unregister = reset_start_client_unregister(a);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(unregister));
	fake_resume(ulp->fake, FAKE_CLIENT_REMOVE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(reset));
	KUNIT_EXPECT_EQ(test, reset->ret, -ENXIO);
	KUNIT_EXPECT_EQ(test, a->removed, 1);
}

static struct kunit_case client_stop_cases[] = {
	KUNIT_CASE(client_is_stopped_instead_of_removed),
	KUNIT_CASE(stopped_and_removed_clients_keep_one_order),
	KUNIT_CASE(stopped_clients_keep_their_order),
	KUNIT_CASE(client_with_one_of_the_two_is_removed),
	KUNIT_CASE(client_of_a_device_that_goes_is_removed),
	KUNIT_CASE(client_data_stays),
	KUNIT_CASE(work_of_a_stopped_client_ends),
	KUNIT_CASE_SLOW(started_client_can_be_stopped_again_and_again),
	KUNIT_CASE(client_that_does_not_start_begins_anew),
	KUNIT_CASE(client_that_does_not_even_begin_anew_is_left_alone),
	KUNIT_CASE(clients_of_a_failed_device_are_removed_once),
	KUNIT_CASE(stop_that_leaves_an_object_fails_the_reset),
	KUNIT_CASE(client_that_does_not_stop_is_named),
	KUNIT_CASE(client_that_hangs_as_it_starts_is_named),
	KUNIT_CASE(device_may_break_during_a_start),
	KUNIT_CASE(client_that_needs_a_broken_device_is_removed),
	KUNIT_CASE_PARAM(no_second_reset_comes_in_between,
			 stop_hang_gen_params),
	KUNIT_CASE_PARAM(device_may_go_meanwhile, stop_hang_gen_params),
	KUNIT_CASE_PARAM(client_may_be_unregistered_meanwhile,
			 stop_hang_gen_params),
	KUNIT_CASE(unregistration_of_a_stopped_client_does_not_wait),
	KUNIT_CASE(reset_waits_for_a_stopped_client_that_is_removed),
	KUNIT_CASE(stopped_client_is_removed_by_one_of_two),
	{}
};

static struct kunit_suite client_stop_suite = {
	.name = "rdma_client_stop",
	.test_cases = client_stop_cases,
};

kunit_test_suite(client_stop_suite);
