// SPDX-License-Identifier: GPL-2.0-only
/* Messages: a header, which may carry file descriptors, and a payload. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wire.h"

static int recv_all(int sock, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = recv(sock, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ECONNRESET;
		p += n;
		len -= n;
	}
	return 0;
}

static void take_fds(struct vfu_message *m, struct msghdr *mh)
{
	struct cmsghdr *c;

	m->nr_fds = 0;
	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		unsigned int n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(m->fds + m->nr_fds, CMSG_DATA(c), n * sizeof(int));
		m->nr_fds += n;
	}
}

int vfu_recv(int sock, struct vfu_message *m)
{
	char control[CMSG_SPACE(sizeof(m->fds))];
	struct iovec iov = { &m->h, sizeof(m->h) };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n;

	do {
		n = recvmsg(sock, &mh, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ECONNRESET;
	take_fds(m, &mh);
	if ((size_t)n != sizeof(m->h) || m->h.size < sizeof(m->h))
		return -EPROTO;
	m->len = m->h.size - sizeof(m->h);
	if (m->len > sizeof(m->data))
		return -EMSGSIZE;
	return recv_all(sock, m->data, m->len);
}

void vfu_message_close_fds(struct vfu_message *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_fds; i++)
		if (m->fds[i] >= 0)
			close(m->fds[i]);
	m->nr_fds = 0;
}

static int send_reply(int sock, const struct vfu_header *to, int error,
		      const void *data, size_t len)
{
	struct vfu_header h = {
		.id = to->id, .command = to->command,
		.size = sizeof(h) + len,
		.flags = VFU_FLAG_REPLY | (error ? VFU_FLAG_ERROR : 0),
		.error = error,
	};
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)data, len } };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };

	if (to->flags & VFU_FLAG_NO_REPLY)
		return 0;
	/* The socket's buffer holds more than the largest message */
	if (sendmsg(sock, &mh, MSG_NOSIGNAL) != (ssize_t)h.size)
		return errno ? -errno : -EIO;
	return 0;
}

int vfu_reply(int sock, const struct vfu_header *to, const void *data,
	      size_t len)
{
	return send_reply(sock, to, 0, data, len);
}

int vfu_reply_error(int sock, const struct vfu_header *to, int error)
{
	return send_reply(sock, to, error, NULL, 0);
}
