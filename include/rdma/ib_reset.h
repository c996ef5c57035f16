/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Error mode and reset of a device: interface for providers and clients.
 * See Documentation/infiniband/reset.rst.
 */
#ifndef IB_RESET_H
#define IB_RESET_H

#include <rdma/ib_verbs.h>

/*
 * For providers: what &ib_device_ops.enter_error and
 * &ib_device_ops.reset_device have to do is told there.
 */

void ib_device_enter_error(struct ib_device *dev, enum ib_reset_reason reason);

/**
 * ib_device_in_error() - is the device in error mode?
 * @dev: device
 *
 * Context: Any.
 * Return: true from before the provider's enter_error is called until the
 *	device has been reset.
 */
static inline bool ib_device_in_error(const struct ib_device *dev)
{
	return READ_ONCE(dev->reset.in_error);
}

/*
 * For everybody
 */

const char *ib_device_state_name(enum ib_device_state state);
const char *ib_reset_reason_name(enum ib_reset_reason reason);

#endif /* IB_RESET_H */
