/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the modelled adapter, and what its files offer each other. */
#ifndef CXGB4_T5_H
#define CXGB4_T5_H

#include <stdbool.h>
#include <stdio.h>

#include "../vfu/be.h"
#include "../vfu/fault.h"
#include "../vfu/vfu.h"
#include "hw.h"

#define MAX_PORTS	2
#define MAX_CPL		256	/* with the data that follows it */

struct t5;

/* A message that waits for a buffer of the free list */
struct held_cpl {
	struct held_cpl *next;
	u32 len;
	u8 data[];
};

/* What the driver lends an ingress queue for longer messages */
struct free_list {
	u64 addr;
	u32 entries;
	u32 ci;
	u32 available;		/* by doorbell, not yet used */
	u32 id;
	u8 *buffer;		/* the one in use; NULL: none */
	u32 size;
	u32 used;
	struct held_cpl *held, **held_tail;
};

/* Ingress: responses to the driver, or completions of RDMA */
struct iq {
	bool valid;
	bool completions;
	bool to_queue;		/* events go to the queue .dest, else to a vector */
	u16 dest;
	u32 id;
	u32 entry;		/* size of one */
	u32 entries;
	u64 addr;
	u32 pi;
	bool gen;
	u32 unread;
	u32 solicited;		/* of the unread, up to the last solicited one */
	bool armed;
	bool armed_solicited;
	u64 stamp;		/* no two entries look alike */
	struct free_list fl;
};

enum eq_kind {
	EQ_NONE,
	EQ_ETH,
	EQ_CTRL,
	EQ_OFLD,
	EQ_FL,
	EQ_SQ,
	EQ_RQ,
	NR_EQ_KINDS,
};

/* Egress: work requests of the driver, in units of 64 bytes */
struct eq {
	enum eq_kind kind;
	u32 id;
	u32 iqid;		/* where the firmware's answers go */
	u32 update_iqid;	/* where the queue's own news go */
	u32 units;
	u64 addr;
	u32 pi;
	u32 ci;
	struct qp *qp;		/* SQ, RQ: in RDMA mode with this one */
};

/* A queue pair in RDMA mode: from RI_INIT to the end of that mode */
struct qp {
	u32 qpid;
	u32 pd;
	u8 caps;
	struct conn *conn;
	struct eq *sq;
	struct eq *rq;
	u32 scq;
	u32 rcq;
	u32 msn;		/* of messages received */
	bool may_send;		/* a responder's has to wait for the first message */
	bool broken;		/* an error has ended its traffic */
};

enum conn_state {
	CONN_FREE,
	CONN_SYN,		/* asked for, not answered */
	CONN_OPEN,
	CONN_DEAD,		/* reset, or closed by both; until the driver lets go of the TID */
};

/* One end of a TCP connection; both ends are ours */
struct conn {
	enum conn_state state;
	u32 tid;
	u32 index;		/* of the driver's server or open request */
	u32 iqid;
	u32 iss;
	u32 sent;		/* bytes in streaming mode */
	bool closed;		/* by this end */
	struct conn *peer;	/* NULL: has been let go of */
	struct qp *qp;
};

struct listener {
	bool valid;
	bool v6;
	u16 port;
	u8 ip[16];		/* zeroes: any */
	u32 iqid;
};

struct port {
	bool up;
	bool enabled;
	u8 mac[6];
};

/* Counters that a test may look at */
struct stats {
	u64 commands;
	u64 per_command[256];
	u64 work_requests;
	u64 per_request[256];
	u64 messages;		/* of RDMA */
	u64 bytes;
	u64 cqes;
	u64 cq_overflows;
	u64 irqs;
	u64 doorbells;
	u64 doorbell_writes;	/* to their BAR, whatever they say */
	u64 connections;
	u64 terminates;
	u64 frames;
	u64 resets;
	u64 bad_dma;
};

struct t5 {
	struct vfu_server *vfu;
	struct faults *faults;
	struct stats stats;

