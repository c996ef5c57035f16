// SPDX-License-Identifier: GPL-2.0
/*
 * What is posted to a QP, and the account of what has become of it.
 */
#include <linux/delay.h>
#include <linux/irq_poll.h>
#include <linux/slab.h>

#include "dm.h"

/* Long enough that a drain that does not wait for done() is found out */
#define DM_DONE_USECS	30

int dm_end_init(struct dm_end *end, struct dm_env *env, unsigned int max)
{
	end->env = env;
	end->max = max;
	init_completion(&end->cm_done);
	init_waitqueue_head(&end->gate);
	end->wrs = kvcalloc(max, sizeof(*end->wrs), GFP_KERNEL);
	return end->wrs ? 0 : -ENOMEM;
}

void dm_end_free(struct dm_end *end)
{
	kvfree(end->wrs);
}

static void dm_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct dm_wr *wr = container_of(wc->wr_cqe, struct dm_wr, cqe);
	struct dm_end *end = wr->end;

	if (READ_ONCE(end->drained))
		atomic_inc(&end->late);
	if (READ_ONCE(end->closed))
		wait_event(end->gate, !READ_ONCE(end->closed));
	if ((wr - end->wrs) % 4 == 0)
		udelay(DM_DONE_USECS);
	atomic_inc_return_release(&wr->done);
}

static struct dm_wr *dm_wr_get(struct dm_end *end,
			       void (*done)(struct ib_cq *, struct ib_wc *))
{
	struct dm_wr *wr;

	if (end->nr == end->max)
		return NULL;
	wr = &end->wrs[end->nr++];
	wr->end = end;
	wr->cqe.done = done;
	atomic_set(&wr->done, 0);
	return wr;
}

static int dm_post_recv(struct dm_end *end, struct dm_wr *wr)
{
	struct ib_sge sge = {
		.addr = end->env->dma,
		.length = DM_MSG_SIZE,
		.lkey = end->env->pd->local_dma_lkey,
	};
	struct ib_recv_wr rwr = {
		.wr_cqe = &wr->cqe,
		.sg_list = &sge,
		.num_sge = 1,
	};

	return end->srq ? ib_post_srq_recv(end->srq, &rwr, NULL) :
			  ib_post_recv(end->qp, &rwr, NULL);
}

/* Returns how many were posted; fewer than @n if the queue is full */
int dm_post_recvs(struct dm_end *end, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct dm_wr *wr = dm_wr_get(end, dm_done);

		if (!wr)
			break;
		if (dm_post_recv(end, wr)) {
			end->nr--;
			break;
		}
	}
	return i;
}

static int dm_post_send(struct dm_pair *pair, struct dm_end *end,
			struct dm_wr *wr, unsigned int size)
{
	struct ib_sge sge = {
		.addr = end->env->dma,
		.length = size,
		.lkey = end->env->pd->local_dma_lkey,
	};
	struct ib_ud_wr swr = {
		.wr = {
			.wr_cqe = &wr->cqe,
			.sg_list = &sge,
			.num_sge = 1,
			.opcode = IB_WR_SEND,
			.send_flags = IB_SEND_SIGNALED,
		},
	};
	struct dm_end *peer = end == &pair->a ? &pair->b : &pair->a;

	if (pair->cfg.ud) {
		swr.ah = pair->ah;
		swr.remote_qpn = peer->qp->qp_num;
		swr.remote_qkey = 1;
	}
	return ib_post_send(end->qp, &swr.wr, NULL);
}

int dm_post_sends(struct dm_pair *pair, struct dm_end *end, unsigned int n,
		  unsigned int size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct dm_wr *wr = dm_wr_get(end, dm_done);

		if (!wr)
			break;
		if (dm_post_send(pair, end, wr, size)) {
			end->nr--;
			break;
		}
	}
	return i;
}

/*
 * Messages that go to and fro between the ends of a pair until it is stopped:
 * the CQ is never empty for long.
 */

