// SPDX-License-Identifier: GPL-2.0-only
/* See pair.h */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "pair.h"

#define WAIT_MS 10000

long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

int open_device(const char *name, struct ibv_context **ctx)
{
	struct ibv_device **list;
	int i, ret = ENODEV;

	*ctx = NULL;
	list = ibv_get_device_list(NULL);
	if (!list)
		return errno ? errno : ENODEV;
	for (i = 0; list[i]; i++) {
		if (strcmp(ibv_get_device_name(list[i]), name))
			continue;
		errno = 0;
		*ctx = ibv_open_device(list[i]);
		ret = *ctx ? 0 : errno ? errno : EIO;
	}
	ibv_free_device_list(list);
	return ret;
}

static int error_of(void)
{
	return errno ? errno : EIO;
}

/* libsiw's post gives -1, and the error in errno, where others give the error */
static int posted(int ret)
{
	return ret < 0 ? error_of() : ret;
}

static int pair_objects(struct pair *p)
{
	errno = 0;
	p->step = "ibv_create_comp_channel";
	p->channel = ibv_create_comp_channel(p->ctx);
	if (!p->channel)
		return error_of();
	p->step = "ibv_alloc_pd";
	p->pd = ibv_alloc_pd(p->ctx);
	if (!p->pd)
		return error_of();
	p->step = "ibv_create_cq";
	p->cq = ibv_create_cq(p->ctx, 64, NULL, p->channel, 0);
	if (!p->cq)
		return error_of();
	p->step = "ibv_reg_mr";
	p->buf = aligned_alloc(4096, 2 * PAIR_BYTES);
	memset(p->buf, 0, 2 * PAIR_BYTES);
	p->mr = ibv_reg_mr(p->pd, p->buf, 2 * PAIR_BYTES,
			   IBV_ACCESS_LOCAL_WRITE);
	return p->mr ? 0 : error_of();
}

static struct ibv_qp_init_attr qp_attr(struct pair *p)
{
	return (struct ibv_qp_init_attr){
		.send_cq = p->cq,
		.recv_cq = p->cq,
		.qp_type = IBV_QPT_RC,
		.cap = {
			.max_send_wr = 8,
			.max_recv_wr = 8,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};
}

int find_gid(struct ibv_context *ctx, const char *address, union ibv_gid *gid)
{
	struct ibv_gid_entry e;
	struct in_addr a;
	unsigned int i;

	inet_pton(AF_INET, address, &a);
	for (i = 0; i < 64; i++)
		if (!ibv_query_gid_ex(ctx, 1, i, &e, 0) &&
		    e.gid_type == IBV_GID_TYPE_ROCE_V2 &&
		    !memcmp(&e.gid.raw[12], &a, 4) && e.gid.raw[10] == 0xff) {
			*gid = e.gid;
			return i;
		}
	return -1;
}

static int connect_by_hand(struct pair *p, int i, int gid_index,
			   union ibv_gid gid)
{
	struct ibv_qp_attr a = {
		.qp_state = IBV_QPS_INIT,
		.port_num = 1,
	};
	int ret;

