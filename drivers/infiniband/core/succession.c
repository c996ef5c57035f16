// SPDX-License-Identifier: GPL-2.0
/*
 * A device that comes back from its reset as another struct ib_device: what the
 * new one takes over from the old one.
 */
#include <linux/ktime.h>

#include "core_priv.h"
#include "reset.h"

#include <trace/events/rdma_reset.h>

/**
 * DOC: Succession
 *
 * The lower driver of some providers restarts a chip as a whole, Ethernet ports
 * included: it takes the RDMA device away and has it probed anew
 * (&ib_device_ops.restart_device). To the administrator that is still the same
 * device. Hence a device that is unregistered in error mode is remembered: the
 * next one of the same driver and parent takes over its name, its settings, its
 * counters and what was measured of the reset until then.
 *
 * Only the structure of the old device is kept, by a reference, and not for
 * ever. One that was removed in good health leaves nothing behind.
 *
 * To its clients it is another device: all are removed from the old one and
 * added to the new one, also those that could be stopped (client_stop.c). A
 * client that is stopped keeps state that belongs to this struct ib_device, and
 * makes its users wait. Here that structure ends before anybody knows whether
 * another one comes, which is up to the lower driver, and if it comes it may
 * have other ports, or be in another network namespace.
 */

/* A restart is over by then, or has failed */
#define IB_SUCCESSION_MS	(5 * 60 * MSEC_PER_SEC)

/* Nothing is locked inside of this mutex, which guards the list alone */
static DEFINE_MUTEX(ib_predecessors_mutex);
static LIST_HEAD(ib_predecessors);

/* The references are those of forget_work: by it, or by who has cancelled it */
static void ib_succession_forget(struct ib_device *old)
{
	mutex_lock(&ib_predecessors_mutex);
	list_del_init(&old->reset.predecessors);
	mutex_unlock(&ib_predecessors_mutex);
	put_device(old->dev.parent);
	put_device(&old->dev);
}

static void ib_succession_forget_work(struct work_struct *work)
{
	ib_succession_forget(container_of(work, struct ib_device,
					  reset.forget_work.work));
}

void ib_succession_init(struct ib_device *dev)
{
	INIT_LIST_HEAD(&dev->reset.predecessors);
	INIT_DELAYED_WORK(&dev->reset.forget_work, ib_succession_forget_work);
}

/* Error mode was entered, and not by a reset, which measures it by itself */
void ib_succession_error_entered(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;

	if (!dev->ops.restart_device || READ_ONCE(reset->requested))
		return;
	memset(reset->phase_us, 0, sizeof(reset->phase_us));
	reset->since = ktime_get();
}

/* Unless that has begun by itself */
static void ib_succession_forget_now(struct ib_device *old)
{
	if (cancel_delayed_work(&old->reset.forget_work))
		ib_succession_forget(old);
}

/* The device is all but unregistered */
void ib_succession_leave(struct ib_device *dev)
{
	if (!dev->ops.restart_device || !ib_device_in_error(dev))
		return;
	/* Whoever succeeds now has all from this one */
	if (dev->reset.predecessor)
		ib_succession_forget_now(dev->reset.predecessor);
	/* Its clients may have been gone before, to no avail */
	if (!dev->reset.phase_us[IB_RESET_PHASE_DISABLE])
		ib_reset_phase_ends(dev, IB_RESET_PHASE_DISABLE);
	get_device(&dev->dev);
	get_device(dev->dev.parent);
	mutex_lock(&ib_predecessors_mutex);
	list_add(&dev->reset.predecessors, &ib_predecessors);
	mutex_unlock(&ib_predecessors_mutex);
	queue_delayed_work(ib_reset_wq, &dev->reset.forget_work,
			   msecs_to_jiffies(IB_SUCCESSION_MS));
}

static struct ib_device *ib_succession_find(struct ib_device *dev)
{
	struct ib_device *old, *found = NULL;

	mutex_lock(&ib_predecessors_mutex);
	list_for_each_entry(old, &ib_predecessors, reset.predecessors) {
		if (old->dev.parent != dev->dev.parent ||
		    old->ops.driver_id != dev->ops.driver_id)
			continue;
		get_device(&old->dev);
		found = old;
		break;
	}
	mutex_unlock(&ib_predecessors_mutex);
	return found;
}

/**
 * ib_succession_name() - the name under which to register a device
 * @dev: device that is about to be registered
 * @name: the name that its provider suggests
 *
 * Context: Process context. Sleeps.
 * Return: the name of the device that @dev succeeds to, or @name.
 */
const char *ib_succession_name(struct ib_device *dev, const char *name)
{
	struct ib_device_reset *reset = &dev->reset;

	if (!dev->ops.restart_device)
		return name;
	/* Until ib_succession_complete(), or ib_reset_device_free() */
	if (!reset->predecessor)
		reset->predecessor = ib_succession_find(dev);
	return reset->predecessor ? reset->predecessor->name : name;
}

/* Nobody uses the device yet, and nobody the old one any more */
void ib_succession_take_over(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	struct ib_device *old = reset->predecessor;
	unsigned int i;

	if (!old)
		return;
	reset->reason = old->reset.reason;
	reset->grace_ms = old->reset.grace_ms;
	reset->auto_max = old->reset.auto_max;
	reset->auto_count = old->reset.auto_count;
	reset->auto_last = old->reset.auto_last;
	reset->count = old->reset.count;
	reset->failures = old->reset.failures;
	reset->since = old->reset.since;
	memcpy(reset->phase_us, old->reset.phase_us, sizeof(reset->phase_us));
	ib_reset_phase_ends(dev, IB_RESET_PHASE_HARDWARE);

	dev->drain.stall_ms = old->drain.stall_ms;
	dev->drain.stall_enters_error = old->drain.stall_enters_error;
	for (i = 0; i < IB_DRAIN_NR_COUNTERS; i++)
		atomic64_set(&dev->drain.counters[i],
			     atomic64_read(&old->drain.counters[i]));
}

/**
 * ib_succession_complete() - a device has been registered
 * @dev: device whose clients have been added
 *
 * Context: Process context. Sleeps.
 */
void ib_succession_complete(struct ib_device *dev)
{
	struct ib_device *old = dev->reset.predecessor;

	if (!old)
		return;
	ib_reset_phase_ends(dev, IB_RESET_PHASE_ENABLE);
	/* It may have broken again while the clients came back */
	ib_reset_account(dev, ib_device_in_error(dev) ? -EIO : 0);
	WRITE_ONCE(old->reset.succeeded, true);
	ib_succession_forget_now(old);
	dev->reset.predecessor = NULL;
	put_device(&old->dev);
}

/* No device is left, and none comes any more */
void ib_succession_exit(void)
{
	struct ib_device *old;

	for (;;) {
		mutex_lock(&ib_predecessors_mutex);
		old = list_first_entry_or_null(&ib_predecessors,
					       struct ib_device,
					       reset.predecessors);
		if (old)
			get_device(&old->dev);
		mutex_unlock(&ib_predecessors_mutex);
		if (!old)
			return;
		if (cancel_delayed_work_sync(&old->reset.forget_work))
			ib_succession_forget(old);
		put_device(&old->dev);
	}
}
