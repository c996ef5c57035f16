// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks for a second context on the file of a device that has one.
 *
 *	second_context DEVICE TIMES
 *
 * The device is one of rxe's. TIMES processes do so, one after the other, and
 * end. Each must get EINVAL. What the kernel held for the refused contexts must
 * be gone then, the tasks with it: kmemleak tells.
 */
#include <errno.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/rdma_user_ioctl_cmds.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/pair.h"

static int get_context(int fd)
{
	uint32_t vectors = UINT32_MAX;
	struct {
		struct ib_uverbs_ioctl_hdr hdr;
		struct ib_uverbs_attr attr;
	} msg = {
		.hdr = {
			.length = sizeof(msg),
			.object_id = UVERBS_OBJECT_DEVICE,
			.method_id = UVERBS_METHOD_GET_CONTEXT,
			.driver_id = RDMA_DRIVER_RXE,
			.num_attrs = 1,
		},
		.attr = {
			.attr_id = UVERBS_ATTR_GET_CONTEXT_NUM_COMP_VECTORS,
			.len = sizeof(vectors),
			.flags = UVERBS_ATTR_F_MANDATORY,
			.data = (uintptr_t)&vectors,
		},
	};
	int ret = ioctl(fd, RDMA_VERBS_IOCTL, &msg) ? errno : 0;

	/* A header that is wrong has EINVAL as well, but no answer */
	return vectors == UINT32_MAX ? ENOMSG : ret;
}

static int child(const char *device)
{
	struct ibv_context *ctx;
	int ret = open_device(device, &ctx);

	if (ret) {
		fprintf(stderr, "second_context: %s: %s\n", device, strerror(ret));
		return 1;
	}
	ret = get_context(ctx->cmd_fd);
	if (ret != EINVAL) {
		fprintf(stderr, "second_context: a second context: %s\n",
			strerror(ret));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status, times = argc == 3 ? atoi(argv[2]) : 0;
	pid_t pid;

	if (times < 1) {
		fprintf(stderr, "usage: second_context DEVICE TIMES\n");
		return 2;
	}
	while (times--) {
		pid = fork();
		if (!pid)
			_exit(child(argv[1]));
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			perror("second_context");
			return 1;
		}
		if (status)
			return 1;
	}
	return 0;
}
