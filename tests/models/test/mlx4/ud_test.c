// SPDX-License-Identifier: GPL-2.0-only
/* Datagrams, multicast, subnet administration. */
#include "fixture.h"

#define GRH	40

static struct test_qp a, b;
static u64 buf;
static u32 key;

static void two(void)
{
	a = TEST_QP(0);
	b = TEST_QP(1);
	a.type = b.type = QP_UD;
	b.port = 2;
	connect(&a, &b);
	buf = alloc(4096);
	key = make_mr(PD, buf, 4096, ALL_PERMS);
	memset(mem + buf, 0x77, 64);
}

static u8 *datagram(u16 dlid, u32 dqpn, u32 qkey, const u8 *dgid)
{
	u8 *p = wqe_start(&a, OP_SEND, true);

	put32(p, 1u << 24 | PD);
	put16(p + 6, dlid);
	if (dgid) {
		p[5] = 0x80;
		memcpy(p + 16, dgid, 16);
	}
	put32(p + 32, dqpn);
	put32(p + 36, qkey);
	return p + 48;
}

static void a_datagram_arrives_after_the_grh(void)
{
	struct test_cqe c;

	two();
	recv_wr(&b, key, buf + 1024, 256);
	wqe_post(&a, wqe_sge(datagram(2, b.qpn, 0x1234, NULL), key, buf, 64));
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, b.qpn);
	CHECK_EQ(c.bytes, 64 + GRH);
	CHECK_EQ(c.src_qpn, a.qpn);
	CHECK(!memcmp(mem + buf + 1024 + GRH, mem + buf, 64));
	CHECK(poll_cqe(&c));
	CHECK(c.send);
}

/* Its sender does not learn of that */
static void is_lost(u16 dlid, u32 qkey)
{
	struct test_cqe c;

	two();
	recv_wr(&b, key, buf + 1024, 256);
	wqe_post(&a, wqe_sge(datagram(dlid, b.qpn, qkey, NULL), key, buf, 64));
	CHECK(poll_cqe(&c));
	CHECK(c.send);
	CHECK(!poll_cqe(&c));
}

static void a_wrong_qkey_is_dropped(void)
{
	is_lost(2, 0x1235);
}

static void a_datagram_that_is_too_long_is_an_error(void)
{
	struct test_cqe c;

	two();
	recv_wr(&b, key, buf + 1024, 63 + GRH);
	wqe_post(&a, wqe_sge(datagram(2, b.qpn, 0x1234, NULL), key, buf, 64));
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.syndrome, SYN_LOCAL_LENGTH);
	CHECK_EQ(qp_state(&b), QP_ERR);
}

static const u8 mgid[16] = { 0xff, 0x12, 1, 2, 3 };

/* Both join, one sends */
static void send_multicast(void)
{
	u8 in[64] = { 0 };
	u64 hash;

	CHECK_EQ(command(CMD_MGID_HASH, 0, 0, mgid, 16, &hash), STAT_OK);
	put32(in + 4, 2);
	memcpy(in + 16, mgid, 16);
	put32(in + 32, a.qpn | 1u << 30);
	put32(in + 36, b.qpn);
	CHECK_EQ(command(CMD_WRITE_MCG, hash, 0, in, sizeof(in), NULL), STAT_OK);
	recv_wr(&a, key, buf + 2048, 256);
	recv_wr(&b, key, buf + 1024, 256);
	wqe_post(&a, wqe_sge(datagram(0xc000, 0xffffff, 0x1234, mgid), key, buf, 64));
}

static void multicast_reaches_the_members(void)
{
	struct test_cqe c;

	two();
	send_multicast();
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, b.qpn);
	CHECK(!memcmp(mem + buf + 1024 + 24, mgid, 16));
	CHECK(poll_cqe(&c));
	CHECK(c.send);
	CHECK(!poll_cqe(&c));
}

