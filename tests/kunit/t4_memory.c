// SPDX-License-Identifier: GPL-2.0
/*
 * A Chelsio adapter that is nothing but memory.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "t4_memory.h"

#define T4_MEMORY_MAX	4096

static struct t4_memory *to_t4_memory(struct ib_device *ibdev)
{
	return container_of(ibdev, struct t4_memory, rhp.ibdev);
}

static int t4_memory_alloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	to_c4iw_pd(ibpd)->rhp = to_c4iw_dev(ibpd->device);
	return 0;
}

static int t4_memory_dealloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	return 0;
}

static int t4_memory_query_port(struct ib_device *ibdev, u32 port,
				struct ib_port_attr *attr)
{
	attr->gid_tbl_len = 1;
	attr->state = IB_PORT_ACTIVE;
	return 0;
}

/* The CQ is laid out as create_cq() of iw_cxgb4 does it */
static int t4_memory_create_cq(struct ib_cq *ibcq,
			       const struct ib_cq_init_attr *attr,
			       struct uverbs_attr_bundle *attrs)
{
	struct t4_memory *mem = to_t4_memory(ibcq->device);
	struct c4iw_cq *chp = to_c4iw_cq(ibcq);
	struct t4_cq *cq = &chp->cq;
	unsigned int entries = max(64, roundup(attr->cqe + 2, 16) * 2);

	cq->memsize = entries * sizeof(*cq->queue);
	cq->queue = kzalloc(cq->memsize, GFP_KERNEL);
	cq->sw_queue = kzalloc(cq->memsize, GFP_KERNEL);
	if (!cq->queue || !cq->sw_queue) {
		kfree(cq->queue);
		kfree(cq->sw_queue);
		return -ENOMEM;
	}
	cq->qp_errp = &((struct t4_status_page *)&cq->queue[entries - 1])->qp_err;
	cq->size = entries - 1;
	cq->gen = 1;
	cq->gts = (void __force __iomem *)&mem->doorbell;
	cq->rdev = &mem->rhp.rdev;
	cq->cqid = mem->next_qid++;

	ibcq->cqe = attr->cqe;
	chp->rhp = &mem->rhp;
	spin_lock_init(&chp->lock);
	spin_lock_init(&chp->comp_handler_lock);
	refcount_set(&chp->refcnt, 1);
	container_of(chp, struct t4_memory_cq, chp)->hw_gen = 1;
	return 0;
}

static int t4_memory_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	struct t4_cq *cq = &to_c4iw_cq(ibcq)->cq;

	kfree(cq->queue);
	kfree(cq->sw_queue);
	return 0;
}

static int t4_memory_create_srq(struct ib_srq *ibsrq,
				struct ib_srq_init_attr *attr,
				struct ib_udata *udata)
{
	struct c4iw_srq *srq = to_c4iw_srq(ibsrq);

	srq->rhp = to_c4iw_dev(ibsrq->device);
	srq->wq.size = attr->attr.max_wr + 1;
	spin_lock_init(&srq->lock);
	return 0;
}

static int t4_memory_destroy_srq(struct ib_srq *ibsrq, struct ib_udata *udata)
{
	return 0;
}

static void t4_memory_free_wq(struct t4_wq *wq)
{
	kfree(wq->sq.queue);
	kfree(wq->sq.sw_sq);
	kfree(wq->rq.queue);
	kfree(wq->rq.sw_rq);
}

/* One more slot than WRs, and one for the status page behind the queue */
static int t4_memory_alloc_wq(struct t4_memory *mem, struct t4_wq *wq,
			      const struct ib_qp_init_attr *attr)
{
	wq->sq.size = attr->cap.max_send_wr + 1;
	wq->sq.queue = kcalloc(wq->sq.size + 1, sizeof(*wq->sq.queue),
			       GFP_KERNEL);
	wq->sq.sw_sq = kcalloc(wq->sq.size, sizeof(*wq->sq.sw_sq), GFP_KERNEL);
	if (!wq->sq.queue || !wq->sq.sw_sq)
		goto err;
	wq->sq.flush_cidx = -1;
	wq->sq.qid = mem->next_qid++;
	wq->qp_errp = &wq->sq.queue[wq->sq.size].status.qp_err;
	wq->db = (void __force __iomem *)&mem->doorbell;
	wq->rdev = &mem->rhp.rdev;
	if (attr->srq)
		return 0;

	wq->rq.size = attr->cap.max_recv_wr + 1;
	wq->rq.queue = kcalloc(wq->rq.size + 1, sizeof(*wq->rq.queue),
			       GFP_KERNEL);
	wq->rq.sw_rq = kcalloc(wq->rq.size, sizeof(*wq->rq.sw_rq), GFP_KERNEL);
	if (!wq->rq.queue || !wq->rq.sw_rq)
		goto err;
	wq->rq.qid = mem->next_qid++;
	wq->rq.msn = 1;
	wq->qp_errp = &wq->rq.queue[wq->rq.size].status.qp_err;
	return 0;

err:
	t4_memory_free_wq(wq);
	return -ENOMEM;
}

