/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the modelled adapter, and what its files offer each other. */
#ifndef MLX4_HCA_H
#define MLX4_HCA_H

#include <stdbool.h>
#include <stdio.h>

#include "../vfu/be.h"
#include "../vfu/fault.h"
#include "../vfu/vfu.h"
#include "hw.h"
#include "list.h"

#define NR_EQS		128
#define NR_CQS		(1 << 16)
#define NR_SRQS		(1 << 16)
#define QP_BUCKETS	4096
#define MAX_PORTS	2
#define NR_GIDS		128
#define NR_OPCODES	0x1000
#define MAX_WQE		1024

struct hca;
struct sg;

/* A queue in the guest's memory, reached through the translation table */
struct ring {
	u64 mtt;
	u32 offset;
	u8 page_shift;
};

struct eq {
	bool valid;
	bool armed;
	u8 vector;
	u32 entries;
	u32 pi;
	u32 ci;
	struct ring ring;
};

struct cq {
	bool valid;
	bool error;
	u8 armed;		/* 0, or one of the two requests */
	u8 eqn;
	u32 cqn;
	u32 entries;
	u32 pi;
	u32 solicited_pi;	/* one behind the last solicited CQE */
	u64 db_rec;
	u16 max_count;		/* moderation: 0 and 1 are none */
	u16 period_us;
	u32 pending;		/* completions since the last event */
	u64 event_at;		/* when the period is over; 0: no period runs */
	struct list moderated;
	struct ring ring;
};

struct srq {
	bool valid;
	u32 srqn;
	u32 entries;
	u8 stride_shift;
	u16 head;		/* index of the next WQE to use */
	u16 consumed;		/* compared with the doorbell record */
	u16 limit;
	u32 pd;
	u64 db_rec;
	struct ring ring;
};

struct qp {
	struct qp *next;	/* in its bucket */
	struct list waiting;	/* wants to be run again at .wake */
	u64 wake;
	u32 qpn;
	u8 type;
	u8 state;
	u8 port;		/* 1, 2 */
	u8 context[QPC_SIZE];

	u32 pd;
	u32 remote_qpn;
	u32 cqn_send;
	u32 cqn_recv;
	bool has_srq;
	u32 srqn;
	u64 db_rec;
	struct ring ring;

	u32 sq_entries;
	u32 sq_offset;
	u8 sq_shift;
	u32 sq_ci;
	u32 rq_entries;		/* 0: there is none */
	u32 rq_offset;
	u8 rq_shift;
	u16 rq_ci;

	bool established;	/* a message has come */
	bool sqd_event;
	bool last_wqe_sent;
	u64 give_up;		/* when waiting for the peer becomes an error */
	unsigned int rnr_left;
	bool retrying;
	u64 idle_since;		/* in ERR: when there was last something to flush */
};

struct port {
	u8 types;		/* that it can be, PORT_TYPE_... */
	bool eth;		/* what it is; else InfiniBand */
	bool up;
	bool initialized;
	u16 lid;
	u64 guid;
	u8 mac[6];
	u8 node_desc[64];
	u8 gids[NR_GIDS][16];
	u8 sl2vl[8];
};

/* Counters that a test may look at */
struct stats {
	u64 commands;
	u64 per_opcode[NR_OPCODES];
	u64 eqes;
	u64 cqes;
	u64 irqs;
	u64 send_doorbells;
	u64 cq_doorbells;
	u64 doorbell_writes;	/* to their BAR, whatever they say */
	u64 messages;
	u64 frames;
	u64 bytes;
	u64 resets;
	u64 bad_dma;
};

struct hca {
	struct vfu_server *vfu;
	struct stats stats;
	struct faults *faults;

	u32 hcr[HCR_WORDS];
	u32 catas[CATAS_WORDS];
	u64 away_until;		/* a reset that takes too long */

	/* INIT_HCA */
	u64 dmpt_base;
	u64 mtt_base;
	u64 mcg_base;
	u32 log_mpts;
	u32 log_mcg_entry;
	u32 log_mcg_hash;

	u64 **icm;		/* two levels: ICM page to bus address | 1 */
	u64 icm_pages;

	u32 event_eqn[NR_EVENT_TYPES];
	struct eq eqs[NR_EQS];
	struct cq *cqs[NR_CQS];
	struct srq *srqs[NR_SRQS];
	struct qp *qps[QP_BUCKETS];
	struct list waiting;
	struct list moderated;
	u32 special_qpn;

	unsigned int nr_ports;
	struct port ports[MAX_PORTS];
};

/* clock.c: nanoseconds that only grow */
u64 now_ns(void);
#define MS	1000000ull

/* regs.c */
extern const struct vfu_ops hca_ops;
void hca_reset(struct hca *h);

/* cmd.c */
struct command {
	u16 opcode;
	u8 modifier;
	u32 in_modifier;
	u64 in_param;		/* a number, or the address of the mailbox */
	u64 out_param;		/* becomes the result of commands that return one */
	u8 *in;			/* 4096 bytes each; NULL where there is none */
	u8 *out;
};

