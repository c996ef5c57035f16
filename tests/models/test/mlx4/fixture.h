/* SPDX-License-Identifier: GPL-2.0-only */
/* A driver in miniature for the mlx4 model, which writes registers by function calls. */
#ifndef TEST_MLX4_FIXTURE_H
#define TEST_MLX4_FIXTURE_H

#include <stdbool.h>

#include "../../mlx4/hca.h"
#include "../check.h"
#include "../guest.h"

#define PD		5
#define EQN		4
#define CQN		0x40
#define FIRST_QPN	0x80
#define WRS		16	/* of each queue */
#define WQE_SHIFT	8
#define ALL_PERMS	(PERM_LOCAL_READ | PERM_LOCAL_WRITE | PERM_REMOTE_READ | \
			 PERM_REMOTE_WRITE | PERM_ATOMIC)

extern struct hca *hca;

/* fixture.c */
u8 command(u16 op, u32 in_modifier, u8 op_modifier, const void *in, u32 len,
	   u64 *out);
const u8 *outbox(void);
void control(const char *line);
void work_for(unsigned int ms);

u32 make_mr(u32 pd, u64 addr, u64 len, u32 perms);
u32 make_fast_mr(u32 pd, u32 pages);
void make_cq(u32 cqn, u32 log_entries);
void make_srq(u32 srqn, u64 *db, u64 *ring);

/* A queue pair as its driver sees it */
struct test_qp {
	u32 qpn;
	u64 ring;
	u64 db;
	u32 sq;			/* counters of what is posted */
	u16 rq;
	u32 type;
	u32 port;
	u32 srqn;		/* 0: none */
	u32 rights;		/* RRE... */
	u8 timeout;
	u8 retry;
	u8 rnr_retry;
};

#define TEST_QP(number) ((struct test_qp){ \
	.qpn = FIRST_QPN + (number), .port = 1, .timeout = 14, .retry = 1, \
	.rnr_retry = 7, .rights = QPC_RRE | QPC_RWE | QPC_RAE })

void qp_make(struct test_qp *qp);
u8 qp_rtr(struct test_qp *qp, u32 remote, u16 lid);
u8 qp_rts(struct test_qp *qp);
void connect(struct test_qp *a, struct test_qp *b);
u8 qp_move(struct test_qp *qp, u16 op);
u8 qp_state(struct test_qp *qp);

u8 *wqe_start(struct test_qp *qp, u8 opcode, bool signaled);
u8 *wqe_sge(u8 *p, u32 key, u64 addr, u32 len);
u8 *wqe_remote(u8 *p, u32 key, u64 addr);
void wqe_post(struct test_qp *qp, const u8 *end);
void send_wr(struct test_qp *qp, u8 opcode, u32 key, u64 addr, u32 len);
void recv_wr(struct test_qp *qp, u32 key, u64 addr, u32 len);

struct test_cqe {
	u32 qpn;
	u32 bytes;
	u32 imm;
	u32 src_qpn;
	u16 index;
	u8 opcode;
	u8 syndrome;
	bool send;
};

bool poll_cqe(struct test_cqe *c);
/* An event of this type within a second, its first word in *data */
bool poll_event(u8 type, u32 *data);
void arm_cq(u32 request);

/* The cases, by file */
extern const struct test_case memory_cases[], queue_cases[], port_cases[],
			      rc_cases[], ud_cases[], fault_cases[];

#endif