static int t4_memory_create_qp(struct ib_qp *ibqp,
			       struct ib_qp_init_attr *attr,
			       struct ib_udata *udata)
{
	struct t4_memory *mem = to_t4_memory(ibqp->device);
	struct c4iw_qp *qhp = to_c4iw_qp(ibqp);
	int ret;

	ret = t4_memory_alloc_wq(mem, &qhp->wq, attr);
	if (ret)
		return ret;

	qhp->rhp = &mem->rhp;
	qhp->srq = attr->srq ? to_c4iw_srq(attr->srq) : NULL;
	qhp->attr.state = C4IW_QP_STATE_IDLE;
	spin_lock_init(&qhp->lock);
	mutex_init(&qhp->mutex);
	init_waitqueue_head(&qhp->wait);
	INIT_LIST_HEAD(&qhp->db_fc_entry);
	ibqp->qp_num = qhp->wq.sq.qid;
	return xa_insert_irq(&mem->rhp.qps, ibqp->qp_num, qhp, GFP_KERNEL);
}

static int t4_memory_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct c4iw_qp *qhp = to_c4iw_qp(ibqp);

	xa_erase_irq(&qhp->rhp->qps, ibqp->qp_num);
	t4_memory_free_wq(&qhp->wq);
	return 0;
}

/* What would talk to the firmware, in the place of iw_cxgb4's */
static const struct ib_device_ops t4_memory_ops = {
	.alloc_pd = t4_memory_alloc_pd,
	.create_cq = t4_memory_create_cq,
	.create_qp = t4_memory_create_qp,
	.create_srq = t4_memory_create_srq,
	.dealloc_pd = t4_memory_dealloc_pd,
	.destroy_cq = t4_memory_destroy_cq,
	.destroy_qp = t4_memory_destroy_qp,
	.destroy_srq = t4_memory_destroy_srq,
	.query_port = t4_memory_query_port,

	INIT_RDMA_OBJ_SIZE(ib_cq, t4_memory_cq, chp.ibcq),
	INIT_RDMA_OBJ_SIZE(ib_pd, c4iw_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_qp, c4iw_qp, ibqp),
	INIT_RDMA_OBJ_SIZE(ib_srq, c4iw_srq, ibsrq),
};

/* What the suite is about: iw_cxgb4's own verbs. No client gets interested. */
static void t4_memory_set_ops(struct ib_device *ibdev)
{
	const struct ib_device_ops ops = {
		.flush_resume = c4iw_dev_ops.flush_resume,
		.get_port_immutable = c4iw_dev_ops.get_port_immutable,
		.modify_qp = c4iw_dev_ops.modify_qp,
		.poll_cq = c4iw_dev_ops.poll_cq,
		.post_recv = c4iw_dev_ops.post_recv,
		.post_send = c4iw_dev_ops.post_send,
		.query_device = c4iw_dev_ops.query_device,
		.query_gid = c4iw_dev_ops.query_gid,
		.query_qp = c4iw_dev_ops.query_qp,
		.req_notify_cq = c4iw_dev_ops.req_notify_cq,
	};

	ib_set_device_ops(ibdev, &t4_memory_ops);
	ib_set_device_ops(ibdev, &ops);
}

static void t4_memory_free(struct t4_memory *mem)
{
	kfree(mem->pdev);
	ib_dealloc_device(&mem->rhp.ibdev);
}

static void t4_memory_destroy(void *data)
{
	struct t4_memory *mem = data;

	ib_unregister_device(&mem->rhp.ibdev);
	t4_memory_free(mem);
}

/**
 * t4_memory_create() - create and register the device for one test case
 * @test: the case; the device goes with it
 *
 * Returns: the device. A failure ends the case.
 */
struct t4_memory *t4_memory_create(struct kunit *test)
{
	struct c4iw_rdev *rdev;
	struct t4_memory *mem;
	int ret;

