// SPDX-License-Identifier: GPL-2.0
/*
 * Drain of queue pairs: wait until the ULP has consumed every completion of
 * the work requests that it has posted.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "core_priv.h"
#include "cq_barrier.h"
#include "drain.h"

#include <trace/events/rdma_core.h>

#define CREATE_TRACE_POINTS
#include <trace/events/rdma_drain.h>

/**
 * DOC: Drain
 *
 * A drain is two steps. *Flush*: move the QP to ERR and learn that each
 * outstanding work request has its completion in the CQ. *Barrier*: learn that
 * the consumer has consumed those completions. The strategies differ in how
 * they learn of the first:
 *
 * marker (InfiniBand, RoCE, OPA)
 *	A signalled work request is posted to each work queue behind all others.
 *	Work queues complete in order (IBA volume 1, 10.8.3), so the
 *	marker's own done() is the barrier too. Both markers are posted before
 *	the wait for either.
 * flush-complete (iWARP)
 *	The provider says so, by ib_qp_flush_complete(). Nothing is posted: the
 *	iWARP verbs (draft-hilland-rddp-verbs, QP states) let posts fail in ERROR.
 * SRQ
 *	A marker in a shared queue belongs to nobody. The receive side waits for
 *	IB_EVENT_QP_LAST_WQE_REACHED (IBA volume 1, 10.3.1 and 11.5.2).
 * count
 *	No work request for a datagram QP is valid without an address handle, so
 *	its SQ has no marker. The provider counts what is left in it.
 * software
 *	The device works no more and the provider has flushed all QPs in
 *	software, see ib_device_flush_software(). A drain that was waiting for
 *	anything else changes over to this.
 *
 * All but the marker are followed by a barrier on the CQ.
 *
 * Life of a marker::
 *
 *	IDLE --post--> POSTED --done()--> DONE
 *	                 |
 *	                 +--time's up--> orphan of its CQ --done()--> released
 *	                                                --CQ freed--> released
 *
 * A drain that ends while the provider still holds a marker leaves it, and
 * with it the whole struct ib_drain, to the CQ: neither a late completion nor
 * one that never comes does harm.
 *
 * Locks: &ib_device_drain.lock and &ib_cq_barriers.lock are never held
 * together.
 */

/* Defaults and steps of the waits, see ib_drain_first_step() */
#define IB_DRAIN_STALL_MS		10000
#define IB_DRAIN_FIRST_LOOK		msecs_to_jiffies(50)
#define IB_DRAIN_FIRST_POLL		1
#define IB_DRAIN_LAST_LOOK		HZ
#define IB_DRAIN_LAST_POLL		(HZ / 10)

#define IB_DRAIN_SEND			BIT(0)
#define IB_DRAIN_RECV			BIT(1)

/*
 * struct ib_drain_side - one work queue of one draining QP
 * @state, @orphan: protected by &ib_cq_barriers.lock of @cq from the post on
 */
struct ib_drain_side {
	struct ib_cqe cqe;
	struct ib_drain *drain;
	struct ib_qp *qp;
	struct ib_cq *cq;
	enum ib_drain_wait wait;
	enum {
		IB_DRAIN_MARKER_IDLE,
		IB_DRAIN_MARKER_POSTED,
		IB_DRAIN_MARKER_DONE,
	} state;
	bool send;
	struct list_head orphan;
	struct ib_cq_barrier barrier;
};

/*
 * struct ib_drain_watch - reports a modify_qp that the provider does not end
 * @attr: where QPs are to be moved to; one for a whole batch, as it is large
 * @qp, @since: the one that is being moved now, or NULL, and since when
 * @timer: looks at it
 */
struct ib_drain_watch {
	struct ib_device *dev;
	struct ib_qp_attr *attr;
	struct ib_qp *qp;
	unsigned long since;
	struct timer_list timer;
};

/*
 * struct ib_drain - one call of a drain function
 * @refs: the caller's, and one for each orphan
 * @unconsumed: posted markers whose done() has not been called, plus one until
 *	all QPs have been started
 * @late_markers: a marker had to wait for room in its queue; @unconsumed may
 *	have become zero before it was posted
 * @markers_done: @unconsumed became zero, or the device flushes in software
 * @active: in &ib_device_drain.active
 * @due: when the caller's time is up; not used if @bounded is false
 * @progress, @progress_at: last seen sum of what is left, and when it changed
 * @watch: over the moves to ERR
 * @barriers: sides whose barrier has been started, one a CQ
 */
struct ib_drain {
	struct rcu_head rcu;
	refcount_t refs;
	atomic_t unconsumed;
	struct completion markers_done;
	struct ib_device *dev;
	struct list_head active;
	struct ib_qp *const *qps;
	unsigned int n;
	bool bounded;
	bool direct;
	bool late_markers;
	unsigned long start;
	unsigned long due;
	unsigned long progress_at;
	unsigned int progress;
	struct ib_drain_watch watch;
	struct ib_drain_side **barriers;
	unsigned int nr_barriers;
	unsigned int nr_sides;
	struct ib_drain_side sides[];
};

void ib_drain_device_init(struct ib_device *dev)
{
	spin_lock_init(&dev->drain.lock);
	INIT_LIST_HEAD(&dev->drain.active);
	dev->drain.stall_ms = IB_DRAIN_STALL_MS;
}

void ib_drain_qp_init(struct ib_qp *qp)
{
	init_completion(&qp->flush_done);
	init_completion(&qp->srq_completion);
}

/*
 * What providers say
 */

/**
 * ib_qp_flush_complete() - the QP is in ERROR and its work queues are empty
 * @qp: queue pair of a provider that sets %IBK_FLUSH_COMPLETE
 *
 * To be called by the provider once @qp is in ERROR and each WR that was
 * posted to its SQ and RQ (or that it took from its SRQ) has its completion in
 * the CQ; also when the queues already were empty. Calling it again is
 * harmless. WRs posted in ERROR need not be considered: a ULP that drains
 * posts no more.
 *
 * Source of the rule: draft-hilland-rddp-verbs, QP states (Error: WRs are
 * flushed, both queues reach empty).
 *
 * Context: Any, hard interrupt included; the provider's QP locks may be held.
 */
