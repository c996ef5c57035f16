// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams: UD QPs, whose WQEs carry an address vector, and the special QPs
 * (QP0, QP1), whose WQEs carry the packet's headers. Both become a packet, which
 * is delivered to a QP, to a multicast group or to subnet administration.
 */
#include "hca.h"

/* The segment with the address */
#define AV_PORT			0	/* of 32 bits: the upper 8 */
#define AV_GRH			5
#define  AV_GRH_PRESENT		0x80
#define AV_DLID			6
#define AV_GID_INDEX		9
#define AV_HOP_LIMIT		11
#define AV_SL_TCLASS_FLOW	12
#define AV_DGID			16
#define UD_DQPN			32
#define UD_QKEY			36
#define UD_MAC			42
#define UD_SEG_SIZE		48

#define GSI_QPN			1
#define GSI_QKEY		0x80010000
#define QKEY_FROM_CONTEXT	(1u << 31)

#define LRH_SIZE		8
#define ETH_SIZE		14
#define VLAN_SIZE		4
#define ETH_TYPE_VLAN		0x8100
#define ETH_TYPE_ROCE		0x8915
#define BTH_SIZE		12
#define DETH_SIZE		8
#define ICRC_SIZE		4
#define BTH_UD_SEND_ONLY_IMM	0x65
#define LNH_GRH			3
#define GRH_NEXT_BTH		0x1b

static void build_grh(struct packet *pkt)
{
	put32(pkt->grh, 6u << 28 | pkt->tclass_flow);
	put16(pkt->grh + 4, pkt->len + BTH_SIZE + DETH_SIZE + ICRC_SIZE);
	pkt->grh[6] = GRH_NEXT_BTH;
	pkt->grh[7] = pkt->hop_limit;
	memcpy(pkt->grh + 8, pkt->sgid, 16);
	memcpy(pkt->grh + 24, pkt->dgid, 16);
}

/* QP0 and QP1 of a port are QPs like others, at a place that the driver chose */
static u32 real_qpn(struct hca *h, const struct port *p, u32 qpn)
{
	if (qpn <= GSI_QPN)
		return h->special_qpn + 2 * qpn + port_number(h, p) - 1;
	return qpn;
}

/* QP0 and QP1; all other QPs of their type carry Ethernet frames */
bool is_special(const struct hca *h, u32 qpn)
{
	return qpn >= h->special_qpn && qpn < h->special_qpn + 4;
}

static bool qkey_matches(const struct qp *qp, const struct packet *pkt)
{
	if (qp->type == QP_MLX)
		return pkt->qkey == GSI_QKEY || pkt->dqpn == 0;
	return get32(qp->context + QPC_QKEY) == pkt->qkey;
}

static void push_datagram(struct hca *h, struct qp *qp, const struct packet *pkt,
			  u16 index)
{
	u8 cqe[CQE_SIZE] = { 0 };

	put32(cqe, qp->qpn);
	/* QP1: the index of the P_Key, which is 0 */
	put32(cqe + 4, qp->type == QP_MLX ? 0 : pkt->imm);
	put32(cqe + 8, pkt->sqpn | (pkt->has_grh ? 1u << 31 : 0));
	if (pkt->from->eth) {
		put16(cqe + 12, pkt->sl << 13);
		memcpy(cqe + 14, pkt->from->mac, 6);
	} else {
		put16(cqe + 12, pkt->sl << 12);
		put16(cqe + 14, pkt->slid);
	}
	put32(cqe + 20, pkt->len + GRH_SIZE);
	put16(cqe + 24, index);
	cqe[31] = pkt->has_imm ? RECV_SEND_IMM : RECV_SEND;
	cq_push(h, qp->cqn_recv, cqe, pkt->solicited);
}

static void fail_datagram(struct hca *h, struct qp *qp, u16 index,
			  enum syndrome syn)
{
	cq_push_error(h, qp->cqn_recv, qp->qpn, index, false, syn);
	qp_to_error(h, qp);
}

