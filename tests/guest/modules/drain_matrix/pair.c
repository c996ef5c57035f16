// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of queue pairs that are connected to each other through one device: by
 * hand on InfiniBand and RoCE, through the RDMA CM on iWARP.
 */
#include <linux/slab.h>
#include <rdma/ib_cache.h>

#include "dm.h"

#define DM_CM_TIMEOUT_MS	20000
#define DM_QKEY			1

/*
 * InfiniBand and RoCE
 */

static int dm_fill_ib(struct dm_env *env, struct rdma_ah_attr *ah)
{
	struct ib_port_attr attr;
	int ret;

	ret = ib_query_port(env->dev, 1, &attr);
	if (!ret)
		rdma_ah_set_dlid(ah, attr.lid);
	return ret;
}

static const struct ib_gid_attr *dm_find_gid(struct dm_env *env,
					     const union ib_gid *gid)
{
	const struct ib_gid_attr *gid_attr;

	gid_attr = rdma_find_gid_by_port(env->dev, gid,
					 IB_GID_TYPE_ROCE_UDP_ENCAP, 1, NULL);
	/* Older hardware knows RoCE v1 only */
	if (IS_ERR(gid_attr))
		gid_attr = rdma_find_gid_by_port(env->dev, gid,
						 IB_GID_TYPE_ROCE, 1, NULL);
	return gid_attr;
}

static int dm_fill_ah(struct dm_env *env, struct rdma_ah_attr *ah)
{
	const struct ib_gid_attr *gid_attr;
	u8 mac[ETH_ALEN];
	union ib_gid gid;
	int ret;

	memset(ah, 0, sizeof(*ah));
	ah->type = rdma_ah_find_type(env->dev, 1);
	rdma_ah_set_port_num(ah, 1);
	if (rdma_protocol_ib(env->dev, 1))
		return dm_fill_ib(env, ah);

	rdma_ip2gid((struct sockaddr *)&env->addr, &gid);
	gid_attr = dm_find_gid(env, &gid);
	if (IS_ERR(gid_attr))
		return PTR_ERR(gid_attr);
	rdma_ah_set_grh(ah, &gid, 0, gid_attr->index, 64, 0);
	/* Nobody resolves it for a QP that is connected by hand */
	ret = rdma_read_gid_l2_fields(gid_attr, NULL, mac);
	if (!ret)
		memcpy(ah->roce.dmac, mac, ETH_ALEN);
	rdma_put_gid_attr(gid_attr);
	return ret;
}

static int dm_modify_init(struct dm_end *end)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = 1,
		.qkey = DM_QKEY,
		.qp_access_flags = IB_ACCESS_LOCAL_WRITE,
	};
	int mask = IB_QP_STATE | IB_QP_PKEY_INDEX | IB_QP_PORT;

	if (end->env->iwarp)
		mask = IB_QP_STATE | IB_QP_ACCESS_FLAGS;
	else if (end->qp->qp_type == IB_QPT_UD)
		mask |= IB_QP_QKEY;
	else
		mask |= IB_QP_ACCESS_FLAGS;
	return ib_modify_qp(end->qp, &attr, mask);
}

static int dm_modify_rtr(struct dm_end *end, struct dm_end *peer)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.path_mtu = IB_MTU_1024,
		.dest_qp_num = peer->qp->qp_num,
		.rq_psn = 1,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = 12,
	};
	int mask = IB_QP_STATE | IB_QP_AV | IB_QP_PATH_MTU | IB_QP_DEST_QPN |
		   IB_QP_RQ_PSN | IB_QP_MAX_DEST_RD_ATOMIC |
		   IB_QP_MIN_RNR_TIMER;
	int ret;

	if (end->qp->qp_type == IB_QPT_UD)
		return ib_modify_qp(end->qp, &attr, IB_QP_STATE);
	ret = dm_fill_ah(end->env, &attr.ah_attr);
	return ret ?: ib_modify_qp(end->qp, &attr, mask);
}

static int dm_modify_rts(struct dm_end *end)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTS,
		.timeout = 14,
		.retry_cnt = 7,
		.rnr_retry = 7,		/* without end */
		.sq_psn = 1,
		.max_rd_atomic = 1,
	};
	int mask = IB_QP_STATE | IB_QP_SQ_PSN;

	if (end->qp->qp_type != IB_QPT_UD)
		mask |= IB_QP_TIMEOUT | IB_QP_RETRY_CNT | IB_QP_RNR_RETRY |
			IB_QP_MAX_QP_RD_ATOMIC;
	return ib_modify_qp(end->qp, &attr, mask);
}

static int dm_connect_by_hand(struct dm_pair *pair, enum ib_qp_state state)
{
	int ret;

	if (state == IB_QPS_RESET)
		return 0;
	ret = dm_modify_init(&pair->a) ?: dm_modify_init(&pair->b);
	if (ret || state == IB_QPS_INIT)
		return ret;
	ret = dm_modify_rtr(&pair->a, &pair->b) ?:
	      dm_modify_rtr(&pair->b, &pair->a);
	if (ret || state == IB_QPS_RTR)
		return ret;
	return dm_modify_rts(&pair->a) ?: dm_modify_rts(&pair->b);
}

