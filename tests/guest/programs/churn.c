// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one thing with a device again and again, whatever becomes of the
 * device in the meantime.
 *
 *	churn DEVICE ADDRESS reg|qp|open|exit|fork|connect
 *
 *	reg	registers memory
 *	qp	creates and destroys queue pairs
 *	open	opens and closes the device
 *	exit	a process that holds all sorts of objects ends without a word
 *	fork	a process that holds them forks, and both end
 *	connect	connects, sends a message, disconnects, through the RDMA CM
 *
 * SIGTERM ends it. The last line tells how many rounds went well and how many
 * did not; the exit status is 1 when none went well, or when a call failed
 * with anything but what a device that goes away may give.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/pair.h"

static volatile sig_atomic_t stop;
static struct pair pair;
static const char *step;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static int error_of(void)
{
	return errno ? errno : EIO;
}

/* Open for reg and qp, which keep it; NULL again after a failure. */
static struct ibv_context *ctx;
static struct ibv_pd *pd;

static int hold(void)
{
	int ret;

	if (pd)
		return 0;
	step = "ibv_open_device";
	ret = open_device(pair.device, &ctx);
	if (ret)
		return ret;
	step = "ibv_alloc_pd";
	errno = 0;
	pd = ibv_alloc_pd(ctx);
	return pd ? 0 : error_of();
}

static void let_go(void)
{
	if (pd)
		ibv_dealloc_pd(pd);
	if (ctx)
		ibv_close_device(ctx);
	pd = NULL;
	ctx = NULL;
}

static int round_reg(void)
{
	static char memory[1 << 16];
	struct ibv_mr *mr;
	int ret = hold();

	if (ret)
		return ret;
	step = "ibv_reg_mr";
	errno = 0;
	mr = ibv_reg_mr(pd, memory, sizeof(memory), IBV_ACCESS_LOCAL_WRITE);
	if (!mr)
		return error_of();
	step = "ibv_dereg_mr";
	return ibv_dereg_mr(mr);
}

static int round_qp(void)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 8, .max_recv_wr = 8,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct ibv_qp *qp;
	struct ibv_cq *cq;
	int ret = hold(), ret2;

	if (ret)
		return ret;
	step = "ibv_create_cq";
	errno = 0;
	cq = ibv_create_cq(ctx, 16, NULL, NULL, 0);
	if (!cq)
		return error_of();
	attr.send_cq = attr.recv_cq = cq;
	step = "ibv_create_qp";
	qp = ibv_create_qp(pd, &attr);
	ret = qp ? 0 : error_of();
	if (qp) {
		step = "ibv_destroy_qp";
		ret = ibv_destroy_qp(qp);
	}
	ret2 = ibv_destroy_cq(cq);
	return ret ? ret : ret2;
}

static int round_open(void)
{
	int ret;

	step = "ibv_open_device";
	ret = open_device(pair.device, &ctx);
	return ret;
}

/* What may be had from a device that is away, comes or goes */
static bool expected(int err)
{
	switch (err) {
	case EIO: case ENODEV: case ENXIO: case ENOENT: case ECANCELED:
	case ECONNREFUSED: case ECONNRESET: case ETIMEDOUT: case EADDRNOTAVAIL:
	case ENETUNREACH: case EHOSTUNREACH: case EBUSY: case EAGAIN:
		return true;
	}
	return false;
}

/* In a process of its own; its exit status is an errno value. */
static int in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return error_of();
	if (!pid) {
		int ret = fn();

		if (ret && (!expected(ret) || getenv("CHURN_VERBOSE")))
			fprintf(stderr, "%s: %s\n", pair.step, strerror(ret));
		_exit(ret);
	}
	step = "the child process";
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_of();
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "A child was killed by signal %d.\n", WTERMSIG(status));
		return ENOTRECOVERABLE;
	}
	return WEXITSTATUS(status);
}

static int use_and_leave(void)
{
	int ret = pair_open(&pair);

	return ret ? ret : pair_exchange(&pair, 1);
}

static int use_and_fork(void)
{
	int ret = pair_open(&pair);
	pid_t pid;

	if (ret)
		return ret;
	pid = fork();
	if (!pid) {
		/* Has the descriptors, but not the mappings */
		usleep(2000);
		_exit(0);
	}
	ret = pair_exchange(&pair, 2);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return ret;
}

static int use_and_close(void)
{
	int ret = pair_open(&pair), ret2;

	if (!ret)
		ret = pair_exchange(&pair, 3);
	ret2 = pair_close(&pair);
	return ret ? ret : ret2;
}

static int round_exit(void)
{
	return in_child(use_and_leave);
}

static int round_fork(void)
{
	return in_child(use_and_fork);
}

static int round_connect(void)
{
	return in_child(use_and_close);
}

static const struct {
	const char *name;
	int (*round)(void);
} modes[] = {
	{ "reg", round_reg },
	{ "qp", round_qp },
	{ "open", round_open },
	{ "exit", round_exit },
	{ "fork", round_fork },
	{ "connect", round_connect },
};

int main(int argc, char **argv)
{
	struct sigaction term = { .sa_handler = on_term };
	unsigned int i, well = 0, refused = 0, wrong = 0;
	int (*round)(void) = NULL;
	int ret;

	for (i = 0; argc == 4 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[3], modes[i].name))
			round = modes[i].round;
	if (!round) {
		fprintf(stderr, "usage: churn DEVICE ADDRESS reg|qp|open|exit|fork|connect\n");
		return 2;
	}
	sigaction(SIGTERM, &term, NULL);
	pair.device = argv[1];
	pair.address = argv[2];
	pair.with_cm = round == round_connect;
	ibv_fork_init();
	while (!stop) {
		ret = round();
		if (!ret) {
			well++;
			if (round == round_open)
				let_go();
			continue;
		}
		refused++;
		if (!expected(ret)) {
			wrong++;
			fprintf(stderr, "%s: unexpected error: %s\n", step, strerror(ret));
		}
		let_go();
		usleep(5000);
	}
	let_go();
	printf("%u rounds well, %u refused, %u unexpected\n", well, refused, wrong);
	return !well || wrong;
}
