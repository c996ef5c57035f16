// SPDX-License-Identifier: GPL-2.0-only
/*
 * MAD_IFC: the management agent in the adapter's firmware, which the driver asks
 * for almost everything about a port. Subnet management attributes only; others
 * are answered with zeroes.
 */
#include "hca.h"

#define MAD_SIZE		256
#define MAD_CLASS		1
#define  CLASS_SUBN_LID		0x01
#define  CLASS_SUBN_DIRECTED	0x81
#define MAD_METHOD		3
#define  METHOD_GET		0x01
#define  METHOD_SET		0x02
#define  METHOD_GET_RESP	0x81
#define MAD_STATUS		4
#define MAD_ATTR		16
#define MAD_ATTR_MOD		20
#define SMP_DATA		64
#define SMP_DATA_SIZE		64

#define ATTR_NODE_DESC		0x0010
#define ATTR_NODE_INFO		0x0011
#define ATTR_GUID_INFO		0x0014
#define ATTR_PORT_INFO		0x0015
#define ATTR_PKEY_TABLE		0x0016
#define ATTR_SL_TO_VL		0x0017

#define PORT_STATE_DOWN		1
#define PORT_STATE_ACTIVE	4
#define PHYS_STATE_POLLING	2
#define PHYS_STATE_LINK_UP	5

#define CAP_MASK		0x02514868

static void node_info(struct hca *h, struct port *p, u8 *d)
{
	d[0] = 1;				/* base version */
	d[1] = 1;				/* class version */
	d[2] = 1;				/* a channel adapter */
	d[3] = h->nr_ports;
	put64(d + 4, h->ports[0].guid - 1);	/* system image */
	put64(d + 12, h->ports[0].guid - 1);	/* node */
	put64(d + 20, p->guid);
	put16(d + 28, 128);			/* P_Keys */
	put16(d + 30, 0x1003);			/* device */
	put32(d + 32, 1);			/* revision */
	put32(d + 36, port_number(h, p) << 24 | 0x0002c9);
}

static void port_info(struct hca *h, struct port *p, u8 *d)
{
	memcpy(d + 8, p->gids[0], 8);		/* GID prefix */
	put16(d + 16, p->lid);
	put16(d + 18, SM_LID);
	put32(d + 20, CAP_MASK);
	d[28] = port_number(h, p);
	d[29] = 3;				/* width enabled: 1x, 4x */
	d[30] = 3;				/* supported */
	d[31] = 2;				/* active: 4x */
	d[32] = 0x70 | (p->up ? PORT_STATE_ACTIVE : PORT_STATE_DOWN);
	d[33] = (p->up ? PHYS_STATE_LINK_UP : PHYS_STATE_POLLING) << 4 | 2;
	d[35] = 0x47;				/* speed: QDR */
	d[36] = 5 << 4;				/* neighbour MTU 4096 */
	d[37] = 4 << 4;				/* 8 data VLs */
	d[41] = 5;				/* MTU 4096 */
	d[50] = 1;				/* blocks of GUIDs */
	d[51] = 18;				/* subnet time-out */
}

static void get_attribute(struct hca *h, struct port *p, u16 attr, u32 mod, u8 *d)
{
	memset(d, 0, SMP_DATA_SIZE);
	switch (attr) {
	case ATTR_NODE_DESC:
		strcpy((char *)d, "mlx4 device model");
		break;
	case ATTR_NODE_INFO:
		node_info(h, p, d);
		break;
	case ATTR_GUID_INFO:
		if (!mod)
			put64(d, p->guid);
		break;
	case ATTR_PORT_INFO:
		port_info(h, p, d);
		break;
	case ATTR_PKEY_TABLE:
		if (!(mod & 0xffff))
			put16(d, 0xffff);
		break;
	case ATTR_SL_TO_VL:
		memset(d, 0, 8);
		break;
	}
}

u8 cmd_mad_ifc(struct hca *h, struct command *c)
{
	u32 nr = c->in_modifier & 0xff;
	u8 mad[MAD_SIZE], class;

	if (!c->in || !c->out)
		return STAT_BAD_PARAM;
	if (nr < 1 || nr > h->nr_ports)
		return STAT_BAD_INDEX;
	memcpy(mad, c->in, MAD_SIZE);
	class = mad[MAD_CLASS];
	if (class == CLASS_SUBN_LID || class == CLASS_SUBN_DIRECTED)
		get_attribute(h, &h->ports[nr - 1], get16(mad + MAD_ATTR),
			      get32(mad + MAD_ATTR_MOD), mad + SMP_DATA);
	else
		memset(mad + SMP_DATA, 0, MAD_SIZE - SMP_DATA);
	mad[MAD_METHOD] = METHOD_GET_RESP;
	put16(mad + MAD_STATUS, 0);
	memcpy(c->out, mad, MAD_SIZE);
	return STAT_OK;
}
