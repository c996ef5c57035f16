/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fake RDMA provider: a registered ib_device without hardware.
 *
 * Nothing happens by itself: a posted work request stays where it is until the
 * test completes it, or until its QP goes to ERR and is flushed. What the
 * "hardware" does wrong is set with the knobs below, at any time. Each change
 * wakes those who wait with fake_wait_until().
 *
 *	post		  execute or flush	 poll_cq
 *	-----> work queue -----------------> CQ ---------> consumer
 *		   |	      |
 *		   held	      +--> lost, until fake_cq_deliver_lost()
 *
 * One lock, &fake_device.lock, protects everything. Completion and event
 * handlers are called under it with interrupts disabled, as from a hard
 * interrupt: they must not call back.
 */
#ifndef FAKE_RDMA_H
#define FAKE_RDMA_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <rdma/ib_verbs.h>
#include <rdma/ib_drain.h>

enum fake_transport {
	FAKE_IB,
	FAKE_ROCE,
	FAKE_IWARP,
};

/* Verbs, and what else is called, that can be told to hang or to fail */
enum fake_verb {
	FAKE_ALLOC_PD,
	FAKE_DEALLOC_PD,
	FAKE_ALLOC_MR,
	FAKE_DEREG_MR,
	FAKE_CREATE_CQ,
	FAKE_DESTROY_CQ,
	FAKE_CREATE_SRQ,
	FAKE_DESTROY_SRQ,
	FAKE_CREATE_QP,
	FAKE_MODIFY_QP,
	FAKE_QUERY_QP,
	FAKE_DESTROY_QP,
	FAKE_POST_SEND,
	FAKE_POST_RECV,
	FAKE_NR_COMMANDS,	/* those above end when the device dies */
	FAKE_QUERY_DEVICE = FAKE_NR_COMMANDS,
	FAKE_ENTER_ERROR,
	FAKE_RESET_DEVICE,
	FAKE_CLIENT_ADD,	/* of a client that is &fake_client.faulty */
	FAKE_CLIENT_REMOVE,
	FAKE_CLIENT_STOP,
	FAKE_CLIENT_START,
	FAKE_NR_VERBS,
};

/* When a QP of a provider with flush-complete says that it is flushed */
enum fake_signal {
	FAKE_SIGNAL_WRITTEN,	/* the last completion is in the CQ */
	FAKE_SIGNAL_POLLED,	/* it has been polled, its done() yet to come */
	FAKE_SIGNAL_NEVER,	/* not before fake_qp_signal_flushed() */
};

/**
 * struct fake_config - what the device is; does not change
 * @transport: of its only port
 * @flush_complete: sets %IBK_FLUSH_COMPLETE
 * @no_flush_resume: leaves &ib_device_ops.flush_resume out
 * @own_drain: brings &ib_device_ops.drain_sq and drain_rq, which move the QP to
 *	ERR and wait until it is flushed
 * @posts_in_error: an iWARP QP in ERR takes posts, and flushes them
 * @error_mode: brings &ib_device_ops.enter_error and reset_device
 * @no_reset_device: but not the latter
 * @stand_ins: has fake_stand_in() for each op that it does not bring itself,
 *	but for those that the core calls by itself
 * @parent: of the device, or NULL
 * @more_ops: what the case itself brings, or NULL
 */
struct fake_config {
	enum fake_transport transport;
	bool flush_complete;
	bool no_flush_resume;
	bool own_drain;
	bool posts_in_error;
	bool error_mode;
	bool no_reset_device;
	bool stand_ins;
	struct device *parent;
	const struct ib_device_ops *more_ops;
};

#define FAKE_STORY_LEN	256

struct fake_fault {
	int err;
	unsigned int times;
	bool hang;
	unsigned int hung;
	/* goes on when the device has died, or is in error mode */
	bool stubborn;
};

struct fake_device {
	struct ib_device ibdev;
	struct fake_config config;
	spinlock_t lock; /* all but @idle */
	wait_queue_head_t changed;
	struct list_head idle;
	unsigned int stall_ms;
	struct list_head qps;
	struct list_head cqs;
	u32 next_qpn;
	bool dead;
	bool announced;
	unsigned int objects;		/* alive */
	unsigned int entered_error;	/* calls of enter_error */
	unsigned int resets;		/* calls of reset_device */
	unsigned int objects_at_reset;
	/* objects that failed to be released: still the provider's */
	struct list_head leaked;
	bool unregistered;
	/* what happened, in order; and the uevents */
	char story[FAKE_STORY_LEN];
	char uevents[FAKE_STORY_LEN];
	/* knob: create_qp hangs from the next reset of the hardware on */
	bool hangs_after_reset;
	/* knob: what query_device says of address handles */
	int max_ah;
	/* knob: a flush stops at a full CQ, else the CQ overflows */
	bool stop_at_full_cq;
	struct fake_fault faults[FAKE_NR_VERBS];
};

struct fake_pd {
	struct ib_pd ibpd;
};

