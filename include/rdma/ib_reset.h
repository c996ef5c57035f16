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

/**
 * ib_device_will_return() - say that another device takes the place of this one
 * @dev: device
 *
 * For providers whose lower driver restarts a device of its own accord, before
 * ib_unregister_device(): clients hear it from ib_device_returns(). The core
 * knows by itself of a restart that it has asked for.
 *
 * Context: Any.
 */
static inline void ib_device_will_return(struct ib_device *dev)
{
	WRITE_ONCE(dev->reset.returns, true);
}

/*
 * For clients
 */

/**
 * ib_device_returns() - does another device take the place of this one?
 * @dev: device
 *
 * For a client's remove(). A device that cannot be reset in place is restarted:
 * its clients are removed, and soon added to a device of the same name, with
 * the same addresses if somebody sets them. A client may take that for the loss
 * of a connection, and keep what it would give up with the device. If the
 * restart fails after all, no device comes: such a client must have a bound of
 * its own, and its users must be able to end it.
 *
 * Context: Any.
 * Return: true if it does, as far as anybody knows.
 */
static inline bool ib_device_returns(const struct ib_device *dev)
{
	return READ_ONCE(dev->reset.returns);
}

/*
 * For everybody
 */

const char *ib_device_state_name(enum ib_device_state state);
const char *ib_reset_reason_name(enum ib_reset_reason reason);

#endif /* IB_RESET_H */
