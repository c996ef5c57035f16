// SPDX-License-Identifier: GPL-2.0-only
/* The driver's side of RDMA: queues, connections, work requests. */
#include "fixture.h"

static u32 next_stag = 1, next_pbl;
static u64 next_cookie = 1;

static void put_resource(u8 *r, u8 type, u32 id, u32 size, u64 ring)
{
	r[RES_TYPE] = type;
	put32(r + RES_ID, id);
	put64(r + RES_ADDR, ring);
	if (type == RES_CQ) {
		put32(r + RES_DEST, IQ_TO_QUEUE | concentrator.id);
		put16(r + RES_IQ_ENTRY, 2);
		put16(r + RES_IQ_SIZE, size);
	} else {
		put32(r + RES_EQ_SIZE, size);
	}
}

static void make_queues(struct test_qp *qp)
{
	u8 wr[WR_HEADER + 3 * RES_SIZE] = { 0 };
	u64 cookie = next_cookie++;

	wr_header(wr, WR_RI_RES, 0, sizeof(wr), cookie);
	wr[3] = 3;
	put_resource(wr + WR_HEADER, RES_CQ, qp->cq.id, CQ_ENTRIES, qp->cq.ring);
	put_resource(wr + WR_HEADER + RES_SIZE, RES_SQ, qp->sq.id, SQ_UNITS + 1,
		     qp->sq.ring);
	put_resource(wr + WR_HEADER + 2 * RES_SIZE, RES_RQ, qp->rq.id,
		     RQ_UNITS + 1, qp->rq.ring);
	post(&ctrl, wr, sizeof(wr));
	CHECK_EQ(wr_answer(cookie), FW_OK);
}

void qp_make(struct test_qp *qp, u32 number)
{
	u32 base = RDMA_QUEUES + 8 * number;

	*qp = (struct test_qp){
		.sqid = base, .caps = QP_READ | QP_WRITE | QP_FAST_REGISTER | QP_STAG0,
		.sq = { .id = base, .units = SQ_UNITS,
			.ring = alloc(EQ_UNIT * (SQ_UNITS + 1)) },
		.rq = { .id = base + 1, .units = RQ_UNITS,
			.ring = alloc(EQ_UNIT * (RQ_UNITS + 1)) },
		.cq = { .id = base + 2, .entry = CQE_SIZE, .entries = CQ_ENTRIES - 1,
			.gen = true, .ring = alloc(CQE_SIZE * CQ_ENTRIES) },
	};
	make_queues(qp);
}

/* A server for each connection: @b listens, @a connects */
void tcp_connect(struct test_qp *a, struct test_qp *b)
{
	u32 stid = STID_BASE + b->sqid % NR_STIDS, port = SERVER_PORT + b->sqid;
	u8 cpl[64] = { 0 };
	const u8 *p;

	put32(cpl, (u32)CPL_PASS_OPEN_REQ << 24 | stid);
	put16(cpl + 4, port);
	put64(cpl + 24, responses.id << 2);
	send_cpl(cpl, 32);
	CHECK(expect(CPL_PASS_OPEN_RPL));

	memset(cpl, 0, sizeof(cpl));
	put32(cpl, (u32)CPL_ACT_OPEN_REQ << 24 | responses.id << 14 | 7);
	put16(cpl + 4, 40000);
	put16(cpl + 6, port);
	put32(cpl + 8, 0x0a050001);
	put32(cpl + 12, 0x0a060001);
	put32(cpl + 24, 1000);
	send_cpl(cpl, 40);
	p = expect(CPL_PASS_ACCEPT_REQ);
	CHECK(p);
	if (!p)
		return;
	b->tid = CPL_TID(get32(p));

	memset(cpl, 0, sizeof(cpl));
	put32(cpl, (u32)CPL_PASS_ACCEPT_RPL << 24 | b->tid);
	put32(cpl + 4, responses.id);
	put32(cpl + 16, 2000);
	send_cpl(cpl, 24);
	p = expect(CPL_ACT_ESTABLISH);
	CHECK(p);
	if (!p)
		return;
	a->tid = CPL_TID(get32(p));
	p = expect(CPL_PASS_ESTABLISH);
	CHECK(p && CPL_TID(get32(p)) == b->tid);
}

