// SPDX-License-Identifier: GPL-2.0
/*
 * Reset of a device in place: its clients let go of it, the provider resets the
 * hardware, the clients come back. The struct ib_device stays.
 */
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <kunit/visibility.h>

#include "bad_device.h"
#include "core_priv.h"
#include "reset.h"
#include "restrack.h"
#include "zombie.h"

#include <trace/events/rdma_reset.h>

/**
 * DOC: Reset
 *
 * One work item does it all, in these steps, whose durations are kept:
 *
 * grace
 *	only for an administrator's reset, if he has set one. Applications hear
 *	of the reset (IB_EVENT_DEVICE_FATAL) and may close their contexts; new
 *	ones are refused. Ends when the last is closed, or the time is up.
 * error
 *	If it is the administrator's, clients may tell their peers
 *	(&ib_client.pre_reset). The device enters error mode, see there. From
 *	here on nothing waits for the hardware.
 * disable
 *	all clients are removed, or stopped if they know how to (client_stop.c),
 *	in the reverse order of their registration, so that each lets go before
 *	what it uses does. Soon afterwards no object is left, for a client (RDS
 *	is one) may release its last by a work of its own; if there is one, its
 *	owner is named and the reset has failed.
 * hardware
 *	&ib_device_ops.reset_device.
 * enable
 *	the attributes are read anew, the provider's ops are put back, and the
 *	clients are added or started, in the order of their registration.
 *
 * A reset that failed leaves the device registered, in error mode and without
 * clients, for it removes those that it has stopped. It can be tried again, or
 * be unregistered like any other.
 *
 * Locks: &ib_device.unregistration_lock is held from error to enable, so that
 * neither unregistration nor a move to another network namespace comes in
 * between. &ib_device_reset.mutex is taken inside it, for the transitions and
 * across reset_device. Whoever wrote to the file reset waits for the work item
 * without any lock. Unregistration waits for writers of sysfs files: hence this
 * one waits no longer than until that begins, or, where the reset itself
 * unregisters the device, without protection of its file (reset_sysfs.c).
 *
 * A device with &ib_device_ops.restart_device, but without reset_device, is not
 * reset in place: after error mode the lower driver unregisters it and registers
 * another one, which goes on where this one ends (succession.c). Nothing is held
 * meanwhile but references. One that has both is restarted if its reset in
 * place fails as reset_device says -EIO.
 */

/* So many of the objects that are left are named in the log */
#define IB_RESET_NAMED		16

/* How often the grace period looks whether applications are left */
#define IB_RESET_GRACE_LOOK_MS	10

/* How often, after the clients have gone, is looked whether objects are left */
#define IB_RESET_LEFT_LOOK_MS	5

/* Resets by the core in a row, unless the administrator says otherwise */
#define IB_RESET_AUTO_MAX	3

struct ib_reset_limits ib_reset_limits = {
	.patience_ms	= 60000,
	.removal_ms	= 2000,
	.addition_ms	= 30000,
	.report_ms	= 10000,
	.left_ms	= 1000,
	.back_off_ms	= 1000,
	.calm_ms	= 60000,
};
EXPORT_SYMBOL_IF_KUNIT(ib_reset_limits);

struct workqueue_struct *ib_reset_wq;

/* The device does not come back in place, but by a new probe: it may be so */
bool ib_reset_may_restart(const struct ib_device *dev)
{
	return dev->ops.restart_device;
}

/* It always is */
static bool ib_reset_restarts(const struct ib_device *dev)
{
	return ib_reset_may_restart(dev) && !dev->ops.reset_device;
}

/**
 * ib_reset_is_supported() - does the provider have what a reset needs?
 * @dev: device
 *
 * Context: Any.
 * Return: true if it does.
 */
bool ib_reset_is_supported(const struct ib_device *dev)
{
	return dev->ops.enter_error &&
	       (dev->ops.reset_device || ib_reset_may_restart(dev));
}