	p->step = "ibv_modify_qp to INIT";
	ret = ibv_modify_qp(p->qp[i], &a, IBV_QP_STATE | IBV_QP_PKEY_INDEX |
			    IBV_QP_PORT | IBV_QP_ACCESS_FLAGS);
	if (ret)
		return ret;
	a = (struct ibv_qp_attr){
		.qp_state = IBV_QPS_RTR,
		.path_mtu = IBV_MTU_1024,
		.dest_qp_num = p->qp[!i]->qp_num,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = 12,
		.ah_attr = {
			.is_global = 1,
			.port_num = 1,
			.grh = {
				.dgid = gid,
				.sgid_index = gid_index,
				.hop_limit = 64,
			},
		},
	};
	p->step = "ibv_modify_qp to RTR";
	ret = ibv_modify_qp(p->qp[i], &a, IBV_QP_STATE | IBV_QP_AV |
			    IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN |
			    IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER);
	if (ret)
		return ret;
	a = (struct ibv_qp_attr){
		.qp_state = IBV_QPS_RTS,
		.timeout = 14,
		.retry_cnt = 7,
		.rnr_retry = 7,
		.max_rd_atomic = 1,
	};
	p->step = "ibv_modify_qp to RTS";
	return ibv_modify_qp(p->qp[i], &a, IBV_QP_STATE | IBV_QP_TIMEOUT |
			     IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			     IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC);
}

static int connect_verbs(struct pair *p)
{
	struct ibv_qp_init_attr attr;
	union ibv_gid gid;
	int i, ret, index;

	ret = pair_objects(p);
	if (ret)
		return ret;
	p->step = "ibv_query_gid_ex";
	index = find_gid(p->ctx, p->address, &gid);
	if (index < 0)
		return EADDRNOTAVAIL;
	for (i = 0; i < 2; i++) {
		attr = qp_attr(p);
		errno = 0;
		p->step = "ibv_create_qp";
		p->qp[i] = ibv_create_qp(p->pd, &attr);
		if (!p->qp[i])
			return error_of();
	}
	for (i = 0; i < 2; i++) {
		ret = connect_by_hand(p, i, index, gid);
		if (ret)
			return ret;
	}
	return 0;
}

static int create_cm_qp(struct pair *p, int i)
{
	struct ibv_qp_init_attr attr = qp_attr(p);

	p->step = "rdma_create_qp";
	if (rdma_create_qp(p->id[i], p->pd, &attr))
		return error_of();
	p->qp[i] = p->id[i]->qp;
	return 0;
}

static int cm_event(struct pair *p, struct rdma_cm_event *e, int *established)
{
	struct rdma_conn_param param = {
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 7,
		.rnr_retry_count = 7,
	};
	int ret;

	p->step = rdma_event_str(e->event);
	switch (e->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
		return rdma_resolve_route(p->id[0], WAIT_MS) ? error_of() : 0;
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		p->ctx = p->id[0]->verbs;
		ret = pair_objects(p);
		if (ret)
			return ret;
		ret = create_cm_qp(p, 0);
		if (ret)
			return ret;
		p->step = "rdma_connect";
		return rdma_connect(p->id[0], &param) ? error_of() : 0;
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		p->id[1] = e->id;
		ret = create_cm_qp(p, 1);
		if (ret)
			return ret;
		p->step = "rdma_accept";
		return rdma_accept(p->id[1], &param) ? error_of() : 0;
	case RDMA_CM_EVENT_ESTABLISHED:
		++*established;
		return 0;
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		return EIO;
	case RDMA_CM_EVENT_CONNECT_ERROR:
		/* How the transport calls it: siw says EINVAL of a QP that has failed */
		return ECONNREFUSED;
	default:
		/* -1 is librdmacm's: a call of its own has failed, see errno */
		if (e->status == -1)
			return error_of();
		return e->status < 0 ? -e->status : ECONNREFUSED;
	}
}

static int connect_cm(struct pair *p)
{
	struct sockaddr_in any = { .sin_family = AF_INET }, peer;
	struct rdma_cm_event *e, copy;
	struct pollfd fd;
	int ret, established = 0;

	inet_pton(AF_INET, p->address, &any.sin_addr);
	errno = 0;
	p->step = "rdma_create_event_channel";
	p->cm = rdma_create_event_channel();
	if (!p->cm)
		return error_of();
	p->step = "rdma_create_id";
	if (rdma_create_id(p->cm, &p->id[2], NULL, RDMA_PS_TCP) ||
	    rdma_create_id(p->cm, &p->id[0], NULL, RDMA_PS_TCP))
		return error_of();
	p->step = "rdma_bind_addr";
	if (rdma_bind_addr(p->id[2], (struct sockaddr *)&any))
		return error_of();
	p->step = "rdma_listen";
	if (rdma_listen(p->id[2], 4))
		return error_of();
	peer = any;
	peer.sin_port = rdma_get_src_port(p->id[2]);
	p->step = "rdma_resolve_addr";
	if (rdma_resolve_addr(p->id[0], NULL, (struct sockaddr *)&peer, WAIT_MS))
		return error_of();
	while (established < 2) {
		fd = (struct pollfd){ .fd = p->cm->fd, .events = POLLIN };
		if (poll(&fd, 1, WAIT_MS) < 1) {
			p->step = "waiting for the connection";
			return ETIMEDOUT;
		}
		errno = 0;
		if (rdma_get_cm_event(p->cm, &e))
			return error_of();
		/* What is used of it outlives the acknowledgement. */
		copy = *e;
		rdma_ack_cm_event(e);
		ret = cm_event(p, &copy, &established);
		if (ret)
			return ret;
	}
	return 0;
}

int pair_open(struct pair *p)
{
	bool iwarp;
	int ret;

	p->step = "ibv_open_device";
	ret = open_device(p->device, &p->ctx);
	if (ret)
		return ret;
	p->own_ctx = true;
	iwarp = p->ctx->device->transport_type == IBV_TRANSPORT_IWARP;
	if (!iwarp && !p->with_cm)
		return connect_verbs(p);
	ibv_close_device(p->ctx);
	p->ctx = NULL;
	p->own_ctx = false;
	return connect_cm(p);
}

/* One message, contents compared. ECOMM: the message was not what was sent. */
int pair_exchange(struct pair *p, unsigned int round)
{
	unsigned char *in = p->buf + PAIR_BYTES;
	struct ibv_sge rs = {
		.addr = (uintptr_t)in, .length = PAIR_BYTES, .lkey = p->mr->lkey,
	}, ss = {
		.addr = (uintptr_t)p->buf, .length = PAIR_BYTES, .lkey = p->mr->lkey,
	};
	struct ibv_recv_wr rwr = { .sg_list = &rs, .num_sge = 1 }, *rbad;
	struct ibv_send_wr swr = {
		.sg_list = &ss, .num_sge = 1, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
	}, *sbad;
	long long end = now_us() + WAIT_MS * 1000LL;
	struct timespec nap = { .tv_nsec = 100000 };
	struct ibv_wc wc;
	int ret, n, done = 0;

	memset(p->buf, round, PAIR_BYTES);
	memset(in, ~round, PAIR_BYTES);
	p->step = "ibv_post_recv";
	ret = posted(ibv_post_recv(p->qp[1], &rwr, &rbad));
	if (ret)
		return ret;
	p->step = "ibv_post_send";
	ret = posted(ibv_post_send(p->qp[0], &swr, &sbad));
	if (ret)
		return ret;
	while (done < 2) {
		p->step = "ibv_poll_cq";
		n = ibv_poll_cq(p->cq, 1, &wc);
		if (n < 0)
			return EIO;
		if (n && wc.status != IBV_WC_SUCCESS) {
			p->step = ibv_wc_status_str(wc.status);
			return ECANCELED;
		}
		done += n;
		if (!n && now_us() > end)
			return ETIMEDOUT;
		if (!n)
			nanosleep(&nap, NULL);
	}
	p->step = "comparing what has arrived";
	return memcmp(p->buf, in, PAIR_BYTES) ? ECOMM : 0;
}

/*
 * Give all back. Returns the first error; after a reset each release verb
 * has EIO, and what it was for is released all the same.
 */
int pair_close(struct pair *p)
{
	const char *step = p->step;
	int i, ret, first = 0;

#define NOTE(call) do {						\
	ret = (call);						\
	if (ret && !first) {					\
		first = ret < 0 ? errno : ret;			\
		step = #call;					\
	}							\
} while (0)
	for (i = 0; i < 2; i++) {
		if (!p->qp[i])
			continue;
		if (p->id[i])
			rdma_destroy_qp(p->id[i]);
		else
			NOTE(ibv_destroy_qp(p->qp[i]));
	}
	for (i = 0; i < 3; i++)
		if (p->id[i])
			NOTE(rdma_destroy_id(p->id[i]));
	if (p->cm)
		rdma_destroy_event_channel(p->cm);
	if (p->mr)
		NOTE(ibv_dereg_mr(p->mr));
	if (p->cq)
		NOTE(ibv_destroy_cq(p->cq));
	if (p->pd)
		NOTE(ibv_dealloc_pd(p->pd));
	if (p->channel)
		NOTE(ibv_destroy_comp_channel(p->channel));
	if (p->ctx && p->own_ctx)
		NOTE(ibv_close_device(p->ctx));
#undef NOTE
	/* A device that could not release the MR may still own the buffer: kept. */
	if (!first)
		free(p->buf);
	*p = (struct pair){
		.device = p->device, .address = p->address, .with_cm = p->with_cm,
		.step = step,
	};
	return first;
}
