// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every operation that a connected queue pair has, between two ports of one
 * device, with the data looked at; and what must go wrong, going wrong.
 *
 * usage: rdma_ops DEVICE PORT PORT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <infiniband/verbs.h>
#include "lib/pair.h"

#define SIZE	(64 * 1024)
#define WRS	16
#define WAIT_US	20000000LL
#define RIGHTS	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE | \
		 IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_ATOMIC)

struct end {
	unsigned int port;
	uint16_t lid;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	unsigned char *buf;
};

static struct ibv_context *ctx;
static struct ibv_pd *pd;
static struct ibv_cq *cq;
static struct ibv_srq *srq;
static struct end a, b;
static unsigned int failures;
static const char *now;		/* the case that runs */

#define CHECK(cond) do { \
	if (!(cond)) { \
		printf("%s: line %d: %s\n", now, __LINE__, #cond); \
		failures++; \
	} \
} while (0)

static void die(const char *what)
{
	printf("%s: %s failed: %s\n", now, what, strerror(errno));
	exit(1);
}

static void fill(unsigned char *p, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		p[i] = i * 31 + (i >> 8) + seed;
}

/*
 * Pairs
 */

static void make_end(struct end *e, enum ibv_qp_type type, struct ibv_srq *s)
{
	struct ibv_qp_init_attr init = {
		.send_cq = cq, .recv_cq = cq, .srq = s, .qp_type = type,
		.cap = { .max_send_wr = WRS, .max_recv_wr = WRS, .max_send_sge = 2,
			 .max_recv_sge = 2, .max_inline_data = 128 },
	};
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT, .port_num = e->port, .qkey = 0x1234,
		.qp_access_flags = RIGHTS,
	};

	memset(e->buf, 0, SIZE);
	e->qp = ibv_create_qp(pd, &init);
	if (!e->qp)
		die("ibv_create_qp");
	if (ibv_modify_qp(e->qp, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
			  (type == IBV_QPT_UD ? IBV_QP_QKEY : IBV_QP_ACCESS_FLAGS)))
		die("ibv_modify_qp to INIT");
}

static void to_rtr(struct end *e, struct end *peer)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR, .path_mtu = IBV_MTU_2048,
		.dest_qp_num = peer->qp->qp_num, .rq_psn = 100,
		.max_dest_rd_atomic = 4, .min_rnr_timer = 12,
		.ah_attr = { .dlid = peer->lid, .port_num = e->port },
	};

	if (ibv_modify_qp(e->qp, &attr, IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU |
			  IBV_QP_DEST_QPN | IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC |
			  IBV_QP_MIN_RNR_TIMER))
		die("ibv_modify_qp to RTR");
}

static void to_rts(struct end *e, unsigned int rnr_retry)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTS, .timeout = 14, .retry_cnt = 7,
		.rnr_retry = rnr_retry, .sq_psn = 100, .max_rd_atomic = 4,
	};

	if (ibv_modify_qp(e->qp, &attr, IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT |
			  IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC))
		die("ibv_modify_qp to RTS");
}

static void make_pair(struct ibv_srq *s, unsigned int rnr_retry)
{
	make_end(&a, IBV_QPT_RC, NULL);
	make_end(&b, IBV_QPT_RC, s);
	to_rtr(&a, &b);
	to_rtr(&b, &a);
	to_rts(&a, rnr_retry);
	to_rts(&b, rnr_retry);
}

static void destroy_pair(void)
{
	struct ibv_wc wc;

	if (ibv_destroy_qp(a.qp) || ibv_destroy_qp(b.qp))
		die("ibv_destroy_qp");
	while (ibv_poll_cq(cq, 1, &wc) > 0)
		;
}

/*
 * Work requests
 */

static void post_recv(struct end *e, unsigned int len)
{
	struct ibv_sge sge = { (uintptr_t)e->buf, len, e->mr->lkey };
	struct ibv_recv_wr wr = { .wr_id = 1, .sg_list = &sge, .num_sge = 1 }, *bad;

	if (e->qp->srq ? ibv_post_srq_recv(e->qp->srq, &wr, &bad) :
			 ibv_post_recv(e->qp, &wr, &bad))
		die("ibv_post_recv");
}

