// SPDX-License-Identifier: GPL-2.0
/*
 * Error mode and reset: nothing that the driver keeps waits for the adapter.
 *
 * T4_FATAL_ERROR says that it is so. It is set once the adapter does not access
 * the host's memory any more: either it has been stopped, T4_STOPPED, or all
 * connections have ended in good order. From then on no message from the adapter is
 * looked at (c4iw_uld_rx_handler()), and nothing is sent (c4iw_ofld_send()) but
 * what takes keys and queues away from an adapter that goes on with other
 * things.
 */
#include <linux/jiffies.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>

#include <rdma/ib_reset.h>

#include "iw_cxgb4.h"

/**
 * c4iw_begin_wr_wait() - a command is about to be sent to the firmware
 * @rdev: device
 * @wr_waitp: by which its reply finds who waits for it; referenced until
 *	c4iw_end_wr_wait() says that it was
 * @hwtid: the connection that it is about; 0: none
 *
 * Context: Process context; sleeps for no longer than a second.
 * Return: 0, or -EIO if no reply will come.
 */
int c4iw_begin_wr_wait(struct c4iw_rdev *rdev, struct c4iw_wr_wait *wr_waitp,
		       u32 hwtid)
{
	bool closing;

	spin_lock_irq(&rdev->wr_lock);
	closing = test_bit(T4_CLOSING, &rdev->flags);
	if (!closing && !c4iw_fatal_error(rdev)) {
		wr_waitp->rdev = rdev;
		c4iw_get_wr_wait(wr_waitp);
		if (!wr_waitp->unanswered++)
			list_add_tail(&wr_waitp->entry, &rdev->wr_waits);
		spin_unlock_irq(&rdev->wr_lock);
		return 0;
	}
	spin_unlock_irq(&rdev->wr_lock);

	/*
	 * The caller may be about to free what the adapter uses as long as there
	 * are connections; unless it is one that ends right now.
	 */
	if (closing && !hwtid)
		wait_event(rdev->closed, c4iw_fatal_error(rdev));
	return -EIO;
}

/**
 * c4iw_end_wr_wait() - a command has been answered, or was not sent
 * @wr_waitp: as for c4iw_begin_wr_wait()
 *
 * Context: Any.
 * Return: true if the caller has to drop the command's reference; false if
 *	error mode has done so.
 */
bool c4iw_end_wr_wait(struct c4iw_wr_wait *wr_waitp)
{
	struct c4iw_rdev *rdev = wr_waitp->rdev;
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&rdev->wr_lock, flags);
	found = wr_waitp->unanswered;
	if (found && !--wr_waitp->unanswered)
		list_del_init(&wr_waitp->entry);
	spin_unlock_irqrestore(&rdev->wr_lock, flags);
	return found;
}

/**
 * c4iw_send_unawaited() - send a command in error mode, if it is due all the same
 * @rdev: device
 * @skb: the command, which is consumed
 * @wr_waitp: what would wait for its reply
 *
 * Keys of memory that is freed must not be left in an adapter that works.
 *
 * Context: Any.
 */
void c4iw_send_unawaited(struct c4iw_rdev *rdev, struct sk_buff *skb,
			 struct c4iw_wr_wait *wr_waitp)
{
	if (!wr_waitp->releases || test_bit(T4_STOPPED, &rdev->flags) ||
	    cxgb4_ofld_send(rdev->lldi.ports[0], skb) < 0)
		kfree_skb(skb);
}

/* The firmware answers none of the commands that it has been given */
static void c4iw_fail_wr_waits(struct c4iw_rdev *rdev)
{
	struct c4iw_wr_wait *wr_waitp;

	spin_lock_irq(&rdev->wr_lock);
	while ((wr_waitp = list_first_entry_or_null(&rdev->wr_waits,
						    struct c4iw_wr_wait,
						    entry))) {
		if (!--wr_waitp->unanswered)
			list_del_init(&wr_waitp->entry);
		c4iw_wake_up_noref(wr_waitp, -EIO);
		c4iw_put_wr_wait(wr_waitp);
	}
	spin_unlock_irq(&rdev->wr_lock);
}

static void c4iw_stop_adapter(struct c4iw_rdev *rdev)
{
	if (!test_and_set_bit(T4_STOPPED, &rdev->flags))
		cxgb4_stop_adapter(rdev->lldi.ports[0]);
}

