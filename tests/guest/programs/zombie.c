// SPDX-License-Identifier: GPL-2.0-only
/*
 * One process that holds an object of every kind while its device is reset or
 * removed, and then tries every call on each of them.
 *
 *	zombie DEVICE ADDRESS [gone] [leave] [SEED]
 *
 * DEVICE is the device, ADDRESS the IPv4 address of the netdev below. Says
 * "ready" when it has everything; then reset the device. Prints one line for
 * each call: "ok NAME", "FAIL NAME: what it gave, what it should have" or "skip
 * NAME: why" (the call does not work on the healthy device either). At last
 * "N ok, N failed, N skipped"; the exit status is 0 if none failed.
 *
 * gone:	the device does not come back, so it is not opened again
 * leave:	exit at the end with everything open instead of closing it
 * SEED:	of the order in which things are closed
 *
 * What must hold for a context whose device has gone: each call gives EIO,
 * release verbs and close succeed in any order, queued events can still be
 * read, IBV_EVENT_DEVICE_FATAL comes once on each file for asynchronous events,
 * these and completion channels poll as closed.
 *
 * Not tested, because there need not be a system call behind it: ibv_post_recv,
 * ibv_post_srq_recv and ibv_poll_cq (rxe, siw, cxgb4), ibv_req_notify_cq and
 * ibv_post_send (siw, cxgb4) work on memory that is shared with the kernel, and
 * succeed in vain. So do those of mlx4, on the memory that is in place of the
 * device's.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <infiniband/verbs.h>
#include <poll.h>
#include <pthread.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/rdma_user_ioctl_cmds.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/pair.h"
#include "lib/ucma.h"

#define CLOSED (POLLIN | POLLRDNORM | POLLERR | POLLHUP)
#define PATIENCE_MS 30000
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *device;
static struct sockaddr_in address;
static int n_ok, n_failed, n_skipped;

static void verdict(bool ok, const char *name, const char *format, ...)
{
	va_list args;

	if (ok) {
		n_ok++;
		printf("ok %s\n", name);
		return;
	}
	n_failed++;
	printf("FAIL %s: ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static void skip(const char *name, const char *why)
{
	n_skipped++;
	printf("skip %s: %s\n", name, why);
}

static void gives(const char *name, int got, int expected)
{
	verdict(got == expected, name, "gave '%s', should give '%s'",
		got ? strerror(got) : "no error",
		expected ? strerror(expected) : "no error");
}

static void die(const char *what)
{
	printf("FAIL setup: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int poll_now(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDNORM };
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);	/* SIGIO */
	return n < 0 ? -1 : p.revents;
}

/*
 * Objects of libibverbs
 */

static struct ibv_context *ctx;
static struct ibv_pd *pd;
static struct ibv_mr *mr;
static struct ibv_mw *mw;
static struct ibv_srq *srq;
static struct ibv_ah *ah;
static struct ibv_qp *qp, *ud_qp;
static struct ibv_td *td;
/* 0: its event is read later, 1: its event is never read */
static struct ibv_comp_channel *channel[2];
static struct ibv_cq *cq[2];
static struct ibv_qp *flushed_qp[2];
static char buffer[8192] __attribute__((aligned(4096)));
static int async2 = -1;

static int failed(const void *object)
{
	return object ? 0 : errno ? errno : EIO;
}

static int code(int ret)
{
	return ret < 0 ? errno : ret;
}

static struct ibv_qp_init_attr qp_attr(struct ibv_cq *of, enum ibv_qp_type type)
{
	return (struct ibv_qp_init_attr){
		.send_cq = of, .recv_cq = of, .qp_type = type,
		.cap = { .max_send_wr = 4, .max_recv_wr = 4,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
}

static int do_query_device(void)
{
	struct ibv_device_attr attr;

	return code(ibv_query_device(ctx, &attr));
}

static int do_query_device_ex(void)
{
	struct ibv_device_attr_ex attr;

	return code(ibv_query_device_ex(ctx, NULL, &attr));
}

static int do_query_port(void)
{
	struct ibv_port_attr attr;

	return code(ibv_query_port(ctx, 1, &attr));
}

static int do_query_gid(void)
{
	struct ibv_gid_entry entry;

	return code(ibv_query_gid_ex(ctx, 1, 0, &entry, 0));
}

static int do_query_gid_table(void)
{
	struct ibv_gid_entry entry[16];
	ssize_t ret = ibv_query_gid_table(ctx, entry, 16, 0);

	return ret < 0 ? -ret : 0;
}

static int do_alloc_pd(void)
{
	struct ibv_pd *new = ibv_alloc_pd(ctx);

	return new ? code(ibv_dealloc_pd(new)) : failed(new);
}

static int do_reg_mr(void)
{
	struct ibv_mr *new = ibv_reg_mr(pd, buffer, sizeof(buffer), 0);

	return new ? code(ibv_dereg_mr(new)) : failed(new);
}

static int do_rereg_mr(void)
{
	errno = 0;
	return ibv_rereg_mr(mr, IBV_REREG_MR_CHANGE_ACCESS, pd, buffer,
			    sizeof(buffer), IBV_ACCESS_LOCAL_WRITE) ?
		       errno : 0;
}

static int do_create_comp_channel(void)
{
	struct ibv_comp_channel *new = ibv_create_comp_channel(ctx);

	return new ? code(ibv_destroy_comp_channel(new)) : failed(new);
}

static int do_create_cq(void)
{
	struct ibv_cq *new = ibv_create_cq(ctx, 16, NULL, channel[0], 0);

	return new ? code(ibv_destroy_cq(new)) : failed(new);
}

static int do_create_cq_ex(void)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = 16, .wc_flags = IBV_WC_STANDARD_FLAGS,
	};
	struct ibv_cq_ex *new = ibv_create_cq_ex(ctx, &attr);

	return new ? code(ibv_destroy_cq(ibv_cq_ex_to_cq(new))) : failed(new);
}