static bool ib_reset_is_gone(struct ib_device *dev)
{
	return READ_ONCE(dev->reset.state) == IB_DEVICE_GONE;
}

static bool ib_reset_change_state(struct ib_device *dev,
				  enum ib_device_state state,
				  enum ib_reset_reason reason)
{
	bool changed;

	mutex_lock(&dev->reset.mutex);
	changed = ib_device_change_state(dev, state, reason);
	mutex_unlock(&dev->reset.mutex);
	return changed;
}

/*
 * Grace period
 */

/* The grace period ends early: nobody is left, or something else happened */
static bool ib_reset_grace_is_over(struct ib_device *dev)
{
	bool over;

	/* the lists of resources are there for as long as it is not GONE */
	mutex_lock(&dev->reset.mutex);
	over = dev->reset.state != IB_DEVICE_DRAINING ||
	       READ_ONCE(dev->reset.going) ||
	       !rdma_restrack_count(dev, RDMA_RESTRACK_CTX, true);
	mutex_unlock(&dev->reset.mutex);
	return over;
}

static bool ib_reset_grace_begin(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	bool begun;

	mutex_lock(&reset->mutex);
	begun = !ib_reset_is_gone(dev) &&
		ib_device_change_state(dev, IB_DEVICE_DRAINING, IB_RESET_ADMIN);
	if (begun) {
		ib_bad_device_refuse_contexts(dev);
		ib_error_mode_send_fatal(dev);
	}
	mutex_unlock(&reset->mutex);
	return begun;
}

static void ib_reset_grace(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	unsigned int ms = READ_ONCE(reset->grace_ms);
	unsigned long due;

	if (reset->request_reason != IB_RESET_ADMIN || !ms ||
	    !ib_reset_grace_begin(dev))
		return;

	due = jiffies + msecs_to_jiffies(ms);
	while (!ib_reset_grace_is_over(dev) && time_before(jiffies, due))
		wait_event_idle_timeout(reset->wait, READ_ONCE(reset->going),
					msecs_to_jiffies(IB_RESET_GRACE_LOOK_MS));
}

/*
 * The watch: a removal or an addition of clients that takes long is helped, and
 * reported
 */

/* A move to another namespace goes on with a broken device: cure it */
static void ib_reset_watch_help(struct ib_device *dev)
{
	/*
	 * Slow is better than in error mode, where nobody could reset it; a
	 * restart would end the move, and take more than this device down.
	 */
	if (!READ_ONCE(dev->reset.going) &&
	    (!ib_reset_is_supported(dev) || ib_reset_restarts(dev)))
		return;
	if (ib_error_mode_enter(dev, IB_RESET_REMOVAL))
		ib_reset_after_error(dev);
}

static void ib_reset_watch_report(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	char step[sizeof(reset->step)];
	unsigned int ms;

	spin_lock_irq(&reset->lock);
	strscpy(step, reset->step);
	ms = jiffies_to_msecs(jiffies - reset->progress);
	spin_unlock_irq(&reset->lock);
	if (ms >= ib_reset_limits.report_ms && *step)
		ibdev_warn(dev, "client %s has not %s the device for %u ms\n",
			   step, READ_ONCE(reset->arriving) ? "come back to" :
			   "let go of", ms);
}

static void ib_reset_watch_work(struct work_struct *work)
{
	struct ib_device *dev =
		container_of(work, struct ib_device, reset.watch_work.work);
	struct ib_device_reset *reset = &dev->reset;
	unsigned long next = msecs_to_jiffies(ib_reset_limits.report_ms);
	unsigned long took;

	spin_lock_irq(&reset->lock);
	took = jiffies - reset->progress;
	spin_unlock_irq(&reset->lock);
	if (took >= reset->patience) {
		ib_reset_watch_help(dev);
		ib_reset_watch_report(dev);
	} else {
		next = reset->patience - took;
	}
	queue_delayed_work(ib_reset_wq, &reset->watch_work, next);
}

