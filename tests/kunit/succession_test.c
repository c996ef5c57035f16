// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: a device that comes back from its reset as another one.
 */
#include <kunit/device.h>

#include "reset_fixture.h"

/*
 * struct chip - what a lower driver restarts
 * @test: case that it belongs to
 * @parent: of its RDMA device
 * @other_parent: another one
 * @config: of that
 * @fake: that
 * @errors: how often the one before it has entered error mode
 * @restarts: so often
 * @returns: so often a device was there afterwards
 * @refuses: knob: a restart does nothing, and fails
 * @fails: knob: nothing comes back from a restart
 * @retreats: knob: what comes back is taken away again at once
 */
static struct chip {
	struct kunit *test;
	struct device *parent;
	struct device *other_parent;
	struct fake_config config;
	struct fake_device *fake;
	unsigned int errors;
	unsigned int restarts;
	unsigned int returns;
	bool refuses;
	bool fails;
	bool retreats;
} the_chip;

/* A name is free again when the device is not only unregistered */
static void chip_take_away(struct chip *chip)
{
	fake_unregister(chip->fake);
	chip->errors = chip->fake->entered_error;
	fake_destroy(chip->fake);
	chip->fake = NULL;
}

static int chip_restart(struct device *parent)
{
	struct chip *chip = &the_chip;

	KUNIT_EXPECT_PTR_EQ(chip->test, parent, chip->parent);
	chip->restarts++;
	if (chip->refuses)
		return -ENOTTY;
	if (chip->fake)
		chip_take_away(chip);
	if (chip->fails)
		return -EIO;
	chip->fake = fake_create(&chip->config);
	if (chip->retreats)
		chip_take_away(chip);
	else
		WRITE_ONCE(chip->returns, chip->returns + 1);
	return 0;
}

static const struct ib_device_ops chip_ops = {
	.restart_device = chip_restart,
};

static void chip_release(void *data)
{
	struct chip *chip = data;

	if (chip->fake)
		fake_destroy(chip->fake);
}

static struct chip *chip_create_of(struct kunit *test, bool resets_in_place)
{
	struct chip *chip = &the_chip;

	*chip = (struct chip){ .test = test };
	chip->parent = kunit_device_register(test, "chip");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip->parent);
	chip->other_parent = kunit_device_register(test, "other-chip");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip->other_parent);
	chip->config = (struct fake_config){
		.transport = FAKE_IB,
		.error_mode = true,
		.no_reset_device = !resets_in_place,
		.parent = chip->parent,
		.more_ops = &chip_ops,
	};
	chip->fake = fake_create(&chip->config);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, chip_release, chip));
	return chip;
}

static struct chip *chip_create(struct kunit *test)
{
	return chip_create_of(test, false);
}

/* Not by the file, which nobody holds open here */
static int chip_reset(struct chip *chip)
{
	struct ib_device *dev = &chip->fake->ibdev;
	int ret;

	get_device(&dev->dev);
	ret = ib_reset_request(dev, IB_RESET_ADMIN);
	ret = ret ?: ib_reset_wait(dev);
	put_device(&dev->dev);
	return ret;
}

static void successor_has_name_settings_and_counters(struct kunit *test)
{
	struct chip *chip = chip_create(test);
	char name[IB_DEVICE_NAME_MAX];
	char text[FAKE_ATTR_LEN];
	unsigned int i;

	strscpy(name, chip->fake->ibdev.name);
	KUNIT_EXPECT_EQ(test, fake_write(chip->fake, "reset_grace_ms", "7"), 0);
	KUNIT_EXPECT_EQ(test, fake_write(chip->fake, "drain/stall_ms", "8"), 0);
	for (i = 1; i <= 3; i++) {
		KUNIT_ASSERT_EQ(test, chip_reset(chip), 0);
		KUNIT_ASSERT_NOT_NULL(test, chip->fake);
		KUNIT_EXPECT_EQ(test, chip->restarts, i);
		KUNIT_EXPECT_EQ(test, chip->errors, 1);
		KUNIT_EXPECT_STREQ(test, chip->fake->ibdev.name, name);
		KUNIT_EXPECT_EQ(test,
				fake_read_number(chip->fake, "reset_count"), i);
	}
	reset_expect_state(chip, "active");
	KUNIT_EXPECT_STREQ(test, fake_read(chip->fake, "reset_reason", text),
			   "admin");
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_failures"),
			0);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_grace_ms"),
			7);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "drain/stall_ms"),
			8);
}

