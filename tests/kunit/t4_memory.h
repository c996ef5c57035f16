/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Chelsio adapter that is nothing but memory: iw_cxgb4's own modify_qp,
 * post, poll and flush run on queues that no hardware reads.
 */
#ifndef T4_MEMORY_H
#define T4_MEMORY_H

#include <kunit/test.h>

#include "iw_cxgb4.h"

/**
 * struct t4_memory - the device
 * @rhp: as iw_cxgb4 knows it
 * @status_page: doorbells are on
 * @resources: identifiers of queues and memory keys
 * @pdev: has a vendor and a device ID, no more
 * @port: a network device to take the address from
 * @doorbell: where all doorbells are written
 * @next_qid: of the next queue
 */
struct t4_memory {
	struct c4iw_dev rhp;
	struct t4_dev_status_page status_page;
	struct cxgb4_virt_res resources;
	struct pci_dev *pdev;
	struct net_device *port;
	u32 doorbell;
	u32 next_qid;
};

/**
 * struct t4_memory_cq - a completion queue
 * @chp: as iw_cxgb4 knows it
 * @hw_pidx: where the adapter would write next
 * @hw_gen: and with which generation bit
 */
struct t4_memory_cq {
	struct c4iw_cq chp;
	u16 hw_pidx;
	u8 hw_gen;
};

struct t4_memory *t4_memory_create(struct kunit *test);
void t4_memory_connect(struct kunit *test, struct ib_qp *ibqp,
		       enum c4iw_qp_state state);
void t4_memory_complete_send(struct ib_qp *ibqp, u16 idx);
void t4_memory_complete_recv(struct ib_qp *ibqp, u32 msn);

#endif /* T4_MEMORY_H */