static void ib_reset_watch_step(struct ib_device *dev, const char *step)
{
	struct ib_device_reset *reset = &dev->reset;

	spin_lock_irq(&reset->lock);
	strscpy(reset->step, step);
	reset->progress = jiffies;
	spin_unlock_irq(&reset->lock);
}

static void ib_reset_watch_begin(struct ib_device *dev, bool arriving,
				 unsigned int ms)
{
	struct ib_device_reset *reset = &dev->reset;

	ib_reset_watch_step(dev, "");
	WRITE_ONCE(reset->arriving, arriving);
	reset->patience = msecs_to_jiffies(ms);
	WRITE_ONCE(reset->watched, current);
	queue_delayed_work(ib_reset_wq, &reset->watch_work, reset->patience);
}

static void ib_reset_watch_end(struct ib_device *dev)
{
	WRITE_ONCE(dev->reset.watched, NULL);
	cancel_delayed_work_sync(&dev->reset.watch_work);
}

/*
 * Disable
 */

/* disable_device() begins: for a reset, a removal or a move to a namespace */
void ib_reset_disable_begin(struct ib_device *dev)
{
	ib_reset_watch_begin(dev, false, ib_reset_limits.removal_ms);
}

void ib_reset_disable_end(struct ib_device *dev)
{
	ib_reset_watch_end(dev);
}

/* Also by a client that unregisters from all devices */
void ib_reset_client_removed(struct ib_device *dev, const char *client)
{
	if (READ_ONCE(dev->reset.watched) == current)
		ib_reset_watch_step(dev, client);
	trace_rdma_client_removing(dev, client);
}

void ib_reset_client_added(struct ib_device *dev, const char *client)
{
	trace_rdma_client_added(dev, client);
}

void ib_reset_client_stops(struct ib_device *dev, const char *client)
{
	ib_reset_watch_step(dev, client);
	trace_rdma_client_stopping(dev, client);
}

void ib_reset_client_starts(struct ib_device *dev, const char *client)
{
	ib_reset_watch_step(dev, client);
}

/* Successfully or not: the next one has its own time */
void ib_reset_client_started(struct ib_device *dev, const char *client, int ret)
{
	ib_reset_watch_step(dev, "");
	if (!ret)
		trace_rdma_client_started(dev, client);
}

/* All clients are gone: wait for those who hold the device by a reference */
void ib_reset_wait_unreferenced(struct ib_device *dev)
{
	const unsigned long step = msecs_to_jiffies(ib_reset_limits.report_ms);

	ib_reset_watch_step(dev, "");
	while (!wait_for_completion_timeout(&dev->unreg_completion, step))
		ibdev_warn(dev, "still %u references to the device, from ib_device_get_by_*() or the like\n",
			   refcount_read(&dev->refcount));
}

static void ib_reset_report_object(struct ib_device *dev,
				   struct rdma_restrack_entry *res)
{
	static const char *const kinds[RDMA_RESTRACK_MAX] = {
		[RDMA_RESTRACK_PD]	= "PD",
		[RDMA_RESTRACK_CQ]	= "CQ",
		[RDMA_RESTRACK_QP]	= "QP",
		[RDMA_RESTRACK_CM_ID]	= "CM ID",
		[RDMA_RESTRACK_MR]	= "MR",
		[RDMA_RESTRACK_CTX]	= "context",
		[RDMA_RESTRACK_COUNTER]	= "counter",
		[RDMA_RESTRACK_SRQ]	= "SRQ",
	};
	const char *kind = kinds[res->type] ?: "object";

	if (rdma_is_kernel_res(res))
		ibdev_err(dev, "%s %u of %s is left\n", kind, res->id,
			  res->kern_name ?: "?");
	else
		ibdev_err(dev, "%s %u of %s[%d] is left\n", kind, res->id,
			  res->task->comm, task_pid_nr(res->task));
}

