/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ops of a device in error mode.
 */
#ifndef _BAD_DEVICE_H
#define _BAD_DEVICE_H

#include <rdma/ib_verbs.h>

/**
 * enum ib_bad_device_class - what becomes of an op in error mode
 * @IB_BAD_DEVICE_UNKNOWN: nobody has thought about it: a defect of this table
 * @IB_BAD_DEVICE_REPLACED: by one that fails at once, or one that releases what
 *	it is given and returns 0
 * @IB_BAD_DEVICE_KEPT: the provider's own; it touches no hardware, or stands
 *	the loss of it
 */
enum ib_bad_device_class {
	IB_BAD_DEVICE_UNKNOWN,
	IB_BAD_DEVICE_REPLACED,
	IB_BAD_DEVICE_KEPT,
};

/* The range of struct ib_device_ops that consists of function pointers */
#define IB_DEVICE_OPS_FIRST	offsetof(struct ib_device_ops, post_send)
#define IB_DEVICE_OPS_END	offsetof(struct ib_device_ops, size_ib_ah)

void ib_bad_device_install(struct ib_device *dev);
void ib_bad_device_uninstall(struct ib_device *dev);
void ib_bad_device_refuse_contexts(struct ib_device *dev);
bool ib_bad_device_leaks(struct ib_device *dev, const void *object);
enum ib_bad_device_class ib_bad_device_classify(size_t offset);

/**
 * ib_device_free_object() - free what a release verb has released
 * @dev: device
 * @object: the object, from rdma_zalloc_drv_obj()
 *
 * Not if the provider failed to let go of it: then it is better lost than
 * freed under the provider.
 */
static inline void ib_device_free_object(struct ib_device *dev, void *object)
{
	if (likely(!atomic_read(&dev->reset.nr_leaked)) ||
	    !ib_bad_device_leaks(dev, object))
		kfree(object);
}

#endif /* _BAD_DEVICE_H */
