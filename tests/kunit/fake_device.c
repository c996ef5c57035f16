// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: the device, from registration to death.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <rdma/ib_mad.h>

#include "fake_priv.h"

#define FAKE_MAX_WR	4096

static int fake_query_device(struct ib_device *ibdev,
			     struct ib_device_attr *attr,
			     struct ib_udata *udata)
{
	struct fake_device *fake = to_fake(ibdev);
	const struct fake_config *config = &fake->config;
	int ret;

	ret = fake_fault(fake, FAKE_QUERY_DEVICE);
	if (ret)
		return ret;

	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY;
	if (config->flush_complete)
		attr->kernel_cap_flags |= IBK_FLUSH_COMPLETE;
	attr->max_qp = FAKE_MAX_WR;
	attr->max_qp_wr = FAKE_MAX_WR;
	attr->max_cq = FAKE_MAX_WR;
	attr->max_cqe = FAKE_MAX_WR;
	attr->max_srq = FAKE_MAX_WR;
	attr->max_srq_wr = FAKE_MAX_WR;
	attr->max_pd = FAKE_MAX_WR;
	attr->max_ah = fake->max_ah;
	attr->max_send_sge = 1;
	attr->max_recv_sge = 1;
	attr->max_pkeys = 1;
	return 0;
}

static int fake_query_port(struct ib_device *ibdev, u32 port,
			   struct ib_port_attr *attr)
{
	attr->state = IB_PORT_ACTIVE;
	attr->phys_state = IB_PORT_PHYS_STATE_LINK_UP;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = IB_MTU_4096;
	attr->active_width = IB_WIDTH_1X;
	attr->active_speed = IB_SPEED_SDR;
	attr->gid_tbl_len = 4;
	attr->pkey_tbl_len = to_fake(ibdev)->config.transport != FAKE_IWARP;
	attr->max_msg_sz = U32_MAX;
	return 0;
}

/* No MAD, SA or CM: the core and its clients have no business here */
static int fake_get_port_immutable(struct ib_device *ibdev, u32 port,
				   struct ib_port_immutable *immutable)
{
	static const u32 caps[] = {
		[FAKE_IB]    = RDMA_CORE_CAP_PROT_IB,
		[FAKE_ROCE]  = RDMA_CORE_CAP_PROT_ROCE_UDP_ENCAP,
		[FAKE_IWARP] = RDMA_CORE_PORT_IWARP,
	};
	struct ib_port_attr attr = {};

	fake_query_port(ibdev, port, &attr);
	immutable->gid_tbl_len = attr.gid_tbl_len;
	immutable->pkey_tbl_len = attr.pkey_tbl_len;
	immutable->core_cap_flags = caps[to_fake(ibdev)->config.transport];
	return 0;
}

static enum rdma_link_layer fake_get_link_layer(struct ib_device *ibdev,
						u32 port)
{
	return to_fake(ibdev)->config.transport == FAKE_IB ?
		IB_LINK_LAYER_INFINIBAND : IB_LINK_LAYER_ETHERNET;
}

static int fake_query_gid(struct ib_device *ibdev, u32 port, int index,
			  union ib_gid *gid)
{
	memset(gid, 0, sizeof(*gid));
	gid->global.interface_id = cpu_to_be64(index + 1);
	return 0;
}

static int fake_query_pkey(struct ib_device *ibdev, u32 port, u16 index,
			   u16 *pkey)
{
	*pkey = IB_DEFAULT_PKEY_FULL;
	return 0;
}

static int fake_alloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	return fake_create_object(to_fake(ibpd->device), FAKE_ALLOC_PD);
}

static int fake_dealloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	return fake_release_object(to_fake(ibpd->device), FAKE_DEALLOC_PD,
				   container_of(ibpd, struct fake_pd, ibpd));
}

static struct ib_mr *fake_alloc_mr(struct ib_pd *ibpd, enum ib_mr_type type,
				   u32 max_num_sg)
{
	struct fake_mr *mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	int ret;

	if (!mr)
		return ERR_PTR(-ENOMEM);
	ret = fake_create_object(to_fake(ibpd->device), FAKE_ALLOC_MR);
	if (ret) {
		kfree(mr);
		return ERR_PTR(ret);
	}
	return &mr->ibmr;
}

