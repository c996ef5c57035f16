/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the device: registers, commands, opcodes, events, bits. */
#ifndef MLX4_HW_H
#define MLX4_HW_H

/* BAR 0: registers */
#define BAR_REGS		0
#define BAR_REGS_SIZE		(1 << 20)
#define REG_CATAS		0x90000		/* where QUERY_FW says it is */
#define  CATAS_WORDS		16
#define REG_MSIX_TABLE		0x7c000
#define REG_MSIX_PBA		0x7d000
#define REG_HCR			0x80680
#define  HCR_WORDS		7
#define  HCR_GO			(1u << 23)
#define  HCR_EVENT		(1u << 22)
#define REG_OWNER		0x8069c
#define REG_RESET		0xf0010
#define REG_SEMAPHORE		0xf03fc

/* BAR 2: user access regions, a page each */
#define BAR_UAR			2
#define BAR_UAR_SIZE		(8 << 20)
#define UAR_SHIFT		12
#define UAR_SEND_DOORBELL	0x014
#define UAR_CQ_DOORBELL		0x020
#define UAR_EQ_DOORBELL		0x800		/* 4 EQs, 8 bytes each */

#define NR_VECTORS		16

/* Commands */
enum opcode {
	CMD_QUERY_DEV_CAP	= 0x003,
	CMD_QUERY_FW		= 0x004,
	CMD_QUERY_ADAPTER	= 0x006,
	CMD_INIT_HCA		= 0x007,
	CMD_CLOSE_HCA		= 0x008,
	CMD_INIT_PORT		= 0x009,
	CMD_CLOSE_PORT		= 0x00a,
	CMD_QUERY_HCA		= 0x00b,
	CMD_SET_PORT		= 0x00c,
	CMD_SW2HW_MPT		= 0x00d,
	CMD_QUERY_MPT		= 0x00e,
	CMD_HW2SW_MPT		= 0x00f,
	CMD_WRITE_MTT		= 0x011,
	CMD_MAP_EQ		= 0x012,
	CMD_SW2HW_EQ		= 0x013,
	CMD_HW2SW_EQ		= 0x014,
	CMD_SW2HW_CQ		= 0x016,
	CMD_HW2SW_CQ		= 0x017,
	CMD_QUERY_CQ		= 0x018,
	CMD_RST2INIT_QP		= 0x019,
	CMD_INIT2RTR_QP		= 0x01a,
	CMD_RTR2RTS_QP		= 0x01b,
	CMD_RTS2RTS_QP		= 0x01c,
	CMD_SQERR2RTS_QP	= 0x01d,
	CMD_2ERR_QP		= 0x01e,
	CMD_RTS2SQD_QP		= 0x01f,
	CMD_SQD2RTS_QP		= 0x020,
	CMD_2RST_QP		= 0x021,
	CMD_QUERY_QP		= 0x022,
	CMD_CONF_SPECIAL_QP	= 0x023,
	CMD_MAD_IFC		= 0x024,
	CMD_READ_MCG		= 0x025,
	CMD_WRITE_MCG		= 0x026,
	CMD_MGID_HASH		= 0x027,
	CMD_MODIFY_CQ		= 0x02c,
	CMD_INIT2INIT_QP	= 0x02d,
	CMD_SYNC_TPT		= 0x02f,
	CMD_DIAG_RPRT		= 0x030,
	CMD_NOP			= 0x031,
	CMD_MOD_STAT_CFG	= 0x034,
	CMD_SW2HW_SRQ		= 0x035,
	CMD_HW2SW_SRQ		= 0x036,
	CMD_QUERY_SRQ		= 0x037,
	CMD_SQD2SQD_QP		= 0x038,
	CMD_CONFIG_DEV		= 0x03a,
	CMD_ARM_SRQ		= 0x040,
	CMD_QUERY_PORT		= 0x043,
	CMD_SET_VLAN_FLTR	= 0x047,
	CMD_SET_MCAST_FLTR	= 0x048,
	CMD_DUMP_ETH_STATS	= 0x049,
	CMD_QUERY_IF_STAT	= 0x054,
	CMD_SET_IF_STAT		= 0x055,
	CMD_SET_NODE		= 0x05a,
	CMD_UPDATE_QP		= 0x061,
	CMD_RUN_FW		= 0xff6,
	CMD_UNMAP_ICM		= 0xff9,
	CMD_MAP_ICM		= 0xffa,
	CMD_UNMAP_ICM_AUX	= 0xffb,
	CMD_MAP_ICM_AUX		= 0xffc,
	CMD_SET_ICM_SIZE	= 0xffd,
	CMD_UNMAP_FA		= 0xffe,
	CMD_MAP_FA		= 0xfff,
};

