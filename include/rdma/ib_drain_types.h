/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State that the queue pair drain keeps in struct ib_device. The functions are
 * in rdma/ib_drain.h.
 */
#ifndef IB_DRAIN_TYPES_H
#define IB_DRAIN_TYPES_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct ib_device;

/**
 * enum ib_drain_counter - per-device counters, files in sysfs of the same name
 * @IB_DRAIN_COMPLETED: QPs drained to the end
 * @IB_DRAIN_FAILED: QPs for which a drain ended with an error
 * @IB_DRAIN_TIMED_OUT: QPs for which a bounded drain ran out of time
 * @IB_DRAIN_STALLED: reports of a drain that made no progress
 * @IB_DRAIN_ORPHANED: markers left behind for the CQ to own
 * @IB_DRAIN_NR_COUNTERS: number of counters
 */
enum ib_drain_counter {
	IB_DRAIN_COMPLETED,
	IB_DRAIN_FAILED,
	IB_DRAIN_TIMED_OUT,
	IB_DRAIN_STALLED,
	IB_DRAIN_ORPHANED,
	IB_DRAIN_NR_COUNTERS,
};

/**
 * struct ib_device_drain - drains of one device
 * @lock: holding it proves that no drain enters or leaves @active. It is a leaf
 *	but for the locks of the completions that ib_device_flush_software()
 *	completes under it. Taken with interrupts disabled.
 * @active: drains in progress, struct ib_drain
 * @flush_expected: the device has failed and refuses verbs, but
 *	ib_device_flush_software() has yet to be called. Under @lock
 * @stall_ms: an unbounded drain reports itself after this many milliseconds
 *	without progress; 0: never
 * @stall_enters_error: and then has the device enter error mode
 * @enter_error: does that, from any context; NULL if the provider can't
 * @counters: indexed by enum ib_drain_counter
 */
struct ib_device_drain {
	spinlock_t lock; /* active */
	struct list_head active;
	bool flush_expected;
	unsigned int stall_ms;
	bool stall_enters_error;
	void (*enter_error)(struct ib_device *dev);
	atomic64_t counters[IB_DRAIN_NR_COUNTERS];
};

#endif /* IB_DRAIN_TYPES_H */