/* Each time another size: libmlx4 knows by itself that nothing is to be done */
static int do_resize_cq(void)
{
	static int size = 16;

	size *= 2;
	return code(ibv_resize_cq(cq[0], size));
}

static int do_req_notify_cq(void)
{
	return code(ibv_req_notify_cq(cq[0], 0));
}

static int do_create_srq(void)
{
	struct ibv_srq_init_attr attr = { .attr = { .max_wr = 4, .max_sge = 1 } };
	struct ibv_srq *new = ibv_create_srq(pd, &attr);

	return new ? code(ibv_destroy_srq(new)) : failed(new);
}

static int do_modify_srq(void)
{
	struct ibv_srq_attr attr = { .srq_limit = 1 };

	return srq ? code(ibv_modify_srq(srq, &attr, IBV_SRQ_LIMIT)) : EOPNOTSUPP;
}

static int do_query_srq(void)
{
	struct ibv_srq_attr attr;

	return srq ? code(ibv_query_srq(srq, &attr)) : EOPNOTSUPP;
}

static int do_create_qp(void)
{
	struct ibv_qp_init_attr attr = qp_attr(cq[0], IBV_QPT_RC);
	struct ibv_qp *new = ibv_create_qp(pd, &attr);

	return new ? code(ibv_destroy_qp(new)) : failed(new);
}

static int do_create_qp_ex(void)
{
	struct ibv_qp_init_attr_ex attr = {
		.send_cq = cq[0], .recv_cq = cq[0], .qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 4, .max_recv_wr = 4,
			 .max_send_sge = 1, .max_recv_sge = 1 },
		.comp_mask = IBV_QP_INIT_ATTR_PD, .pd = pd,
	};
	struct ibv_qp *new = ibv_create_qp_ex(ctx, &attr);

	return new ? code(ibv_destroy_qp(new)) : failed(new);
}

static int to_init(struct ibv_qp *of)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_INIT, .port_num = 1 };
	int mask = IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT;

	return code(ibv_modify_qp(of, &attr, of->qp_type == IBV_QPT_UD ?
				  mask | IBV_QP_QKEY :
				  mask | IBV_QP_ACCESS_FLAGS));
}

static int do_modify_qp(void)
{
	return to_init(qp);
}

static int do_query_qp(void)
{
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr attr;

	return code(ibv_query_qp(qp, &attr, IBV_QP_STATE, &init));
}

static int do_post_send(void)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)buffer, .length = 16, .lkey = mr->lkey,
	};
	struct ibv_send_wr wr = {
		.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND,
	}, *bad;

	/* A QP in ERR takes it, and flushes it. */
	return code(ibv_post_send(flushed_qp[0], &wr, &bad));
}

static const union ibv_gid group = {
	.raw = { 0xff, 0x0e, [10] = 0xff, 0xff, 239, 1, 1, 1 },
};

static int do_attach_mcast(void)
{
	int ret = ud_qp ? code(ibv_attach_mcast(ud_qp, &group, 0)) : EOPNOTSUPP;

	if (!ret)
		ibv_detach_mcast(ud_qp, &group, 0);
	return ret;
}

static int do_detach_mcast(void)
{
	if (!ud_qp)
		return EOPNOTSUPP;
	ibv_attach_mcast(ud_qp, &group, 0);
	return code(ibv_detach_mcast(ud_qp, &group, 0));
}

static struct ibv_ah *new_ah(void)
{
	struct ibv_ah_attr attr = {
		.is_global = 1, .port_num = 1, .grh = { .hop_limit = 4 },
	};

	if (ibv_query_gid(ctx, 1, 1, &attr.grh.dgid))
		return NULL;
	attr.grh.sgid_index = 1;
	return ibv_create_ah(pd, &attr);
}

static int do_create_ah(void)
{
	struct ibv_ah *new = new_ah();

	return new ? code(ibv_destroy_ah(new)) : failed(new);
}

static int do_alloc_mw(void)
{
	struct ibv_mw *new = ibv_alloc_mw(pd, IBV_MW_TYPE_1);

	return new ? code(ibv_dealloc_mw(new)) : failed(new);
}

static int do_alloc_td(void)
{
	struct ibv_td_init_attr attr = {};
	struct ibv_td *new = ibv_alloc_td(ctx, &attr);

	return new ? code(ibv_dealloc_td(new)) : failed(new);
}

static int do_open_xrcd(void)
{
	struct ibv_xrcd_init_attr attr = {
		.comp_mask = IBV_XRCD_INIT_ATTR_FD | IBV_XRCD_INIT_ATTR_OFLAGS,
		.fd = -1, .oflags = O_CREAT,
	};
	struct ibv_xrcd *new = ibv_open_xrcd(ctx, &attr);

	return new ? code(ibv_close_xrcd(new)) : failed(new);
}

static int do_create_counters(void)
{
	struct ibv_counters_init_attr attr = {};
	struct ibv_counters *new = ibv_create_counters(ctx, &attr);

	return new ? code(ibv_destroy_counters(new)) : failed(new);
}

static int do_create_flow(void)
{
	struct ibv_flow_attr attr = { .size = sizeof(attr), .port = 1 };
	struct ibv_flow *new = ibv_create_flow(qp, &attr);

	return new ? code(ibv_destroy_flow(new)) : failed(new);
}

static int do_alloc_dm(void)
{
	struct ibv_alloc_dm_attr attr = { .length = 64 };
	struct ibv_dm *new = ibv_alloc_dm(ctx, &attr);

	return new ? code(ibv_free_dm(new)) : failed(new);
}

/* What is behind the doorbell and the queues is the provider's: any offset */
static int do_mmap(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			ctx->cmd_fd, 0x7ffff000);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, 4096);
	return 0;
}

/*
 * uverbs as the kernel has it
 */

static int uverbs_write(int fd, unsigned int command, void *request,
			size_t size, void *response, size_t response_size)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		char body[512];
	} msg = {
		.hdr = {
			.command = command,
			.in_words = (sizeof(msg.hdr) + size) / 4,
			.out_words = response_size / 4,
		},
	};

	memcpy(msg.body, request, size);
	if (response)
		*(__u64 *)msg.body = (uintptr_t)response;
	errno = 0;
	return write(fd, &msg, sizeof(msg.hdr) + size) < 0 ? errno : 0;
}

