// SPDX-License-Identifier: GPL-2.0
/*
 * The ops of a device in error mode: a whole failure mode as one table, so that
 * neither the fast path of a healthy device nor any caller has to know of it.
 */
#include <linux/kmemleak.h>
#include <linux/slab.h>

#include <kunit/visibility.h>
#include <rdma/ib_mad.h>
#include <rdma/iw_cm.h>

#include "bad_device.h"
#include "core_priv.h"
#include "drain.h"

/**
 * DOC: Bad-device ops
 *
 * When a device enters error mode, each op that its provider has is replaced by
 * the one of the table below:
 *
 * - posts, and whatever creates, changes or asks, fail with -EIO at once; only
 *   what adds to the lists of resources adds nothing, for the sake of the rest;
 * - release verbs go to the provider. In error mode it must release all its
 *   software state, touch no hardware and return 0. If it returns an error
 *   nevertheless, the caller is told that all is well, and the object is leaked
 *   rather than freed under the provider;
 * - the rest stays as it is: consumers must still poll their flushes, and some
 *   ops touch no hardware.
 *
 * A caller that read an op before it was replaced calls the provider. Its
 * &ib_device_ops.enter_error deals with that under its own locks.
 */

static const struct ib_device_ops *good_ops(struct ib_device *dev)
{
	return dev->reset.ops;
}

/*
 * Posts
 */

static int bad_post_send(struct ib_qp *qp, const struct ib_send_wr *send_wr,
			 const struct ib_send_wr **bad_send_wr)
{
	*bad_send_wr = send_wr;
	return -EIO;
}

static int bad_post_recv(struct ib_qp *qp, const struct ib_recv_wr *recv_wr,
			 const struct ib_recv_wr **bad_recv_wr)
{
	*bad_recv_wr = recv_wr;
	return -EIO;
}

static int bad_post_srq_recv(struct ib_srq *srq,
			     const struct ib_recv_wr *recv_wr,
			     const struct ib_recv_wr **bad_recv_wr)
{
	*bad_recv_wr = recv_wr;
	return -EIO;
}

/* A provider's own drain knows nothing of error mode, the core's does */
static void bad_drain_sq(struct ib_qp *qp)
{
	ib_drain_sq_by_core(qp);
}

static void bad_drain_rq(struct ib_qp *qp)
{
	ib_drain_rq_by_core(qp);
}

/*
 * What fails
 */

static int bad_process_mad(struct ib_device *device, int process_mad_flags,
			   u32 port_num, const struct ib_wc *in_wc,
			   const struct ib_grh *in_grh,
			   const struct ib_mad *in_mad, struct ib_mad *out_mad,
			   size_t *out_mad_size, u16 *out_mad_pkey_index)
{
	return IB_MAD_RESULT_FAILURE;
}

static int bad_rdma_netdev_get_params(struct ib_device *device, u32 port_num,
				      enum rdma_netdev_t type,
				      struct rdma_netdev_alloc_params *params)
{
	/* the only error that is defined for it */
	return -EOPNOTSUPP;
}

static int bad_query_device(struct ib_device *device,
			    struct ib_device_attr *device_attr,
			    struct ib_udata *udata)
{
	return -EIO;
}

static int bad_modify_device(struct ib_device *device, int device_modify_mask,
			     struct ib_device_modify *device_modify)
{
	return -EIO;
}

static int bad_query_port(struct ib_device *device, u32 port_num,
			  struct ib_port_attr *port_attr)
{
	return -EIO;
}

static int bad_modify_port(struct ib_device *device, u32 port_num,
			   int port_modify_mask,
			   struct ib_port_modify *port_modify)
{
	return -EIO;
}

static struct net_device *bad_alloc_rdma_netdev(struct ib_device *device,
						u32 port_num,
						enum rdma_netdev_t type,
						const char *name,
						unsigned char name_assign_type,
						void (*setup)(struct net_device *))
{
	return ERR_PTR(-EIO);
}

static int bad_query_gid(struct ib_device *device, u32 port_num, int index,
			 union ib_gid *gid)
{
	return -EIO;
}

static int bad_query_pkey(struct ib_device *device, u32 port_num, u16 index,
			  u16 *pkey)
{
	return -EIO;
}

