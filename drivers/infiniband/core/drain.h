/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rest of the RDMA core needs of the drain.
 */
#ifndef _DRAIN_H
#define _DRAIN_H

#include <rdma/ib_drain.h>

/**
 * enum ib_drain_wait - what one side (SQ or RQ) of a draining QP waits for
 * @IB_DRAIN_WAIT_NONE: nothing: no WR can be outstanding, or none is expected
 *	to complete any more
 * @IB_DRAIN_WAIT_POST: room in the work queue for the marker
 * @IB_DRAIN_WAIT_MARKER: completion of the marker
 * @IB_DRAIN_WAIT_FLUSH: ib_qp_flush_complete() by the provider
 * @IB_DRAIN_WAIT_LAST_WQE: IB_EVENT_QP_LAST_WQE_REACHED
 * @IB_DRAIN_WAIT_COUNT: an empty send queue, as &ib_device_ops.flush_resume
 *	counts it
 * @IB_DRAIN_WAIT_BARRIER: the barrier of the CQ; for reports only
 * @IB_DRAIN_WAIT_MOVE: the provider's modify_qp to ERR or SQD; for reports
 *	only
 */
enum ib_drain_wait {
	IB_DRAIN_WAIT_NONE,
	IB_DRAIN_WAIT_POST,
	IB_DRAIN_WAIT_MARKER,
	IB_DRAIN_WAIT_FLUSH,
	IB_DRAIN_WAIT_LAST_WQE,
	IB_DRAIN_WAIT_COUNT,
	IB_DRAIN_WAIT_BARRIER,
	IB_DRAIN_WAIT_MOVE,
};

extern const struct attribute_group ib_drain_attr_group;

void ib_drain_device_init(struct ib_device *dev);
void ib_drain_qp_init(struct ib_qp *qp);
void ib_drain_expect_flush(struct ib_device *dev);
void ib_drain_release_orphans(struct ib_cq *cq);
int ib_drain_modify_qp(struct ib_qp *qp, struct ib_qp_attr *attr,
		       int attr_mask);
void ib_drain_sq_by_core(struct ib_qp *qp);
void ib_drain_rq_by_core(struct ib_qp *qp);

#endif /* _DRAIN_H */
