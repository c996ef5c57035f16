// SPDX-License-Identifier: GPL-2.0
/*
 * Error mode: a device that has failed answers everything at once.
 */
#include <linux/sched/mm.h>

#include <kunit/visibility.h>
#include <rdma/ib_fault.h>

#include "bad_device.h"
#include "core_priv.h"
#include "drain.h"
#include "reset.h"
#include "restrack.h"

/**
 * DOC: Error mode
 *
 * A device enters error mode when its provider or the core finds it broken, or
 * when it is about to be reset:
 *
 * 1. its ops are replaced by those of a bad device (bad_device.c);
 * 2. the provider flushes all pending work in software
 *    (&ib_device_ops.enter_error);
 * 3. drains that wait for the hardware end (ib_device_flush_software());
 * 4. kernel clients and applications get IB_EVENT_DEVICE_FATAL;
 * 5. MADs that wait for an answer fail, as none comes (ib_mad_fail_device());
 * 6. each CQ's completion handler is called, because the device brings no
 *    completion events any more.
 *
 * What is left is to release everything. Only a reset leads out of it.
 *
 * Lock order: &ib_device.unregistration_lock, &ib_device_reset.mutex,
 * &ib_device.event_handler_rwsem. Whoever waits under the first for a client
 * that drains counts on this: error mode does not take that lock.
 */

/* Call the completion handler of a CQ that is known not to be destroyed */
static void ib_error_mode_kick_cq(struct ib_cq *cq)
{
	if (cq->poll_ctx == IB_POLL_DIRECT || !cq->comp_handler)
		return;
	/* Enabling runs the softirq here rather than in its thread */
	local_bh_disable();
	cq->comp_handler(cq, cq->cq_context);
	local_bh_enable();
}

/*
 * The reference of the resource tracking holds up the destroy verbs before they
 * stop the CQ's poll context.
 */
static void ib_error_mode_kick_cqs(struct ib_device *dev)
{
	struct rdma_restrack_root *root = &dev->res[RDMA_RESTRACK_CQ];
	struct rdma_restrack_entry *res;
	unsigned long id;

	xa_lock(&root->xa);
	xa_for_each(&root->xa, id, res) {
		if (!rdma_restrack_get(res))
			continue;
		xa_unlock(&root->xa);
		ib_error_mode_kick_cq(container_of(res, struct ib_cq, res));
		rdma_restrack_put(res);
		xa_lock(&root->xa);
	}
	xa_unlock(&root->xa);
}

/* To kernel clients here and now, to applications through uverbs */
void ib_error_mode_send_fatal(struct ib_device *dev)
{
	struct ib_event event = {
		.device = dev,
		.event = IB_EVENT_DEVICE_FATAL,
	};

	ib_dispatch_event_clients(&event);
}

/*
 * Holding the mutex and not yet GONE: the provider can be called. Returns
 * false if there is nothing to enter.
 */
static bool __ib_error_mode_enter(struct ib_device *dev,
				  enum ib_reset_reason reason)
{
	struct ib_device_reset *reset = &dev->reset;
	const bool told = reset->state == IB_DEVICE_DRAINING;

	if (reset->in_error || !dev->ops.enter_error)
		return false;
	if (!ib_device_change_state(dev, IB_DEVICE_ERROR, reason))
		return false;

	ibdev_warn(dev, "enters error mode (%s)\n",
		   ib_reset_reason_name(reason));
	WRITE_ONCE(reset->in_error, true);
	ib_drain_expect_flush(dev);
	ib_bad_device_install(dev);
	ib_fault_enter_error(dev);
	reset->ops->enter_error(dev);
	ib_device_flush_software(dev);
	if (!told)
		ib_error_mode_send_fatal(dev);
	ib_mad_fail_device(dev);
	ib_error_mode_kick_cqs(dev);
	ib_succession_error_entered(dev);
	return true;
}

/**
 * ib_error_mode_enter() - put a device in error mode
 * @dev: device
 * @reason: why
 *
 * On return the device is in error mode, whoever put it there, unless its
 * provider has no &ib_device_ops.enter_error or it is unregistered.
 *
 * Context: Process context. Takes &ib_device_reset.mutex. Sleeps on the
 *	provider's enter_error and on clients' event handlers.
 * Return: true if this call did it.
 */
