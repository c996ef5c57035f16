// SPDX-License-Identifier: GPL-2.0
/*
 * Error mode and reset: what a software device does in place of hardware.
 *
 * Order of the locks of siw, as far as error mode adds to them:
 *
 *	siw_cep.in_use -> siw_qp.state_lock of a QP that is not connected,
 *	siw_qp.state_lock of a connected QP -> siw_cep.in_use,
 *	siw_device.lock and siw_cq.lock below both.
 *
 * Error mode takes one at a time. Upcalls to the IWCM only queue work.
 */
#include <linux/delay.h>
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>

#include <rdma/ib_cache.h>
#include <rdma/ib_fault.h>
#include <rdma/ib_verbs.h>

#include "siw.h"
#include "siw_cm.h"
#include "siw_verbs.h"

/* How long last references may take to be dropped after the clients are gone */
#define SIW_RESET_PATIENCE	HZ

/*
 * Error mode
 */

/* The QP after @prev, whose reference is passed on to it */
static struct siw_qp *siw_next_qp(struct siw_device *sdev, struct siw_qp *prev)
{
	struct siw_qp *qp;

	spin_lock_irq(&sdev->lock);
	qp = list_prepare_entry(prev, &sdev->qp_list, devq);
	list_for_each_entry_continue(qp, &sdev->qp_list, devq)
		if (kref_get_unless_zero(&qp->ref))
			break;
	spin_unlock_irq(&sdev->lock);

	if (prev)
		siw_qp_put(prev);
	return list_entry_is_head(qp, &sdev->qp_list, devq) ? NULL : qp;
}

/* From here on the QP sends and receives nothing and takes no WQE */
static void siw_qp_stop(struct siw_qp *qp)
{
	down_write(&qp->state_lock);
	qp->rx_stream.rx_suspend = 1;
	qp->tx_ctx.tx_suspend = 1;
	qp->attrs.sk = NULL;
	qp->attrs.state = SIW_QP_STATE_ERROR;
	up_write(&qp->state_lock);
}

/*
 * siw_cq_reserve()
 *
 * Make room for @n more CQE's in a CQ of the kernel's: a flush that stops at a
 * full CQ would never be resumed, since error mode ends all drains. A user's CQ
 * is mapped and cannot grow; the device keeps it no promise if it overflows.
 *
 * The first queue holds the notification state and stays for its sake.
 */
static void siw_cq_reserve(struct siw_cq *cq, u32 n)
{
	struct siw_cqe *queue, *old;
	u32 size, used, i;

	if (!cq || !n || !rdma_is_kernel_res(&cq->base_cq.res))
		return;

	spin_lock_irq(&cq->lock);
	used = cq->cq_put - cq->cq_get;
	spin_unlock_irq(&cq->lock);
	if (used + n <= cq->num_cqe)
		return;

	/* nothing is added meanwhile: all QPs have been stopped */
	size = roundup_pow_of_two(used + n);
	queue = vcalloc(size, sizeof(*queue));
	if (!queue) {
		ibdev_err(cq->base_cq.device,
			  "no memory to flush into a full CQ of %u\n",
			  cq->num_cqe);
		return;
	}

	spin_lock_irq(&cq->lock);
	for (i = cq->cq_get; i != cq->cq_put; i++)
		queue[i % size] = cq->queue[i % cq->num_cqe];
	old = cq->queue;
	cq->queue = queue;
	cq->num_cqe = size;
	cq->base_cq.cqe = size;
	spin_unlock_irq(&cq->lock);

	if (cq->small_queue)
		vfree(old);
	else
		cq->small_queue = old;
}

static void siw_qp_flush(struct siw_qp *qp)
{
	down_write(&qp->state_lock);
	siw_cq_reserve(qp->scq, siw_sq_pending(qp));
	siw_sq_flush(qp);
	siw_cq_reserve(qp->rcq, siw_rq_pending(qp));
	siw_rq_flush(qp);
	siw_qp_flush_check(qp);
	up_write(&qp->state_lock);
}

