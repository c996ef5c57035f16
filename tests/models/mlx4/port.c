// SPDX-License-Identifier: GPL-2.0-only
/* Ports: link, type, addresses, and what SET_PORT tells of them. */
#include "hca.h"

#define NODE_GUID	0x0002c90300000001ull
#define GID_PREFIX	0xfe80000000000000ull
#define FIRST_MAC	0x0002c9000001ull

/* SET_PORT: its operation modifier; with Ethernet, the second byte of the other */
#define SET_PORT_IB		0x0
#define SET_PORT_ETH		0x1
#define  SET_PORT_GID_TABLE	0x5

/* A subnet manager gives an InfiniBand port its LID; the driver an Ethernet port its GIDs */
static void set_type(struct hca *h, struct port *p, bool eth)
{
	p->eth = eth;
	p->lid = eth ? 0 : port_number(h, p);
	memset(p->gids, 0, sizeof(p->gids));
	if (!eth) {
		put64(p->gids[0], GID_PREFIX);
		put64(p->gids[0] + 8, p->guid);
	}
}

/* The types that it can be are the adapter's; one of both starts as InfiniBand */
void port_reset(struct hca *h, unsigned int nr)
{
	struct port *p = &h->ports[nr - 1];
	u64 mac = FIRST_MAC + nr - 1;
	u8 types = p->types;
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->types = types;
	p->up = true;
	p->guid = NODE_GUID + nr;
	for (i = 0; i < 6; i++)
		p->mac[i] = mac >> (40 - 8 * i);
	set_type(h, p, types == PORT_TYPE_ETH);
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

static u8 change_type(struct hca *h, struct port *p, bool eth)
{
	if (!(p->types & (eth ? PORT_TYPE_ETH : PORT_TYPE_IB)))
		return STAT_BAD_PARAM;
	if (p->eth == eth)
		return STAT_OK;
	/* Not under whoever uses it: the driver closes it first */
	if (p->initialized)
		return STAT_BAD_RES_STATE;
	vfu_log(1, "Port %u becomes %s", port_number(h, p), eth ? "Ethernet" : "InfiniBand");
	set_type(h, p, eth);
	return STAT_OK;
}

/*
 * Whether it is for InfiniBand or Ethernet is all that the driver says of a port's
 * type; else only the table of GIDs matters to the model
 */
u8 cmd_set_port(struct hca *h, struct command *c)
{
	struct port *p = port_of(h, c->in_modifier & 0xff);
	u8 status;

	if (!p)
		return STAT_BAD_INDEX;
	if (c->modifier != SET_PORT_IB && c->modifier != SET_PORT_ETH)
		return STAT_OK;
	status = change_type(h, p, c->modifier == SET_PORT_ETH);
	if (status || c->modifier == SET_PORT_IB ||
	    (c->in_modifier >> 8 & 0xff) != SET_PORT_GID_TABLE)
		return status;
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
