/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A consumer of the fake provider for KUnit cases: it owns a device, CQs and
 * QPs, posts work requests and counts their completions. All that it creates is
 * released at the end of the case. A failure to create anything ends the case.
 */
#ifndef FAKE_ULP_H
#define FAKE_ULP_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>

#include "fake_rdma.h"

#define ULP_MAX_WR	16	/* work requests a QP has room for, with markers */
#define ULP_CQE		64

struct ulp_wr;

/**
 * struct ulp - the consumer
 * @test: the case that it belongs to
 * @fake: its device
 * @pd: its protection domain, from the first queue pair on
 * @posted: work requests posted
 * @done: work requests whose done() has returned
 * @flushed: those of them that were flushed
 * @hold_done: knob: done() does not return, see ulp_hold_done()
 * @passes: so many done() may return nevertheless
 * @in_done: done() functions under way
 * @stuck: a task of this case did not end: what it uses can't be freed
 * @wrs: work requests, to be freed
 * @tasks: threads, to be joined
 */
struct ulp {
	struct kunit *test;
	struct fake_device *fake;
	struct ib_pd *pd;
	unsigned int posted;
	atomic_t done;
	atomic_t flushed;
	atomic_t in_done;
	atomic_t passes;
	bool hold_done;
	bool stuck;
	struct list_head wrs;
	struct list_head tasks;
};

struct ulp_wr {
	struct ib_cqe cqe;
	struct ulp *ulp;
	struct list_head node;
	bool done;
};

struct ulp *ulp_create(struct kunit *test, const struct fake_config *config);
struct ib_cq *ulp_alloc_cq(struct ulp *ulp, int nr_cqe,
			   enum ib_poll_context poll_ctx);
struct ib_srq *ulp_create_srq(struct ulp *ulp);
struct ib_srq *ulp_create_srq_with_cq(struct ulp *ulp, struct ib_cq *cq);
struct ib_qp *ulp_create_qp(struct ulp *ulp, struct ib_qp_init_attr *attr,
			    enum ib_qp_state state);
struct ib_qp *ulp_create_rc(struct ulp *ulp, struct ib_cq *send_cq,
			    struct ib_cq *recv_cq);
struct ib_qp *ulp_create_rc_and_cq(struct ulp *ulp,
				   enum ib_poll_context poll_ctx);
void ulp_destroy_qp(struct ulp *ulp, struct ib_qp *qp);
void ulp_free_cq(struct ulp *ulp, struct ib_cq *cq);
int ulp_modify_qp(struct ib_qp *qp, enum ib_qp_state state);
void ulp_recycle_qp(struct ulp *ulp, struct ib_qp *qp);

void ulp_post(struct ulp *ulp, struct ib_qp *qp, unsigned int sends,
	      unsigned int recvs);
void ulp_post_srq(struct ulp *ulp, struct ib_srq *srq, unsigned int n);
struct ulp_wr *ulp_new_wr(struct ulp *ulp);

/* Let each done() wait, sleeping or spinning as its context demands */
void ulp_hold_done(struct ulp *ulp);
void ulp_release_one_done(struct ulp *ulp);
void ulp_release_done(struct ulp *ulp);

/* Every work request has been completed, and its done() has returned */
#define ulp_expect_all_done(consumer) do {				\
	struct ulp *__ulp = (consumer);					\
									\
	KUNIT_EXPECT_EQ(__ulp->test, atomic_read(&__ulp->done),		\
			__ulp->posted);					\
} while (0)

/*
 * Tasks: what may never return runs in a thread of its own, so that a case
 * whose drain hangs fails and the suite goes on. fake_ulp_task.c
 */

struct ulp_task {
	struct list_head node;
	int (*fn)(struct ulp_task *task);
	struct ib_qp *qp;
	struct ib_qp **qps;
	struct ib_cq *cq;
	struct ib_cq **cqs;
	struct fake_device *fake;
	struct fake_client *client;
	unsigned int n;
	unsigned long timeout;
	unsigned int cpu;	/* to run on; 0: any */
	int ret;
	struct completion ended;
};

struct ulp_task *ulp_start(struct ulp *ulp, int (*fn)(struct ulp_task *task),
			   const struct ulp_task *args);
bool ulp_task_ended(struct ulp_task *task);
bool ulp_task_waits(struct ulp_task *task);
void ulp_join(struct ulp *ulp);

/* A case's last resort, generous because the guest may be slow */
#define ULP_PATIENCE	(20 * HZ)
/* To see that something does not end; a guest that is too slow misses a bug */
#define ULP_GLANCE	msecs_to_jiffies(80)

/* Until something is true that wakes nobody. False if it never is. */
#define ulp_poll_until(condition) ({					\
	unsigned long __due = jiffies + ULP_PATIENCE;			\
	bool __true;							\
									\
	while (!(__true = (condition)) && time_before(jiffies, __due))	\
		msleep(20);						\
	__true;								\
})

int ulp_do_drain_qp(struct ulp_task *task);
int ulp_do_drain_sq(struct ulp_task *task);
int ulp_do_drain_rq(struct ulp_task *task);
int ulp_do_drain_timeout(struct ulp_task *task);

struct ulp_task *ulp_start_drain(struct ulp *ulp, struct ib_qp *qp);

/* ib_drain_qp(), ended by the case's patience. Returns whether it returned. */
bool ulp_drain(struct ulp *ulp, struct ib_qp *qp);

#endif /* FAKE_ULP_H */
