/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the device: registers, firmware commands, work requests, messages. */
#ifndef CXGB4_HW_H
#define CXGB4_HW_H

#define PF			4	/* the physical function that drivers use */

/* BAR 0: registers. What is not named here just keeps what is written */
#define BAR_REGS		0
#define BAR_REGS_SIZE		(512 << 10)
#define REG_PF_INT_CAUSE	0x1f3c0
#define REG_MEMWIN(n)		(0x3068 + 8 * (n))	/* where it is, how large */
#define REG_MEMWIN_OFFSET(n)	(0x306c + 8 * (n))	/* what of memory it shows */
#define  NR_MEMWINS		8
#define REG_FW			0x30b8
#define  FW_ERR			(1u << 31)
#define  FW_INIT		(1u << 30)
#define  FW_MASTER_VALID	(1u << 15)
#define  FW_MASTER_SHIFT	12
#define REG_FW_DEVLOG		0x30d8
#define REG_EDRAM0		0x77c0			/* size, in MB */
#define REG_MTU_TABLE		0x7de4
#define  MTU_READ		0xff
#define REG_TP_INT_CAUSE	0x7e74
#define REG_SGE_CONTROL		0x1008
#define  SGE_CPL_SPLIT		(1u << 18)
#define  SGE_PACKET_SHIFT	10	/* bytes before a packet */
#define  SGE_ENABLE		1u
#define REG_SGE_PAGE_SIZE	0x100c
#define REG_SGE_EQ_PER_PAGE	0x1010
#define REG_SGE_IQ_PER_PAGE	0x10f4
#define REG_SGE_FL_SIZE(n)	(0x1044 + 4 * (n))
#define REG_MPS_CONTROL		0x9000	/* log2 of the number of ports */
#define REG_SF_DATA		0x193f8
#define REG_SF_OP		0x193fc
#define REG_WHOAMI		0x19400
#define REG_INT_CAUSE		0x1940c
#define  INT_TP			(1u << 19)
#define REG_INT_ENABLE		0x19410
#define REG_REVISION		0x1943c
#define REG_LE_CONFIG		0x19c04
#define  LE_SLIP_COMPRESSED	(1u << 17)
#define REG_OWN			0x1b000	/* the function's own registers, whichever it is */
#define REG_PF			0x1f000	/* the same, of function PF */
#define  PF_REGS_SIZE		0x400
#define REG_KDOORBELL		0x1f000
#define REG_GTS			0x1f004
#define REG_MBOX_DATA		0x1f240
#define REG_MBOX_CTRL		0x1f280
#define  MBOX_SIZE		64
#define  MBOX_VALID		(1u << 3)
#define  MBOX_OWNER		3
#define  MBOX_OWNER_FW		1
#define  MBOX_OWNER_DRIVER	2

/* BAR 2: a segment for each queue; ingress and egress queues share it */
#define BAR_DOORBELLS		2
#define BAR_DOORBELLS_SIZE	(4 << 20)
#define QUEUES_PER_PAGE_SHIFT	3
#define UDB_SHIFT		7
#define UDB_KDOORBELL		8
#define UDB_GTS			20
#define UDB_WR			64	/* a work request of one unit */
#define DB_PIDX			0x1fff
#define DB_QID(x)		((x) >> 15)
#define GTS_CIDX_INC		0xfff
#define GTS_QID(x)		((x) >> 16)
#define GTS_SOLICITED		(1u << 12)
#define GTS_TIMER(x)		((x) >> 13 & 7)
#define  GTS_TIMER_NONE		7	/* consume, do not arm */

#define BAR_MSIX		4
#define BAR_MSIX_SIZE		(8 << 10)
#define MSIX_PBA		4096
#define NR_VECTORS		32

/* Serial flash */
#define FLASH_ID		0x170020	/* 8 MB */
#define FLASH_CMD_READ_ID	0x9f
#define FLASH_FW_VERSION	0x80004
#define FW_VERSION		0x01170300	/* 1.23.3.0 */
#define SF_WRITE		1u
#define SF_BYTES(x)		(((x) >> 1 & 3) + 1)
#define SF_BUSY			(1u << 31)

/* Firmware commands: operation and flags in the first word */
#define CMD_OP(w)		((w) >> 24)
#define CMD_REQUEST		(1u << 23)
#define CMD_READ		(1u << 22)
#define CMD_WRITE		(1u << 21)
#define CMD_STATUS_SHIFT	8	/* in the second word */
#define CMD_ALLOC		(1u << 31)
#define CMD_FREE		(1u << 30)

