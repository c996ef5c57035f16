// SPDX-License-Identifier: GPL-2.0-only
/* Types of ports: what a port can be, and what SET_PORT makes of it. */
#include "fixture.h"

#define BOTH		(PORT_TYPE_IB | PORT_TYPE_ETH)
#define SET_PORT_IB	0
#define SET_PORT_ETH	1
#define GENERAL		(0 << 8)
#define GID_TABLE	(5 << 8)

static const u8 gids[2][16] = { { 0xfd, 3, 1 }, { 0xfd, 4, 2 } };

/* An adapter with such ports, after its reset, no port open yet */
static void adapter(u8 types)
{
	hca->ports[0].types = hca->ports[1].types = types;
	CHECK_EQ(command(CMD_CLOSE_PORT, 1, 0, NULL, 0, NULL), STAT_OK);
	CHECK_EQ(command(CMD_CLOSE_PORT, 2, 0, NULL, 0, NULL), STAT_OK);
	port_reset(hca, 1);
	port_reset(hca, 2);
}

static u8 set_port(u32 port, u8 how)
{
	u8 in[64] = { 0 };

	return command(CMD_SET_PORT, GENERAL | port, how, in, sizeof(in), NULL);
}

/* A table with this GID, not the first in it: that one an InfiniBand port has of its own */
static u8 set_gid(u32 port, const u8 *gid)
{
	u8 in[64] = { 0 };

	memcpy(in + 32, gid, 16);
	return command(CMD_SET_PORT, GID_TABLE | port, SET_PORT_ETH, in, sizeof(in), NULL);
}

/* What the port says of itself, by QUERY_PORT */
static u8 offered(u32 port)
{
	CHECK_EQ(command(CMD_QUERY_PORT, port, 0, NULL, 0, NULL), STAT_OK);
	return outbox()[0] & 0x1f;
}

static bool mixed_ports(void)
{
	CHECK_EQ(command(CMD_QUERY_DEV_CAP, 0, 0, NULL, 0, NULL), STAT_OK);
	return get32(outbox() + 0x44) & 1 << 12;
}

static u16 lid(u32 port)
{
	u8 in[256] = { 1, 1, 1, 1 };

	put16(in + 16, 0x15);
	CHECK_EQ(command(CMD_MAD_IFC, port, 0, in, sizeof(in), NULL), STAT_OK);
	return get16(outbox() + 64 + 16);
}

static struct port *route(unsigned int from, u16 dlid, const u8 *dgid)
{
	static const u8 nobody[16];

	return fabric_route(hca, &hca->ports[from - 1], dlid, dgid ? dgid : nobody);
}

static void a_port_offers_what_it_can_be(void)
{
	static const u8 types[] = { PORT_TYPE_IB, PORT_TYPE_ETH, BOTH };
	unsigned int i;

	for (i = 0; i < sizeof(types); i++) {
		adapter(types[i]);
		/* Without a hint at Ethernet, and without sensing */
		CHECK_EQ(offered(1), types[i]);
		CHECK_EQ(offered(2), types[i]);
		CHECK_EQ(mixed_ports(), types[i] == BOTH);
	}
}

static void set_port_makes_it_ethernet_and_infiniband(void)
{
	adapter(BOTH);
	CHECK_EQ(lid(1), 1);
	CHECK(route(2, 1, NULL) == &hca->ports[0]);

	CHECK_EQ(set_port(1, SET_PORT_ETH), STAT_OK);
	CHECK_EQ(lid(1), 0);
	CHECK(!route(2, 1, NULL));
	/* It still can be both */
	CHECK_EQ(offered(1), BOTH);

	CHECK_EQ(set_port(1, SET_PORT_IB), STAT_OK);
	CHECK_EQ(lid(1), 1);
	CHECK(route(2, 1, NULL) == &hca->ports[0]);
}

/* It may be the first that the driver says to the port */
static void a_table_of_gids_makes_it_ethernet(void)
{
	adapter(BOTH);
	CHECK_EQ(set_gid(1, gids[0]), STAT_OK);
	CHECK(!route(2, 0, gids[0]));
	CHECK_EQ(set_gid(2, gids[1]), STAT_OK);
	CHECK(route(2, 0, gids[0]) == &hca->ports[0]);
	CHECK(route(1, 0, gids[1]) == &hca->ports[1]);
	CHECK(route(1, 0, gids[0]) == &hca->ports[0]);
}

static void an_infiniband_port_forgets_the_gids(void)
{
	adapter(BOTH);
	CHECK_EQ(set_gid(1, gids[0]), STAT_OK);
	CHECK_EQ(set_port(1, SET_PORT_IB), STAT_OK);
	CHECK_EQ(set_port(1, SET_PORT_ETH), STAT_OK);
	CHECK(!route(1, 0, gids[0]));
}

static void a_port_that_is_open_keeps_its_type(void)
{
	adapter(BOTH);
	CHECK_EQ(command(CMD_INIT_PORT, 1, 0, NULL, 0, NULL), STAT_OK);
	CHECK_EQ(set_port(1, SET_PORT_IB), STAT_OK);
	CHECK_EQ(set_port(1, SET_PORT_ETH), STAT_BAD_RES_STATE);
	CHECK_EQ(lid(1), 1);
	CHECK_EQ(command(CMD_CLOSE_PORT, 1, 0, NULL, 0, NULL), STAT_OK);
	CHECK_EQ(set_port(1, SET_PORT_ETH), STAT_OK);
	CHECK_EQ(lid(1), 0);
}

static void a_type_that_it_cannot_be_is_refused(void)
{
	adapter(PORT_TYPE_IB);
	CHECK_EQ(set_port(1, SET_PORT_ETH), STAT_BAD_PARAM);
	CHECK_EQ(set_gid(1, gids[0]), STAT_BAD_PARAM);
	CHECK_EQ(lid(1), 1);
	adapter(PORT_TYPE_ETH);
	CHECK_EQ(set_port(1, SET_PORT_IB), STAT_BAD_PARAM);
	CHECK_EQ(lid(1), 0);
	CHECK_EQ(set_port(3, SET_PORT_ETH), STAT_BAD_INDEX);
}

static void a_reset_makes_it_infiniband(void)
{
	u8 one[4];

	adapter(BOTH);
	CHECK_EQ(set_gid(1, gids[0]), STAT_OK);
	put32(one, 1);
	hca_ops.write(hca, BAR_REGS, REG_RESET, one, 4);
	CHECK_EQ(offered(1), BOTH);
	CHECK_EQ(lid(1), 1);
	CHECK(route(2, 1, NULL) == &hca->ports[0]);
}

const struct test_case port_cases[] = {
	{ "a_port_offers_what_it_can_be", a_port_offers_what_it_can_be },
	{ "set_port_makes_it_ethernet_and_infiniband", set_port_makes_it_ethernet_and_infiniband },
	{ "a_table_of_gids_makes_it_ethernet", a_table_of_gids_makes_it_ethernet },
	{ "an_infiniband_port_forgets_the_gids", an_infiniband_port_forgets_the_gids },
	{ "a_port_that_is_open_keeps_its_type", a_port_that_is_open_keeps_its_type },
	{ "a_type_that_it_cannot_be_is_refused", a_type_that_it_cannot_be_is_refused },
	{ "a_reset_makes_it_infiniband", a_reset_makes_it_infiniband },
	{ 0 }
};
