// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: error mode: what becomes of work in flight, of drains, of verbs
 * that race with it, and of release verbs whose provider fails.
 */
#include <linux/irq_work.h>
#include <linux/slab.h>

#include "reset_fixture.h"

/*
 * Work in flight
 */

struct error_ctx {
	const char *name;
	enum ib_poll_context poll_ctx;
	const struct fake_config *config;
};

static const struct error_ctx error_ctxs[] = {
	{ "infiniband_softirq", IB_POLL_SOFTIRQ, &reset_ib },
	{ "infiniband_workqueue", IB_POLL_WORKQUEUE, &reset_ib },
	{ "infiniband_unbound_workqueue", IB_POLL_UNBOUND_WORKQUEUE, &reset_ib },
	{ "iwarp_softirq", IB_POLL_SOFTIRQ, &reset_iwarp },
	{ "iwarp_workqueue", IB_POLL_WORKQUEUE, &reset_iwarp },
};

KUNIT_ARRAY_PARAM_DESC(error_ctx, error_ctxs, name);

/* A consumer that only waits hears of each of them */
static void work_in_flight_is_flushed(struct kunit *test)
{
	const struct error_ctx *ctx = test->param_value;
	struct ulp *ulp = reset_create(test, ctx->config);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, ctx->poll_ctx);
	struct ib_qp *held = ulp_create_rc(ulp, cq, cq);
	struct ib_qp *lost = ulp_create_rc(ulp, cq, cq);

	fake_qp_hold(held, true, true);
	to_fake_qp(lost)->sq.lose = UINT_MAX;
	ulp_post(ulp, held, 4, 4);
	ulp_post(ulp, lost, 4, 4);
	fake_qp_complete(lost, 2, 0);
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake,
						atomic_read(&ulp->done) ==
						ulp->posted));
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->flushed), ulp->posted - 2);
}

/* A direct CQ is polled by its consumer, and by nobody else */
static void work_in_flight_is_flushed_into_a_direct_cq(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_DIRECT);
	struct ib_qp *qp = ulp_create_rc(ulp, cq, cq);

	ulp_post(ulp, qp, 4, 4);
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->done), 0);
	ib_process_cq_direct(cq, -1);
	KUNIT_EXPECT_EQ(test, atomic_read(&ulp->flushed), ulp->posted);
}

static void error_count_call(struct ib_cq *cq, void *calls)
{
	atomic_inc(calls);
}

/* There may be no other sign of life from the device, ever */
static void handler_of_every_cq_is_called(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_cq_init_attr attr = { .cqe = 4 };
	atomic_t calls[3] = {};
	struct ib_cq *cqs[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cqs); i++) {
		cqs[i] = ib_create_cq(&ulp->fake->ibdev, error_count_call, NULL,
				      &calls[i], &attr);
		KUNIT_ASSERT_FALSE(test, IS_ERR(cqs[i]));
	}
	ib_req_notify_cq(cqs[1], IB_CQ_NEXT_COMP);
	fake_enter_error_mode(ulp->fake);
	for (i = 0; i < ARRAY_SIZE(cqs); i++) {
		KUNIT_EXPECT_EQ(test, atomic_read(&calls[i]), 1);
		ib_destroy_cq(cqs[i]);
	}
}

static int error_do_free_cqs(struct ulp_task *task)
{
	unsigned int i;

	for (i = 0; i < task->n; i++)
		ib_free_cq(task->cqs[i]);
	return 0;
}

/* Whose handler is called must not be gone, nor be called after it has gone */
static void cq_may_be_freed_when_error_mode_calls_it(struct kunit *test)
{
	const struct error_ctx *ctx = test->param_value;
	struct ulp *ulp = reset_create(test, ctx->config);
	struct ulp_task *task;
	struct ib_cq *cqs[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cqs); i++) {
		cqs[i] = ib_alloc_cq(&ulp->fake->ibdev, ulp, 1, 0,
				     ctx->poll_ctx);
		KUNIT_ASSERT_FALSE(test, IS_ERR(cqs[i]));
	}
	task = ulp_start(ulp, error_do_free_cqs, &(struct ulp_task){
		.cqs = cqs,
		.n = ARRAY_SIZE(cqs),
		.cpu = 1 % num_online_cpus(),
	});
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(task));
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 0);
}

