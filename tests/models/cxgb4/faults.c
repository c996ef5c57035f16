// SPDX-License-Identifier: GPL-2.0-only
/* Which faults there are. */
#include "t5.h"

const struct fault_kind fault_kinds[NR_FAULTS] = {
	[FAULT_COMMAND_DROP]	= { "command-drop", .op_by_name = cmd_by_name },
	[FAULT_COMMAND_FAIL]	= { "command-fail", .op_by_name = cmd_by_name,
				    .status = FW_EIO },
	[FAULT_WR_DROP]		= { "wr-drop", .op_by_name = wr_by_name },
	[FAULT_WR_FAIL]		= { "wr-fail", .op_by_name = wr_by_name,
				    .status = FW_EIO },
	[FAULT_FIRMWARE_DEAD]	= { "firmware-dead", .until_reset = true },
	[FAULT_FLUSH_STALL]	= { "flush-stall", .until_reset = true },
	[FAULT_CQE_LOSE]	= { "cqe-lose" },
	[FAULT_IRQ_LOSE]	= { "irq-lose" },
	[FAULT_DOORBELL_IGNORE]	= { "doorbell-ignore", .op_by_name = eq_kind_by_name },
};
