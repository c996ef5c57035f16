// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "fixture.h"

#define ICM_MTT		0x10000000ull
#define ICM_MPT		0x20000000ull
#define ICM_MCG		0x30000000ull
#define ICM_PAGES	64
#define EQ_ENTRIES	64

struct hca *hca;

static u64 clock = 1000 * MS;
static u64 in_box, out_box;
static u32 next_mtt, next_mpt;
static u64 eq_ring, cq_ring, cq_db;
static u32 eq_ci, cq_ci, cq_entries;

u64 now_ns(void)
{
	return clock;
}

static void write32(unsigned int bar, u64 offset, u32 value)
{
	u8 b[4];

	put32(b, value);
	hca_ops.write(hca, bar, offset, b, sizeof(b));
}

static u32 read32(unsigned int bar, u64 offset)
{
	u8 b[4] = { 0 };

	hca_ops.read(hca, bar, offset, b, sizeof(b));
	return get32(b);
}

/* One command, its GO bit polled; a time-out is 0xff */
u8 command(u16 op, u32 in_modifier, u8 op_modifier, const void *in, u32 len,
	   u64 *out)
{
	u32 w[HCR_WORDS] = { 0 }, last;
	unsigned int i;

	if (in) {
		memset(mem + in_box, 0, PAGE);
		memcpy(mem + in_box, in, len);
		w[1] = in_box;
	}
	w[2] = in_modifier;
	w[4] = out_box;
	w[6] = HCR_GO | (u32)op_modifier << 12 | op;
	for (i = 0; i < HCR_WORDS; i++)
		write32(BAR_REGS, REG_HCR + 4 * i, w[i]);
	last = read32(BAR_REGS, REG_HCR + 24);
	if (out)
		*out = (u64)read32(BAR_REGS, REG_HCR + 12) << 32 |
		       read32(BAR_REGS, REG_HCR + 16);
	return last & HCR_GO ? 0xff : last >> 24;
}

const u8 *outbox(void)
{
	return mem + out_box;
}

void control(const char *line)
{
	control_line(&hca_ops, hca, line);
}

/* Let the model run until it has nothing to do at once, or for some time */
static void work(void)
{
	unsigned int n;

	for (n = 0; n < 1000 && hca_ops.work(hca) == 0; n++)
		;
}

void work_for(unsigned int ms)
{
	u64 end = clock + ms * MS;

	do {
		clock += MS / 10;
		work();
	} while (clock < end);
}

/*
 * Tables
 */

static void map_icm(u64 virt)
{
	u8 in[16];

	put64(in, virt);
	put64(in + 8, alloc(ICM_PAGES * PAGE) | 6);	/* 64 pages */
	CHECK_EQ(command(CMD_MAP_ICM, 1, 0, in, sizeof(in), NULL), STAT_OK);
}

/* The translation of @pages pages; returns its address in the table */
static u32 make_mtt(u64 addr, u32 pages)
{
	u32 mtt = next_mtt, i;

	for (i = 0; i < pages; i++)
		mtt_write(hca, mtt, i, (addr + (u64)i * PAGE) | MTT_PRESENT);
	next_mtt += pages * MTT_ENTRY_SIZE;
	return mtt;
}

static void put_ring(u8 *log_page, u64 addr, u32 size)
{
	u32 pages = (size + PAGE - 1) / PAGE;

	log_page[0] = 0;
	put32(log_page + 4, make_mtt(addr, pages));
}

static void make_eq(void)
{
	u8 in[64] = { 0 };

	eq_ring = alloc(EQ_ENTRIES * EQE_SIZE);
	eq_ci = 0;
	put32(in, 9 << 8);		/* armed */
	in[12] = 6;
	put_ring(in + 24, eq_ring, EQ_ENTRIES * EQE_SIZE);
	CHECK_EQ(command(CMD_SW2HW_EQ, EQN, 0, in, sizeof(in), NULL), STAT_OK);
	/* MAP_EQ takes the mask in the place of the mailbox */
	{
		u32 w[HCR_WORDS] = { 0xffffffff, 0xffffffff, EQN, 0, 0, 0,
				     HCR_GO | CMD_MAP_EQ };
		unsigned int i;

		for (i = 0; i < HCR_WORDS; i++)
			write32(BAR_REGS, REG_HCR + 4 * i, w[i]);
	}
}

