// SPDX-License-Identifier: GPL-2.0
/*
 * A ConnectX-3 that is nothing but memory.
 */
#include <linux/log2.h>
#include <linux/mlx4/cq.h>
#include <linux/mlx4/qp.h>
#include <linux/slab.h>

#include "mlx4_memory.h"

#define MLX4_MEMORY_MAX		4096
#define MLX4_MEMORY_QPS		1024	/* a power of two */
#define MLX4_MEMORY_SQ_SHIFT	8
#define MLX4_MEMORY_RQ_SHIFT	6

static struct mlx4_memory *to_mlx4_memory(struct ib_device *ibdev)
{
	return container_of(ibdev, struct mlx4_memory, ibdev.ib_dev);
}

static struct mlx4_memory_cq *to_memory_cq(struct ib_cq *ibcq)
{
	return container_of(ibcq, struct mlx4_memory_cq, cq.ibcq);
}

static struct mlx4_memory_qp *to_memory_qp(struct ib_qp *ibqp)
{
	return container_of(ibqp, struct mlx4_memory_qp, qp.ibqp);
}

static bool mlx4_memory_is_dead(struct mlx4_memory *mem)
{
	return READ_ONCE(mem->persist.state) & MLX4_DEVICE_STATE_INTERNAL_ERROR;
}

/*
 * Life and death
 */

/**
 * mlx4_memory_die() - what mlx4_core and mlx4_ib do on a catastrophic error
 * @mem: the device, which has just been reset
 */
void mlx4_memory_die(struct mlx4_memory *mem)
{
	mem->persist.state |= MLX4_DEVICE_STATE_INTERNAL_ERROR;
	if (!mem->removed)
		mlx4_ib_handle_catas_error(&mem->ibdev);
}

static void mlx4_memory_death(struct work_struct *work)
{
	mlx4_memory_die(container_of(work, struct mlx4_memory, death));
}

/*
 * The hardware
 */

static void mlx4_memory_write_flush(struct mlx4_memory_cq *mcq, u32 qpn,
				    unsigned int index, bool send)
{
	struct ib_cq *ibcq = &mcq->cq.ibcq;
	struct mlx4_err_cqe *cqe;
	unsigned long flags;

	spin_lock_irqsave(&mcq->cq.lock, flags);
	cqe = mlx4_buf_offset(&mcq->cq.buf.buf, mcq->cq.buf.entry_size *
			      (mcq->prod_index & ibcq->cqe));
	cqe->my_qpn = cpu_to_be32(qpn);
	cqe->wqe_index = cpu_to_be16(index & U16_MAX);
	cqe->syndrome = MLX4_CQE_SYNDROME_WR_FLUSH_ERR;
	cqe->vendor_err_syndrome = 0;
	cqe->owner_sr_opcode = MLX4_CQE_OPCODE_ERROR |
		(send ? MLX4_CQE_IS_SEND_MASK : 0) |
		(mcq->prod_index & (ibcq->cqe + 1) ? MLX4_CQE_OWNER_MASK : 0);
	mcq->prod_index++;
	spin_unlock_irqrestore(&mcq->cq.lock, flags);

	if (ibcq->poll_ctx != IB_POLL_DIRECT)
		mcq->cq.mcq.comp(&mcq->cq.mcq);
}

/* Flush what has been posted to a QP in ERR */
static void mlx4_memory_flush(struct ib_qp *ibqp)
{
	struct mlx4_memory *mem = to_mlx4_memory(ibqp->device);
	struct mlx4_memory_qp *mqp = to_memory_qp(ibqp);

	if (mqp->state != IB_QPS_ERR || mem->hung || mlx4_memory_is_dead(mem))
		return;
	while (mqp->sq_done != mqp->qp.sq.head)
		mlx4_memory_write_flush(to_memory_cq(ibqp->send_cq),
					ibqp->qp_num, mqp->sq_done++, true);
	while (mqp->rq_done != mqp->qp.rq.head)
		mlx4_memory_write_flush(to_memory_cq(ibqp->recv_cq),
					ibqp->qp_num, mqp->rq_done++, false);
}