/**
 * c4iw_unresponsive() - the firmware has not answered a command
 * @rdev: device
 *
 * The caller is about to free what the firmware was given.
 *
 * Context: Process context.
 */
void c4iw_unresponsive(struct c4iw_rdev *rdev)
{
	struct c4iw_dev *dev = container_of(rdev, struct c4iw_dev, rdev);

	c4iw_stop_adapter(rdev);
	if (!test_and_set_bit(T4_FATAL_ERROR, &rdev->flags))
		ib_device_enter_error(&dev->ibdev, IB_RESET_UNRESPONSIVE);
}

/**
 * c4iw_cut_off() - end all that the adapter does for RDMA
 * @dev: device
 *
 * As long as the firmware answers, RDMA alone ends. Else the adapter has to be
 * stopped as a whole, Ethernet included: it must not access memory that is
 * freed next. cxgb4 then takes the RDMA device away, see
 * c4iw_uld_state_change().
 *
 * Context: Process context. Sleeps for no longer than a second.
 */
void c4iw_cut_off(struct c4iw_dev *dev)
{
	struct c4iw_rdev *rdev = &dev->rdev;

	spin_lock_irq(&rdev->wr_lock);
	set_bit(T4_CLOSING, &rdev->flags);
	spin_unlock_irq(&rdev->wr_lock);
	if (!c4iw_fatal_error(rdev) && !c4iw_cm_abort(dev))
		c4iw_stop_adapter(rdev);
	set_bit(T4_FATAL_ERROR, &rdev->flags);
	wake_up_all(&rdev->closed);

	/* c4iw_uld_rx_handler() may be under way with softirqs disabled */
	synchronize_rcu();
	/* Something has begun meanwhile that the adapter is not asked to end */
	if (!c4iw_cm_is_idle(dev))
		c4iw_stop_adapter(rdev);
	c4iw_fail_wr_waits(rdev);
	c4iw_cm_fail(dev);
	c4iw_fail_qps(dev);
}

/**
 * c4iw_enter_error() - see &ib_device_ops.enter_error
 * @ibdev: device
 */
void c4iw_enter_error(struct ib_device *ibdev)
{
	c4iw_cut_off(to_c4iw_dev(ibdev));
}

/*
 * Reset
 */

/* How long the firmware may take to answer when it has nothing else to do */
#define C4IW_RESET_PATIENCE	(5 * HZ)

/**
 * c4iw_rx_in_error() - a message of a device in error mode
 * @rdev: device
 * @rpl: the message, if it is of that kind
 *
 * Context: Softirq.
 */
void c4iw_rx_in_error(struct c4iw_rdev *rdev, const struct cpl_fw6_msg *rpl)
{
	struct c4iw_wr_wait *barrier = READ_ONCE(rdev->barrier);

	if (barrier && rpl->opcode == CPL_FW6_MSG &&
	    rpl->type == FW6_TYPE_WR_RPL &&
	    (__force unsigned long)rpl->data[1] == (unsigned long)barrier)
		c4iw_wake_up_noref(barrier, 0);
}

/* A command that does nothing: resets a CQ that there is not */
static struct sk_buff *c4iw_barrier_skb(struct c4iw_wr_wait *barrier, u32 cqid)
{
	struct fw_ri_res_wr *res_wr;
	struct fw_ri_res *res;
	struct sk_buff *skb;
	int wr_len;

	wr_len = sizeof(*res_wr) + sizeof(*res);
	skb = alloc_skb(wr_len, GFP_KERNEL);
	if (!skb)
		return NULL;
	set_wr_txq(skb, CPL_PRIORITY_CONTROL, 0);

	res_wr = __skb_put_zero(skb, wr_len);
	res_wr->op_nres = cpu_to_be32(FW_WR_OP_V(FW_RI_RES_WR) |
				      FW_RI_RES_WR_NRES_V(1) | FW_WR_COMPL_F);
	res_wr->len16_pkd = cpu_to_be32(DIV_ROUND_UP(wr_len, 16));
	res_wr->cookie = (uintptr_t)barrier;
	res = res_wr->res;
	res->u.cq.restype = FW_RI_RES_TYPE_CQ;
	res->u.cq.op = FW_RI_RES_OP_RESET;
	res->u.cq.iqid = cpu_to_be32(cqid);
	return skb;
}