static struct ibv_send_wr *send_wr(enum ibv_wr_opcode opcode, struct ibv_sge *sge,
				   unsigned int len)
{
	static struct ibv_send_wr wr;

	*sge = (struct ibv_sge){ (uintptr_t)a.buf, len, a.mr->lkey };
	wr = (struct ibv_send_wr){
		.wr_id = 2, .sg_list = sge, .num_sge = 1, .opcode = opcode,
		.send_flags = IBV_SEND_SIGNALED,
		.wr.rdma = { (uintptr_t)b.buf, b.mr->rkey },
	};
	return &wr;
}

static void post(struct ibv_send_wr *wr)
{
	struct ibv_send_wr *bad;

	if (ibv_post_send(a.qp, wr, &bad))
		die("ibv_post_send");
}

static bool wait_wc(struct ibv_wc *wc)
{
	long long end = now_us() + WAIT_US;
	int n;

	while ((n = ibv_poll_cq(cq, 1, wc)) == 0 && now_us() < end)
		usleep(100);
	return n == 1;
}

/* Two completions, one of each end, in any order */
static void expect(enum ibv_wc_status send, enum ibv_wc_status recv)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct ibv_wc wc;

		if (!wait_wc(&wc)) {
			CHECK(!"a completion");
			return;
		}
		if (wc.status != (wc.wr_id == 2 ? send : recv))
			printf("%s: %s is %s\n", now, wc.wr_id == 2 ? "send" : "receive",
			       ibv_wc_status_str(wc.status));
		CHECK(wc.status == (wc.wr_id == 2 ? send : recv));
	}
}

static void expect_send(enum ibv_wc_status status)
{
	struct ibv_wc wc;

	if (!wait_wc(&wc)) {
		CHECK(!"a completion");
		return;
	}
	CHECK(wc.wr_id == 2);
	if (wc.status != status)
		printf("%s: send is %s\n", now, ibv_wc_status_str(wc.status));
	CHECK(wc.status == status);
}

/*
 * Cases
 */

static void send_receive(void)
{
	struct ibv_sge sge;

	make_pair(NULL, 7);
	fill(a.buf, 1);
	post_recv(&b, SIZE);
	post(send_wr(IBV_WR_SEND, &sge, SIZE));
	expect(IBV_WC_SUCCESS, IBV_WC_SUCCESS);
	CHECK(!memcmp(a.buf, b.buf, SIZE));
}

static void send_inline(void)
{
	struct ibv_send_wr *wr;
	struct ibv_sge sge;

	make_pair(NULL, 7);
	fill(a.buf, 2);
	post_recv(&b, SIZE);
	wr = send_wr(IBV_WR_SEND, &sge, 128);
	wr->send_flags |= IBV_SEND_INLINE;
	sge.lkey = 0;
	post(wr);
	expect(IBV_WC_SUCCESS, IBV_WC_SUCCESS);
	CHECK(!memcmp(a.buf, b.buf, 128));
	CHECK(!b.buf[128]);
}

static void write_read(void)
{
	struct ibv_sge sge;

	make_pair(NULL, 7);
	fill(a.buf, 3);
	post(send_wr(IBV_WR_RDMA_WRITE, &sge, SIZE));
	expect_send(IBV_WC_SUCCESS);
	CHECK(!memcmp(a.buf, b.buf, SIZE));
	fill(b.buf, 4);
	post(send_wr(IBV_WR_RDMA_READ, &sge, SIZE));
	expect_send(IBV_WC_SUCCESS);
	CHECK(!memcmp(a.buf, b.buf, SIZE));
}

static void write_immediate(void)
{
	struct ibv_send_wr *wr;
	struct ibv_sge sge;
	struct ibv_wc wc;
	unsigned int i;

	make_pair(NULL, 7);
	fill(a.buf, 5);
	post_recv(&b, 0);
	wr = send_wr(IBV_WR_RDMA_WRITE_WITH_IMM, &sge, 1000);
	wr->imm_data = 0x12345678;
	post(wr);
	for (i = 0; i < 2; i++) {
		if (!wait_wc(&wc))
			break;
		CHECK(wc.status == IBV_WC_SUCCESS);
		if (wc.wr_id == 2)
			continue;
		CHECK(wc.opcode == IBV_WC_RECV_RDMA_WITH_IMM);
		CHECK(wc.imm_data == 0x12345678);
		CHECK(wc.byte_len == 1000);
	}
	CHECK(i == 2);
	CHECK(!memcmp(a.buf, b.buf, 1000));
}