static int post_init(struct test_qp *qp, u8 *wr, u32 len)
{
	u64 cookie = next_cookie++;

	wr_header(wr, WR_RI_INIT, qp->tid, len, cookie);
	post(&offload, wr, len);
	return wr_answer(cookie);
}

int rdma_mode(struct test_qp *qp, bool initiator)
{
	u8 wr[144] = { 0 };

	wr[INIT_TYPE] = INIT_INIT;
	wr[INIT_MPA] = (initiator ? MPA_INITIATOR : 0) | MPA_P2P_READ;
	wr[INIT_QP_CAPS] = qp->caps;
	put32(wr + INIT_PD, PD);
	put32(wr + INIT_QPID, qp->sq.id);
	put32(wr + INIT_RQ, qp->rq.id);
	put32(wr + INIT_SCQ, qp->cq.id);
	put32(wr + INIT_RCQ, qp->cq.id);
	return post_init(qp, wr, sizeof(wr));
}

int fini(struct test_qp *qp)
{
	u8 wr[64] = { 0 };

	wr[INIT_TYPE] = INIT_FINI;
	return post_init(qp, wr, sizeof(wr));
}

/* @b first, as the one that accepts does */
void connect_qps(struct test_qp *a, struct test_qp *b)
{
	struct test_cqe c;

	qp_make(a, 0);
	qp_make(b, 1);
	tcp_connect(a, b);
	CHECK_EQ(rdma_mode(b, false), FW_OK);
	CHECK_EQ(rdma_mode(a, true), FW_OK);
	/* The read that opens the connection, which no work request asked for */
	CHECK(poll_cqe(a, &c) && c.opcode == RI_READ_RESP && c.stag == 1);
}

static void parse_cqe(const u8 *p, struct test_cqe *c)
{
	u32 head = get32(p);

	*c = (struct test_cqe){
		.qpid = head >> CQE_QPID_SHIFT, .opcode = head & 0xf,
		.status = head >> CQE_STATUS_SHIFT & 0x1f, .sq = head & CQE_SQ,
		.len = get32(p + CQE_LEN), .stag = get32(p + CQE_STAG),
		.msn = get32(p + CQE_MSN),
	};
	memcpy(&c->wrid, p + CQE_WRID, 2);
	memcpy(&c->imm, p + CQE_IMM, 4);
}

bool poll_cqe(struct test_qp *qp, struct test_cqe *c)
{
	struct test_iq *q = &qp->cq;
	const u8 *p = mem + q->ring + (u64)q->entry * q->ci;

	if (get64(p + CQE_SIZE - 8) >> CQE_GEN_SHIFT != q->gen)
		return false;
	parse_cqe(p, c);
	consume(q);
	return true;
}

bool poll_async(u32 qpid, struct test_cqe *c)
{
	const u8 *cpl;

	while ((cpl = expect(CPL_FW6_MSG))) {
		if (cpl[1] != FW6_CQE)
			continue;
		parse_cqe(cpl + 8, c);
		if (c->qpid == qpid)
			return true;
	}
	return false;
}

/*
 * Work requests
 */

static void start(struct test_qp *qp, u8 *wr, u8 op, u32 len)
{
	u16 wrid = qp->wrid++;

	wr[0] = op;
	wr[RI_FLAGS] |= RI_SIGNALED;
	memcpy(wr + RI_WRID, &wrid, 2);
	wr[WR_LEN16] = (len + 15) / 16;
}

static void put_list(u8 *p, u32 stag, u64 addr, u32 len)
{
	p[0] = RI_DATA_ISGL;
	put16(p + 2, 1);
	put32(p + 8, stag);
	put32(p + 12, len);
	put64(p + 16, addr);
}

void recv_wr(struct test_qp *qp, u32 stag, u64 addr, u32 len)
{
	u8 wr[64] = { WR_RI_RECV };

	wr[WR_LEN16] = 2;
	put_list(wr + RI_RECV_SGL, stag, addr, len);
	post(&qp->rq, wr, 32);
}

/* For SEND with invalidate, @stag is both */
void send_wr(struct test_qp *qp, u8 opcode, u32 stag, u64 addr, u32 len)
{
	u8 wr[64] = { 0 };

	start(qp, wr, WR_RI_SEND, 56);
	put32(wr + RI_SEND_OP, opcode);
	put32(wr + RI_SEND_STAG, stag);
	put_list(wr + RI_SEND_SGL, opcode == RI_SEND_INV ? 0 : stag, addr, len);
	post(&qp->sq, wr, 56);
}

