// SPDX-License-Identifier: GPL-2.0
/*
 * A consumer of the fake provider: what it does in threads of their own.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "fake_ulp.h"

static int ulp_task_thread(void *data)
{
	struct ulp_task *task = data;

	task->ret = task->fn(task);
	complete_all(&task->ended);
	module_put_and_kthread_exit(0);
}

/**
 * ulp_start() - run a function in a thread
 * @ulp: consumer
 * @fn: function; what it returns is left in &ulp_task.ret
 * @args: what the function shall find in the task
 *
 * Returns: the task.
 */
struct ulp_task *ulp_start(struct ulp *ulp, int (*fn)(struct ulp_task *task),
			   const struct ulp_task *args)
{
	struct ulp_task *task = kmemdup(args, sizeof(*args), GFP_KERNEL);
	struct task_struct *thread;

	KUNIT_ASSERT_NOT_NULL(ulp->test, task);
	task->fn = fn;
	init_completion(&task->ended);
	thread = kthread_create(ulp_task_thread, task, "fake_ulp");
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(thread));
	if (task->cpu)
		kthread_bind(thread, task->cpu);
	__module_get(THIS_MODULE);
	list_add_tail(&task->node, &ulp->tasks);
	wake_up_process(thread);
	return task;
}
EXPORT_SYMBOL_GPL(ulp_start);

/* Wait for its end, as long as the case is patient */
bool ulp_task_ended(struct ulp_task *task)
{
	return wait_for_completion_timeout(&task->ended, ULP_PATIENCE);
}
EXPORT_SYMBOL_GPL(ulp_task_ended);

/* It has not ended, nor does it at once */
bool ulp_task_waits(struct ulp_task *task)
{
	return !wait_for_completion_timeout(&task->ended, ULP_GLANCE);
}
EXPORT_SYMBOL_GPL(ulp_task_waits);

/* The case is over: end whatever keeps its tasks waiting */
void ulp_join(struct ulp *ulp)
{
	struct ulp_task *task, *next;

	ulp_release_done(ulp);
	fake_heal(ulp->fake);
	list_for_each_entry_safe(task, next, &ulp->tasks, node) {
		if (ulp->stuck || !ulp_task_ended(task)) {
			if (!ulp->stuck)
				kunit_err(ulp->test, "a task is stuck for good, its objects are left to it");
			ulp->stuck = true;
			return;
		}
		list_del(&task->node);
		kfree(task);
	}
}
EXPORT_SYMBOL_GPL(ulp_join);

int ulp_do_drain_qp(struct ulp_task *task)
{
	ib_drain_qp(task->qp);
	return 0;
}
EXPORT_SYMBOL_GPL(ulp_do_drain_qp);

int ulp_do_drain_sq(struct ulp_task *task)
{
	ib_drain_sq(task->qp);
	return 0;
}
EXPORT_SYMBOL_GPL(ulp_do_drain_sq);

int ulp_do_drain_rq(struct ulp_task *task)
{
	ib_drain_rq(task->qp);
	return 0;
}
EXPORT_SYMBOL_GPL(ulp_do_drain_rq);

int ulp_do_drain_timeout(struct ulp_task *task)
{
	return ib_drain_qp_timeout(task->qp, task->timeout);
}
EXPORT_SYMBOL_GPL(ulp_do_drain_timeout);

struct ulp_task *ulp_start_drain(struct ulp *ulp, struct ib_qp *qp)
{
	return ulp_start(ulp, ulp_do_drain_qp, &(struct ulp_task){ .qp = qp });
}
EXPORT_SYMBOL_GPL(ulp_start_drain);

bool ulp_drain(struct ulp *ulp, struct ib_qp *qp)
{
	return ulp_task_ended(ulp_start_drain(ulp, qp));
}
EXPORT_SYMBOL_GPL(ulp_drain);
