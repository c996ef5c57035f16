// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command interface: seven words of registers, of which writing the last
 * one starts a command. Its result is told by the GO bit that clears, or by an
 * event if the driver asked for one.
 */
#include <stdlib.h>
#include <strings.h>

#include "hca.h"

#define MAILBOX_SIZE	4096

/* What a command has in its two parameters */
#define IN_BOX		1
#define OUT_BOX		2

static u8 cmd_accept(struct hca *h, struct command *c)
{
	return STAT_OK;
}

/* Statistics and filters that are all zero */
static u8 cmd_zeroes(struct hca *h, struct command *c)
{
	if (c->out)
		memset(c->out, 0, MAILBOX_SIZE);
	return STAT_OK;
}

static const struct {
	u16 opcode;
	u8 boxes;
	const char *name;
	u8 (*run)(struct hca *h, struct command *c);
} commands[] = {
	{ CMD_QUERY_FW, OUT_BOX, "QUERY_FW", cmd_query_fw },
	{ CMD_QUERY_DEV_CAP, OUT_BOX, "QUERY_DEV_CAP", cmd_query_dev_cap },
	{ CMD_QUERY_ADAPTER, OUT_BOX, "QUERY_ADAPTER", cmd_query_adapter },
	{ CMD_QUERY_PORT, OUT_BOX, "QUERY_PORT", cmd_query_port },
	{ CMD_MAP_FA, IN_BOX, "MAP_FA", cmd_accept },
	{ CMD_UNMAP_FA, 0, "UNMAP_FA", cmd_accept },
	{ CMD_RUN_FW, 0, "RUN_FW", cmd_accept },
	{ CMD_MOD_STAT_CFG, IN_BOX, "MOD_STAT_CFG", cmd_accept },
	{ CMD_SET_ICM_SIZE, 0, "SET_ICM_SIZE", cmd_set_icm_size },
	{ CMD_MAP_ICM_AUX, IN_BOX, "MAP_ICM_AUX", cmd_accept },
	{ CMD_UNMAP_ICM_AUX, 0, "UNMAP_ICM_AUX", cmd_accept },
	{ CMD_MAP_ICM, IN_BOX, "MAP_ICM", cmd_map_icm },
	{ CMD_UNMAP_ICM, 0, "UNMAP_ICM", cmd_unmap_icm },
	{ CMD_INIT_HCA, IN_BOX, "INIT_HCA", cmd_init_hca },
	{ CMD_CLOSE_HCA, 0, "CLOSE_HCA", cmd_close_hca },
	{ CMD_QUERY_HCA, OUT_BOX, "QUERY_HCA", cmd_zeroes },
	{ CMD_INIT_PORT, 0, "INIT_PORT", cmd_init_port },
	{ CMD_CLOSE_PORT, 0, "CLOSE_PORT", cmd_close_port },
	{ CMD_SET_PORT, IN_BOX, "SET_PORT", cmd_set_port },
	{ CMD_SET_NODE, IN_BOX, "SET_NODE", cmd_accept },
	{ CMD_SW2HW_MPT, IN_BOX, "SW2HW_MPT", cmd_sw2hw_mpt },
	{ CMD_HW2SW_MPT, OUT_BOX, "HW2SW_MPT", cmd_hw2sw_mpt },
	{ CMD_QUERY_MPT, OUT_BOX, "QUERY_MPT", cmd_query_mpt },
	{ CMD_SYNC_TPT, 0, "SYNC_TPT", cmd_accept },
	{ CMD_MAP_EQ, 0, "MAP_EQ", cmd_map_eq },
	{ CMD_SW2HW_EQ, IN_BOX, "SW2HW_EQ", cmd_sw2hw_eq },
	{ CMD_HW2SW_EQ, OUT_BOX, "HW2SW_EQ", cmd_hw2sw_eq },
	{ CMD_SW2HW_CQ, IN_BOX, "SW2HW_CQ", cmd_sw2hw_cq },
	{ CMD_HW2SW_CQ, OUT_BOX, "HW2SW_CQ", cmd_hw2sw_cq },
	{ CMD_QUERY_CQ, OUT_BOX, "QUERY_CQ", cmd_query_cq },
	{ CMD_MODIFY_CQ, IN_BOX, "MODIFY_CQ", cmd_modify_cq },
	{ CMD_SW2HW_SRQ, IN_BOX, "SW2HW_SRQ", cmd_sw2hw_srq },
	{ CMD_HW2SW_SRQ, OUT_BOX, "HW2SW_SRQ", cmd_hw2sw_srq },
	{ CMD_QUERY_SRQ, OUT_BOX, "QUERY_SRQ", cmd_query_srq },
	{ CMD_ARM_SRQ, 0, "ARM_SRQ", cmd_arm_srq },
	{ CMD_RST2INIT_QP, IN_BOX, "RST2INIT_QP", cmd_modify_qp },
	{ CMD_INIT2INIT_QP, IN_BOX, "INIT2INIT_QP", cmd_modify_qp },
	{ CMD_INIT2RTR_QP, IN_BOX, "INIT2RTR_QP", cmd_modify_qp },
	{ CMD_RTR2RTS_QP, IN_BOX, "RTR2RTS_QP", cmd_modify_qp },
	{ CMD_RTS2RTS_QP, IN_BOX, "RTS2RTS_QP", cmd_modify_qp },
	{ CMD_SQERR2RTS_QP, IN_BOX, "SQERR2RTS_QP", cmd_modify_qp },
	{ CMD_2ERR_QP, IN_BOX, "2ERR_QP", cmd_modify_qp },
	{ CMD_RTS2SQD_QP, IN_BOX, "RTS2SQD_QP", cmd_modify_qp },
	{ CMD_SQD2SQD_QP, IN_BOX, "SQD2SQD_QP", cmd_modify_qp },
	{ CMD_SQD2RTS_QP, IN_BOX, "SQD2RTS_QP", cmd_modify_qp },
	{ CMD_2RST_QP, 0, "2RST_QP", cmd_modify_qp },
	{ CMD_QUERY_QP, OUT_BOX, "QUERY_QP", cmd_query_qp },
	{ CMD_UPDATE_QP, IN_BOX, "UPDATE_QP", cmd_update_qp },
	{ CMD_CONF_SPECIAL_QP, 0, "CONF_SPECIAL_QP", cmd_conf_special_qp },
	{ CMD_MAD_IFC, IN_BOX | OUT_BOX, "MAD_IFC", cmd_mad_ifc },
	{ CMD_READ_MCG, OUT_BOX, "READ_MCG", cmd_read_mcg },
	{ CMD_WRITE_MCG, IN_BOX, "WRITE_MCG", cmd_write_mcg },
	{ CMD_MGID_HASH, IN_BOX, "MGID_HASH", cmd_mgid_hash },
	{ CMD_NOP, 0, "NOP", cmd_accept },
	{ CMD_DIAG_RPRT, OUT_BOX, "DIAG_RPRT", cmd_zeroes },
	{ CMD_CONFIG_DEV, 0, "CONFIG_DEV", cmd_accept },
	{ CMD_SET_VLAN_FLTR, IN_BOX, "SET_VLAN_FLTR", cmd_accept },
	{ CMD_SET_MCAST_FLTR, 0, "SET_MCAST_FLTR", cmd_accept },
	{ CMD_DUMP_ETH_STATS, OUT_BOX, "DUMP_ETH_STATS", cmd_zeroes },
	{ CMD_QUERY_IF_STAT, OUT_BOX, "QUERY_IF_STAT", cmd_zeroes },
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

const char *cmd_name(u16 opcode)
{
	unsigned int i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (commands[i].opcode == opcode)
			return commands[i].name;
	return "unknown";
}

/* The opcode of a name, or -1 */
int cmd_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcasecmp(commands[i].name, name))
			return commands[i].opcode;
	return -1;
}