static void mlx4_memory_last_wqe(struct ib_qp *ibqp)
{
	struct ib_event event = {
		.device = ibqp->device,
		.event = IB_EVENT_QP_LAST_WQE_REACHED,
		.element.qp = ibqp,
	};

	if (!to_mlx4_memory(ibqp->device)->hung)
		ibqp->event_handler(&event, ibqp->qp_context);
}

static void mlx4_memory_posted(struct ib_qp *ibqp)
{
	struct mlx4_memory *mem = to_mlx4_memory(ibqp->device);

	mlx4_memory_flush(ibqp);
	if (to_memory_qp(ibqp)->state == IB_QPS_ERR && mem->die_after &&
	    !--mem->die_after)
		schedule_work(&mem->death);
}

static int mlx4_memory_post_send(struct ib_qp *ibqp,
				 const struct ib_send_wr *wr,
				 const struct ib_send_wr **bad_wr)
{
	int ret = mlx4_ib_dev_ops.post_send(ibqp, wr, bad_wr);

	mlx4_memory_posted(ibqp);
	return ret;
}

static int mlx4_memory_post_recv(struct ib_qp *ibqp,
				 const struct ib_recv_wr *wr,
				 const struct ib_recv_wr **bad_wr)
{
	int ret = mlx4_ib_dev_ops.post_recv(ibqp, wr, bad_wr);

	mlx4_memory_posted(ibqp);
	return ret;
}

/*
 * What would be commands
 */

static int mlx4_memory_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr,
				 int attr_mask, struct ib_udata *udata)
{
	struct mlx4_memory_qp *mqp = to_memory_qp(ibqp);

	if (mlx4_memory_is_dead(to_mlx4_memory(ibqp->device)))
		return -EIO;
	if (!(attr_mask & IB_QP_STATE))
		return 0;
	if (mqp->state == IB_QPS_RESET && attr->qp_state == IB_QPS_ERR)
		return -EINVAL;
	mqp->state = attr->qp_state;
	mlx4_memory_flush(ibqp);
	if (mqp->state == IB_QPS_ERR && ibqp->srq)
		mlx4_memory_last_wqe(ibqp);
	return 0;
}

static int mlx4_memory_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr,
				int attr_mask,
				struct ib_qp_init_attr *init_attr)
{
	if (mlx4_memory_is_dead(to_mlx4_memory(ibqp->device)))
		return -EINVAL;
	attr->qp_state = to_memory_qp(ibqp)->state;
	return 0;
}

/*
 * Objects, laid out as mlx4_ib does it
 */

static int mlx4_memory_alloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	return 0;
}

static int mlx4_memory_dealloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	return 0;
}

static void mlx4_memory_comp(struct mlx4_cq *mcq)
{
	struct ib_cq *ibcq = &to_mibcq(mcq)->ibcq;

	ibcq->comp_handler(ibcq, ibcq->cq_context);
}

static int mlx4_memory_create_cq(struct ib_cq *ibcq,
				 const struct ib_cq_init_attr *attr,
				 struct uverbs_attr_bundle *attrs)
{
	unsigned int entries = roundup_pow_of_two(attr->cqe + 1);
	struct mlx4_memory_cq *mcq = to_memory_cq(ibcq);
	struct mlx4_ib_cq *cq = &mcq->cq;

	cq->buf.entry_size = sizeof(struct mlx4_cqe);
	cq->buf.buf.nbufs = 1;
	cq->buf.buf.direct.buf = kmalloc_array(entries, cq->buf.entry_size,
					       GFP_KERNEL);
	if (!cq->buf.buf.direct.buf)
		return -ENOMEM;
	/* All entries belong to the hardware */
	memset(cq->buf.buf.direct.buf, 0xcc, entries * cq->buf.entry_size);