/*
 * Drains: each thing that one can wait for
 */

struct error_wait {
	const char *name;
	const struct fake_config *config;
	void (*prepare)(struct ib_qp *qp);
	enum ib_qp_type type;
	bool srq;
	enum ib_poll_context poll_ctx;
};

static void error_hold(struct ib_qp *qp)
{
	fake_qp_hold(qp, true, true);
}

static void error_lose_marker(struct ib_qp *qp)
{
	to_fake_qp(qp)->sq.lose_markers = 1;
}

static void error_leave_no_room(struct ib_qp *qp)
{
	fake_qp_hold(qp, true, false);
	to_fake_qp(qp)->sq.max = to_fake_qp(qp)->sq.used;
}

static void error_never_signal(struct ib_qp *qp)
{
	to_fake_qp(qp)->signal = FAKE_SIGNAL_NEVER;
}

static void error_never_raise(struct ib_qp *qp)
{
	to_fake_qp(qp)->no_last_wqe = true;
}

static const struct error_wait error_waits[] = {
	{ "direct", &reset_ib, error_hold, IB_QPT_RC, false, IB_POLL_DIRECT },
	{ "softirq", &reset_ib, error_hold, IB_QPT_RC, false, IB_POLL_SOFTIRQ },
	{ "workqueue", &reset_ib, error_hold, IB_QPT_RC, false,
	  IB_POLL_WORKQUEUE },
	{ "unbound_workqueue", &reset_ib, error_hold, IB_QPT_RC, false,
	  IB_POLL_UNBOUND_WORKQUEUE },
	{ "lost_marker", &reset_ib, error_lose_marker, IB_QPT_RC, false,
	  IB_POLL_WORKQUEUE },
	{ "room_for_a_marker", &reset_ib, error_leave_no_room, IB_QPT_RC, false,
	  IB_POLL_WORKQUEUE },
	{ "last_wqe_event", &reset_ib, error_never_raise, IB_QPT_RC, true,
	  IB_POLL_WORKQUEUE },
	{ "count", &reset_ib, error_hold, IB_QPT_UD, false, IB_POLL_WORKQUEUE },
	{ "iwarp_direct", &reset_iwarp, error_hold, IB_QPT_RC, false,
	  IB_POLL_DIRECT },
	{ "iwarp_softirq", &reset_iwarp, error_hold, IB_QPT_RC, false,
	  IB_POLL_SOFTIRQ },
	{ "iwarp_workqueue", &reset_iwarp, error_hold, IB_QPT_RC, false,
	  IB_POLL_WORKQUEUE },
	{ "drain_of_the_provider", &reset_own_drain, error_hold, IB_QPT_RC,
	  false, IB_POLL_WORKQUEUE },
	{ "flush_signal", &reset_iwarp, error_never_signal, IB_QPT_RC, false,
	  IB_POLL_WORKQUEUE },
};

KUNIT_ARRAY_PARAM_DESC(error_wait, error_waits, name);

static struct ib_qp *error_create_waiting(struct kunit *test)
{
	const struct error_wait *param = test->param_value;
	struct ulp *ulp = reset_create(test, param->config);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, param->poll_ctx);
	struct ib_qp_init_attr attr = {
		.qp_type = param->type,
		.send_cq = cq,
		.recv_cq = cq,
		.srq = param->srq ? ulp_create_srq(ulp) : NULL,
	};
	struct ib_qp *qp = ulp_create_qp(ulp, &attr, IB_QPS_RTS);

	ulp_post(ulp, qp, 4, param->srq ? 0 : 4);
	param->prepare(qp);
	return qp;
}

static void drain_that_waits_ends(struct kunit *test)
{
	struct ib_qp *qp = error_create_waiting(test);
	struct ulp *ulp = test->priv;
	struct ulp_task *drain = ulp_start_drain(ulp, qp);

	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

static void drain_that_comes_later_does_not_wait(struct kunit *test)
{
	struct ib_qp *qp = error_create_waiting(test);
	struct ulp *ulp = test->priv;

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, qp));
	ulp_expect_all_done(ulp);
}