/* One that can be stopped; no other device counts */
static struct {
	unsigned int added;
	unsigned int removed;
	unsigned int stopped;
	unsigned int started;
	unsigned int announced;
	unsigned int hopeful; /* removals with another device to follow */
	bool breaks_device; /* knob: as it is added */
} keeper;

static bool is_of_the_chip(struct ib_device *dev)
{
	return the_chip.parent && dev->dev.parent == the_chip.parent;
}

static int keeper_add(struct ib_device *dev)
{
	keeper.added += is_of_the_chip(dev);
	if (keeper.breaks_device && is_of_the_chip(dev)) {
		ib_device_enter_error(dev, IB_RESET_DEVICE_ERROR);
		KUNIT_EXPECT_TRUE(the_chip.test,
				  ulp_poll_until(ib_device_in_error(dev)));
	}
	return 0;
}

static void keeper_remove(struct ib_device *dev, void *client_data)
{
	keeper.removed += is_of_the_chip(dev);
	keeper.hopeful += is_of_the_chip(dev) && ib_device_returns(dev);
}

static void keeper_stop(struct ib_device *dev, void *client_data)
{
	keeper.stopped += is_of_the_chip(dev);
}

static int keeper_start(struct ib_device *dev, void *client_data)
{
	keeper.started += is_of_the_chip(dev);
	return 0;
}

static void keeper_pre_reset(struct ib_device *dev, void *client_data)
{
	KUNIT_EXPECT_FALSE(the_chip.test, ib_device_in_error(dev));
	keeper.announced += is_of_the_chip(dev);
}

static struct ib_client keeper_client = {
	.name = "keeper",
	.no_kverbs_req = true,
	.add = keeper_add,
	.remove = keeper_remove,
	.stop = keeper_stop,
	.start = keeper_start,
	.pre_reset = keeper_pre_reset,
};

static void keeper_release(void *unused)
{
	ib_unregister_client(&keeper_client);
}

static void keeper_create(struct kunit *test)
{
	memset(&keeper, 0, sizeof(keeper));
	KUNIT_ASSERT_EQ(test, 0, ib_register_client(&keeper_client));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, keeper_release,
							   NULL));
}

/* What it keeps is that of a struct ib_device which ends */
static void client_is_removed_and_never_stopped(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	keeper_create(test);
	KUNIT_EXPECT_EQ(test, keeper.added, 1);
	KUNIT_EXPECT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, keeper.announced, 1);
	KUNIT_EXPECT_EQ(test, keeper.removed, 1);
	KUNIT_EXPECT_EQ(test, keeper.added, 2);

	chip->fails = true;
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -EIO);
	KUNIT_EXPECT_EQ(test, keeper.removed, 2);
	KUNIT_EXPECT_EQ(test, keeper.added, 2);
	KUNIT_EXPECT_EQ(test, keeper.stopped, 0);
	KUNIT_EXPECT_EQ(test, keeper.started, 0);
}

/* Its peers hear of the error as of any */
static void device_that_broke_is_not_announced(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	keeper_create(test);
	fake_enter_error_mode(chip->fake);
	KUNIT_EXPECT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, keeper.announced, 0);
	KUNIT_EXPECT_EQ(test, keeper.removed, 1);
	KUNIT_EXPECT_EQ(test, keeper.added, 2);
}

/* It does not ask the core, and what it reports first is heeded first */
static void restart_by_the_lower_driver_counts(struct kunit *test)
{
	struct chip *chip = chip_create(test);
	char text[FAKE_ATTR_LEN];

	ib_device_enter_error(&chip->fake->ibdev, IB_RESET_PCI_ERROR);
	KUNIT_EXPECT_EQ(test, chip_restart(chip->parent), 0);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_EXPECT_EQ(test, chip->errors, 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 1);
	KUNIT_EXPECT_STREQ(test, fake_read(chip->fake, "reset_reason", text),
			   "pci_error");
}