static bool ib_reset_objects_are_left(struct ib_device *dev)
{
	unsigned int type;

	for (type = 0; type < RDMA_RESTRACK_MAX; type++)
		if (!xa_empty(&dev->res[type].xa))
			return true;
	return false;
}

/* What a client releases by a work of its own needs no more than a moment */
static void ib_reset_wait_released(struct ib_device *dev)
{
	const unsigned long due =
		jiffies + msecs_to_jiffies(ib_reset_limits.left_ms);

	while (ib_reset_objects_are_left(dev) && time_before(jiffies, due))
		msleep(IB_RESET_LEFT_LOOK_MS);
}

/* Nothing may be reset below a living object */
static unsigned int ib_reset_report_leftovers(struct ib_device *dev)
{
	unsigned int leaked = atomic_read(&dev->reset.nr_leaked);
	struct rdma_restrack_entry *res;
	unsigned int type, n = 0;
	unsigned long id;

	for (type = 0; type < RDMA_RESTRACK_MAX; type++) {
		struct xarray *xa = &dev->res[type].xa;

		xa_lock(xa);
		xa_for_each(xa, id, res) {
			if (!rdma_restrack_get(res))
				continue;
			xa_unlock(xa);
			if (n++ < IB_RESET_NAMED)
				ib_reset_report_object(dev, res);
			rdma_restrack_put(res);
			xa_lock(xa);
		}
		xa_unlock(xa);
	}
	if (n > IB_RESET_NAMED)
		ibdev_err(dev, "and %u more\n", n - IB_RESET_NAMED);
	if (leaked)
		ibdev_err(dev, "%u objects were leaked by the driver: the device can only be removed\n",
			  leaked);
	return n + leaked;
}

/* Clients that keep their state, if they are to come back, are stopped */
static int ib_reset_disable(struct ib_device *dev, enum ib_reset_reason reason,
			    bool stops_clients)
{
	dev->reset.stops_clients = stops_clients;
	ib_device_disable(dev);
	dev->reset.stops_clients = false;
	ib_reset_change_state(dev, IB_DEVICE_DISABLED, reason);
	ib_reset_wait_released(dev);
	return ib_reset_report_leftovers(dev) ? -EBUSY : 0;
}

/*
 * Hardware
 */

static int ib_reset_read_attrs(struct ib_device *dev)
{
	struct ib_udata no_udata = {};
	struct ib_device_attr *attrs;
	int ret;

	attrs = kzalloc(sizeof(*attrs), GFP_KERNEL);
	if (!attrs)
		return -ENOMEM;
	ret = dev->reset.ops->query_device(dev, attrs, &no_udata);
	if (!ret)
		dev->attrs = *attrs;
	kfree(attrs);
	return ret;
}

/*
 * Errors of the device that are reported from here on count anew. @beyond: it
 * cannot be reset in place, but restarted.
 */
static int ib_reset_hardware(struct ib_device *dev, bool *beyond)
{
	int ret;

	mutex_lock(&dev->reset.mutex);
	ib_device_change_state(dev, IB_DEVICE_RESETTING, IB_RESET_NONE);
	ib_error_mode_forget(dev);
	ret = dev->ops.reset_device(dev);
	*beyond = ret == -EIO && ib_reset_may_restart(dev);
	ret = ret ?: ib_reset_read_attrs(dev);
	if (!ret)
		ib_error_mode_leave(dev);
	mutex_unlock(&dev->reset.mutex);
	return ret;
}

/*
 * Enable
 */

static int ib_reset_enable(struct ib_device *dev)
{
	int ret;

	/* A client must not wait for ever for a device that has hung again */
	ib_reset_watch_begin(dev, true, ib_reset_limits.addition_ms);
	ret = ib_device_enable_and_get(dev);
	ib_device_put(dev);
	ib_reset_watch_end(dev);
	return ret;
}

