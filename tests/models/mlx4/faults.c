// SPDX-License-Identifier: GPL-2.0-only
/* Which faults there are, and what a reset makes of them. */
#include "hca.h"

#define RESET_FAIL_TIME	(6000 * MS)

const struct fault_kind fault_kinds[NR_FAULTS] = {
	[FAULT_COMMAND_DROP]	= { "command-drop", .op_by_name = cmd_by_name },
	[FAULT_COMMAND_FAIL]	= { "command-fail", .op_by_name = cmd_by_name,
				    .status = STAT_INTERNAL_ERR },
	[FAULT_FIRMWARE_DEAD]	= { "firmware-dead", .until_reset = true },
	[FAULT_FLUSH_STALL]	= { "flush-stall", .until_reset = true },
	[FAULT_CQE_LOSE]	= { "cqe-lose" },
	[FAULT_IRQ_LOSE]	= { "irq-lose" },
	[FAULT_DOORBELL_IGNORE]	= { "doorbell-ignore" },
	[FAULT_RESET_FAIL]	= { "reset-fail" },
};

bool hca_config_gone(const struct hca *h)
{
	return fault_gone(h->faults) || now_ns() < h->away_until;
}

/* A reset brings dead firmware back to life, unless it is to fail */
void hca_faults_reset(struct hca *h)
{
	if (fault_hits(h->faults, FAULT_RESET_FAIL, 0)) {
		vfu_log(0, "The reset fails.");
		h->away_until = now_ns() + RESET_FAIL_TIME;
		return;
	}
	faults_reset(h->faults);
}