static int fake_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata)
{
	struct fake_mr *mr = container_of(ibmr, struct fake_mr, ibmr);
	int ret;

	ret = fake_release_object(to_fake(ibmr->device), FAKE_DEREG_MR, mr);
	if (!ret)
		kfree(mr);
	return ret;
}

/*
 * Without get_dma_mr and reg_user_mr the device is none for ULPs, and no
 * client but the core's own comes near it.
 */
static const struct ib_device_ops fake_ops = {
	.owner = THIS_MODULE,
	.driver_id = RDMA_DRIVER_UNKNOWN,
	.alloc_mr = fake_alloc_mr,
	.alloc_pd = fake_alloc_pd,
	.create_cq = fake_create_cq,
	.create_qp = fake_create_qp,
	.create_srq = fake_create_srq,
	.dealloc_pd = fake_dealloc_pd,
	.dereg_mr = fake_dereg_mr,
	.destroy_cq = fake_destroy_cq,
	.destroy_qp = fake_destroy_qp,
	.destroy_srq = fake_destroy_srq,
	.get_link_layer = fake_get_link_layer,
	.get_port_immutable = fake_get_port_immutable,
	.modify_qp = fake_modify_qp,
	.poll_cq = fake_poll_cq,
	.post_recv = fake_post_recv,
	.post_send = fake_post_send,
	.post_srq_recv = fake_post_srq_recv,
	.query_device = fake_query_device,
	.query_gid = fake_query_gid,
	.query_pkey = fake_query_pkey,
	.query_port = fake_query_port,
	.query_qp = fake_query_qp,
	.req_notify_cq = fake_req_notify_cq,

	INIT_RDMA_OBJ_SIZE(ib_cq, fake_cq, ibcq),
	INIT_RDMA_OBJ_SIZE(ib_pd, fake_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_qp, fake_qp, ibqp),
	INIT_RDMA_OBJ_SIZE(ib_srq, fake_srq, ibsrq),
};

static const struct ib_device_ops fake_own_drain_ops = {
	.drain_rq = fake_drain_qp,
	.drain_sq = fake_drain_qp,
};

/**
 * fake_create() - create and register a device
 * @config: what it shall be
 *
 * Returns: the device, for fake_destroy(); or NULL.
 */
struct fake_device *fake_create(const struct fake_config *config)
{
	struct fake_device *fake;
	struct ib_device *ibdev;

	fake = ib_alloc_device(fake_device, ibdev);
	if (!fake)
		return NULL;

	ibdev = &fake->ibdev;
	fake->config = *config;
	spin_lock_init(&fake->lock);
	init_waitqueue_head(&fake->changed);
	INIT_LIST_HEAD(&fake->qps);
	INIT_LIST_HEAD(&fake->cqs);
	INIT_LIST_HEAD(&fake->leaked);
	fake->next_qpn = 16;

	ibdev->node_type = config->transport == FAKE_IWARP ? RDMA_NODE_RNIC :
							     RDMA_NODE_IB_CA;
	ibdev->phys_port_cnt = 1;
	ibdev->num_comp_vectors = 1;
	ib_set_device_ops(ibdev, &fake_ops);
	if (config->own_drain)
		ib_set_device_ops(ibdev, &fake_own_drain_ops);
	fake_set_flush_ops(fake);
	fake_set_error_ops(fake);
	fake_set_stand_ins(fake);
	ibdev->dev.parent = config->parent;
	if (config->more_ops)
		ib_set_device_ops(ibdev, config->more_ops);
	if (config->no_reset_device)
		ibdev->ops.reset_device = NULL;

	/* The core takes the state of an iWARP port from its netdev */
	if (config->transport == FAKE_IWARP &&
	    ib_device_set_netdev(ibdev, init_net.loopback_dev, 1))
		goto err;
	if (ib_register_device(ibdev, "fake%d", NULL))
		goto err;
	fake_tame_core(fake);
	return fake;

err:
	ib_dealloc_device(ibdev);
	return NULL;
}
EXPORT_SYMBOL_GPL(fake_create);

/* Before its time: fake_destroy() does the rest */
void fake_unregister(struct fake_device *fake)
{
	ib_unregister_device(&fake->ibdev);
	fake->unregistered = true;
}
EXPORT_SYMBOL_GPL(fake_unregister);

