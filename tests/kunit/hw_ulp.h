/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A consumer for suites that run the code of a hardware provider without its
 * hardware. Its work requests remember what became of them. All that it
 * creates goes at the end of the case.
 */
#ifndef HW_ULP_H
#define HW_ULP_H

#include <kunit/test.h>
#include <rdma/ib_drain.h>
#include <rdma/ib_verbs.h>

#define HW_MAX_WR	64	/* of a case */
#define HW_CQE		64

/* A drain that has not ended by then is stuck; the guest may be slow */
#define HW_PATIENCE	(20 * HZ)

struct hw_wr {
	struct ib_cqe cqe;
	unsigned int done;
	enum ib_wc_status status;
};

/**
 * struct hw_ulp - the consumer of one case
 * @test: the case
 * @pd: its protection domain
 * @wr: its work requests, in the order of their posts
 * @posted: how many have been posted
 * @ah: for sends of a datagram QP
 */
struct hw_ulp {
	struct kunit *test;
	struct ib_pd *pd;
	struct hw_wr wr[HW_MAX_WR];
	unsigned int posted;
	struct ib_ah *ah;
};

KUNIT_DEFINE_ACTION_WRAPPER(hw_dealloc_pd, ib_dealloc_pd, struct ib_pd *);
KUNIT_DEFINE_ACTION_WRAPPER(hw_free_cq, ib_free_cq, struct ib_cq *);
KUNIT_DEFINE_ACTION_WRAPPER(hw_destroy_qp, ib_destroy_qp, struct ib_qp *);
KUNIT_DEFINE_ACTION_WRAPPER(hw_destroy_srq, ib_destroy_srq, struct ib_srq *);

/* The object was created, and is released at the end of the case */
static inline void hw_keep(struct kunit *test, void *object,
			   kunit_action_t *release)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, object);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, release, object));
}

static inline struct hw_ulp *hw_ulp_create(struct kunit *test,
					   struct ib_device *ibdev)
{
	struct hw_ulp *ulp = kunit_kzalloc(test, sizeof(*ulp), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ulp);
	ulp->test = test;
	ulp->pd = ib_alloc_pd(ibdev, 0);
	hw_keep(test, ulp->pd, hw_dealloc_pd);
	return ulp;
}

static inline struct ib_cq *hw_alloc_cq(struct hw_ulp *ulp,
					enum ib_poll_context poll_ctx)
{
	struct ib_cq *cq = ib_alloc_cq(ulp->pd->device, ulp, HW_CQE, 0,
				       poll_ctx);

	hw_keep(ulp->test, cq, hw_free_cq);
	return cq;
}

static inline struct ib_srq *hw_create_srq(struct hw_ulp *ulp)
{
	struct ib_srq_init_attr attr = {
		.attr = { .max_wr = 15, .max_sge = 1 },
	};
	struct ib_srq *srq = ib_create_srq(ulp->pd, &attr);

	hw_keep(ulp->test, srq, hw_destroy_srq);
	return srq;
}

static inline struct ib_qp *hw_create_qp(struct hw_ulp *ulp,
					 enum ib_qp_type type,
					 struct ib_cq *send_cq,
					 struct ib_cq *recv_cq,
					 struct ib_srq *srq)
{
	struct ib_qp_init_attr attr = {
		.qp_type = type,
		.send_cq = send_cq,
		.recv_cq = recv_cq,
		.srq = srq,
		.cap = { .max_send_wr = 16, .max_recv_wr = srq ? 0 : 16,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct ib_qp *qp = ib_create_qp(ulp->pd, &attr);

	hw_keep(ulp->test, qp, hw_destroy_qp);
	return qp;
}

static inline int hw_modify_qp(struct ib_qp *qp, enum ib_qp_state state)
{
	struct ib_qp_attr attr = { .qp_state = state };

	return ib_modify_qp(qp, &attr, IB_QP_STATE);
}

static inline void hw_wr_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct hw_wr *wr = container_of(wc->wr_cqe, struct hw_wr, cqe);