enum cmd_status {
	STAT_OK			= 0x00,
	STAT_INTERNAL_ERR	= 0x01,
	STAT_BAD_OP		= 0x02,
	STAT_BAD_PARAM		= 0x03,
	STAT_BAD_SYS_STATE	= 0x04,
	STAT_BAD_RESOURCE	= 0x05,
	STAT_RESOURCE_BUSY	= 0x06,
	STAT_BAD_RES_STATE	= 0x09,
	STAT_BAD_INDEX		= 0x0a,
	STAT_ICM_ERROR		= 0x0c,
	STAT_BAD_QP_STATE	= 0x10,
};

/* Events */
enum event_type {
	EVENT_COMP		= 0x00,
	EVENT_COMM_EST		= 0x02,
	EVENT_SQ_DRAINED	= 0x03,
	EVENT_CQ_ERROR		= 0x04,
	EVENT_WQ_CATAS_ERROR	= 0x05,
	EVENT_PORT_CHANGE	= 0x09,
	EVENT_CMD		= 0x0a,
	EVENT_WQ_INVAL_REQ	= 0x10,
	EVENT_WQ_ACCESS_ERROR	= 0x11,
	EVENT_SRQ_LAST_WQE	= 0x13,
	EVENT_SRQ_LIMIT		= 0x14,
	EVENT_PORT_MNG_CHG	= 0x1d,
	NR_EVENT_TYPES		= 64,
};

/* Types of a port, as QUERY_PORT has them */
#define PORT_TYPE_IB		(1 << 0)
#define PORT_TYPE_ETH		(1 << 1)

#define PORT_CHANGE_DOWN	1
#define PORT_CHANGE_ACTIVE	4

#define EQE_SIZE		32
#define CQE_SIZE		32

/* Work queue entries */
enum wqe_opcode {
	OP_NOP			= 0x00,
	OP_SEND_INVAL		= 0x01,
	OP_RDMA_WRITE		= 0x08,
	OP_RDMA_WRITE_IMM	= 0x09,
	OP_SEND			= 0x0a,
	OP_SEND_IMM		= 0x0b,
	OP_LSO			= 0x0e,
	OP_RDMA_READ		= 0x10,
	OP_ATOMIC_CS		= 0x11,
	OP_ATOMIC_FA		= 0x12,
	OP_MASKED_ATOMIC_CS	= 0x14,
	OP_MASKED_ATOMIC_FA	= 0x15,
	OP_BIND_MW		= 0x18,
	OP_FMR			= 0x19,
	OP_LOCAL_INVAL		= 0x1b,
};

#define WQE_OWNER		(1u << 31)
#define WQE_OPCODE		0x1f
#define WQE_CQ_UPDATE		(3 << 2)
#define WQE_SOLICITED		(1 << 1)
#define WQE_DS_MASK		0x3f		/* in units of 16 bytes */
#define WQE_INLINE		(1u << 31)
#define WQE_INLINE_ALIGN	64
#define WQE_INVALID_LKEY	0x100
#define WQE_CTRL_SIZE		16

enum recv_opcode {
	RECV_RDMA_WRITE_IMM	= 0x00,
	RECV_SEND		= 0x01,
	RECV_SEND_IMM		= 0x02,
	RECV_SEND_INVAL		= 0x03,
};

#define CQE_IS_SEND		0x40
#define CQE_OWNER		0x80
#define CQE_OPCODE_ERROR	0x1e
#define CQE_OPCODE_RESIZE	0x16

enum syndrome {
	SYN_OK			= 0x00,
	SYN_LOCAL_LENGTH	= 0x01,
	SYN_LOCAL_QP_OP		= 0x02,
	SYN_LOCAL_PROT		= 0x04,
	SYN_FLUSH		= 0x05,
	SYN_MW_BIND		= 0x06,
	SYN_REMOTE_INVAL_REQ	= 0x12,
	SYN_REMOTE_ACCESS	= 0x13,
	SYN_REMOTE_OP		= 0x14,
	SYN_RETRY_EXC		= 0x15,
	SYN_RNR_RETRY_EXC	= 0x16,
};