static int do_write_query_device(void)
{
	struct ib_uverbs_query_device cmd = {};
	struct ib_uverbs_query_device_resp resp;

	return uverbs_write(ctx->cmd_fd, IB_USER_VERBS_CMD_QUERY_DEVICE, &cmd,
			    sizeof(cmd), &resp, sizeof(resp));
}

static int do_write_query_port(void)
{
	struct ib_uverbs_query_port cmd = { .port_num = 1 };
	struct ib_uverbs_query_port_resp resp;

	return uverbs_write(ctx->cmd_fd, IB_USER_VERBS_CMD_QUERY_PORT, &cmd,
			    sizeof(cmd), &resp, sizeof(resp));
}

static int do_write_comp_channel(void)
{
	struct ib_uverbs_create_comp_channel cmd = {};
	struct ib_uverbs_create_comp_channel_resp resp;
	int ret = uverbs_write(ctx->cmd_fd, IB_USER_VERBS_CMD_CREATE_COMP_CHANNEL,
			       &cmd, sizeof(cmd), &resp, sizeof(resp));

	if (!ret)
		close(resp.fd);
	return ret;
}

static int do_write_poll_cq(void)
{
	struct ib_uverbs_poll_cq cmd = { .cq_handle = cq[1]->handle, .ne = 0 };
	char resp[64];

	return uverbs_write(ctx->cmd_fd, IB_USER_VERBS_CMD_POLL_CQ, &cmd,
			    sizeof(cmd), resp, sizeof(resp));
}

static int do_write_req_notify(void)
{
	struct ib_uverbs_req_notify_cq cmd = { .cq_handle = cq[1]->handle };

	return uverbs_write(ctx->cmd_fd, IB_USER_VERBS_CMD_REQ_NOTIFY_CQ, &cmd,
			    sizeof(cmd), NULL, 0);
}

static int uverbs_ioctl(unsigned int object, unsigned int method,
			struct ib_uverbs_attr *attr, unsigned int n_attrs)
{
	struct {
		struct ib_uverbs_ioctl_hdr hdr;
		struct ib_uverbs_attr attrs[4];
	} msg = {
		.hdr = {
			.length = sizeof(msg.hdr) + n_attrs * sizeof(*attr),
			.object_id = object,
			.method_id = method,
			.num_attrs = n_attrs,
		},
	};
	int ret;

	/* The number of the driver is in sysfs of nobody: try them all */
	for (msg.hdr.driver_id = 0; msg.hdr.driver_id < 64; msg.hdr.driver_id++) {
		memcpy(msg.attrs, attr, n_attrs * sizeof(*attr));
		ret = ioctl(ctx->cmd_fd, RDMA_VERBS_IOCTL, &msg) ? errno : 0;
		memcpy(attr, msg.attrs, n_attrs * sizeof(*attr));
		if (ret != EINVAL)
			return ret;
	}
	return EINVAL;
}

static int new_async_fd(int *fd)
{
	struct ib_uverbs_attr attr = {
		.attr_id = UVERBS_ATTR_ASYNC_EVENT_ALLOC_FD_HANDLE,
		.flags = UVERBS_ATTR_F_MANDATORY,
	};
	int ret = uverbs_ioctl(UVERBS_OBJECT_ASYNC_EVENT,
			       UVERBS_METHOD_ASYNC_EVENT_ALLOC, &attr, 1);

	*fd = ret ? -1 : attr.data_s64;
	return ret;
}

static int do_ioctl_async_fd(void)
{
	int fd, ret = new_async_fd(&fd);

	if (!ret)
		close(fd);
	return ret;
}

static int do_ioctl_query_context(void)
{
	__u32 vectors = 0;
	__u64 support = 0;
	struct ib_uverbs_attr attr[] = {
		{ .attr_id = UVERBS_ATTR_QUERY_CONTEXT_NUM_COMP_VECTORS,
		  .len = sizeof(vectors), .data = (uintptr_t)&vectors },
		{ .attr_id = UVERBS_ATTR_QUERY_CONTEXT_CORE_SUPPORT,
		  .len = sizeof(support), .data = (uintptr_t)&support },
	};

	return uverbs_ioctl(UVERBS_OBJECT_DEVICE, UVERBS_METHOD_QUERY_CONTEXT,
			    attr, 2);
}

static int do_ioctl_query_mr(void)
{
	__u32 lkey;
	__u64 length;
	struct ib_uverbs_attr attr[] = {
		{ .attr_id = UVERBS_ATTR_QUERY_MR_HANDLE, .data = mr->handle,
		  .flags = UVERBS_ATTR_F_MANDATORY },
		{ .attr_id = UVERBS_ATTR_QUERY_MR_RESP_LKEY, .len = 4,
		  .data = (uintptr_t)&lkey, .flags = UVERBS_ATTR_F_MANDATORY },
		{ .attr_id = UVERBS_ATTR_QUERY_MR_RESP_RKEY, .len = 4,
		  .data = (uintptr_t)&lkey, .flags = UVERBS_ATTR_F_MANDATORY },
		{ .attr_id = UVERBS_ATTR_QUERY_MR_RESP_LENGTH, .len = 8,
		  .data = (uintptr_t)&length, .flags = UVERBS_ATTR_F_MANDATORY },
	};

	return uverbs_ioctl(UVERBS_OBJECT_MR, UVERBS_METHOD_QUERY_MR, attr, 4);
}

