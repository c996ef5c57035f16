// SPDX-License-Identifier: GPL-2.0
/*
 * A consumer of the fake provider: its objects and work requests.
 */
#include <linux/slab.h>

#include "fake_ulp.h"

/*
 * Release in reverse order of creation. After a task got stuck the rest is
 * left to it.
 */
static void ulp_release_device(void *data)
{
	struct ulp *ulp = data;
	struct ulp_wr *wr, *next;

	ulp_join(ulp);
	if (ulp->stuck)
		return;
	if (ulp->pd)
		ib_dealloc_pd(ulp->pd);
	fake_put(ulp->fake);
	list_for_each_entry_safe(wr, next, &ulp->wrs, node)
		kfree(wr);
	kfree(ulp);
}

/**
 * ulp_create() - a device and a consumer for one test case
 * @test: the case
 * @config: what the device shall be
 *
 * Returns: the consumer.
 */
struct ulp *ulp_create(struct kunit *test, const struct fake_config *config)
{
	struct ulp *ulp = kzalloc(sizeof(*ulp), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ulp);
	ulp->test = test;
	INIT_LIST_HEAD(&ulp->wrs);
	INIT_LIST_HEAD(&ulp->tasks);

	ulp->fake = fake_get(config);
	KUNIT_ASSERT_NOT_NULL(test, ulp->fake);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, ulp_release_device,
							   ulp));
	test->priv = ulp;
	return ulp;
}
EXPORT_SYMBOL_GPL(ulp_create);

/* Its protection domain; a consumer without queue pairs needs none */
static struct ib_pd *ulp_get_pd(struct ulp *ulp)
{
	struct ib_pd *pd = ulp->pd ?: ib_alloc_pd(&ulp->fake->ibdev, 0);

	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(pd));
	ulp->pd = pd;
	return pd;
}

static void ulp_release_cq(void *data)
{
	struct ib_cq *cq = data;
	struct ulp *ulp = cq->cq_context;

	ulp_join(ulp);
	if (!ulp->stuck)
		ib_free_cq(cq);
}

struct ib_cq *ulp_alloc_cq(struct ulp *ulp, int nr_cqe,
			   enum ib_poll_context poll_ctx)
{
	struct ib_cq *cq = ib_alloc_cq(&ulp->fake->ibdev, ulp, nr_cqe, 0,
				       poll_ctx);

	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(cq));
	KUNIT_ASSERT_EQ(ulp->test, 0,
			kunit_add_action_or_reset(ulp->test, ulp_release_cq, cq));
	return cq;
}
EXPORT_SYMBOL_GPL(ulp_alloc_cq);

/* Before the end of the case, with all faults as they are */
void ulp_free_cq(struct ulp *ulp, struct ib_cq *cq)
{
	kunit_remove_action(ulp->test, ulp_release_cq, cq);
	ib_free_cq(cq);
}
EXPORT_SYMBOL_GPL(ulp_free_cq);

static void ulp_release_srq(void *data)
{
	struct ib_srq *srq = data;
	struct ulp *ulp = srq->srq_context;

	ulp_join(ulp);
	if (!ulp->stuck)
		ib_destroy_srq(srq);
}

/* For tag matching: its completions have a CQ of their own. NULL: not that */
struct ib_srq *ulp_create_srq_with_cq(struct ulp *ulp, struct ib_cq *cq)
{
	struct ib_srq_init_attr attr = {
		.srq_context = ulp,
		.attr = { .max_wr = ULP_MAX_WR, .max_sge = 1 },
		.srq_type = cq ? IB_SRQT_TM : IB_SRQT_BASIC,
		.ext.cq = cq,
	};
	struct ib_srq *srq = ib_create_srq(ulp_get_pd(ulp), &attr);

	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(srq));
	KUNIT_ASSERT_EQ(ulp->test, 0,
			kunit_add_action_or_reset(ulp->test, ulp_release_srq,
						  srq));
	return srq;
}
EXPORT_SYMBOL_GPL(ulp_create_srq_with_cq);