	ibcq->cqe = entries - 1;
	spin_lock_init(&cq->lock);
	INIT_LIST_HEAD(&cq->send_qp_list);
	INIT_LIST_HEAD(&cq->recv_qp_list);
	cq->mcq.set_ci_db = &mcq->db[0];
	cq->mcq.arm_db = &mcq->db[1];
	cq->mcq.comp = mlx4_memory_comp;
	return 0;
}

static int mlx4_memory_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	kfree(to_mcq(ibcq)->buf.buf.direct.buf);
	return 0;
}

static int mlx4_memory_create_srq(struct ib_srq *ibsrq,
				  struct ib_srq_init_attr *attr,
				  struct ib_udata *udata)
{
	spin_lock_init(&to_msrq(ibsrq)->lock);
	return 0;
}

static int mlx4_memory_destroy_srq(struct ib_srq *ibsrq, struct ib_udata *udata)
{
	return 0;
}

static void mlx4_memory_free_queues(struct mlx4_ib_qp *qp)
{
	kfree(qp->buf.direct.buf);
	kfree(qp->sq.wrid);
	kfree(qp->rq.wrid);
}

static int mlx4_memory_alloc_queues(struct mlx4_ib_qp *qp,
				    const struct ib_qp_init_attr *attr)
{
	spin_lock_init(&qp->sq.lock);
	qp->sq_spare_wqes = 1;
	qp->sq.wqe_cnt = roundup_pow_of_two(attr->cap.max_send_wr +
					    qp->sq_spare_wqes);
	qp->sq.max_post = qp->sq.wqe_cnt - qp->sq_spare_wqes;
	qp->sq.max_gs = 1;
	qp->sq.wqe_shift = MLX4_MEMORY_SQ_SHIFT;

	spin_lock_init(&qp->rq.lock);
	if (!attr->srq) {
		qp->rq.wqe_cnt = roundup_pow_of_two(attr->cap.max_recv_wr);
		qp->rq.max_post = qp->rq.wqe_cnt;
		qp->rq.max_gs = 1;
		qp->rq.wqe_shift = MLX4_MEMORY_RQ_SHIFT;
		qp->rq.offset = qp->sq.wqe_cnt << MLX4_MEMORY_SQ_SHIFT;
	}

	qp->buf.nbufs = 1;
	qp->buf.direct.buf = kzalloc((qp->sq.wqe_cnt << MLX4_MEMORY_SQ_SHIFT) +
				     (qp->rq.wqe_cnt << MLX4_MEMORY_RQ_SHIFT),
				     GFP_KERNEL);
	qp->sq.wrid = kcalloc(qp->sq.wqe_cnt, sizeof(u64), GFP_KERNEL);
	qp->rq.wrid = kcalloc(qp->rq.wqe_cnt, sizeof(u64), GFP_KERNEL);
	if (qp->buf.direct.buf && qp->sq.wrid && qp->rq.wrid)
		return 0;
	mlx4_memory_free_queues(qp);
	return -ENOMEM;
}

static int mlx4_memory_create_qp(struct ib_qp *ibqp,
				 struct ib_qp_init_attr *attr,
				 struct ib_udata *udata)
{
	struct mlx4_memory *mem = to_mlx4_memory(ibqp->device);
	struct mlx4_memory_qp *mqp = to_memory_qp(ibqp);
	struct mlx4_ib_qp *qp = &mqp->qp;
	int ret;

	ret = mlx4_memory_alloc_queues(qp, attr);
	if (ret)
		return ret;
	qp->mqp.qpn = mem->next_qpn++;
	ret = radix_tree_insert(&mem->dev.qp_table_tree, qp->mqp.qpn,
				&qp->mqp);
	if (ret) {
		mlx4_memory_free_queues(qp);
		return ret;
	}

	ibqp->qp_num = qp->mqp.qpn;
	qp->mlx4_ib_qp_type = (enum mlx4_ib_qp_type)attr->qp_type;
	qp->db.db = &mqp->db;
	mqp->state = IB_QPS_RESET;