static int bad_alloc_ucontext(struct ib_ucontext *context,
			      struct ib_udata *udata)
{
	return -EIO;
}

static int bad_mmap(struct ib_ucontext *context, struct vm_area_struct *vma)
{
	return -EIO;
}

static int bad_alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return -EIO;
}

static int bad_create_ah(struct ib_ah *ah, struct rdma_ah_init_attr *attr,
			 struct ib_udata *udata)
{
	return -EIO;
}

static int bad_create_user_ah(struct ib_ah *ah, struct rdma_ah_init_attr *attr,
			      struct ib_udata *udata)
{
	return -EIO;
}

static int bad_modify_ah(struct ib_ah *ah, struct rdma_ah_attr *ah_attr)
{
	return -EIO;
}

static int bad_query_ah(struct ib_ah *ah, struct rdma_ah_attr *ah_attr)
{
	return -EIO;
}

static int bad_create_srq(struct ib_srq *srq,
			  struct ib_srq_init_attr *srq_init_attr,
			  struct ib_udata *udata)
{
	return -EIO;
}

static int bad_modify_srq(struct ib_srq *srq, struct ib_srq_attr *srq_attr,
			  enum ib_srq_attr_mask srq_attr_mask,
			  struct ib_udata *udata)
{
	return -EIO;
}

static int bad_query_srq(struct ib_srq *srq, struct ib_srq_attr *srq_attr)
{
	return -EIO;
}

static int bad_create_qp(struct ib_qp *qp, struct ib_qp_init_attr *qp_init_attr,
			 struct ib_udata *udata)
{
	return -EIO;
}

static int bad_modify_qp(struct ib_qp *qp, struct ib_qp_attr *qp_attr,
			 int qp_attr_mask, struct ib_udata *udata)
{
	return -EIO;
}

static int bad_query_qp(struct ib_qp *qp, struct ib_qp_attr *qp_attr,
			int qp_attr_mask, struct ib_qp_init_attr *qp_init_attr)
{
	return -EIO;
}

static int bad_create_cq(struct ib_cq *cq, const struct ib_cq_init_attr *attr,
			 struct uverbs_attr_bundle *attrs)
{
	return -EIO;
}

static int bad_modify_cq(struct ib_cq *cq, u16 cq_count, u16 cq_period)
{
	return -EIO;
}

static int bad_resize_cq(struct ib_cq *cq, int cqe, struct ib_udata *udata)
{
	return -EIO;
}

static struct ib_mr *bad_get_dma_mr(struct ib_pd *pd, int mr_access_flags)
{
	return ERR_PTR(-EIO);
}

static struct ib_mr *bad_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				     u64 virt_addr, int mr_access_flags,
				     struct ib_udata *udata)
{
	return ERR_PTR(-EIO);
}

static struct ib_mr *bad_reg_user_mr_dmabuf(struct ib_pd *pd, u64 offset,
					    u64 length, u64 virt_addr, int fd,
					    int mr_access_flags,
					    struct uverbs_attr_bundle *attrs)
{
	return ERR_PTR(-EIO);
}

static struct ib_mr *bad_rereg_user_mr(struct ib_mr *mr, int flags, u64 start,
				       u64 length, u64 virt_addr,
				       int mr_access_flags, struct ib_pd *pd,
				       struct ib_udata *udata)
{
	return ERR_PTR(-EIO);
}

static struct ib_mr *bad_alloc_mr(struct ib_pd *pd, enum ib_mr_type mr_type,
				  u32 max_num_sg)
{
	return ERR_PTR(-EIO);
}

static struct ib_mr *bad_alloc_mr_integrity(struct ib_pd *pd,
					    u32 max_num_data_sg,
					    u32 max_num_meta_sg)
{
	return ERR_PTR(-EIO);
}

static int bad_advise_mr(struct ib_pd *pd,
			 enum ib_uverbs_advise_mr_advice advice, u32 flags,
			 struct ib_sge *sg_list, u32 num_sge,
			 struct uverbs_attr_bundle *attrs)
{
	return -EIO;
}

static int bad_check_mr_status(struct ib_mr *mr, u32 check_mask,
			       struct ib_mr_status *mr_status)
{
	return -EIO;
}

static int bad_alloc_mw(struct ib_mw *mw, struct ib_udata *udata)
{
	return -EIO;
}