void make_cq(u32 cqn, u32 log_entries)
{
	u8 in[64] = { 0 };

	cq_entries = 1u << log_entries;
	cq_ring = alloc(cq_entries * CQE_SIZE);
	cq_db = alloc(8);
	cq_ci = 0;
	put32(in + 12, log_entries << 24);
	in[23] = EQN;
	put_ring(in + 24, cq_ring, cq_entries * CQE_SIZE);
	put64(in + 56, cq_db);
	CHECK_EQ(command(CMD_SW2HW_CQ, cqn, 0, in, sizeof(in), NULL), STAT_OK);
}

void make_srq(u32 srqn, u64 *db, u64 *ring)
{
	u8 in[64] = { 0 };
	unsigned int i;

	*ring = alloc(WRS << WQE_SHIFT);
	*db = alloc(8);
	for (i = 0; i < WRS; i++)
		put16(mem + *ring + (i << WQE_SHIFT) + 2, (i + 1) % WRS);
	put32(in, 4u << 24 | srqn);
	in[4] = WQE_SHIFT - 4;
	put_ring(in + 16, *ring, WRS << WQE_SHIFT);
	put32(in + 24, PD);
	put64(in + 40, *db);
	CHECK_EQ(command(CMD_SW2HW_SRQ, srqn, 0, in, sizeof(in), NULL), STAT_OK);
}

static u32 new_key(void)
{
	return ++next_mpt << 8 | 0x5a;
}

static void put_mpt(u8 *in, u32 key, u32 pd, u32 flags)
{
	put32(in + MPT_FLAGS, flags);
	put32(in + MPT_KEY, key >> 8 | key << 24);
	put32(in + MPT_PD, pd | MPT_PD_EN_INV);
}

u32 make_mr(u32 pd, u64 addr, u64 len, u32 perms)
{
	u32 key = new_key();
	u8 in[MPT_SIZE] = { 0 };

	put_mpt(in, key, pd, 0xfu << 28 | MPT_REGION | perms);
	put64(in + MPT_START, addr);
	put64(in + MPT_LENGTH, len);
	put64(in + MPT_MTT, make_mtt(addr & ~(u64)(PAGE - 1),
				     ((addr & (PAGE - 1)) + len + PAGE - 1) / PAGE));
	put32(in + MPT_ENTITY_SIZE, 12);
	CHECK_EQ(command(CMD_SW2HW_MPT, key >> 8, 0, in, sizeof(in), NULL), STAT_OK);
	return key;
}

u32 make_fast_mr(u32 pd, u32 pages)
{
	u32 key = new_key();
	u8 in[MPT_SIZE] = { 0 };

	put_mpt(in, key, pd | MPT_PD_FAST_REG, 0x3u << 28 | MPT_REGION);
	put64(in + MPT_MTT, make_mtt(0, pages));
	put32(in + MPT_MTT_SIZE, pages);
	CHECK_EQ(command(CMD_SW2HW_MPT, key >> 8, 0, in, sizeof(in), NULL), STAT_OK);
	return key;
}

/*
 * Start and end
 */

void fixture_start(void)
{
	u8 in[0x200] = { 0 };
	unsigned int i;

	guest_start();
	hca = calloc(1, sizeof(*hca));
	next_mtt = 0;
	next_mpt = 0;
	in_box = alloc(PAGE);
	out_box = alloc(PAGE);
	hca->faults = faults_create(fault_kinds, NR_FAULTS);
	hca->nr_ports = 2;
	for (i = 0; i < 2; i++)
		hca->ports[i].types = PORT_TYPE_IB;
	list_init(&hca->waiting);
	list_init(&hca->moderated);
	hca_reset(hca);

	map_icm(ICM_MTT);
	map_icm(ICM_MPT);
	map_icm(ICM_MCG);
	put64(in + 0x0c0, ICM_MCG);
	in[0x0d3] = 6;
	in[0x0d7] = 4;
	put64(in + 0x0f0, ICM_MPT);
	in[0x0fb] = 10;
	put64(in + 0x100, ICM_MTT);
	CHECK_EQ(command(CMD_INIT_HCA, 0, 0, in, sizeof(in), NULL), STAT_OK);
	for (i = 1; i <= 2; i++)
		CHECK_EQ(command(CMD_INIT_PORT, i, 0, NULL, 0, NULL), STAT_OK);
	make_eq();
	make_cq(CQN, 8);
}