void ib_qp_flush_complete(struct ib_qp *qp)
{
	complete_all(&qp->flush_done);
}
EXPORT_SYMBOL(ib_qp_flush_complete);

/**
 * ib_qp_flush_rearm() - the QP has left ERROR and may be used again
 * @qp: queue pair
 *
 * To be called by a provider that takes a QP from ERROR to another state by
 * itself, before WRs are accepted. The core calls it for ib_modify_qp() to
 * RESET. Must not be called while @qp is being drained.
 *
 * Context: Any.
 */
void ib_qp_flush_rearm(struct ib_qp *qp)
{
	reinit_completion(&qp->flush_done);
	reinit_completion(&qp->srq_completion);
}
EXPORT_SYMBOL(ib_qp_flush_rearm);

/**
 * ib_device_flush_software() - the device completes no more work by itself
 * @dev: device
 *
 * To be called by the provider of a device that has failed, after it has made
 * sure that no WR reaches the hardware any more, and that &ib_device_ops.poll_cq
 * returns an IB_WC_WR_FLUSH_ERR completion for each outstanding WR of each QP.
 * Drains that wait for the hardware end their wait, later ones do not begin
 * it. All of them still wait for the consumers, whose poll contexts they kick.
 *
 * Context: Any. Takes &ib_device_drain.lock.
 */
void ib_device_flush_software(struct ib_device *dev)
{
	struct ib_drain *drain;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&dev->drain.lock, flags);
	WRITE_ONCE(dev->flushes_in_software, true);
	dev->drain.flush_expected = false;
	list_for_each_entry(drain, &dev->drain.active, active) {
		complete_all(&drain->markers_done);
		for (i = 0; i < drain->n; i++) {
			struct ib_qp *qp = drain->qps[i]->real_qp;

			complete_all(&qp->flush_done);
			complete_all(&qp->srq_completion);
		}
	}
	spin_unlock_irqrestore(&dev->drain.lock, flags);
}
EXPORT_SYMBOL(ib_device_flush_software);

/*
 * From here on the device refuses to move QPs to ERR, which says nothing about
 * their work: it is flushed until ib_device_flush_software() is called.
 */
void ib_drain_expect_flush(struct ib_device *dev)
{
	spin_lock_irq(&dev->drain.lock);
	dev->drain.flush_expected = true;
	spin_unlock_irq(&dev->drain.lock);
}

static bool ib_drain_expects_flush(const struct ib_drain *drain)
{
	struct ib_device_drain *dd = &drain->dev->drain;
	bool expected;

	spin_lock_irq(&dd->lock);
	expected = dd->flush_expected;
	spin_unlock_irq(&dd->lock);
	return expected;
}

static bool ib_drain_in_software(const struct ib_drain *drain)
{
	return READ_ONCE(drain->dev->flushes_in_software);
}

static void ib_drain_count(struct ib_device *dev, enum ib_drain_counter counter,
			   unsigned int by)
{
	atomic64_add(by, &dev->drain.counters[counter]);
}

/* What the provider says is left: nothing, if it does not say */
static void ib_drain_pending(struct ib_qp *qp, struct ib_qp_pending *pending)
{
	memset(pending, 0, sizeof(*pending));
	if (qp->device->ops.flush_resume)
		qp->device->ops.flush_resume(qp, pending);
}

/*
 * Markers
 */

static void ib_drain_put(struct ib_drain *drain)
{
	/* may be a done() under a spinlock of its ULP, and from vmalloc() */
	if (refcount_dec_and_test(&drain->refs))
		kvfree_rcu(drain, rcu);
}

static void ib_drain_marker_is_consumed(struct ib_drain *drain)
{
	if (atomic_dec_and_test(&drain->unconsumed))
		complete_all(&drain->markers_done);
}

static void ib_drain_marker_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct ib_drain_side *side =
		container_of(wc->wr_cqe, struct ib_drain_side, cqe);
	struct ib_drain *drain = side->drain;
	unsigned long flags;
	bool orphan;

	/*
	 * The caller looks at the state under this lock before it lets go of
	 * the drain, so that the drain is there until the lock is dropped.
	 */
	spin_lock_irqsave(&cq->barriers.lock, flags);
	side->state = IB_DRAIN_MARKER_DONE;
	orphan = !list_empty(&side->orphan);
	if (orphan)
		list_del_init(&side->orphan);
	else
		ib_drain_marker_is_consumed(drain);
	spin_unlock_irqrestore(&cq->barriers.lock, flags);

	if (orphan)
		ib_drain_put(drain);
}

/*
 * The CQ is about to be freed and nobody polls it any more: its orphans never
 * complete.
 */
void ib_drain_release_orphans(struct ib_cq *cq)
{
	struct ib_drain_side *side, *next;
	LIST_HEAD(orphans);

	spin_lock_irq(&cq->barriers.lock);
	list_splice_init(&cq->barriers.orphans, &orphans);
	spin_unlock_irq(&cq->barriers.lock);

	list_for_each_entry_safe(side, next, &orphans, orphan)
		ib_drain_put(side->drain);
}

/*
 * Has each marker's done() let go of the drain? completion_done() waits for the
 * last one to leave complete_all(). Nothing is known if somebody else may have
 * completed it: ib_device_flush_software(), or another "last" one before a late
 * marker was posted.
 */
static bool ib_drain_is_unreferenced(struct ib_drain *drain)
{
	return !drain->late_markers && !ib_drain_in_software(drain) &&
	       !atomic_read(&drain->unconsumed) &&
	       completion_done(&drain->markers_done);
}