enum fw_command {
	CMD_LDST		= 0x01,
	CMD_RESET		= 0x03,
	CMD_HELLO		= 0x04,
	CMD_BYE			= 0x05,
	CMD_INITIALIZE		= 0x06,
	CMD_CAPS_CONFIG		= 0x07,
	CMD_PARAMS		= 0x08,
	CMD_PFVF		= 0x09,
	CMD_IQ			= 0x10,
	CMD_EQ_ETH		= 0x12,
	CMD_EQ_CTRL		= 0x13,
	CMD_VI			= 0x14,
	CMD_VI_MAC		= 0x15,
	CMD_VI_RXMODE		= 0x16,
	CMD_VI_ENABLE		= 0x17,
	CMD_VI_STATS		= 0x1a,
	CMD_PORT		= 0x1b,
	CMD_RSS_IND_TBL		= 0x20,
	CMD_EQ_OFLD		= 0x21,
	CMD_RSS_GLB_CONFIG	= 0x22,
	CMD_RSS_VI_CONFIG	= 0x23,
	CMD_SCHED		= 0x24,
	CMD_DEVLOG		= 0x25,
	CMD_CLIP		= 0x28,
	CMD_PTP			= 0x3e,
};

#define FW_OK			0
#define FW_EIO			5
#define FW_EINVAL		22

/* PARAMS */
#define PARAM_KIND(x)		((x) >> 24)
#define PARAM_NAME(x)		((x) >> 16 & 0xff)
#define PARAM_QUEUE(x)		((x) & 0xffff)
#define  PARAM_DEV		1
#define  PARAM_PFVF		2
#define  PARAM_DMAQ		4

enum param_dev {
	DEV_CCLK		= 0x00,
	DEV_PORTVEC		= 0x01,
	DEV_NTID		= 0x02,
	DEV_FLOWC_BUFFIFO_SZ	= 0x03,
	DEV_FWREV		= 0x0b,
	DEV_TPREV		= 0x0c,
	DEV_MAXORDIRD_QP	= 0x13,
	DEV_MAXIRD_ADAPTER	= 0x14,
	DEV_MEMWRITE_DSGL	= 0x17,
	DEV_FR_NSMR_TPTE_WR	= 0x1c,
	DEV_WRITE_WITH_IMM	= 0x21,
	DEV_WRITE_CMPL_WR	= 0x24,
};

enum param_pfvf {
	PFVF_CLIP_START		= 0x03,
	PFVF_CLIP_END		= 0x04,
	PFVF_FILTER_START	= 0x05,
	PFVF_FILTER_END		= 0x06,
	PFVF_SERVER_START	= 0x07,
	PFVF_SERVER_END		= 0x08,
	PFVF_TDDP_START		= 0x09,
	PFVF_TDDP_END		= 0x0a,
	PFVF_STAG_START		= 0x0d,
	PFVF_STAG_END		= 0x0e,
	PFVF_RQ_END		= 0x10,
	PFVF_PBL_START		= 0x11,
	PFVF_PBL_END		= 0x12,
	PFVF_L2T_START		= 0x13,
	PFVF_L2T_END		= 0x14,
	PFVF_SQRQ_START		= 0x15,
	PFVF_SQRQ_END		= 0x16,
	PFVF_CQ_START		= 0x17,
	PFVF_CQ_END		= 0x18,
	PFVF_RQ_START		= 0x1f,
	PFVF_OCQ_START		= 0x26,
	PFVF_OCQ_END		= 0x27,
	PFVF_IQFLINT_START	= 0x29,
	PFVF_IQFLINT_END	= 0x2a,
	PFVF_EQ_START		= 0x2b,
	PFVF_EQ_END		= 0x2c,
	PFVF_ACTIVE_FILTER_START = 0x2d,
	PFVF_ACTIVE_FILTER_END	= 0x2e,
	PFVF_CPLFW4MSG_ENCAP	= 0x31,
	PFVF_PORT_CAPS32	= 0x3a,
};

enum param_dmaq {
	DMAQ_EQ_CMPLIQID_CTRL	= 0x11,
};

/* HELLO, CAPS_CONFIG, PFVF */
#define HELLO_WORD		8
#define HELLO_INIT		(1u << 30)
#define HELLO_MASTER_SHIFT	24
#define HELLO_FWREV		12
#define CAPS_NIC		24
#define CAPS_OFLD		26
#define CAPS_RDMA		28
#define  CAP_NIC		1
#define  CAP_OFLD_TOE		1
#define  CAP_RDMA_RDDP_RDMAC	3
#define PFVF_IQS		8
#define PFVF_EQS		12
#define PFVF_VIS		16