void fixture_stop(void)
{
	hca_reset(hca);
	free(hca->faults);
	free(hca);
	guest_stop();
}

/*
 * Queue pairs
 */

static void put_context(struct test_qp *qp, u8 *in)
{
	u8 *c = in + 8;

	memset(in, 0, 8 + QPC_SIZE);
	put32(c + QPC_FLAGS, qp->type << 16);
	put32(c + QPC_PD, PD);
	c[QPC_RQ_SIZE] = 4 << 3 | (WQE_SHIFT - 4);
	c[QPC_SQ_SIZE] = 4 << 3 | (WQE_SHIFT - 4);
	put32(c + QPC_CQN_SEND, CQN);
	put32(c + QPC_CQN_RECV, CQN);
	put64(c + QPC_DB_REC, qp->db);
	put32(c + QPC_PARAMS2, qp->rights);
	put32(c + QPC_QKEY, 0x1234);
	if (qp->srqn)
		put32(c + QPC_SRQN, QPC_SRQ_ENABLE | qp->srqn);
	c[QPC_PATH + PATH_SCHED_QUEUE] = 0x83 | (qp->port - 1) << 6;
}

void qp_make(struct test_qp *qp)
{
	u32 size = 2 * (WRS << WQE_SHIFT);
	u8 in[8 + QPC_SIZE];
	unsigned int i;

	qp->ring = alloc(size);
	qp->db = alloc(8);
	/* All send WQEs are software's */
	for (i = 0; i < WRS; i++)
		put32(mem + qp->ring + (i << WQE_SHIFT), WQE_OWNER);
	put_context(qp, in);
	put_ring(in + 8 + QPC_LOG_PAGE, qp->ring, size);
	CHECK_EQ(command(CMD_RST2INIT_QP, qp->qpn, 0, in, sizeof(in), NULL), STAT_OK);
}

u8 qp_rtr(struct test_qp *qp, u32 remote, u16 lid)
{
	u8 in[8 + QPC_SIZE];

	put_context(qp, in);
	put32(in + 8 + QPC_REMOTE_QPN, remote);
	put16(in + 8 + QPC_PATH + PATH_RLID, lid);
	in[8 + QPC_RNR_RECV_PSN] = 1;		/* 10 us */
	put32(in, OPTPAR_RNR_TIMEOUT);
	return command(CMD_INIT2RTR_QP, qp->qpn, 0, in, sizeof(in), NULL);
}

u8 qp_rts(struct test_qp *qp)
{
	u8 in[8 + QPC_SIZE];

	put_context(qp, in);
	put32(in + 8 + QPC_PARAMS1, qp->retry << 16 | qp->rnr_retry << 13);
	in[8 + QPC_PATH + PATH_ACKTO] = qp->timeout << 3;
	return command(CMD_RTR2RTS_QP, qp->qpn, 0, in, sizeof(in), NULL);
}

void connect(struct test_qp *a, struct test_qp *b)
{
	qp_make(a);
	qp_make(b);
	CHECK_EQ(qp_rtr(a, b->qpn, b->port), STAT_OK);
	CHECK_EQ(qp_rtr(b, a->qpn, a->port), STAT_OK);
	CHECK_EQ(qp_rts(a), STAT_OK);
	CHECK_EQ(qp_rts(b), STAT_OK);
}

u8 qp_move(struct test_qp *qp, u16 op)
{
	u8 in[8 + QPC_SIZE] = { 0 };

	return command(op, qp->qpn, 0, in, sizeof(in), NULL);
}

