/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults of a software device, for tests: what a broken device would do.
 *
 * /sys/kernel/debug/infiniband/<device>/ has the knobs, if the kernel has
 * CONFIG_INFINIBAND_FAULT_KNOBS; else all of this is nothing.
 */
#ifndef IB_FAULT_H
#define IB_FAULT_H

#include <linux/types.h>

struct ib_device;

/*
 * enum ib_fault_verb - provider verbs that can be told to fail or to hang
 *
 * IB_FAULT_RESET is &ib_device_ops.reset_device. The others are the verbs of
 * the same name.
 */
enum ib_fault_verb {
	IB_FAULT_RESET,
	IB_FAULT_ALLOC_PD,
	IB_FAULT_DEALLOC_PD,
	IB_FAULT_CREATE_CQ,
	IB_FAULT_DESTROY_CQ,
	IB_FAULT_CREATE_QP,
	IB_FAULT_MODIFY_QP,
	IB_FAULT_DESTROY_QP,
	IB_FAULT_REG_USER_MR,
	IB_FAULT_ALLOC_MR,
	IB_FAULT_DEREG_MR,
	IB_FAULT_NR_VERBS,
};

#if IS_ENABLED(CONFIG_INFINIBAND_FAULT_KNOBS)
/* For the core */
void ib_fault_add_device(struct ib_device *dev);
void ib_fault_rename_device(struct ib_device *dev);
void ib_fault_enter_error(struct ib_device *dev);
void ib_fault_remove_device(struct ib_device *dev);

/* For providers */
int ib_fault_verb(struct ib_device *dev, enum ib_fault_verb verb);
bool ib_fault_is_wedged(struct ib_device *dev);
bool ib_fault_loses_completion(struct ib_device *dev);
void ib_fault_heal(struct ib_device *dev);
#else
static inline void ib_fault_add_device(struct ib_device *dev)
{
}

static inline void ib_fault_rename_device(struct ib_device *dev)
{
}

static inline void ib_fault_enter_error(struct ib_device *dev)
{
}

static inline void ib_fault_remove_device(struct ib_device *dev)
{
}

static inline int ib_fault_verb(struct ib_device *dev, enum ib_fault_verb verb)
{
	return 0;
}

static inline bool ib_fault_is_wedged(struct ib_device *dev)
{
	return false;
}

static inline bool ib_fault_loses_completion(struct ib_device *dev)
{
	return false;
}

static inline void ib_fault_heal(struct ib_device *dev)
{
}
#endif

#endif /* IB_FAULT_H */