static u8 run(struct hca *h, struct command *c)
{
	unsigned int i;

	for (i = 0; i < NR_COMMANDS; i++) {
		if (commands[i].opcode != c->opcode)
			continue;
		if (commands[i].boxes & IN_BOX && c->in_param)
			c->in = dma_ptr(h, c->in_param, MAILBOX_SIZE);
		if (commands[i].boxes & OUT_BOX && c->out_param)
			c->out = dma_ptr(h, c->out_param, MAILBOX_SIZE);
		return commands[i].run(h, c);
	}
	vfu_log(0, "Command %#x (modifier %#x) is not modelled.", c->opcode,
		c->modifier);
	return STAT_BAD_OP;
}

static void finish(struct hca *h, struct command *c, u8 status, u16 token,
		   bool event)
{
	u8 data[20] = { 0 };

	h->hcr[3] = c->out_param >> 32;
	h->hcr[4] = c->out_param;
	h->hcr[6] = (h->hcr[6] & 0x00ffffff & ~HCR_GO) | (u32)status << 24;
	if (!event)
		return;
	put16(data + 2, token);
	data[11] = status;
	put64(data + 12, c->out_param);
	eq_event(h, EVENT_CMD, 0, data, sizeof(data));
}

/* The driver has set the GO bit */
void cmd_go(struct hca *h)
{
	u32 last = h->hcr[6];
	struct command c = {
		.opcode = last & 0xfff,
		.modifier = last >> 12 & 0xf,
		.in_modifier = h->hcr[2],
		.in_param = (u64)h->hcr[0] << 32 | h->hcr[1],
		.out_param = (u64)h->hcr[3] << 32 | h->hcr[4],
	};
	u16 token = h->hcr[5] >> 16;
	bool event = last & HCR_EVENT;
	u8 status;

	h->stats.commands++;
	h->stats.per_opcode[c.opcode]++;
	if (fault_armed(h->faults, FAULT_FIRMWARE_DEAD))
		return;
	if (fault_hits(h->faults, FAULT_COMMAND_DROP, c.opcode)) {
		vfu_log(0, "%s is never answered.", cmd_name(c.opcode));
		/* Accepted: the next command may come, if events tell results */
		if (event)
			h->hcr[6] &= ~HCR_GO;
		return;
	}
	if (fault_hits(h->faults, FAULT_COMMAND_FAIL, c.opcode))
		status = fault_status(h->faults, FAULT_COMMAND_FAIL);
	else
		status = run(h, &c);
	vfu_log(status ? 1 : 2, "%s/%u %#x: %#x", cmd_name(c.opcode), c.modifier,
		c.in_modifier, status);
	finish(h, &c, status, token, event);
}