static void bounded_drain_succeeds_early(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task args = { .qp = qp, .timeout = 2 * ULP_PATIENCE };
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	drain = ulp_start(ulp, ulp_do_drain_timeout, &args);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, drain->ret, 0);
	ulp_expect_all_done(ulp);
}

/* Flushed work is still the consumer's: a drain waits for its done() */
static void drain_waits_for_done_all_the_same(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	ulp_hold_done(ulp);
	fake_enter_error_mode(ulp->fake);
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	ulp_release_done(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
}

/*
 * A drain that stalls
 */

static struct ulp_task *error_stall(struct ulp *ulp)
{
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	ulp_post(ulp, qp, 4, 4);
	fake_qp_hold(qp, true, true);
	KUNIT_EXPECT_EQ(ulp->test, 0,
			fake_write(ulp->fake, "drain/stall_ms", "20"));
	return ulp_start_drain(ulp, qp);
}

static void drain_that_stalls_leads_to_error_mode_if_so_told(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *drain;

	KUNIT_ASSERT_EQ(test, 0,
			fake_write(ulp->fake, "drain/stall_policy", "error"));
	drain = error_stall(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_TRUE(test, ib_device_in_error(&ulp->fake->ibdev));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_DRAIN_STALL);
	ulp_expect_all_done(ulp);
}

static void drain_that_stalls_is_only_reported_by_default(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *drain = error_stall(ulp);

	KUNIT_EXPECT_TRUE(test, ulp_poll_until(fake_read_number(ulp->fake,
								"drain/stalled")));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	KUNIT_EXPECT_FALSE(test, ib_device_in_error(&ulp->fake->ibdev));
}

/* In the provider's modify_qp, where the drain cannot look around itself */
static struct ulp_task *error_stall_in_modify(struct ulp *ulp)
{
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *drain;

	ulp_post(ulp, qp, 4, 4);
	fake_hang(ulp->fake, FAKE_MODIFY_QP);
	KUNIT_EXPECT_EQ(ulp->test, 0,
			fake_write(ulp->fake, "drain/stall_ms", "20"));
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(ulp->test, fake_hangs_in(ulp->fake, FAKE_MODIFY_QP));
	return drain;
}

static void move_that_stalls_leads_to_error_mode_if_so_told(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *drain;

	KUNIT_ASSERT_EQ(test, 0,
			fake_write(ulp->fake, "drain/stall_policy", "error"));
	drain = error_stall_in_modify(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_TRUE(test, ib_device_in_error(&ulp->fake->ibdev));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_DRAIN_STALL);
	ulp_expect_all_done(ulp);
}

/* Each time anew, until it ends */
static void move_that_stalls_is_only_reported_by_default(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *drain = error_stall_in_modify(ulp);

	KUNIT_EXPECT_TRUE(test, ulp_poll_until(fake_read_number(ulp->fake,
								"drain/stalled") >= 2));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	KUNIT_EXPECT_FALSE(test, ib_device_in_error(&ulp->fake->ibdev));
	fake_resume(ulp->fake, FAKE_MODIFY_QP);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	KUNIT_EXPECT_EQ(test, fake_read_number(ulp->fake, "drain/completed"), 1);
	ulp_expect_all_done(ulp);
}

static void stall_policy_is_one_of_two(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_device *fake = ulp->fake;
	char text[FAKE_ATTR_LEN];

	KUNIT_EXPECT_EQ(test, -EINVAL,
			fake_write(fake, "drain/stall_policy", "panic"));
	KUNIT_EXPECT_EQ(test, -EINVAL, fake_write(fake, "drain/stall_policy", ""));
	KUNIT_EXPECT_STREQ(test, fake_read(fake, "drain/stall_policy", text),
			   "report");
	KUNIT_EXPECT_EQ(test, 0, fake_write(fake, "drain/stall_policy", "error"));
	KUNIT_EXPECT_STREQ(test, fake_read(fake, "drain/stall_policy", text),
			   "error");
	KUNIT_EXPECT_EQ(test, 0,
			fake_write(fake, "drain/stall_policy", "report\n"));
	KUNIT_EXPECT_STREQ(test, fake_read(fake, "drain/stall_policy", text),
			   "report");
}

/*
 * Entering
 */

static void device_tells_that_it_is_in_error(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	char text[FAKE_ATTR_LEN];

	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_FALSE(test, ib_device_in_error(&ulp->fake->ibdev));
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_UNRESPONSIVE);
	KUNIT_EXPECT_TRUE(test, fake_reaches(ulp->fake, IB_DEVICE_ERROR));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ib_device_in_error(&ulp->fake->ibdev));
	reset_expect_state(ulp, "error");
	KUNIT_EXPECT_STREQ(test, fake_read(ulp->fake, "reset_reason", text),
			   "unresponsive");
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents, "error/unresponsive");
}

