// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that keep their state over a reset: they are stopped where others are
 * removed, and started where others are added.
 */
#include "client_stop.h"
#include "reset.h"

/**
 * DOC: Stopped clients
 *
 * What a client has of one device is in one of three states, by the marks of
 * &ib_device.client_data::
 *
 *            add                     stop
 *   (none) -------> REGISTERED ---------------> STOPPED
 *     ^               |    ^                     |   |
 *     |    remove     |    |        start        |   |
 *     +---------------+    +---------------------+   |
 *     |              remove, without start           |
 *     +----------------------------------------------+
 *
 * Whoever clears a mark, with &ib_device.client_data_rwsem held for write, is the
 * one who calls the client next. So each client is removed once, whoever comes
 * first: the reset, the unregistration of the client, or that of the device.
 *
 * STOPPED exists only within one reset in place, which holds
 * &ib_device.unregistration_lock: a reset that ends leaves nobody stopped, and a
 * device that is unregistered has no stopped clients.
 *
 * A stopped client holds no reference to the device, because the reset waits
 * for the last one. It goes on to hold its use of the client, so that the client
 * stays registered until it has been started or removed. ib_unregister_client()
 * doesn't wait for the reset: it removes the client there and then. It holds
 * but the kobject of the device meanwhile, hence the reset waits for it
 * (&ib_device_reset.nr_stopped).
 *
 * Locks: stop and remove are called without any but
 * &ib_device.unregistration_lock. Start is called, as add is, inside the read
 * sides of devices_rwsem, clients_rwsem and &ib_device.client_data_rwsem.
 */

static bool ib_client_has_both(const struct ib_client *client)
{
	return client->stop && client->start;
}

/* The client, if it is to be stopped: the caller is the one who does */
static struct ib_client *ib_client_take_registered(struct ib_device *dev,
						   struct xarray *clients,
						   u32 id, void **data)
{
	struct ib_client *client = NULL;

	down_write(&dev->client_data_rwsem);
	if (xa_get_mark(&dev->client_data, id, CLIENT_DATA_REGISTERED))
		client = xa_load(clients, id);
	if (client && !ib_client_has_both(client))
		client = NULL;
	if (client) {
		*data = xa_load(&dev->client_data, id);
		xa_clear_mark(&dev->client_data, id, CLIENT_DATA_REGISTERED);
	}
	up_write(&dev->client_data_rwsem);
	return client;
}

static void ib_client_mark_stopped(struct ib_device *dev, u32 id)
{
	down_write(&dev->client_data_rwsem);
	xa_set_mark(&dev->client_data, id, CLIENT_DATA_STOPPED);
	atomic_inc(&dev->reset.nr_stopped);
	up_write(&dev->client_data_rwsem);
}

/**
 * ib_client_stop() - stop a client instead of removing it
 * @dev: device that is being disabled
 * @clients: all clients
 * @id: the client's
 *
 * Context: Process context, &ib_device.unregistration_lock is held. Sleeps on
 *	the client's stop.
 * Return: true if the client is stopped; false if it is to be removed: it
 *	doesn't know how to be stopped, this is no reset, or it is being
 *	unregistered.
 */
bool ib_client_stop(struct ib_device *dev, struct xarray *clients, u32 id)
{
	struct ib_client *client;
	void *data;

	if (!dev->reset.stops_clients)
		return false;
	client = ib_client_take_registered(dev, clients, id, &data);
	if (!client)
		return false;

	ib_reset_client_stops(dev, client->name);
	client->stop(dev, data);
	ib_client_mark_stopped(dev, id);
	ib_device_put(dev);

	/*
	 * ib_unregister_client() clears its mark before it looks for stopped
	 * clients: it has found this one, or this finds the mark cleared.
	 */
	return xa_get_mark(clients, id, CLIENT_REGISTERED);
}

/**
 * ib_client_may_start() - are the device's stopped clients to be started?
 * @dev: device
 *
 * Context: Process context, &ib_device.unregistration_lock is held.
 * Return: false if the reset has failed, or the device is about to be
 *	unregistered. They are to be removed then.
 */
