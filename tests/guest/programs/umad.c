// SPDX-License-Identifier: GPL-2.0-only
/*
 * A management application across a reset.
 *
 *	umad FILE
 *
 * Opens FILE (/dev/infiniband/umad0), registers an agent, says "ready" and
 * waits in poll(), as libibumad does, until something happens. Then says what
 * poll() has told, what errno read(), write() and each ioctl() give, and that
 * the file could be closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <rdma/ib_user_mad.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A class of a vendor's own, which nobody else registers for */
#define MGMT_CLASS 0x0a

static const char *name(int failed)
{
	static const char *const names[] = {
		[EIO] = "EIO", [ENODEV] = "ENODEV", [EINVAL] = "EINVAL",
		[EPIPE] = "EPIPE", [ENXIO] = "ENXIO",
	};

	if (!failed)
		return "0";
	if (errno < (int)(sizeof(names) / sizeof(names[0])) && names[errno])
		return names[errno];
	return strerror(errno);
}

int main(int argc, char **argv)
{
	struct ib_user_mad_reg_req req = {
		.qpn = 1, .mgmt_class = MGMT_CLASS, .mgmt_class_version = 1,
	}, again = req;
	char mad[sizeof(struct ib_user_mad_hdr) + 256] = "";
	struct pollfd fd = { .events = POLLIN };
	__u32 id;

	if (argc != 2) {
		fprintf(stderr, "usage: umad FILE\n");
		return 2;
	}
	fd.fd = open(argv[1], O_RDWR);
	if (fd.fd < 0 || ioctl(fd.fd, IB_USER_MAD_REGISTER_AGENT, &req)) {
		fprintf(stderr, "umad: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	id = req.id;
	printf("ready\n");
	fflush(stdout);
	poll(&fd, 1, -1);
	printf("poll=%s%s%s\n", fd.revents & POLLIN ? "IN" : "",
	       fd.revents & POLLERR ? "ERR" : "", fd.revents & POLLHUP ? "HUP" : "");
	fcntl(fd.fd, F_SETFL, O_NONBLOCK);
	printf("read=%s\n", name(read(fd.fd, mad, sizeof(mad)) < 0));
	memset(mad, 0, sizeof(mad));
	((struct ib_user_mad_hdr *)mad)->id = id;
	printf("write=%s\n", name(write(fd.fd, mad, sizeof(mad)) < 0));
	printf("register=%s\n", name(ioctl(fd.fd, IB_USER_MAD_REGISTER_AGENT, &again)));
	printf("unregister=%s\n", name(ioctl(fd.fd, IB_USER_MAD_UNREGISTER_AGENT, &id)));
	printf("close=%s\n", name(close(fd.fd)));
	return 0;
}