static void atomics(void)
{
	uint64_t *result = (uint64_t *)a.buf, *target = (uint64_t *)b.buf;
	struct ibv_send_wr *wr;
	struct ibv_sge sge;

	make_pair(NULL, 7);
	*target = 100;
	wr = send_wr(IBV_WR_ATOMIC_FETCH_AND_ADD, &sge, 8);
	wr->wr.atomic.remote_addr = (uintptr_t)target;
	wr->wr.atomic.compare_add = 11;
	wr->wr.atomic.rkey = b.mr->rkey;
	post(wr);
	expect_send(IBV_WC_SUCCESS);
	CHECK(*result == 100 && *target == 111);

	wr = send_wr(IBV_WR_ATOMIC_CMP_AND_SWP, &sge, 8);
	wr->wr.atomic.remote_addr = (uintptr_t)target;
	wr->wr.atomic.compare_add = 111;
	wr->wr.atomic.swap = 7;
	wr->wr.atomic.rkey = b.mr->rkey;
	post(wr);
	expect_send(IBV_WC_SUCCESS);
	CHECK(*result == 111 && *target == 7);
}

static void bad_remote_key(void)
{
	struct ibv_send_wr *wr;
	struct ibv_sge sge;

	make_pair(NULL, 7);
	fill(a.buf, 6);
	wr = send_wr(IBV_WR_RDMA_WRITE, &sge, 100);
	wr->wr.rdma.rkey ^= 0x100;
	post(wr);
	expect_send(IBV_WC_REM_ACCESS_ERR);
	CHECK(!b.buf[0]);
}

static void remote_bounds(void)
{
	struct ibv_send_wr *wr;
	struct ibv_sge sge;

	make_pair(NULL, 7);
	fill(a.buf, 7);
	wr = send_wr(IBV_WR_RDMA_WRITE, &sge, 100);
	wr->wr.rdma.remote_addr += SIZE - 99;
	post(wr);
	expect_send(IBV_WC_REM_ACCESS_ERR);
	CHECK(!b.buf[SIZE - 99]);
}

static void bad_local_key(void)
{
	struct ibv_sge sge;
	struct ibv_send_wr *wr;

	make_pair(NULL, 7);
	wr = send_wr(IBV_WR_RDMA_WRITE, &sge, 100);
	sge.lkey ^= 0x100;
	post(wr);
	expect_send(IBV_WC_LOC_PROT_ERR);
}

static void too_long(void)
{
	struct ibv_sge sge;

	make_pair(NULL, 7);
	fill(a.buf, 8);
	post_recv(&b, 99);
	post(send_wr(IBV_WR_SEND, &sge, 100));
	expect(IBV_WC_REM_INV_REQ_ERR, IBV_WC_LOC_LEN_ERR);
}

static void no_receive(void)
{
	struct ibv_sge sge;
	struct ibv_wc wc;

	/* With the last retry it is an error, before it waits */
	make_pair(NULL, 1);
	post(send_wr(IBV_WR_SEND, &sge, 100));
	expect_send(IBV_WC_RNR_RETRY_EXC_ERR);
	destroy_pair();
	make_pair(NULL, 7);
	fill(a.buf, 9);
	post(send_wr(IBV_WR_SEND, &sge, 100));
	usleep(50000);
	CHECK(ibv_poll_cq(cq, 1, &wc) == 0);
	post_recv(&b, SIZE);
	expect(IBV_WC_SUCCESS, IBV_WC_SUCCESS);
	CHECK(!memcmp(a.buf, b.buf, 100));
}

static void flush(void)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_ERR };
	struct ibv_sge sge;
	unsigned int i;

	make_pair(NULL, 7);
	for (i = 0; i < 5; i++)
		post_recv(&a, SIZE);
	for (i = 0; i < 3; i++)
		post(send_wr(IBV_WR_SEND, &sge, 100));
	if (ibv_modify_qp(a.qp, &attr, IBV_QP_STATE))
		die("ibv_modify_qp to ERR");
	for (i = 0; i < 8; i++) {
		struct ibv_wc wc;

		if (!wait_wc(&wc))
			break;
		CHECK(wc.status == IBV_WC_WR_FLUSH_ERR);
	}
	CHECK(i == 8);
}