	spin_lock_irq(&mem->ibdev.reset_flow_resource_lock);
	list_add_tail(&qp->qps_list, &mem->ibdev.qp_list);
	list_add_tail(&qp->cq_send_list, &to_mcq(attr->send_cq)->send_qp_list);
	list_add_tail(&qp->cq_recv_list, &to_mcq(attr->recv_cq)->recv_qp_list);
	spin_unlock_irq(&mem->ibdev.reset_flow_resource_lock);
	return 0;
}

static int mlx4_memory_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct mlx4_memory *mem = to_mlx4_memory(ibqp->device);
	struct mlx4_ib_qp *qp = to_mqp(ibqp);

	flush_work(&mem->death);
	spin_lock_irq(&mem->ibdev.reset_flow_resource_lock);
	list_del(&qp->qps_list);
	list_del(&qp->cq_send_list);
	list_del(&qp->cq_recv_list);
	spin_unlock_irq(&mem->ibdev.reset_flow_resource_lock);
	radix_tree_delete(&mem->dev.qp_table_tree, qp->mqp.qpn);
	mlx4_memory_free_queues(qp);
	return 0;
}

/* Both queues of a fresh QP begin at @index, which wraps around some day */
void mlx4_memory_start_at(struct ib_qp *ibqp, unsigned int index)
{
	struct mlx4_memory_qp *mqp = to_memory_qp(ibqp);

	mqp->sq_done = index;
	mqp->rq_done = index;
	mqp->qp.sq.head = index;
	mqp->qp.sq.tail = index;
	mqp->qp.sq_next_wqe = index;
	mqp->qp.rq.head = index;
	mqp->qp.rq.tail = index;
}

/*
 * The device
 */

static int mlx4_memory_query_device(struct ib_device *ibdev,
				    struct ib_device_attr *attr,
				    struct ib_udata *udata)
{
	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY;
	attr->max_cqe = MLX4_MEMORY_MAX;
	attr->max_qp_wr = MLX4_MEMORY_MAX;
	return 0;
}

static int mlx4_memory_query_port(struct ib_device *ibdev, u32 port,
				  struct ib_port_attr *attr)
{
	attr->gid_tbl_len = 1;
	attr->pkey_tbl_len = 1;
	attr->state = IB_PORT_ACTIVE;
	return 0;
}

/* No MAD, SA or CM: the core and its clients have no business here */
static int mlx4_memory_port_immutable(struct ib_device *ibdev, u32 port,
				      struct ib_port_immutable *immutable)
{
	immutable->core_cap_flags = RDMA_CORE_CAP_PROT_ROCE_UDP_ENCAP;
	immutable->gid_tbl_len = 1;
	immutable->pkey_tbl_len = 1;
	return 0;
}

static enum rdma_link_layer mlx4_memory_link_layer(struct ib_device *ibdev,
						   u32 port)
{
	return IB_LINK_LAYER_ETHERNET;
}

static int mlx4_memory_query_gid(struct ib_device *ibdev, u32 port, int index,
				 union ib_gid *gid)
{
	memset(gid, 0, sizeof(*gid));
	gid->global.interface_id = cpu_to_be64(1);
	return 0;
}

static int mlx4_memory_query_pkey(struct ib_device *ibdev, u32 port, u16 index,
				  u16 *pkey)
{
	*pkey = IB_DEFAULT_PKEY_FULL;
	return 0;
}