/*
 * Registered, but without clients: add_client_context() sees the error mode.
 * Those that are stopped are removed: who knows whether the device comes back.
 */
static void ib_reset_fail(struct ib_device *dev)
{
	ib_reset_change_state(dev, IB_DEVICE_FAILED, IB_RESET_NONE);
	ib_reset_enable(dev);
}

/* Some clients may have been added, others not: none is right */
static void ib_reset_undo_enable(struct ib_device *dev)
{
	ib_error_mode_enter(dev, dev->reset.request_reason);
	ib_reset_disable(dev, IB_RESET_NONE, false);
}

/*
 * The reset as a whole
 */

void ib_reset_phase_ends(struct ib_device *dev, enum ib_reset_phase phase)
{
	struct ib_device_reset *reset = &dev->reset;
	ktime_t now = ktime_get();

	WRITE_ONCE(reset->phase_us[phase], ktime_us_delta(now, reset->since));
	reset->since = now;
}

/* Not of a device that is about to go: who removes it would wait */
static bool ib_reset_may_begin(struct ib_device *dev)
{
	return refcount_read(&dev->refcount) && !READ_ONCE(dev->reset.going);
}

/* As far as anybody knows the device works */
static void ib_reset_announce(struct ib_device *dev)
{
	const enum ib_device_state state = READ_ONCE(dev->reset.state);

	if (dev->reset.request_reason == IB_RESET_ADMIN &&
	    (state == IB_DEVICE_ACTIVE || state == IB_DEVICE_DRAINING))
		ib_device_announce_reset(dev);
}

static int ib_reset_run_locked(struct ib_device *dev, bool *beyond)
{
	enum ib_reset_reason reason = dev->reset.request_reason;
	int ret;

	ib_reset_announce(dev);
	ib_error_mode_enter(dev, reason);
	ib_reset_phase_ends(dev, IB_RESET_PHASE_ERROR);

	ret = ib_reset_disable(dev, reason, true);
	ib_reset_phase_ends(dev, IB_RESET_PHASE_DISABLE);
	if (ret)
		goto fail;

	ret = ib_reset_hardware(dev, beyond);
	ib_reset_phase_ends(dev, IB_RESET_PHASE_HARDWARE);
	if (ret)
		goto fail;

	ret = ib_reset_enable(dev);
	ib_reset_phase_ends(dev, IB_RESET_PHASE_ENABLE);
	if (ret) {
		ib_reset_undo_enable(dev);
		goto fail;
	}
	/* It may have broken again while the clients came back */
	return ib_reset_change_state(dev, IB_DEVICE_ACTIVE, IB_RESET_NONE) ?
	       0 : -EIO;

fail:
	/* or the lower driver has said so, which has begun a restart itself */
	if (*beyond)
		WRITE_ONCE(dev->reset.returns, true);
	ib_reset_fail(dev);
	return ret;
}

/*
 * Not by ibdev_err(): the device may have been removed meanwhile, and its
 * parent with it.
 */
void ib_reset_account(struct ib_device *dev, int ret)
{
	struct ib_device_reset *reset = &dev->reset;
	unsigned int phase;
	u64 usecs = 0;

	for (phase = 0; phase < IB_RESET_NR_PHASES; phase++)
		usecs += reset->phase_us[phase];

	spin_lock_irq(&reset->lock);
	if (!ret)
		WRITE_ONCE(reset->count, reset->count + 1);
	else
		WRITE_ONCE(reset->failures, reset->failures + 1);
	spin_unlock_irq(&reset->lock);

	trace_rdma_reset_end(dev, ret, usecs);
	if (!ret)
		dev_info(&dev->dev, "reset within %llu us\n", usecs);
	else
		dev_err(&dev->dev, "reset failed: %d\n", ret);
	rdma_zombie_report(dev);
}