/* The handlers find the device in error mode, and its work flushed */
static void each_client_hears_of_it_once(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct fake_client *b = fake_client_start(ulp, 'b');

	fake_forget_story(ulp->fake);
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_STREQ(test, ulp->fake->story, "error !a !b");
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->fatal), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->fatal), 1);
}

static void entering_again_does_nothing(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_enter_error_mode(ulp->fake);
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_PCI_ERROR);
	flush_work(&reset_of(ulp)->error_work);
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->reason, IB_RESET_DEVICE_ERROR);
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents, "error/device_error");
}

static int error_do_enter(struct ulp_task *task)
{
	fake_enter_error_mode(task->fake);
	return 0;
}

static void entering_from_all_sides_is_entering_once(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task args = { .fake = ulp->fake }, *tasks[4];
	unsigned int i;

	fake_hang(ulp->fake, FAKE_ENTER_ERROR);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		tasks[i] = ulp_start(ulp, error_do_enter, &args);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_ENTER_ERROR));
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(tasks[0]));
	fake_resume(ulp->fake, FAKE_ENTER_ERROR);
	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		KUNIT_EXPECT_TRUE(test, ulp_task_ended(tasks[i]));
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
}

static void entering_is_possible_with_interrupts_disabled(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	unsigned long flags;

	spin_lock_irqsave(&ulp->fake->lock, flags);
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_PCI_ERROR);
	spin_unlock_irqrestore(&ulp->fake->lock, flags);
	KUNIT_EXPECT_TRUE(test, fake_reaches(ulp->fake, IB_DEVICE_ERROR));
}

struct error_irq {
	struct irq_work work;
	struct ib_device *dev;
};

static void error_enter_in_irq(struct irq_work *work)
{
	ib_device_enter_error(container_of(work, struct error_irq, work)->dev,
			      IB_RESET_PCI_ERROR);
}

static void entering_is_possible_in_a_hard_interrupt(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct error_irq irq = {
		.work = IRQ_WORK_INIT_HARD(error_enter_in_irq),
		.dev = &ulp->fake->ibdev,
	};

	irq_work_queue(&irq.work);
	irq_work_sync(&irq.work);
	KUNIT_EXPECT_TRUE(test, fake_reaches(ulp->fake, IB_DEVICE_ERROR));
}

static void device_without_error_mode_is_left_alone(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_no_hooks);

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_FALSE(test, ib_device_in_error(&ulp->fake->ibdev));
	reset_expect_state(ulp, "active");
	KUNIT_EXPECT_STREQ(test, ulp->fake->uevents, "");
}

static int error_do_post_send(struct ulp_task *task)
{
	struct ib_send_wr wr = { .opcode = IB_WR_SEND };

	return ib_post_send(task->qp, &wr, NULL);
}

/* From before the provider flushes, not from when it is through */
static void posts_fail_while_the_provider_still_flushes(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *post;

	fake_hang(ulp->fake, FAKE_ENTER_ERROR);
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_DEVICE_ERROR);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_ENTER_ERROR));
	KUNIT_EXPECT_TRUE(test, ib_device_in_error(&ulp->fake->ibdev));
	post = ulp_start(ulp, error_do_post_send, &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(post));
	KUNIT_EXPECT_EQ(test, post->ret, -EIO);
	fake_resume(ulp->fake, FAKE_ENTER_ERROR);
	flush_work(&reset_of(ulp)->error_work);
}

/*
 * The bad ops are in place, what is in flight is not flushed yet: the drain must
 * not take the refusal of ERR for the end of the work.
 */