bool ib_client_may_start(struct ib_device *dev)
{
	return READ_ONCE(dev->reset.state) != IB_DEVICE_FAILED &&
	       !READ_ONCE(dev->reset.going);
}

/**
 * ib_client_start() - start a client if it is stopped
 * @dev: device that is being enabled
 * @client: registered client
 *
 * A client that fails to start stays stopped, and so does each if none may be
 * started any more: to be removed when the locks are released.
 *
 * A device that has broken again doesn't matter: either its next reset stops
 * the client again, or start fails.
 *
 * Context: Process context, devices_rwsem and clients_rwsem are held for read.
 *	Sleeps on the client's start.
 * Return: true if the client was stopped, and is not to be added.
 */
bool ib_client_start(struct ib_device *dev, struct ib_client *client)
{
	const u32 id = client->client_id;
	int ret;

	down_write(&dev->client_data_rwsem);
	if (!ib_client_is_stopped(dev, id)) {
		up_write(&dev->client_data_rwsem);
		return false;
	}
	if (!ib_client_may_start(dev)) {
		up_write(&dev->client_data_rwsem);
		return true;
	}
	xa_clear_mark(&dev->client_data, id, CLIENT_DATA_STOPPED);
	refcount_inc(&dev->refcount);
	downgrade_write(&dev->client_data_rwsem);

	ib_reset_client_starts(dev, client->name);
	ret = client->start(dev, xa_load(&dev->client_data, id));
	ib_reset_client_started(dev, client->name, ret);
	if (ret)
		ibdev_warn(dev, "client %s does not start: %d\n", client->name,
			   ret);
	xa_set_mark(&dev->client_data, id,
		    ret ? CLIENT_DATA_STOPPED : CLIENT_DATA_REGISTERED);
	up_read(&dev->client_data_rwsem);

	if (ret) {
		ib_device_put(dev);
		return true;
	}
	ib_client_put_stopped(dev);
	return true;
}

/**
 * ib_client_is_stopped() - is this client stopped?
 * @dev: device
 * @id: the client's
 *
 * Context: Any.
 * Return: true if it is, at this moment.
 */
bool ib_client_is_stopped(struct ib_device *dev, u32 id)
{
	return xa_get_mark(&dev->client_data, id, CLIENT_DATA_STOPPED);
}

/**
 * ib_client_take_stopped() - take a stopped client out, to remove it
 * @dev: device
 * @id: the client's
 *
 * Context: Process context, &ib_device.client_data_rwsem is held for write.
 * Return: true if the caller has to remove the client, and to call
 *	ib_client_put_stopped() afterwards. The client has no reference to the
 *	device.
 */
bool ib_client_take_stopped(struct ib_device *dev, u32 id)
{
	if (!ib_client_is_stopped(dev, id))
		return false;
	xa_clear_mark(&dev->client_data, id, CLIENT_DATA_STOPPED);
	return true;
}

/**
 * ib_client_put_stopped() - one client less is stopped
 * @dev: device, which the caller may use no more unless he holds a reference
 *
 * Context: Any.
 */
void ib_client_put_stopped(struct ib_device *dev)
{
	if (atomic_dec_and_test(&dev->reset.nr_stopped))
		wake_up_all(&dev->reset.wait);
}

/**
 * ib_client_wait_none_stopped() - wait for those who remove stopped clients
 * @dev: device
 *
 * Context: Process context, &ib_device.unregistration_lock is held. Sleeps.
 */
void ib_client_wait_none_stopped(struct ib_device *dev)
{
	const unsigned long step = msecs_to_jiffies(ib_reset_limits.report_ms);
	atomic_t *n = &dev->reset.nr_stopped;

	while (!wait_event_timeout(dev->reset.wait, !atomic_read(n), step))
		ibdev_warn(dev, "still %d clients that are stopped and being unregistered\n",
			   atomic_read(n));
}