/*
 * All QPs are stopped before the first is flushed, since QPs share CQs, and all
 * are in ERROR before the first connection is closed, so that none is
 * established any more.
 */
void siw_enter_error(struct ib_device *base_dev)
{
	struct siw_device *sdev = to_siw_dev(base_dev);
	struct siw_qp *qp = NULL;

	while ((qp = siw_next_qp(sdev, qp)))
		siw_qp_stop(qp);
	while ((qp = siw_next_qp(sdev, qp)))
		siw_qp_flush(qp);

	siw_cm_abort(sdev);
}

/*
 * What is mapped to userspace is kernel memory by the page, see siw_mmap(): it
 * stays, referenced by the mapping alone, until the process unmaps it or exits,
 * and there is no hardware to cut it off from.
 */
void siw_disassociate_ucontext(struct ib_ucontext *base_ctx)
{
}

/*
 * Reset
 */

static int siw_count_ceps(struct siw_device *sdev)
{
	int n;

	spin_lock_irq(&sdev->lock);
	n = list_count_nodes(&sdev->cep_list);
	spin_unlock_irq(&sdev->lock);
	return n;
}

/* Objects that are left: how many of the first kind, and which that is */
static int siw_count_objects(struct siw_device *sdev, const char **kind)
{
	const struct {
		const char *kind;
		int n;
	} left[] = {
		{ "QP", atomic_read(&sdev->num_qp) },
		{ "CQ", atomic_read(&sdev->num_cq) },
		{ "SRQ", atomic_read(&sdev->num_srq) },
		{ "MR", atomic_read(&sdev->num_mr) },
		{ "PD", atomic_read(&sdev->num_pd) },
		{ "user context", atomic_read(&sdev->num_ctx) },
		{ "connection endpoint", siw_count_ceps(sdev) },
		{ "QP number", !xa_empty(&sdev->qp_xa) },
		{ "STag", !xa_empty(&sdev->mem_xa) },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(left); i++) {
		*kind = left[i].kind;
		if (left[i].n)
			return left[i].n;
	}
	return 0;
}

/*
 * There is no hardware: with all objects gone, the device is as new. The last
 * reference to an endpoint may be dropped by work.
 */
int siw_reset_device(struct ib_device *base_dev)
{
	struct siw_device *sdev = to_siw_dev(base_dev);
	unsigned long due = jiffies + SIW_RESET_PATIENCE;
	const char *kind;
	int n, rv;

	rv = ib_fault_verb(base_dev, IB_FAULT_RESET);
	if (rv)
		return rv;

	siw_cm_flush();
	while ((n = siw_count_objects(sdev, &kind)) &&
	       time_before(jiffies, due))
		fsleep(USEC_PER_MSEC);
	if (n) {
		ibdev_err(base_dev, "cannot be reset: %d %s(s) left\n", n,
			  kind);
		return -EBUSY;
	}
	ib_fault_heal(base_dev);
	return 0;
}

/*
 * Events of the netdev are lost while the device is disabled: look what has
 * become of it meanwhile.
 */
int siw_enable_driver(struct ib_device *base_dev)
{
	struct siw_device *sdev = to_siw_dev(base_dev);
	enum ib_port_state cached, state;
	struct net_device *netdev;

	netdev = ib_device_get_netdev(base_dev, SIW_PORT);
	if (!netdev || READ_ONCE(netdev->reg_state) != NETREG_REGISTERED) {
		dev_put(netdev);
		ib_unregister_device_queued(base_dev);
		return 0;
	}
	state = siw_port_state(netdev);
	dev_put(netdev);

	if (!ib_get_cached_port_state(base_dev, SIW_PORT, &cached) &&
	    cached != state)
		siw_port_event(sdev, SIW_PORT, state == IB_PORT_ACTIVE ?
			       IB_EVENT_PORT_ACTIVE : IB_EVENT_PORT_ERR);
	return 0;
}
