// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that writes to what it has mapped of a device, whatever has become of it.
 *
 *	scribble DEVICE
 *
 * Makes a CQ and a QP with their queues and says "ready N pages", N being what of its
 * uverbs file is mapped. Then, at a signal:
 *
 * SIGUSR1:	ring its own doorbells, as an application does, and say "rang N times"
 * SIGUSR2:	write PASSES times to each word of each of these pages, read those that
 *		it must not write to, and say "wrote to N pages, M have kept it"
 * SIGTERM:	close all and end; the exit status is 1 if that fails
 */
#define _GNU_SOURCE
#include <errno.h>
#include <infiniband/verbs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RINGS 200
#define PASSES 500
#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint32_t))

struct mapping {
	uintptr_t start, end;
	int writable;
};

static struct mapping maps[64];
static unsigned int n_maps, n_pages;

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(2);
}

static void find_mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[512], mode[5];

	if (!f)
		die("/proc/self/maps");
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "/uverbs") ||
		    sscanf(line, "%lx-%lx %4s", &start, &end, mode) != 3)
			continue;
		if (n_maps == sizeof(maps) / sizeof(maps[0]))
			break;
		maps[n_maps++] = (struct mapping){ start, end, mode[1] == 'w' };
		n_pages += (end - start) / PAGE;
	}
	fclose(f);
}

static void ring(struct ibv_cq *cq, struct ibv_qp *qp, struct ibv_mr *mr)
{
	struct ibv_sge sge = { .addr = (uintptr_t)mr->addr, .length = 64, .lkey = mr->lkey };
	struct ibv_recv_wr wr = { .sg_list = &sge, .num_sge = 1 }, *bad;
	unsigned int i;

	for (i = 0; i < RINGS; i++) {
		if (ibv_req_notify_cq(cq, 0))
			die("ibv_req_notify_cq");
		/* The queue is full at some time, which is no matter */
		ibv_post_recv(qp, &wr, &bad);
	}
	printf("rang %d times\n", RINGS);
}

static void scribble(void)
{
	unsigned int i, j, pass, written = 0, kept = 0;
	volatile uint32_t *word;
	uintptr_t page;

	for (i = 0; i < n_maps; i++) {
		for (page = maps[i].start; page < maps[i].end; page += PAGE) {
			word = (volatile uint32_t *)page;
			if (!maps[i].writable) {
				(void)word[0];
				continue;
			}
			for (pass = 0; pass < PASSES; pass++)
				for (j = 0; j < WORDS; j++)
					word[j] = 0x01000000u + j;
			written++;
			for (j = 0; j < WORDS && word[j] == 0x01000000u + j; j++)
				;
			kept += j == WORDS;
		}
	}
	printf("wrote to %u pages, %u have kept it\n", written, kept);
}

int main(int argc, char **argv)
{
	struct ibv_qp_attr to_init = { .qp_state = IBV_QPS_INIT, .port_num = 1 };
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = 64, .max_recv_wr = 2 * RINGS,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	static char buffer[PAGE] __attribute__((aligned(4096)));
	struct ibv_context *ctx = NULL;
	struct ibv_device **list;
	struct ibv_pd *pd;
	struct ibv_mr *mr;
	sigset_t set;
	int i, sig;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2) {
		fprintf(stderr, "usage: scribble DEVICE\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);

	list = ibv_get_device_list(NULL);
	for (i = 0; list && list[i] && !ctx; i++)
		if (!strcmp(ibv_get_device_name(list[i]), argv[1]))
			ctx = ibv_open_device(list[i]);
	if (!ctx)
		die(argv[1]);
	pd = ibv_alloc_pd(ctx);
	mr = pd ? ibv_reg_mr(pd, buffer, sizeof(buffer), IBV_ACCESS_LOCAL_WRITE) : NULL;
	attr.send_cq = mr ? ibv_create_cq(ctx, 64, NULL, NULL, 0) : NULL;
	attr.recv_cq = attr.send_cq;
	struct ibv_qp *qp = attr.send_cq ? ibv_create_qp(pd, &attr) : NULL;

	if (!qp || ibv_modify_qp(qp, &to_init, IBV_QP_STATE | IBV_QP_PKEY_INDEX |
				 IBV_QP_PORT | IBV_QP_ACCESS_FLAGS))
		die("the objects");
	find_mappings();
	printf("ready %u pages\n", n_pages);

	while (!sigwait(&set, &sig) && sig != SIGTERM) {
		if (sig == SIGUSR1)
			ring(attr.send_cq, qp, mr);
		else
			scribble();
	}
	return ibv_destroy_qp(qp) || ibv_destroy_cq(attr.send_cq) || ibv_dereg_mr(mr) ||
	       ibv_dealloc_pd(pd) || ibv_close_device(ctx);
}