/* It came, but its provider may have taken it away again, or it has broken */
static int ib_reset_look_at_successor(struct ib_device *dev)
{
	struct ib_device *successor;
	int ret;

	successor = ib_device_get_by_name(dev->name, dev->ops.driver_id);
	if (!successor)
		return -ENODEV;
	ret = ib_device_in_error(successor) ? -EIO : 0;
	ib_device_put(successor);
	return ret;
}

/*
 * The device is unregistered below, if nobody else has done that yet: all its
 * clients are removed, see succession.c.
 */
static int ib_reset_restart(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	int ret;

	ret = reset->ops->restart_device(dev->dev.parent);
	if (!ret && READ_ONCE(reset->succeeded))
		return ib_reset_look_at_successor(dev); /* has counted it */
	ret = ret ?: -ENODEV;
	WRITE_ONCE(reset->returns, false);
	ib_reset_account(dev, ret);
	return ret;
}

static int ib_reset_run_restart(struct ib_device *dev)
{
	WRITE_ONCE(dev->reset.returns, true);
	ib_reset_announce(dev);
	ib_error_mode_enter(dev, dev->reset.request_reason);
	ib_reset_phase_ends(dev, IB_RESET_PHASE_ERROR);
	return ib_reset_restart(dev);
}

static int ib_reset_run(struct ib_device *dev)
{
	bool begun, beyond = false;
	int ret;

	mutex_lock(&dev->unregistration_lock);
	dev->reset.since = ktime_get();
	begun = ib_reset_may_begin(dev);
	if (begun)
		ret = ib_reset_run_locked(dev, &beyond);
	mutex_unlock(&dev->unregistration_lock);

	if (!begun)
		return -ENODEV;
	if (beyond)
		return ib_reset_restart(dev);
	ib_reset_account(dev, ret);
	return ret;
}

/*
 * A restart calls the provider after the device is gone, and with its parent.
 * The device is not GONE, and the lock is held: both are there.
 */
static bool ib_reset_pin(struct ib_device *dev)
{
	if (!ib_reset_may_restart(dev))
		return true;
	if (!try_module_get(dev->ops.owner))
		return false;
	get_device(dev->dev.parent);
	return true;
}

static void ib_reset_unpin(struct ib_device *dev)
{
	if (!ib_reset_may_restart(dev))
		return;
	put_device(dev->dev.parent);
	module_put(dev->ops.owner);
}

static void ib_reset_finish(struct ib_device *dev, int ret)
{
	struct ib_device_reset *reset = &dev->reset;

	spin_lock_irq(&reset->lock);
	WRITE_ONCE(reset->result, ret);
	WRITE_ONCE(reset->requested, false);
	spin_unlock_irq(&reset->lock);
	wake_up_all(&reset->wait);
}

static void ib_reset_work(struct work_struct *work)
{
	struct ib_device *dev =
		container_of(work, struct ib_device, reset.work);
	unsigned int noio = memalloc_noio_save();
	int ret;

	/* memory reclaim may be what waits for this device */
	memset(dev->reset.phase_us, 0, sizeof(dev->reset.phase_us));
	dev->reset.since = ktime_get();
	ib_reset_grace(dev);
	ib_reset_phase_ends(dev, IB_RESET_PHASE_GRACE);

	ret = ib_reset_restarts(dev) ? ib_reset_run_restart(dev) :
				       ib_reset_run(dev);
	ib_reset_unpin(dev);
	ib_reset_finish(dev, ret);
	memalloc_noio_restore(noio);
	put_device(&dev->dev);
}

/**
 * ib_reset_request() - start a reset
 * @dev: device
 * @reason: why
 *
 * Context: Process context; does not sleep.
 * Return: 0: it is started. -EOPNOTSUPP: the provider can't. -EBUSY: one is
 *	under way. -ENODEV: the device is being unregistered.
 */