	mem = ib_alloc_device(t4_memory, rhp.ibdev);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	mem->pdev = kzalloc(sizeof(*mem->pdev), GFP_KERNEL);
	mem->port = init_net.loopback_dev;
	mem->resources.stag.size = T4_MEMORY_MAX;
	mem->resources.qp.size = T4_MEMORY_MAX;
	mem->next_qid = 1;

	xa_init_flags(&mem->rhp.cqs, XA_FLAGS_LOCK_IRQ);
	xa_init_flags(&mem->rhp.qps, XA_FLAGS_LOCK_IRQ);
	INIT_LIST_HEAD(&mem->rhp.db_fc_list);
	rdev = &mem->rhp.rdev;
	rdev->status_page = &mem->status_page;
	rdev->lldi.adapter_type = CHELSIO_CHIP_CODE(CHELSIO_T6, 0);
	rdev->lldi.pdev = mem->pdev;
	rdev->lldi.ports = &mem->port;
	rdev->lldi.vr = &mem->resources;
	rdev->hw_queue.t4_max_qp_depth = T4_MEMORY_MAX;
	rdev->hw_queue.t4_max_cq_depth = T4_MEMORY_MAX;

	mem->rhp.ibdev.node_type = RDMA_NODE_RNIC;
	mem->rhp.ibdev.phys_port_cnt = 1;
	mem->rhp.ibdev.num_comp_vectors = 1;
	t4_memory_set_ops(&mem->rhp.ibdev);

	ret = mem->pdev ? 0 : -ENOMEM;
	if (!ret)
		ret = ib_device_set_netdev(&mem->rhp.ibdev, mem->port, 1);
	if (!ret)
		ret = ib_register_device(&mem->rhp.ibdev, "t4_memory%d", NULL);
	if (ret)
		t4_memory_free(mem);
	KUNIT_ASSERT_EQ(test, 0, ret);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   t4_memory_destroy,
							   mem));
	return mem;
}

/**
 * t4_memory_connect() - put a QP into a state with a connection
 * @test: the case
 * @ibqp: QP in IDLE
 * @state: RTS, CLOSING or TERMINATE
 */
void t4_memory_connect(struct kunit *test, struct ib_qp *ibqp,
		       enum c4iw_qp_state state)
{
	struct c4iw_qp *qhp = to_c4iw_qp(ibqp);
	struct c4iw_ep *ep = kunit_kzalloc(test, sizeof(*ep), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ep);
	/* A reference that nobody drops: the case owns the memory */
	kref_init(&ep->com.kref);
	kref_get(&ep->com.kref);
	kref_get(&ep->com.kref);
	mutex_init(&ep->com.mutex);
	ep->com.dev = qhp->rhp;
	ep->com.state = FPDU_MODE;
	ep->hwtid = -1;
	qhp->ep = ep;
	qhp->attr.state = state;
}

static void t4_memory_write_cqe(struct ib_cq *ibcq, const struct t4_cqe *from)
{
	struct c4iw_cq *chp = to_c4iw_cq(ibcq);
	struct t4_memory_cq *cq = container_of(chp, struct t4_memory_cq, chp);
	struct t4_cqe *cqe = &chp->cq.queue[cq->hw_pidx];
	unsigned long flags;

	spin_lock_irqsave(&chp->lock, flags);
	*cqe = *from;
	cqe->bits_type_ts = cpu_to_be64(CQE_GENBIT_V((u64)cq->hw_gen));
	if (++cq->hw_pidx == chp->cq.size) {
		cq->hw_pidx = 0;
		cq->hw_gen ^= 1;
	}
	spin_unlock_irqrestore(&chp->lock, flags);
}

/* The adapter has executed the send in slot @idx of the SQ */
void t4_memory_complete_send(struct ib_qp *ibqp, u16 idx)
{
	struct t4_cqe cqe = {
		.header = cpu_to_be32(CQE_OPCODE_V(FW_RI_SEND) |
				      CQE_TYPE_V(1) |
				      CQE_QPID_V(ibqp->qp_num)),
	};

	CQE_WRID_SQ_IDX(&cqe) = idx;
	t4_memory_write_cqe(ibqp->send_cq, &cqe);
}

/* The adapter has received message number @msn, counted from 1 */
void t4_memory_complete_recv(struct ib_qp *ibqp, u32 msn)
{
	struct t4_cqe cqe = {
		.header = cpu_to_be32(CQE_OPCODE_V(FW_RI_SEND) |
				      CQE_TYPE_V(0) |
				      CQE_QPID_V(ibqp->qp_num)),
		.u.rcqe.msn = cpu_to_be32(msn),
	};

	t4_memory_write_cqe(ibqp->recv_cq, &cqe);
}
