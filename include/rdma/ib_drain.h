/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Draining of queue pairs: interface for ULPs and providers.
 *
 * ib_drain_sq(), ib_drain_rq() and ib_drain_qp() are declared in
 * rdma/ib_verbs.h. See Documentation/infiniband/drain.rst.
 */
#ifndef IB_DRAIN_H
#define IB_DRAIN_H

#include <rdma/ib_verbs.h>

/*
 * For ULPs
 */

int ib_drain_qp_timeout(struct ib_qp *qp, unsigned long timeout);
int ib_drain_qps(struct ib_qp *const *qps, unsigned int n,
		 unsigned long timeout);

/*
 * For providers
 */

/**
 * struct ib_qp_pending - work requests that a QP still owes a completion for
 * @sq: in the send queue
 * @rq: in the receive queue; for a QP with an SRQ, those that this QP took
 *
 * Filled by &ib_device_ops.flush_resume.
 */
struct ib_qp_pending {
	unsigned int sq;
	unsigned int rq;
};

void ib_qp_flush_complete(struct ib_qp *qp);
void ib_qp_flush_rearm(struct ib_qp *qp);
void ib_device_flush_software(struct ib_device *dev);

#endif /* IB_DRAIN_H */