void cmd_go(struct hca *h);
const char *cmd_name(u16 opcode);
int cmd_by_name(const char *name);

/* caps.c */
u8 cmd_query_fw(struct hca *h, struct command *c);
u8 cmd_query_dev_cap(struct hca *h, struct command *c);
u8 cmd_query_port(struct hca *h, struct command *c);
u8 cmd_query_adapter(struct hca *h, struct command *c);
u8 cmd_init_hca(struct hca *h, struct command *c);
u8 cmd_close_hca(struct hca *h, struct command *c);

/* icm.c */
u8 cmd_map_icm(struct hca *h, struct command *c);
u8 cmd_unmap_icm(struct hca *h, struct command *c);
u8 cmd_set_icm_size(struct hca *h, struct command *c);
void icm_reset(struct hca *h);
void *icm_ptr(struct hca *h, u64 virt, u32 len);
void *ring_ptr(struct hca *h, const struct ring *r, u64 offset, u32 len);
u64 mtt_lookup(struct hca *h, u64 mtt, u64 index);
bool mtt_write(struct hca *h, u64 mtt, u64 index, u64 addr);
void ring_init(struct ring *r, const u8 *log_page, u32 offset);
void *dma_ptr(struct hca *h, u64 addr, u64 len);

/* mem.c */
struct access {
	u32 pd;
	u32 perm;
	bool reserved_lkey;	/* the QP may use it */
};

u8 cmd_sw2hw_mpt(struct hca *h, struct command *c);
u8 cmd_hw2sw_mpt(struct hca *h, struct command *c);
u8 cmd_query_mpt(struct hca *h, struct command *c);
u8 *mem_translate(struct hca *h, const struct access *a, u32 key, u64 addr,
		  u32 *len);
bool mem_check(struct hca *h, const struct access *a, u32 key, u64 addr, u32 len);
bool mem_fast_register(struct hca *h, u32 pd, const u8 *seg);
bool mem_invalidate(struct hca *h, u32 pd, u32 key, bool remote);

/* eq.c */
u8 cmd_map_eq(struct hca *h, struct command *c);
u8 cmd_sw2hw_eq(struct hca *h, struct command *c);
u8 cmd_hw2sw_eq(struct hca *h, struct command *c);
void eq_doorbell(struct hca *h, u32 eqn, u32 value);
void eq_comp_event(struct hca *h, u32 eqn, u32 cqn);
void eq_event(struct hca *h, u8 type, u8 subtype, const void *data, u32 len);
void eq_qp_event(struct hca *h, u8 type, u32 qpn);

/* cq.c */
u8 cmd_sw2hw_cq(struct hca *h, struct command *c);
u8 cmd_hw2sw_cq(struct hca *h, struct command *c);
u8 cmd_query_cq(struct hca *h, struct command *c);
u8 cmd_modify_cq(struct hca *h, struct command *c);
void cq_doorbell(struct hca *h, u32 request, u32 ci);
void cq_push(struct hca *h, u32 cqn, const u8 *cqe, bool solicited);
void cq_push_error(struct hca *h, u32 cqn, u32 qpn, u16 index, bool send,
		   enum syndrome syn);
int cq_work(struct hca *h, u64 now);
void cq_reset(struct hca *h);

/* srq.c */
u8 cmd_sw2hw_srq(struct hca *h, struct command *c);
u8 cmd_hw2sw_srq(struct hca *h, struct command *c);
u8 cmd_query_srq(struct hca *h, struct command *c);
u8 cmd_arm_srq(struct hca *h, struct command *c);
struct srq *srq_find(struct hca *h, u32 srqn);
u8 *srq_take(struct hca *h, struct srq *srq, u16 *index);
bool srq_empty(struct hca *h, struct srq *srq);
void srq_reset(struct hca *h);

/* qp.c */
u8 cmd_modify_qp(struct hca *h, struct command *c);
u8 cmd_query_qp(struct hca *h, struct command *c);
u8 cmd_update_qp(struct hca *h, struct command *c);
u8 cmd_conf_special_qp(struct hca *h, struct command *c);
struct qp *qp_find(struct hca *h, u32 qpn);
void qp_to_error(struct hca *h, struct qp *qp);
void qp_cq_error(struct hca *h, u32 cqn);
void qp_wake_at(struct hca *h, struct qp *qp, u64 when);
void qp_access(const struct qp *qp, u32 perm, struct access *a);
int qp_work(struct hca *h, u64 now);
void qp_run_flushes(struct hca *h);
void qp_reset(struct hca *h);

/* send.c: the send queue */
void send_doorbell(struct hca *h, u32 value);
void send_run(struct hca *h, struct qp *qp);
bool send_flush(struct hca *h, struct qp *qp);

/* recv.c: the receive queue, or the SRQ */
struct receive {
	u8 *wqe;		/* scatter list */
	u32 size;		/* of it, in bytes */
	u16 index;
};