void write_wr(struct test_qp *qp, u32 lstag, u64 laddr, u32 len, u32 stag, u64 to)
{
	u8 wr[64] = { 0 };

	start(qp, wr, WR_RI_RDMA_WRITE, 56);
	put32(wr + RI_WRITE_STAG, stag);
	put64(wr + RI_WRITE_TO, to);
	put_list(wr + RI_WRITE_SGL, lstag, laddr, len);
	post(&qp->sq, wr, 56);
}

void read_wr(struct test_qp *qp, u32 lstag, u64 laddr, u32 len, u32 stag, u64 from)
{
	u8 wr[64] = { 0 };

	start(qp, wr, WR_RI_RDMA_READ, 48);
	put32(wr + RI_READ_SINK_STAG, lstag);
	put64(wr + RI_READ_SINK_TO, laddr);
	put32(wr + RI_READ_LEN, len);
	put32(wr + RI_READ_SOURCE_STAG, stag);
	put64(wr + RI_READ_SOURCE_TO, from);
	post(&qp->sq, wr, 48);
}

void invalidate_wr(struct test_qp *qp, u32 stag)
{
	u8 wr[64] = { 0 };

	start(qp, wr, WR_RI_INV_LSTAG, 16);
	put32(wr + RI_INV_STAG, stag);
	post(&qp->sq, wr, 16);
}

void register_wr(struct test_qp *qp, u32 stag, u8 perms, u64 va, u32 len, u64 page)
{
	u8 wr[128] = { 0 };

	start(qp, wr, WR_RI_FR_NSMR, 72);
	wr[RI_FR_PERMS] = perms;
	put32(wr + RI_FR_STAG, stag);
	put32(wr + RI_FR_LEN, len);
	put64(wr + RI_FR_VA, va);
	wr[RI_FR_PBL] = RI_DATA_IMMD;
	put32(wr + RI_FR_PBL + 4, 32);
	put64(wr + RI_FR_PBL + 8, page);
	post(&qp->sq, wr, 72);
}

/*
 * Memory regions
 */

static void write_memory(u32 addr, const u8 *data, u32 len)
{
	u8 wr[256] = { 0 };
	u64 cookie = next_cookie++;

	wr_header(wr, WR_ULPTX, 0, ULP_DATA + 8 + len, cookie);
	wr[ULP_CMD] = ULP_MEM_WRITE;
	put32(wr + ULP_LEN, len / ULP_UNIT);
	put32(wr + ULP_ADDR, addr / ULP_UNIT);
	wr[ULP_DATA] = ULP_SC_IMM;
	put32(wr + ULP_DATA + 4, len);
	memcpy(wr + ULP_DATA + 8, data, len);
	post(&ctrl, wr, ULP_DATA + 8 + len);
	CHECK_EQ(wr_answer(cookie), FW_OK);
}

static u32 write_tpte(u32 pd, bool valid, u64 va, u64 len, u8 perms, u32 pbl)
{
	u32 stag = next_stag++ << 8 | 0x42;
	u8 e[TPTE_SIZE] = { 0 };

	put32(e, TPTE_VALID | 0x42 << 23 | (valid ? TPTE_STATE_VALID : 0) | pd);
	put32(e + 4, (u32)perms << 28);
	put32(e + 8, pbl);
	put32(e + 12, len);
	put64(e + 16, va);
	put32(e + 28, len >> 32);
	write_memory(STAG_BASE + (stag >> 8) * TPTE_SIZE, e, sizeof(e));
	return stag;
}

/* At most four pages */
u32 make_mr(u32 pd, u64 addr, u64 len, u8 perms)
{
	u8 pages[32] = { 0 };
	unsigned int i;
	u32 pbl = next_pbl;

	next_pbl += 4;
	for (i = 0; i < 4; i++)
		put64(pages + 8 * i, (addr & ~4095ull) + 4096 * i);
	write_memory(PBL_BASE + 8 * pbl, pages, sizeof(pages));
	return write_tpte(pd, true, addr, len, perms, pbl);
}

u32 make_fast_mr(u32 pd, u32 pages)
{
	u32 pbl = next_pbl;

	next_pbl += (pages + 3) & ~3u;
	return write_tpte(pd, false, 0, 0, 0, pbl);
}
