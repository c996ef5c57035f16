// SPDX-License-Identifier: GPL-2.0-only
/* What the adapter says of itself, and what the driver decides at INIT_HCA. */
#include "hca.h"

static void zero(u8 *p, u32 len)
{
	memset(p, 0, len);
}

u8 cmd_query_fw(struct hca *h, struct command *c)
{
	u8 *o = c->out;

	if (!o)
		return STAT_BAD_PARAM;
	zero(o, 0x100);
	put16(o + 0x00, 512);		/* pages of firmware */
	put16(o + 0x02, 2);		/* version 2.42.5000 */
	put16(o + 0x04, 5000);
	put16(o + 0x06, 42);
	put16(o + 0x0a, 3);		/* command interface revision */
	o[0x0f] = 4;			/* log2 of commands under way */
	put64(o + 0x20, 0xf00d8);	/* clear-interrupt register */
	put64(o + 0x30, REG_CATAS);
	put32(o + 0x38, CATAS_WORDS);
	o[0x3c] = BAR_REGS;
	return STAT_OK;
}

static void entry_sizes(u8 *o)
{
	put16(o + 0x80, 32);		/* RDMARC */
	put16(o + 0x82, 256);		/* QPC */
	put16(o + 0x84, 32);		/* AUXC */
	put16(o + 0x86, 64);		/* ALTC */
	put16(o + 0x88, 128);		/* EQC */
	put16(o + 0x8a, 128);		/* CQC */
	put16(o + 0x8c, 128);		/* SRQC */
	put16(o + 0x8e, 64);		/* cMPT */
	put16(o + 0x90, MTT_ENTRY_SIZE);
	put16(o + 0x92, MPT_STRIDE);
}

static void limits(u8 *o)
{
	o[0x10] = 14;			/* log2: WQEs of an SRQ */
	o[0x11] = 14;			/* WQEs of a QP */
	o[0x12] = 6;			/* reserved QPs */
	o[0x13] = 19;			/* QPs */
	o[0x14] = 6 << 4;		/* reserved SRQs */
	o[0x15] = 16;			/* SRQs */
	o[0x19] = 16;			/* CQEs of a CQ */
	o[0x1a] = 6;			/* reserved CQs */
	o[0x1b] = 16;			/* CQs */
	o[0x1d] = 19;			/* MPTs */
	o[0x1e] = 2;			/* reserved EQs */
	o[0x1f] = 7;			/* EQs */
	o[0x20] = 4 << 4;		/* reserved MTTs */
	o[0x22] = 4;			/* reserved memory regions */
	o[0x29] = 7;			/* RDMA reads of a requester */
	o[0x2b] = 7;			/* ... and of a responder */
	o[0x2e] = 0x30 | 7;		/* RSS: both hashes, table size */
	o[0x2f] = 20;			/* RDMA reads in all */
	o[0x35] = 15;			/* ACK delay */
	o[0x38] = 31;			/* bytes of a message */
	o[0x3b] = 7;			/* GIDs */
	o[0x3f] = 7;			/* P_Keys */
	o[0x48] = 1 << 4;		/* reserved UARs */
	o[0x49] = 3;			/* UAR space, MB */
	o[0x4b] = 12;			/* page size */
	o[0x51] = 62;			/* gather entries */
	put16(o + 0x52, 1008);		/* bytes of a send WQE */
	o[0x55] = 32;			/* scatter entries */
	put16(o + 0x56, 512);		/* bytes of a receive WQE */
	o[0x61] = 8;			/* QPs of a multicast group */
	o[0x63] = 13;			/* multicast groups */
	o[0x64] = 2 << 4;		/* reserved PDs */
	o[0x65] = 15;			/* PDs */
	o[0x67] = 4;			/* XRC domains */
	put64(o + 0xa0, 1ull << 40);	/* bytes of ICM */
}

#define FLAG_RC			(1u << 0)
#define FLAG_UC			(1u << 1)
#define FLAG_UD			(1u << 2)
#define FLAG_SRQ		(1u << 6)
#define FLAG_BAD_PKEY_COUNTER	(1u << 8)
#define FLAG_BAD_QKEY_COUNTER	(1u << 9)
#define FLAG_MIXED_PORTS	(1u << 12)
#define FLAG_ATOMIC		(1u << 18)
#define FLAG_UD_AV_PORT		(1u << 20)
#define FLAG_UD_MULTICAST	(1u << 21)
#define FLAG_IBOE		(1u << 30)