struct ib_srq *ulp_create_srq(struct ulp *ulp)
{
	return ulp_create_srq_with_cq(ulp, NULL);
}
EXPORT_SYMBOL_GPL(ulp_create_srq);

int ulp_modify_qp(struct ib_qp *qp, enum ib_qp_state state)
{
	struct ib_qp_attr attr = { .qp_state = state };

	return ib_modify_qp(qp, &attr, IB_QP_STATE);
}
EXPORT_SYMBOL_GPL(ulp_modify_qp);

static void ulp_move_qp_to(struct ulp *ulp, struct ib_qp *qp,
			   enum ib_qp_state state)
{
	static const enum ib_qp_state path[] = {
		IB_QPS_INIT, IB_QPS_RTR, IB_QPS_RTS,
	};
	unsigned int i;

	if (state == IB_QPS_RESET)
		return;
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		KUNIT_ASSERT_EQ(ulp->test, 0, ulp_modify_qp(qp, path[i]));
		if (path[i] == state)
			return;
	}
	if (state == IB_QPS_SQE)
		fake_qp_enter_sqe(qp);
	else
		KUNIT_ASSERT_EQ(ulp->test, 0, ulp_modify_qp(qp, state));
}

/* Give a QP a second life */
void ulp_recycle_qp(struct ulp *ulp, struct ib_qp *qp)
{
	KUNIT_ASSERT_EQ(ulp->test, 0, ulp_modify_qp(qp, IB_QPS_RESET));
	ulp_move_qp_to(ulp, qp, IB_QPS_RTS);
}
EXPORT_SYMBOL_GPL(ulp_recycle_qp);

static void ulp_release_qp(void *data)
{
	struct ib_qp *qp = data;
	struct ulp *ulp = qp->qp_context;

	ulp_join(ulp);
	if (!ulp->stuck)
		ib_destroy_qp(qp);
}

/**
 * ulp_create_qp() - create a queue pair
 * @ulp: consumer
 * @attr: type, CQs, SRQ; capabilities that are not set get a default
 * @state: to move it to
 *
 * Returns: the queue pair.
 */
struct ib_qp *ulp_create_qp(struct ulp *ulp, struct ib_qp_init_attr *attr,
			    enum ib_qp_state state)
{
	struct ib_qp *qp;

	attr->qp_context = ulp;
	attr->cap.max_send_wr = attr->cap.max_send_wr ?: ULP_MAX_WR;
	attr->cap.max_recv_wr = attr->cap.max_recv_wr ?: ULP_MAX_WR;
	qp = ib_create_qp(ulp_get_pd(ulp), attr);
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(qp));
	KUNIT_ASSERT_EQ(ulp->test, 0,
			kunit_add_action_or_reset(ulp->test, ulp_release_qp, qp));
	ulp_move_qp_to(ulp, qp, state);
	return qp;
}
EXPORT_SYMBOL_GPL(ulp_create_qp);

/* The QP of most cases: connected and ready to send */
struct ib_qp *ulp_create_rc(struct ulp *ulp, struct ib_cq *send_cq,
			    struct ib_cq *recv_cq)
{
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = send_cq,
		.recv_cq = recv_cq,
	};

	return ulp_create_qp(ulp, &attr, IB_QPS_RTS);
}
EXPORT_SYMBOL_GPL(ulp_create_rc);

/* The same, with a CQ that is for both of its queues and nobody else */
struct ib_qp *ulp_create_rc_and_cq(struct ulp *ulp,
				   enum ib_poll_context poll_ctx)
{
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, poll_ctx);

	return ulp_create_rc(ulp, cq, cq);
}
EXPORT_SYMBOL_GPL(ulp_create_rc_and_cq);