	u32 regs[BAR_REGS_SIZE / 4];
	u8 mbox[MBOX_SIZE];
	bool mbox_busy;		/* the firmware has it */
	bool mbox_answered;
	u32 flash_addr;
	u8 flash_command;
	bool flash_dummy;	/* the byte that a fast read begins with */

	u32 event_iqid;		/* where the firmware's own messages go */
	struct iq iqs[NR_QUEUES];
	struct eq eqs[NR_QUEUES];
	struct listener listeners[NR_STIDS];
	struct conn conns[NR_TIDS];
	u32 next_tid;

	unsigned int nr_ports;
	struct port ports[MAX_PORTS];

	u8 memory[MEMORY_SIZE];
};

/* regs.c */
extern const struct vfu_ops t5_ops;
void t5_reset(struct t5 *t);
void t5_reset_queues(struct t5 *t);
u32 reg_read(const struct t5 *t, u32 offset);
void reg_write(struct t5 *t, u32 offset, u32 value);
bool sge_enabled(const struct t5 *t);
void t5_fatal(struct t5 *t);
void t5_crash(struct t5 *t);

/* flash.c */
void flash_operation(struct t5 *t, u32 op);

/* vpd.c */
#define VPD_BASE	0x400	/* where the adapter's own begin */
#define VPD_SIZE	0x800
void vpd_build(u8 *vpd);

/* mbox.c */
u32 mbox_control_read(const struct t5 *t);
void mbox_control_write(struct t5 *t, u32 value);
void mbox_read(const struct t5 *t, u32 offset, void *buf, unsigned int len);
void mbox_write(struct t5 *t, u32 offset, const void *buf, unsigned int len);
const char *cmd_name(u8 op);
int cmd_by_name(const char *name);

/* caps.c: each changes the command into its answer, and returns its status */
u8 cmd_hello(struct t5 *t, u8 *c);
u8 cmd_bye(struct t5 *t, u8 *c);
u8 cmd_params(struct t5 *t, u8 *c);
u8 cmd_pfvf(struct t5 *t, u8 *c);
u8 cmd_caps_config(struct t5 *t, u8 *c);

/* port.c */
u8 cmd_port(struct t5 *t, u8 *c);
u8 cmd_vi(struct t5 *t, u8 *c);
u8 cmd_vi_mac(struct t5 *t, u8 *c);
u8 cmd_vi_enable(struct t5 *t, u8 *c);
void port_set_link(struct t5 *t, unsigned int nr, bool up);
void port_init(struct t5 *t);

/* iq.c */
u8 cmd_iq(struct t5 *t, u8 *c);
void iq_start(struct t5 *t, u32 id, const struct iq *q);
void iq_stop(struct t5 *t, u32 id);
struct iq *iq_find(struct t5 *t, u32 id);
void iq_consumed(struct t5 *t, u32 id, u32 value);
void iq_push(struct t5 *t, struct iq *q, const void *data, u32 len,
	     enum response_type type, u32 len_qid);
void iq_event(struct t5 *t, struct iq *q);
void iq_advance(struct iq *q);
void cpl_send(struct t5 *t, u32 iqid, const void *cpl, u32 len);
void fw6_send(struct t5 *t, u32 iqid, enum fw6_type type, const void *data,
	      u32 len);
void fl_refill(struct t5 *t, u32 eqid, u32 units);

/* eq.c */
u8 cmd_eq(struct t5 *t, u8 *c);
struct eq *eq_find(struct t5 *t, u32 id);
u32 eq_alloc(struct t5 *t, enum eq_kind kind);
void eq_doorbell(struct t5 *t, u32 id, u32 units);
void eq_run(struct t5 *t, struct eq *e);
bool eq_peek(struct t5 *t, struct eq *e, u8 *wr, u32 *len);
void eq_advance(struct eq *e, u32 len);
int eq_kind_by_name(const char *name);