u8 qp_state(struct test_qp *qp)
{
	CHECK_EQ(command(CMD_QUERY_QP, qp->qpn, 0, NULL, 0, NULL), STAT_OK);
	return get32(outbox() + 8) >> 28;
}

static u8 *sq_slot(struct test_qp *qp)
{
	return mem + qp->ring + ((qp->sq % WRS) << WQE_SHIFT);
}

/* A WQE's control segment; returns where the next segment goes */
u8 *wqe_start(struct test_qp *qp, u8 opcode, bool signaled)
{
	u8 *p = sq_slot(qp);

	memset(p + 4, 0, (1 << WQE_SHIFT) - 4);
	put32(p + 8, signaled ? WQE_CQ_UPDATE : 0);
	p[3] = opcode;
	return p + WQE_CTRL_SIZE;
}

u8 *wqe_sge(u8 *p, u32 key, u64 addr, u32 len)
{
	put32(p, len);
	put32(p + 4, key);
	put64(p + 8, addr);
	return p + 16;
}

u8 *wqe_remote(u8 *p, u32 key, u64 addr)
{
	put64(p, addr);
	put32(p + 8, key);
	return p + 16;
}

void wqe_post(struct test_qp *qp, const u8 *end)
{
	u8 *p = sq_slot(qp);
	u8 opcode = p[3];

	p[7] = (end - p) / 16;
	put32(p, opcode | (qp->sq & WRS ? WQE_OWNER : 0));
	qp->sq++;
	write32(BAR_UAR, UAR_SEND_DOORBELL, qp->qpn << 8);
	work();
}

void send_wr(struct test_qp *qp, u8 opcode, u32 key, u64 addr, u32 len)
{
	wqe_post(qp, wqe_sge(wqe_start(qp, opcode, true), key, addr, len));
}

void recv_wr(struct test_qp *qp, u32 key, u64 addr, u32 len)
{
	/* Equal strides: the send queue comes first */
	u8 *p = mem + qp->ring + (WRS << WQE_SHIFT) + ((qp->rq % WRS) << WQE_SHIFT);

	p = wqe_sge(p, key, addr, len);
	wqe_sge(p, WQE_INVALID_LKEY, 0, 0);
	put32(mem + qp->db, ++qp->rq);
}

/*
 * Completions and events
 */

bool poll_cqe(struct test_cqe *c)
{
	const u8 *p = mem + cq_ring + (cq_ci % cq_entries) * CQE_SIZE;

	if (!!(p[31] & CQE_OWNER) != !!(cq_ci & cq_entries))
		return false;
	*c = (struct test_cqe){
		.qpn = get24(p), .imm = get32(p + 4), .src_qpn = get24(p + 8),
		.bytes = get32(p + 20), .index = get16(p + 24),
		.opcode = p[31] & 0x1f, .send = p[31] & CQE_IS_SEND,
	};
	if (c->opcode == CQE_OPCODE_ERROR)
		c->syndrome = p[27];
	put32(mem + cq_db, ++cq_ci & 0xffffff);
	return true;
}

static bool next_event(u8 *type, u32 *data)
{
	const u8 *p = mem + eq_ring + (eq_ci % EQ_ENTRIES) * EQE_SIZE;

	if (!!(p[31] & 0x80) != !!(eq_ci & EQ_ENTRIES))
		return false;
	*type = p[1];
	*data = get32(p + 4);
	eq_ci++;
	/* Ask for an interrupt */
	write32(BAR_UAR, (EQN / 4 << UAR_SHIFT) + UAR_EQ_DOORBELL + 8 * (EQN % 4),
		(eq_ci & 0xffffff) | 1u << 31);
	return true;
}

bool poll_event(u8 type, u32 *data)
{
	unsigned int n;
	u8 t;

	for (n = 0; n < 1000; n++) {
		while (next_event(&t, data))
			if (t == type)
				return true;
		work_for(1);
	}
	return false;
}

void arm_cq(u32 request)
{
	u8 b[8];

	put32(b, request << 24 | CQN);
	put32(b + 4, cq_ci);
	hca_ops.write(hca, BAR_UAR, UAR_CQ_DOORBELL, b, sizeof(b));
}
