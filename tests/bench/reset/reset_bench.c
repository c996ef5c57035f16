// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long is a device away when it is reset under N applications?
 *
 *	reset_bench DEVICE TYPE NETDEV N RUNS
 *
 * N processes hold a context with a PD, CQ, MR and QP each. Two ways to a
 * device that is as new, each measured RUNS times:
 *
 *	reset	write to the file reset, if there is one
 *	readd	kill the processes, delete the link, add it again
 *
 * Either ends when the device is open for new users. A line of figures each,
 * in ns, to standard output.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <infiniband/verbs.h>
#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *device, *type, *netdev;
static pid_t *pids;

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* A line in one write: to the kernel's log, where each write is a line */
static void say(const char *format, ...)
{
	char line[500];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, n) != n)
		_exit(3);
}

#define die(format, ...) do {						\
	say("reset_bench: failed: " format, ##__VA_ARGS__);		\
	exit(1);							\
} while (0)

/* Text of a file below /sys/class; false if there is none */
static bool read_text(const char *dir, const char *sub, const char *name,
		      char *text, int size)
{
	char path[600];
	int fd, n;

	snprintf(path, sizeof(path), "/sys/class/%s/%s/%s", dir, sub, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return true;
}

static long long phase_ns(const char *name)
{
	char path[60], text[40];

	snprintf(path, sizeof(path), "reset_duration_us/%s", name);
	if (!read_text("infiniband", device, path, text, sizeof(text)))
		return -1;
	return atoll(text) * 1000;
}

/* New users can come: its port works and its character device is there. */
static void wait_usable(void)
{
	struct timespec nap = { .tv_nsec = 100000 };
	struct dirent *d;
	char text[40];
	bool found;
	DIR *dir;

	for (;;) {
		found = false;
		dir = opendir("/sys/class/infiniband_verbs");
		while (dir && !found && (d = readdir(dir))) {
			if (!read_text("infiniband_verbs", d->d_name, "ibdev",
				       text, sizeof(text)))
				continue;
			text[strcspn(text, "\n")] = '\0';
			found = !strcmp(text, device);
		}
		if (dir)
			closedir(dir);
		if (found && read_text("infiniband", device, "ports/1/state", text, sizeof(text)) &&
		    strstr(text, "ACTIVE"))
			return;
		nanosleep(&nap, NULL);
	}
}

/*
 * Netlink: rdma link add, rdma link delete, without the time of a program
 */

struct request {
	struct nlmsghdr head;
	char attrs[200];
};

static void add_attr(struct request *r, int kind, const void *data, int size)
{
	struct nlattr *a = (void *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));

	a->nla_type = kind;
	a->nla_len = NLA_HDRLEN + size;
	memcpy((char *)a + NLA_HDRLEN, data, size);
	r->head.nlmsg_len = NLMSG_ALIGN(r->head.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

static int talk(struct request *r, int cmd, int flags)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_RDMA);
	if (fd < 0)
		die("no RDMA netlink: %s", strerror(errno));
	r->head.nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, cmd);
	r->head.nlmsg_flags = NLM_F_REQUEST | flags;
	if (sendto(fd, r, r->head.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0)
		die("netlink: %s", strerror(errno));
	return fd;
}

static void command(struct request *r, int cmd, const char *what)
{
	char answer[8192];
	struct nlmsghdr *h = (void *)answer;
	struct nlmsgerr *e = NLMSG_DATA(h);
	int fd = talk(r, cmd, NLM_F_ACK);

	if (recv(fd, answer, sizeof(answer), 0) < 0)
		die("%s: %s", what, strerror(errno));
	if (h->nlmsg_type != NLMSG_ERROR || e->error)
		die("%s: %s", what, strerror(-e->error));
	close(fd);
}

/* A message of the dump: is it about our device? Then store its index. */
static bool is_ours(struct nlmsghdr *h, __u32 *index)
{
	int left = h->nlmsg_len - NLMSG_HDRLEN;
	struct nlattr *a = NLMSG_DATA(h);
	bool ours = false;

	while (left >= (int)sizeof(*a) && a->nla_len) {
		void *data = (char *)a + NLA_HDRLEN;

		if (a->nla_type == RDMA_NLDEV_ATTR_DEV_INDEX)
			*index = *(__u32 *)data;
		if (a->nla_type == RDMA_NLDEV_ATTR_DEV_NAME)
			ours = !strcmp(data, device);
		left -= NLA_ALIGN(a->nla_len);
		a = (void *)((char *)a + NLA_ALIGN(a->nla_len));
	}
	return ours;
}