void fake_destroy(struct fake_device *fake)
{
	if (!fake->unregistered)
		fake_unregister(fake);
	fake_free_leaked(fake);
	ib_dealloc_device(&fake->ibdev);
}
EXPORT_SYMBOL_GPL(fake_destroy);

static void fake_end_faults(struct fake_device *fake)
{
	int verb;

	for (verb = 0; verb < FAKE_NR_VERBS; verb++)
		fake_resume(fake, verb);
}

/* Commands to dead hardware end, defects of the provider go on */
void fake_end_commands(struct fake_device *fake)
{
	int verb;

	for (verb = 0; verb < FAKE_NR_COMMANDS; verb++)
		if (!READ_ONCE(fake->faults[verb].stubborn))
			fake_resume(fake, verb);
}

/* Let go of all that is held or lost, and complete or flush it */
static void __fake_let_go(struct fake_device *fake)
{
	struct fake_cq *cq;
	struct fake_qp *qp;

	list_for_each_entry(cq, &fake->cqs, node) {
		cq->busy = false;
		__fake_cq_find_lost(cq);
	}
	list_for_each_entry(qp, &fake->qps, node) {
		qp->sq.held = false;
		qp->rq.held = false;
		qp->sq.lose = 0;
		qp->rq.lose = 0;
		qp->sq.lose_markers = 0;
		qp->rq.lose_markers = 0;
		__fake_qp_progress(qp);
	}
}

/* Once, whoever comes first */
void fake_announce_death(struct fake_device *fake)
{
	if (!xchg(&fake->announced, true))
		ib_device_flush_software(&fake->ibdev);
}

void __fake_die(struct fake_device *fake)
{
	struct fake_qp *qp;

	fake->dead = true;
	list_for_each_entry(qp, &fake->qps, node)
		qp->state = IB_QPS_ERR;
	__fake_let_go(fake);
}

/**
 * fake_die() - the hardware is gone, and the driver has cleaned up
 * @fake: device
 *
 * Each WR that has not been polled is flushed in software, the core is told,
 * and all verbs that are under way or will come return -EIO.
 */
void fake_die(struct fake_device *fake)
{
	unsigned long flags;

	spin_lock_irqsave(&fake->lock, flags);
	__fake_die(fake);
	spin_unlock_irqrestore(&fake->lock, flags);

	fake_announce_death(fake);
	fake_end_commands(fake);
}
EXPORT_SYMBOL_GPL(fake_die);

/**
 * fake_die_unannounced() - as fake_die(), but the driver does not notice
 * @fake: device
 *
 * It finds out when the core asks it what is pending.
 */
void fake_die_unannounced(struct fake_device *fake)
{
	unsigned long flags;

	spin_lock_irqsave(&fake->lock, flags);
	__fake_die(fake);
	spin_unlock_irqrestore(&fake->lock, flags);

	fake_end_commands(fake);
}
EXPORT_SYMBOL_GPL(fake_die_unannounced);

/**
 * fake_heal() - end all that can keep anybody waiting
 * @fake: device
 *
 * For the end of a test, so that it can't leave a task behind: takes all knobs
 * back and says everything that has not been said.
 */
void fake_heal(struct fake_device *fake)
{
	struct fake_qp *qp;
	unsigned long flags;

	fake_end_faults(fake);

	spin_lock_irqsave(&fake->lock, flags);
	fake->stop_at_full_cq = false;
	__fake_let_go(fake);
	list_for_each_entry(qp, &fake->qps, node) {
		qp->signal = FAKE_SIGNAL_WRITTEN;
		qp->no_last_wqe = false;
		__fake_qp_progress(qp);
	}
	spin_unlock_irqrestore(&fake->lock, flags);
	wake_up_all(&fake->changed);
}
EXPORT_SYMBOL_GPL(fake_heal);

static void __exit fake_exit(void)
{
	fake_empty_pool();
}
module_exit(fake_exit);

static int __init fake_init(void)
{
	return 0;
}
module_init(fake_init);

MODULE_DESCRIPTION("Fake RDMA provider for tests");
MODULE_LICENSE("GPL");