#define CALL(name) { #name, do_##name }
static const struct call {
	const char *name;
	int (*call)(void);
} verbs[] = {
	CALL(query_device), CALL(query_device_ex), CALL(query_port),
	CALL(query_gid), CALL(query_gid_table), CALL(alloc_pd), CALL(reg_mr),
	CALL(rereg_mr), CALL(create_comp_channel), CALL(create_cq),
	CALL(create_cq_ex), CALL(resize_cq), CALL(req_notify_cq),
	CALL(create_srq), CALL(modify_srq), CALL(query_srq), CALL(create_qp),
	CALL(create_qp_ex), CALL(modify_qp), CALL(query_qp), CALL(post_send),
	CALL(attach_mcast), CALL(detach_mcast), CALL(create_ah), CALL(alloc_mw),
	CALL(alloc_td), CALL(open_xrcd), CALL(create_counters),
	CALL(create_flow), CALL(alloc_dm), CALL(write_query_device),
	CALL(write_query_port), CALL(write_comp_channel), CALL(write_poll_cq),
	CALL(write_req_notify), CALL(ioctl_async_fd), CALL(ioctl_query_context),
	CALL(ioctl_query_mr),
};
static int healthy[LENGTH(verbs)];

static bool is_mlx4(void)
{
	return !strncmp(device, "mlx4", 4);
}

static bool is_cxgb4(void)
{
	return !strncmp(device, "cxgb4", 5);
}

/* Calls that are the library's own affair on this provider */
static bool is_local(const char *name)
{
	return !strcmp(name, "alloc_td") ||
	       ((!strncmp(device, "siw", 3) || is_cxgb4() || is_mlx4()) &&
		(!strcmp(name, "req_notify_cq") || !strcmp(name, "post_send")));
}

static void setup_verbs(void)
{
	struct ibv_srq_init_attr sattr = { .attr = { .max_wr = 4, .max_sge = 1 } };
	struct ibv_qp_attr err = { .qp_state = IBV_QPS_ERR };
	struct ibv_qp_init_attr attr;
	struct ibv_recv_wr wr = {}, *bad;
	struct ibv_sge sge;
	int i;

	if (open_device(device, &ctx))
		die("the device cannot be opened");
	pd = ibv_alloc_pd(ctx);
	if (!pd)
		die("ibv_alloc_pd");
	mr = ibv_reg_mr(pd, buffer, sizeof(buffer), IBV_ACCESS_LOCAL_WRITE);
	if (!mr)
		die("ibv_reg_mr");
	for (i = 0; i < 2; i++) {
		channel[i] = ibv_create_comp_channel(ctx);
		if (!channel[i])
			die("ibv_create_comp_channel");
		cq[i] = ibv_create_cq(ctx, 16, NULL, channel[i], 0);
		if (!cq[i])
			die("ibv_create_cq");
	}
	attr = qp_attr(cq[0], IBV_QPT_RC);
	qp = ibv_create_qp(pd, &attr);
	if (!qp)
		die("ibv_create_qp");
	attr = qp_attr(cq[0], IBV_QPT_UD);
	ud_qp = ibv_create_qp(pd, &attr);
	if (ud_qp && to_init(ud_qp))
		die("the UD QP cannot be initialised");
	srq = ibv_create_srq(pd, &sattr);
	mw = ibv_alloc_mw(pd, IBV_MW_TYPE_1);
	ah = new_ah();
	td = ibv_alloc_td(ctx, &(struct ibv_td_init_attr){});
	if (new_async_fd(&async2))
		die("a second file for asynchronous events");

	/* One event waits in each completion channel. */
	sge = (struct ibv_sge){
		.addr = (uintptr_t)buffer, .length = 16, .lkey = mr->lkey,
	};
	wr.sg_list = &sge;
	wr.num_sge = 1;
	for (i = 0; i < 2; i++) {
		attr = qp_attr(cq[i], IBV_QPT_RC);
		flushed_qp[i] = ibv_create_qp(pd, &attr);
		if (!flushed_qp[i] || to_init(flushed_qp[i]))
			die("a QP to flush");
		if (ibv_req_notify_cq(cq[i], 0) ||
		    ibv_post_recv(flushed_qp[i], &wr, &bad) ||
		    ibv_modify_qp(flushed_qp[i], &err, IBV_QP_STATE))
			die("a flush");
		if (!(poll_now(channel[i]->fd, 5000) & POLLIN))
			printf("note: no completion event was queued before\n");
	}

	for (i = 0; i < (int)LENGTH(verbs); i++)
		healthy[i] = verbs[i].call();
	fcntl(ctx->async_fd, F_SETFL, O_NONBLOCK);
	fcntl(async2, F_SETFL, O_NONBLOCK);
	fcntl(channel[0]->fd, F_SETFL, O_NONBLOCK);
	fcntl(channel[1]->fd, F_SETFL, O_NONBLOCK);
}

static void check_verbs(void)
{
	char why[100];
	int i;

	for (i = 0; i < (int)LENGTH(verbs); i++) {
		if (is_local(verbs[i].name)) {
			skip(verbs[i].name, "the kernel is not asked");
		} else if (healthy[i]) {
			snprintf(why, sizeof(why), "a healthy device gave '%s'",
				 strerror(healthy[i]));
			skip(verbs[i].name, why);
		} else {
			errno = 0;
			gives(verbs[i].name, verbs[i].call(), EIO);
		}
	}
	gives("mmap", do_mmap(), EIO);
}

/*
 * Files for events
 */

static volatile sig_atomic_t sigios;

static void on_sigio(int signo)
{
	(void)signo;
	sigios++;
}

struct waiter {
	const char *name;
	int fd;
	bool reads;		/* blocked in read(), else in poll() */
	pthread_t thread;
	int result;
};

static int blocked_fd[2];
static struct waiter waiters[] = {
	{ .name = "reader that was blocked", .reads = true },
	{ .name = "poller that was blocked" },
};

static void *wait_for_event(void *arg)
{
	struct waiter *w = arg;
	char event[64];

	if (w->reads)
		w->result = read(w->fd, event, sizeof(event)) < 0 ? errno : 0;
	else
		w->result = poll_now(w->fd, -1);
	return NULL;
}

