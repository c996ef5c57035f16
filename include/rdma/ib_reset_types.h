/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State that error mode and reset keep in struct ib_device. The functions are
 * in rdma/ib_reset.h.
 */
#ifndef IB_RESET_TYPES_H
#define IB_RESET_TYPES_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct ib_device;
struct ib_device_ops;
struct task_struct;

/**
 * enum ib_device_state - state of a registered device
 * @IB_DEVICE_ACTIVE: works
 * @IB_DEVICE_DRAINING: grace period of an administrator's reset: the fatal
 *	event has been sent, there are no new user contexts
 * @IB_DEVICE_ERROR: error mode: all work is flushed, every verb but the release
 *	verbs fails at once
 * @IB_DEVICE_DISABLED: in error mode, and no client is left
 * @IB_DEVICE_RESETTING: the provider resets the hardware, the clients come back
 * @IB_DEVICE_FAILED: the reset failed: in error mode, no clients, a new reset
 *	may be tried
 * @IB_DEVICE_GONE: unregistered for good
 * @IB_DEVICE_NR_STATES: number of states
 *
 * Which transitions there are is told by ib_device_change_state().
 */
enum ib_device_state {
	IB_DEVICE_ACTIVE,
	IB_DEVICE_DRAINING,
	IB_DEVICE_ERROR,
	IB_DEVICE_DISABLED,
	IB_DEVICE_RESETTING,
	IB_DEVICE_FAILED,
	IB_DEVICE_GONE,
	IB_DEVICE_NR_STATES,
};

/**
 * enum ib_reset_reason - why a device entered error mode or was reset
 * @IB_RESET_NONE: it never was
 * @IB_RESET_ADMIN: written to the file reset in sysfs
 * @IB_RESET_PCI_ERROR: PCI error, reported by the bus
 * @IB_RESET_DEVICE_ERROR: the device itself, or its provider, found an error
 * @IB_RESET_UNRESPONSIVE: a command to the device was not answered in time
 * @IB_RESET_DRAIN_STALL: a drain made no progress
 * @IB_RESET_REMOVAL: clients or their work did not go in time when the device
 *	was removed, or did not come back in time after a reset
 * @IB_RESET_NR_REASONS: number of reasons
 */
enum ib_reset_reason {
	IB_RESET_NONE,
	IB_RESET_ADMIN,
	IB_RESET_PCI_ERROR,
	IB_RESET_DEVICE_ERROR,
	IB_RESET_UNRESPONSIVE,
	IB_RESET_DRAIN_STALL,
	IB_RESET_REMOVAL,
	IB_RESET_NR_REASONS,
};

/**
 * enum ib_reset_phase - parts of a reset, whose durations are in sysfs
 * @IB_RESET_PHASE_GRACE: grace period
 * @IB_RESET_PHASE_ERROR: entering error mode
 * @IB_RESET_PHASE_DISABLE: removing the clients
 * @IB_RESET_PHASE_HARDWARE: the provider's reset of the hardware
 * @IB_RESET_PHASE_ENABLE: adding the clients
 * @IB_RESET_NR_PHASES: number of phases
 */
enum ib_reset_phase {
	IB_RESET_PHASE_GRACE,
	IB_RESET_PHASE_ERROR,
	IB_RESET_PHASE_DISABLE,
	IB_RESET_PHASE_HARDWARE,
	IB_RESET_PHASE_ENABLE,
	IB_RESET_NR_PHASES,
};

/**
 * struct ib_device_reset - error mode and reset of one device
 * @mutex: holding it proves that error mode is neither entered nor left.
 *	Nests inside &ib_device.unregistration_lock. Held across
 *	&ib_device_ops.enter_error and &ib_device.event_handler_rwsem.
 * @lock: protects @state, @reason, @requested, @request_reason, @going,
 *	@result, @auto_count, @auto_last, @progress and @step. A leaf.
 * @state: see enum ib_device_state
 * @reason: why the device last entered error mode, or was reset after it
 * @in_error: error mode; written under @mutex
 * @requested: a reset has been asked for and has not ended
 * @request_reason: why
 * @going: the device is being unregistered
 * @result: of the last reset
 * @wait: woken by each change of what @lock protects
 * @ops: the provider's own ops, from registration on; &ib_device.ops is those
 *	or those of a bad device
 * @error_work: enters error mode for ib_device_enter_error()
 * @error_pending: why, enum ib_reset_reason
 * @work: the reset
 * @auto_work: a reset that the core starts by itself, after a delay
 * @watch_work: looks after the removal and the addition of clients: enters
 *	error mode if one takes too long, and reports
 * @leaked: objects that the provider failed to release
 * @nr_leaked: how many
 * @grace_ms: how long an administrator's reset waits for applications
 * @auto_max: at most so many resets by the core itself in a row
 * @auto_count: so many have been
 * @auto_last: when the last one was, in jiffies
 * @count: resets that brought the device back
 * @failures: resets that did not
 * @phase_us: duration of the last reset's phases
 * @since: when the last of them ended
 * @watched: the task whose removal or addition of clients is watched
 * @progress: when it began, or last went on to another client, in jiffies
 * @patience: how long one client may take, in jiffies
 * @arriving: it is the addition that is watched
 * @step: the client that is being removed, stopped or started, for reports;
 *	may be empty. A copy: the client may go meanwhile
 * @stops_clients: clients that can be stopped are, instead of being removed;
 *	under &ib_device.unregistration_lock
 * @nr_stopped: clients that are stopped, or being removed since then
 * @predecessor: the device that this one succeeds to; holds a reference
 * @predecessors: entry in the list of devices that may be succeeded to
 * @forget_work: takes it out of that list; holds a reference of the device and
 *	one of its parent
 * @succeeded: another device has succeeded to this one
 * @returns: another device is about to
 */
struct ib_device_reset {
	struct mutex mutex; /* error mode */
	spinlock_t lock; /* state */
	enum ib_device_state state;
	enum ib_reset_reason reason;
	bool in_error;
	bool requested;
	bool going;
	enum ib_reset_reason request_reason;
	int result;
	wait_queue_head_t wait;
	struct ib_device_ops *ops;
	struct work_struct error_work;
	atomic_t error_pending;
	struct work_struct work;
	struct delayed_work auto_work;
	struct delayed_work watch_work;
	struct xarray leaked;
	atomic_t nr_leaked;
	unsigned int grace_ms;
	unsigned int auto_max;
	unsigned int auto_count;
	u64 auto_last;
	u64 count;
	u64 failures;
	u64 phase_us[IB_RESET_NR_PHASES];
	ktime_t since;
	struct task_struct *watched;
	unsigned long progress;
	unsigned long patience;
	bool arriving;
	char step[32];
	bool stops_clients;
	atomic_t nr_stopped;
	struct ib_device *predecessor;
	struct list_head predecessors;
	struct delayed_work forget_work;
	bool succeeded;
	bool returns;
};

#endif /* IB_RESET_TYPES_H */