bool recv_take(struct hca *h, struct qp *qp, struct receive *r);
bool recv_empty(struct hca *h, struct qp *qp);
bool recv_flush(struct hca *h, struct qp *qp);
void recv_list(struct hca *h, struct qp *qp, const struct receive *r,
	       struct sg *to);

/* sg.c: scatter and gather */
#define MAX_SEGMENTS	64

struct segment {
	u32 key;
	u32 len;
	u64 addr;
	const u8 *data;		/* inline */
};

struct sg {
	struct access access;
	unsigned int nr;
	u64 len;
	struct segment seg[MAX_SEGMENTS];
};

enum sg_result { SG_OK, SG_SOURCE, SG_DESTINATION, SG_TOO_LONG };

void sg_init(struct sg *sg, const struct qp *qp, u32 perm);
bool sg_parse(struct sg *sg, const u8 *p, const u8 *end);
void sg_add(struct sg *sg, u32 key, u64 addr, u32 len, const u8 *data);
enum sg_result sg_copy(struct hca *h, struct sg *to, struct sg *from);
enum sg_result sg_read(struct hca *h, struct sg *from, u8 *buf, u32 len);

/* A send WQE, copied out of the guest's memory */
struct wqe {
	u8 raw[MAX_WQE + 1024];	/* whole strides */
	u8 opcode;
	u32 size;
	u32 strides;		/* that it takes in its queue */
	bool signaled;
	bool solicited;
	u32 imm;		/* or the key to invalidate */
};

enum send_result {
	SEND_DONE,
	SEND_WAIT,		/* run again at qp->wake */
	SEND_ERROR,		/* *syn says which */
};

/* rc.c, ud.c, eth.c: what a WQE does, by type of QP */
enum send_result rc_send(struct hca *h, struct qp *qp, struct wqe *w,
			 enum syndrome *syn, u32 *bytes);
enum send_result ud_send(struct hca *h, struct qp *qp, struct wqe *w,
			 enum syndrome *syn, u32 *bytes);
enum send_result mlx_send(struct hca *h, struct qp *qp, struct wqe *w,
			  enum syndrome *syn, u32 *bytes);
enum send_result eth_send(struct hca *h, struct qp *qp, struct wqe *w,
			  enum syndrome *syn, u32 *bytes);
bool is_special(const struct hca *h, u32 qpn);

/* fabric.c: which port an address leads to */
struct port *fabric_route(struct hca *h, const struct port *from, u16 lid,
			  const u8 *gid);
unsigned int port_number(const struct hca *h, const struct port *p);

/* ud.c: a datagram under way */
#define GRH_SIZE	40
#define UD_MTU		4096
#define SM_LID		0x10	/* of the subnet manager, which is in no port of ours */

struct packet {
	struct port *from;
	u32 sender;		/* the QP, as the driver numbers it */
	u32 sqpn;
	u32 dqpn;
	u32 qkey;
	u32 imm;
	u16 slid;
	u16 dlid;
	u8 sl;
	u8 hop_limit;
	u32 tclass_flow;
	bool has_grh;
	bool has_imm;
	bool solicited;
	u8 sgid[16];
	u8 dgid[16];
	u8 grh[GRH_SIZE];
	u32 len;
	u8 payload[UD_MTU + 128];
};

void packet_deliver(struct hca *h, struct packet *pkt);

/* mad.c, sa.c, mcast.c, port.c */
u8 cmd_mad_ifc(struct hca *h, struct command *c);
void sa_receive(struct hca *h, struct packet *req);
void mcast_for_each(struct hca *h, const u8 *gid, u32 sender,
		    void (*deliver)(struct hca *h, u32 qpn, void *arg), void *arg);
u8 cmd_read_mcg(struct hca *h, struct command *c);
u8 cmd_write_mcg(struct hca *h, struct command *c);
u8 cmd_mgid_hash(struct hca *h, struct command *c);
u8 cmd_init_port(struct hca *h, struct command *c);
u8 cmd_close_port(struct hca *h, struct command *c);
u8 cmd_set_port(struct hca *h, struct command *c);
void port_reset(struct hca *h, unsigned int nr);
void port_set_link(struct hca *h, unsigned int nr, bool up);

/* faults.c */
enum fault {
	FAULT_COMMAND_DROP,	/* accepted, and never answered */
	FAULT_COMMAND_FAIL,
	FAULT_FIRMWARE_DEAD,	/* no command is even accepted any more */
	FAULT_FLUSH_STALL,	/* work requests of a QP in ERR never complete */
	FAULT_CQE_LOSE,
	FAULT_IRQ_LOSE,
	FAULT_DOORBELL_IGNORE,
	FAULT_RESET_FAIL,
	NR_FAULTS,
};

extern const struct fault_kind fault_kinds[NR_FAULTS];
bool hca_config_gone(const struct hca *h);
void hca_faults_reset(struct hca *h);

/* control.c */
int hca_control(void *priv, int argc, char **argv, FILE *out);

#endif
