// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: the states of a device, and the gate between them.
 */
#include "reset_fixture.h"

/* From each state: the states that may follow */
static const char *const device_transitions[IB_DEVICE_NR_STATES] = {
	[IB_DEVICE_ACTIVE]	= "draining error gone",
	[IB_DEVICE_DRAINING]	= "error gone",
	[IB_DEVICE_ERROR]	= "disabled gone",
	[IB_DEVICE_DISABLED]	= "resetting failed",
	[IB_DEVICE_RESETTING]	= "active error failed",
	[IB_DEVICE_FAILED]	= "disabled gone",
	[IB_DEVICE_GONE]	= "active",
};

struct device_transition {
	enum ib_device_state from;
	enum ib_device_state to;
};

static struct device_transition
device_pairs[IB_DEVICE_NR_STATES * IB_DEVICE_NR_STATES];

/* Every pair of states */
static const void *device_pair_gen_params(const void *prev, char *desc)
{
	struct device_transition *pair =
		prev ? (struct device_transition *)prev + 1 : device_pairs;
	unsigned int i = pair - device_pairs;

	if (i == ARRAY_SIZE(device_pairs))
		return NULL;
	pair->from = i / IB_DEVICE_NR_STATES;
	pair->to = i % IB_DEVICE_NR_STATES;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s_to_%s",
		 ib_device_state_name(pair->from),
		 ib_device_state_name(pair->to));
	return pair;
}

static bool device_pair_is_allowed(const struct device_transition *pair)
{
	return strstr(device_transitions[pair->from],
		      ib_device_state_name(pair->to));
}

static void transition_is_allowed_or_refused(struct kunit *test)
{
	const struct device_transition *pair = test->param_value;

	KUNIT_EXPECT_EQ(test, ib_device_may_change_state(pair->from, pair->to),
			device_pair_is_allowed(pair));
}

static bool device_change_state(struct ulp *ulp, enum ib_device_state to,
				enum ib_reset_reason reason)
{
	bool changed;

	mutex_lock(&reset_of(ulp)->mutex);
	changed = ib_device_change_state(&ulp->fake->ibdev, to, reason);
	mutex_unlock(&reset_of(ulp)->mutex);
	return changed;
}

/* As if nothing had happened */
static void device_set_state(struct ulp *ulp, enum ib_device_state state)
{
	spin_lock_irq(&reset_of(ulp)->lock);
	reset_of(ulp)->state = state;
	reset_of(ulp)->reason = IB_RESET_NONE;
	spin_unlock_irq(&reset_of(ulp)->lock);
}

static void gate_lets_pass_what_is_allowed_and_nothing_else(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct device_transition pair;
	enum ib_device_state expected;
	bool allowed;

	for (pair.from = 0; pair.from < IB_DEVICE_NR_STATES; pair.from++)
		for (pair.to = 0; pair.to < IB_DEVICE_NR_STATES; pair.to++) {
			allowed = device_pair_is_allowed(&pair);
			expected = allowed ? pair.to : pair.from;
			device_set_state(ulp, pair.from);
			KUNIT_EXPECT_EQ(test, allowed,
					device_change_state(ulp, pair.to,
							    IB_RESET_NONE));
			KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, expected);
		}
	device_set_state(ulp, IB_DEVICE_ACTIVE);
}

static void transition_is_told_to_user_space(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	KUNIT_EXPECT_TRUE(test, device_change_state(ulp, IB_DEVICE_ERROR,
						    IB_RESET_PCI_ERROR));
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents, "error/pci_error");
	device_set_state(ulp, IB_DEVICE_ACTIVE);
}

static void refused_transition_is_told_to_nobody(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	KUNIT_EXPECT_FALSE(test, device_change_state(ulp, IB_DEVICE_FAILED,
						     IB_RESET_PCI_ERROR));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_NONE);
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents, "");
}

static void transition_keeps_the_reason_unless_it_has_one(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	device_change_state(ulp, IB_DEVICE_ERROR, IB_RESET_UNRESPONSIVE);
	device_change_state(ulp, IB_DEVICE_DISABLED, IB_RESET_NONE);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_UNRESPONSIVE);
	device_set_state(ulp, IB_DEVICE_ACTIVE);
}

static int device_wait_for_error(struct ulp_task *task)
{
	return fake_reaches(task->fake, IB_DEVICE_ERROR) ? 0 : -ETIMEDOUT;
}

static void transition_wakes_those_who_wait_for_it(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *task;

	task = ulp_start(ulp, device_wait_for_error,
			 &(struct ulp_task){ .fake = ulp->fake });
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(task));
	device_change_state(ulp, IB_DEVICE_ERROR, IB_RESET_NONE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(task));
	KUNIT_EXPECT_EQ(test, task->ret, 0);
	device_set_state(ulp, IB_DEVICE_ACTIVE);
}

static void every_state_and_reason_has_a_name_of_its_own(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < IB_DEVICE_NR_STATES; i++) {
		KUNIT_EXPECT_NOT_NULL(test, ib_device_state_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, ib_device_state_name(i),
					    ib_device_state_name(j));
	}
	for (i = 0; i < IB_RESET_NR_REASONS; i++) {
		KUNIT_EXPECT_NOT_NULL(test, ib_reset_reason_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, ib_reset_reason_name(i),
					    ib_reset_reason_name(j));
	}
}

static struct kunit_case device_state_cases[] = {
	KUNIT_CASE_PARAM(transition_is_allowed_or_refused,
			 device_pair_gen_params),
	KUNIT_CASE(gate_lets_pass_what_is_allowed_and_nothing_else),
	KUNIT_CASE(transition_is_told_to_user_space),
	KUNIT_CASE(refused_transition_is_told_to_nobody),
	KUNIT_CASE(transition_keeps_the_reason_unless_it_has_one),
	KUNIT_CASE(transition_wakes_those_who_wait_for_it),
	KUNIT_CASE(every_state_and_reason_has_a_name_of_its_own),
	{}
};

static struct kunit_suite device_state_suite = {
	.name = "rdma_device_states",
	.test_cases = device_state_cases,
};

kunit_test_suite(device_state_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit suites of error mode of RDMA devices");
MODULE_LICENSE("GPL");
