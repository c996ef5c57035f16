/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two queue pairs of one device that are connected to each other, as the test
 * programs use them: with verbs alone where the transport allows that
 * (RoCE), through the RDMA CM where it does not (iWARP), or where asked for.
 *
 * All functions return 0 or an errno value.
 */
#ifndef PAIR_H
#define PAIR_H

#include <rdma/rdma_cma.h>
#include <stdbool.h>

#define PAIR_BYTES 4096

struct pair {
	const char *device;	/* name, as in sysfs */
	const char *address;	/* IPv4 address of the netdev below */
	bool with_cm;		/* connect through the RDMA CM in any case */

	struct ibv_context *ctx;
	struct ibv_comp_channel *channel;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_mr *mr;
	struct ibv_qp *qp[2];
	unsigned char *buf;	/* one half to send from, one to receive into */

	struct rdma_event_channel *cm;
	struct rdma_cm_id *id[3];	/* client, server, listener */
	bool own_ctx;
	const char *step;	/* what was tried last, for messages */
};

int open_device(const char *name, struct ibv_context **ctx);
/* The index of the GID that belongs to an IPv4 address, for RoCE v2; or -1. */
int find_gid(struct ibv_context *ctx, const char *address, union ibv_gid *gid);
int pair_open(struct pair *p);
int pair_exchange(struct pair *p, unsigned int round);
int pair_close(struct pair *p);
long long now_us(void);

#endif /* PAIR_H */
