// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a device and the one gate for its transitions.
 */
#include <linux/kobject.h>

#include <kunit/visibility.h>

#include "core_priv.h"
#include "reset.h"

#define CREATE_TRACE_POINTS
#include <trace/events/rdma_reset.h>

/**
 * DOC: Device states
 *
 * ::
 *
 *                administrator, grace period
 *   ACTIVE ---------------------------------> DRAINING
 *    ^  |                                        |
 *    |  | PCI error, device error, watchdog,     |
 *    |  | administrator                          v
 *    |  +------------------------------------> ERROR
 *    |                                         |   ^ broken again
 *    |                       clients are gone  v   |
 *    |                                      DISABLED
 *    |         the provider resets the device  |   |
 *    |                                         v   v
 *    +------------------------------- RESETTING   FAILED
 *                                          |       ^ | retry: DISABLED
 *                                          +-------+ v
 *
 * DISABLED leads to RESETTING, or to FAILED if objects are left that nobody
 * releases. RESETTING leads to ACTIVE, to FAILED if the provider fails, or to
 * ERROR if the device breaks while the clients come back. All but DISABLED and
 * RESETTING lead to GONE, when the device is unregistered: a reset holds
 * &ib_device.unregistration_lock meanwhile.
 */

static const char *const ib_device_state_names[] = {
	[IB_DEVICE_ACTIVE]	= "active",
	[IB_DEVICE_DRAINING]	= "draining",
	[IB_DEVICE_ERROR]	= "error",
	[IB_DEVICE_DISABLED]	= "disabled",
	[IB_DEVICE_RESETTING]	= "resetting",
	[IB_DEVICE_FAILED]	= "failed",
	[IB_DEVICE_GONE]	= "gone",
};

static const char *const ib_reset_reason_names[] = {
	[IB_RESET_NONE]		= "none",
	[IB_RESET_ADMIN]	= "admin",
	[IB_RESET_PCI_ERROR]	= "pci_error",
	[IB_RESET_DEVICE_ERROR]	= "device_error",
	[IB_RESET_UNRESPONSIVE]	= "unresponsive",
	[IB_RESET_DRAIN_STALL]	= "drain_stall",
	[IB_RESET_REMOVAL]	= "removal",
};

/* To which states from each */
static const u8 ib_device_transitions[IB_DEVICE_NR_STATES] = {
	[IB_DEVICE_ACTIVE]	= BIT(IB_DEVICE_DRAINING) |
				  BIT(IB_DEVICE_ERROR) |
				  BIT(IB_DEVICE_GONE),
	[IB_DEVICE_DRAINING]	= BIT(IB_DEVICE_ERROR) |
				  BIT(IB_DEVICE_GONE),
	[IB_DEVICE_ERROR]	= BIT(IB_DEVICE_DISABLED) |
				  BIT(IB_DEVICE_GONE),
	[IB_DEVICE_DISABLED]	= BIT(IB_DEVICE_RESETTING) |
				  BIT(IB_DEVICE_FAILED),
	[IB_DEVICE_RESETTING]	= BIT(IB_DEVICE_ACTIVE) |
				  BIT(IB_DEVICE_ERROR) |
				  BIT(IB_DEVICE_FAILED),
	[IB_DEVICE_FAILED]	= BIT(IB_DEVICE_DISABLED) |
				  BIT(IB_DEVICE_GONE),
	[IB_DEVICE_GONE]	= BIT(IB_DEVICE_ACTIVE),
};

/**
 * ib_device_state_name() - a state's name, as in the file device_state
 * @state: state
 *
 * Context: Any.
 * Return: the name.
 */
const char *ib_device_state_name(enum ib_device_state state)
{
	if (state >= ARRAY_SIZE(ib_device_state_names))
		return "unknown";
	return ib_device_state_names[state];
}
EXPORT_SYMBOL(ib_device_state_name);

/**
 * ib_reset_reason_name() - a reason's name, as in the file reset_reason
 * @reason: reason
 *
 * Context: Any.
 * Return: the name.
 */
const char *ib_reset_reason_name(enum ib_reset_reason reason)
{
	if (reason >= ARRAY_SIZE(ib_reset_reason_names))
		return "unknown";
	return ib_reset_reason_names[reason];
}
EXPORT_SYMBOL(ib_reset_reason_name);

/* Is there such a transition? */
bool ib_device_may_change_state(enum ib_device_state from,
				enum ib_device_state to)
{
	return ib_device_transitions[from] & BIT(to);
}
EXPORT_SYMBOL_IF_KUNIT(ib_device_may_change_state);

/* udev sees each transition, in order: all callers hold a mutex */
static void ib_device_state_uevent(struct ib_device *dev,
				   enum ib_device_state state,
				   enum ib_reset_reason reason)
{
	char state_var[32], reason_var[32];
	char *envp[3];

	/* before the device is announced, and after it is gone */
	if (!device_is_registered(&dev->dev) ||
	    dev_get_uevent_suppress(&dev->dev))
		return;
	snprintf(state_var, sizeof(state_var), "DEVICE_STATE=%s",
		 ib_device_state_name(state));
	snprintf(reason_var, sizeof(reason_var), "RESET_REASON=%s",
		 ib_reset_reason_name(reason));
	envp[0] = state_var;
	envp[1] = reason_var;
	envp[2] = NULL;
	kobject_uevent_env(&dev->dev.kobj, KOBJ_CHANGE, envp);
}

/**
 * ib_device_change_state() - move a device from its state to another
 * @dev: device
 * @state: new state
 * @reason: why; %IB_RESET_NONE: as before
 *
 * Context: Process context, &ib_device_reset.mutex is held. Sleeps on memory.
 * Return: true if the device is in @state now; false if there is no such
 *	transition, and the state is what it was.
 */
bool ib_device_change_state(struct ib_device *dev, enum ib_device_state state,
			    enum ib_reset_reason reason)
{
	struct ib_device_reset *reset = &dev->reset;
	enum ib_device_state from;

	lockdep_assert_held(&reset->mutex);

	spin_lock_irq(&reset->lock);
	from = reset->state;
	if (!ib_device_may_change_state(from, state)) {
		spin_unlock_irq(&reset->lock);
		return false;
	}
	WRITE_ONCE(reset->state, state);
	if (reason)
		WRITE_ONCE(reset->reason, reason);
	reason = reset->reason;
	spin_unlock_irq(&reset->lock);

	wake_up_all(&reset->wait);
	trace_rdma_device_state(dev, from, state, reason);
	ib_device_state_uevent(dev, state, reason);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(ib_device_change_state);
