// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network between the ports of this one adapter: a port is reached by its
 * LID (InfiniBand) or by one of its GIDs (RoCE) while its link is up.
 */
#include "hca.h"

unsigned int port_number(const struct hca *h, const struct port *p)
{
	return p - h->ports + 1;
}

static bool has_gid(const struct port *p, const u8 *gid)
{
	static const u8 zero[16];
	unsigned int i;

	if (!memcmp(gid, zero, sizeof(zero)))
		return false;
	for (i = 0; i < NR_GIDS; i++)
		if (!memcmp(p->gids[i], gid, 16))
			return true;
	return false;
}

/**
 * fabric_route - the port that an address leads to
 * @h: the adapter
 * @from: where the packet leaves
 * @lid: destination, InfiniBand
 * @gid: destination, RoCE
 *
 * Return: NULL if the packet gets lost.
 */
struct port *fabric_route(struct hca *h, const struct port *from, u16 lid,
			  const u8 *gid)
{
	unsigned int i;

	if (!from->up)
		return NULL;
	for (i = 0; i < h->nr_ports; i++) {
		struct port *to = &h->ports[i];

		if (!to->up || to->eth != from->eth)
			continue;
		if (to->eth ? has_gid(to, gid) : to->lid == lid)
			return to;
	}
	return NULL;
}
