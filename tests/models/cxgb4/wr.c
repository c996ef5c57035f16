// SPDX-License-Identifier: GPL-2.0-only
/* Work requests that the firmware executes, by operation. */
#include <strings.h>

#include "t5.h"

static const char * const names[256] = {
	[WR_ULPTX]		= "ULPTX",
	[WR_TP]			= "TP",
	[WR_ETH_TX_PKT]		= "ETH_TX_PKT",
	[WR_FLOWC]		= "FLOWC",
	[WR_OFLD_TX_DATA]	= "OFLD_TX_DATA",
	[WR_RI_RES]		= "RI_RES",
	[WR_RI_INIT]		= "RI_INIT",
	[WR_RI_RDMA_WRITE]	= "RI_RDMA_WRITE",
	[WR_RI_SEND]		= "RI_SEND",
	[WR_RI_RDMA_READ]	= "RI_RDMA_READ",
	[WR_RI_RECV]		= "RI_RECV",
	[WR_RI_FR_NSMR]		= "RI_FR_NSMR",
	[WR_RI_INV_LSTAG]	= "RI_INV_LSTAG",
	[WR_RI_FR_NSMR_TPTE]	= "RI_FR_NSMR_TPTE",
	[WR_RI_WRITE_CMPL]	= "RI_WRITE_CMPL",
};

const char *wr_name(u8 op)
{
	return names[op] ? names[op] : "?";
}

int wr_by_name(const char *name)
{
	int i;

	for (i = 0; i < 256; i++)
		if (names[i] && !strcasecmp(names[i], name))
			return i;
	return -1;
}

/* The driver finds the waiter by its cookie */
void wr_reply(struct t5 *t, u32 iqid, const u8 *wr, u8 status)
{
	u8 data[16];

	if (!(get32(wr) & WR_COMPLETE))
		return;
	put64(data, (u64)status << 8);
	memcpy(data + 8, wr + WR_COOKIE, 8);
	fw6_send(t, iqid, FW6_WR_RPL, data, sizeof(data));
}

void wr_execute(struct t5 *t, struct eq *e, const u8 *wr, u32 len)
{
	u8 op = wr[0];

	if (len < WR_HEADER || fault_hits(t->faults, FAULT_WR_DROP, op))
		return;
	switch (op) {
	case WR_ETH_TX_PKT:
		t->stats.frames++;
		break;
	case WR_ULPTX:
		wr_reply(t, e->iqid, wr, mem_write(t, wr, len) ? FW_OK : FW_EINVAL);
		break;
	case WR_TP:
		tcp_message(t, wr, len);
		break;
	case WR_FLOWC:
		break;
	case WR_OFLD_TX_DATA:
		tcp_send(t, wr, len);
		break;
	case WR_RI_RES:
		ri_resources(t, e, wr, len);
		break;
	case WR_RI_INIT:
		ri_init(t, wr);
		break;
	default:
		vfu_log(1, "work request %#x in egress queue %u is not modelled",
			op, e->id);
	}
}