static void multicast_stays_on_infiniband(void)
{
	struct test_cqe c;

	two();
	hca->ports[1].eth = true;
	send_multicast();
	CHECK(poll_cqe(&c));
	CHECK(c.send);
	CHECK(!poll_cqe(&c));
}

static void the_administrator_knows_paths(void)
{
	u8 *mad = mem;
	struct test_cqe c;

	two();
	CHECK_EQ(command(CMD_CONF_SPECIAL_QP, a.qpn - 2, 0, NULL, 0, NULL), STAT_OK);
	/* The answer goes to QP1 of port 1, which is a */
	mad += buf + 512;
	memset(mad, 0, 256);
	mad[0] = 1;
	mad[1] = 3;
	mad[2] = 2;
	mad[3] = 1;
	put16(mad + 16, 0x35);
	memcpy(mad + 56 + 8, hca->ports[1].gids[0], 16);
	memcpy(mad + 56 + 24, hca->ports[0].gids[0], 16);
	recv_wr(&a, key, buf + 1024, 512);
	{
		struct packet pkt = {
			.from = &hca->ports[0], .sqpn = 1, .dqpn = 1, .slid = 1,
			.dlid = SM_LID, .qkey = 0x1234, .len = 256,
		};

		memcpy(pkt.payload, mad, 256);
		packet_deliver(hca, &pkt);
	}
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, a.qpn);
	CHECK_EQ(mem[buf + 1024 + GRH + 3], 0x81);
	CHECK_EQ(get16(mem + buf + 1024 + GRH + 4), 0);
	CHECK_EQ(get16(mem + buf + 1024 + GRH + 56 + 40), 2);
}

/*
 * What a driver writes for its special QPs: headers, payload, room for a checksum
 */

static u32 put_transport(u8 *p, u32 dqpn)
{
	memset(p, 0, 20);
	p[0] = 0x64;			/* UD SEND only */
	put16(p + 2, 0xffff);
	put32(p + 4, dqpn);
	put32(p + 12, 0x80010000);
	put32(p + 16, 1);
	return 20;
}

/* Inline data, cut as the driver cuts it */
static u8 *put_inline(u8 *p, const u8 *data, u32 len)
{
	u32 first = len < 44 ? len : 44;

	put32(p, WQE_INLINE | first);
	memcpy(p + 4, data, first);
	p += (4 + first + 15) & ~15u;
	if (len == first)
		return p;
	put32(p, WQE_INLINE | (len - first));
	memcpy(p + 4, data + first, len - first);
	return p + ((4 + len - first + 15) & ~15u);
}

static void post_special(const u8 *headers, u32 len)
{
	u8 *p = put_inline(wqe_start(&a, OP_SEND, true), headers, len);

	p = wqe_sge(p, key, buf, 64);
	put32(p, WQE_INLINE | 4);
	wqe_post(&a, p + 16);
}

/* Numbers are chosen so that the first is QP1 of port 1, the second of port 2 */
static void special_pair(void)
{
	two();
	command(CMD_2RST_QP, a.qpn, 0, NULL, 0, NULL);
	command(CMD_2RST_QP, b.qpn, 0, NULL, 0, NULL);
	CHECK_EQ(command(CMD_CONF_SPECIAL_QP, FIRST_QPN, 0, NULL, 0, NULL), STAT_OK);
	a = TEST_QP(2);
	b = TEST_QP(3);
	a.type = b.type = QP_MLX;
	b.port = 2;
	connect(&a, &b);
}

static void expect_special(bool grh)
{
	struct test_cqe c;

	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, b.qpn);
	CHECK_EQ(c.src_qpn, 1);
	CHECK_EQ(c.bytes, 64 + GRH);
	CHECK(!memcmp(mem + buf + 1024 + GRH, mem + buf, 64));
	CHECK_EQ(!!get32(mem + buf + 1024), grh);
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, a.qpn);
}

