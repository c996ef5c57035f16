/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stand-ins for a kernel without the drain's new interface, so that the suite
 * of faults can show what that kernel does with them.
 */
#ifndef IB_DRAIN_STOCK_H
#define IB_DRAIN_STOCK_H

#include <rdma/ib_verbs.h>

/* No such capability: a provider with flush-complete brings its own drain */
enum { IBK_FLUSH_COMPLETE = 0 };

static inline void ib_qp_flush_complete(struct ib_qp *qp) { }
static inline void ib_device_flush_software(struct ib_device *dev) { }

/* There is no bound; the test case, which calls this in a thread, has one */
static inline int ib_drain_qp_timeout(struct ib_qp *qp, unsigned long timeout)
{
	ib_drain_qp(qp);
	return 0;
}

#endif /* IB_DRAIN_STOCK_H */