static int bad_attach_mcast(struct ib_qp *qp, union ib_gid *gid, u16 lid)
{
	return -EIO;
}

static int bad_alloc_xrcd(struct ib_xrcd *xrcd, struct ib_udata *udata)
{
	return -EIO;
}

static struct ib_flow *bad_create_flow(struct ib_qp *qp,
				       struct ib_flow_attr *flow_attr,
				       struct ib_udata *udata)
{
	return ERR_PTR(-EIO);
}

static int bad_set_vf_link_state(struct ib_device *device, int vf, u32 port,
				 int state)
{
	return -EIO;
}

static int bad_get_vf_config(struct ib_device *device, int vf, u32 port,
			     struct ifla_vf_info *ivf)
{
	return -EIO;
}

static int bad_get_vf_stats(struct ib_device *device, int vf, u32 port,
			    struct ifla_vf_stats *stats)
{
	return -EIO;
}

static int bad_get_vf_guid(struct ib_device *device, int vf, u32 port,
			   struct ifla_vf_guid *node_guid,
			   struct ifla_vf_guid *port_guid)
{
	return -EIO;
}

static int bad_set_vf_guid(struct ib_device *device, int vf, u32 port, u64 guid,
			   int type)
{
	return -EIO;
}

static struct ib_wq *bad_create_wq(struct ib_pd *pd,
				   struct ib_wq_init_attr *init_attr,
				   struct ib_udata *udata)
{
	return ERR_PTR(-EIO);
}

static int bad_modify_wq(struct ib_wq *wq, struct ib_wq_attr *attr,
			 u32 wq_attr_mask, struct ib_udata *udata)
{
	return -EIO;
}

static int bad_create_rwq_ind_table(struct ib_rwq_ind_table *ib_rwq_ind_table,
				    struct ib_rwq_ind_table_init_attr *init_attr,
				    struct ib_udata *udata)
{
	return -EIO;
}

static struct ib_dm *bad_alloc_dm(struct ib_device *device,
				  struct ib_ucontext *context,
				  struct ib_dm_alloc_attr *attr,
				  struct uverbs_attr_bundle *attrs)
{
	return ERR_PTR(-EIO);
}

static struct ib_mr *bad_reg_dm_mr(struct ib_pd *pd, struct ib_dm *dm,
				   struct ib_dm_mr_attr *attr,
				   struct uverbs_attr_bundle *attrs)
{
	return ERR_PTR(-EIO);
}

static int bad_create_counters(struct ib_counters *counters,
			       struct uverbs_attr_bundle *attrs)
{
	return -EIO;
}

static int bad_read_counters(struct ib_counters *counters,
			     struct ib_counters_read_attr *counters_read_attr,
			     struct uverbs_attr_bundle *attrs)
{
	return -EIO;
}

static int bad_get_hw_stats(struct ib_device *device,
			    struct rdma_hw_stats *stats, u32 port, int index)
{
	return -EIO;
}

static int bad_modify_hw_stat(struct ib_device *device, u32 port,
			      unsigned int counter_index, bool enable)
{
	return -EIO;
}

static int bad_fill_res_mr_entry_raw(struct sk_buff *msg, struct ib_mr *ibmr)
{
	return -EIO;
}

static int bad_fill_res_cq_entry_raw(struct sk_buff *msg, struct ib_cq *ibcq)
{
	return -EIO;
}

static int bad_fill_res_qp_entry_raw(struct sk_buff *msg, struct ib_qp *ibqp)
{
	return -EIO;
}

static int bad_fill_res_srq_entry_raw(struct sk_buff *msg,
				      struct ib_srq *ib_srq)
{
	return -EIO;
}

static int bad_iw_connect(struct iw_cm_id *cm_id,
			  struct iw_cm_conn_param *conn_param)
{
	return -EIO;
}

/* The provider keeps its half of a connection until it hears one or the other */
static int bad_iw_accept(struct iw_cm_id *cm_id,
			 struct iw_cm_conn_param *conn_param)
{
	good_ops(cm_id->device)->iw_reject(cm_id, NULL, 0);
	return -EIO;
}

static int bad_iw_create_listen(struct iw_cm_id *cm_id, int backlog)
{
	return -EIO;
}