static void setup_waiters(void)
{
	struct ib_uverbs_create_comp_channel cmd = {};
	struct ib_uverbs_create_comp_channel_resp resp;
	unsigned int i;

	signal(SIGIO, on_sigio);
	fcntl(ctx->async_fd, F_SETOWN, getpid());
	fcntl(ctx->async_fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	for (i = 0; i < LENGTH(waiters); i++) {
		if (uverbs_write(ctx->cmd_fd,
				 IB_USER_VERBS_CMD_CREATE_COMP_CHANNEL, &cmd,
				 sizeof(cmd), &resp, sizeof(resp)))
			die("a completion channel");
		blocked_fd[i] = resp.fd;
		waiters[i].fd = resp.fd;
		pthread_create(&waiters[i].thread, NULL, wait_for_event,
			       &waiters[i]);
	}
}

static void check_waiters(void)
{
	struct timespec end;
	unsigned int i;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 10;
	for (i = 0; i < LENGTH(waiters); i++) {
		if (pthread_timedjoin_np(waiters[i].thread, NULL, &end)) {
			verdict(false, waiters[i].name, "it still is");
			continue;
		}
		if (waiters[i].reads)
			gives(waiters[i].name, waiters[i].result, EIO);
		else
			verdict(waiters[i].result == CLOSED, waiters[i].name,
				"poll gave %#x, should give %#x",
				waiters[i].result, CLOSED);
	}
	verdict(sigios, "SIGIO", "there was none");
}

static void check_closed(const char *name, int fd)
{
	char event[64], text[100];
	int revents = poll_now(fd, 0);

	snprintf(text, sizeof(text), "poll %s", name);
	verdict(revents == CLOSED, text, "gave %#x, should give %#x", revents,
		CLOSED);
	snprintf(text, sizeof(text), "read %s", name);
	gives(text, read(fd, event, sizeof(event)) < 0 ? errno : 0, EIO);
}

/* The library counts the events of its own file, and waits for that many. */
static bool next_is_fatal(int fd)
{
	struct ib_uverbs_async_event_desc raw;
	struct ibv_async_event event;

	if (fd != ctx->async_fd)
		return read(fd, &raw, sizeof(raw)) == sizeof(raw) &&
		       raw.event_type == IBV_EVENT_DEVICE_FATAL;
	if (ibv_get_async_event(ctx, &event))
		return false;
	ibv_ack_async_event(&event);
	return event.event_type == IBV_EVENT_DEVICE_FATAL;
}

/* Until the end of the stream. Returns how many fatal events there were. */
static int count_fatal(int fd)
{
	int fatal = 0, revents;

	for (;;) {
		revents = poll_now(fd, PATIENCE_MS);
		if (revents & (POLLERR | POLLHUP))
			return fatal;
		if (!revents)
			return -1;
		fatal += next_is_fatal(fd);
	}
}

static void check_async(const char *name, int fd)
{
	int fatal = count_fatal(fd);
	char text[100];

	snprintf(text, sizeof(text), "one fatal event on %s", name);
	verdict(fatal == 1, text, fatal < 0 ? "it never ends" : "there were %d",
		fatal);
	check_closed(name, fd);
}

static void check_completions(void)
{
	struct ibv_cq *of;
	void *context;
	int n = 0;

	while (!ibv_get_cq_event(channel[0], &of, &context)) {
		ibv_ack_cq_events(of, 1);
		n++;
	}
	verdict(n, "queued completion event", "it could not be read");
	check_closed("completion channel", channel[0]->fd);

	/* libmlx4 and libcxgb4 look into the CQ as they destroy a QP */
	if (is_mlx4() || is_cxgb4()) {
		gives("destroy_qp (flushed)", ibv_destroy_qp(flushed_qp[1]), 0);
		flushed_qp[1] = NULL;
	}
	/* It must not wait for an event that it has never got... */
	gives("destroy_cq with an unread event", ibv_destroy_cq(cq[1]), 0);
	cq[1] = NULL;
	/* ... nor may that come any more. */
	check_closed("completion channel of a CQ that is gone", channel[1]->fd);
}

/*
 * Files of the connection manager
 */

enum { F_BOUND, F_LISTEN, F_MCAST, F_ANY, F_FILES };
static int cm_fd[F_FILES];
static __u32 bound, connected_listener, mcast_id, mcast_group, unbound, any;
static __u32 any_port, listen_port;
static bool has_mcast;

/*
 * A client of librdmacm that has a QP, up to its connect request. Its events
 * are not read.
 */
static struct rdma_event_channel *client_channel;
static struct rdma_cm_id *client;

static int client_event(enum rdma_cm_event_type expected)
{
	struct rdma_cm_event *event;
	int ret;

	if (!(poll_now(client_channel->fd, 10000) & POLLIN))
		return ETIMEDOUT;
	if (rdma_get_cm_event(client_channel, &event))
		return errno;
	ret = event->event == expected ? 0 : ECONNREFUSED;
	rdma_ack_cm_event(event);
	return ret;
}

static int client_connect(__u32 port)
{
	struct rdma_conn_param param = { .retry_count = 7 };
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct sockaddr_in to = address;
	int ret;

	to.sin_port = htons(port);
	client_channel = rdma_create_event_channel();
	if (!client_channel ||
	    rdma_create_id(client_channel, &client, NULL, RDMA_PS_TCP) ||
	    rdma_resolve_addr(client, NULL, (struct sockaddr *)&to, 5000))
		return errno;
	ret = client_event(RDMA_CM_EVENT_ADDR_RESOLVED);
	if (ret)
		return ret;
	if (rdma_resolve_route(client, 5000))
		return errno;
	ret = client_event(RDMA_CM_EVENT_ROUTE_RESOLVED);
	if (ret)
		return ret;
	return rdma_create_qp(client, NULL, &attr) || rdma_connect(client, &param) ?
		       errno : 0;
}

static void client_close(void)
{
	if (client->qp)
		rdma_destroy_qp(client);
	rdma_destroy_id(client);
	rdma_destroy_event_channel(client_channel);
}

static void setup_ucma(void)
{
	struct sockaddr_in wildcard = { .sin_family = AF_INET };
	int i;

	any_port = 20000 + getpid() % 10000;
	listen_port = any_port + 10000;
	for (i = 0; i < F_FILES; i++) {
		cm_fd[i] = open("/dev/infiniband/rdma_cm", O_RDWR | O_NONBLOCK);
		if (cm_fd[i] < 0)
			die("/dev/infiniband/rdma_cm");
	}
	/* One that is bound, and has an event that is not read before */
	if (ucma_create(cm_fd[F_BOUND], 1, &bound) ||
	    ucma_resolve(cm_fd[F_BOUND], bound, address) ||
	    !(poll_now(cm_fd[F_BOUND], 5000) & POLLIN))
		die("resolving an address");
	/* One that is bound to nothing */
	if (ucma_create(cm_fd[F_ANY], 2, &unbound))
		die("creating an ID");
	/* One that listens on all addresses */
	if (ucma_create(cm_fd[F_ANY], 3, &any) ||
	    ucma_bind(cm_fd[F_ANY], any, wildcard, any_port) ||
	    ucma_listen(cm_fd[F_ANY], any))
		die("listening on all addresses");
	/* One that listens on the device, and a request that is not read */
	if (ucma_create(cm_fd[F_LISTEN], 4, &connected_listener) ||
	    ucma_bind(cm_fd[F_LISTEN], connected_listener, address, listen_port) ||
	    ucma_listen(cm_fd[F_LISTEN], connected_listener))
		die("listening on the device");
	errno = client_connect(listen_port);
	if (errno || !(poll_now(cm_fd[F_LISTEN], 5000) & POLLIN))
		die("a connect request");
	/* A multicast group, where there are such, and its event */
	if (!ucma_create_ud(cm_fd[F_MCAST], 5, &mcast_id) &&
	    !ucma_bind(cm_fd[F_MCAST], mcast_id, address, 0) &&
	    !ucma_join(cm_fd[F_MCAST], mcast_id, &mcast_group))
		has_mcast = poll_now(cm_fd[F_MCAST], 5000) & POLLIN;
}

/*
 * Reads all events of a file. Waits for a removal, if there should be one.
 * Returns how many of a kind there were, and the ID that the last one told.
 */
static int read_events(int fd, bool removed, __u32 kind, __u32 *id)
{
	struct ucma_event event;
	int n = 0;

	for (;;) {
		if (!poll_now(fd, removed ? PATIENCE_MS : 0))
			return n;
		if (ucma_get_event(fd, &event))
			return n;
		if (event.event == RDMA_CM_EVENT_DEVICE_REMOVAL)
			removed = false;
		if (event.event == kind) {
			n++;
			*id = event.id;
		}
	}
}

static void tell_command(const char *command, int error, void *what)
{
	char name[100];

	snprintf(name, sizeof(name), "ucma %s (%s)", command, (char *)what);
	gives(name, error, EIO);
}

static void check_ucma_commands(int fd, __u32 id, char *what)
{
	ucma_each_command(fd, id, address, cm_fd[F_ANY], tell_command, what);
}

static void check_destroyed(int fd, __u32 id, const char *what, __u32 expected)
{
	char name[100];
	__u32 events;

	snprintf(name, sizeof(name), "ucma DESTROY_ID (%s)", what);
	gives(name, ucma_destroy(fd, id, &events), 0);
	snprintf(name, sizeof(name), "events of the ID (%s)", what);
	verdict(events == expected, name, "%u reported, %u read", events,
		expected);
	snprintf(name, sizeof(name), "ucma DESTROY_ID again (%s)", what);
	gives(name, ucma_destroy(fd, id, &events), ENOENT);
}

static void check_ucma(void)
{
	struct ucma_event event;
	__u32 id, request = 0;
	int n, removals;

	/* The oldest event is what was there before the reset */
	if (!(poll_now(cm_fd[F_BOUND], PATIENCE_MS) & POLLIN) ||
	    ucma_get_event(cm_fd[F_BOUND], &event))
		event.event = -1;
	verdict(event.event == RDMA_CM_EVENT_ADDR_RESOLVED, "queued ucma event",
		"it was %d", event.event);
	n = read_events(cm_fd[F_BOUND], true, RDMA_CM_EVENT_DEVICE_REMOVAL, &id);
	verdict(n == 1 && id == bound, "one DEVICE_REMOVAL", "there were %d", n);
	check_ucma_commands(cm_fd[F_BOUND], bound, "bound");
	check_destroyed(cm_fd[F_BOUND], bound, "bound", 2);

	/* The request is told first, then the removal of the listener */
	if (ucma_get_event(cm_fd[F_LISTEN], &event))
		event.event = -1;
	verdict(event.event == RDMA_CM_EVENT_CONNECT_REQUEST,
		"queued connect request", "it was %d", event.event);
	request = event.id;
	removals = read_events(cm_fd[F_LISTEN], true,
			       RDMA_CM_EVENT_DEVICE_REMOVAL, &id);
	verdict(removals == 1 && id == connected_listener,
		"one DEVICE_REMOVAL for the listener", "there were %d", removals);
	check_ucma_commands(cm_fd[F_LISTEN], request, "request");
	check_ucma_commands(cm_fd[F_LISTEN], connected_listener, "listener");
	check_destroyed(cm_fd[F_LISTEN], connected_listener, "listener", 2);
	check_destroyed(cm_fd[F_LISTEN], request, "request", 0);

	if (has_mcast) {
		gives("ucma LEAVE_MCAST",
		      ucma_leave(cm_fd[F_MCAST], mcast_group), EIO);
		/* No event may tell of what an application has left. */
		n = read_events(cm_fd[F_MCAST], true,
				RDMA_CM_EVENT_MULTICAST_JOIN, &id);
		verdict(!n, "events of a group that was left", "there were %d", n);
		check_destroyed(cm_fd[F_MCAST], mcast_id, "multicast", 1);
	} else {
		skip("ucma LEAVE_MCAST", "no multicast on this device");
	}

	n = read_events(cm_fd[F_ANY], false, RDMA_CM_EVENT_DEVICE_REMOVAL, &id);
	verdict(!n, "IDs of no device hear nothing", "%d removals", n);
	gives("ucma CREATE_ID on a file that has zombies",
	      ucma_create(cm_fd[F_BOUND], 9, &bound), 0);

	/* The client, with the library */
	errno = 0;
	gives("rdma_disconnect", rdma_disconnect(client) ? errno : 0, EIO);
	gives("rdma_resolve_route", rdma_resolve_route(client, 1) ? errno : 0, EIO);
	client_close();
}

/*
 * The device is back: a new context, a listener that is older than the reset,
 * and no librdmacm, which knows the old context only and would use that.
 */

static int await_event(int fd, enum rdma_cm_event_type kind, __u32 *id)
{
	struct ucma_event event;
	int ret;

	if (!(poll_now(fd, 10000) & POLLIN))
		return ETIMEDOUT;
	ret = ucma_get_event(fd, &event);
	if (ret)
		return ret;
	*id = event.id;
	return event.event == kind ? 0 : ECONNREFUSED;
}

static int new_objects(struct pair *p)
{
	struct ibv_qp_init_attr attr;
	int i, ret;

	p->step = "ibv_open_device";
	ret = open_device(device, &p->ctx);
	if (ret)
		return ret;
	p->own_ctx = true;
	p->step = "objects";
	p->pd = ibv_alloc_pd(p->ctx);
	p->cq = ibv_create_cq(p->ctx, 64, NULL, NULL, 0);
	p->buf = aligned_alloc(4096, 2 * PAIR_BYTES);
	if (!p->pd || !p->cq || !p->buf)
		return failed(NULL);
	p->mr = ibv_reg_mr(p->pd, p->buf, 2 * PAIR_BYTES, IBV_ACCESS_LOCAL_WRITE);
	if (!p->mr)
		return failed(NULL);
	attr = qp_attr(p->cq, IBV_QPT_RC);
	for (i = 0; i < 2; i++) {
		p->qp[i] = ibv_create_qp(p->pd, &attr);
		if (!p->qp[i])
			return failed(NULL);
	}
	return 0;
}

static int to_rts(int fd, __u32 id, struct ibv_qp *of)
{
	return ucma_modify_qp(fd, id, of, IBV_QPS_RTR) ?:
	       ucma_modify_qp(fd, id, of, IBV_QPS_RTS);
}

/* fd[0], id[0]: client, fd[1], id[1]: server */
static int connect_by_ucma(struct pair *p, const int *fd, __u32 *id)
{
	bool iwarp = p->ctx->device->transport_type == IBV_TRANSPORT_IWARP;
	struct sockaddr_in to = address;
	__u32 ignored;
	int ret;

#define STEP(call) do {							\
	p->step = #call;						\
	ret = call;							\
	if (ret)							\
		return ret;						\
} while (0)
	to.sin_port = htons(any_port);
	STEP(ucma_create(fd[0], 10, &id[0]));
	STEP(ucma_resolve(fd[0], id[0], to));
	STEP(await_event(fd[0], RDMA_CM_EVENT_ADDR_RESOLVED, &ignored));
	STEP(ucma_resolve_route(fd[0], id[0]));
	STEP(await_event(fd[0], RDMA_CM_EVENT_ROUTE_RESOLVED, &ignored));
	STEP(ucma_modify_qp(fd[0], id[0], p->qp[0], IBV_QPS_INIT));
	STEP(ucma_connect(fd[0], id[0], p->qp[0]));
	STEP(await_event(fd[1], RDMA_CM_EVENT_CONNECT_REQUEST, &id[1]));
	STEP(ucma_modify_qp(fd[1], id[1], p->qp[1], IBV_QPS_INIT));
	if (!iwarp)
		STEP(to_rts(fd[1], id[1], p->qp[1]));
	STEP(ucma_accept(fd[1], id[1], p->qp[1]));
	if (!iwarp) {
		STEP(await_event(fd[0], RDMA_CM_EVENT_CONNECT_RESPONSE, &ignored));
		STEP(to_rts(fd[0], id[0], p->qp[0]));
		STEP(ucma_accept(fd[0], id[0], NULL));
	} else {
		STEP(await_event(fd[0], RDMA_CM_EVENT_ESTABLISHED, &ignored));
	}
	return 0;
#undef STEP
}