static void drain_waits_for_the_provider_that_still_flushes(struct kunit *test)
{
	struct ib_qp *qp = error_create_waiting(test);
	struct ulp *ulp = test->priv;
	struct ulp_task *drain;

	fake_hang(ulp->fake, FAKE_ENTER_ERROR);
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_DEVICE_ERROR);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_ENTER_ERROR));
	drain = ulp_start_drain(ulp, qp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(drain));
	fake_resume(ulp->fake, FAKE_ENTER_ERROR);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(drain));
	ulp_expect_all_done(ulp);
	flush_work(&reset_of(ulp)->error_work);
}

/*
 * Entering while the device goes
 */

static void device_goes_while_its_provider_still_flushes(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ulp_task *unregister;

	fake_hang(ulp->fake, FAKE_ENTER_ERROR);
	ib_device_enter_error(&ulp->fake->ibdev, IB_RESET_DEVICE_ERROR);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_ENTER_ERROR));
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, ulp_task_waits(unregister));
	fake_resume(ulp->fake, FAKE_ENTER_ERROR);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 1);
}

static void device_that_is_gone_enters_nothing(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);

	fake_unregister(ulp->fake);
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, ulp->fake->entered_error, 0);
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
}

static void device_breaks_while_its_client_is_removed(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct fake_client *a = fake_client_start(ulp, 'a');
	struct ulp_task *unregister;

	a->faulty = true;
	fake_hang(ulp->fake, FAKE_CLIENT_REMOVE);
	unregister = reset_start_unregister(ulp);
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_CLIENT_REMOVE));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, atomic_read(&a->fatal), 1);
	fake_resume(ulp->fake, FAKE_CLIENT_REMOVE);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(unregister));
	KUNIT_EXPECT_EQ(test, reset_of(ulp)->state, IB_DEVICE_GONE);
}

/*
 * What races with it
 */

#define ERROR_POSTERS	4
#define ERROR_MAX_POSTS	1000

struct error_wr {
	struct ib_cqe cqe;
	atomic_t completions;
};

struct error_poster {
	struct error_wr *wrs;
	unsigned int n;
	bool late;	/* accepted after error mode had been entered */
};

struct error_race {
	struct ib_qp *qps[ERROR_POSTERS];
	struct error_poster posters[ERROR_POSTERS];
	bool entered;
};

static struct error_race error_race;

static void error_wr_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct error_wr *wr = container_of(wc->wr_cqe, struct error_wr, cqe);

	atomic_inc(&wr->completions);
}

static int error_post(struct ib_qp *qp, struct error_wr *wr, bool send)
{
	struct ib_send_wr swr = { .opcode = IB_WR_SEND, .wr_cqe = &wr->cqe };
	struct ib_recv_wr rwr = { .wr_cqe = &wr->cqe };

	wr->cqe.done = error_wr_done;
	return send ? ib_post_send(qp, &swr, NULL) :
		      ib_post_recv(qp, &rwr, NULL);
}

/* Post until it fails for good, and some more */
static int error_do_post(struct ulp_task *task)
{
	struct error_poster *poster = &error_race.posters[task->n];
	struct ib_qp *qp = error_race.qps[task->n];
	unsigned int refused = 0;
	bool entered;
	int ret;

	while (refused < 100 && poster->n < ERROR_MAX_POSTS) {
		/* pairs with the release after error mode has been entered */
		entered = smp_load_acquire(&error_race.entered);
		ret = error_post(qp, &poster->wrs[poster->n], poster->n & 1);
		if (ret == -EIO) {
			refused++;
			continue;
		}
		if (ret)
			return ret;
		WRITE_ONCE(poster->n, poster->n + 1);
		poster->late |= entered;
		/* some of it is executed meanwhile, as ever */
		if (!(poster->n % 16))
			fake_qp_complete(qp, 4, 4);
		cond_resched();
	}
	return 0;
}

static bool error_all_post(void)
{
	unsigned int i;

	for (i = 0; i < ERROR_POSTERS; i++)
		if (READ_ONCE(error_race.posters[i].n) < 20)
			return false;
	return true;
}

static struct ib_qp *error_create_racer(struct ulp *ulp,
					enum ib_poll_context poll_ctx)
{
	struct ib_cq *cq = ulp_alloc_cq(ulp, 2 * ERROR_MAX_POSTS, poll_ctx);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.cap.max_send_wr = ERROR_MAX_POSTS,
		.cap.max_recv_wr = ERROR_MAX_POSTS,
	};

	return ulp_create_qp(ulp, &attr, IB_QPS_RTS);
}