static int bad_counter_bind_qp(struct rdma_counter *counter, struct ib_qp *qp)
{
	return -EIO;
}

static int bad_counter_update_stats(struct rdma_counter *counter)
{
	return -EIO;
}

static int bad_query_ucontext(struct ib_ucontext *context,
			      struct uverbs_attr_bundle *attrs)
{
	return -EIO;
}

static struct ib_device *bad_add_sub_dev(struct ib_device *parent,
					 enum rdma_nl_dev_type type,
					 const char *name)
{
	return ERR_PTR(-EIO);
}

/*
 * What has nothing to say, in lists where others have
 */

static int bad_fill_res_mr_entry(struct sk_buff *msg, struct ib_mr *ibmr)
{
	return 0;
}

static int bad_fill_res_cq_entry(struct sk_buff *msg, struct ib_cq *ibcq)
{
	return 0;
}

static int bad_fill_res_qp_entry(struct sk_buff *msg, struct ib_qp *ibqp)
{
	return 0;
}

static int bad_fill_res_cm_id_entry(struct sk_buff *msg, struct rdma_cm_id *id)
{
	return 0;
}

static int bad_fill_res_srq_entry(struct sk_buff *msg, struct ib_srq *ib_srq)
{
	return 0;
}

static int bad_fill_stat_mr_entry(struct sk_buff *msg, struct ib_mr *ibmr)
{
	return 0;
}

/*
 * What is released
 */

/* Called with what the provider's release verb returned */
static int ib_bad_release(struct ib_device *dev, const char *verb, void *object,
			  int ret)
{
	unsigned long flags;
	void *entry;

	if (!ret)
		return 0;

	ibdev_err(dev, "%s failed with %d in error mode: the object is leaked\n",
		  verb, ret);
	/* destroy_ah may be called in atomic context */
	xa_lock_irqsave(&dev->reset.leaked, flags);
	entry = __xa_store(&dev->reset.leaked, (unsigned long)object, object,
			   GFP_ATOMIC);
	xa_unlock_irqrestore(&dev->reset.leaked, flags);
	if (xa_is_err(entry))
		return ret;
	atomic_inc(&dev->reset.nr_leaked);
	/* lost on purpose, also after the device is gone */
	kmemleak_ignore(object);
	return 0;
}

static int bad_dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	struct ib_device *dev = pd->device;

	return ib_bad_release(dev, "dealloc_pd", pd,
			      good_ops(dev)->dealloc_pd(pd, udata));
}

static int bad_destroy_ah(struct ib_ah *ah, u32 flags)
{
	struct ib_device *dev = ah->device;

	return ib_bad_release(dev, "destroy_ah", ah,
			      good_ops(dev)->destroy_ah(ah, flags));
}

static int bad_destroy_srq(struct ib_srq *srq, struct ib_udata *udata)
{
	struct ib_device *dev = srq->device;

	return ib_bad_release(dev, "destroy_srq", srq,
			      good_ops(dev)->destroy_srq(srq, udata));
}

static int bad_destroy_qp(struct ib_qp *qp, struct ib_udata *udata)
{
	struct ib_device *dev = qp->device;

	return ib_bad_release(dev, "destroy_qp", qp,
			      good_ops(dev)->destroy_qp(qp, udata));
}

static int bad_destroy_cq(struct ib_cq *cq, struct ib_udata *udata)
{
	struct ib_device *dev = cq->device;

	return ib_bad_release(dev, "destroy_cq", cq,
			      good_ops(dev)->destroy_cq(cq, udata));
}

static int bad_dereg_mr(struct ib_mr *mr, struct ib_udata *udata)
{
	struct ib_device *dev = mr->device;

	return ib_bad_release(dev, "dereg_mr", mr,
			      good_ops(dev)->dereg_mr(mr, udata));
}

static int bad_dealloc_mw(struct ib_mw *mw)
{
	struct ib_device *dev = mw->device;

	return ib_bad_release(dev, "dealloc_mw", mw,
			      good_ops(dev)->dealloc_mw(mw));
}

static int bad_dealloc_xrcd(struct ib_xrcd *xrcd, struct ib_udata *udata)
{
	struct ib_device *dev = xrcd->device;

	return ib_bad_release(dev, "dealloc_xrcd", xrcd,
			      good_ops(dev)->dealloc_xrcd(xrcd, udata));
}