/* The receive has 40 bytes for the GRH before the payload, GRH or not */
static void deliver_to_qp(struct hca *h, u32 qpn, void *arg)
{
	struct packet *pkt = arg;
	struct qp *qp = qp_find(h, qpn);
	struct sg to, from;
	struct receive r;

	if (!qp || (qp->type != QP_UD && !is_special(h, qpn)) ||
	    qp->state < QP_RTR || qp->state == QP_ERR ||
	    h->ports[(qp->port - 1) % h->nr_ports].eth != pkt->from->eth)
		return;
	if (!qkey_matches(qp, pkt) || !recv_take(h, qp, &r)) {
		vfu_log(2, "QP %#x drops a datagram", qpn);
		return;
	}
	recv_list(h, qp, &r, &to);
	sg_init(&from, qp, 0);
	sg_add(&from, 0, 0, GRH_SIZE, pkt->grh);
	sg_add(&from, 0, 0, pkt->len, pkt->payload);
	switch (sg_copy(h, &to, &from)) {
	case SG_OK:
		h->stats.messages++;
		push_datagram(h, qp, pkt, r.index);
		break;
	case SG_TOO_LONG:
		fail_datagram(h, qp, r.index, SYN_LOCAL_LENGTH);
		break;
	default:
		fail_datagram(h, qp, r.index, SYN_LOCAL_PROT);
		break;
	}
}

void packet_deliver(struct hca *h, struct packet *pkt)
{
	struct port *to;

	if (pkt->has_grh)
		build_grh(pkt);
	if (pkt->has_grh && pkt->dgid[0] == 0xff) {
		if (pkt->from->up)
			mcast_for_each(h, pkt->dgid, pkt->sender, deliver_to_qp, pkt);
		return;
	}
	if (!pkt->from->eth && pkt->dlid == SM_LID) {
		if (pkt->from->up && pkt->dqpn == GSI_QPN)
			sa_receive(h, pkt);
		return;
	}
	to = fabric_route(h, pkt->from, pkt->dlid, pkt->dgid);
	if (to)
		deliver_to_qp(h, real_qpn(h, to, pkt->dqpn), pkt);
}

/* Put the payload together; what it costs nobody measures */
static bool gather(struct hca *h, struct sg *sg, struct packet *pkt, u32 max,
		   enum syndrome *syn)
{
	if (sg->len > max) {
		*syn = SYN_LOCAL_LENGTH;
		return false;
	}
	if (sg_read(h, sg, pkt->payload, sg->len) != SG_OK) {
		*syn = SYN_LOCAL_PROT;
		return false;
	}
	pkt->len = sg->len;
	return true;
}

static void address_from_av(struct hca *h, struct packet *pkt, const u8 *seg)
{
	u32 word = get32(seg + AV_SL_TCLASS_FLOW);

	pkt->dlid = get16(seg + AV_DLID);
	pkt->slid = pkt->from->lid;
	pkt->has_grh = seg[AV_GRH] & AV_GRH_PRESENT || pkt->from->eth;
	pkt->hop_limit = seg[AV_HOP_LIMIT];
	pkt->sl = pkt->from->eth ? word >> 29 : word >> 28;
	pkt->tclass_flow = word & 0x0fffffff;
	memcpy(pkt->dgid, seg + AV_DGID, 16);
	memcpy(pkt->sgid, pkt->from->gids[seg[AV_GID_INDEX] & (NR_GIDS - 1)], 16);
}

enum send_result ud_send(struct hca *h, struct qp *qp, struct wqe *w,
			 enum syndrome *syn, u32 *bytes)
{
	const u8 *seg = w->raw + WQE_CTRL_SIZE;
	static struct packet pkt;
	u32 port = seg[AV_PORT] & 3;
	struct sg sg;

