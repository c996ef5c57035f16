// SPDX-License-Identifier: GPL-2.0-only
/* See ucma.h */
#include <arpa/inet.h>
#include <errno.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/rdma_user_cm.h>
#include <string.h>
#include <unistd.h>
#include "ucma.h"

/* libibverbs has it, but no header tells of it. */
void ibv_copy_qp_attr_from_kern(struct ibv_qp_attr *dst,
				struct ib_uverbs_qp_attr *src);

/*
 * The first field of a command that has a response is where to put it. (Not so
 * in CREATE_ID.)
 */
static int ucma(int fd, unsigned int command, const void *request, size_t size,
		void *response, size_t response_size)
{
	struct {
		struct rdma_ucm_cmd_hdr hdr;
		char body[1024];
	} msg = { .hdr = { command, size, response_size } };
	__u64 where = (uintptr_t)response;

	memcpy(msg.body, request, size);
	if (response)
		memcpy(msg.body, &where, sizeof(where));
	errno = 0;
	return write(fd, &msg, sizeof(msg.hdr) + size) < 0 ? errno : 0;
}

static int create(int fd, int ps, int type, __u64 uid, __u32 *id)
{
	struct rdma_ucm_create_id_resp resp = {};
	struct rdma_ucm_create_id cmd = {
		.uid = uid, .response = (uintptr_t)&resp, .ps = ps, .qp_type = type,
	};
	struct {
		struct rdma_ucm_cmd_hdr hdr;
		struct rdma_ucm_create_id cmd;
	} msg = {
		{ RDMA_USER_CM_CMD_CREATE_ID, sizeof(cmd), sizeof(resp) }, cmd,
	};
	int ret = write(fd, &msg, sizeof(msg)) < 0 ? errno : 0;

	*id = resp.id;
	return ret;
}

int ucma_create(int fd, uint64_t uid, uint32_t *id)
{
	return create(fd, RDMA_PS_TCP, IBV_QPT_RC, uid, id);
}

int ucma_create_ud(int fd, uint64_t uid, uint32_t *id)
{
	return create(fd, RDMA_PS_UDP, IBV_QPT_UD, uid, id);
}

int ucma_destroy(int fd, uint32_t id, uint32_t *events_reported)
{
	struct rdma_ucm_destroy_id cmd = { .id = id };
	struct rdma_ucm_destroy_id_resp resp = {};
	int ret = ucma(fd, RDMA_USER_CM_CMD_DESTROY_ID, &cmd, sizeof(cmd),
		       &resp, sizeof(resp));

	*events_reported = resp.events_reported;
	return ret;
}

int ucma_bind(int fd, uint32_t id, struct sockaddr_in address, uint16_t port)
{
	struct rdma_ucm_bind cmd = { .id = id, .addr_size = sizeof(address) };

	address.sin_port = htons(port);
	memcpy(&cmd.addr, &address, sizeof(address));
	return ucma(fd, RDMA_USER_CM_CMD_BIND, &cmd, sizeof(cmd), NULL, 0);
}

int ucma_listen(int fd, uint32_t id)
{
	struct rdma_ucm_listen cmd = { .id = id, .backlog = 4 };

	return ucma(fd, RDMA_USER_CM_CMD_LISTEN, &cmd, sizeof(cmd), NULL, 0);
}

int ucma_resolve(int fd, uint32_t id, struct sockaddr_in address)
{
	struct rdma_ucm_resolve_addr cmd = {
		.id = id, .timeout_ms = 2000, .dst_size = sizeof(address),
	};

	memcpy(&cmd.dst_addr, &address, sizeof(address));
	return ucma(fd, RDMA_USER_CM_CMD_RESOLVE_ADDR, &cmd, sizeof(cmd), NULL, 0);
}

int ucma_resolve_route(int fd, uint32_t id)
{
	struct rdma_ucm_resolve_route cmd = { .id = id, .timeout_ms = 2000 };

	return ucma(fd, RDMA_USER_CM_CMD_RESOLVE_ROUTE, &cmd, sizeof(cmd), NULL,
		    0);
}

