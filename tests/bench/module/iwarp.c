// SPDX-License-Identifier: GPL-2.0
/*
 * RC queue pairs over iWARP, connected through the iWARP connection manager
 * to the device's own address, one after the other.
 */
#include <linux/inet.h>

#include "bench.h"

#define BENCH_TCP_PORT	7471
#define BENCH_BACKLOG	8

static void bench_iwarp_set_addr(struct sockaddr_storage *ss, __be32 addr,
				 u16 port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = addr;
	in->sin_port = htons(port);
}

static int bench_iwarp_event(struct iw_cm_id *cm_id, struct iw_cm_event *event)
{
	struct bench_pair *pair = cm_id->context;

	if (event->event == IW_CM_EVENT_CONNECT_REPLY ||
	    event->event == IW_CM_EVENT_ESTABLISHED) {
		if (event->status)
			pair->status = event->status;
		complete(&pair->ready);
	}
	return 0;
}

static int bench_iwarp_request(struct iw_cm_id *cm_id,
			       struct iw_cm_event *event)
{
	struct bench_dev *bd = cm_id->context;
	struct bench_pair *pair = bd->connecting;
	struct iw_cm_conn_param param = { .ord = 1, .ird = 1 };
	int ret;

	if (event->event != IW_CM_EVENT_CONNECT_REQUEST)
		return 0;

	param.qpn = pair->far.qp->qp_num;
	cm_id->context = pair;
	cm_id->cm_handler = bench_iwarp_event;
	ret = iw_cm_accept(cm_id, &param);
	if (ret) {
		pair->status = ret;
		complete(&pair->ready);
		return ret;
	}
	pair->far.cm_id = cm_id;
	return 0;
}

static int bench_iwarp_open(struct bench_dev *bd)
{
	int ret;

	bd->listener = iw_create_cm_id(bd->ib, bench_iwarp_request, bd);
	if (IS_ERR(bd->listener))
		return PTR_ERR(bd->listener);
	bench_iwarp_set_addr(&bd->listener->local_addr, bd->addr,
			     BENCH_TCP_PORT);
	ret = iw_cm_listen(bd->listener, BENCH_BACKLOG);
	if (ret)
		iw_destroy_cm_id(bd->listener);
	return ret;
}

static void bench_iwarp_close(struct bench_dev *bd)
{
	iw_destroy_cm_id(bd->listener);
}

static int bench_iwarp_init_qp(struct ib_qp *qp)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_INIT };

	return ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_ACCESS_FLAGS);
}

static int bench_iwarp_connect(struct bench_dev *bd, struct bench_pair *pair)
{
	struct iw_cm_conn_param param = { .ord = 1, .ird = 1 };
	struct iw_cm_id *cm_id;
	int ret;

	ret = bench_iwarp_init_qp(pair->near.qp);
	ret = ret ?: bench_iwarp_init_qp(pair->far.qp);
	if (ret)
		return ret;

	cm_id = iw_create_cm_id(bd->ib, bench_iwarp_event, pair);
	if (IS_ERR(cm_id))
		return PTR_ERR(cm_id);
	bench_iwarp_set_addr(&cm_id->local_addr, bd->addr, 0);
	bench_iwarp_set_addr(&cm_id->remote_addr, bd->addr, BENCH_TCP_PORT);

	bd->connecting = pair;
	param.qpn = pair->near.qp->qp_num;
	ret = iw_cm_connect(cm_id, &param);
	if (ret) {
		iw_destroy_cm_id(cm_id);
		return ret;
	}
	pair->near.cm_id = cm_id;

	/* Once for each end, or once for the end that failed */
	wait_for_completion(&pair->ready);
	if (!pair->status)
		wait_for_completion(&pair->ready);
	return pair->status;
}

static void bench_iwarp_disconnect(struct bench_pair *pair)
{
	if (pair->near.cm_id)
		iw_destroy_cm_id(pair->near.cm_id);
	if (pair->far.cm_id)
		iw_destroy_cm_id(pair->far.cm_id);
}

const struct bench_transport bench_iwarp = {
	.name		= "iwarp",
	.open		= bench_iwarp_open,
	.close		= bench_iwarp_close,
	.connect	= bench_iwarp_connect,
	.disconnect	= bench_iwarp_disconnect,
};