static void shared_receive_queue(void)
{
	struct ibv_sge sge;
	unsigned int i;

	make_pair(srq, 7);
	/* More than it holds in all, so that its list is used in another order */
	for (i = 0; i < 3 * WRS; i++) {
		fill(a.buf, i);
		post_recv(&b, SIZE);
		post(send_wr(IBV_WR_SEND, &sge, 300));
		expect(IBV_WC_SUCCESS, IBV_WC_SUCCESS);
		CHECK(!memcmp(a.buf, b.buf, 300));
	}
}

static void datagrams(void)
{
	struct ibv_ah_attr ah_attr = { .dlid = b.lid, .port_num = a.port };
	struct ibv_qp_attr rtr = { .qp_state = IBV_QPS_RTR };
	struct ibv_qp_attr rts = { .qp_state = IBV_QPS_RTS };
	struct ibv_send_wr *wr;
	struct ibv_sge sge;
	struct ibv_ah *ah;

	make_end(&a, IBV_QPT_UD, NULL);
	make_end(&b, IBV_QPT_UD, NULL);
	if (ibv_modify_qp(a.qp, &rtr, IBV_QP_STATE) ||
	    ibv_modify_qp(b.qp, &rtr, IBV_QP_STATE) ||
	    ibv_modify_qp(a.qp, &rts, IBV_QP_STATE | IBV_QP_SQ_PSN) ||
	    ibv_modify_qp(b.qp, &rts, IBV_QP_STATE | IBV_QP_SQ_PSN))
		die("ibv_modify_qp");
	ah = ibv_create_ah(pd, &ah_attr);
	if (!ah)
		die("ibv_create_ah");
	fill(a.buf, 10);
	post_recv(&b, SIZE);
	wr = send_wr(IBV_WR_SEND, &sge, 1500);
	wr->wr.ud.ah = ah;
	wr->wr.ud.remote_qpn = b.qp->qp_num;
	wr->wr.ud.remote_qkey = 0x1234;
	post(wr);
	expect(IBV_WC_SUCCESS, IBV_WC_SUCCESS);
	CHECK(!memcmp(a.buf, b.buf + 40, 1500));
	ibv_destroy_ah(ah);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "send and receive", send_receive },
	{ "inline send", send_inline },
	{ "RDMA write and read", write_read },
	{ "RDMA write with immediate", write_immediate },
	{ "atomics", atomics },
	{ "bad remote key", bad_remote_key },
	{ "remote bounds", remote_bounds },
	{ "bad local key", bad_local_key },
	{ "message too long", too_long },
	{ "no receive", no_receive },
	{ "flush", flush },
	{ "shared receive queue", shared_receive_queue },
	{ "datagrams", datagrams },
};

static void open_end(struct end *e, const char *port)
{
	struct ibv_port_attr attr;

	e->port = atoi(port);
	if (ibv_query_port(ctx, e->port, &attr))
		die("ibv_query_port");
	e->lid = attr.lid;
	e->buf = aligned_alloc(4096, SIZE);
	e->mr = ibv_reg_mr(pd, e->buf, SIZE, RIGHTS);
	if (!e->mr)
		die("ibv_reg_mr");
}

int main(int argc, char **argv)
{
	struct ibv_srq_init_attr srq_attr = {
		.attr = { .max_wr = WRS, .max_sge = 1 },
	};
	unsigned int i;

	now = "setup";
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 4) {
		fprintf(stderr, "usage: rdma_ops DEVICE PORT PORT\n");
		return 2;
	}
	errno = open_device(argv[1], &ctx);
	if (errno)
		die("ibv_open_device");
	pd = ibv_alloc_pd(ctx);
	cq = ibv_create_cq(ctx, 256, NULL, NULL, 0);
	srq = pd ? ibv_create_srq(pd, &srq_attr) : NULL;
	if (!pd || !cq || !srq)
		die("creating PD, CQ and SRQ");
	open_end(&a, argv[2]);
	open_end(&b, argv[3]);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int before = failures;

		now = cases[i].name;
		cases[i].run();
		destroy_pair();
		printf("%s %s\n", failures == before ? "ok" : "not ok", now);
	}
	return failures ? 1 : 0;
}