/*
 * Commands that were sent in error mode are answered as well, to those who are
 * gone. With the answer to this one they all have been.
 */
static int c4iw_await_barrier(struct c4iw_rdev *rdev)
{
	struct c4iw_wr_wait *barrier;
	struct sk_buff *skb = NULL;
	int ret = -ENOMEM;
	u32 cqid;

	barrier = c4iw_alloc_wr_wait(GFP_KERNEL);
	if (!barrier)
		return -ENOMEM;
	c4iw_init_wr_wait(barrier);
	cqid = c4iw_get_cqid(rdev, &rdev->uctx);
	if (cqid)
		skb = c4iw_barrier_skb(barrier, cqid);
	if (skb) {
		WRITE_ONCE(rdev->barrier, barrier);
		barrier->releases = true;
		c4iw_send_unawaited(rdev, skb, barrier);
		ret = wait_for_completion_timeout(&barrier->completion,
						  C4IW_RESET_PATIENCE) ?
			0 : -ETIMEDOUT;
		WRITE_ONCE(rdev->barrier, NULL);
		synchronize_rcu();
	}
	if (cqid)
		c4iw_put_cqid(rdev, cqid, &rdev->uctx);
	c4iw_put_wr_wait(barrier);
	return ret;
}

static bool c4iw_has_objects(struct c4iw_dev *dev)
{
	return !xa_empty(&dev->qps) || !xa_empty(&dev->cqs) ||
	       !xa_empty(&dev->mrs) || !xa_empty(&dev->stids) ||
	       !c4iw_cm_is_idle(dev);
}

/**
 * c4iw_reset_device() - see &ib_device_ops.reset_device
 * @ibdev: device
 *
 * With all objects gone, from the adapter too, the device is as new. An adapter
 * that has been stopped, for which -EIO stands, is beyond this driver: the core
 * goes on with c4iw_restart_device().
 *
 * Context: Process context. Sleeps for no longer than C4IW_RESET_PATIENCE.
 * Return: 0 if the device is as new. -EIO: the adapter has been stopped, or has
 *	been now, as the firmware does not answer. -EBUSY: objects are left.
 *	-ENOMEM.
 */
int c4iw_reset_device(struct ib_device *ibdev)
{
	struct c4iw_dev *dev = to_c4iw_dev(ibdev);
	struct c4iw_rdev *rdev = &dev->rdev;
	int ret;

	if (test_bit(T4_STOPPED, &rdev->flags))
		return -EIO;
	c4iw_cm_flush();
	if (c4iw_has_objects(dev)) {
		ibdev_err(ibdev, "cannot be reset: objects are left\n");
		return -EBUSY;
	}
	ret = c4iw_await_barrier(rdev);
	if (ret == -ETIMEDOUT) {
		c4iw_stop_adapter(rdev);
		return -EIO;
	}
	if (ret)
		return ret;
	dev->avail_ird = rdev->lldi.max_ird_adapter;
	clear_bit(T4_CLOSING, &rdev->flags);
	clear_bit(T4_FATAL_ERROR, &rdev->flags);
	/* c4iw_fail() has seen that it was not set any more, or is seen here */
	smp_mb__after_atomic();
	if (test_bit(T4_STOPPED, &rdev->flags)) {
		set_bit(T4_FATAL_ERROR, &rdev->flags);
		return -EIO;
	}
	return 0;
}

/**
 * c4iw_restart_device() - see &ib_device_ops.restart_device
 * @parent: adapter
 *
 * cxgb4 knows how to bring an adapter back from a reset of its function, its
 * Ethernet ports included. Their network devices stay. It takes this device away
 * before, and has it probed afterwards.
 *
 * Context: Process context. Sleeps for seconds.
 * Return: 0, or an error if the adapter cannot be reset. -ENODEV: it has been
 *	unplugged. -EIO: it recovers from an error of PCI, which brings the device
 *	back as well.
 */
int c4iw_restart_device(struct device *parent)
{
	struct pci_dev *pdev = to_pci_dev(parent);
	int ret;

	if (pci_channel_offline(pdev))
		return -EIO;
	if (!pci_device_is_present(pdev))
		return -ENODEV;
	ret = pci_reset_function(pdev);
	/* Not by the caller of pci_reset_function() */
	c4iw_flush_registrations();
	return ret;
}