bool ib_error_mode_enter(struct ib_device *dev, enum ib_reset_reason reason)
{
	unsigned int noio = memalloc_noio_save();
	bool entered;

	/* memory reclaim may be what waits for this device */
	mutex_lock(&dev->reset.mutex);
	entered = __ib_error_mode_enter(dev, reason);
	mutex_unlock(&dev->reset.mutex);
	memalloc_noio_restore(noio);
	return entered;
}
EXPORT_SYMBOL_IF_KUNIT(ib_error_mode_enter);

/**
 * ib_error_mode_leave() - the device works again
 * @dev: device that has been reset and has no clients
 *
 * Context: Process context, &ib_device_reset.mutex is held.
 */
void ib_error_mode_leave(struct ib_device *dev)
{
	lockdep_assert_held(&dev->reset.mutex);
	WRITE_ONCE(dev->flushes_in_software, false);
	ib_bad_device_uninstall(dev);
	WRITE_ONCE(dev->reset.in_error, false);
}

/**
 * ib_error_mode_forget() - forget errors that have been reported until now
 * @dev: device whose hardware is about to be reset
 *
 * Context: Process context, &ib_device_reset.mutex is held.
 */
void ib_error_mode_forget(struct ib_device *dev)
{
	lockdep_assert_held(&dev->reset.mutex);
	atomic_set(&dev->reset.error_pending, IB_RESET_NONE);
}

static void ib_error_mode_work(struct work_struct *work)
{
	struct ib_device *dev =
		container_of(work, struct ib_device, reset.error_work);
	unsigned int noio = memalloc_noio_save();
	enum ib_reset_reason reason;
	bool entered = false;

	mutex_lock(&dev->reset.mutex);
	reason = atomic_xchg(&dev->reset.error_pending, IB_RESET_NONE);
	if (reason)
		entered = __ib_error_mode_enter(dev, reason);
	mutex_unlock(&dev->reset.mutex);
	memalloc_noio_restore(noio);

	if (entered)
		ib_reset_after_error(dev);
	put_device(&dev->dev);
}

/**
 * ib_error_mode_query_port() - ib_query_port() for those who list devices
 * @dev: device
 * @port: port number
 * @attr: filled with what can be said without the device, if it is in error mode
 *
 * Context: Process context; may sleep.
 * Return: 0 in error mode, else as ib_query_port().
 */
int ib_error_mode_query_port(struct ib_device *dev, u32 port,
			     struct ib_port_attr *attr)
{
	int ret = ib_query_port(dev, port, attr);

	if (!ret || !ib_device_in_error(dev))
		return ret;
	memset(attr, 0, sizeof(*attr));
	attr->state = IB_PORT_DOWN;
	attr->phys_state = IB_PORT_PHYS_STATE_DISABLED;
	return 0;
}

/**
 * ib_error_mode_query_qp() - ib_query_qp() for those who list queue pairs
 * @qp: queue pair
 * @attr: filled with what can be said without the device, if it is in error mode
 * @init_attr: as @attr
 *
 * Context: Process context; may sleep.
 * Return: 0 in error mode, else as ib_query_qp().
 */
int ib_error_mode_query_qp(struct ib_qp *qp, struct ib_qp_attr *attr,
			   struct ib_qp_init_attr *init_attr)
{
	int ret = ib_query_qp(qp, attr, 0, init_attr);

	if (!ret || !ib_device_in_error(qp->device))
		return ret;
	memset(attr, 0, sizeof(*attr));
	memset(init_attr, 0, sizeof(*init_attr));
	attr->qp_state = IB_QPS_ERR;
	return 0;
}

/**
 * ib_device_enter_error() - this device is broken
 * @dev: registered device of a provider that has &ib_device_ops.enter_error
 * @reason: why
 *
 * To be called by a provider that learns of an error of its device, and by the
 * core. The device enters error mode soon, in a work item. If the device allows
 * it (file reset_auto_max in sysfs) a reset follows, but for one that its lower
 * driver restarts (&ib_device_ops.restart_device). Harmless if it is in error
 * mode already, is being reset, or is gone.
 *
 * Context: Any.
 */
void ib_device_enter_error(struct ib_device *dev, enum ib_reset_reason reason)
{
	if (!dev->ops.enter_error)
		return;
	get_device(&dev->dev);
	atomic_set(&dev->reset.error_pending, reason);
	if (!queue_work(ib_reset_wq, &dev->reset.error_work))
		put_device(&dev->dev);
}
EXPORT_SYMBOL(ib_device_enter_error);

void ib_error_mode_init(struct ib_device *dev)
{
	mutex_init(&dev->reset.mutex);
	INIT_WORK(&dev->reset.error_work, ib_error_mode_work);
}