static void qp1_sends_over_infiniband(void)
{
	u8 h[64] = { 0 };
	u32 len = 8;

	special_pair();
	h[1] = 2;			/* no GRH */
	put16(h + 2, 2);
	len += put_transport(h + len, 1);
	recv_wr(&b, key, buf + 1024, 256);
	post_special(h, len);
	expect_special(false);
}

static void qp1_sends_over_roce(void)
{
	static const u8 gid[2][16] = { { 0xfe, 0x80, 1 }, { 0xfe, 0x80, 2 } };
	u8 h[128] = { 0 };
	u32 len = 14;

	special_pair();
	hca->ports[0].eth = hca->ports[1].eth = true;
	memcpy(hca->ports[0].gids[3], gid[0], 16);
	memcpy(hca->ports[1].gids[5], gid[1], 16);
	put16(h + 12, 0x8915);
	memcpy(h + len + 8, gid[0], 16);
	memcpy(h + len + 24, gid[1], 16);
	len += GRH;
	len += put_transport(h + len, 1);
	recv_wr(&b, key, buf + 1024, 256);
	post_special(h, len);
	expect_special(true);
	CHECK(!memcmp(mem + buf + 1024 + 24, gid[1], 16));
}

static void an_address_of_nobody_loses_the_datagram(void)
{
	is_lost(3, 0x1234);
}

static void ports_are_described(void)
{
	u8 in[256] = { 0 };

	in[0] = in[1] = in[2] = in[3] = 1;
	put16(in + 16, 0x15);
	CHECK_EQ(command(CMD_MAD_IFC, 2, 0, in, sizeof(in), NULL), STAT_OK);
	CHECK_EQ(outbox()[3], 0x81);
	CHECK_EQ(get16(outbox() + 64 + 16), 2);		/* LID */
	CHECK_EQ(get16(outbox() + 64 + 18), SM_LID);
	CHECK_EQ(outbox()[64 + 32] & 0xf, 4);		/* active */
	control("port 2 down");
	CHECK_EQ(command(CMD_MAD_IFC, 2, 0, in, sizeof(in), NULL), STAT_OK);
	CHECK_EQ(outbox()[64 + 32] & 0xf, 1);
	CHECK_EQ(command(CMD_MAD_IFC, 3, 0, in, sizeof(in), NULL), STAT_BAD_INDEX);
}

static void frames_take_several_strides(void)
{
	struct test_cqe c;
	unsigned int i;
	u8 *p;

	two();
	a = TEST_QP(5);
	a.type = QP_MLX;
	qp_make(&a);
	CHECK_EQ(qp_rtr(&a, 0, 0), STAT_OK);
	CHECK_EQ(qp_rts(&a), STAT_OK);
	/* 256 bytes and a bit: two strides each, twice around the ring */
	for (i = 0; i < WRS; i++) {
		p = wqe_start(&a, OP_SEND, true);
		wqe_post(&a, p + 256);
		a.sq++;
		CHECK(poll_cqe(&c));
		CHECK_EQ(c.index, 2 * i);
	}
	CHECK_EQ(hca->stats.frames, WRS);
}

const struct test_case ud_cases[] = {
	{ "a_datagram_arrives_after_the_grh", a_datagram_arrives_after_the_grh },
	{ "a_wrong_qkey_is_dropped", a_wrong_qkey_is_dropped },
	{ "a_datagram_that_is_too_long_is_an_error", a_datagram_that_is_too_long_is_an_error },
	{ "multicast_reaches_the_members", multicast_reaches_the_members },
	{ "multicast_stays_on_infiniband", multicast_stays_on_infiniband },
	{ "the_administrator_knows_paths", the_administrator_knows_paths },
	{ "qp1_sends_over_infiniband", qp1_sends_over_infiniband },
	{ "qp1_sends_over_roce", qp1_sends_over_roce },
	{ "an_address_of_nobody_loses_the_datagram", an_address_of_nobody_loses_the_datagram },
	{ "ports_are_described", ports_are_described },
	{ "frames_take_several_strides", frames_take_several_strides },
	{ 0 }
};
