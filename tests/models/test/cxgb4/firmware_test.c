// SPDX-License-Identifier: GPL-2.0-only
/* Registers, the mailbox, queues: what the driver needs before there is RDMA. */
#include "fixture.h"

static u32 param(u32 kind, u32 name, int *status)
{
	u8 c[64] = { CMD_PARAMS };

	put32(c + 8, kind << 24 | name << 16);
	*status = command(c, sizeof(c));
	return get32(c + 12);
}

static void the_firmware_tells_its_resources(void)
{
	int status;

	CHECK_EQ(param(PARAM_DEV, DEV_PORTVEC, &status), 3);
	CHECK_EQ(status, FW_OK);
	CHECK_EQ(param(PARAM_PFVF, PFVF_STAG_START, &status), STAG_BASE);
	CHECK_EQ(status, FW_OK);
	param(PARAM_DEV, 0x7f, &status);
	CHECK_EQ(status, FW_EINVAL);
}

static void an_unknown_command_is_refused(void)
{
	u8 c[16] = { 0x7e };

	CHECK_EQ(command(c, sizeof(c)), FW_EINVAL);
}

static u32 flash(u32 op, u32 data)
{
	write32(REG_SF_DATA, data);
	write32(REG_SF_OP, op);
	return read32(REG_SF_DATA);
}

static void the_flash_holds_the_version(void)
{
	flash(SF_WRITE, FLASH_CMD_READ_ID);
	CHECK_EQ(flash(2 << 1, 0), FLASH_ID);
	flash(SF_WRITE | 3 << 1, htobe32(FLASH_FW_VERSION) | 0x0b);
	flash(1u << 31, 0);
	CHECK_EQ(flash(3 << 1, 0), FW_VERSION);
	CHECK_EQ(flash(3 << 1, 0), 0);
}

static void the_product_data_add_up(void)
{
	u8 vpd[VPD_SIZE] = { 0 }, sum = 0;
	unsigned int i, name, list;

	vpd_build(vpd);
	name = 3 + vpd[VPD_BASE + 1];
	list = 3 + vpd[VPD_BASE + name + 1];
	for (i = 0; i < name + list; i++)
		sum += vpd[VPD_BASE + i];
	CHECK_EQ(vpd[VPD_BASE + name], 0x90);
	CHECK_EQ(sum, 0);
	CHECK_EQ(vpd[VPD_BASE + name + list], 0x78);
}

static void enable_port(unsigned int nr, bool on)
{
	u8 c[16] = { CMD_VI_ENABLE };

	put32(c, (u32)CMD_VI_ENABLE << 24 | VIID(nr));
	put32(c + 4, (on ? VI_ENABLE_INGRESS : 0) | 1);
	CHECK_EQ(command(c, sizeof(c)), FW_OK);
}

/* The state in the next message of a link; -1: there is none */
static int link_news(unsigned int nr)
{
	u32 len_qid;
	const u8 *p;
	u8 type;

	p = next_entry(&events, &type, &len_qid);
	if (!p || p[RSS_HEADER] != CPL_FW6_MSG)
		return -1;
	p += RSS_HEADER + 8;
	CHECK_EQ(PORT_ID(get32(p)), nr);
	return !!(get32(p + PORT_INFO_STATUS) & PORT_LINK_UP);
}

static void link_changes_are_told(void)
{
	enable_port(1, true);
	CHECK_EQ(link_news(1), 1);
	control("port 2 down");
	CHECK_EQ(link_news(1), 0);
	control("port 2 up");
	CHECK_EQ(link_news(1), 1);
	enable_port(1, false);
	control("port 2 down");
	CHECK_EQ(link_news(1), -1);
}

static void an_interrupt_comes_once_it_is_asked_for(void)
{
	enable_port(0, true);
	CHECK_EQ(interrupts, 0);
	/* For what is there already, too: else it could be missed */
	arm(&events, 0, false);
	CHECK_EQ(interrupts, 1);
	control("port 1 down");
	CHECK_EQ(interrupts, 1);
	arm(&events, 2, false);
	CHECK_EQ(interrupts, 1);
	control("port 1 up");
	CHECK_EQ(interrupts, 2);
}

static void registers_of_the_function_are_at_two_places(void)
{
	u32 value = events.id << 16 | 6 << 13;

	t5_ops.write(t5, BAR_REGS, REG_OWN + REG_GTS - REG_PF, &value, sizeof(value));
	enable_port(0, true);
	CHECK_EQ(interrupts, 1);
	t5_ops.write(t5, BAR_REGS, REG_GTS, &value, sizeof(value));
	CHECK_EQ(interrupts, 2);
}

static void queues_can_be_freed(void)
{
	u8 c[64] = { CMD_IQ };

	put32(c + 4, CMD_FREE | 4);
	put16(c + IQ_ID, events.id);
	CHECK_EQ(command(c, sizeof(c)), FW_OK);
	CHECK(!iq_find(t5, events.id));
	memset(c, 0, sizeof(c));
	c[0] = CMD_EQ_CTRL;
	put32(c + 4, CMD_FREE | 3);
	put32(c + EQ_ID, ctrl.id);
	CHECK_EQ(command(c, 32), FW_OK);
	CHECK(!eq_find(t5, ctrl.id));
}

/* Rings go round many times */
static void rings_wrap(void)
{
	u8 cpl[24];
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		memset(cpl, 0, sizeof(cpl));
		put32(cpl, (u32)CPL_L2T_WRITE_REQ << 24 | responses.id << 14 | 5);
		send_cpl(cpl, sizeof(cpl));
		CHECK(expect(CPL_L2T_WRITE_RPL));
	}
}

static void the_window_shows_the_memory(void)
{
	t5->memory[0x123456] = 0xab;
	write32(REG_MEMWIN(0), 0x30000 | 6);
	write32(REG_MEMWIN_OFFSET(0), 0x120000 | PF);
	CHECK_EQ(read32(0x33454) >> 16 & 0xff, 0xab);
}

static void hello_ends_what_another_driver_began(void)
{
	u8 hello[16] = { CMD_HELLO };
	struct test_qp a, b;

	connect_qps(&a, &b);
	CHECK_EQ(command(hello, sizeof(hello)), FW_OK);
	CHECK(!iq_find(t5, events.id));
	CHECK(!conn_find(t5, a.tid));
}

const struct test_case firmware_cases[] = {
	{ "the_firmware_tells_its_resources", the_firmware_tells_its_resources },
	{ "an_unknown_command_is_refused", an_unknown_command_is_refused },
	{ "the_flash_holds_the_version", the_flash_holds_the_version },
	{ "the_product_data_add_up", the_product_data_add_up },
	{ "link_changes_are_told", link_changes_are_told },
	{ "an_interrupt_comes_once_it_is_asked_for", an_interrupt_comes_once_it_is_asked_for },
	{ "registers_of_the_function_are_at_two_places", registers_of_the_function_are_at_two_places },
	{ "queues_can_be_freed", queues_can_be_freed },
	{ "rings_wrap", rings_wrap },
	{ "the_window_shows_the_memory", the_window_shows_the_memory },
	{ "hello_ends_what_another_driver_began", hello_ends_what_another_driver_began },
	{ 0 }
};