struct fake_mr {
	struct ib_mr ibmr;
};

struct fake_cq {
	struct ib_cq ibcq;
	struct list_head node;
	struct list_head written;	/* struct fake_work */
	struct list_head lost;		/* struct fake_work */
	unsigned int nr;		/* in @written */
	bool armed;
	bool overflowed;
	/* knob: after @written, poll_cq returns this one without end */
	bool busy;
	struct ib_wc busy_wc;
};

struct fake_wq {
	struct list_head work;		/* struct fake_work, not executed yet */
	struct fake_qp *qp;
	struct fake_cq *cq;
	unsigned int max;
	unsigned int used;		/* posted and not polled */
	unsigned int owed;		/* posted and not in the CQ, or lost */
	unsigned int markers;		/* posted while the QP was in ERR */
	/* knob: the QP does not work on this queue */
	bool held;
	/* knob: so many completions, or so many of markers, get lost */
	unsigned int lose;
	unsigned int lose_markers;
};

struct fake_qp {
	struct ib_qp ibqp;
	struct list_head node;
	enum ib_qp_state state;
	struct fake_wq sq;
	struct fake_wq rq;
	struct completion flushed;
	unsigned int modified_to_err;
	bool last_wqe_raised;
	/* knobs */
	enum fake_signal signal;
	bool no_last_wqe;
	bool rq_first;			/* flushes its receive queue first */
};

struct fake_srq {
	struct ib_srq ibsrq;
	struct list_head work;
	unsigned int max;
	unsigned int nr;
};

/* A work request on its way from post to poll */
struct fake_work {
	struct list_head entry;
	struct fake_wq *wq;		/* NULL once the QP is gone */
	struct ib_wc wc;
	bool marker;
};

static inline struct fake_device *to_fake(struct ib_device *ibdev)
{
	return container_of(ibdev, struct fake_device, ibdev);
}

static inline struct fake_cq *to_fake_cq(struct ib_cq *ibcq)
{
	return container_of(ibcq, struct fake_cq, ibcq);
}

static inline struct fake_qp *to_fake_qp(struct ib_qp *ibqp)
{
	return container_of(ibqp, struct fake_qp, ibqp);
}

static inline struct fake_srq *to_fake_srq(struct ib_srq *ibsrq)
{
	return container_of(ibsrq, struct fake_srq, ibsrq);
}

/* A device that is used again and again: fake_pool.c */
struct fake_device *fake_get(const struct fake_config *config);
void fake_put(struct fake_device *fake);

/* Life of the device: fake_device.c */
struct fake_device *fake_create(const struct fake_config *config);
void fake_unregister(struct fake_device *fake);
void fake_destroy(struct fake_device *fake);
void fake_die(struct fake_device *fake);
void fake_die_unannounced(struct fake_device *fake);
void fake_heal(struct fake_device *fake);

/*
 * Wait until @condition, which a call on @fake or a verb makes true. Evaluates
 * to 0 if that has not happened after seconds.
 */
#define FAKE_PATIENCE	(20 * HZ)
#define fake_wait_until(fake, condition) \
	wait_event_timeout((fake)->changed, condition, FAKE_PATIENCE)

/* What happened: fake_story.c */
__printf(2, 3) void fake_note(struct fake_device *fake, const char *fmt, ...);
void fake_forget_story(struct fake_device *fake);

/* Verbs that hang and fail: fake_fault.c */
void fake_fail(struct fake_device *fake, enum fake_verb verb, int err,
	       unsigned int times);
void fake_hang(struct fake_device *fake, enum fake_verb verb);
void fake_resume(struct fake_device *fake, enum fake_verb verb);
void fake_outlive_death(struct fake_device *fake, enum fake_verb verb);
bool fake_hangs_in(struct fake_device *fake, enum fake_verb verb);

/* Completion queues: fake_cq.c */
void fake_cq_keep_busy(struct ib_cq *ibcq, struct ib_qp *ibqp);
void fake_cq_stop_busy(struct ib_cq *ibcq);
void fake_cq_notify(struct ib_cq *ibcq);
unsigned int fake_cq_deliver_lost(struct ib_cq *ibcq);

/* Queue pairs: fake_qp.c, fake_wq.c */
void fake_qp_complete(struct ib_qp *ibqp, unsigned int sends,
		      unsigned int recvs);
void fake_qp_hold(struct ib_qp *ibqp, bool sq, bool rq);
void fake_qp_release(struct ib_qp *ibqp);
void fake_qp_release_sq(struct ib_qp *ibqp);
void fake_qp_release_rq(struct ib_qp *ibqp);
void fake_qp_signal_flushed(struct ib_qp *ibqp);
void fake_qp_last_wqe(struct ib_qp *ibqp);
void fake_qp_enter_sqe(struct ib_qp *ibqp);
unsigned int fake_qp_take_srq(struct ib_qp *ibqp, unsigned int n);

#endif /* FAKE_RDMA_H */
