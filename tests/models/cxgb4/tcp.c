// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP offload: servers, connections and their streaming mode. Both ends of a
 * connection are of this adapter; what one sends has arrived at the other in the
 * same step. A TID is the driver's from the open or accept message until it
 * releases it.
 */
#include "t5.h"

struct conn *conn_find(struct t5 *t, u32 tid)
{
	return tid < NR_TIDS && t->conns[tid].state != CONN_FREE ?
	       &t->conns[tid] : NULL;
}

/* Whether bytes that this end sends arrive */
bool conn_carries(const struct conn *c)
{
	return c->state == CONN_OPEN && !c->closed && c->peer &&
	       c->peer->state == CONN_OPEN;
}

static struct conn *conn_alloc(struct t5 *t, u32 index, u32 iqid)
{
	u32 i, tid;

	/* Not the one that was freed last: a late message would find it */
	for (i = 0; i < NR_TIDS; i++) {
		tid = (t->next_tid + i) % NR_TIDS;
		if (t->conns[tid].state != CONN_FREE)
			continue;
		t->next_tid = tid + 1;
		t->conns[tid] = (struct conn){
			.state = CONN_SYN, .tid = tid, .index = index, .iqid = iqid,
		};
		return &t->conns[tid];
	}
	return NULL;
}

static void conn_free(struct t5 *t, struct conn *c)
{
	ri_end(t, c);
	if (c->peer)
		c->peer->peer = NULL;
	c->state = CONN_FREE;
}

static void put_tid(u8 *cpl, enum cpl op, u32 tid)
{
	put32(cpl, (u32)op << 24 | tid);
}

static void send_status(struct t5 *t, u32 iqid, enum cpl op, u32 tid,
			enum cpl_error status)
{
	u8 cpl[16] = { 0 };

	put_tid(cpl, op, tid);
	put32(cpl + 4, status);
	cpl_send(t, iqid, cpl, sizeof(cpl));
}

static void open_failed(struct t5 *t, struct conn *c)
{
	u8 cpl[8];

	put_tid(cpl, CPL_ACT_OPEN_RPL, c->tid);
	put32(cpl + 4, c->index << 8 | CPL_ERR_CONN_RESET);
	c->state = CONN_DEAD;
	cpl_send(t, c->iqid, cpl, sizeof(cpl));
}

/* What all ends have in common when a connection is reset */
static void conn_die(struct t5 *t, struct conn *c)
{
	ri_end(t, c);
	c->state = CONN_DEAD;
}

/*
 * Servers
 */

static struct listener *listener_of(struct t5 *t, u32 stid)
{
	return stid - STID_BASE < NR_STIDS ? &t->listeners[stid - STID_BASE] : NULL;
}

static void pass_open(struct t5 *t, const u8 *cpl, bool v6)
{
	u32 stid = CPL_INDEX(get32(cpl));
	struct listener *l = listener_of(t, stid);
	u64 opt1 = get64(cpl + (v6 ? 48 : 24));

	if (!l)
		return;
	*l = (struct listener){
		.valid = true, .v6 = v6, .port = get16(cpl + 4),
		.iqid = OPT1_QUEUE(opt1),
	};
	memcpy(l->ip, cpl + 8, v6 ? 16 : 4);
	send_status(t, l->iqid, CPL_PASS_OPEN_RPL, stid, CPL_ERR_NONE);
}

static void close_server(struct t5 *t, const u8 *cpl)
{
	u32 stid = CPL_INDEX(get32(cpl));
	struct listener *l = listener_of(t, stid);
	u16 reply = get16(cpl + 4);

	if (l)
		l->valid = false;
	if (!(reply & CPL_NO_REPLY))
		send_status(t, reply & CPL_REPLY_QUEUE, CPL_CLOSE_LISTSRV_RPL, stid,
			    CPL_ERR_NONE);
}

/* The one for this address alone goes before the one for all */
static struct listener *find_listener(struct t5 *t, bool v6, const u8 *ip,
				      u16 port)
{
	static const u8 any[16];
	struct listener *l, *found = NULL;
	u32 len = v6 ? 16 : 4;

	for (l = t->listeners; l < t->listeners + NR_STIDS; l++) {
		if (!l->valid || l->v6 != v6 || l->port != port)
			continue;
		if (!memcmp(l->ip, ip, len))
			return l;
		if (!memcmp(l->ip, any, len))
			found = l;
	}
	return found;
}

/*
 * Connections: opened
 */

