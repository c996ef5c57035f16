/* SPDX-License-Identifier: GPL-2.0-only */
/* A driver in miniature for the cxgb4 model, which writes registers by function calls. */
#ifndef TEST_CXGB4_FIXTURE_H
#define TEST_CXGB4_FIXTURE_H

#include "../../cxgb4/t5.h"
#include "../check.h"
#include "../guest.h"

#define PD		5
#define SQ_UNITS	80
#define RQ_UNITS	32
#define CQ_ENTRIES	64
#define SERVER_PORT	7000
#define ALL_PERMS	(PERM_LOCAL_READ | PERM_LOCAL_WRITE | PERM_REMOTE_READ | \
			 PERM_REMOTE_WRITE)

extern struct t5 *t5;

/* fixture.c: memory, registers, the control socket */
void control(const char *line);
u32 read32(u32 offset);
void write32(u32 offset, u32 value);
/* The status of a firmware command; -1: it is not answered */
int command(u8 *c, unsigned int len);

/* queues.c */
struct test_iq {
	u32 id;
	u64 ring;
	u32 entry;
	u32 entries;
	u32 ci;
	bool gen;
};

struct test_eq {
	u32 id;
	u64 ring;
	u32 units;
	u32 pi;
};

extern struct test_iq events, responses, concentrator;
extern struct test_eq ctrl, offload;

void queues_start(void);
void post(struct test_eq *e, const u8 *wr, u32 len);
void doorbell(u32 qid, u32 offset, u32 value);
void arm(const struct test_iq *q, u32 consumed, bool solicited);
/* The driver has looked at the next entry */
void consume(struct test_iq *q);
/* The next entry; what it says of its data */
const u8 *next_entry(struct test_iq *q, u8 *type, u32 *len_qid);
/* The next message of this kind in the responses, others skipped; NULL: none */
const u8 *expect(enum cpl op);
void send_cpl(const u8 *cpl, u32 len);
/* The firmware's answer to the work request with this cookie; -1: none */
int wr_answer(u64 cookie);
void wr_header(u8 *wr, u8 op, u32 flowid, u32 len, u64 cookie);

/* rdma_driver.c */
struct test_qp {
	u32 sqid;
	struct test_eq sq;
	struct test_eq rq;
	struct test_iq cq;
	u32 tid;
	u32 wrid;
	u8 caps;
};

struct test_cqe {
	u32 qpid;
	u8 opcode;
	u8 status;
	bool sq;
	u32 len;
	u32 stag;
	u32 msn;
	u16 wrid;
	u32 imm;
};

void qp_make(struct test_qp *qp, u32 number);
void tcp_connect(struct test_qp *a, struct test_qp *b);
int rdma_mode(struct test_qp *qp, bool initiator);
void connect_qps(struct test_qp *a, struct test_qp *b);
int fini(struct test_qp *qp);
bool poll_cqe(struct test_qp *qp, struct test_cqe *c);
void recv_wr(struct test_qp *qp, u32 stag, u64 addr, u32 len);
void send_wr(struct test_qp *qp, u8 opcode, u32 stag, u64 addr, u32 len);
void write_wr(struct test_qp *qp, u32 lstag, u64 laddr, u32 len, u32 stag, u64 to);
void read_wr(struct test_qp *qp, u32 lstag, u64 laddr, u32 len, u32 stag, u64 from);
void invalidate_wr(struct test_qp *qp, u32 stag);
void register_wr(struct test_qp *qp, u32 stag, u8 perms, u64 va, u32 len, u64 page);
u32 make_mr(u32 pd, u64 addr, u64 len, u8 perms);
u32 make_fast_mr(u32 pd, u32 pages);
/* An event of an error, for this QP */
bool poll_async(u32 qpid, struct test_cqe *c);

/* The cases, by file */
extern const struct test_case firmware_cases[], tcp_cases[], rdma_cases[],
			      memory_cases[], fault_cases[];

#endif