#define BMME_LOCAL_INV		(1u << 6)
#define BMME_REMOTE_INV		(1u << 7)
#define BMME_RESERVED_LKEY	(1u << 10)
#define BMME_FAST_REG		(1u << 11)

#define FLAG2_SW_CQ_INIT	(1u << 23)

u8 cmd_query_dev_cap(struct hca *h, struct command *c)
{
	u32 flags = FLAG_RC | FLAG_UC | FLAG_UD | FLAG_SRQ |
		    FLAG_BAD_PKEY_COUNTER | FLAG_BAD_QKEY_COUNTER |
		    FLAG_ATOMIC | FLAG_UD_AV_PORT | FLAG_UD_MULTICAST;
	u8 *o = c->out;

	if (!o)
		return STAT_BAD_PARAM;
	zero(o, 0x100);
	limits(o);
	entry_sizes(o);
	o[0x36] = 0x5 << 4 | 0xb;	/* MTU and width */
	o[0x37] = 0x8 << 4 | h->nr_ports;
	if (h->ports[0].types & PORT_TYPE_ETH)
		flags |= FLAG_IBOE;
	if (h->ports[0].types == (PORT_TYPE_IB | PORT_TYPE_ETH))
		flags |= FLAG_MIXED_PORTS;
	put32(o + 0x44, flags);
	put32(o + 0x70, FLAG2_SW_CQ_INIT);
	put32(o + 0x94, BMME_LOCAL_INV | BMME_REMOTE_INV | BMME_RESERVED_LKEY |
			BMME_FAST_REG);
	put32(o + 0x98, RESERVED_LKEY);
	return STAT_OK;
}

#define PORT_LINK_UP	0x80

u8 cmd_query_port(struct hca *h, struct command *c)
{
	u32 nr = c->in_modifier & 0xff;
	struct port *p;
	u8 *o = c->out;

	if (!o)
		return STAT_BAD_PARAM;
	if (nr < 1 || nr > h->nr_ports)
		return STAT_BAD_INDEX;
	p = &h->ports[nr - 1];
	zero(o, 0x100);
	o[0x00] = p->types | (p->up ? PORT_LINK_UP : 0);
	o[0x01] = 5;			/* MTU 4096 */
	put16(o + 0x02, 1522);
	o[0x05] = 0x40;			/* Ethernet speed: 40 Gbit/s */
	o[0x06] = 0xb;			/* width */
	o[0x07] = 7 << 4 | 7;		/* log2: GIDs, P_Keys */
	o[0x0a] = 7 << 4 | 7;		/* log2: VLANs, MACs */
	o[0x0b] = 8 << 4 | 8;		/* traffic classes, VLs */
	memcpy(o + 0x12, p->mac, 6);
	return STAT_OK;
}

u8 cmd_query_adapter(struct hca *h, struct command *c)
{
	if (!c->out)
		return STAT_BAD_PARAM;
	zero(c->out, 0x100);
	return STAT_OK;
}

#define HCA_MC_BASE		0x0c0
#define HCA_LOG_MC_ENTRY	0x0d3
#define HCA_LOG_MC_HASH		0x0d7
#define HCA_DMPT_BASE		0x0f0
#define HCA_LOG_MPTS		0x0fb
#define HCA_MTT_BASE		0x100

u8 cmd_init_hca(struct hca *h, struct command *c)
{
	if (!c->in)
		return STAT_BAD_PARAM;
	h->mcg_base = get64(c->in + HCA_MC_BASE);
	h->log_mcg_entry = c->in[HCA_LOG_MC_ENTRY] & 0x1f;
	h->log_mcg_hash = c->in[HCA_LOG_MC_HASH] & 0x1f;
	h->dmpt_base = get64(c->in + HCA_DMPT_BASE);
	h->log_mpts = c->in[HCA_LOG_MPTS] & 0x1f;
	h->mtt_base = get64(c->in + HCA_MTT_BASE);
	vfu_log(1, "INIT_HCA: %u MPTs at %#llx, MTTs at %#llx", 1u << h->log_mpts,
		(unsigned long long)h->dmpt_base, (unsigned long long)h->mtt_base);
	return STAT_OK;
}

u8 cmd_close_hca(struct hca *h, struct command *c)
{
	qp_reset(h);
	cq_reset(h);
	srq_reset(h);
	return STAT_OK;
}