/* The SYN as it would have come: the driver takes the addresses from it */
static u32 build_syn(u8 *p, const u8 *open, bool v6)
{
	u32 alen = v6 ? 16 : 4;
	u8 *ip = p + ETH_HEADER, *tcp;

	put16(p + 12, v6 ? 0x86dd : 0x0800);
	ip[0] = v6 ? 0x60 : 0x45;
	memcpy(ip + (v6 ? 8 : 12), open + 8, alen);
	memcpy(ip + (v6 ? 24 : 16), open + 8 + alen, alen);
	tcp = ip + (v6 ? 40 : 20);
	memcpy(tcp, open + 4, 4);	/* both ports */
	return tcp + TCP_HEADER - p;
}

static void ask_server(struct t5 *t, struct listener *l, struct conn *c,
		       const u8 *open)
{
	u8 cpl[24 + 128] = { 0 };

	put_tid(cpl, CPL_PASS_ACCEPT_REQ, c->tid);
	put32(cpl + 8, ETH_HEADER << ACCEPT_ETH_SHIFT |
		       (l->v6 ? 40u : 20u) << ACCEPT_IP_SHIFT |
		       TCP_HEADER << ACCEPT_TCP_SHIFT);
	put32(cpl + 16, c->index);
	put16(cpl + 20, 1460);
	cpl_send(t, l->iqid, cpl, 24 + build_syn(cpl + 24, open, l->v6));
}

static void act_open(struct t5 *t, const u8 *cpl, bool v6)
{
	u32 ot = get32(cpl);
	const u8 *peer_ip = cpl + (v6 ? 24 : 12);
	struct listener *l = find_listener(t, v6, peer_ip, get16(cpl + 6));
	struct conn *c = conn_alloc(t, CPL_INDEX(ot), CPL_QUEUE(ot)), *p;

	if (!c)
		return;
	c->iss = get32(cpl + (v6 ? 48 : 24));
	p = l ? conn_alloc(t, STID_BASE + (l - t->listeners), l->iqid) : NULL;
	if (!p) {
		open_failed(t, c);
		return;
	}
	c->peer = p;
	p->peer = c;
	ask_server(t, l, p, cpl);
}

static void establish(struct t5 *t, struct conn *c, enum cpl op)
{
	u8 cpl[24] = { 0 };

	c->state = CONN_OPEN;
	put_tid(cpl, op, c->tid);
	put32(cpl + 8, c->index);
	put16(cpl + 14, MTU_1500 << ESTABLISH_MSS_SHIFT);
	put32(cpl + 16, c->iss + 1);
	put32(cpl + 20, c->peer->iss + 1);
	cpl_send(t, c->iqid, cpl, sizeof(cpl));
}

static void accept_request(struct t5 *t, struct conn *c, const u8 *cpl)
{
	c->iqid = OPT2_QUEUE(get32(cpl + 4));
	c->iss = get32(cpl + 16);
	if (!c->peer || c->peer->state != CONN_SYN || c->state != CONN_SYN)
		return;
	t->stats.connections++;
	/* The SYN-ACK is answered before the accepting end hears of that */
	establish(t, c->peer, CPL_ACT_ESTABLISH);
	establish(t, c, CPL_PASS_ESTABLISH);
}

/*
 * Connections: streaming mode, until RDMA mode takes over
 */

/* A payload too long for the work request is elsewhere */
static const u8 *payload(struct t5 *t, const u8 *wr, u32 len, u32 plen)
{
	if (WR_HEADER + plen <= len)
		return wr + WR_HEADER;
	if (wr[WR_HEADER] != ULP_DSGL || get16(wr + WR_HEADER + 2) != 1 ||
	    get32(wr + WR_HEADER + 4) < plen)
		return NULL;
	return dma_ptr(t, get64(wr + WR_HEADER + 8), plen);
}

/* The drivers copy short messages; they rely on that for these */
#define MAX_SEGMENT	224

static void send_segment(struct t5 *t, struct conn *c, const u8 *data, u32 len)
{
	u8 cpl[16 + MAX_SEGMENT] = { 0 };

	if (conn_carries(c)) {
		put_tid(cpl, CPL_RX_DATA, c->peer->tid);
		put16(cpl + 6, len);
		put32(cpl + 8, c->iss + 1 + c->sent);
		memcpy(cpl + 16, data, len);
		cpl_send(t, c->peer->iqid, cpl, 16 + len);
	}
	c->sent += len;
}

static void acknowledge(struct t5 *t, struct conn *c, u8 credits)
{
	u8 cpl[24] = { 0 };

	put_tid(cpl, CPL_FW4_ACK, c->tid);
	cpl[4] = credits;
	cpl_send(t, c->iqid, cpl, sizeof(cpl));
}

