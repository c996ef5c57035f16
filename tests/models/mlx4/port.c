// SPDX-License-Identifier: GPL-2.0-only
/* Ports: link, addresses, and what SET_PORT tells of them. */
#include "hca.h"

#define NODE_GUID	0x0002c90300000001ull
#define GID_PREFIX	0xfe80000000000000ull
#define FIRST_MAC	0x0002c9000001ull

/* SET_PORT of an Ethernet port: what, in the second byte of the modifier */
#define SET_PORT_IB		0x0	/* operation modifier */
#define SET_PORT_ETH		0x1
#define SET_PORT_GID_TABLE	0x5

void port_init(struct hca *h, unsigned int nr, bool eth)
{
	struct port *p = &h->ports[nr - 1];
	u64 mac = FIRST_MAC + nr - 1;
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->eth = eth;
	p->up = true;
	p->lid = eth ? 0 : nr;
	p->guid = NODE_GUID + nr;
	for (i = 0; i < 6; i++)
		p->mac[i] = mac >> (40 - 8 * i);
	if (!eth) {
		put64(p->gids[0], GID_PREFIX);
		put64(p->gids[0] + 8, p->guid);
	}
}

static struct port *port_of(struct hca *h, u32 nr)
{
	return nr >= 1 && nr <= h->nr_ports ? &h->ports[nr - 1] : NULL;
}

static void tell_link(struct hca *h, struct port *p)
{
	u8 data[12] = { 0 };

	if (!p->initialized)
		return;
	put32(data + 8, port_number(h, p) << 28);
	eq_event(h, EVENT_PORT_CHANGE,
		 p->up ? PORT_CHANGE_ACTIVE : PORT_CHANGE_DOWN, data, sizeof(data));
}

u8 cmd_init_port(struct hca *h, struct command *c)
{
	struct port *p = port_of(h, c->in_modifier & 0xff);

	if (!p)
		return STAT_BAD_INDEX;
	p->initialized = true;
	if (p->up)
		tell_link(h, p);
	return STAT_OK;
}

u8 cmd_close_port(struct hca *h, struct command *c)
{
	struct port *p = port_of(h, c->in_modifier & 0xff);

	if (!p)
		return STAT_BAD_INDEX;
	p->initialized = false;
	return STAT_OK;
}

/* Only the table of GIDs matters to the model */
u8 cmd_set_port(struct hca *h, struct command *c)
{
	struct port *p = port_of(h, c->in_modifier & 0xff);

	if (!p)
		return STAT_BAD_INDEX;
	if (c->modifier != SET_PORT_ETH ||
	    (c->in_modifier >> 8 & 0xff) != SET_PORT_GID_TABLE)
		return STAT_OK;
	if (!c->in)
		return STAT_BAD_PARAM;
	memcpy(p->gids, c->in, sizeof(p->gids));
	return STAT_OK;
}

/* A cable is pulled or put in */
void port_set_link(struct hca *h, unsigned int nr, bool up)
{
	struct port *p = &h->ports[nr - 1];

	if (p->up == up)
		return;
	p->up = up;
	tell_link(h, p);
}
