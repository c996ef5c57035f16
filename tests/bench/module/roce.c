// SPDX-License-Identifier: GPL-2.0
/*
 * RC queue pairs over RoCE v2, connected by hand.
 */
#include <linux/netdevice.h>
#include <net/ipv6.h>
#include <rdma/ib_cache.h>

#include "bench.h"

#define BENCH_PORT	1

static int bench_roce_to_rts(struct bench_dev *bd, struct ib_qp *qp,
			     u32 dest_qpn)
{
	const struct ib_gid_attr *gid_attr;
	struct ib_qp_attr attr = {};
	union ib_gid gid;
	int ret;

	ipv6_addr_set_v4mapped(bd->addr, (struct in6_addr *)&gid);
	gid_attr = rdma_find_gid_by_port(bd->ib, &gid,
					 IB_GID_TYPE_ROCE_UDP_ENCAP,
					 BENCH_PORT, NULL);
	if (IS_ERR(gid_attr))
		return PTR_ERR(gid_attr);

	attr.qp_state = IB_QPS_INIT;
	attr.port_num = BENCH_PORT;
	ret = ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
			   IB_QP_PORT | IB_QP_ACCESS_FLAGS);
	if (ret)
		goto out;

	attr.qp_state = IB_QPS_RTR;
	attr.path_mtu = IB_MTU_1024;
	attr.dest_qp_num = dest_qpn;
	attr.max_dest_rd_atomic = 1;
	attr.min_rnr_timer = 12;
	attr.ah_attr.type = RDMA_AH_ATTR_TYPE_ROCE;
	rdma_ah_set_port_num(&attr.ah_attr, BENCH_PORT);
	rdma_ah_set_grh(&attr.ah_attr, &gid, 0, gid_attr->index, 64, 0);
	/* Nobody resolves the address of a kernel QP: it is our own */
	rcu_read_lock();
	ether_addr_copy(attr.ah_attr.roce.dmac,
			rdma_read_gid_attr_ndev_rcu(gid_attr)->dev_addr);
	rcu_read_unlock();
	ret = ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_AV | IB_QP_PATH_MTU |
			   IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			   IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
	if (ret)
		goto out;

	attr.qp_state = IB_QPS_RTS;
	attr.timeout = 14;
	attr.retry_cnt = 7;
	attr.rnr_retry = 7;
	attr.max_rd_atomic = 1;
	ret = ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_TIMEOUT |
			   IB_QP_RETRY_CNT | IB_QP_RNR_RETRY | IB_QP_SQ_PSN |
			   IB_QP_MAX_QP_RD_ATOMIC);
out:
	rdma_put_gid_attr(gid_attr);
	return ret;
}

static int bench_roce_connect(struct bench_dev *bd, struct bench_pair *pair)
{
	int ret;

	ret = bench_roce_to_rts(bd, pair->far.qp, pair->near.qp->qp_num);
	return ret ?: bench_roce_to_rts(bd, pair->near.qp,
					pair->far.qp->qp_num);
}

const struct bench_transport bench_roce = {
	.name		= "roce",
	.connect	= bench_roce_connect,
};