static int bad_destroy_flow(struct ib_flow *flow_id)
{
	struct ib_device *dev = flow_id->device;

	return ib_bad_release(dev, "destroy_flow", flow_id,
			      good_ops(dev)->destroy_flow(flow_id));
}

static int bad_destroy_flow_action(struct ib_flow_action *action)
{
	struct ib_device *dev = action->device;

	return ib_bad_release(dev, "destroy_flow_action", action,
			      good_ops(dev)->destroy_flow_action(action));
}

static int bad_destroy_wq(struct ib_wq *wq, struct ib_udata *udata)
{
	struct ib_device *dev = wq->device;

	return ib_bad_release(dev, "destroy_wq", wq,
			      good_ops(dev)->destroy_wq(wq, udata));
}

static int bad_destroy_rwq_ind_table(struct ib_rwq_ind_table *wq_ind_table)
{
	struct ib_device *dev = wq_ind_table->device;

	return ib_bad_release(dev, "destroy_rwq_ind_table", wq_ind_table,
			      good_ops(dev)->destroy_rwq_ind_table(wq_ind_table));
}

static int bad_dealloc_dm(struct ib_dm *dm, struct uverbs_attr_bundle *attrs)
{
	struct ib_device *dev = dm->device;

	return ib_bad_release(dev, "dealloc_dm", dm,
			      good_ops(dev)->dealloc_dm(dm, attrs));
}

static int bad_destroy_counters(struct ib_counters *counters)
{
	struct ib_device *dev = counters->device;

	return ib_bad_release(dev, "destroy_counters", counters,
			      good_ops(dev)->destroy_counters(counters));
}

static int bad_detach_mcast(struct ib_qp *qp, union ib_gid *gid, u16 lid)
{
	int ret = good_ops(qp->device)->detach_mcast(qp, gid, lid);

	if (ret)
		ibdev_err(qp->device, "detach_mcast failed with %d in error mode\n",
			  ret);
	return 0;
}

/* The two halves of destroy_cq */
static int bad_pre_destroy_cq(struct ib_cq *cq)
{
	struct ib_device *dev = cq->device;

	return ib_bad_release(dev, "pre_destroy_cq", cq,
			      good_ops(dev)->pre_destroy_cq(cq));
}

static void bad_post_destroy_cq(struct ib_cq *cq)
{
	if (!ib_bad_device_leaks(cq->device, cq))
		good_ops(cq->device)->post_destroy_cq(cq);
}