/* PORT, VI */
#define PORT_ACTION(w)		((w) >> 16)
#define  PORT_GET_INFO32	0x0a
#define PORT_ID(w)		((w) & 0xf)
#define PORT_INFO_STATUS	8
#define  PORT_LINK_UP		(1u << 31)
#define  PORT_TYPE_SHIFT	13
#define  PORT_TYPE_KR		8
#define PORT_INFO_MTU		12
#define PORT_INFO_LINK		16
#define PORT_INFO_CAPS		20
#define PORT_INFO_ADVERTISED	24
#define  PORT_CAP_10G		4
#define PORT_CMD_SIZE		32
#define VI_ID			8
#define VI_MAC			10
#define VI_PORT			16	/* in the upper half of the byte */
#define VI_RSS_SIZE		24
#define VIID(port)		(PF << 8 | 1 << 7 | ((port) + 1))
#define VIID_PORT(x)		(((x) & 0x7f) - 1)
#define VI_ENABLE_INGRESS	(1u << 31)
#define VI_MAC_ENTRY		8
#define VI_MAC_INDEX		0x3ff

/* IQ */
#define IQ_PHYS_ID		8
#define IQ_ID			10
#define IQ_FL0_ID		12
#define IQ_TYPE			16
#define  IQ_ASYNC		(1u << 28)
#define  IQ_TO_QUEUE		(1u << 15)	/* events go to another queue */
#define  IQ_DEST		0xfff
#define IQ_ENTRY		20
#define  IQ_ENTRY_SHIFT		3	/* a mask: log2, less 4 */
#define IQ_SIZE			22
#define IQ_ADDR			24
#define IQ_FL0_SIZE		38
#define IQ_FL0_ADDR		40

/* EQ_*: eqid is the first of its words, the rest is at the same place in all */
#define EQ_ID			8
#define  EQ_CTRL_CMPL_SHIFT	20
#define EQ_PHYS_ID		12
#define EQ_IQ			16
#define EQ_SIZE			20
#define EQ_ADDR			24
#define EQ_UNIT			64

/* An entry of an ingress queue ends with what the SGE says of it */
#define RSP_SIZE		16
#define RSP_LEN_QID		4	/* length of data, or a queue */
#define  RSP_NEW_BUFFER		(1u << 31)
#define RSP_TYPE_GEN		8
#define  RSP_GEN_SHIFT		7
#define  RSP_TYPE_SHIFT		4
enum response_type {
	RSP_FREE_LIST		= 0,
	RSP_CPL			= 1,
	RSP_INTERRUPT		= 2,
};
#define RSS_HEADER		8
#define FL_SIZE_INDEX		0x1f	/* in a buffer's address */
#define FL_ALIGN		32

/* Status page at the end of an egress queue */
#define STATUS_CIDX		4
#define STATUS_PIDX		6

/* Work requests: operation and flags in the first byte and word */
enum work_request {
	WR_ULPTX		= 0x04,
	WR_TP			= 0x05,
	WR_ETH_TX_PKT		= 0x08,
	WR_FLOWC		= 0x0a,
	WR_OFLD_TX_DATA		= 0x0b,
	WR_RI_RES		= 0x0c,
	WR_RI_INIT		= 0x0d,
	WR_RI_RDMA_WRITE	= 0x14,
	WR_RI_SEND		= 0x15,
	WR_RI_RDMA_READ		= 0x16,
	WR_RI_RECV		= 0x17,
	WR_RI_FR_NSMR		= 0x19,
	WR_RI_INV_LSTAG		= 0x1a,
	WR_RI_FR_NSMR_TPTE	= 0x20,
	WR_RI_WRITE_CMPL	= 0x21,
};

#define WR_COMPLETE		(1u << 21)
#define WR_LEN16		7
#define WR_FLOWID(w)		((w) >> 8 & 0xfffff)
#define WR_UPDATE_IQ		(1u << 31)
#define WR_COOKIE		8
#define WR_HEADER		16
#define MAX_WR			512

