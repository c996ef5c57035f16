// SPDX-License-Identifier: GPL-2.0
/*
 * A client of the core that comes and goes with a fake device, and has work in
 * flight in between.
 */
#include <linux/slab.h>

#include "fake_priv.h"
#include "fake_reset.h"

static void fake_client_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct fake_client_wr *wr = container_of(wc->wr_cqe,
						 struct fake_client_wr, cqe);

	if (wc->status == IB_WC_WR_FLUSH_ERR)
		atomic_inc(&wr->owner->flushed);
	atomic_inc(&wr->owner->done);
	wake_up_all(&wr->owner->ulp->fake->changed);
}

static void fake_client_event(struct ib_event_handler *handler,
			      struct ib_event *event)
{
	struct fake_client *client = container_of(handler, struct fake_client,
						  events);

	if (event->event != IB_EVENT_DEVICE_FATAL)
		return;
	atomic_inc(&client->fatal);
	fake_note(client->ulp->fake, "!%s", client->name);
}

static int fake_client_move_qp(struct ib_qp *qp)
{
	return ulp_modify_qp(qp, IB_QPS_INIT) ?:
	       ulp_modify_qp(qp, IB_QPS_RTR) ?:
	       ulp_modify_qp(qp, IB_QPS_RTS);
}

static int fake_client_post(struct fake_client *client, unsigned int i)
{
	struct ib_send_wr swr = { .opcode = IB_WR_SEND };
	struct ib_recv_wr rwr = {};
	int ret;

	client->wrs[i].owner = client;
	client->wrs[i].cqe.done = fake_client_done;
	swr.wr_cqe = &client->wrs[i].cqe;
	rwr.wr_cqe = &client->wrs[i].cqe;
	if (i & 1)
		ret = ib_post_send(client->qp, &swr, NULL);
	else
		ret = ib_post_recv(client->qp, &rwr, NULL);
	client->posted += !ret;
	return ret;
}

static void fake_client_release(struct fake_client *client)
{
	if (!IS_ERR_OR_NULL(client->qp))
		ib_destroy_qp(client->qp);
	if (!IS_ERR_OR_NULL(client->cq))
		ib_free_cq(client->cq);
	if (!IS_ERR_OR_NULL(client->pd) && !client->forgets_pd) {
		ib_dealloc_pd(client->pd);
		client->pd = NULL;
	}
	client->qp = NULL;
	client->cq = NULL;
}

/* A protection domain, a CQ and a QP with work that nothing executes */
static int fake_client_set_up(struct fake_client *client, struct ib_device *dev)
{
	struct ib_qp_init_attr attr = {
		.qp_type = IB_QPT_RC,
		.qp_context = client,
		.cap.max_send_wr = ULP_MAX_WR,
		.cap.max_recv_wr = ULP_MAX_WR,
	};
	unsigned int i;
	int ret;

	client->pd = ib_alloc_pd(dev, 0);
	if (IS_ERR(client->pd))
		return PTR_ERR(client->pd);
	client->cq = ib_alloc_cq(dev, client, ULP_CQE, 0, IB_POLL_WORKQUEUE);
	if (IS_ERR(client->cq))
		return PTR_ERR(client->cq);
	attr.send_cq = client->cq;
	attr.recv_cq = client->cq;
	client->qp = ib_create_qp(client->pd, &attr);
	if (IS_ERR(client->qp))
		return PTR_ERR(client->qp);
	ret = fake_client_move_qp(client->qp);
	for (i = 0; i < client->work && !ret; i++)
		ret = fake_client_post(client, i);
	return ret;
}