static int dm_create_ah(struct dm_pair *pair)
{
	struct rdma_ah_attr attr;
	int ret;

	ret = dm_fill_ah(pair->env, &attr);
	if (ret)
		return ret;
	pair->ah = rdma_create_ah(pair->env->pd, &attr, 0);
	if (!IS_ERR(pair->ah))
		return 0;
	ret = PTR_ERR(pair->ah);
	pair->ah = NULL;
	return ret;
}

/*
 * Queue pairs and their CQs
 */

static int dm_alloc_cq(struct dm_pair *pair, int i)
{
	struct ib_cq *cq;

	cq = ib_alloc_cq(pair->env->dev, pair, pair->cfg.cqe, 0, pair->cfg.ctx);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	pair->cqs[i] = cq;
	return 0;
}

static int dm_alloc_cqs(struct dm_pair *pair)
{
	int ret;

	if (pair->cfg.cq) {
		pair->a.scq = pair->cfg.cq;
		pair->a.rcq = pair->cfg.cq;
		pair->b.scq = pair->cfg.cq;
		pair->b.rcq = pair->cfg.cq;
		return 0;
	}

	ret = dm_alloc_cq(pair, 0);
	if (!ret && pair->cfg.cqs != DM_CQ_SHARED)
		ret = dm_alloc_cq(pair, 1);
	if (!ret && pair->cfg.cqs == DM_CQ_TWO)
		ret = dm_alloc_cq(pair, 2) ?: dm_alloc_cq(pair, 3);
	if (ret)
		return ret;

	pair->a.scq = pair->cqs[0];
	pair->b.scq = pair->cqs[1] ?: pair->cqs[0];
	pair->a.rcq = pair->cqs[2] ?: pair->a.scq;
	pair->b.rcq = pair->cqs[3] ?: pair->b.scq;
	return 0;
}

static int dm_create_srq(struct dm_end *end, unsigned int wrs)
{
	struct ib_srq_init_attr attr = {
		.attr = { .max_wr = wrs, .max_sge = DM_MAX_SGE },
		.srq_type = IB_SRQT_BASIC,
	};
	struct ib_srq *srq = ib_create_srq(end->env->pd, &attr);

	if (IS_ERR(srq))
		return PTR_ERR(srq);
	end->srq = srq;
	return 0;
}

static int dm_create_qp(struct dm_end *end, const struct dm_cfg *cfg)
{
	struct ib_qp_init_attr attr = {
		.qp_type = cfg->ud ? IB_QPT_UD : IB_QPT_RC,
		.send_cq = end->scq,
		.recv_cq = end->rcq,
		.srq = end->srq,
		.sq_sig_type = IB_SIGNAL_ALL_WR,
		.port_num = 1,
		.cap = {
			.max_send_wr = cfg->wrs,
			/* mlx4 takes a receive queue beside an SRQ for an error */
			.max_recv_wr = end->srq ? 0 : cfg->wrs,
			.max_send_sge = DM_MAX_SGE,
			.max_recv_sge = DM_MAX_SGE,
		},
	};
	struct ib_qp *qp;
	int ret;

	if (end->id) {
		ret = rdma_create_qp(end->id, end->env->pd, &attr);
		if (ret)
			return ret;
		end->qp = end->id->qp;
		return 0;
	}
	qp = ib_create_qp(end->env->pd, &attr);
	if (IS_ERR(qp))
		return PTR_ERR(qp);
	end->qp = qp;
	return 0;
}

void dm_end_destroy_qp(struct dm_end *end)
{
	if (!end->qp)
		return;
	if (end->id)
		rdma_destroy_qp(end->id);
	else
		ib_destroy_qp(end->qp);
	end->qp = NULL;
}

/*
 * iWARP
 */

static int dm_cm_request(struct dm_env *env, struct rdma_cm_id *id)
{
	struct dm_pair *pair = env->accepting;
	struct rdma_conn_param param = {};
	struct dm_end *end;
	int ret;

	if (!pair)
		return -ECONNREFUSED;
	end = &pair->b;
	end->id = id;
	id->context = end;
	ret = dm_create_qp(end, &pair->cfg) ?: rdma_accept(id, &param);
	if (!ret)
		return 0;
	dm_end_destroy_qp(end);
	end->id = NULL;
	return ret;	/* the CM destroys the ID */
}

static int dm_cm_listen_event(struct rdma_cm_id *id,
			      struct rdma_cm_event *event)
{
	struct dm_end *end = id->context;

	if (event->event == RDMA_CM_EVENT_CONNECT_REQUEST)
		return dm_cm_request(id->context, id);
	if (event->event == RDMA_CM_EVENT_ESTABLISHED)
		complete(&end->cm_done);
	return 0;
}

