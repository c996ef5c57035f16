// SPDX-License-Identifier: GPL-2.0-only
/* Ports and their interfaces. */
#include "t5.h"

static void put_info(const struct t5 *t, unsigned int nr, u8 *c)
{
	const struct port *p = &t->ports[nr];

	put32(c + PORT_INFO_STATUS, PORT_TYPE_KR << PORT_TYPE_SHIFT |
				    (p->up ? PORT_LINK_UP : 0));
	put32(c + PORT_INFO_MTU, 1500);
	put32(c + PORT_INFO_LINK, p->up ? PORT_CAP_10G : 0);
	put32(c + PORT_INFO_CAPS, PORT_CAP_10G);
	put32(c + PORT_INFO_ADVERTISED, PORT_CAP_10G);
}

/* The firmware's answer to a request that nobody made */
static void send_info(struct t5 *t, unsigned int nr)
{
	u8 c[PORT_CMD_SIZE] = { 0 };

	put32(c, (u32)CMD_PORT << 24 | CMD_REQUEST | CMD_READ | nr);
	put32(c + 4, PORT_GET_INFO32 << 16 | PORT_CMD_SIZE / 16);
	put_info(t, nr, c);
	fw6_send(t, t->event_iqid, FW6_CMD_RPL, c, sizeof(c));
}

u8 cmd_port(struct t5 *t, u8 *c)
{
	unsigned int nr = PORT_ID(get32(c));

	if (nr >= t->nr_ports)
		return FW_EINVAL;
	if (PORT_ACTION(get32(c + 4)) == PORT_GET_INFO32)
		put_info(t, nr, c);
	return FW_OK;
}

u8 cmd_vi(struct t5 *t, u8 *c)
{
	unsigned int nr = c[VI_PORT] >> 4;

	if (!(get32(c + 4) & CMD_ALLOC))
		return FW_OK;
	if (nr >= t->nr_ports)
		return FW_EINVAL;
	put16(c + VI_ID, VIID(nr));
	memcpy(c + VI_MAC, t->ports[nr].mac, 6);
	put16(c + VI_RSS_SIZE, 64);
	return FW_OK;
}

/* Filters: each interface has the one that is its number */
u8 cmd_vi_mac(struct t5 *t, u8 *c)
{
	u16 entry = get16(c + VI_MAC_ENTRY);

	put16(c + VI_MAC_ENTRY, (entry & ~VI_MAC_INDEX) |
				(VIID_PORT(get32(c)) & VI_MAC_INDEX));
	return FW_OK;
}

u8 cmd_vi_enable(struct t5 *t, u8 *c)
{
	unsigned int nr = VIID_PORT(get32(c));

	if (nr >= t->nr_ports)
		return FW_EINVAL;
	t->ports[nr].enabled = get32(c + 4) & VI_ENABLE_INGRESS;
	if (t->ports[nr].enabled)
		send_info(t, nr);
	return FW_OK;
}

void port_set_link(struct t5 *t, unsigned int nr, bool up)
{
	if (t->ports[nr].up == up)
		return;
	t->ports[nr].up = up;
	if (t->ports[nr].enabled)
		send_info(t, nr);
}

void port_init(struct t5 *t)
{
	static const u8 mac[6] = { 0x00, 0x07, 0x43, 0x00, 0x00, 0x01 };
	unsigned int i;

	for (i = 0; i < t->nr_ports; i++) {
		t->ports[i] = (struct port){ .up = true };
		memcpy(t->ports[i].mac, mac, 6);
		t->ports[i].mac[5] += i;
	}
}