/* Queue pairs */
enum qp_state {
	QP_RST, QP_INIT, QP_RTR, QP_RTS, QP_SQER, QP_SQD, QP_ERR,
};

enum qp_type {
	QP_RC = 0, QP_UC = 1, QP_UD = 3, QP_XRC = 6, QP_MLX = 7,
};

#define OPTPAR_RRE		(1 << 1)
#define OPTPAR_RAE		(1 << 2)
#define OPTPAR_RWE		(1 << 3)
#define OPTPAR_PKEY_INDEX	(1 << 4)
#define OPTPAR_Q_KEY		(1 << 5)
#define OPTPAR_RNR_TIMEOUT	(1 << 6)
#define OPTPAR_PRIMARY_PATH	(1 << 7)
#define OPTPAR_SRA_MAX		(1 << 8)
#define OPTPAR_RRA_MAX		(1 << 9)
#define OPTPAR_RETRY_COUNT	(1 << 12)
#define OPTPAR_RNR_RETRY	(1 << 13)
#define OPTPAR_ACK_TIMEOUT	(1 << 14)
#define OPTPAR_SCHED_QUEUE	(1 << 16)

/* Offsets in the QP context; the mailbox has it after 8 bytes */
#define QPC_FLAGS		0
#define QPC_PD			4
#define QPC_MTU			8
#define QPC_RQ_SIZE		9
#define QPC_SQ_SIZE		10
#define QPC_RLKEY		11
#define  QPC_RLKEY_ENABLE	(1 << 4)
#define QPC_LOCAL_QPN		16
#define QPC_REMOTE_QPN		20
#define QPC_PATH		24
#define  PATH_SIZE		44
#define  PATH_PKEY_INDEX	3
#define  PATH_GRH		5
#define  PATH_RLID		6
#define  PATH_ACKTO		8
#define  PATH_MGID_INDEX	9
#define  PATH_HOP_LIMIT		11
#define  PATH_TCLASS_FLOW	12
#define  PATH_RGID		16
#define  PATH_SCHED_QUEUE	32
#define  PATH_DMAC		38
#define QPC_PARAMS1		112
#define QPC_SEND_PSN		120
#define QPC_CQN_SEND		124
#define QPC_PARAMS2		144
#define  QPC_RRE		(1 << 15)
#define  QPC_RWE		(1 << 14)
#define  QPC_RAE		(1 << 13)
#define QPC_RNR_RECV_PSN	148
#define QPC_CQN_RECV		156
#define QPC_DB_REC		160
#define QPC_QKEY		168
#define QPC_SRQN		172
#define  QPC_SRQ_ENABLE		(1 << 24)
#define QPC_LOG_PAGE		200
#define QPC_MTT_H		203
#define QPC_MTT_L		204
#define QPC_SIZE		248

/* Memory protection table entries */
#define MPT_FLAGS		0
#define  MPT_STATUS_SHIFT	28
#define   MPT_STATUS_HW		0x0
#define   MPT_STATUS_FREE	0x3
#define   MPT_STATUS_SW		0xf
#define  MPT_PHYSICAL		(1 << 9)
#define  MPT_REGION		(1 << 8)
#define MPT_KEY			8
#define MPT_PD			12
#define  MPT_PD_MASK		0x1ffff
#define  MPT_PD_FAST_REG	(1 << 27)
#define  MPT_PD_EN_INV		(3 << 24)
#define MPT_START		16
#define MPT_LENGTH		24
#define MPT_MTT			44
#define MPT_MTT_SIZE		52
#define MPT_ENTITY_SIZE		56
#define MPT_SIZE		64
#define MPT_STRIDE		128

#define PERM_LOCAL_READ		(1 << 10)
#define PERM_LOCAL_WRITE	(1 << 11)
#define PERM_REMOTE_READ	(1 << 12)
#define PERM_REMOTE_WRITE	(1 << 13)
#define PERM_ATOMIC		(1 << 14)

#define MTT_ENTRY_SIZE		8
#define MTT_PRESENT		1
#define RESERVED_LKEY		0x700

#endif
