// SPDX-License-Identifier: GPL-2.0-only
/* Sockets and the loop: client, control connections, the model's timers. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server.h"

struct vfu_server *vfu_create(const struct vfu_ops *ops, void *priv)
{
	struct vfu_server *s = calloc(1, sizeof(*s));
	unsigned int i;

	if (!s)
		return NULL;
	s->ops = ops;
	s->priv = priv;
	s->client = -1;
	for (i = 0; i < VFU_MAX_CONTROLS; i++)
		s->controls[i].fd = -1;
	vfu_irq_init(s);
	return s;
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 4)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/**
 * vfu_listen - create both sockets
 * @s: the server
 * @path: for the client
 * @control: for the tests
 *
 * When it returns, a client can connect.
 *
 * Return: 0 or a negative errno.
 */
int vfu_listen(struct vfu_server *s, const char *path, const char *control)
{
	s->control_listener = listen_at(control);
	if (s->control_listener < 0)
		return s->control_listener;
	s->listener = listen_at(path);
	return s->listener < 0 ? s->listener : 0;
}

static int wait_and_serve(struct vfu_server *s, int timeout)
{
	struct pollfd p[3 + VFU_MAX_CONTROLS];
	unsigned int i;

	p[0] = (struct pollfd){ .fd = s->client, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = s->control_listener, .events = POLLIN };
	p[2] = (struct pollfd){ .fd = s->client < 0 ? s->listener : -1,
				.events = POLLIN };
	for (i = 0; i < VFU_MAX_CONTROLS; i++)
		p[3 + i] = (struct pollfd){ .fd = s->controls[i].fd,
					    .events = POLLIN };
	if (poll(p, 3 + VFU_MAX_CONTROLS, timeout) < 0)
		return errno == EINTR ? 0 : -errno;

	for (i = 0; i < VFU_MAX_CONTROLS; i++)
		if (p[3 + i].revents)
			vfu_control_input(s, &s->controls[i]);
	if (p[1].revents)
		vfu_control_accept(s);
	if (p[2].revents)
		s->client = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	if (p[0].revents)
		return vfu_handle(s);
	return 0;
}

/* The client is gone: so are its memory and its eventfds */
static void drop_client(struct vfu_server *s)
{
	close(s->client);
	s->client = -1;
	vfu_dma_unmap_all(s);
	vfu_irq_disable_all(s);
	vfu_pci_reset(s);
}

/**
 * vfu_run - serve until the client goes
 * @s: the server
 * @keep: wait for the next client then, as a slot waits for a device to be
 *	plugged in again
 *
 * Return: 0 when the client has closed its connection or vfu_stop() was
 * called, else a negative errno.
 */
int vfu_run(struct vfu_server *s, bool keep)
{
	int err = 0, timeout = -1;

	while (!err && !s->stop) {
		err = wait_and_serve(s, timeout);
		if (err == -ECONNRESET || err == -EPIPE) {
			drop_client(s);
			s->stop = !keep;
			err = 0;
		}
		timeout = s->ops->work ? s->ops->work(s->priv) : -1;
	}
	return err;
}

void vfu_stop(struct vfu_server *s)
{
	s->stop = true;
}