static void check_again(void)
{
	struct pair p = { .device = device };
	long long end = now_us() + PATIENCE_MS * 1000LL;
	struct timespec nap = { .tv_nsec = 50000000 };
	int fd[2] = { -1, cm_fd[F_ANY] }, i, ret;
	__u32 id[2] = { -1, -1 }, events;

	/* The node in /dev and the addresses may take a moment. */
	while ((ret = new_objects(&p)) && now_us() < end) {
		pair_close(&p);
		nanosleep(&nap, NULL);
	}
	verdict(!ret, "the device is opened again", "%s", strerror(ret));
	if (ret)
		return;
	while ((ret = ucma_bind(cm_fd[F_ANY], unbound, address, 0)) &&
	       now_us() < end)
		nanosleep(&nap, NULL);
	gives("bind an ID that is older than the reset", ret, 0);

	fd[0] = open("/dev/infiniband/rdma_cm", O_RDWR | O_NONBLOCK);
	ret = connect_by_ucma(&p, fd, id);
	verdict(!ret, "connect to a listener that is older than the reset",
		"%s: %s", p.step, strerror(ret));
	for (i = 0; !ret && i < 10; i++)
		ret = pair_exchange(&p, i);
	verdict(!ret, "data is transferred again", "%s: %s", p.step,
		strerror(ret));
	ucma_destroy(fd[0], id[0], &events);
	ucma_destroy(fd[1], id[1], &events);
	gives("the new context is closed", pair_close(&p), 0);
	close(fd[0]);
	gives("ucma DESTROY_ID (listens on all addresses)",
	      ucma_destroy(cm_fd[F_ANY], any, &events), 0);
}

