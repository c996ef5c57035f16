// SPDX-License-Identifier: GPL-2.0-only
/* Servers and connections: set up, refused, closed, reset. */
#include "fixture.h"

static struct test_qp a, b;

static void connection(void)
{
	qp_make(&a, 0);
	qp_make(&b, 1);
	tcp_connect(&a, &b);
}

static void request(enum cpl op, u32 tid)
{
	u8 cpl[24] = { 0 };

	put32(cpl, (u32)op << 24 | tid);
	send_cpl(cpl, sizeof(cpl));
}

/* Whether the next message of this kind is for that end */
static bool told(enum cpl op, const struct test_qp *qp)
{
	const u8 *cpl = expect(op);

	return cpl && CPL_TID(get32(cpl)) == qp->tid;
}

static void nobody_answers_where_no_server_is(void)
{
	u8 cpl[40] = { 0 };
	const u8 *p;

	put32(cpl, (u32)CPL_ACT_OPEN_REQ << 24 | responses.id << 14 | 9);
	put16(cpl + 6, SERVER_PORT);
	send_cpl(cpl, sizeof(cpl));
	p = expect(CPL_ACT_OPEN_RPL);
	CHECK(p);
	if (p)
		CHECK_EQ(get32(p + 4), 9 << 8 | CPL_ERR_CONN_RESET);
}

static void a_closed_server_takes_nobody(void)
{
	u8 cpl[40] = { 0 };

	connection();
	put32(cpl, (u32)CPL_CLOSE_LISTSRV_REQ << 24 | (STID_BASE + b.sqid % NR_STIDS));
	put16(cpl + 4, responses.id);
	send_cpl(cpl, 8);
	CHECK(expect(CPL_CLOSE_LISTSRV_RPL));
	memset(cpl, 0, sizeof(cpl));
	put32(cpl, (u32)CPL_ACT_OPEN_REQ << 24 | responses.id << 14 | 9);
	put16(cpl + 6, SERVER_PORT + b.sqid);
	send_cpl(cpl, sizeof(cpl));
	CHECK(expect(CPL_ACT_OPEN_RPL));
}

static void stream(struct test_qp *qp, const char *text, u32 plen)
{
	u8 wr[MAX_WR] = { 0 };

	wr_header(wr, WR_OFLD_TX_DATA, qp->tid, WR_HEADER + plen, 1);
	put32(wr + 8, plen);
	memcpy(wr + WR_HEADER, text, plen);
	post(&offload, wr, WR_HEADER + plen);
}

static void bytes_arrive_and_are_acknowledged(void)
{
	char text[200] = "MPA ID Req Frame";
	const u8 *p;

	connection();
	stream(&a, text, sizeof(text));
	p = expect(CPL_RX_DATA);
	CHECK(p);
	if (!p)
		return;
	CHECK_EQ(CPL_TID(get32(p)), b.tid);
	CHECK_EQ(get16(p + 6), sizeof(text));
	CHECK_EQ(get32(p + 8), 1001);
	CHECK(!memcmp(p + 16, text, sizeof(text)));
	p = expect(CPL_FW4_ACK);
	CHECK(p && p[4] == (WR_HEADER + sizeof(text) + 15) / 16);
}

static void long_messages_come_in_pieces(void)
{
	char text[300] = "";
	const u8 *p;

	text[sizeof(text) - 1] = 'z';
	connection();
	stream(&a, text, sizeof(text));
	p = expect(CPL_RX_DATA);
	CHECK(p && get16(p + 6) == 224);
	p = expect(CPL_RX_DATA);
	CHECK(p && get16(p + 6) == 76 && p[16 + 75] == 'z');
	CHECK(p && get32(p + 8) == 1001 + 224);
}

/* More messages than the free list has room for are not lost */
static void messages_wait_for_buffers(void)
{
	char text[200] = "x";
	unsigned int i, n = 0;
	const u8 *p;

	connection();
	t5->iqs[responses.id].fl.available = 1;
	for (i = 0; i < 60; i++) {
		text[1] = i;
		stream(&a, text, sizeof(text));
	}
	while ((p = expect(CPL_RX_DATA)) && p[17] == n)
		n++;
	CHECK(n > 0 && n < 60);
	fl_refill(t5, t5->iqs[responses.id].fl.id, 2);
	while ((p = expect(CPL_RX_DATA)) && p[17] == n)
		n++;
	CHECK_EQ(n, 60);
}

static void both_ends_close(void)
{
	connection();
	request(CPL_CLOSE_CON_REQ, a.tid);
	CHECK(told(CPL_CLOSE_CON_RPL, &a));
	CHECK(told(CPL_PEER_CLOSE, &b));
	CHECK_EQ(conn_find(t5, a.tid)->state, CONN_OPEN);
	request(CPL_CLOSE_CON_REQ, b.tid);
	CHECK(told(CPL_CLOSE_CON_RPL, &b));
	CHECK(told(CPL_PEER_CLOSE, &a));
	CHECK_EQ(conn_find(t5, a.tid)->state, CONN_DEAD);
	request(CPL_TID_RELEASE, a.tid);
	request(CPL_TID_RELEASE, b.tid);
	CHECK(!conn_find(t5, a.tid) && !conn_find(t5, b.tid));
}

static void a_reset_reaches_the_other_end(void)
{
	connection();
	request(CPL_ABORT_REQ, a.tid);
	CHECK(told(CPL_ABORT_REQ_RSS, &b));
	CHECK(told(CPL_ABORT_RPL_RSS, &a));
	/* One that crosses it is answered all the same */
	request(CPL_ABORT_REQ, b.tid);
	CHECK(told(CPL_ABORT_RPL_RSS, &b));
	CHECK(!expect(CPL_ABORT_REQ_RSS));
}

static void a_tid_rests_before_it_is_used_again(void)
{
	u32 tid;

	connection();
	tid = a.tid;
	request(CPL_ABORT_REQ, a.tid);
	request(CPL_TID_RELEASE, a.tid);
	request(CPL_TID_RELEASE, b.tid);
	tcp_connect(&a, &b);
	CHECK(a.tid != tid);
}

const struct test_case tcp_cases[] = {
	{ "nobody_answers_where_no_server_is", nobody_answers_where_no_server_is },
	{ "a_closed_server_takes_nobody", a_closed_server_takes_nobody },
	{ "bytes_arrive_and_are_acknowledged", bytes_arrive_and_are_acknowledged },
	{ "long_messages_come_in_pieces", long_messages_come_in_pieces },
	{ "messages_wait_for_buffers", messages_wait_for_buffers },
	{ "both_ends_close", both_ends_close },
	{ "a_reset_reaches_the_other_end", a_reset_reaches_the_other_end },
	{ "a_tid_rests_before_it_is_used_again", a_tid_rests_before_it_is_used_again },
	{ 0 }
};