	if (w->opcode == OP_NOP)
		return SEND_DONE;
	sg_init(&sg, qp, PERM_LOCAL_READ);
	if ((w->opcode != OP_SEND && w->opcode != OP_SEND_IMM) || port < 1 ||
	    port > h->nr_ports ||
	    !sg_parse(&sg, seg + UD_SEG_SIZE, w->raw + w->size)) {
		*syn = SYN_LOCAL_QP_OP;
		return SEND_ERROR;
	}
	memset(&pkt, 0, offsetof(struct packet, payload));
	if (!gather(h, &sg, &pkt, UD_MTU, syn))
		return SEND_ERROR;
	pkt.from = &h->ports[port - 1];
	address_from_av(h, &pkt, seg);
	pkt.sender = qp->qpn;
	pkt.sqpn = qp->qpn;
	pkt.dqpn = get24(seg + UD_DQPN);
	pkt.qkey = get32(seg + UD_QKEY);
	if (pkt.qkey & QKEY_FROM_CONTEXT)
		pkt.qkey = get32(qp->context + QPC_QKEY);
	pkt.imm = w->imm;
	pkt.has_imm = w->opcode == OP_SEND_IMM;
	pkt.solicited = w->solicited;
	*bytes = pkt.len;
	packet_deliver(h, &pkt);
	return SEND_DONE;
}

/*
 * Special QPs: link header, global header, transport headers, payload, and room
 * for a checksum that the device would fill in.
 */

static u32 parse_grh(struct packet *pkt, const u8 *p)
{
	pkt->has_grh = true;
	pkt->tclass_flow = get32(p) & 0x0fffffff;
	pkt->hop_limit = p[7];
	memcpy(pkt->sgid, p + 8, 16);
	memcpy(pkt->dgid, p + 24, 16);
	return GRH_SIZE;
}

static u32 parse_link_ib(struct packet *pkt, const u8 *p)
{
	pkt->sl = p[1] >> 4;
	pkt->dlid = get16(p + 2);
	pkt->slid = pkt->from->lid;
	if ((p[1] & 3) == LNH_GRH)
		return LRH_SIZE + parse_grh(pkt, p + LRH_SIZE);
	return LRH_SIZE;
}

static u32 parse_link_eth(struct packet *pkt, const u8 *p)
{
	u32 size = ETH_SIZE;

	if (get16(p + 12) == ETH_TYPE_VLAN)
		size += VLAN_SIZE;
	if (get16(p + size - 2) != ETH_TYPE_ROCE)
		return 0;
	return size + parse_grh(pkt, p + size);
}

/* Returns the size of all headers, 0 if they are none that we know */
static u32 parse_headers(struct packet *pkt, const u8 *p, u32 len)
{
	u32 size;

	if (len < ETH_SIZE + VLAN_SIZE + GRH_SIZE + BTH_SIZE + DETH_SIZE)
		return 0;
	size = pkt->from->eth ? parse_link_eth(pkt, p) : parse_link_ib(pkt, p);
	if (!size)
		return 0;
	pkt->has_imm = p[size] == BTH_UD_SEND_ONLY_IMM;
	pkt->dqpn = get24(p + size + 4);
	size += BTH_SIZE;
	pkt->qkey = get32(p + size);
	pkt->sqpn = get24(p + size + 4);
	size += DETH_SIZE;
	if (pkt->has_imm) {
		pkt->imm = get32(p + size);
		size += 4;
	}
	return size;
}

enum send_result mlx_send(struct hca *h, struct qp *qp, struct wqe *w,
			  enum syndrome *syn, u32 *bytes)
{
	static struct packet pkt;
	struct sg sg;
	u32 size;

	if (w->opcode == OP_NOP)
		return SEND_DONE;
	sg_init(&sg, qp, PERM_LOCAL_READ);
	memset(&pkt, 0, offsetof(struct packet, payload));
	pkt.from = &h->ports[(qp->port - 1) % h->nr_ports];
	pkt.sender = qp->qpn;
	*syn = SYN_LOCAL_QP_OP;
	if (!sg_parse(&sg, w->raw + WQE_CTRL_SIZE, w->raw + w->size))
		return SEND_ERROR;
	if (!gather(h, &sg, &pkt, sizeof(pkt.payload), syn))
		return SEND_ERROR;
	size = parse_headers(&pkt, pkt.payload, pkt.len);
	if (!size || size + ICRC_SIZE > pkt.len) {
		vfu_log(1, "QP %#x: a packet with headers that are not modelled",
			qp->qpn);
		return SEND_DONE;
	}
	pkt.len -= size + ICRC_SIZE;
	memmove(pkt.payload, pkt.payload + size, pkt.len);
	*bytes = pkt.len;
	packet_deliver(h, &pkt);
	return SEND_DONE;
}