/* What it has of the device, while it is neither removed nor stopped */
static int fake_client_open(struct fake_client *client, struct ib_device *dev)
{
	int ret;

	client->posted = 0;
	atomic_set(&client->done, 0);
	atomic_set(&client->flushed, 0);
	client->pd = NULL;
	client->cq = NULL;
	client->qp = NULL;
	if (client->work) {
		ret = fake_client_set_up(client, dev);
		if (ret) {
			fake_client_release(client);
			return ret;
		}
	}
	if (client->keeps_device)
		client->kept = ib_device_try_get(dev);
	if (client->opens_context)
		client->context = fake_context_open(client->ulp->fake);
	INIT_IB_EVENT_HANDLER(&client->events, dev, fake_client_event);
	ib_register_event_handler(&client->events);
	client->running = true;
	return 0;
}

void fake_client_close_context(struct fake_client *client)
{
	if (client->context)
		fake_context_close(client->context);
	client->context = NULL;
}
EXPORT_SYMBOL_GPL(fake_client_close_context);

static void fake_client_close(struct fake_client *client)
{
	client->running = false;
	ib_unregister_event_handler(&client->events);
	if (client->qp && client->drains)
		ib_drain_qp(client->qp);
	client->undone_at_release = client->posted - atomic_read(&client->done);
	client->flushed_at_release = atomic_read(&client->flushed);
	fake_client_release(client);
	fake_client_close_context(client);
}

static int fake_client_arrive(struct fake_client *client, struct ib_device *dev)
{
	struct fake_device *fake = client->ulp->fake;
	int ret;

	fake_note(fake, "+%s", client->name);
	ret = client->faulty ? fake_fault(fake, FAKE_CLIENT_ADD) : 0;
	ret = ret ?: fake_client_open(client, dev);
	if (ret)
		return ret;

	ib_set_client_data(dev, &client->client, client);
	client->added++;
	client->present = true;
	return 0;
}

static void fake_client_leave(struct fake_client *client, struct ib_device *dev)
{
	struct fake_device *fake = client->ulp->fake;

	fake_note(fake, "-%s", client->name);
	if (client->faulty)
		fake_fault(fake, FAKE_CLIENT_REMOVE);
	if (client->running)
		fake_client_close(client);
	client->removed++;
	client->present = false;
}

static void fake_client_stop(struct ib_device *dev, void *client_data)
{
	struct fake_client *client = client_data;

	fake_note(client->ulp->fake, "<%s", client->name);
	if (client->faulty)
		fake_fault(client->ulp->fake, FAKE_CLIENT_STOP);
	fake_client_close(client);
	client->stopped++;
}

static int fake_client_restart(struct ib_device *dev, void *client_data)
{
	struct fake_client *client = client_data;
	struct fake_device *fake = client->ulp->fake;
	int ret;

	fake_note(fake, ">%s", client->name);
	if (ib_get_client_data(dev, &client->client) != client_data)
		client->strangers++;
	ret = client->faulty ? fake_fault(fake, FAKE_CLIENT_START) : 0;
	ret = ret ?: fake_client_open(client, dev);
	client->started += !ret;
	return ret;
}

/* Before it is registered: stop it in a reset, rather than remove it */
void fake_client_keep_state(struct fake_client *client)
{
	client->client.stop = fake_client_stop;
	client->client.start = fake_client_restart;
}
EXPORT_SYMBOL_GPL(fake_client_keep_state);

/*
 * An add function is not told for which client it is called: each client needs
 * one of its own.
 */
static struct fake_client *fake_clients[FAKE_MAX_CLIENTS];

static int fake_client_add(unsigned int slot, struct ib_device *dev)
{
	struct fake_client *client = fake_clients[slot];

	if (dev != &client->ulp->fake->ibdev)
		return -EOPNOTSUPP;
	return fake_client_arrive(client, dev);
}

static void fake_client_remove(struct ib_device *dev, void *client_data)
{
	fake_client_leave(client_data, dev);
}

#define FAKE_CLIENT_ADD(slot)						\
static int fake_client_add_##slot(struct ib_device *dev)		\
{									\
	return fake_client_add(slot, dev);				\
}

