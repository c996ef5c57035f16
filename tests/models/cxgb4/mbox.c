// SPDX-License-Identifier: GPL-2.0-only
/* The mailbox: firmware commands, one at a time, and their answers. */
#include <strings.h>

#include "t5.h"

/* Nothing that the model has depends on it */
static u8 cmd_accept(struct t5 *t, u8 *c)
{
	return FW_OK;
}

static const struct {
	const char *name;
	u8 (*run)(struct t5 *t, u8 *c);
} commands[256] = {
	[CMD_LDST]		= { "LDST", cmd_accept },
	[CMD_RESET]		= { "RESET", cmd_bye },
	[CMD_HELLO]		= { "HELLO", cmd_hello },
	[CMD_BYE]		= { "BYE", cmd_bye },
	/* As it is initialized when it has been reset */
	[CMD_INITIALIZE]	= { "INITIALIZE", cmd_accept },
	[CMD_CAPS_CONFIG]	= { "CAPS_CONFIG", cmd_caps_config },
	[CMD_PARAMS]		= { "PARAMS", cmd_params },
	[CMD_PFVF]		= { "PFVF", cmd_pfvf },
	[CMD_IQ]		= { "IQ", cmd_iq },
	[CMD_EQ_ETH]		= { "EQ_ETH", cmd_eq },
	[CMD_EQ_CTRL]		= { "EQ_CTRL", cmd_eq },
	[CMD_VI]		= { "VI", cmd_vi },
	[CMD_VI_MAC]		= { "VI_MAC", cmd_vi_mac },
	[CMD_VI_RXMODE]		= { "VI_RXMODE", cmd_accept },
	[CMD_VI_ENABLE]		= { "VI_ENABLE", cmd_vi_enable },
	[CMD_VI_STATS]		= { "VI_STATS", cmd_accept },
	[CMD_PORT]		= { "PORT", cmd_port },
	[CMD_RSS_IND_TBL]	= { "RSS_IND_TBL", cmd_accept },
	[CMD_EQ_OFLD]		= { "EQ_OFLD", cmd_eq },
	[CMD_RSS_GLB_CONFIG]	= { "RSS_GLB_CONFIG", cmd_accept },
	[CMD_RSS_VI_CONFIG]	= { "RSS_VI_CONFIG", cmd_accept },
	[CMD_SCHED]		= { "SCHED", cmd_accept },
	[CMD_DEVLOG]		= { "DEVLOG", cmd_accept },
	[CMD_CLIP]		= { "CLIP", cmd_accept },
	[CMD_PTP]		= { "PTP", cmd_accept },
};

const char *cmd_name(u8 op)
{
	return commands[op].name ? commands[op].name : "?";
}

int cmd_by_name(const char *name)
{
	int i;

	for (i = 0; i < 256; i++)
		if (commands[i].name && !strcasecmp(commands[i].name, name))
			return i;
	return -1;
}

static u8 run(struct t5 *t, u8 op)
{
	if (fault_hits(t->faults, FAULT_COMMAND_FAIL, op))
		return fault_status(t->faults, FAULT_COMMAND_FAIL);
	if (!commands[op].run) {
		vfu_log(1, "firmware command %#x is not modelled", op);
		return FW_EINVAL;
	}
	return commands[op].run(t, t->mbox);
}

static void execute(struct t5 *t)
{
	u8 op = CMD_OP(get32(t->mbox)), status;

	t->stats.commands++;
	t->stats.per_command[op]++;
	t->mbox_busy = true;
	if (fault_armed(t->faults, FAULT_FIRMWARE_DEAD) ||
	    fault_hits(t->faults, FAULT_COMMAND_DROP, op)) {
		vfu_log(1, "firmware command %s is not answered", cmd_name(op));
		return;
	}
	status = run(t, op);
	vfu_log(2, "firmware command %s: %u", cmd_name(op), status);
	put32(t->mbox + 4, (get32(t->mbox + 4) & ~(0xffu << CMD_STATUS_SHIFT)) |
			   (u32)status << CMD_STATUS_SHIFT);
	t->mbox_busy = false;
	t->mbox_answered = true;
}

u32 mbox_control_read(const struct t5 *t)
{
	if (t->mbox_busy)
		return MBOX_OWNER_FW | MBOX_VALID;
	return MBOX_OWNER_DRIVER | (t->mbox_answered ? MBOX_VALID : 0);
}

void mbox_control_write(struct t5 *t, u32 value)
{
	/* A driver that takes back what the firmware has gets it */
	t->mbox_busy = false;
	t->mbox_answered = false;
	if (value & MBOX_VALID && (value & MBOX_OWNER) == MBOX_OWNER_FW)
		execute(t);
}

/* Registers of 64 bits that hold big endian words */
void mbox_read(const struct t5 *t, u32 offset, void *buf, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		((u8 *)buf)[i] = t->mbox[(offset + i) ^ 7];
}

void mbox_write(struct t5 *t, u32 offset, const void *buf, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		t->mbox[(offset + i) ^ 7] = ((const u8 *)buf)[i];
}