static void dm_bounce_sent(struct ib_cq *cq, struct ib_wc *wc)
{
	struct dm_wr *wr = container_of(wc->wr_cqe, struct dm_wr, cqe);

	atomic_inc(&wr->done);
}

static void dm_bounce_received(struct ib_cq *cq, struct ib_wc *wc)
{
	struct dm_wr *wr = container_of(wc->wr_cqe, struct dm_wr, cqe);
	struct dm_end *end = wr->end;
	struct dm_pair *pair = cq->cq_context;
	struct dm_wr *reply = wr + 1;

	if (wc->status || !READ_ONCE(end->bouncing)) {
		atomic_inc(&wr->done);
		return;
	}
	atomic_inc(&end->bounces);
	/* Should the last reply still be under way: it is only a cqe */
	if (dm_post_recv(end, wr) || dm_post_send(pair, end, reply, 64))
		WRITE_ONCE(end->bouncing, false);
}

/* WRs come in twos: a receive and the send that answers it */
static int dm_bounce_end(struct dm_end *end, unsigned int balls)
{
	WRITE_ONCE(end->bouncing, true);
	while (balls--) {
		struct dm_wr *wr = dm_wr_get(end, dm_bounce_received);
		struct dm_wr *reply = dm_wr_get(end, dm_bounce_sent);
		int ret;

		if (!wr || !reply)
			return -ENOSPC;
		ret = dm_post_recv(end, wr);
		if (ret)
			return ret;
	}
	return 0;
}

int dm_bounce(struct dm_pair *pair, unsigned int balls)
{
	unsigned int i;
	int ret;

	ret = dm_bounce_end(&pair->a, balls) ?: dm_bounce_end(&pair->b, balls);
	for (i = 0; !ret && i < balls; i++)
		ret = dm_post_send(pair, &pair->a, &pair->a.wrs[2 * i + 1], 64);
	return ret;
}

void dm_bounce_stop(struct dm_pair *pair)
{
	WRITE_ONCE(pair->a.bouncing, false);
	WRITE_ONCE(pair->b.bouncing, false);
}

/*
 * A consumer that does not consume: done() waits where it may sleep, else the
 * CQ's softirq handler is kept away.
 */

void dm_block(struct dm_end *end)
{
	if (end->scq->poll_ctx == IB_POLL_SOFTIRQ) {
		irq_poll_disable(&end->scq->iop);
		if (end->rcq != end->scq)
			irq_poll_disable(&end->rcq->iop);
	} else {
		WRITE_ONCE(end->closed, true);
	}
}

static void dm_enable_softirq(struct ib_cq *cq)
{
	irq_poll_enable(&cq->iop);
	local_bh_disable();
	irq_poll_sched(&cq->iop);
	local_bh_enable();
}

void dm_unblock(struct dm_end *end)
{
	if (end->scq->poll_ctx == IB_POLL_SOFTIRQ) {
		dm_enable_softirq(end->scq);
		if (end->rcq != end->scq)
			dm_enable_softirq(end->rcq);
	} else {
		WRITE_ONCE(end->closed, false);
		wake_up_all(&end->gate);
	}
}

/*
 * The account
 */

unsigned int dm_completed(const struct dm_end *end)
{
	unsigned int i, sum = 0;

	for (i = 0; i < end->nr; i++)
		sum += atomic_read(&end->wrs[i].done);
	return sum;
}

/* Each WR's done() has returned once; to be called right after the drain */
bool dm_check(struct dm_end *end, const char *what, const char *which)
{
	unsigned int i, missing = 0, twice = 0;

	/* What an SRQ holds does not belong to the QP */
	if (end->srq)
		return true;
	for (i = 0; i < end->nr; i++) {
		int done = atomic_read(&end->wrs[i].done);

		missing += !done;
		twice += done > 1;
	}
	if (missing || twice)
		dm_not_ok(what, "%s: of %u done() %u had not returned, %u were called twice",
			  which, end->nr, missing, twice);
	return !missing && !twice;
}