	wr->status = wc->status;
	WRITE_ONCE(wr->done, wr->done + 1);
}

static inline struct ib_cqe *hw_next_cqe(struct hw_ulp *ulp)
{
	struct hw_wr *wr;

	KUNIT_ASSERT_LT(ulp->test, ulp->posted, HW_MAX_WR);
	wr = &ulp->wr[ulp->posted++];
	wr->cqe.done = hw_wr_done;
	return &wr->cqe;
}

static inline int hw_post_send(struct hw_ulp *ulp, struct ib_qp *qp,
			       int send_flags)
{
	struct ib_ud_wr wr = {
		.wr = {
			.wr_cqe = hw_next_cqe(ulp),
			.opcode = IB_WR_SEND,
			.send_flags = send_flags,
		},
		.ah = ulp->ah,
	};

	return ib_post_send(qp, &wr.wr, NULL);
}

static inline int hw_post_recv(struct hw_ulp *ulp, struct ib_qp *qp)
{
	struct ib_recv_wr wr = { .wr_cqe = hw_next_cqe(ulp) };

	return ib_post_recv(qp, &wr, NULL);
}

/* Post @sends signalled sends, then @recvs receives */
static inline void hw_post(struct hw_ulp *ulp, struct ib_qp *qp,
			   unsigned int sends, unsigned int recvs)
{
	while (sends--)
		KUNIT_ASSERT_EQ(ulp->test, 0,
				hw_post_send(ulp, qp, IB_SEND_SIGNALED));
	while (recvs--)
		KUNIT_ASSERT_EQ(ulp->test, 0, hw_post_recv(ulp, qp));
}

/* How many have completed exactly once, with @status */
static inline unsigned int hw_completed(struct hw_ulp *ulp,
					enum ib_wc_status status)
{
	unsigned int i, n = 0;

	for (i = 0; i < ulp->posted; i++)
		n += READ_ONCE(ulp->wr[i].done) == 1 &&
		     ulp->wr[i].status == status;
	return n;
}

static inline unsigned int hw_flushed(struct hw_ulp *ulp)
{
	return hw_completed(ulp, IB_WC_WR_FLUSH_ERR);
}

static inline void hw_expect_pending(struct hw_ulp *ulp, struct ib_qp *qp,
				     unsigned int sq, unsigned int rq)
{
	struct ib_qp_pending pending = {};

	qp->device->ops.flush_resume(qp, &pending);
	KUNIT_EXPECT_EQ(ulp->test, pending.sq, sq);
	KUNIT_EXPECT_EQ(ulp->test, pending.rq, rq);
}

/* All that its CQs have, by somebody who polls them directly */
static inline void hw_consume(struct ib_qp *qp)
{
	ib_process_cq_direct(qp->recv_cq, -1);
	ib_process_cq_direct(qp->send_cq, -1);
}

/* Of a QP with nothing posted, what is pending is what has not been polled */
static inline void hw_expect_pending_until_polled(struct hw_ulp *ulp,
						  struct ib_qp *qp)
{
	hw_expect_pending(ulp, qp, 0, 0);
	hw_post(ulp, qp, 3, 2);
	hw_expect_pending(ulp, qp, 3, 2);
	KUNIT_EXPECT_EQ(ulp->test, 0, hw_modify_qp(qp, IB_QPS_ERR));
	hw_expect_pending(ulp, qp, 3, 2);
	ib_process_cq_direct(qp->send_cq, 1);
	hw_expect_pending(ulp, qp, 2, 2);
	hw_consume(qp);
	hw_expect_pending(ulp, qp, 0, 0);
}

/* Bounded, so that a drain that hangs fails its case and not the suite */
static inline void hw_expect_drains(struct hw_ulp *ulp, struct ib_qp *qp)
{
	KUNIT_EXPECT_EQ(ulp->test, 0, ib_drain_qp_timeout(qp, HW_PATIENCE));
}

static const enum ib_poll_context hw_poll_contexts[] = {
	IB_POLL_DIRECT, IB_POLL_SOFTIRQ, IB_POLL_WORKQUEUE,
	IB_POLL_UNBOUND_WORKQUEUE,
};

static inline void hw_poll_context_name(const enum ib_poll_context *poll_ctx,
					char *name)
{
	static const char * const names[] = {
		[IB_POLL_DIRECT]	    = "direct",
		[IB_POLL_SOFTIRQ]	    = "softirq",
		[IB_POLL_WORKQUEUE]	    = "workqueue",
		[IB_POLL_UNBOUND_WORKQUEUE] = "unbound workqueue",
	};

	strscpy(name, names[*poll_ctx], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hw_poll_context, hw_poll_contexts, hw_poll_context_name);

#endif /* HW_ULP_H */