FAKE_CLIENT_ADD(0)
FAKE_CLIENT_ADD(1)
FAKE_CLIENT_ADD(2)

static int (*const fake_client_adds[FAKE_MAX_CLIENTS])(struct ib_device *) = {
	fake_client_add_0, fake_client_add_1, fake_client_add_2,
};

void fake_client_register(struct fake_client *client)
{
	KUNIT_ASSERT_EQ(client->ulp->test, 0,
			ib_register_client(&client->client));
	client->registered = true;
}
EXPORT_SYMBOL_GPL(fake_client_register);

void fake_client_unregister(struct fake_client *client)
{
	ib_unregister_client(&client->client);
	client->registered = false;
}
EXPORT_SYMBOL_GPL(fake_client_unregister);

/* What a client that forgets left behind; the device may be used again */
void fake_client_free_pd(struct fake_client *client)
{
	if (!IS_ERR_OR_NULL(client->pd))
		ib_dealloc_pd(client->pd);
	client->pd = NULL;
}
EXPORT_SYMBOL_GPL(fake_client_free_pd);

void fake_client_put_device(struct fake_client *client)
{
	if (client->kept)
		ib_device_put(&client->ulp->fake->ibdev);
	client->kept = false;
}
EXPORT_SYMBOL_GPL(fake_client_put_device);

/* After a task got stuck, or a reset, the client is left to it */
static void fake_client_destroy(void *data)
{
	struct fake_client *client = data;
	struct ulp *ulp = client->ulp;
	unsigned int i;

	fake_client_put_device(client);
	ulp_join(ulp);
	if (!fake_is_settled(ulp->fake))
		ulp->stuck = true;
	if (ulp->stuck)
		return;
	if (client->registered)
		fake_client_unregister(client);
	fake_client_free_pd(client);
	for (i = 0; i < FAKE_MAX_CLIENTS; i++)
		if (fake_clients[i] == client)
			fake_clients[i] = NULL;
	kfree(client);
}

/**
 * fake_client_create() - make a client, for fake_client_register()
 * @ulp: case that it belongs to, and whose device it wants
 * @name: a letter
 *
 * Returns: the client.
 */
struct fake_client *fake_client_create(struct ulp *ulp, char name)
{
	struct fake_client *client;
	unsigned int i;

	for (i = 0; i < FAKE_MAX_CLIENTS && fake_clients[i]; i++)
		;
	KUNIT_ASSERT_LT(ulp->test, i, FAKE_MAX_CLIENTS);
	client = kzalloc(sizeof(*client), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(ulp->test, client);
	fake_clients[i] = client;
	client->ulp = ulp;
	client->name[0] = name;
	client->client.name = client->name;
	client->client.add = fake_client_adds[i];
	client->client.remove = fake_client_remove;
	client->client.no_kverbs_req = true;
	KUNIT_ASSERT_EQ(ulp->test, 0,
			kunit_add_action_or_reset(ulp->test,
						  fake_client_destroy, client));
	return client;
}
EXPORT_SYMBOL_GPL(fake_client_create);

static struct fake_client *fake_client_create_busy(struct ulp *ulp, char name)
{
	struct fake_client *client = fake_client_create(ulp, name);

	client->work = 4;
	client->drains = true;
	return client;
}

/* A registered client with some work in flight, which drains when removed */
struct fake_client *fake_client_start(struct ulp *ulp, char name)
{
	struct fake_client *client = fake_client_create_busy(ulp, name);

	fake_client_register(client);
	return client;
}
EXPORT_SYMBOL_GPL(fake_client_start);

/* The same, but it keeps its state over a reset */
struct fake_client *fake_client_start_keeper(struct ulp *ulp, char name)
{
	struct fake_client *client = fake_client_create_busy(ulp, name);

	fake_client_keep_state(client);
	fake_client_register(client);
	return client;
}
EXPORT_SYMBOL_GPL(fake_client_start_keeper);
