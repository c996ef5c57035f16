/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ConnectX-3 that is nothing but memory: mlx4_ib's own post, poll and
 * internal-error handling run on queues of which the "hardware" knows one
 * trick, to flush those of a QP in ERR.
 */
#ifndef MLX4_MEMORY_H
#define MLX4_MEMORY_H

#include <kunit/test.h>
#include <linux/workqueue.h>

#include "mlx4_ib.h"

/**
 * struct mlx4_memory - the device
 * @ibdev: as mlx4_ib knows it
 * @dev: as mlx4_core would have it
 * @persist: the same, what outlives a reset: the state
 * @uar: where doorbells are written
 * @next_qpn: of the next QP
 * @hung: knob: nothing is flushed
 * @removed: knob: mlx4_ib does not hear of the error event any more
 * @die_after: knob: the device dies with so many posts to QPs in ERR from now
 * @death: does it, in a context of its own
 */
struct mlx4_memory {
	struct mlx4_ib_dev ibdev;
	struct mlx4_dev dev;
	struct mlx4_dev_persistent persist;
	void *uar;
	u32 next_qpn;
	bool hung;
	bool removed;
	unsigned int die_after;
	struct work_struct death;
};

/**
 * struct mlx4_memory_cq - a completion queue
 * @cq: as mlx4_ib knows it
 * @db: doorbell records: consumer index and arm
 * @prod_index: where the hardware would write next
 */
struct mlx4_memory_cq {
	struct mlx4_ib_cq cq;
	__be32 db[2];
	u32 prod_index;
};

/**
 * struct mlx4_memory_qp - a queue pair
 * @qp: as mlx4_ib knows it
 * @db: doorbell record of the RQ
 * @state: as the hardware knows it
 * @sq_done: the hardware has completed all sends before
 * @rq_done: and all receives before
 */
struct mlx4_memory_qp {
	struct mlx4_ib_qp qp;
	__be32 db;
	enum ib_qp_state state;
	unsigned int sq_done;
	unsigned int rq_done;
};

struct mlx4_memory *mlx4_memory_create(struct kunit *test);
void mlx4_memory_die(struct mlx4_memory *mem);
void mlx4_memory_start_at(struct ib_qp *ibqp, unsigned int index);

#endif /* MLX4_MEMORY_H */
