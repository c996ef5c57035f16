// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes that hold contexts and queue pairs of a device while it is
 * reset.
 *
 *	many_contexts DEVICE PROCESSES QPS_EACH
 *
 * Says "ready" when all have what they want, and reads a line. After that line
 * (the device has been reset) each process must have heard the fatal event
 * exactly once, must get EIO from each kind of verb, can close its context,
 * and opens the device again. At last one line tells how many did; the exit
 * status is 0 if all did. End of file instead of a line: all just leave.
 */
#include <errno.h>
#include <fcntl.h>
#include <infiniband/verbs.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/pair.h"

struct held {
	struct ibv_context *ctx;
	struct ibv_comp_channel *channel;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_mr *mr;
	struct ibv_qp **qp;
	int n_qps;
};

static char buffer[4096];
static int who;

static int complain(const char *format, ...)
{
	va_list args;
	char text[200];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "process %d: %s\n", who, text);
	return 1;
}

static int take(struct held *h, const char *device, int n_qps)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 4, .max_recv_wr = 4,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	int ret;

	ret = open_device(device, &h->ctx);
	if (ret)
		return complain("%s cannot be opened: %s", device, strerror(ret));
	h->channel = ibv_create_comp_channel(h->ctx);
	h->pd = ibv_alloc_pd(h->ctx);
	h->cq = ibv_create_cq(h->ctx, 32, NULL, h->channel, 0);
	if (!h->channel || !h->pd || !h->cq)
		return complain("no channel, PD or CQ: %s", strerror(errno));
	h->mr = ibv_reg_mr(h->pd, buffer, sizeof(buffer), IBV_ACCESS_LOCAL_WRITE);
	if (!h->mr)
		return complain("no MR: %s", strerror(errno));
	h->qp = calloc(n_qps, sizeof(*h->qp));
	attr.send_cq = attr.recv_cq = h->cq;
	for (h->n_qps = 0; h->n_qps < n_qps; h->n_qps++) {
		h->qp[h->n_qps] = ibv_create_qp(h->pd, &attr);
		if (!h->qp[h->n_qps])
			return complain("no QP %d: %s", h->n_qps, strerror(errno));
	}
	return 0;
}

/* Exactly one fatal event, whatever else there is. */
static int hear(struct held *h)
{
	struct pollfd fd = { .fd = h->ctx->async_fd, .events = POLLIN };
	struct ibv_async_event e;
	int fatal = 0;

	fcntl(h->ctx->async_fd, F_SETFL, O_NONBLOCK);
	while (poll(&fd, 1, fatal ? 0 : 20000) == 1) {
		if (ibv_get_async_event(h->ctx, &e))
			break;
		if (e.event_type == IBV_EVENT_DEVICE_FATAL)
			fatal++;
		ibv_ack_async_event(&e);
	}
	if (fatal != 1)
		return complain("%d fatal events instead of one", fatal);
	if (errno != EIO)
		return complain("reading events ends with %s", strerror(errno));
	return 0;
}

#define EXPECT_EIO(what, failed) do {					\
	errno = 0;							\
	if (!(failed))							\
		return complain("%s succeeds on a device that is gone", what);	\
	if (errno != EIO)						\
		return complain("%s gives %s", what, strerror(errno));	\
} while (0)

/* All is gone already, and an application may clean up as ever. */
#define EXPECT_SUCCESS(what, failed) do {				\
	errno = 0;							\
	if (failed)							\
		return complain("%s on a device that is gone gives %s", what, strerror(errno)); \
} while (0)

/* Verbs that return their error rather than setting errno */
static bool refused(int ret)
{
	if (ret > 0)
		errno = ret;
	return ret;
}

static int refuse(struct held *h)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_ERR };
	struct ibv_qp_init_attr qp = {
		.qp_type = IBV_QPT_RC, .send_cq = h->cq, .recv_cq = h->cq,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct ibv_port_attr port;
	int i;

	EXPECT_EIO("ibv_query_port", refused(ibv_query_port(h->ctx, 1, &port)));
	EXPECT_EIO("ibv_alloc_pd", !ibv_alloc_pd(h->ctx));
	EXPECT_EIO("ibv_create_cq", !ibv_create_cq(h->ctx, 8, NULL, NULL, 0));
	EXPECT_EIO("ibv_create_qp", !ibv_create_qp(h->pd, &qp));
	EXPECT_EIO("ibv_reg_mr", !ibv_reg_mr(h->pd, buffer, sizeof(buffer), 0));
	for (i = 0; i < h->n_qps; i++)
		EXPECT_EIO("ibv_modify_qp", refused(ibv_modify_qp(h->qp[i], &attr, IBV_QP_STATE)));
	for (i = 0; i < h->n_qps; i++)
		EXPECT_SUCCESS("ibv_destroy_qp", refused(ibv_destroy_qp(h->qp[i])));
	EXPECT_SUCCESS("ibv_dereg_mr", refused(ibv_dereg_mr(h->mr)));
	EXPECT_SUCCESS("ibv_destroy_cq", refused(ibv_destroy_cq(h->cq)));
	EXPECT_SUCCESS("ibv_dealloc_pd", refused(ibv_dealloc_pd(h->pd)));
	if (ibv_close_device(h->ctx))
		return complain("the context cannot be closed: %s", strerror(errno));
	return 0;
}

/* go: readable when the device has been reset, closed when all is over */
static int process(const char *device, int n_qps, int ready, int go)
{
	struct held h = {}, again = {};
	char c;

	if (take(&h, device, n_qps) || write(ready, "r", 1) != 1)
		return 1;
	if (read(go, &c, 1) != 1)
		return 0;
	if (hear(&h) || refuse(&h))
		return 1;
	if (take(&again, device, 1))
		return complain("the device cannot be used again");
	return 0;
}

int main(int argc, char **argv)
{
	int ready[2], go[2], n, n_qps, i, status, well = 0, killed = 0, failed = 0;
	char line[100], c;

	if (argc != 4) {
		fprintf(stderr, "usage: many_contexts DEVICE PROCESSES QPS_EACH\n");
		return 2;
	}
	n = atoi(argv[2]);
	n_qps = atoi(argv[3]);
	if (pipe(ready) || pipe(go))
		return 2;
	for (i = 0; i < n; i++) {
		who = i;
		switch (fork()) {
		case -1:
			perror("many_contexts: fork");
			return 2;
		case 0:
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ready[0]);
			close(go[1]);
			fclose(stdin);
			exit(process(argv[1], n_qps, ready[1], go[0]));
		}
	}
	close(ready[1]);
	close(go[0]);
	for (i = 0; i < n; i++)
		if (read(ready[0], &c, 1) != 1) {
			fprintf(stderr, "many_contexts: only %d of %d processes are ready.\n", i, n);
			return 1;
		}
	printf("ready\n");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin))
		for (i = 0; i < n; i++)
			if (write(go[1], "g", 1) != 1)
				return 2;
	close(go[1]);
	for (i = 0; i < n; i++) {
		if (wait(&status) < 0)
			return 2;
		if (WIFSIGNALED(status))
			killed++;
		else if (WEXITSTATUS(status))
			failed++;
		else
			well++;
	}
	printf("%d processes, %d QPs: %d well, %d failed, %d killed\n",
	       n, n * n_qps, well, failed, killed);
	return well == n ? 0 : 1;
}