int ib_reset_request(struct ib_device *dev, enum ib_reset_reason reason)
{
	struct ib_device_reset *reset = &dev->reset;
	int ret = 0;

	if (!ib_reset_is_supported(dev))
		return -EOPNOTSUPP;

	spin_lock_irq(&reset->lock);
	if (reset->state == IB_DEVICE_GONE || reset->going) {
		ret = -ENODEV;
	} else if (reset->requested) {
		ret = -EBUSY;
	} else if (!ib_reset_pin(dev)) {
		ret = -ENODEV;
	} else {
		WRITE_ONCE(reset->requested, true);
		reset->request_reason = reason;
		if (reason == IB_RESET_ADMIN)
			reset->auto_count = 0;
	}
	spin_unlock_irq(&reset->lock);
	if (ret)
		return ret;

	get_device(&dev->dev);
	queue_work(ib_reset_wq, &reset->work);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ib_reset_request);

/* The device is going to be unregistered, and not by the reset itself */
static bool ib_reset_is_going(struct ib_device *dev)
{
	return READ_ONCE(dev->reset.going) && !ib_reset_may_restart(dev);
}

/**
 * ib_reset_wait() - wait for the reset that was requested
 * @dev: device
 *
 * Context: Process context. Sleeps, killable.
 * Return: 0: the device has been reset. -EINTR: killed, -ETIMEDOUT: it takes
 *	too long; the reset goes on. -ENODEV: the device was unregistered, and
 *	none came in its place.
 *	-EBUSY: objects were left; -EIO: the device broke again; else what
 *	&ib_device_ops.reset_device returned.
 */
int ib_reset_wait(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	unsigned long patience =
		msecs_to_jiffies(ib_reset_limits.patience_ms) +
		msecs_to_jiffies(READ_ONCE(reset->grace_ms));
	bool going = false;
	long left;

	/* Another one may have been requested after the end: don't look twice */
	left = wait_event_killable_timeout(reset->wait,
					   !READ_ONCE(reset->requested) ||
					   (going = ib_reset_is_going(dev)),
					   patience);
	if (left < 0)
		return -EINTR;
	if (!left)
		return -ETIMEDOUT;
	return going ? -ENODEV : READ_ONCE(reset->result);
}
EXPORT_SYMBOL_IF_KUNIT(ib_reset_wait);

/*
 * Resets that the core starts by itself
 */

/* How long to wait before the next one, in ms; negative: not at all */
static int ib_reset_back_off(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	const u64 calm = msecs_to_jiffies(ib_reset_limits.calm_ms);
	int ms = -1;

	spin_lock_irq(&reset->lock);
	if (time_after64(get_jiffies_64(), reset->auto_last + calm))
		reset->auto_count = 0;
	if (reset->auto_count < READ_ONCE(reset->auto_max)) {
		ms = reset->auto_count ? ib_reset_limits.back_off_ms <<
					 min(reset->auto_count - 1, 6U) : 0;
		reset->auto_count++;
	}
	spin_unlock_irq(&reset->lock);
	return ms;
}

/* Error mode has been entered, and no administrator asked for it */
void ib_reset_after_error(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;
	int ms;

	/* The lower driver of a device that is restarted does that by itself */
	if (!ib_reset_is_supported(dev) || ib_reset_restarts(dev) ||
	    READ_ONCE(reset->going))
		return;
	ms = ib_reset_back_off(dev);
	if (ms < 0) {
		ibdev_err(dev, "no further automatic reset (%u in a row, reset_auto_max is %u)\n",
			  READ_ONCE(reset->auto_count), READ_ONCE(reset->auto_max));
		return;
	}
	get_device(&dev->dev);
	if (!queue_delayed_work(ib_reset_wq, &reset->auto_work,
				msecs_to_jiffies(ms)))
		put_device(&dev->dev);
}