static void failed_restart_is_told_and_counted(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	chip->fails = true;
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -EIO);
	KUNIT_EXPECT_NULL(test, chip->fake);
	chip->fails = false;
	KUNIT_EXPECT_EQ(test, chip_restart(chip->parent), 0);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_failures"),
			1);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 1);
}

static void successor_that_breaks_at_once_fails_the_reset(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	keeper_create(test);
	keeper.breaks_device = true;
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -EIO);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	reset_expect_state(chip, "error");
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_failures"),
			1);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 0);

	keeper.breaks_device = false;
	KUNIT_EXPECT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_failures"),
			1);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 1);
}

static void successor_that_goes_at_once_fails_the_reset(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	chip->retreats = true;
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -ENODEV);
	KUNIT_EXPECT_EQ(test, chip->restarts, 1);
	KUNIT_EXPECT_NULL(test, chip->fake);
}

static void device_that_resets_in_place_is_not_restarted(struct kunit *test)
{
	struct chip *chip = chip_create_of(test, true);

	KUNIT_EXPECT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, chip->restarts, 0);
	KUNIT_EXPECT_EQ(test, chip->fake->resets, 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 1);

	/* Nor for any error that a reset in place gives */
	fake_fail(chip->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -ENXIO);
	KUNIT_EXPECT_EQ(test, chip->restarts, 0);
	reset_expect_state(chip, "failed");
}

/* Its clients were stopped for a reset in place: they end with the old device */
static void device_beyond_a_reset_in_place_is_restarted(struct kunit *test)
{
	struct chip *chip = chip_create_of(test, true);

	keeper_create(test);
	fake_fail(chip->fake, FAKE_RESET_DEVICE, -EIO, 1);
	KUNIT_EXPECT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, chip->restarts, 1);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_EXPECT_EQ(test, chip->fake->resets, 0);
	reset_expect_state(chip, "active");
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 1);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_failures"),
			0);
	KUNIT_EXPECT_EQ(test, keeper.stopped, 1);
	KUNIT_EXPECT_EQ(test, keeper.started, 0);
	KUNIT_EXPECT_EQ(test, keeper.removed, 1);
	KUNIT_EXPECT_EQ(test, keeper.added, 2);
}

/* Its lower driver does not restart it: the core does */
static void broken_device_beyond_a_reset_in_place_comes_back(struct kunit *test)
{
	struct chip *chip = chip_create_of(test, true);
	char text[FAKE_ATTR_LEN];

	KUNIT_EXPECT_EQ(test, fake_write(chip->fake, "reset_auto_max", "1"), 0);
	fake_fail(chip->fake, FAKE_RESET_DEVICE, -EIO, 1);
	ib_device_enter_error(&chip->fake->ibdev, IB_RESET_DEVICE_ERROR);
	KUNIT_ASSERT_TRUE(test, ulp_poll_until(READ_ONCE(chip->returns)));
	KUNIT_EXPECT_EQ(test, chip->restarts, 1);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	reset_expect_state(chip, "active");
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 1);
	KUNIT_EXPECT_STREQ(test, fake_read(chip->fake, "reset_reason", text),
			   "device_error");
}

/* It is as after any reset that failed: there, and to be tried again */
static void device_that_cannot_be_restarted_is_left(struct kunit *test)
{
	struct chip *chip = chip_create_of(test, true);

	chip->refuses = true;
	fake_fail(chip->fake, FAKE_RESET_DEVICE, -EIO, 1);
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -ENOTTY);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	reset_expect_state(chip, "failed");
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_failures"),
			1);

	KUNIT_EXPECT_EQ(test, chip_reset(chip), 0);
	reset_expect_state(chip, "active");
	KUNIT_EXPECT_EQ(test, chip->restarts, 1);
}

static void device_removed_in_good_health_leaves_nothing(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	KUNIT_EXPECT_EQ(test, fake_write(chip->fake, "reset_grace_ms", "7"), 0);
	KUNIT_EXPECT_EQ(test, chip_restart(chip->parent), 0);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_grace_ms"),
			0);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 0);
}

