// SPDX-License-Identifier: GPL-2.0-only
/*
 * A subnet administrator, as a switch's or a server's would be: answers path
 * queries and lets ports join multicast groups. It is what IPoIB and rdma_cm
 * need on InfiniBand.
 */
#include "hca.h"

#define MAD_SIZE		256
#define MAD_CLASS		1
#define  CLASS_SUBN_ADM		0x03
#define MAD_METHOD		3
#define  METHOD_GET		0x01
#define  METHOD_SET		0x02
#define  METHOD_DELETE		0x15
#define  METHOD_RESPONSE	0x80
#define MAD_STATUS		4
#define  STATUS_OK		0
#define  STATUS_UNSUPPORTED	0x000c
#define  STATUS_NO_RECORDS	0x0300
#define MAD_ATTR		16
#define SA_DATA			56

#define ATTR_CLASS_PORT_INFO	0x0001
#define ATTR_INFORM_INFO	0x0003
#define ATTR_PATH_RECORD	0x0035
#define ATTR_MC_MEMBER		0x0038

#define EXACTLY			(2 << 6)	/* selector of MTU, rate, time */
#define MTU_2048		4
#define RATE_40_GBPS		7
#define PACKET_LIFE_TIME	14

#define FIRST_MLID		0xc000
#define MAX_GROUPS		256
#define IPOIB_QKEY		0x0b1b

static struct port *port_by_gid(struct hca *h, const u8 *gid)
{
	unsigned int i;

	for (i = 0; i < h->nr_ports; i++)
		if (!h->ports[i].eth && !memcmp(h->ports[i].gids[0], gid, 16))
			return &h->ports[i];
	return NULL;
}

static u16 path_record(struct hca *h, struct packet *req, u8 *d)
{
	struct port *to = port_by_gid(h, d + 8), *from = port_by_gid(h, d + 24);

	if (!to || !to->up || !from)
		return STATUS_NO_RECORDS;
	put16(d + 40, to->lid);
	put16(d + 42, from->lid);
	d[49] = 0x80 | 1;			/* reversible, one path */
	put16(d + 50, 0xffff);			/* P_Key */
	put16(d + 52, 0);			/* service level */
	d[54] = EXACTLY | MTU_2048;
	d[55] = EXACTLY | RATE_40_GBPS;
	d[56] = EXACTLY | PACKET_LIFE_TIME;
	return STATUS_OK;
}

/* The multicast LID of a group; groups are made as they are asked for */
static u16 mlid_of(struct hca *h, const u8 *mgid)
{
	static u8 groups[MAX_GROUPS][16];
	static unsigned int nr;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!memcmp(groups[i], mgid, 16))
			return FIRST_MLID + i;
	if (nr == MAX_GROUPS)
		return 0;
	memcpy(groups[nr], mgid, 16);
	return FIRST_MLID + nr++;
}

static u16 mc_member(struct hca *h, struct packet *req, u8 *d)
{
	u16 mlid = mlid_of(h, d);

	if (!mlid)
		return STATUS_NO_RECORDS;
	if (!get32(d + 32))
		put32(d + 32, IPOIB_QKEY);
	put16(d + 36, mlid);
	d[38] = EXACTLY | MTU_2048;
	put16(d + 40, 0xffff);			/* P_Key */
	d[42] = EXACTLY | RATE_40_GBPS;
	d[43] = EXACTLY | PACKET_LIFE_TIME;
	return STATUS_OK;
}

static u16 class_port_info(struct hca *h, struct packet *req, u8 *d)
{
	memset(d, 0, 72);
	d[0] = 1;				/* base version */
	d[1] = 2;				/* class version */
	return STATUS_OK;
}

static u16 answer(struct hca *h, struct packet *req, u16 attr, u8 *d)
{
	switch (attr) {
	case ATTR_PATH_RECORD:
		return path_record(h, req, d);
	case ATTR_MC_MEMBER:
		return mc_member(h, req, d);
	case ATTR_CLASS_PORT_INFO:
		return class_port_info(h, req, d);
	case ATTR_INFORM_INFO:
		return STATUS_OK;
	default:
		return STATUS_UNSUPPORTED;
	}
}

void sa_receive(struct hca *h, struct packet *req)
{
	static struct packet rsp;
	u8 *mad = rsp.payload;
	u16 attr;

	if (req->len != MAD_SIZE || req->payload[MAD_CLASS] != CLASS_SUBN_ADM ||
	    req->payload[MAD_METHOD] & METHOD_RESPONSE)
		return;
	memset(&rsp, 0, offsetof(struct packet, payload));
	memcpy(mad, req->payload, MAD_SIZE);
	attr = get16(mad + MAD_ATTR);
	put16(mad + MAD_STATUS, answer(h, req, attr, mad + SA_DATA));
	vfu_log(2, "SA: attribute %#x: status %#x", attr, get16(mad + MAD_STATUS));
	/* Set is answered like Get */
	mad[MAD_METHOD] = METHOD_RESPONSE |
			  (mad[MAD_METHOD] == METHOD_SET ? METHOD_GET :
							   mad[MAD_METHOD]);
	rsp.from = req->from;
	rsp.len = MAD_SIZE;
	rsp.slid = SM_LID;
	rsp.dlid = req->slid;
	rsp.sqpn = 1;
	rsp.dqpn = req->sqpn;
	rsp.qkey = req->qkey;
	packet_deliver(h, &rsp);
}