/* What would be commands, in the place of mlx4_ib's */
static const struct ib_device_ops mlx4_memory_ops = {
	.alloc_pd = mlx4_memory_alloc_pd,
	.create_cq = mlx4_memory_create_cq,
	.create_qp = mlx4_memory_create_qp,
	.create_srq = mlx4_memory_create_srq,
	.dealloc_pd = mlx4_memory_dealloc_pd,
	.destroy_cq = mlx4_memory_destroy_cq,
	.destroy_qp = mlx4_memory_destroy_qp,
	.destroy_srq = mlx4_memory_destroy_srq,
	.get_link_layer = mlx4_memory_link_layer,
	.get_port_immutable = mlx4_memory_port_immutable,
	.modify_qp = mlx4_memory_modify_qp,
	.post_recv = mlx4_memory_post_recv,
	.post_send = mlx4_memory_post_send,
	.query_device = mlx4_memory_query_device,
	.query_gid = mlx4_memory_query_gid,
	.query_pkey = mlx4_memory_query_pkey,
	.query_port = mlx4_memory_query_port,
	.query_qp = mlx4_memory_query_qp,

	INIT_RDMA_OBJ_SIZE(ib_cq, mlx4_memory_cq, cq.ibcq),
	INIT_RDMA_OBJ_SIZE(ib_pd, mlx4_ib_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_qp, mlx4_memory_qp, qp.ibqp),
	INIT_RDMA_OBJ_SIZE(ib_srq, mlx4_ib_srq, ibsrq),
};

/* What the suite is about: mlx4_ib's own verbs. No client gets interested. */
static void mlx4_memory_set_ops(struct ib_device *ibdev)
{
	const struct ib_device_ops ops = {
		.drain_rq = mlx4_ib_dev_ops.drain_rq,
		.drain_sq = mlx4_ib_dev_ops.drain_sq,
		.flush_resume = mlx4_ib_dev_ops.flush_resume,
		.poll_cq = mlx4_ib_dev_ops.poll_cq,
		.post_srq_recv = mlx4_ib_dev_ops.post_srq_recv,
		.req_notify_cq = mlx4_ib_dev_ops.req_notify_cq,
	};

	ib_set_device_ops(ibdev, &mlx4_memory_ops);
	ib_set_device_ops(ibdev, &ops);
}

static void mlx4_memory_free(struct mlx4_memory *mem)
{
	kfree(mem->uar);
	ib_dealloc_device(&mem->ibdev.ib_dev);
}

static void mlx4_memory_destroy(void *data)
{
	struct mlx4_memory *mem = data;

	flush_work(&mem->death);
	ib_unregister_device(&mem->ibdev.ib_dev);
	mlx4_memory_free(mem);
}

/**
 * mlx4_memory_create() - create and register the device for one test case
 * @test: the case; the device goes with it
 *
 * Returns: the device. A failure ends the case.
 */
struct mlx4_memory *mlx4_memory_create(struct kunit *test)
{
	struct mlx4_memory *mem;
	int ret;

	mem = ib_alloc_device(mlx4_memory, ibdev.ib_dev);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	mem->uar = kzalloc(PAGE_SIZE, GFP_KERNEL);
	mem->next_qpn = 1;
	INIT_WORK(&mem->death, mlx4_memory_death);

	mem->dev.persist = &mem->persist;
	mem->dev.caps.num_qps = MLX4_MEMORY_QPS;
	INIT_RADIX_TREE(&mem->dev.qp_table_tree, GFP_KERNEL);
	mem->ibdev.dev = &mem->dev;
	mem->ibdev.uar_map = (void __force __iomem *)mem->uar;
	INIT_LIST_HEAD(&mem->ibdev.qp_list);
	spin_lock_init(&mem->ibdev.reset_flow_resource_lock);
	MLX4_INIT_DOORBELL_LOCK(&mem->ibdev.uar_lock);

	mem->ibdev.ib_dev.node_type = RDMA_NODE_IB_CA;
	mem->ibdev.ib_dev.phys_port_cnt = 1;
	mem->ibdev.ib_dev.num_comp_vectors = 1;
	mlx4_memory_set_ops(&mem->ibdev.ib_dev);

	ret = mem->uar ? 0 : -ENOMEM;
	if (!ret)
		ret = ib_register_device(&mem->ibdev.ib_dev, "mlx4_memory%d",
					 NULL);
	if (ret)
		mlx4_memory_free(mem);
	KUNIT_ASSERT_EQ(test, 0, ret);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   mlx4_memory_destroy,
							   mem));
	return mem;
}