void tcp_send(struct t5 *t, const u8 *wr, u32 len)
{
	struct conn *c = conn_find(t, WR_FLOWID(get32(wr + 4)));
	u32 plen = get32(wr + 8), n;
	const u8 *data;

	if (!c)
		return;
	data = payload(t, wr, len, plen);
	if (!data) {
		vfu_log(0, "payload of %u bytes of TID %u not found", plen, c->tid);
		return;
	}
	for (; plen; plen -= n, data += n) {
		n = plen < MAX_SEGMENT ? plen : MAX_SEGMENT;
		send_segment(t, c, data, n);
	}
	if (get32(wr) & WR_COMPLETE)
		acknowledge(t, c, len / 16);
}

/*
 * Connections: closed
 */

static void close_half(struct t5 *t, struct conn *c)
{
	struct conn *p = c->peer;

	if (c->state != CONN_OPEN || c->closed)
		return;
	c->closed = true;
	send_status(t, c->iqid, CPL_CLOSE_CON_RPL, c->tid, CPL_ERR_NONE);
	if (!p || p->state != CONN_OPEN)
		return;
	send_status(t, p->iqid, CPL_PEER_CLOSE, p->tid, CPL_ERR_NONE);
	if (!p->closed)
		return;
	conn_die(t, c);
	conn_die(t, p);
}

static void abort_both(struct t5 *t, struct conn *c)
{
	struct conn *p = c->peer;

	if (p && p->state == CONN_OPEN) {
		conn_die(t, p);
		send_status(t, p->iqid, CPL_ABORT_REQ_RSS, p->tid,
			    CPL_ERR_CONN_RESET);
	} else if (p && p->state == CONN_SYN) {
		open_failed(t, p);
	}
	conn_die(t, c);
	send_status(t, c->iqid, CPL_ABORT_RPL_RSS, c->tid, CPL_ERR_NONE);
}

/* The driver has no more use for the TID; a connection request it thus rejects */
static void release(struct t5 *t, struct conn *c)
{
	if (c->state == CONN_SYN && c->peer && c->peer->state == CONN_SYN)
		open_failed(t, c->peer);
	conn_free(t, c);
}

static void connection_message(struct t5 *t, enum cpl op, const u8 *cpl)
{
	struct conn *c = conn_find(t, CPL_TID(get32(cpl)));

	if (!c) {
		vfu_log(1, "message %#x for TID %u, which is not there", op,
			CPL_TID(get32(cpl)));
		return;
	}
	switch (op) {
	case CPL_PASS_ACCEPT_RPL:
		accept_request(t, c, cpl);
		break;
	case CPL_CLOSE_CON_REQ:
		close_half(t, c);
		break;
	case CPL_ABORT_REQ:
		abort_both(t, c);
		break;
	case CPL_TID_RELEASE:
		release(t, c);
		break;
	default:
		break;
	}
}

/* Tables of addresses, of which the model has no need */
static void table_written(struct t5 *t, const u8 *cpl, enum cpl reply)
{
	u32 ot = get32(cpl);

	/* The same bit in a half word and in a word */
	if (get16(cpl + 4) & CPL_NO_REPLY)
		return;
	send_status(t, CPL_QUEUE(ot), reply, CPL_INDEX(ot), CPL_ERR_NONE);
}

/* TP work requests: a message to the chip */
void tcp_message(struct t5 *t, const u8 *wr, u32 len)
{
	const u8 *cpl = wr + WR_HEADER;
	enum cpl op = cpl[0];

	vfu_log(3, "message %#x, TID %#x", op, CPL_TID(get32(cpl)));
	switch (op) {
	case CPL_L2T_WRITE_REQ:
		table_written(t, cpl, CPL_L2T_WRITE_RPL);
		break;
	case CPL_SMT_WRITE_REQ:
		table_written(t, cpl, CPL_SMT_WRITE_RPL);
		break;
	case CPL_PASS_OPEN_REQ:
	case CPL_PASS_OPEN_REQ6:
		pass_open(t, cpl, op == CPL_PASS_OPEN_REQ6);
		break;
	case CPL_CLOSE_LISTSRV_REQ:
		close_server(t, cpl);
		break;
	case CPL_ACT_OPEN_REQ:
	case CPL_ACT_OPEN_REQ6:
		act_open(t, cpl, op == CPL_ACT_OPEN_REQ6);
		break;
	case CPL_PASS_ACCEPT_RPL:
	case CPL_CLOSE_CON_REQ:
	case CPL_ABORT_REQ:
	case CPL_TID_RELEASE:
		connection_message(t, op, cpl);
		break;
	case CPL_ABORT_RPL:
	case CPL_RX_DATA_ACK:
		break;
	default:
		vfu_log(1, "message %#x is not modelled", op);
	}
}

void tcp_reset(struct t5 *t)
{
	u32 tid;

	for (tid = 0; tid < NR_TIDS; tid++)
		if (conn_find(t, tid))
			conn_free(t, &t->conns[tid]);
	memset(t->listeners, 0, sizeof(t->listeners));
}