/*
 * A context without any library, whose files are closed in any order
 */

static int raw_fd[3] = { -1, -1, -1 };
static __u32 raw_pd;

static void setup_raw(void)
{
	struct {
		struct ib_uverbs_get_context cmd;
		char driver[32];
	} get = {};
	struct {
		struct ib_uverbs_get_context_resp resp;
		char driver[64];
	} got = {};
	struct ib_uverbs_create_comp_channel channel_cmd = {};
	struct ib_uverbs_create_comp_channel_resp channel_resp;
	struct ib_uverbs_alloc_pd pd_cmd = {};
	struct {
		struct ib_uverbs_alloc_pd_resp resp;
		char driver[64];
	} pd_got = {};
	char path[100];

	snprintf(path, sizeof(path), "/dev/infiniband/%s", ctx->device->dev_name);
	raw_fd[0] = open(path, O_RDWR | O_CLOEXEC);
	if (raw_fd[0] < 0)
		die(path);
	errno = uverbs_write(raw_fd[0], IB_USER_VERBS_CMD_GET_CONTEXT, &get,
			     sizeof(get.cmd), &got, sizeof(got));
	if (errno)
		die("getting a context by hand");
	raw_fd[1] = got.resp.async_fd;
	errno = uverbs_write(raw_fd[0], IB_USER_VERBS_CMD_CREATE_COMP_CHANNEL,
			     &channel_cmd, sizeof(channel_cmd), &channel_resp,
			     sizeof(channel_resp));
	if (errno)
		die("a completion channel by hand");
	raw_fd[2] = channel_resp.fd;
	errno = uverbs_write(raw_fd[0], IB_USER_VERBS_CMD_ALLOC_PD, &pd_cmd,
			     sizeof(pd_cmd), &pd_got, sizeof(pd_got));
	if (errno)
		die("a PD by hand");
	raw_pd = pd_got.resp.pd_handle;
}