/* RI work requests */
#define RI_FLAGS		1
#define  RI_SIGNALED		0x01
#define  RI_READ_INVALIDATE	0x20
#define  RI_WRITE_IMM		0x40
#define RI_WRID			2
#define RI_SEND_OP		8
#define RI_SEND_STAG		12
#define RI_SEND_SGL		32
#define RI_WRITE_IMM_DATA	8
#define RI_WRITE_STAG		20
#define RI_WRITE_TO		24
#define RI_WRITE_SGL		32
#define RI_CMPL_FLAGS		9
#define RI_CMPL_WRID		10
#define RI_CMPL_STAG		12
#define RI_CMPL_SEND_SGL	32
#define  RI_CMPL_IMMD_LEN	7	/* a shorter form than that of others */
#define RI_CMPL_WRITE_SGL	64
#define RI_READ_SINK_STAG	16
#define RI_READ_SINK_TO		20
#define RI_READ_LEN		28
#define RI_READ_SOURCE_STAG	32
#define RI_READ_SOURCE_TO	36
#define RI_RECV_SGL		8
#define RI_INV_STAG		12
#define RI_FR_PAGE_SHIFT	9
#define RI_FR_PERMS		11
#define RI_FR_STAG		12
#define RI_FR_LEN		20
#define RI_FR_VA		24
#define RI_FR_PBL		32
#define RI_FR_TPTE_STAG		12
#define RI_FR_TPTE		16
#define RI_FR_TPTE_PBL		48

#define RI_DATA_IMMD		0x81
#define RI_DATA_DSGL		0x82
#define RI_DATA_ISGL		0x83
#define ULP_DSGL		0x82

enum ri_opcode {
	RI_RDMA_WRITE		= 0x0,
	RI_READ_REQ		= 0x1,
	RI_READ_RESP		= 0x2,
	RI_SEND			= 0x3,
	RI_SEND_INV		= 0x4,
	RI_SEND_SE		= 0x5,
	RI_SEND_SE_INV		= 0x6,
	RI_TERMINATE		= 0x7,
	RI_WRITE_IMMEDIATE	= 0x8,
	RI_FAST_REGISTER	= 0xa,
	RI_LOCAL_INV		= 0xb,
};

/* RI_RES: resources of RDMA */
#define RES_SIZE		48
#define RES_TYPE		0
enum res_type {
	RES_SQ			= 0,
	RES_RQ			= 1,
	RES_CQ			= 2,
};
#define RES_OP			1
#define  RES_OP_WRITE		0
#define RES_ID			4
#define RES_DEST		16
#define RES_EQ_SIZE		20
#define RES_IQ_ENTRY		20
#define RES_IQ_SIZE		22
#define RES_ADDR		24

/* RI_INIT: a connection into RDMA mode, and out of it */
#define INIT_TYPE		16
enum init_type {
	INIT_INIT		= 0,
	INIT_FINI		= 1,
	INIT_TERMINATE		= 2,
};
#define INIT_MPA		17
#define  MPA_INITIATOR		0x80
#define  MPA_P2P_TYPE		0x0f
#define  MPA_P2P_DISABLED	0x0f
#define  MPA_P2P_READ		RI_READ_REQ
#define INIT_QP_CAPS		21
#define  QP_READ		0x01
#define  QP_WRITE		0x02
#define  QP_FAST_REGISTER	0x08
#define  QP_STAG0		0x10
#define INIT_PD			24
#define INIT_QPID		28
#define INIT_RQ			36
#define INIT_SCQ		40
#define INIT_RCQ		44
#define TERM_LEN		20
#define TERM_MESSAGE		24

/* Entries of the translation and protection table */
#define TPTE_SIZE		32
#define TPTE_VALID		(1u << 31)
#define TPTE_KEY(w)		((w) >> 23 & 0xff)
#define TPTE_KEY_MASK		(0xffu << 23)
#define TPTE_STATE_VALID	(1u << 22)
#define TPTE_PD(w)		((w) & 0xfffff)
#define TPTE_PERMS(w)		((w) >> 28)
#define TPTE_PAGE_SHIFT(w)	(((w) >> 20 & 0x1f) + 12)
#define TPTE_PBL(w)		((w) & 0x1fffffff)
#define PERM_REMOTE_WRITE	0x1
#define PERM_REMOTE_READ	0x2
#define PERM_LOCAL_WRITE	0x4
#define PERM_LOCAL_READ		0x8

/* Completion queue entries */
#define CQE_SIZE		64
#define CQE_LEN			4
#define CQE_STAG		8
#define CQE_MSN			12
#define CQE_WRID		14
#define CQE_IMM			16
#define CQE_SQ			(1u << 4)
#define CQE_STATUS_SHIFT	5
#define CQE_QPID_SHIFT		12
#define CQE_GEN_SHIFT		63