static __u32 find_index(void)
{
	struct request r = { .head.nlmsg_len = NLMSG_HDRLEN };
	int fd = talk(&r, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	char answer[16384];
	struct nlmsghdr *h;
	__u32 index = 0;
	int n;

	for (;;) {
		n = recv(fd, answer, sizeof(answer), 0);
		for (h = (void *)answer; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				die("there is no device %s", device);
			if (is_ours(h, &index)) {
				close(fd);
				return index;
			}
		}
	}
}

static void link_delete(void)
{
	struct request r = { .head.nlmsg_len = NLMSG_HDRLEN };
	__u32 index = find_index();

	add_attr(&r, RDMA_NLDEV_ATTR_DEV_INDEX, &index, sizeof(index));
	command(&r, RDMA_NLDEV_CMD_DELLINK, "rdma link delete");
}

static void link_add(void)
{
	struct request r = { .head.nlmsg_len = NLMSG_HDRLEN };

	add_attr(&r, RDMA_NLDEV_ATTR_DEV_NAME, device, strlen(device) + 1);
	add_attr(&r, RDMA_NLDEV_ATTR_LINK_TYPE, type, strlen(type) + 1);
	add_attr(&r, RDMA_NLDEV_ATTR_NDEV_NAME, netdev, strlen(netdev) + 1);
	command(&r, RDMA_NLDEV_CMD_NEWLINK, "rdma link add");
}

/*
 * Applications
 */

static void hold(int ready)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 4, .max_recv_wr = 4,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	static char memory[4096];
	struct ibv_context *ctx = NULL;
	struct ibv_device **list;
	struct ibv_pd *pd = NULL;
	int i;

	list = ibv_get_device_list(NULL);
	for (i = 0; list && list[i]; i++)
		if (!strcmp(ibv_get_device_name(list[i]), device))
			ctx = ibv_open_device(list[i]);
	if (ctx)
		pd = ibv_alloc_pd(ctx);
	if (pd && ibv_reg_mr(pd, memory, sizeof(memory), IBV_ACCESS_LOCAL_WRITE))
		attr.send_cq = attr.recv_cq = ibv_create_cq(ctx, 8, NULL, NULL, 0);
	if (!attr.send_cq || !ibv_create_qp(pd, &attr) || write(ready, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void applications(int n)
{
	struct timespec second = { .tv_sec = 1 };
	int i, ready[2];
	char c;

	if (pipe(ready))
		die("no pipe");
	for (i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("no process %d: %s", i, strerror(errno));
		if (!pids[i]) {
			close(ready[0]);
			hold(ready[1]);
		}
	}
	close(ready[1]);
	for (i = 0; i < n; i++)
		if (read(ready[0], &c, 1) != 1)
			die("only %d of %d processes hold a context", i, n);
	close(ready[0]);
	nanosleep(&second, NULL);
}

static void kill_applications(int n)
{
	int i;

	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
}

/*
 * Measurements
 */

static void measure_reset(int n)
{
	long long t0, t1, t2;
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/reset", device);
	if (access(path, F_OK))
		return;
	applications(n);
	fd = open(path, O_WRONLY);
	t0 = now_ns();
	if (write(fd, "1", 1) != 1)
		die("reset: %s", strerror(errno));
	t1 = now_ns();
	wait_usable();
	t2 = now_ns();
	close(fd);
	say("reset_bench: dev=%s n=%d op=reset total=%lld write=%lld error=%lld disable=%lld hardware=%lld enable=%lld",
	    device, n, t2 - t0, t1 - t0, phase_ns("error"), phase_ns("disable"),
	    phase_ns("hardware"), phase_ns("enable"));
	kill_applications(n);
}

static void measure_readd(int n)
{
	long long t0, killed, deleted, t1;

	applications(n);
	t0 = now_ns();
	kill_applications(n);
	killed = now_ns();
	link_delete();
	deleted = now_ns();
	link_add();
	wait_usable();
	t1 = now_ns();
	say("reset_bench: dev=%s n=%d op=readd total=%lld kill=%lld delete=%lld add=%lld",
	    device, n, t1 - t0, killed - t0, deleted - killed, t1 - deleted);
}

int main(int argc, char **argv)
{
	struct timespec second = { .tv_sec = 1 };
	int n, runs;

	if (argc != 6) {
		fprintf(stderr, "usage: reset_bench DEVICE TYPE NETDEV N RUNS\n");
		return 2;
	}
	device = argv[1];
	type = argv[2];
	netdev = argv[3];
	n = atoi(argv[4]);
	pids = calloc(n + 1, sizeof(*pids));
	for (runs = atoi(argv[5]); runs; runs--) {
		wait_usable();
		measure_reset(n);
		nanosleep(&second, NULL);
		measure_readd(n);
		nanosleep(&second, NULL);
	}
	return 0;
}