static void shuffle(int *order, int n)
{
	int i, j, swap;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n - 1; i > 0; i--) {
		j = rand() % (i + 1);
		swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
}

static void close_raw(void)
{
	struct ib_uverbs_dealloc_pd cmd = { .pd_handle = raw_pd };
	int order[3], i;

	if (rand() % 2)
		gives("DEALLOC_PD by hand",
		      uverbs_write(raw_fd[0], IB_USER_VERBS_CMD_DEALLOC_PD,
				   &cmd, sizeof(cmd), NULL, 0), 0);
	shuffle(order, 3);
	for (i = 0; i < 3; i++)
		gives("close of a file of the context by hand",
		      close(raw_fd[order[i]]) ? errno : 0, 0);
}

static void close_verbs(void)
{
	int order[16], i;

	/* In any order, as far as the library itself lets go of them */
	shuffle(order, 10);
	for (i = 0; i < 10; i++) {
		switch (order[i]) {
		case 0: gives("destroy_qp", ibv_destroy_qp(qp), 0); break;
		case 1: gives("destroy_qp (flushed)", ibv_destroy_qp(flushed_qp[0]), 0); break;
		case 2: if (flushed_qp[1]) gives("destroy_qp (flushed)", ibv_destroy_qp(flushed_qp[1]), 0); break;
		case 3: if (ud_qp) gives("destroy_qp (UD)", ibv_destroy_qp(ud_qp), 0); break;
		case 4: if (srq) gives("destroy_srq", ibv_destroy_srq(srq), 0); break;
		case 5: if (mw) gives("dealloc_mw", ibv_dealloc_mw(mw), 0); break;
		case 6: if (ah) gives("destroy_ah", ibv_destroy_ah(ah), 0); break;
		case 7: gives("dereg_mr", ibv_dereg_mr(mr), 0); break;
		case 8: if (td) gives("dealloc_td", ibv_dealloc_td(td), 0); break;
		case 9: gives("close (async)", close(async2) ? errno : 0, 0); break;
		}
	}
	gives("destroy_cq", ibv_destroy_cq(cq[0]), 0);
	for (i = 0; i < 2; i++) {
		gives("destroy_comp_channel", ibv_destroy_comp_channel(channel[i]), 0);
		close(blocked_fd[i]);
	}
	gives("dealloc_pd", ibv_dealloc_pd(pd), 0);
	gives("close_device", code(ibv_close_device(ctx)), 0);
}

static void check_fork(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(do_query_port() == EIO ? 0 : 1);
	waitpid(pid, &status, 0);
	verdict(!status, "fork of a process that has a zombie", "status %#x",
		status);
}

int main(int argc, char **argv)
{
	bool gone = false, leave = false;
	unsigned int seed = time(NULL);
	int i;

	if (argc < 3) {
		fprintf(stderr, "usage: zombie DEVICE ADDRESS [gone] [leave] [SEED]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = argv[1];
	address.sin_family = AF_INET;
	if (inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) {
		fprintf(stderr, "zombie: '%s' is no IPv4 address.\n", argv[2]);
		return 2;
	}
	for (i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "gone"))
			gone = true;
		else if (!strcmp(argv[i], "leave"))
			leave = true;
		else
			seed = atoi(argv[i]);
	}
	srand(seed);
	printf("seed %u\n", seed);

	setup_verbs();
	setup_raw();
	setup_ucma();
	setup_waiters();
	printf("ready\n");

	check_async("the first file for asynchronous events", ctx->async_fd);
	check_async("the second file for asynchronous events", async2);
	check_async("the file of the context by hand", raw_fd[1]);
	check_verbs();
	check_waiters();
	check_completions();
	check_fork();
	check_ucma();
	if (!gone)
		check_again();
	if (!leave) {
		close_raw();
		close_verbs();
		for (i = 0; i < F_FILES; i++)
			gives("close of ucma", close(cm_fd[i]) ? errno : 0, 0);
	}
	printf("%d ok, %d failed, %d skipped\n", n_ok, n_failed, n_skipped);
	return n_failed ? 1 : 0;
}