enum cqe_status {
	T5_SUCCESS		= 0x00,
	T5_STAG			= 0x01,	/* invalid, 0, or another key */
	T5_PDID			= 0x02,
	T5_ACCESS		= 0x04,
	T5_WRAP			= 0x05,
	T5_BOUND		= 0x06,
	T5_PBL_BOUND		= 0x0b,
	T5_LENGTH		= 0x12,
	T5_OUT_OF_RQE		= 0x13,
	T5_OPCODE		= 0x16,
};

/* Messages between driver and chip (CPL), in TP work requests and in queues */
enum cpl {
	CPL_PASS_OPEN_REQ	= 0x01,
	CPL_PASS_ACCEPT_RPL	= 0x02,
	CPL_ACT_OPEN_REQ	= 0x03,
	CPL_CLOSE_CON_REQ	= 0x08,
	CPL_CLOSE_LISTSRV_REQ	= 0x09,
	CPL_ABORT_REQ		= 0x0a,
	CPL_ABORT_RPL		= 0x0b,
	CPL_RX_DATA_ACK		= 0x0d,
	CPL_L2T_WRITE_REQ	= 0x12,
	CPL_SMT_WRITE_REQ	= 0x14,
	CPL_TID_RELEASE		= 0x1a,
	CPL_CLOSE_LISTSRV_RPL	= 0x20,
	CPL_L2T_WRITE_RPL	= 0x23,
	CPL_PASS_OPEN_RPL	= 0x24,
	CPL_ACT_OPEN_RPL	= 0x25,
	CPL_PEER_CLOSE		= 0x26,
	CPL_ABORT_REQ_RSS	= 0x2b,
	CPL_ABORT_RPL_RSS	= 0x2d,
	CPL_SMT_WRITE_RPL	= 0x2e,
	CPL_CLOSE_CON_RPL	= 0x32,
	CPL_RX_DATA		= 0x39,
	CPL_ACT_ESTABLISH	= 0x40,
	CPL_PASS_ESTABLISH	= 0x41,
	CPL_PASS_ACCEPT_REQ	= 0x44,
	CPL_PASS_OPEN_REQ6	= 0x81,
	CPL_ACT_OPEN_REQ6	= 0x83,
	CPL_RDMA_TERMINATE	= 0xa2,
	CPL_SGE_EGR_UPDATE	= 0xa5,
	CPL_FW4_ACK		= 0xc3,
	CPL_FW6_MSG		= 0xe0,
};

#define CPL_TID(w)		((w) & 0xffffff)
#define CPL_INDEX(w)		((w) & 0x3fff)		/* the rest is a queue */
#define CPL_QUEUE(w)		((w) >> 14 & 0x3ff)
#define CPL_MAX			40	/* longer ones go through the free list */
#define CPL_NO_REPLY		(1u << 15)
#define CPL_REPLY_QUEUE		0x3ff
#define OPT1_QUEUE(x)		((x) >> 2 & 0x3ff)
#define OPT2_QUEUE(w)		((w) & 0x3ff)
#define ACCEPT_ETH_SHIFT	26
#define ACCEPT_IP_SHIFT		16
#define ACCEPT_TCP_SHIFT	10
#define ESTABLISH_MSS_SHIFT	12
#define MTU_1500		8	/* in the table of MTUs */
#define ETH_HEADER		14
#define TCP_HEADER		20

enum cpl_error {
	CPL_ERR_NONE		= 0,
	CPL_ERR_CONN_RESET	= 20,
};

enum fw6_type {
	FW6_CMD_RPL		= 0,
	FW6_WR_RPL		= 1,
	FW6_CQE			= 2,
};

/* ULPTX: writes of adapter memory, in units of 32 bytes */
#define ULP_UNIT		32
#define ULP_CMD			16
#define  ULP_MEM_WRITE		3
#define ULP_LEN			24
#define ULP_ADDR		28
#define ULP_DATA		32
#define  ULP_SC_IMM		0x81
#define  ULP_SC_DSGL		0x82

/* What the adapter's memory is for */
#define STAG_BASE		0x100000
#define STAG_SIZE		0x100000
#define PBL_BASE		0x400000
#define PBL_SIZE		0x400000
#define RQ_BASE			0x1000000	/* never looked at */
#define RQ_SIZE			0x1000000
#define MEMORY_SIZE		0x800000

/* How many of what */
#define NR_TIDS			1024
#define NR_STIDS		256
#define STID_BASE		1024
#define NR_QUEUES		2048
#define RDMA_QUEUES		1024	/* the first of RDMA's */

#endif
