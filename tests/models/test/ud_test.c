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

static void a_wrong_qkey_is_dropped(void)
{
	struct test_cqe c;

	two();
	recv_wr(&b, key, buf + 1024, 256);
	wqe_post(&a, wqe_sge(datagram(2, b.qpn, 0x1235, NULL), key, buf, 64));
	CHECK(poll_cqe(&c));
	CHECK(c.send);
	CHECK(!poll_cqe(&c));
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

static void multicast_reaches_the_members(void)
{
	static const u8 mgid[16] = { 0xff, 0x12, 1, 2, 3 };
	struct test_cqe c;
	u8 in[64] = { 0 };
	u64 hash;

	two();
	CHECK_EQ(command(CMD_MGID_HASH, 0, 0, mgid, 16, &hash), STAT_OK);
	put32(in + 4, 2);
	memcpy(in + 16, mgid, 16);
	put32(in + 32, a.qpn | 1u << 30);
	put32(in + 36, b.qpn);
	CHECK_EQ(command(CMD_WRITE_MCG, hash, 0, in, sizeof(in), NULL), STAT_OK);
	recv_wr(&a, key, buf + 2048, 256);
	recv_wr(&b, key, buf + 1024, 256);
	wqe_post(&a, wqe_sge(datagram(0xc000, 0xffffff, 0x1234, mgid), key, buf, 64));
	CHECK(poll_cqe(&c));
	CHECK_EQ(c.qpn, b.qpn);
	CHECK(!memcmp(mem + buf + 1024 + 24, mgid, 16));
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

const struct test_case ud_cases[] = {
	{ "a_datagram_arrives_after_the_grh", a_datagram_arrives_after_the_grh },
	{ "a_wrong_qkey_is_dropped", a_wrong_qkey_is_dropped },
	{ "a_datagram_that_is_too_long_is_an_error", a_datagram_that_is_too_long_is_an_error },
	{ "multicast_reaches_the_members", multicast_reaches_the_members },
	{ "the_administrator_knows_paths", the_administrator_knows_paths },
	{ 0 }
};
