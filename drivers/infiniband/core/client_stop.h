/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clients that keep their state over a reset.
 */
#ifndef _CLIENT_STOP_H
#define _CLIENT_STOP_H

#include <rdma/ib_verbs.h>

/* Marks of the clients in device.c */
#define CLIENT_REGISTERED	XA_MARK_1

/*
 * Marks of &ib_device.client_data: at most one of the two is set. If one is, the
 * corresponding client is still registered, or waits in ib_unregister_client().
 */
#define CLIENT_DATA_REGISTERED	XA_MARK_1
#define CLIENT_DATA_STOPPED	XA_MARK_2

bool ib_client_stop(struct ib_device *dev, struct xarray *clients, u32 id);
bool ib_client_start(struct ib_device *dev, struct ib_client *client);
bool ib_client_is_stopped(struct ib_device *dev, u32 id);
bool ib_client_take_stopped(struct ib_device *dev, u32 id);
void ib_client_put_stopped(struct ib_device *dev);
bool ib_client_may_start(struct ib_device *dev);
void ib_client_wait_none_stopped(struct ib_device *dev);

#endif /* _CLIENT_STOP_H */
