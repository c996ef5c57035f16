// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the drain functions, each in a thread of its own, so that one that
 * hangs is seen and told.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "dm.h"

struct dm_drain {
	enum dm_how how;
	struct dm_end **ends;
	struct ib_qp **qps;
	unsigned int n;
	unsigned long timeout;
	ktime_t start;
	unsigned int msecs;
	int ret;
	struct completion done;
	struct work_struct work;
};

static bool hung;

/* A drain has hung: the device can't be used any more */
bool dm_hung(void)
{
	return hung;
}

static void dm_drain_call(struct dm_drain *drain)
{
	struct ib_qp *qp = drain->qps[0];
	unsigned int i;

	drain->start = ktime_get();
	switch (drain->how) {
	case DM_DRAIN_QP:
	case DM_DRAIN_FROM_COMP_WQ:
		ib_drain_qp(qp);
		break;
	case DM_DRAIN_SQ_THEN_RQ:
		ib_drain_sq(qp);
		ib_drain_rq(qp);
		break;
	case DM_DRAIN_BOUNDED:
		drain->ret = ib_drain_qp_timeout(qp, drain->timeout);
		break;
	case DM_DRAIN_BATCH:
		drain->ret = ib_drain_qps(drain->qps, drain->n, drain->timeout);
		break;
	}
	for (i = 0; i < drain->n && !drain->ret; i++)
		WRITE_ONCE(drain->ends[i]->drained, true);
	drain->msecs = ktime_ms_delta(ktime_get(), drain->start);
}

static int dm_drain_thread(void *data)
{
	struct dm_drain *drain = data;

	dm_drain_call(drain);
	kthread_complete_and_exit(&drain->done, 0);
}

static void dm_drain_work(struct work_struct *work)
{
	struct dm_drain *drain = container_of(work, struct dm_drain, work);

	dm_drain_call(drain);
	complete(&drain->done);
}

static void dm_drain_free(struct dm_drain *drain)
{
	kfree(drain->ends);
	kfree(drain->qps);
	kfree(drain);
}

struct dm_drain *dm_drain_start(struct dm_env *env, enum dm_how how,
				struct dm_end *const *ends, unsigned int n,
				unsigned long timeout)
{
	struct task_struct *task;
	struct dm_drain *drain;
	unsigned int i;

	drain = kzalloc(sizeof(*drain), GFP_KERNEL);
	if (!drain)
		return NULL;
	drain->ends = kmemdup(ends, n * sizeof(*ends), GFP_KERNEL);
	drain->qps = kcalloc(n, sizeof(*drain->qps), GFP_KERNEL);
	if (!drain->ends || !drain->qps)
		goto free;
	for (i = 0; i < n; i++)
		drain->qps[i] = ends[i]->qp;
	drain->how = how;
	drain->n = n;
	drain->timeout = timeout;
	init_completion(&drain->done);
	INIT_WORK(&drain->work, dm_drain_work);

	if (how == DM_DRAIN_FROM_COMP_WQ) {
		queue_work(ends[0]->scq->comp_wq, &drain->work);
		return drain;
	}
	task = kthread_run(dm_drain_thread, drain, "dm_drain");
	if (!IS_ERR(task))
		return drain;
free:
	dm_drain_free(drain);
	return NULL;
}

/* Returns -ETIMEDOUT if the drain is still at it, else 0 and its own @ret */
int dm_drain_wait(struct dm_drain *drain, unsigned long limit, int *ret)
{
	if (!wait_for_completion_timeout(&drain->done, limit))
		return -ETIMEDOUT;
	/* may be asked again */
	complete_all(&drain->done);
	*ret = drain->ret;
	return 0;
}

/* Done with a drain, or given up on it. Returns how long it took. */
unsigned int dm_drain_finish(struct dm_drain *drain)
{
	unsigned int msecs;

	if (!completion_done(&drain->done)) {
		/* It may wake up at any time: keep all that it may touch */
		hung = true;
		__module_get(THIS_MODULE);
		return 0;
	}
	msecs = drain->msecs;
	dm_drain_free(drain);
	return msecs;
}

/* Drain one QP, bounded by the test alone. Returns true if that worked. */
bool dm_drain(struct dm_env *env, enum dm_how how, struct dm_end *end,
	      const char *what, unsigned int *msecs)
{
	struct dm_drain *drain;
	int ret = 0, err;

	drain = dm_drain_start(env, how, &end, 1, env->limit);
	if (!drain) {
		dm_not_ok(what, "the drain could not be started");
		return false;
	}
	err = dm_drain_wait(drain, env->limit, &ret);
	*msecs += dm_drain_finish(drain);
	if (err)
		dm_not_ok(what, "the drain hangs, %u of %u work requests completed",
			  dm_completed(end), end->nr);
	else if (ret)
		dm_not_ok(what, "the drain returned %d, %u of %u work requests completed",
			  ret, dm_completed(end), end->nr);
	return !err && !ret;
}