/* Let go of the drain; what the provider still holds passes to the CQ */
static void ib_drain_release(struct ib_drain *drain)
{
	unsigned int i, orphans = 0;

	if (ib_drain_is_unreferenced(drain)) {
		kvfree(drain);
		return;
	}

	for (i = 0; i < drain->nr_sides; i++) {
		struct ib_drain_side *side = &drain->sides[i];
		struct ib_cq_barriers *barriers;
		unsigned long flags;

		if (side->state == IB_DRAIN_MARKER_IDLE)
			continue;

		barriers = &side->cq->barriers;
		spin_lock_irqsave(&barriers->lock, flags);
		if (side->state == IB_DRAIN_MARKER_POSTED) {
			refcount_inc(&drain->refs);
			list_add_tail(&side->orphan, &barriers->orphans);
			orphans++;
		}
		spin_unlock_irqrestore(&barriers->lock, flags);
	}
	if (orphans)
		ib_drain_count(drain->dev, IB_DRAIN_ORPHANED, orphans);
	ib_drain_put(drain);
}

static int ib_drain_post(struct ib_drain_side *side)
{
	struct ib_rdma_wr swr = {
		.wr = {
			.wr_cqe = &side->cqe,
			.opcode = IB_WR_RDMA_WRITE,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	/* mlx4's proxy QPs look at the first element even if there is none */
	struct ib_sge sge = {};
	struct ib_recv_wr rwr = { .wr_cqe = &side->cqe, .sg_list = &sge };
	int ret;

	/* done() may be called before the post returns */
	side->cqe.done = ib_drain_marker_done;
	side->state = IB_DRAIN_MARKER_POSTED;
	atomic_inc(&side->drain->unconsumed);

	ret = side->send ? ib_post_send(side->qp, &swr.wr, NULL) :
			   ib_post_recv(side->qp, &rwr, NULL);
	if (ret) {
		side->state = IB_DRAIN_MARKER_IDLE;
		ib_drain_marker_is_consumed(side->drain);
	}
	return ret;
}

/*
 * Post a marker, now or once there is room. Returns an error that waiting does
 * not cure.
 */
static int ib_drain_try_post(struct ib_drain_side *side)
{
	int ret = ib_drain_post(side);

	switch (ret) {
	case 0:
		side->wait = IB_DRAIN_WAIT_MARKER;
		return 0;
	case -EIO:
		/* the device dies: its software flush is to come, if it can */
		if (!side->qp->device->ops.flush_resume)
			break;
		fallthrough;
	case -ENOMEM:
	case -EAGAIN:
	case -ENOSPC:
		/* the queue is full, its flush will make room */
		side->wait = IB_DRAIN_WAIT_POST;
		return 0;
	}
	side->wait = IB_DRAIN_WAIT_NONE;
	return ret;
}

/*
 * Flush
 */

static bool ib_drain_is_datagram(const struct ib_qp *qp)
{
	return qp->qp_type == IB_QPT_UD || qp->qp_type == IB_QPT_GSI ||
	       qp->qp_type == IB_QPT_SMI || qp->qp_type == IB_QPT_RAW_PACKET;
}

static bool ib_drain_by_flush_complete(const struct ib_device *dev)
{
	return (dev->attrs.kernel_cap_flags & IBK_FLUSH_COMPLETE) &&
	       rdma_cap_iw_cm(dev, rdma_start_port(dev));
}

static bool ib_drain_has_sq(const struct ib_qp *qp)
{
	return qp->send_cq && qp->qp_type != IB_QPT_XRC_TGT;
}

/* An XRC target's receives are in SRQs that are not the QP's */
static bool ib_drain_has_rq(const struct ib_qp *qp)
{
	return qp->qp_type != IB_QPT_XRC_INI && qp->qp_type != IB_QPT_XRC_TGT;
}

/* The CQ where completions of this QP's receive WRs arrive */
static struct ib_cq *ib_drain_recv_cq(const struct ib_qp *qp)
{
	if (qp->srq && ib_srq_has_cq(qp->srq->srq_type))
		return qp->srq->ext.cq;
	return qp->recv_cq;
}

static enum ib_qp_state ib_drain_qp_state(struct ib_qp *qp)
{
	struct ib_qp_init_attr init_attr;
	struct ib_qp_attr attr = {};

	if (ib_query_qp(qp, &attr, IB_QP_STATE, &init_attr))
		return IB_QPS_ERR;
	return attr.qp_state;
}

/*
 * Can @qp have taken a WQE from its SRQ? Not before RTR, and then the last one
 * is never reached. Nobody else may change the state of a QP that is drained.
 */
static bool ib_drain_may_own_srq_wqe(struct ib_qp *qp)
{
	enum ib_qp_state state = ib_drain_qp_state(qp);

	return state != IB_QPS_RESET && state != IB_QPS_INIT;
}

/*
 * The move to ERR failed: is that all right? In RESET no WR is outstanding (IBA
 * volume 1, 10.3.1), and providers refuse ERR. A provider whose device has died
 * may have to be asked before it says that it flushes in software.
 */
static bool ib_drain_needs_no_err(struct ib_drain *drain, struct ib_qp *qp)
{
	struct ib_qp_pending pending;

	ib_drain_pending(qp, &pending);
	return ib_drain_in_software(drain) ||
	       ib_drain_qp_state(qp) == IB_QPS_RESET;
}

/*
 * Watch over a provider's modify_qp
 */

static void ib_drain_report_move(const struct ib_drain_watch *watch,
				 struct ib_qp *qp)
{
	unsigned int msecs = jiffies_to_msecs(jiffies - READ_ONCE(watch->since));
	struct ib_device *dev = watch->dev;

	/* How much is outstanding is not asked of a provider that hangs */
	ib_drain_count(dev, IB_DRAIN_STALLED, 1);
	trace_drain_stall(qp, true, IB_DRAIN_WAIT_MOVE, 0, 0, msecs);
	ibdev_warn_ratelimited(dev,
			       "move of QP %u (%s) to %s stalled for %u ms: the provider does not end it\n",
			       qp->qp_num,
			       qp->res.kern_name ? qp->res.kern_name : "?",
			       watch->attr->qp_state == IB_QPS_ERR ? "ERR" : "SQD",
			       msecs);
	if (READ_ONCE(dev->drain.stall_enters_error))
		dev->drain.enter_error(dev);
}

/*
 * Whose watch it is sits in modify_qp and looks at nothing. The QP is there
 * until the watch has ended, which its thread waits for.
 */
static void ib_drain_look(struct timer_list *timer)
{
	struct ib_drain_watch *watch =
		container_of(timer, struct ib_drain_watch, timer);
	unsigned long due, step =
		msecs_to_jiffies(READ_ONCE(watch->dev->drain.stall_ms));
	/* pairs with ib_drain_watched_modify(): @since is no older than @qp */
	struct ib_qp *qp = smp_load_acquire(&watch->qp);

	if (!step)
		return;
	due = (qp ? READ_ONCE(watch->since) : jiffies) + step;
	if (qp && time_after_eq(jiffies, due)) {
		ib_drain_report_move(watch, qp);
		due = jiffies + step;
	}
	mod_timer(timer, due);
}

static void ib_drain_watch_begin(struct ib_drain_watch *watch,
				 struct ib_device *dev, struct ib_qp_attr *attr)
{
	unsigned int stall_ms = READ_ONCE(dev->drain.stall_ms);

	watch->dev = dev;
	watch->attr = attr;
	watch->qp = NULL;
	if (stall_ms)
		mod_timer(&watch->timer, jiffies + msecs_to_jiffies(stall_ms));
}

static void ib_drain_watch_end(struct ib_drain_watch *watch)
{
	timer_shutdown_sync(&watch->timer);
}

static int ib_drain_watched_modify(struct ib_drain_watch *watch,
				   struct ib_qp *qp, int attr_mask)
{
	int ret;

	WRITE_ONCE(watch->since, jiffies);
	/* pairs with ib_drain_look() */
	smp_store_release(&watch->qp, qp);
	ret = ib_modify_qp_with_udata(qp, watch->attr, attr_mask, NULL);
	WRITE_ONCE(watch->qp, NULL);
	return ret;
}

/* What ib_modify_qp() does: a QP that is to be shut down does not hang unseen */
int ib_drain_modify_qp(struct ib_qp *qp, struct ib_qp_attr *attr, int attr_mask)
{
	struct ib_drain_watch watch;
	int ret;

	if (!(attr_mask & IB_QP_STATE) ||
	    (attr->qp_state != IB_QPS_ERR && attr->qp_state != IB_QPS_SQD))
		return ib_modify_qp_with_udata(qp, attr, attr_mask, NULL);

	timer_setup_on_stack(&watch.timer, ib_drain_look, 0);
	ib_drain_watch_begin(&watch, qp->device, attr);
	ret = ib_drain_watched_modify(&watch, qp, attr_mask);
	ib_drain_watch_end(&watch);
	destroy_timer_on_stack(&watch.timer);
	return ret;
}

static struct ib_drain_side *ib_drain_add_side(struct ib_drain *drain,
					       struct ib_qp *qp,
					       struct ib_cq *cq, bool send)
{
	struct ib_drain_side *side = &drain->sides[drain->nr_sides++];

	side->drain = drain;
	side->qp = qp;
	side->cq = cq;
	side->send = send;
	side->wait = IB_DRAIN_WAIT_NONE;
	side->state = IB_DRAIN_MARKER_IDLE;
	INIT_LIST_HEAD(&side->orphan);
	if (cq->poll_ctx == IB_POLL_DIRECT)
		drain->direct = true;
	return side;
}

static int ib_drain_start_send(struct ib_drain_side *side)
{
	struct ib_device *dev = side->drain->dev;

	if (ib_drain_by_flush_complete(dev)) {
		side->wait = IB_DRAIN_WAIT_FLUSH;
		return 0;
	}
	if (!ib_drain_is_datagram(side->qp))
		return ib_drain_try_post(side);
	if (!dev->ops.flush_resume)
		return -EOPNOTSUPP;
	side->wait = IB_DRAIN_WAIT_COUNT;
	return 0;
}

static void ib_drain_await_flush(struct ib_drain_side *side)
{
	if (side)
		side->wait = IB_DRAIN_WAIT_FLUSH;
}

static void ib_drain_start_srq(struct ib_drain_side *side, bool owns_wqe)
{
	if (owns_wqe)
		side->wait = IB_DRAIN_WAIT_LAST_WQE;
	else	/* a later drain of the QP finds it in ERR */
		complete_all(&side->qp->srq_completion);
}

static int ib_drain_start_recv(struct ib_drain_side *side)
{
	if (ib_drain_by_flush_complete(side->drain->dev)) {
		side->wait = IB_DRAIN_WAIT_FLUSH;
		return 0;
	}
	return ib_drain_try_post(side);
}

/*
 * Start the flush of one QP. Each side that has a CQ gets its entry even if
 * something fails: what is in the CQ is waited for in any case.
 */
static int ib_drain_start_qp(struct ib_drain *drain, struct ib_qp *qp,
			     unsigned int which)
{
	struct ib_cq *recv_cq = ib_drain_recv_cq(qp);
	struct ib_drain_side *send = NULL, *recv = NULL;
	bool owns_wqe;
	int ret, err = 0;

	if ((which & IB_DRAIN_SEND) && ib_drain_has_sq(qp))
		send = ib_drain_add_side(drain, qp, qp->send_cq, true);
	if ((which & IB_DRAIN_RECV) && ib_drain_has_rq(qp) && recv_cq)
		recv = ib_drain_add_side(drain, qp, recv_cq, false);

	if (ib_drain_in_software(drain))
		return 0;

	owns_wqe = recv && qp->srq && ib_drain_may_own_srq_wqe(qp);

	ret = ib_drain_watched_modify(&drain->watch, qp, IB_QP_STATE);
	if (ret && ib_drain_expects_flush(drain)) {
		ib_drain_await_flush(send);
		ib_drain_await_flush(recv);
		return 0;
	}
	if (ret)
		return ib_drain_needs_no_err(drain, qp) ? 0 : ret;
	if (send)
		err = ib_drain_start_send(send);
	if (recv && qp->srq) {
		ib_drain_start_srq(recv, owns_wqe);
	} else if (recv) {
		ret = ib_drain_start_recv(recv);
		err = err ?: ret;
	}
	return err;
}

/*
 * Waiting
 */

/* Time that is left for the caller, at most @step */
static unsigned long ib_drain_left(const struct ib_drain *drain,
				   unsigned long step)
{
	long left;

	if (!drain->bounded)
		return step;
	left = drain->due - jiffies;
	return left <= 0 ? 0 : min_t(unsigned long, left, step);
}

static void ib_drain_report(struct ib_drain *drain, struct ib_drain_side *side,
			    enum ib_drain_wait wait,
			    const struct ib_qp_pending *pending)
{
	static const char * const what[] = {
		[IB_DRAIN_WAIT_NONE]	 = "nothing",
		[IB_DRAIN_WAIT_POST]	 = "room for a marker",
		[IB_DRAIN_WAIT_MARKER]	 = "its marker",
		[IB_DRAIN_WAIT_FLUSH]	 = "the provider's flush",
		[IB_DRAIN_WAIT_LAST_WQE] = "the last WQE reached event",
		[IB_DRAIN_WAIT_COUNT]	 = "an empty send queue",
		[IB_DRAIN_WAIT_BARRIER]	 = "the consumer of its CQ",
	};
	unsigned int msecs = jiffies_to_msecs(jiffies - drain->start);
	struct ib_qp *qp = side->qp;
	char outstanding[64] = "an unknown number of";

	ib_drain_count(drain->dev, IB_DRAIN_STALLED, 1);
	trace_drain_stall(qp, side->send, wait, pending->sq, pending->rq,
			  msecs);
	if (qp->device->ops.flush_resume)
		snprintf(outstanding, sizeof(outstanding),
			 "%u send and %u receive", pending->sq, pending->rq);
	ibdev_warn_ratelimited(drain->dev,
			       "drain of QP %u (%s) stalled for %u ms: %s queue waits for %s, %s work requests outstanding\n",
			       qp->qp_num,
			       qp->res.kern_name ? qp->res.kern_name : "?",
			       msecs, side->send ? "send" : "receive",
			       what[wait], outstanding);
}

/* Has the provider done its part? Then the consumer is what is waited for. */
static enum ib_drain_wait
ib_drain_blame(const struct ib_drain_side *side, enum ib_drain_wait wait,
	       const struct ib_qp_pending *pending)
{
	if (wait == IB_DRAIN_WAIT_MARKER && side->qp->device->ops.flush_resume &&
	    !pending->sq && !pending->rq)
		return IB_DRAIN_WAIT_BARRIER;
	return wait;
}

static void ib_drain_stalled(struct ib_drain *drain, struct ib_drain_side *side,
			     enum ib_drain_wait wait,
			     const struct ib_qp_pending *pending)
{
	wait = ib_drain_blame(side, wait, pending);
	ib_drain_report(drain, side, wait, pending);
	/* A consumer that hangs is not the device's fault, nor cured by it */
	if (READ_ONCE(drain->dev->drain.stall_enters_error) &&
	    wait != IB_DRAIN_WAIT_BARRIER)
		drain->dev->drain.enter_error(drain->dev);
}

/*
 * A side has waited for a while in vain: help along what a full or forgotten
 * CQ has stopped, and report where nothing moves. Returns true if it moved.
 */
static bool ib_drain_prod(struct ib_drain *drain, struct ib_drain_side *side,
			  enum ib_drain_wait wait)
{
	unsigned int stall_ms = READ_ONCE(drain->dev->drain.stall_ms);
	struct ib_qp_pending pending;
	unsigned int progress;

	ib_cq_kick(side->cq);
	ib_drain_pending(side->qp, &pending);

	progress = pending.sq + pending.rq + atomic_read(&drain->unconsumed);
	if (progress != drain->progress) {
		drain->progress = progress;
		drain->progress_at = jiffies;
		return true;
	}
	if (stall_ms && !drain->bounded &&
	    time_after_eq(jiffies, drain->progress_at + msecs_to_jiffies(stall_ms))) {
		drain->progress_at = jiffies;
		ib_drain_stalled(drain, side, wait, &pending);
	}
	return false;
}

static void ib_drain_poll_direct(struct ib_drain *drain)
{
	unsigned int i;

	for (i = 0; i < drain->nr_sides; i++) {
		struct ib_cq *cq = drain->sides[i].cq;

		/* the sides of a batch often share the CQ */
		if (cq->poll_ctx == IB_POLL_DIRECT &&
		    (!i || cq != drain->sides[i - 1].cq))
			ib_cq_poll_direct(cq);
	}
}

/* Does the provider count, and finds nothing left? */
static bool ib_drain_side_is_empty(const struct ib_drain_side *side)
{
	struct ib_qp_pending pending;

	if (!side->qp->device->ops.flush_resume)
		return false;
	ib_drain_pending(side->qp, &pending);
	return side->send ? !pending.sq : !pending.rq;
}

/* Is what this side waits for there? May move on to another wait. */
static bool ib_drain_flushed(struct ib_drain_side *side, int *err)
{
	int ret;

	if (ib_drain_in_software(side->drain))
		return true;

	switch (side->wait) {
	case IB_DRAIN_WAIT_POST:
		side->drain->late_markers = true;
		ret = ib_drain_try_post(side);
		if (ret) {
			*err = *err ?: ret;
			return true;
		}
		/* a queue that is full and empty at once has no room by design */
		return side->wait == IB_DRAIN_WAIT_POST &&
		       ib_drain_side_is_empty(side);
	case IB_DRAIN_WAIT_MARKER:
		return READ_ONCE(side->state) == IB_DRAIN_MARKER_DONE;
	case IB_DRAIN_WAIT_FLUSH:
		return completion_done(&side->qp->flush_done);
	case IB_DRAIN_WAIT_LAST_WQE:
		return completion_done(&side->qp->srq_completion);
	case IB_DRAIN_WAIT_COUNT:
		return ib_drain_side_is_empty(side);
	default:
		return true;
	}
}

/* Sleep until what the side waits for may be there, at most @timeout jiffies */
static void ib_drain_sleep(struct ib_drain_side *side, unsigned long timeout)
{
	switch (side->wait) {
	case IB_DRAIN_WAIT_MARKER:
		if (side->drain->late_markers)
			schedule_timeout_uninterruptible(timeout);
		else
			wait_for_completion_timeout(&side->drain->markers_done,
						    timeout);
		break;
	case IB_DRAIN_WAIT_FLUSH:
		wait_for_completion_timeout(&side->qp->flush_done, timeout);
		break;
	case IB_DRAIN_WAIT_LAST_WQE:
		wait_for_completion_timeout(&side->qp->srq_completion, timeout);
		break;
	default:
		schedule_timeout_uninterruptible(timeout);
		break;
	}
}

static unsigned long ib_drain_first_step(const struct ib_drain_side *side)
{
	if (side->drain->direct || side->wait == IB_DRAIN_WAIT_POST ||
	    side->wait == IB_DRAIN_WAIT_COUNT)
		return IB_DRAIN_FIRST_POLL;
	return IB_DRAIN_FIRST_LOOK;
}

static unsigned long ib_drain_next_step(const struct ib_drain_side *side,
					unsigned long step)
{
	return min_t(unsigned long, step * 2, side->drain->direct ?
		     IB_DRAIN_LAST_POLL : IB_DRAIN_LAST_LOOK);
}

static int ib_drain_wait_flushed(struct ib_drain *drain,
				 struct ib_drain_side *side)
{
	unsigned long left, step = ib_drain_first_step(side);
	int err = 0;

	while (!ib_drain_flushed(side, &err)) {
		left = ib_drain_left(drain, step);
		if (!left)
			return -ETIMEDOUT;
		ib_drain_sleep(side, left);
		if (ib_drain_flushed(side, &err))
			break;
		if (drain->direct)
			ib_drain_poll_direct(drain);
		step = ib_drain_prod(drain, side, side->wait) ?
		       IB_DRAIN_FIRST_POLL : ib_drain_next_step(side, step);
	}
	return err;
}

/*
 * Barrier
 */

static bool ib_drain_needs_barrier(const struct ib_drain_side *side)
{
	return side->wait != IB_DRAIN_WAIT_MARKER ||
	       READ_ONCE(side->state) != IB_DRAIN_MARKER_DONE;
}

static int ib_drain_cmp_cq(const void *a, const void *b)
{
	const struct ib_drain_side *const *x = a, *const *y = b;

	if ((*x)->cq == (*y)->cq)
		return 0;
	return (*x)->cq < (*y)->cq ? -1 : 1;
}

/* Start one barrier on each CQ that needs one, all before the first wait */
static void ib_drain_start_barriers(struct ib_drain *drain)
{
	unsigned int i, nr = 0;

	for (i = 0; i < drain->nr_sides; i++) {
		struct ib_drain_side *side = &drain->sides[i];

		/* spare the sort what shares its CQ with its neighbour */
		if (ib_drain_needs_barrier(side) &&
		    (!nr || drain->barriers[nr - 1]->cq != side->cq))
			drain->barriers[nr++] = side;
	}
	if (nr > 1)
		sort(drain->barriers, nr, sizeof(*drain->barriers),
		     ib_drain_cmp_cq, NULL);

	for (i = 0; i < nr; i++) {
		struct ib_drain_side *side = drain->barriers[i];

		if (drain->nr_barriers &&
		    side->cq == drain->barriers[drain->nr_barriers - 1]->cq)
			continue;
		drain->barriers[drain->nr_barriers++] = side;
		ib_cq_barrier_start(&side->barrier, side->cq);
	}
}

static int ib_drain_wait_barrier(struct ib_drain *drain,
				 struct ib_drain_side *side)
{
	unsigned long left, step = IB_DRAIN_FIRST_LOOK;

	/* Often passed by now; then even a look at the scheduler costs more */
	while (!completion_done(&side->barrier.passed)) {
		left = ib_drain_left(drain, step);
		if (wait_for_completion_timeout(&side->barrier.passed, left))
			break;
		if (!left)
			return -ETIMEDOUT;
		ib_drain_prod(drain, side, IB_DRAIN_WAIT_BARRIER);
		step = ib_drain_next_step(side, step);
	}
	return 0;
}

static int ib_drain_barrier(struct ib_drain *drain)
{
	unsigned int i;
	int ret, err = 0;

	ib_drain_start_barriers(drain);
	for (i = 0; i < drain->nr_barriers; i++) {
		struct ib_drain_side *side = drain->barriers[i];

		ret = ib_drain_wait_barrier(drain, side);
		if (ret && ib_cq_barrier_cancel(&side->barrier))
			err = ret;
	}
	return err;
}

/*
 * The drain as a whole
 */

static int ib_drain_check_cq(const struct ib_qp *qp, struct ib_cq *cq)
{
	if (!cq)
		return 0;
	if (WARN_ONCE(!cq->wc, "drain of QP %u: its CQ is not from ib_alloc_cq()\n",
		      qp->qp_num))
		return -EINVAL;
	if (cq->poll_ctx != IB_POLL_WORKQUEUE &&
	    cq->poll_ctx != IB_POLL_UNBOUND_WORKQUEUE)
		return 0;
	if (WARN_ONCE(current_work() == &cq->work,
		      "drain of QP %u from a done() of its CQ\n", qp->qp_num))
		return -EDEADLK;
	return 0;
}

static int ib_drain_check_qp(const struct ib_qp *qp,
			     const struct ib_device *dev)
{
	int ret;

	if (WARN_ONCE(qp->uobject, "drain of user QP %u\n", qp->qp_num))
		return -EINVAL;
	if (WARN_ONCE(qp->device != dev, "drain of QPs of %s and %s at once\n",
		      dev_name(&dev->dev), dev_name(&qp->device->dev)))
		return -EINVAL;
	ret = ib_drain_check_cq(qp, qp->send_cq);
	return ret ?: ib_drain_check_cq(qp, ib_drain_recv_cq(qp));
}

static struct ib_drain *ib_drain_alloc(struct ib_qp *const *qps,
				       unsigned int n, unsigned long timeout)
{
	struct ib_drain *drain;
	size_t size;

	size = size_add(struct_size(drain, sides, size_mul(2, n)),
			size_mul(2 * sizeof(*drain->barriers), n));
	/*
	 * A drain may be what memory reclaim waits for. That of one QP is
	 * small and can't be refused; without room for a batch its QPs are
	 * drained one by one. Try without a look at the scheduler first: what
	 * has been posted would be sent before the QP is in ERR.
	 */
	drain = kmalloc(size, GFP_NOWAIT | __GFP_NOWARN);
	if (!drain && n == 1)
		drain = kmalloc(size, GFP_NOIO | __GFP_NOFAIL);
	else if (!drain)
		drain = kvmalloc(size, GFP_NOIO | __GFP_NOWARN);
	if (!drain)
		return NULL;

	refcount_set(&drain->refs, 1);
	atomic_set(&drain->unconsumed, 1);
	init_completion(&drain->markers_done);
	drain->dev = qps[0]->device;
	drain->qps = qps;
	drain->n = n;
	drain->bounded = timeout < MAX_SCHEDULE_TIMEOUT;
	drain->direct = false;
	drain->late_markers = false;
	drain->start = jiffies;
	drain->due = drain->start + timeout;
	drain->progress_at = drain->start;
	drain->progress = 0;
	drain->barriers = (void *)&drain->sides[2 * n];
	drain->nr_barriers = 0;
	drain->nr_sides = 0;
	return drain;
}

static void ib_drain_enter(struct ib_drain *drain)
{
	struct ib_device_drain *dd = &drain->dev->drain;

	spin_lock_irq(&dd->lock);
	list_add_tail(&drain->active, &dd->active);
	spin_unlock_irq(&dd->lock);
}

static void ib_drain_leave(struct ib_drain *drain, int ret)
{
	struct ib_device_drain *dd = &drain->dev->drain;

	spin_lock_irq(&dd->lock);
	list_del(&drain->active);
	spin_unlock_irq(&dd->lock);

	ib_drain_count(drain->dev, !ret ? IB_DRAIN_COMPLETED :
		       ret == -ETIMEDOUT ? IB_DRAIN_TIMED_OUT :
		       IB_DRAIN_FAILED, drain->n);
	trace_drain_end(drain->dev, drain->n, ret,
			jiffies_to_msecs(jiffies - drain->start));
}

static int ib_drain_flush(struct ib_drain *drain, unsigned int which)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	unsigned int i;
	int ret, err = 0;

	timer_setup(&drain->watch.timer, ib_drain_look, 0);
	ib_drain_watch_begin(&drain->watch, drain->dev, &attr);
	for (i = 0; i < drain->n; i++) {
		ret = ib_drain_start_qp(drain, drain->qps[i]->real_qp, which);
		err = err ?: ret;
	}
	ib_drain_watch_end(&drain->watch);
	ib_drain_marker_is_consumed(drain);
	if (drain->direct)
		ib_drain_poll_direct(drain);

	for (i = 0; i < drain->nr_sides; i++) {
		struct ib_drain_side *side = &drain->sides[i];

		trace_drain_side(side->qp, side->send, side->wait);
		ret = ib_drain_wait_flushed(drain, side);
		if (ret == -ETIMEDOUT)
			return ret;
		err = err ?: ret;
	}
	return err;
}

static int ib_drain_run(struct ib_qp *const *qps, unsigned int n,
			unsigned int which, unsigned long timeout)
{
	struct ib_drain *drain;
	unsigned int i;
	int ret, err;

	/* might_sleep() without its look at the scheduler, see above */
	__might_sleep(__FILE__, __LINE__);
	for (i = 0; i < n; i++) {
		ret = ib_drain_check_qp(qps[i], qps[0]->device);
		if (ret)
			return ret;
	}

	drain = ib_drain_alloc(qps, n, timeout);
	if (!drain)
		return -ENOMEM;

	ib_drain_enter(drain);
	err = ib_drain_flush(drain, which);
	if (err != -ETIMEDOUT) {
		ret = ib_drain_barrier(drain);
		err = err ?: ret;
	}
	ib_drain_leave(drain, err);
	ib_drain_release(drain);
	return err;
}

static void ib_drain_unbounded(struct ib_qp *qp, unsigned int which)
{
	int ret = ib_drain_run(&qp, 1, which, MAX_SCHEDULE_TIMEOUT);

	if (ret)
		ibdev_warn_ratelimited(qp->device,
				       "drain of QP %u failed: %d\n",
				       qp->qp_num, ret);
	if ((which & IB_DRAIN_SEND) && qp->send_cq)
		trace_cq_drain_complete(qp->send_cq);
	if ((which & IB_DRAIN_RECV) && qp->recv_cq)
		trace_cq_drain_complete(qp->recv_cq);
}

/* Whatever drain the provider has of its own */
void ib_drain_sq_by_core(struct ib_qp *qp)
{
	ib_drain_unbounded(qp, IB_DRAIN_SEND);
}

void ib_drain_rq_by_core(struct ib_qp *qp)
{
	ib_drain_unbounded(qp, IB_DRAIN_RECV);
}

/**
 * ib_drain_sq() - wait until all send completions have been consumed
 * @qp: queue pair to drain
 *
 * As ib_drain_qp(), for the send queue. The receive queue is flushed as well,
 * but not waited for.
 *
 * Context: as ib_drain_qp().
 */
void ib_drain_sq(struct ib_qp *qp)
{
	if (qp->device->ops.drain_sq) {
		qp->device->ops.drain_sq(qp);
		trace_cq_drain_complete(qp->send_cq);
		return;
	}
	ib_drain_sq_by_core(qp);
}
EXPORT_SYMBOL(ib_drain_sq);

/**
 * ib_drain_rq() - wait until all receive completions have been consumed
 * @qp: queue pair to drain
 *
 * As ib_drain_qp(), for the receive queue. The send queue is flushed as well,
 * but not waited for.
 *
 * Context: as ib_drain_qp().
 */
void ib_drain_rq(struct ib_qp *qp)
{
	if (qp->device->ops.drain_rq) {
		qp->device->ops.drain_rq(qp);
		trace_cq_drain_complete(qp->recv_cq);
		return;
	}
	ib_drain_rq_by_core(qp);
}
EXPORT_SYMBOL(ib_drain_rq);

/**
 * ib_drain_qp() - wait until all completions of a QP have been consumed
 * @qp: queue pair to drain
 *
 * Moves @qp to ERR and returns once each WR that was posted to it has
 * completed and the done() of its completion has returned. No bound: a drain
 * that makes no progress reports itself and goes on waiting.
 *
 * The caller must
 *
 * - have allocated the CQs by ib_alloc_cq() or ib_cq_pool_get(), with room for
 *   the completions of all WRs plus one for each work queue;
 * - have stopped to post to @qp: what is posted meanwhile may complete after
 *   the return;
 * - not be in a done() of one of the QP's CQs.
 *
 * A QP in RESET has nothing outstanding; only its CQs are waited for. Several
 * callers may drain one QP at the same time, and one caller more than once.
 *
 * Sources: IBA volume 1, 10.3.1 (states, SRQ) and 10.8.3 (order of
 * completions); draft-hilland-rddp-verbs (iWARP QP states).
 *
 * Context: Process context, also a work item of the workqueue that polls the
 *	CQ. Sleeps: on the provider's modify_qp, on the flush, and on whatever
 *	the done() functions of the CQs wait for.
 */
void ib_drain_qp(struct ib_qp *qp)
{
	if (qp->device->ops.drain_sq || qp->device->ops.drain_rq) {
		ib_drain_sq(qp);
		if (qp->srq)
			ib_drain_unbounded(qp, IB_DRAIN_RECV);
		else
			ib_drain_rq(qp);
		return;
	}
	ib_drain_unbounded(qp, IB_DRAIN_SEND | IB_DRAIN_RECV);
}
EXPORT_SYMBOL(ib_drain_qp);

/**
 * ib_drain_qp_timeout() - ib_drain_qp() with a bound
 * @qp: queue pair to drain
 * @timeout: at most so many jiffies; MAX_SCHEDULE_TIMEOUT or more: no bound
 *
 * The bound is on what the drain waits for, not on the provider's modify_qp; if
 * that hangs, it is reported as any drain that stalls. After -ETIMEDOUT the QP
 * is in ERR, its WRs still belong to the provider, and the drain has left
 * nothing behind that a late completion could damage. The caller may try again,
 * or destroy the QP; buffers of WRs may be freed only after the latter.
 *
 * A provider's own drain_sq and drain_rq have no bound and are not called.
 *
 * Context: as ib_drain_qp().
 * Return: 0: drained. -ETIMEDOUT: not within @timeout. -EINVAL: user QP, or a
 *	CQ not from ib_alloc_cq(). -EDEADLK: called from a done() of a CQ of
 *	@qp. -EOPNOTSUPP: send queue of a datagram QP, and the provider has no
 *	flush_resume. Else what modify_qp, post_send or post_recv returned; then
 *	what was in the CQs has been consumed.
 */
int ib_drain_qp_timeout(struct ib_qp *qp, unsigned long timeout)
{
	return ib_drain_run(&qp, 1, IB_DRAIN_SEND | IB_DRAIN_RECV, timeout);
}
EXPORT_SYMBOL(ib_drain_qp_timeout);

/**
 * ib_drain_qps() - drain many QPs at once
 * @qps: queue pairs to drain, of one device
 * @n: how many; 0 is allowed
 * @timeout: at most so many jiffies for all of them; MAX_SCHEDULE_TIMEOUT or
 *	more: no bound
 *
 * Flushes all QPs before it waits for the first, and passes one barrier for
 * each CQ, however many QPs share it. All QPs are drained as far as possible
 * even if one fails. May allocate memory; if there is none, the QPs are
 * drained one after the other.
 *
 * Context: as ib_drain_qp().
 * Return: as ib_drain_qp_timeout(), the first error of all QPs; -EINVAL also
 *	if the QPs are not of one device.
 */
int ib_drain_qps(struct ib_qp *const *qps, unsigned int n,
		 unsigned long timeout)
{
	const bool bounded = timeout < MAX_SCHEDULE_TIMEOUT;
	unsigned long due = jiffies + timeout;
	unsigned int i;
	int ret, err;

	if (!n)
		return 0;
	err = ib_drain_run(qps, n, IB_DRAIN_SEND | IB_DRAIN_RECV, timeout);
	if (err != -ENOMEM || n == 1)
		return err;

	for (i = 0, err = 0; i < n; i++) {
		if (bounded)
			timeout = time_before(jiffies, due) ? due - jiffies : 0;
		ret = ib_drain_qp_timeout(qps[i], timeout);
		err = err ?: ret;
	}
	return err;
}
EXPORT_SYMBOL(ib_drain_qps);