/* To the state, with what the connection manager knows of the connection */
int ucma_modify_qp(int fd, uint32_t id, struct ibv_qp *qp,
		   enum ibv_qp_state state)
{
	struct rdma_ucm_init_qp_attr cmd = { .id = id, .qp_state = state };
	struct ib_uverbs_qp_attr resp = {};
	struct ibv_qp_attr attr = { .qp_state = state };
	int ret = ucma(fd, RDMA_USER_CM_CMD_INIT_QP_ATTR, &cmd, sizeof(cmd),
		       &resp, sizeof(resp));

	if (ret)
		return ret;
	ibv_copy_qp_attr_from_kern(&attr, &resp);
	return ibv_modify_qp(qp, &attr, resp.qp_attr_mask);
}

static struct rdma_ucm_conn_param conn_param(struct ibv_qp *qp)
{
	return (struct rdma_ucm_conn_param){
		.qp_num = qp->qp_num, .responder_resources = 1,
		.initiator_depth = 1, .retry_count = 7, .rnr_retry_count = 7,
		.valid = 1,
	};
}

int ucma_connect(int fd, uint32_t id, struct ibv_qp *qp)
{
	struct rdma_ucm_connect cmd = {
		.id = id, .conn_param = conn_param(qp),
	};

	return ucma(fd, RDMA_USER_CM_CMD_CONNECT, &cmd, sizeof(cmd), NULL, 0);
}

/* Without a QP: the last of three messages, where there are three */
int ucma_accept(int fd, uint32_t id, struct ibv_qp *qp)
{
	struct rdma_ucm_accept cmd = { .id = id };

	if (qp)
		cmd.conn_param = conn_param(qp);
	return ucma(fd, RDMA_USER_CM_CMD_ACCEPT, &cmd, sizeof(cmd), NULL, 0);
}

static struct sockaddr_in group_address(void)
{
	struct sockaddr_in group = { .sin_family = AF_INET };

	inet_pton(AF_INET, "239.1.1.2", &group.sin_addr);
	return group;
}

int ucma_join(int fd, uint32_t id, uint32_t *group)
{
	struct rdma_ucm_join_mcast cmd = {
		.uid = 7, .id = id, .addr_size = sizeof(struct sockaddr_in),
		.join_flags = RDMA_MC_JOIN_FLAG_FULLMEMBER,
	};
	struct rdma_ucm_create_id_resp resp = {};
	struct sockaddr_in address = group_address();
	int ret;

	memcpy(&cmd.addr, &address, sizeof(address));
	ret = ucma(fd, RDMA_USER_CM_CMD_JOIN_MCAST, &cmd, sizeof(cmd), &resp,
		   sizeof(resp));
	*group = resp.id;
	return ret;
}

int ucma_leave(int fd, uint32_t group)
{
	struct rdma_ucm_destroy_id cmd = { .id = group };
	struct rdma_ucm_destroy_id_resp resp;

	return ucma(fd, RDMA_USER_CM_CMD_LEAVE_MCAST, &cmd, sizeof(cmd), &resp,
		    sizeof(resp));
}

int ucma_reject(int fd, uint32_t id)
{
	struct rdma_ucm_reject cmd = { .id = id };

	return ucma(fd, RDMA_USER_CM_CMD_REJECT, &cmd, sizeof(cmd), NULL, 0);
}

int ucma_get_event(int fd, struct ucma_event *event)
{
	struct rdma_ucm_get_event cmd = {};
	struct rdma_ucm_event_resp resp = {};
	int ret = ucma(fd, RDMA_USER_CM_CMD_GET_EVENT, &cmd, sizeof(cmd), &resp,
		       sizeof(resp));

	*event = (struct ucma_event){ .id = resp.id, .event = resp.event };
	return ret;
}

