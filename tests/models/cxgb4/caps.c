// SPDX-License-Identifier: GPL-2.0-only
/* What the firmware says of itself and of the adapter. */
#include "t5.h"

/* A driver comes: an initialized adapter, with that driver as its master */
u8 cmd_hello(struct t5 *t, u8 *c)
{
	t5_reset_queues(t);
	put32(c + HELLO_WORD, HELLO_INIT | (u32)PF << HELLO_MASTER_SHIFT);
	put32(c + HELLO_FWREV, FW_VERSION);
	return FW_OK;
}

u8 cmd_bye(struct t5 *t, u8 *c)
{
	t5_reset_queues(t);
	return FW_OK;
}

static bool param_dev(const struct t5 *t, u8 name, u32 *value)
{
	switch (name) {
	case DEV_CCLK:
		*value = 250000;	/* kHz */
		return true;
	case DEV_PORTVEC:
		*value = (1u << t->nr_ports) - 1;
		return true;
	case DEV_NTID:
		*value = NR_TIDS;
		return true;
	case DEV_FLOWC_BUFFIFO_SZ:
		*value = 64;
		return true;
	case DEV_FWREV:
		*value = FW_VERSION;
		return true;
	case DEV_TPREV:
		*value = 0;
		return true;
	case DEV_MAXORDIRD_QP:
		*value = 32;
		return true;
	case DEV_MAXIRD_ADAPTER:
		*value = 32 * NR_TIDS;
		return true;
	case DEV_MEMWRITE_DSGL:
	case DEV_FR_NSMR_TPTE_WR:
	case DEV_WRITE_WITH_IMM:
	case DEV_WRITE_CMPL_WR:
		*value = 1;
		return true;
	default:
		return false;
	}
}

static bool param_pfvf(u8 name, u32 *value)
{
	static const struct {
		u8 name;
		u32 value;
	} params[] = {
		{ PFVF_EQ_START, 1 }, { PFVF_EQ_END, RDMA_QUEUES - 1 },
		{ PFVF_IQFLINT_START, 1 }, { PFVF_IQFLINT_END, RDMA_QUEUES - 1 },
		{ PFVF_L2T_START, 0 }, { PFVF_L2T_END, 1023 },
		{ PFVF_FILTER_START, 0 }, { PFVF_FILTER_END, 127 },
		{ PFVF_CLIP_START, 0 }, { PFVF_CLIP_END, 63 },
		{ PFVF_SERVER_START, STID_BASE },
		{ PFVF_SERVER_END, STID_BASE + NR_STIDS - 1 },
		{ PFVF_TDDP_START, 0 }, { PFVF_TDDP_END, 0xffff },
		{ PFVF_STAG_START, STAG_BASE },
		{ PFVF_STAG_END, STAG_BASE + STAG_SIZE - 1 },
		{ PFVF_RQ_START, RQ_BASE }, { PFVF_RQ_END, RQ_BASE + RQ_SIZE - 1 },
		{ PFVF_PBL_START, PBL_BASE },
		{ PFVF_PBL_END, PBL_BASE + PBL_SIZE - 1 },
		{ PFVF_SQRQ_START, RDMA_QUEUES }, { PFVF_SQRQ_END, NR_QUEUES - 1 },
		{ PFVF_CQ_START, RDMA_QUEUES }, { PFVF_CQ_END, NR_QUEUES - 1 },
		/* Ranges of nothing */
		{ PFVF_OCQ_START, 0 }, { PFVF_OCQ_END, ~0u },
		{ PFVF_ACTIVE_FILTER_START, 0 }, { PFVF_ACTIVE_FILTER_END, 0 },
		/* Requests of the driver to be accepted */
		{ PFVF_CPLFW4MSG_ENCAP, 1 }, { PFVF_PORT_CAPS32, 1 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		if (params[i].name != name)
			continue;
		*value = params[i].value;
		return true;
	}
	return false;
}

static bool param_dmaq(struct t5 *t, u32 param, bool write, u32 value)
{
	struct eq *e = eq_find(t, PARAM_QUEUE(param));

	if (write && PARAM_NAME(param) == DMAQ_EQ_CMPLIQID_CTRL && e)
		e->iqid = value;
	return true;
}

u8 cmd_params(struct t5 *t, u8 *c)
{
	bool write = get32(c) & CMD_WRITE, known;
	u8 status = FW_OK;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		u8 *p = c + 8 + 8 * i;
		u32 param = get32(p), value = get32(p + 4);

		switch (PARAM_KIND(param)) {
		case 0:
			return status;
		case PARAM_DEV:
			known = param_dev(t, PARAM_NAME(param), &value);
			break;
		case PARAM_PFVF:
			known = param_pfvf(PARAM_NAME(param), &value);
			break;
		case PARAM_DMAQ:
			known = param_dmaq(t, param, write, value);
			break;
		default:
			known = false;
		}
		if (!known) {
			vfu_log(2, "parameter %#x is not known", param);
			status = FW_EINVAL;
		}
		put32(p + 4, value);
	}
	return status;
}

/* How many queues and interfaces the function may have */
u8 cmd_pfvf(struct t5 *t, u8 *c)
{
	put32(c + PFVF_IQS, 96 << 20 | 0);
	put32(c + PFVF_EQS, ((1u << t->nr_ports) - 1) << 20 | 256);
	put32(c + PFVF_VIS, 4 << 16 | 16);
	return FW_OK;
}

u8 cmd_caps_config(struct t5 *t, u8 *c)
{
	put16(c + CAPS_NIC, CAP_NIC);
	put16(c + CAPS_OFLD, CAP_OFLD_TOE);
	put16(c + CAPS_RDMA, CAP_RDMA_RDDP_RDMAC);
	return FW_OK;
}
