// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: what the drain asks the provider.
 */
#include "fake_priv.h"

static void fake_flush_resume(struct ib_qp *ibqp, struct ib_qp_pending *pending)
{
	struct fake_device *fake = to_fake(ibqp->device);
	struct fake_qp *qp = to_fake_qp(ibqp);

	if (fake->dead)
		fake_announce_death(fake);

	spin_lock_irq(&fake->lock);
	__fake_qp_progress(qp);
	pending->sq = qp->sq.owed;
	pending->rq = qp->rq.owed;
	spin_unlock_irq(&fake->lock);
}

static const struct ib_device_ops fake_flush_ops = {
	.flush_resume = fake_flush_resume,
};

void fake_set_flush_ops(struct fake_device *fake)
{
	fake->stall_ms = fake->ibdev.drain.stall_ms;
	if (!fake->config.no_flush_resume)
		ib_set_device_ops(&fake->ibdev, &fake_flush_ops);
}

/* Counters and knobs as on a new device */
void fake_forget_drains(struct fake_device *fake)
{
	unsigned int i;

	fake->ibdev.drain.stall_ms = fake->stall_ms;
	for (i = 0; i < IB_DRAIN_NR_COUNTERS; i++)
		atomic64_set(&fake->ibdev.drain.counters[i], 0);
}
