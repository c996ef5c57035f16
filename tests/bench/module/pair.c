// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of connected queue pairs with their work requests.
 */
#include <linux/slab.h>

#include "bench.h"

/* Completions that one near end may have in its CQs at once */
static unsigned int bench_nr_cqe(const struct bench_case *bc)
{
	return bc->k + BENCH_SENDS + 2 * BENCH_SPARE;
}

static void bench_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct bench_end *end = container_of(wc->wr_cqe, struct bench_end, cqe);

	if (atomic_dec_and_test(&end->left))
		complete(&end->idle);
}

static void bench_end_init(struct bench_end *end)
{
	end->cqe.done = bench_done;
	init_completion(&end->idle);
}

int bench_post_sends(struct bench_dev *bd, struct bench_end *end)
{
	struct ib_send_wr wr = {
		.wr_cqe = &end->cqe,
		.sg_list = &bd->sge,
		.num_sge = 1,
		.opcode = IB_WR_SEND,
		.send_flags = IB_SEND_SIGNALED,
	};
	unsigned int i;
	int ret;

	for (i = 0; i < BENCH_SENDS; i++) {
		atomic_inc(&end->left);
		ret = ib_post_send(end->qp, &wr, NULL);
		if (ret)
			return ret;
	}
	return 0;
}

static int bench_post_recvs(struct bench_dev *bd, struct bench_end *end,
			    unsigned int nr)
{
	struct ib_recv_wr wr = {
		.wr_cqe = &end->cqe,
		.sg_list = &bd->sge,
		.num_sge = 1,
	};
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		atomic_inc(&end->left);
		ret = ib_post_recv(end->qp, &wr, NULL);
		if (ret)
			return ret;
	}
	return 0;
}

static int bench_create_qp(struct bench_dev *bd, struct bench_end *end,
			   unsigned int recvs)
{
	struct ib_qp_init_attr attr = {
		.send_cq = end->send_cq,
		.recv_cq = end->recv_cq,
		.cap = {
			.max_send_wr = BENCH_SENDS + BENCH_SPARE,
			.max_recv_wr = recvs + BENCH_SPARE,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};
	struct ib_qp *qp = ib_create_qp(bd->pd, &attr);

	if (IS_ERR(qp))
		return PTR_ERR(qp);
	end->qp = qp;
	return 0;
}

static int bench_get_cqs(struct bench_dev *bd, const struct bench_case *bc,
			 struct bench_end *end)
{
	struct ib_cq *cq;

	if (bc->shared) {
		cq = ib_cq_pool_get(bd->ib, bench_nr_cqe(bc), 0, bc->poll);
		if (IS_ERR(cq))
			return PTR_ERR(cq);
		end->send_cq = cq;
		end->recv_cq = cq;
		return 0;
	}

	cq = ib_alloc_cq(bd->ib, NULL, BENCH_SENDS + BENCH_SPARE, 0, bc->poll);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	end->send_cq = cq;
	cq = ib_alloc_cq(bd->ib, NULL, bc->k + BENCH_SPARE, 0, bc->poll);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	end->recv_cq = cq;
	return 0;
}

static void bench_put_cqs(const struct bench_case *bc, struct bench_end *end)
{
	if (bc->shared) {
		if (end->send_cq)
			ib_cq_pool_put(end->send_cq, bench_nr_cqe(bc));
		return;
	}
	if (end->recv_cq)
		ib_free_cq(end->recv_cq);
	if (end->send_cq)
		ib_free_cq(end->send_cq);
}

static int bench_pair_create(struct bench_dev *bd, const struct bench_case *bc,
			     struct bench_pair *pair, struct ib_cq *far_cq)
{
	int ret;

	bench_end_init(&pair->near);
	bench_end_init(&pair->far);
	init_completion(&pair->ready);
	pair->far.send_cq = far_cq;
	pair->far.recv_cq = far_cq;

	ret = bench_get_cqs(bd, bc, &pair->near);
	ret = ret ?: bench_create_qp(bd, &pair->near, bc->k);
	ret = ret ?: bench_create_qp(bd, &pair->far, BENCH_SENDS);
	ret = ret ?: bd->transport->connect(bd, pair);
	ret = ret ?: bench_post_recvs(bd, &pair->far, BENCH_SENDS);
	return ret ?: bench_post_recvs(bd, &pair->near, bc->k);
}

struct bench_pair *bench_pairs_create(struct bench_dev *bd,
				      const struct bench_case *bc,
				      unsigned int nr, struct ib_cq **far_cq)
{
	struct bench_pair *pairs;
	unsigned int i;
	int ret = -ENOMEM;

	pairs = kvcalloc(nr, sizeof(*pairs), GFP_KERNEL);
	if (!pairs)
		return ERR_PTR(ret);
	*far_cq = ib_alloc_cq(bd->ib, NULL, nr * (2 * BENCH_SENDS), 0,
			      IB_POLL_DIRECT);
	if (IS_ERR(*far_cq)) {
		ret = PTR_ERR(*far_cq);
		kvfree(pairs);
		return ERR_PTR(ret);
	}
	for (i = 0; i < nr; i++) {
		ret = bench_pair_create(bd, bc, &pairs[i], *far_cq);
		if (ret) {
			bench_pairs_destroy(bd, bc, pairs, nr, *far_cq);
			return ERR_PTR(ret);
		}
	}
	return pairs;
}

void bench_pairs_destroy(struct bench_dev *bd, const struct bench_case *bc,
			 struct bench_pair *pairs, unsigned int nr,
			 struct ib_cq *far_cq)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct bench_pair *pair = &pairs[i];

		if (pair->near.qp)
			ib_destroy_qp(pair->near.qp);
		if (pair->far.qp)
			ib_destroy_qp(pair->far.qp);
		if (bd->transport->disconnect)
			bd->transport->disconnect(pair);
		bench_put_cqs(bc, &pair->near);
	}
	/* Its completions point into the pairs */
	while (ib_process_cq_direct(far_cq, -1))
		;
	ib_free_cq(far_cq);
	kvfree(pairs);
}