/* Before the end of the case, with all faults as they are */
void ulp_destroy_qp(struct ulp *ulp, struct ib_qp *qp)
{
	kunit_remove_action(ulp->test, ulp_release_qp, qp);
	ib_destroy_qp(qp);
}
EXPORT_SYMBOL_GPL(ulp_destroy_qp);

static bool ulp_may_leave_done(struct ulp *ulp)
{
	return !READ_ONCE(ulp->hold_done) ||
	       atomic_dec_if_positive(&ulp->passes) >= 0;
}

static void ulp_wait_in_done(struct ulp *ulp)
{
	atomic_inc(&ulp->in_done);
	wake_up_all(&ulp->fake->changed);
	if (in_softirq())
		while (!ulp_may_leave_done(ulp))
			cpu_relax();
	else
		wait_event(ulp->fake->changed, ulp_may_leave_done(ulp));
	atomic_dec(&ulp->in_done);
}

void ulp_hold_done(struct ulp *ulp)
{
	atomic_set(&ulp->passes, 0);
	WRITE_ONCE(ulp->hold_done, true);
}
EXPORT_SYMBOL_GPL(ulp_hold_done);

void ulp_release_one_done(struct ulp *ulp)
{
	atomic_inc(&ulp->passes);
	wake_up_all(&ulp->fake->changed);
}
EXPORT_SYMBOL_GPL(ulp_release_one_done);

void ulp_release_done(struct ulp *ulp)
{
	WRITE_ONCE(ulp->hold_done, false);
	wake_up_all(&ulp->fake->changed);
}
EXPORT_SYMBOL_GPL(ulp_release_done);

static void ulp_wr_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct ulp_wr *wr = container_of(wc->wr_cqe, struct ulp_wr, cqe);
	struct ulp *ulp = wr->ulp;

	if (READ_ONCE(ulp->hold_done))
		ulp_wait_in_done(ulp);
	if (wc->status == IB_WC_WR_FLUSH_ERR)
		atomic_inc(&ulp->flushed);
	WRITE_ONCE(wr->done, true);
	atomic_inc(&ulp->done);
	wake_up_all(&ulp->fake->changed);
}

/* A work request that the case posts, or does what it likes with */
struct ulp_wr *ulp_new_wr(struct ulp *ulp)
{
	struct ulp_wr *wr = kzalloc(sizeof(*wr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(ulp->test, wr);
	wr->ulp = ulp;
	wr->cqe.done = ulp_wr_done;
	list_add_tail(&wr->node, &ulp->wrs);
	return wr;
}
EXPORT_SYMBOL_GPL(ulp_new_wr);

void ulp_post(struct ulp *ulp, struct ib_qp *qp, unsigned int sends,
	      unsigned int recvs)
{
	struct ib_send_wr swr = { .opcode = IB_WR_SEND };
	struct ib_recv_wr rwr = {};

	ulp->posted += sends + recvs;
	while (sends--) {
		swr.wr_cqe = &ulp_new_wr(ulp)->cqe;
		KUNIT_ASSERT_EQ(ulp->test, 0, ib_post_send(qp, &swr, NULL));
	}
	while (recvs--) {
		rwr.wr_cqe = &ulp_new_wr(ulp)->cqe;
		KUNIT_ASSERT_EQ(ulp->test, 0, ib_post_recv(qp, &rwr, NULL));
	}
}
EXPORT_SYMBOL_GPL(ulp_post);

/* These are not owed before a QP takes them: not counted as posted */
void ulp_post_srq(struct ulp *ulp, struct ib_srq *srq, unsigned int n)
{
	struct ib_recv_wr wr = {};

	while (n--) {
		wr.wr_cqe = &ulp_new_wr(ulp)->cqe;
		KUNIT_ASSERT_EQ(ulp->test, 0, ib_post_srq_recv(srq, &wr, NULL));
	}
}
EXPORT_SYMBOL_GPL(ulp_post_srq);