static const struct ib_device_ops ib_bad_device_ops = {
	.post_send = bad_post_send,
	.post_recv = bad_post_recv,
	.drain_rq = bad_drain_rq,
	.drain_sq = bad_drain_sq,
	.post_srq_recv = bad_post_srq_recv,
	.process_mad = bad_process_mad,
	.query_device = bad_query_device,
	.modify_device = bad_modify_device,
	.query_port = bad_query_port,
	.modify_port = bad_modify_port,
	.alloc_rdma_netdev = bad_alloc_rdma_netdev,
	.rdma_netdev_get_params = bad_rdma_netdev_get_params,
	.query_gid = bad_query_gid,
	.query_pkey = bad_query_pkey,
	.alloc_ucontext = bad_alloc_ucontext,
	.mmap = bad_mmap,
	.alloc_pd = bad_alloc_pd,
	.dealloc_pd = bad_dealloc_pd,
	.create_ah = bad_create_ah,
	.create_user_ah = bad_create_user_ah,
	.modify_ah = bad_modify_ah,
	.query_ah = bad_query_ah,
	.destroy_ah = bad_destroy_ah,
	.create_srq = bad_create_srq,
	.modify_srq = bad_modify_srq,
	.query_srq = bad_query_srq,
	.destroy_srq = bad_destroy_srq,
	.create_qp = bad_create_qp,
	.modify_qp = bad_modify_qp,
	.query_qp = bad_query_qp,
	.destroy_qp = bad_destroy_qp,
	.create_cq = bad_create_cq,
	.modify_cq = bad_modify_cq,
	.destroy_cq = bad_destroy_cq,
	.resize_cq = bad_resize_cq,
	.pre_destroy_cq = bad_pre_destroy_cq,
	.post_destroy_cq = bad_post_destroy_cq,
	.get_dma_mr = bad_get_dma_mr,
	.reg_user_mr = bad_reg_user_mr,
	.reg_user_mr_dmabuf = bad_reg_user_mr_dmabuf,
	.rereg_user_mr = bad_rereg_user_mr,
	.dereg_mr = bad_dereg_mr,
	.alloc_mr = bad_alloc_mr,
	.alloc_mr_integrity = bad_alloc_mr_integrity,
	.advise_mr = bad_advise_mr,
	.check_mr_status = bad_check_mr_status,
	.alloc_mw = bad_alloc_mw,
	.dealloc_mw = bad_dealloc_mw,
	.attach_mcast = bad_attach_mcast,
	.detach_mcast = bad_detach_mcast,
	.alloc_xrcd = bad_alloc_xrcd,
	.dealloc_xrcd = bad_dealloc_xrcd,
	.create_flow = bad_create_flow,
	.destroy_flow = bad_destroy_flow,
	.destroy_flow_action = bad_destroy_flow_action,
	.set_vf_link_state = bad_set_vf_link_state,
	.get_vf_config = bad_get_vf_config,
	.get_vf_stats = bad_get_vf_stats,
	.get_vf_guid = bad_get_vf_guid,
	.set_vf_guid = bad_set_vf_guid,
	.create_wq = bad_create_wq,
	.destroy_wq = bad_destroy_wq,
	.modify_wq = bad_modify_wq,
	.create_rwq_ind_table = bad_create_rwq_ind_table,
	.destroy_rwq_ind_table = bad_destroy_rwq_ind_table,
	.alloc_dm = bad_alloc_dm,
	.dealloc_dm = bad_dealloc_dm,
	.reg_dm_mr = bad_reg_dm_mr,
	.create_counters = bad_create_counters,
	.destroy_counters = bad_destroy_counters,
	.read_counters = bad_read_counters,
	.get_hw_stats = bad_get_hw_stats,
	.modify_hw_stat = bad_modify_hw_stat,
	.fill_res_mr_entry = bad_fill_res_mr_entry,
	.fill_res_mr_entry_raw = bad_fill_res_mr_entry_raw,
	.fill_res_cq_entry = bad_fill_res_cq_entry,
	.fill_res_cq_entry_raw = bad_fill_res_cq_entry_raw,
	.fill_res_qp_entry = bad_fill_res_qp_entry,
	.fill_res_qp_entry_raw = bad_fill_res_qp_entry_raw,
	.fill_res_cm_id_entry = bad_fill_res_cm_id_entry,
	.fill_res_srq_entry = bad_fill_res_srq_entry,
	.fill_res_srq_entry_raw = bad_fill_res_srq_entry_raw,
	.iw_connect = bad_iw_connect,
	.iw_accept = bad_iw_accept,
	.iw_create_listen = bad_iw_create_listen,
	.counter_bind_qp = bad_counter_bind_qp,
	.counter_update_stats = bad_counter_update_stats,
	.fill_stat_mr_entry = bad_fill_stat_mr_entry,
	.query_ucontext = bad_query_ucontext,
	.add_sub_dev = bad_add_sub_dev,
};

/* All ops look alike to those who only put them in place */
typedef void (*ib_device_op_t)(void);

static ib_device_op_t *ib_bad_device_op(const struct ib_device_ops *ops,
					size_t offset)
{
	return (void *)ops + offset;
}

/*
 * What stays. Completions must be polled (poll_cq, peek_cq, req_notify_cq) and
 * drains ask (flush_resume). map_mr_sg and map_mr_sg_pi fill a table in memory,
 * that a post brings to the device: the post fails, which a ULP takes for a lost
 * connection and tries again, where some (rpcrdma) take a mapping that fails for
 * the caller's fault and give up. The rest describes the device, counts
 * references, allocates for a later time, or lets go of connections and of what
 * the core's tables hold. Of add_gid and del_gid the provider keeps record, for
 * its reset_device to bring to the hardware.
 */