static void ib_reset_auto_work(struct work_struct *work)
{
	struct ib_device *dev =
		container_of(work, struct ib_device, reset.auto_work.work);
	struct ib_device_reset *reset = &dev->reset;
	int ret = 0;

	spin_lock_irq(&reset->lock);
	reset->auto_last = get_jiffies_64();
	spin_unlock_irq(&reset->lock);
	/* Somebody else's reset may have cured it */
	if (READ_ONCE(reset->state) == IB_DEVICE_ERROR)
		ret = ib_reset_request(dev, READ_ONCE(reset->reason));
	/* One that ends as it broke again */
	if (ret == -EBUSY &&
	    queue_delayed_work(ib_reset_wq, &reset->auto_work,
			       msecs_to_jiffies(ib_reset_limits.back_off_ms)))
		return;
	put_device(&dev->dev);
}

/*
 * Life of the device
 */

int ib_reset_device_init(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;

	reset->ops = kzalloc(sizeof(*reset->ops), GFP_KERNEL);
	if (!reset->ops)
		return -ENOMEM;
	ib_error_mode_init(dev);
	spin_lock_init(&reset->lock);
	init_waitqueue_head(&reset->wait);
	reset->state = IB_DEVICE_GONE;
	INIT_WORK(&reset->work, ib_reset_work);
	INIT_DELAYED_WORK(&reset->auto_work, ib_reset_auto_work);
	disable_delayed_work(&reset->auto_work);
	INIT_DELAYED_WORK(&reset->watch_work, ib_reset_watch_work);
	ib_succession_init(dev);
	xa_init(&reset->leaked);
	reset->auto_max = IB_RESET_AUTO_MAX;
	return 0;
}

static void ib_reset_drain_stalled(struct ib_device *dev)
{
	ib_device_enter_error(dev, IB_RESET_DRAIN_STALL);
}

/* All ops are set, and no client knows the device yet */
void ib_reset_device_register(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;

	WARN_ON(reset->in_error);
	*reset->ops = dev->ops;
	if (dev->ops.enter_error)
		dev->drain.enter_error = ib_reset_drain_stalled;
	reset->auto_last = get_jiffies_64();
	ib_succession_take_over(dev);
	enable_delayed_work(&reset->auto_work);
	ib_reset_change_state(dev, IB_DEVICE_ACTIVE, IB_RESET_NONE);
}

/* About to take the unregistration lock: let go those who wait for a reset */
void ib_reset_device_going(struct ib_device *dev)
{
	struct ib_device_reset *reset = &dev->reset;

	spin_lock_irq(&reset->lock);
	WRITE_ONCE(reset->going, true);
	spin_unlock_irq(&reset->lock);
	wake_up_all(&reset->wait);
	/* An error that was reported before the removal comes before it */
	flush_work(&reset->error_work);
}

/*
 * The clients are gone and nothing calls the provider any more after this, but
 * for dealloc_driver. Works that are still queued find the device gone.
 */
void ib_reset_device_unregister(struct ib_device *dev)
{
	ib_reset_change_state(dev, IB_DEVICE_GONE, IB_RESET_NONE);
	/* Nobody queues it again, its timer must not outlive this module */
	if (disable_delayed_work_sync(&dev->reset.auto_work))
		put_device(&dev->dev);
	ib_succession_leave(dev);
}

/* The last reference is gone */
void ib_reset_device_free(struct ib_device *dev)
{
	if (dev->reset.predecessor)
		put_device(&dev->reset.predecessor->dev);
	xa_destroy(&dev->reset.leaked);
	kfree(dev->reset.ops);
}

int ib_reset_init(void)
{
	ib_reset_wq = alloc_workqueue("ib_reset", WQ_UNBOUND, 0);
	return ib_reset_wq ? 0 : -ENOMEM;
}

void ib_reset_exit(void)
{
	ib_succession_exit();
	destroy_workqueue(ib_reset_wq);
}