/* wr.c */
void wr_execute(struct t5 *t, struct eq *e, const u8 *wr, u32 len);
void wr_reply(struct t5 *t, u32 iqid, const u8 *wr, u8 status);
const char *wr_name(u8 op);
int wr_by_name(const char *name);

/* tcp.c: servers and connections */
void tcp_message(struct t5 *t, const u8 *wr, u32 len);
void tcp_send(struct t5 *t, const u8 *wr, u32 len);
struct conn *conn_find(struct t5 *t, u32 tid);
bool conn_carries(const struct conn *c);
void tcp_reset(struct t5 *t);

/* ri.c: into RDMA mode and out of it */
void ri_resources(struct t5 *t, struct eq *e, const u8 *wr, u32 len);
void ri_init(struct t5 *t, const u8 *wr);
void ri_end(struct t5 *t, struct conn *c);
void ri_run(struct t5 *t, struct conn *c);

/* rdma.c: what a work request of a send queue does */
bool rdma_may_run(const struct qp *qp);
void rdma_execute(struct t5 *t, struct qp *qp, const u8 *wr, u32 len);

/* cq.c */
struct cqe {
	bool sq;
	u8 opcode;
	u8 status;
	u32 len;
	u32 stag;
	u32 msn;
	u16 wrid;		/* as the driver wrote it */
	u32 imm;
	bool has_imm;
	bool solicited;
};

void cq_push(struct t5 *t, u32 cqid, const struct qp *qp, const struct cqe *c);
void cq_async_event(struct t5 *t, const struct qp *qp, const struct cqe *c);

/* mem.c */
struct access {
	const struct qp *qp;
	u8 perm;
	bool remote;
};

enum cqe_status mem_check(struct t5 *t, const struct access *a, u32 stag,
			  u64 addr, u32 len);
u8 *mem_translate(struct t5 *t, u32 stag, u64 addr, u32 *len);
enum cqe_status mem_fast_register(struct t5 *t, const struct qp *qp,
				  const u8 *wr, u32 len);
enum cqe_status mem_fast_register_tpte(struct t5 *t, const struct qp *qp,
				       const u8 *wr, u32 len);
enum cqe_status mem_invalidate(struct t5 *t, const struct qp *qp, u32 stag,
			       bool remote);
bool mem_write(struct t5 *t, const u8 *wr, u32 len);
void *dma_ptr(struct t5 *t, u64 addr, u64 len);

/* sg.c: scatter and gather lists */
#define MAX_SEGMENTS	20

struct segment {
	u32 stag;
	u64 addr;
	u32 len;
	const u8 *inline_data;
};

struct sg {
	struct access access;
	unsigned int nr;
	u32 len;
	struct segment segments[MAX_SEGMENTS];
};

void sg_init(struct sg *sg, const struct qp *qp, u8 perm, bool remote);
void sg_add(struct sg *sg, u32 stag, u64 addr, u32 len);
bool sg_parse(struct sg *sg, const u8 *p, const u8 *end);
enum cqe_status sg_check(struct t5 *t, const struct sg *sg);
bool sg_copy(struct t5 *t, const struct sg *to, const struct sg *from);

/* faults.c */
enum fault {
	FAULT_COMMAND_DROP,	/* taken, and never answered */
	FAULT_COMMAND_FAIL,
	FAULT_WR_DROP,		/* likewise, work requests that the firmware answers */
	FAULT_WR_FAIL,
	FAULT_FIRMWARE_DEAD,	/* neither is answered any more */
	FAULT_FLUSH_STALL,	/* no QP leaves RDMA mode: what waits for that waits on */
	FAULT_CQE_LOSE,
	FAULT_IRQ_LOSE,
	FAULT_DOORBELL_IGNORE,
	NR_FAULTS,
};

extern const struct fault_kind fault_kinds[NR_FAULTS];

/* control.c */
int t5_control(void *priv, int argc, char **argv, FILE *out);

#endif