static void device_of_another_chip_takes_over_nothing(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	fake_enter_error_mode(chip->fake);
	chip_take_away(chip);
	chip->parent = chip->other_parent;
	chip->config.parent = chip->parent;
	KUNIT_EXPECT_EQ(test, chip_restart(chip->parent), 0);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_EXPECT_EQ(test, fake_read_number(chip->fake, "reset_count"), 0);
}

static void client_is_told_that_the_device_returns(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	keeper_create(test);
	KUNIT_ASSERT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, keeper.removed, 1);
	KUNIT_EXPECT_EQ(test, keeper.hopeful, 1);
	KUNIT_EXPECT_FALSE(test, ib_device_returns(&chip->fake->ibdev));

	/* Which it does not here */
	fake_unregister(chip->fake);
	KUNIT_EXPECT_EQ(test, keeper.removed, 2);
	KUNIT_EXPECT_EQ(test, keeper.hopeful, 1);
}

static void stopped_client_is_told_that_the_device_returns(struct kunit *test)
{
	struct chip *chip = chip_create_of(test, true);

	keeper_create(test);
	fake_fail(chip->fake, FAKE_RESET_DEVICE, -EIO, 1);
	KUNIT_ASSERT_EQ(test, chip_reset(chip), 0);
	KUNIT_EXPECT_EQ(test, keeper.removed, 1);
	KUNIT_EXPECT_EQ(test, keeper.hopeful, 1);

	/* No restart follows that error */
	fake_fail(chip->fake, FAKE_RESET_DEVICE, -ENXIO, 1);
	KUNIT_EXPECT_EQ(test, chip_reset(chip), -ENXIO);
	KUNIT_EXPECT_EQ(test, keeper.removed, 2);
	KUNIT_EXPECT_EQ(test, keeper.hopeful, 1);
}

static void client_is_told_that_the_lower_driver_restarts(struct kunit *test)
{
	struct chip *chip = chip_create(test);

	keeper_create(test);
	ib_device_enter_error(&chip->fake->ibdev, IB_RESET_PCI_ERROR);
	ib_device_will_return(&chip->fake->ibdev);
	KUNIT_ASSERT_EQ(test, chip_restart(chip->parent), 0);
	KUNIT_EXPECT_EQ(test, keeper.removed, 1);
	KUNIT_EXPECT_EQ(test, keeper.hopeful, 1);
	KUNIT_ASSERT_NOT_NULL(test, chip->fake);
	KUNIT_EXPECT_FALSE(test, ib_device_returns(&chip->fake->ibdev));
}

static struct kunit_case succession_cases[] = {
	KUNIT_CASE(successor_has_name_settings_and_counters),
	KUNIT_CASE(client_is_removed_and_never_stopped),
	KUNIT_CASE(device_that_broke_is_not_announced),
	KUNIT_CASE(restart_by_the_lower_driver_counts),
	KUNIT_CASE(failed_restart_is_told_and_counted),
	KUNIT_CASE(successor_that_breaks_at_once_fails_the_reset),
	KUNIT_CASE(successor_that_goes_at_once_fails_the_reset),
	KUNIT_CASE(device_that_resets_in_place_is_not_restarted),
	KUNIT_CASE(device_beyond_a_reset_in_place_is_restarted),
	KUNIT_CASE(broken_device_beyond_a_reset_in_place_comes_back),
	KUNIT_CASE(device_that_cannot_be_restarted_is_left),
	KUNIT_CASE(device_removed_in_good_health_leaves_nothing),
	KUNIT_CASE(device_of_another_chip_takes_over_nothing),
	KUNIT_CASE(client_is_told_that_the_device_returns),
	KUNIT_CASE(stopped_client_is_told_that_the_device_returns),
	KUNIT_CASE(client_is_told_that_the_lower_driver_restarts),
	{}
};

static struct kunit_suite succession_suite = {
	.name = "rdma_succession",
	.test_cases = succession_cases,
};

kunit_test_suite(succession_suite);
