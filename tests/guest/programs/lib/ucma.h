/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands of /dev/infiniband/rdma_cm as the kernel has them, without what
 * librdmacm does in between. Its header and the kernel's cannot be had together.
 *
 * All functions return 0 or an errno value.
 */
#ifndef UCMA_H
#define UCMA_H

#include <infiniband/verbs.h>
#include <netinet/in.h>
#include <stdint.h>

struct ucma_event {
	uint32_t id;
	uint32_t event;		/* enum rdma_cm_event_type */
};

int ucma_create(int fd, uint64_t uid, uint32_t *id);
int ucma_create_ud(int fd, uint64_t uid, uint32_t *id);
int ucma_destroy(int fd, uint32_t id, uint32_t *events_reported);
int ucma_bind(int fd, uint32_t id, struct sockaddr_in address, uint16_t port);
int ucma_listen(int fd, uint32_t id);
int ucma_resolve(int fd, uint32_t id, struct sockaddr_in address);
int ucma_resolve_route(int fd, uint32_t id);
int ucma_modify_qp(int fd, uint32_t id, struct ibv_qp *qp,
		   enum ibv_qp_state state);
int ucma_connect(int fd, uint32_t id, struct ibv_qp *qp);
int ucma_accept(int fd, uint32_t id, struct ibv_qp *qp);
int ucma_join(int fd, uint32_t id, uint32_t *group);
int ucma_leave(int fd, uint32_t group);
int ucma_reject(int fd, uint32_t id);
int ucma_get_event(int fd, struct ucma_event *event);

/* Every command on an existing ID, but DESTROY_ID; @tell hears what it gave */
void ucma_each_command(int fd, uint32_t id, struct sockaddr_in address,
		       int other_fd,
		       void (*tell)(const char *command, int error, void *data),
		       void *data);

#endif /* UCMA_H */