void ucma_each_command(int fd, uint32_t id, struct sockaddr_in address,
		       int other_fd,
		       void (*tell)(const char *command, int error, void *data),
		       void *data)
{
	struct sockaddr_in group = group_address();
	char resp[4096];
	__u32 new_group;
	__u8 tos = 8;

#define TELL(command, ...) tell(#command, __VA_ARGS__, data)
#define COMMAND(command, type, size, ...)				\
	TELL(command, ucma(fd, RDMA_USER_CM_CMD_##command,		\
			   &(struct type){ __VA_ARGS__ },		\
			   sizeof(struct type), size ? resp : NULL, size))
	struct rdma_ucm_bind_ip bind_ip = { .id = id };
	struct rdma_ucm_resolve_ip resolve_ip = { .id = id };
	struct rdma_ucm_join_ip_mcast join_ip = { .id = id };

	memcpy(&bind_ip.addr, &address, sizeof(address));
	memcpy(&resolve_ip.dst_addr, &address, sizeof(address));
	memcpy(&join_ip.addr, &group, sizeof(group));
	TELL(BIND_IP, ucma(fd, RDMA_USER_CM_CMD_BIND_IP, &bind_ip,
			   sizeof(bind_ip), NULL, 0));
	TELL(RESOLVE_IP, ucma(fd, RDMA_USER_CM_CMD_RESOLVE_IP, &resolve_ip,
			      sizeof(resolve_ip), NULL, 0));
	TELL(JOIN_IP_MCAST, ucma(fd, RDMA_USER_CM_CMD_JOIN_IP_MCAST, &join_ip,
				 sizeof(join_ip), resp,
				 sizeof(struct rdma_ucm_create_id_resp)));
	TELL(BIND, ucma_bind(fd, id, address, 0));
	TELL(RESOLVE_ADDR, ucma_resolve(fd, id, address));
	TELL(LISTEN, ucma_listen(fd, id));
	TELL(JOIN_MCAST, ucma_join(fd, id, &new_group));
	TELL(REJECT, ucma_reject(fd, id));
	COMMAND(RESOLVE_ROUTE, rdma_ucm_resolve_route, 0, .id = id,
		.timeout_ms = 1);
	COMMAND(QUERY_ROUTE, rdma_ucm_query, sizeof(resp), .id = id);
	COMMAND(QUERY, rdma_ucm_query, sizeof(resp), .id = id,
		.option = RDMA_USER_CM_QUERY_ADDR);
	COMMAND(QUERY, rdma_ucm_query, sizeof(resp), .id = id,
		.option = RDMA_USER_CM_QUERY_PATH);
	COMMAND(QUERY, rdma_ucm_query, sizeof(resp), .id = id,
		.option = RDMA_USER_CM_QUERY_GID);
	COMMAND(CONNECT, rdma_ucm_connect, 0, .id = id, .conn_param.valid = 1);
	COMMAND(ACCEPT, rdma_ucm_accept, 0, .id = id, .conn_param.valid = 1);
	COMMAND(ACCEPT, rdma_ucm_accept, 0, .id = id);
	COMMAND(DISCONNECT, rdma_ucm_disconnect, 0, .id = id);
	COMMAND(INIT_QP_ATTR, rdma_ucm_init_qp_attr, sizeof(resp), .id = id,
		.qp_state = IBV_QPS_INIT);
	COMMAND(SET_OPTION, rdma_ucm_set_option, 0, .id = id,
		.level = RDMA_OPTION_ID, .optname = RDMA_OPTION_ID_TOS,
		.optlen = 1, .optval = (uintptr_t)&tos);
	COMMAND(NOTIFY, rdma_ucm_notify, 0, .id = id, .event = IBV_EVENT_COMM_EST);
	TELL(MIGRATE_ID,
	     ucma(other_fd, RDMA_USER_CM_CMD_MIGRATE_ID,
		  &(struct rdma_ucm_migrate_id){ .id = id, .fd = fd },
		  sizeof(struct rdma_ucm_migrate_id), resp,
		  sizeof(struct rdma_ucm_migrate_resp)));
#undef COMMAND
#undef TELL
}