static void error_check_poster(struct kunit *test,
			       const struct error_poster *poster)
{
	unsigned int i, lost = 0, twice = 0;

	for (i = 0; i < poster->n; i++) {
		lost += !atomic_read(&poster->wrs[i].completions);
		twice += atomic_read(&poster->wrs[i].completions) > 1;
	}
	KUNIT_EXPECT_GT(test, poster->n, 0);
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, twice, 0);
	KUNIT_EXPECT_FALSE(test, poster->late);
}

static void post_is_refused_or_completed_once(struct kunit *test)
{
	const struct error_ctx *ctx = test->param_value;
	struct ulp *ulp = reset_create(test, ctx->config);
	struct ulp_task *tasks[ERROR_POSTERS];
	unsigned int i;

	memset(&error_race, 0, sizeof(error_race));
	for (i = 0; i < ERROR_POSTERS; i++) {
		error_race.posters[i].wrs =
			kunit_kcalloc(test, ERROR_MAX_POSTS,
				      sizeof(struct error_wr), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, error_race.posters[i].wrs);
		error_race.qps[i] = error_create_racer(ulp, ctx->poll_ctx);
	}
	for (i = 0; i < ERROR_POSTERS; i++)
		tasks[i] = ulp_start(ulp, error_do_post, &(struct ulp_task){
			.fake = ulp->fake,
			.n = i,
			.cpu = i % num_online_cpus(),
		});
	KUNIT_EXPECT_TRUE(test, fake_wait_until(ulp->fake, error_all_post()));
	fake_enter_error_mode(ulp->fake);
	/* who sees this must see error mode: error_do_post() */
	smp_store_release(&error_race.entered, true);
	for (i = 0; i < ERROR_POSTERS; i++) {
		KUNIT_EXPECT_TRUE(test, ulp_task_ended(tasks[i]));
		KUNIT_EXPECT_EQ(test, tasks[i]->ret, 0);
		KUNIT_EXPECT_TRUE(test, ulp_drain(ulp, error_race.qps[i]));
		error_check_poster(test, &error_race.posters[i]);
	}
}

/* Past the table of ops already: the provider decides */
static void post_that_is_past_the_ops_is_refused(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	struct ulp_task *post;

	fake_hang(ulp->fake, FAKE_POST_SEND);
	post = ulp_start(ulp, error_do_post_send, &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_POST_SEND));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(post));
	KUNIT_EXPECT_EQ(test, post->ret, -EIO);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.used, 0);
}

static int error_do_create_qp(struct ulp_task *task)
{
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = task->qp->send_cq,
		.recv_cq = task->qp->recv_cq,
		.cap.max_send_wr = ULP_MAX_WR,
	};

	return PTR_ERR_OR_ZERO(ib_create_qp(task->qp->pd, &attr));
}

static int error_do_alloc_mr(struct ulp_task *task)
{
	return PTR_ERR_OR_ZERO(ib_alloc_mr(task->qp->pd, IB_MR_TYPE_MEM_REG, 1));
}

static int error_do_modify_qp(struct ulp_task *task)
{
	return ulp_modify_qp(task->qp, IB_QPS_SQD);
}

struct error_verb {
	const char *name;
	enum fake_verb verb;
	int (*fn)(struct ulp_task *task);
};

static const struct error_verb error_verbs[] = {
	{ "create_qp", FAKE_CREATE_QP, error_do_create_qp },
	{ "alloc_mr", FAKE_ALLOC_MR, error_do_alloc_mr },
	{ "modify_qp", FAKE_MODIFY_QP, error_do_modify_qp },
};

KUNIT_ARRAY_PARAM_DESC(error_verb, error_verbs, name);

/* The device had not answered it; now it fails, and nothing has come of it */
static void verb_that_hangs_in_the_hardware_fails(struct kunit *test)
{
	const struct error_verb *param = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);
	unsigned int objects = ulp->fake->objects;
	struct ulp_task *task;

	fake_hang(ulp->fake, param->verb);
	task = ulp_start(ulp, param->fn, &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, param->verb));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(task));
	KUNIT_EXPECT_EQ(test, task->ret, -EIO);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, objects);
}