#define KEEP(op) offsetof(struct ib_device_ops, op)
static const u16 ib_bad_device_kept[] = {
	KEEP(poll_cq),
	KEEP(peek_cq),
	KEEP(req_notify_cq),
	KEEP(map_mr_sg),
	KEEP(map_mr_sg_pi),
	KEEP(get_dev_fw_str),
	KEEP(get_vector_affinity),
	KEEP(get_port_immutable),
	KEEP(get_link_layer),
	KEEP(get_netdev),
	KEEP(add_gid),
	KEEP(del_gid),
	KEEP(dealloc_ucontext),
	KEEP(mmap_free),
	KEEP(disassociate_ucontext),
	KEEP(alloc_hw_device_stats),
	KEEP(alloc_hw_port_stats),
	KEEP(enable_driver),
	KEEP(dealloc_driver),
	KEEP(iw_add_ref),
	KEEP(iw_rem_ref),
	KEEP(iw_get_qp),
	KEEP(iw_reject),
	KEEP(iw_destroy_listen),
	KEEP(counter_unbind_qp),
	KEEP(counter_dealloc),
	KEEP(counter_alloc_stats),
	KEEP(get_numa_node),
	KEEP(del_sub_dev),
	KEEP(flush_resume),
	KEEP(enter_error),
	KEEP(reset_device),
	KEEP(restart_device),
};

/**
 * ib_bad_device_classify() - what becomes of an op in error mode
 * @offset: of the op in struct ib_device_ops
 *
 * For a test that no op is forgotten.
 *
 * Context: Any.
 * Return: its class.
 */
enum ib_bad_device_class ib_bad_device_classify(size_t offset)
{
	unsigned int i;

	if (*ib_bad_device_op(&ib_bad_device_ops, offset))
		return IB_BAD_DEVICE_REPLACED;
	for (i = 0; i < ARRAY_SIZE(ib_bad_device_kept); i++)
		if (ib_bad_device_kept[i] == offset)
			return IB_BAD_DEVICE_KEPT;
	return IB_BAD_DEVICE_UNKNOWN;
}
EXPORT_SYMBOL_IF_KUNIT(ib_bad_device_classify);

/* Replace an op that the provider has. Others call it meanwhile. */
static void ib_bad_device_replace(struct ib_device *dev,
				  const struct ib_device_ops *from,
				  size_t offset)
{
	ib_device_op_t *op = ib_bad_device_op(&dev->ops, offset);
	ib_device_op_t new = *ib_bad_device_op(from, offset);

	if (*op && new)
		WRITE_ONCE(*op, new);
}

/*
 * Both ways the same ops: one that error mode keeps may have been replaced by
 * somebody else meanwhile, as ib_register_device() does when it fails.
 */
static void ib_bad_device_replace_all(struct ib_device *dev,
				      const struct ib_device_ops *from)
{
	size_t offset;

	for (offset = IB_DEVICE_OPS_FIRST; offset < IB_DEVICE_OPS_END;
	     offset += sizeof(ib_device_op_t))
		if (*ib_bad_device_op(&ib_bad_device_ops, offset))
			ib_bad_device_replace(dev, from, offset);
}

/**
 * ib_bad_device_install() - replace the ops of a device by those of a bad one
 * @dev: device
 *
 * Context: &ib_device_reset.mutex is held.
 */
void ib_bad_device_install(struct ib_device *dev)
{
	ib_bad_device_replace_all(dev, &ib_bad_device_ops);
}

/**
 * ib_bad_device_uninstall() - give a device its provider's ops again
 * @dev: device
 *
 * Context: &ib_device_reset.mutex is held.
 */
void ib_bad_device_uninstall(struct ib_device *dev)
{
	ib_bad_device_replace_all(dev, dev->reset.ops);
}

/**
 * ib_bad_device_refuse_contexts() - accept no more user contexts
 * @dev: device, not in error mode
 *
 * Context: &ib_device_reset.mutex is held.
 */
void ib_bad_device_refuse_contexts(struct ib_device *dev)
{
	ib_bad_device_replace(dev, &ib_bad_device_ops,
			      offsetof(struct ib_device_ops, alloc_ucontext));
}

/**
 * ib_bad_device_leaks() - has the provider failed to release an object?
 * @dev: device
 * @object: the object
 *
 * Context: Any.
 * Return: true if it is lost and must not be freed.
 */
bool ib_bad_device_leaks(struct ib_device *dev, const void *object)
{
	return xa_load(&dev->reset.leaked, (unsigned long)object);
}
EXPORT_SYMBOL(ib_bad_device_leaks);
