/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fake RDMA provider and its consumers in error mode and reset: clients that
 * come and go with the device, its files in sysfs, and stand-ins for ops.
 */
#ifndef FAKE_RESET_H
#define FAKE_RESET_H

#include <rdma/ib_reset.h>

#include "fake_ulp.h"

/* Error mode and reset: fake_error.c */
void fake_enter_error_mode(struct fake_device *fake);
bool fake_reaches(struct fake_device *fake, enum ib_device_state state);
bool fake_is_settled(struct fake_device *fake);

/* Ops that nobody calls but a test: fake_stand_in.c */
void fake_set_stand_in_ret(long ret);
unsigned int fake_count_stand_in_calls(void);
bool fake_is_stand_in(const struct ib_device_ops *ops, size_t offset);

/* Files of the device: fake_attr.c */
#define FAKE_ATTR_LEN	64

struct device_attribute *fake_find_attr(struct fake_device *fake,
					const char *path);
int fake_write(struct fake_device *fake, const char *path, const char *text);
char *fake_read(struct fake_device *fake, const char *path, char *text);
s64 fake_read_number(struct fake_device *fake, const char *path);

/* User contexts: fake_context.c */
struct ib_ucontext *fake_context_open(struct fake_device *fake);
void fake_context_close(struct ib_ucontext *context);

/*
 * Clients: fake_client.c
 */

#define FAKE_CLIENT_WRS	8
#define FAKE_MAX_CLIENTS	3

struct fake_client_wr {
	struct ib_cqe cqe;
	struct fake_client *owner;
};

/*
 * struct fake_client - a client of the core, with one device
 * @client: for the core; its name is a letter
 * @ulp: case that it belongs to
 * @name: the letter, and its end
 * @registered: with the core
 * @present: between add and remove
 * @running: present, and not stopped
 * @pd, @cq, @qp: what it holds while it is running
 * @posted: work requests in flight since it was added
 * @done, @flushed: those whose done() has returned, and those that failed
 * @undone_at_release: work requests whose done() had not returned, and
 * @flushed_at_release: that were flushed, when its QP was about to be destroyed
 * @fatal: IB_EVENT_DEVICE_FATAL events it has heard of
 * @added, @removed, @stopped, @started: so often
 * @strangers: so often it was given another client's data
 * @events: hears of events
 * @work: knob: so many sends and receives are in flight, nothing executes them
 * @drains: knob: remove drains its QP
 * @faulty: knob: %FAKE_CLIENT_ADD, %FAKE_CLIENT_REMOVE, %FAKE_CLIENT_STOP and
 *	%FAKE_CLIENT_START are meant for it
 * @forgets_pd: knob: remove leaves its protection domain behind
 * @keeps_device: knob: add takes a reference to the device, and remove does not
 *	give it back, see fake_client_put_device()
 * @kept: that reference is held
 * @opens_context: knob: add opens a user context, remove closes it
 * @context: that context
 * @wrs: work requests
 */
struct fake_client {
	struct ib_client client;
	struct ulp *ulp;
	char name[2];
	bool registered;
	bool present;
	bool running;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_qp *qp;
	unsigned int posted;
	atomic_t done;
	atomic_t flushed;
	unsigned int undone_at_release;
	unsigned int flushed_at_release;
	atomic_t fatal;
	unsigned int added;
	unsigned int removed;
	unsigned int stopped;
	unsigned int started;
	unsigned int strangers;
	struct ib_event_handler events;
	unsigned int work;
	bool drains;
	bool faulty;
	bool forgets_pd;
	bool keeps_device;
	bool kept;
	bool opens_context;
	struct ib_ucontext *context;
	struct fake_client_wr wrs[FAKE_CLIENT_WRS];
};

struct fake_client *fake_client_create(struct ulp *ulp, char name);
void fake_client_register(struct fake_client *client);
void fake_client_unregister(struct fake_client *client);
void fake_client_keep_state(struct fake_client *client);
struct fake_client *fake_client_start(struct ulp *ulp, char name);
struct fake_client *fake_client_start_keeper(struct ulp *ulp, char name);
void fake_client_free_pd(struct fake_client *client);
void fake_client_put_device(struct fake_client *client);
void fake_client_close_context(struct fake_client *client);

#endif /* FAKE_RESET_H */