static int error_do_destroy_qp(struct ulp_task *task)
{
	return ib_destroy_qp(task->qp);
}

/* A release that the device had not answered succeeds now */
static void release_that_hangs_in_the_hardware_ends(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_cq *cq = ulp_alloc_cq(ulp, ULP_CQE, IB_POLL_WORKQUEUE);
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = cq,
		.recv_cq = cq,
		.cap.max_send_wr = ULP_MAX_WR,
	};
	unsigned int objects;
	struct ulp_task *task;
	struct ib_qp *qp;

	ulp_create_rc(ulp, cq, cq);
	objects = ulp->fake->objects;
	qp = ib_create_qp(ulp->pd, &attr);
	KUNIT_ASSERT_FALSE(test, IS_ERR(qp));
	fake_hang(ulp->fake, FAKE_DESTROY_QP);
	task = ulp_start(ulp, error_do_destroy_qp,
			 &(struct ulp_task){ .qp = qp });
	KUNIT_EXPECT_TRUE(test, fake_hangs_in(ulp->fake, FAKE_DESTROY_QP));
	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_TRUE(test, ulp_task_ended(task));
	KUNIT_EXPECT_EQ(test, task->ret, 0);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, objects);
}

/*
 * Release verbs in error mode
 */

/* One of each kind, all that a ULP has */
struct error_objects {
	struct ib_pd *pd;
	struct ib_mr *mr;
	struct ib_cq *cq;
	struct ib_srq *srq;
	struct ib_qp *qp;
};

static struct error_objects error_create_objects(struct ulp *ulp)
{
	struct ib_device *dev = &ulp->fake->ibdev;
	struct ib_srq_init_attr srq_attr = {
		.srq_type = IB_SRQT_BASIC,
		.attr = { .max_wr = 4, .max_sge = 1 },
	};
	struct ib_qp_init_attr qp_attr = {
		.qp_type = IB_QPT_RC,
		.cap.max_send_wr = ULP_MAX_WR,
	};
	struct error_objects o;

	o.pd = ib_alloc_pd(dev, 0);
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(o.pd));
	o.mr = ib_alloc_mr(o.pd, IB_MR_TYPE_MEM_REG, 1);
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(o.mr));
	o.cq = ib_alloc_cq(dev, NULL, 4, 0, IB_POLL_WORKQUEUE);
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(o.cq));
	o.srq = ib_create_srq(o.pd, &srq_attr);
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(o.srq));
	qp_attr.send_cq = o.cq;
	qp_attr.recv_cq = o.cq;
	o.qp = ib_create_qp(o.pd, &qp_attr);
	KUNIT_ASSERT_FALSE(ulp->test, IS_ERR(o.qp));
	return o;
}

/* As ULPs do it: some of these have no way to report a failure */
static void error_expect_release(struct ulp *ulp, struct error_objects *o)
{
	KUNIT_EXPECT_EQ(ulp->test, ib_destroy_qp(o->qp), 0);
	ib_destroy_srq(o->srq);
	ib_free_cq(o->cq);
	KUNIT_EXPECT_EQ(ulp->test, ib_dereg_mr(o->mr), 0);
	ib_dealloc_pd(o->pd);
}

static void objects_are_released_in_error_mode(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct error_objects objects = error_create_objects(ulp);

	fake_enter_error_mode(ulp->fake);
	error_expect_release(ulp, &objects);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&reset_of(ulp)->nr_leaked), 0);
}

struct error_release {
	const char *name;
	enum fake_verb verb;
};

static const struct error_release error_releases[] = {
	{ "destroy_qp", FAKE_DESTROY_QP },
	{ "destroy_srq", FAKE_DESTROY_SRQ },
	{ "destroy_cq", FAKE_DESTROY_CQ },
	{ "dereg_mr", FAKE_DEREG_MR },
	{ "dealloc_pd", FAKE_DEALLOC_PD },
};

KUNIT_ARRAY_PARAM_DESC(error_release, error_releases, name);

static struct ulp *error_leak(struct kunit *test)
{
	const struct error_release *param = test->param_value;
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct error_objects objects = error_create_objects(ulp);

