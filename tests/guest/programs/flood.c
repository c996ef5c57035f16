// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates a queue pair and destroys it again while another one of the same
 * device sends to it without end.
 *
 *	flood DEVICE ADDRESS ROUNDS
 *
 * Unreliable datagrams: the sender need not know what becomes of the receiver.
 * The last line tells how many messages were sent and how long the longest
 * destroy verb took, in ms. The exit status is 1 when a verb failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/pair.h"

#define DEPTH	32
#define BYTES	256
#define GRH	40
#define QKEY	0x1234

static struct ibv_context *ctx;
static struct ibv_pd *pd;
static struct ibv_mr *mr;
static struct ibv_ah *ah;
static unsigned char buf[DEPTH * (BYTES + GRH)];
static atomic_uint target;
static atomic_bool stop;
static unsigned long sent;

static _Noreturn void die(const char *what, int err)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(err));
	exit(1);
}

static struct ibv_qp *create_ud(struct ibv_cq *cq)
{
	struct ibv_qp_init_attr init = {
		.send_cq = cq, .recv_cq = cq, .qp_type = IBV_QPT_UD,
		.cap = { .max_send_wr = DEPTH, .max_recv_wr = DEPTH,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT, .port_num = 1, .qkey = QKEY,
	};
	struct ibv_qp *qp = ibv_create_qp(pd, &init);
	int ret;

	if (!qp)
		die("ibv_create_qp", errno);
	ret = ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX |
			    IBV_QP_PORT | IBV_QP_QKEY);
	attr.qp_state = IBV_QPS_RTR;
	ret = ret ? ret : ibv_modify_qp(qp, &attr, IBV_QP_STATE);
	attr.qp_state = IBV_QPS_RTS;
	ret = ret ? ret : ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_SQ_PSN);
	if (ret)
		die("ibv_modify_qp", ret);
	return qp;
}

static void *send_without_end(void *unused)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)buf, .length = BYTES, .lkey = mr->lkey,
	};
	struct ibv_send_wr *bad, wr = {
		.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
		.wr.ud = { .ah = ah, .remote_qkey = QKEY },
	};
	struct ibv_cq *cq = ibv_create_cq(ctx, 2 * DEPTH, NULL, NULL, 0);
	unsigned int under_way = 0;
	struct ibv_wc wc[DEPTH];
	struct ibv_qp *qp;
	int n, ret;

	(void)unused;
	if (!cq)
		die("ibv_create_cq", errno);
	qp = create_ud(cq);
	while (!stop) {
		for (; under_way < DEPTH; under_way++) {
			wr.wr.ud.remote_qpn = target;
			ret = ibv_post_send(qp, &wr, &bad);
			if (ret)
				die("ibv_post_send", ret);
		}
		n = ibv_poll_cq(cq, DEPTH, wc);
		if (n < 0)
			die("ibv_poll_cq", EIO);
		under_way -= n;
		sent += n;
	}
	ret = ibv_destroy_qp(qp);
	ret = ret ? ret : ibv_destroy_cq(cq);
	if (ret)
		die("the sender's release", ret);
	return NULL;
}

static void receive(struct ibv_qp *qp)
{
	struct ibv_sge sge = { .length = BYTES + GRH, .lkey = mr->lkey };
	struct ibv_recv_wr *bad, wr = { .sg_list = &sge, .num_sge = 1 };
	int i, ret;

	for (i = 0; i < DEPTH; i++) {
		sge.addr = (uintptr_t)buf + i * (BYTES + GRH);
		ret = ibv_post_recv(qp, &wr, &bad);
		if (ret)
			die("ibv_post_recv", ret);
	}
}

static void prepare(const char *device, const char *address)
{
	struct ibv_ah_attr attr = {
		.is_global = 1, .port_num = 1, .grh.hop_limit = 64,
	};
	int index, ret = open_device(device, &ctx);

	if (ret)
		die(device, ret);
	index = find_gid(ctx, address, &attr.grh.dgid);
	if (index < 0)
		die(address, EADDRNOTAVAIL);
	attr.grh.sgid_index = index;
	pd = ibv_alloc_pd(ctx);
	if (!pd)
		die("ibv_alloc_pd", errno);
	mr = ibv_reg_mr(pd, buf, sizeof(buf), IBV_ACCESS_LOCAL_WRITE);
	if (!mr)
		die("ibv_reg_mr", errno);
	ah = ibv_create_ah(pd, &attr);
	if (!ah)
		die("ibv_create_ah", errno);
}

int main(int argc, char **argv)
{
	int i, ret, rounds = argc == 4 ? atoi(argv[3]) : 0;
	struct timespec nap = { .tv_nsec = 2000000 };
	long long t0, took, longest = 0;
	struct ibv_wc wc[DEPTH];
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	pthread_t thread;

	if (rounds < 1) {
		fprintf(stderr, "usage: flood DEVICE ADDRESS ROUNDS\n");
		return 2;
	}
	prepare(argv[1], argv[2]);
	cq = ibv_create_cq(ctx, 2 * DEPTH, NULL, NULL, 0);
	if (!cq)
		die("ibv_create_cq", errno);
	ret = pthread_create(&thread, NULL, send_without_end, NULL);
	if (ret)
		die("pthread_create", ret);
	for (i = 0; i < rounds; i++) {
		qp = create_ud(cq);
		receive(qp);
		target = qp->qp_num;
		nanosleep(&nap, NULL);
		t0 = now_us();
		ret = ibv_destroy_qp(qp);
		if (ret)
			die("ibv_destroy_qp", ret);
		took = now_us() - t0;
		if (ibv_poll_cq(cq, DEPTH, wc) < 0)
			die("ibv_poll_cq", EIO);
		longest = took > longest ? took : longest;
	}
	stop = true;
	pthread_join(thread, NULL);
	printf("%d queue pairs destroyed under %lu messages, the longest within %lld ms\n",
	       rounds, sent, longest / 1000);
	return 0;
}
