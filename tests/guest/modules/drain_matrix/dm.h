/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drains of real queue pairs of rxe and siw, judged by what a ULP can see: its
 * own done() functions.
 */
#ifndef DM_H
#define DM_H

#include <linux/completion.h>
#include <linux/inet.h>
#include <linux/wait.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#if __has_include("rdma/ib_drain.h")
#include <rdma/ib_drain.h>
#define DM_OURS		true
#else
/* The stock kernel knows one drain: no bound, no batch */
#define DM_OURS		false
static inline int ib_drain_qp_timeout(struct ib_qp *qp, unsigned long timeout)
{
	ib_drain_qp(qp);
	return 0;
}

static inline int ib_drain_qps(struct ib_qp *const *qps, unsigned int n,
			       unsigned long timeout)
{
	while (n--)
		ib_drain_qp(*qps++);
	return 0;
}
#endif

#if __has_include("rdma/ib_reset.h")
#include <rdma/ib_reset.h>

static inline void dm_break(struct ib_device *dev)
{
	ib_device_enter_error(dev, IB_RESET_DEVICE_ERROR);
}

static inline bool dm_is_broken(struct ib_device *dev)
{
	return READ_ONCE(dev->flushes_in_software);
}
#else
/* The stock kernel knows no device that has failed */
static inline void dm_break(struct ib_device *dev)
{
}

static inline bool dm_is_broken(struct ib_device *dev)
{
	return false;
}
#endif

#define DM_MSG_SIZE	SZ_32K
#define DM_MAX_SGE	1

/**
 * struct dm_env - what a run works on
 * @dev: the device
 * @pd: protection domain of all QPs
 * @iwarp: QPs are connected through the RDMA CM rather than by hand
 * @addr: address of the device; both ends of each connection have it
 * @ctx_mask: poll contexts to be run
 * @limit: jiffies after which a drain counts as hung
 * @hold: jiffies for which a blocked consumer is held
 * @buf, @dma: where all messages come from and go to
 * @listener: RDMA CM ID that accepts connections to @accepting
 * @accepting: pair whose second end is to be connected
 */
struct dm_env {
	struct ib_device *dev;
	struct ib_pd *pd;
	bool iwarp;
	struct sockaddr_storage addr;
	unsigned int ctx_mask;
	unsigned long limit;
	unsigned long hold;
	void *buf;
	u64 dma;
	struct rdma_cm_id *listener;
	struct dm_pair *accepting;
};

/**
 * struct dm_wr - one posted work request
 * @cqe: its completion
 * @end: the QP that it was posted to
 * @done: how often its done() has returned
 */
struct dm_wr {
	struct ib_cqe cqe;
	struct dm_end *end;
	atomic_t done;
};

/**
 * struct dm_end - one QP and all that was posted to it
 * @env: the run
 * @id: RDMA CM ID, iWARP only
 * @cm_done, @cm_status: an answer of the RDMA CM
 * @qp, @srq: the QP; its SRQ or NULL
 * @scq, @rcq: its CQs, may be the same
 * @wrs, @max, @nr: WRs posted so far
 * @bouncing: each received message is sent back, each WR is posted again
 * @bounces: messages received while @bouncing
 * @closed, @gate: while @closed each done() waits, process context only
 * @drained: a drain has returned
 * @late: calls of done() after that
 */
struct dm_end {
	struct dm_env *env;
	struct rdma_cm_id *id;
	struct completion cm_done;
	int cm_status;
	struct ib_qp *qp;
	struct ib_srq *srq;
	struct ib_cq *scq;
	struct ib_cq *rcq;
	struct dm_wr *wrs;
	unsigned int max;
	unsigned int nr;
	bool bouncing;
	atomic_t bounces;
	bool closed;
	wait_queue_head_t gate;
	bool drained;
	atomic_t late;
};

/* Which CQs the two QPs of a pair have */
enum dm_cqs {
	DM_CQ_ONE,	/* a QP has one for both its queues */
	DM_CQ_TWO,	/* a QP has one for each of its queues */
	DM_CQ_SHARED,	/* one for both QPs of the pair */
	DM_NR_CQS,
};

/**
 * struct dm_cfg - how a pair is made
 * @ctx: poll context of its CQs
 * @cqs: see above
 * @cqe: room in each CQ
 * @wrs: room in each work queue
 * @state: brought into this state, the first end only if it comes after RTS
 * @ud: datagram QPs
 * @srq: the first end receives from an SRQ
 * @cq: use this CQ for all, then the others are ignored; its owner frees it
 */
struct dm_cfg {
	enum ib_poll_context ctx;
	enum dm_cqs cqs;
	unsigned int cqe;
	unsigned int wrs;
	enum ib_qp_state state;
	bool ud;
	bool srq;
	struct ib_cq *cq;
};

struct dm_pair {
	struct dm_env *env;
	struct dm_cfg cfg;
	struct dm_end a;
	struct dm_end b;
	struct ib_cq *cqs[4];
	struct ib_ah *ah;
};

/* main.c: the result */
void dm_ok(const char *what, unsigned int msecs);
void dm_skip(const char *what, const char *why);
__printf(2, 3) void dm_not_ok(const char *what, const char *fmt, ...);

/* pair.c */
int dm_listen(struct dm_env *env);
void dm_unlisten(struct dm_env *env);
struct dm_pair *dm_pair_create(struct dm_env *env, const struct dm_cfg *cfg);
void dm_pair_destroy(struct dm_pair *pair, const char *what);
void dm_end_destroy_qp(struct dm_end *end);
int dm_end_to_state(struct dm_end *end, enum ib_qp_state state);

/* load.c */
int dm_end_init(struct dm_end *end, struct dm_env *env, unsigned int max);
void dm_end_free(struct dm_end *end);
int dm_post_recvs(struct dm_end *end, unsigned int n);
int dm_post_sends(struct dm_pair *pair, struct dm_end *end, unsigned int n,
		  unsigned int size);
int dm_bounce(struct dm_pair *pair, unsigned int balls);
void dm_bounce_stop(struct dm_pair *pair);
void dm_block(struct dm_end *end);
void dm_unblock(struct dm_end *end);
unsigned int dm_completed(const struct dm_end *end);
bool dm_check(struct dm_end *end, const char *what, const char *which);

/* drain.c */
enum dm_how {
	DM_DRAIN_QP,
	DM_DRAIN_SQ_THEN_RQ,
	DM_DRAIN_BOUNDED,
	DM_DRAIN_BATCH,
	DM_DRAIN_FROM_COMP_WQ,
};

struct dm_drain;

struct dm_drain *dm_drain_start(struct dm_env *env, enum dm_how how,
				struct dm_end *const *ends, unsigned int n,
				unsigned long timeout);
int dm_drain_wait(struct dm_drain *drain, unsigned long limit, int *ret);
unsigned int dm_drain_finish(struct dm_drain *drain);
bool dm_drain(struct dm_env *env, enum dm_how how, struct dm_end *end,
	      const char *what, unsigned int *msecs);
bool dm_hung(void);

/* cases.c */
int dm_run_case(struct dm_env *env, const char *name);
unsigned int dm_ctx_mask(const char *name);

#endif /* DM_H */
