// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs of the data path are inline functions. Here they become functions
 * of their own, so that their instructions can be counted.
 */
#include <linux/module.h>
#include <rdma/ib_verbs.h>

/* What a hook in the data path would look like: the test must see it */
#ifdef PROBE_GROWN
#define PROBE_MORE(cq)	(READ_ONCE((cq)->poll_ctx) == IB_POLL_DIRECT)
#else
#define PROBE_MORE(cq)	0
#endif

int probe_post_send(struct ib_qp *qp, const struct ib_send_wr *wr,
		    const struct ib_send_wr **bad_wr);
int probe_post_recv(struct ib_qp *qp, const struct ib_recv_wr *wr,
		    const struct ib_recv_wr **bad_wr);
int probe_poll_cq(struct ib_cq *cq, int nr, struct ib_wc *wc);

int probe_post_send(struct ib_qp *qp, const struct ib_send_wr *wr,
		    const struct ib_send_wr **bad_wr)
{
	return ib_post_send(qp, wr, bad_wr);
}

int probe_post_recv(struct ib_qp *qp, const struct ib_recv_wr *wr,
		    const struct ib_recv_wr **bad_wr)
{
	return ib_post_recv(qp, wr, bad_wr);
}

int probe_poll_cq(struct ib_cq *cq, int nr, struct ib_wc *wc)
{
	return ib_poll_cq(cq, nr, wc) + PROBE_MORE(cq);
}

MODULE_DESCRIPTION("The inline verbs of the RDMA data path as functions");
MODULE_LICENSE("GPL");