static int dm_cm_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct dm_end *end = id->context;

	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
	case RDMA_CM_EVENT_ESTABLISHED:
		complete(&end->cm_done);
		break;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_REJECTED:
		end->cm_status = event->status ?: -ECONNREFUSED;
		complete(&end->cm_done);
		break;
	default:
		break;
	}
	return 0;
}

static int dm_cm_wait(struct dm_end *end)
{
	if (!wait_for_completion_timeout(&end->cm_done,
					 msecs_to_jiffies(DM_CM_TIMEOUT_MS)))
		return -ETIMEDOUT;
	return end->cm_status;
}

int dm_listen(struct dm_env *env)
{
	struct rdma_cm_id *id;
	int ret;

	id = rdma_create_id(&init_net, dm_cm_listen_event, env, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id))
		return PTR_ERR(id);
	ret = rdma_bind_addr(id, (struct sockaddr *)&env->addr) ?:
	      rdma_listen(id, 4);
	if (ret) {
		rdma_destroy_id(id);
		return ret;
	}
	env->listener = id;
	return 0;
}

void dm_unlisten(struct dm_env *env)
{
	if (env->listener)
		rdma_destroy_id(env->listener);
}

static int dm_connect_by_cm(struct dm_pair *pair)
{
	struct dm_env *env = pair->env;
	struct rdma_conn_param param = {};
	struct sockaddr *addr = (struct sockaddr *)&env->listener->route.addr.src_addr;
	struct dm_end *end = &pair->a;
	struct rdma_cm_id *id;
	int ret;

	id = rdma_create_id(&init_net, dm_cm_event, end, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id))
		return PTR_ERR(id);
	end->id = id;
	env->accepting = pair;

	ret = rdma_resolve_addr(id, NULL, addr, DM_CM_TIMEOUT_MS) ?:
	      dm_cm_wait(end);
	ret = ret ?: rdma_resolve_route(id, DM_CM_TIMEOUT_MS) ?:
		     dm_cm_wait(end);
	if (!ret && id->device != env->dev)
		ret = -EXDEV;
	ret = ret ?: dm_create_qp(end, &pair->cfg) ?:
		     rdma_connect(id, &param) ?: dm_cm_wait(end);
	ret = ret ?: dm_cm_wait(&pair->b);
	env->accepting = NULL;
	return ret;
}

/*
 * Both
 */

int dm_end_to_state(struct dm_end *end, enum ib_qp_state state)
{
	struct ib_qp_attr attr = { .qp_state = state };

	return ib_modify_qp(end->qp, &attr, IB_QP_STATE);
}

static int dm_pair_connect(struct dm_pair *pair)
{
	bool by_cm = pair->env->iwarp && pair->cfg.state >= IB_QPS_RTS;
	int ret;

	if (by_cm)
		return dm_connect_by_cm(pair);

	ret = dm_create_qp(&pair->a, &pair->cfg) ?:
	      dm_create_qp(&pair->b, &pair->cfg);
	if (ret)
		return ret;
	return dm_connect_by_hand(pair, pair->cfg.state);
}

struct dm_pair *dm_pair_create(struct dm_env *env, const struct dm_cfg *cfg)
{
	unsigned int max = 2 * cfg->wrs;
	struct dm_pair *pair;
	int ret;

	pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	if (!pair)
		return ERR_PTR(-ENOMEM);
	pair->env = env;
	pair->cfg = *cfg;

	ret = dm_end_init(&pair->a, env, max) ?:
	      dm_end_init(&pair->b, env, max) ?:
	      dm_alloc_cqs(pair);
	if (!ret && cfg->srq)
		ret = dm_create_srq(&pair->a, cfg->wrs);
	if (!ret && cfg->ud)
		ret = dm_create_ah(pair);
	ret = ret ?: dm_pair_connect(pair);
	if (!ret)
		return pair;
	dm_pair_destroy(pair, NULL);
	return ERR_PTR(ret);
}

static void dm_end_destroy(struct dm_end *end)
{
	dm_end_destroy_qp(end);
	if (end->id)
		rdma_destroy_id(end->id);
	if (end->srq)
		ib_destroy_srq(end->srq);
}

/* @what: tell if a done() was called after the drain; NULL: do not look */
void dm_pair_destroy(struct dm_pair *pair, const char *what)
{
	int i;

	/* Whoever hangs in there may wake up: leave all as it is */
	if (dm_hung())
		return;

	dm_end_destroy(&pair->a);
	dm_end_destroy(&pair->b);
	if (pair->ah)
		rdma_destroy_ah(pair->ah, 0);
	for (i = 0; i < ARRAY_SIZE(pair->cqs); i++)
		if (pair->cqs[i])
			ib_free_cq(pair->cqs[i]);

	if (what && (atomic_read(&pair->a.late) || atomic_read(&pair->b.late)))
		dm_not_ok(what, "%d done() were called after the drain",
			  atomic_read(&pair->a.late) +
			  atomic_read(&pair->b.late));
	dm_end_free(&pair->a);
	dm_end_free(&pair->b);
	kfree(pair);
}