	fake_fail(ulp->fake, param->verb, -EBUSY, 1);
	fake_outlive_death(ulp->fake, param->verb);
	fake_enter_error_mode(ulp->fake);
	error_expect_release(ulp, &objects);
	return ulp;
}

/* The provider still uses it: what is freed too early is found by KASAN */
static void object_that_is_not_released_is_leaked_and_reported(struct kunit *test)
{
	const struct error_release *param = test->param_value;
	struct ulp *ulp;

	reset_log_start(test);
	ulp = error_leak(test);
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&reset_of(ulp)->nr_leaked), 1);
	KUNIT_EXPECT_TRUE(test, reset_log_has(param->name));
	KUNIT_EXPECT_TRUE(test, reset_log_has("leaked"));
	KUNIT_EXPECT_EQ(test, list_count_nodes(&ulp->fake->leaked), 1);
}

static void hardware_is_not_reset_below_a_leaked_object(struct kunit *test)
{
	struct ulp *ulp = error_leak(test);

	KUNIT_EXPECT_EQ(test, reset_write(ulp), -EBUSY);
	reset_expect_state(ulp, "failed");
	KUNIT_EXPECT_EQ(test, ulp->fake->resets, 0);
}

static struct kunit_case error_mode_cases[] = {
	KUNIT_CASE_PARAM(work_in_flight_is_flushed, error_ctx_gen_params),
	KUNIT_CASE(work_in_flight_is_flushed_into_a_direct_cq),
	KUNIT_CASE(handler_of_every_cq_is_called),
	KUNIT_CASE_PARAM(cq_may_be_freed_when_error_mode_calls_it,
			 error_ctx_gen_params),
	KUNIT_CASE_PARAM(drain_that_waits_ends, error_wait_gen_params),
	KUNIT_CASE_PARAM(drain_that_comes_later_does_not_wait,
			 error_wait_gen_params),
	KUNIT_CASE(bounded_drain_succeeds_early),
	KUNIT_CASE(drain_waits_for_done_all_the_same),
	KUNIT_CASE(drain_that_stalls_leads_to_error_mode_if_so_told),
	KUNIT_CASE(drain_that_stalls_is_only_reported_by_default),
	KUNIT_CASE(move_that_stalls_leads_to_error_mode_if_so_told),
	KUNIT_CASE(move_that_stalls_is_only_reported_by_default),
	KUNIT_CASE(stall_policy_is_one_of_two),
	KUNIT_CASE(device_tells_that_it_is_in_error),
	KUNIT_CASE(each_client_hears_of_it_once),
	KUNIT_CASE(entering_again_does_nothing),
	KUNIT_CASE(entering_from_all_sides_is_entering_once),
	KUNIT_CASE(entering_is_possible_with_interrupts_disabled),
	KUNIT_CASE(entering_is_possible_in_a_hard_interrupt),
	KUNIT_CASE(device_without_error_mode_is_left_alone),
	KUNIT_CASE(posts_fail_while_the_provider_still_flushes),
	KUNIT_CASE_PARAM(drain_waits_for_the_provider_that_still_flushes,
			 error_wait_gen_params),
	KUNIT_CASE(device_goes_while_its_provider_still_flushes),
	KUNIT_CASE(device_that_is_gone_enters_nothing),
	KUNIT_CASE(device_breaks_while_its_client_is_removed),
	KUNIT_CASE_PARAM(post_is_refused_or_completed_once,
			 error_ctx_gen_params),
	KUNIT_CASE(post_that_is_past_the_ops_is_refused),
	KUNIT_CASE_PARAM(verb_that_hangs_in_the_hardware_fails,
			 error_verb_gen_params),
	KUNIT_CASE(release_that_hangs_in_the_hardware_ends),
	KUNIT_CASE(objects_are_released_in_error_mode),
	KUNIT_CASE_PARAM(object_that_is_not_released_is_leaked_and_reported,
			 error_release_gen_params),
	KUNIT_CASE_PARAM(hardware_is_not_reset_below_a_leaked_object,
			 error_release_gen_params),
	{}
};

static struct kunit_suite error_mode_suite = {
	.name = "rdma_error_mode",
	.test_cases = error_mode_cases,
};

kunit_test_suite(error_mode_suite);
