// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X only: each vector is an eventfd of the client. The table, masking and
 * pending bits are the client's business.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "server.h"

#define IRQ_INDEX_MSIX		2

#define IRQ_INFO_EVENTFD	0x1
#define IRQ_INFO_NORESIZE	0x8

#define IRQ_SET_DATA_EVENTFD	0x04
#define IRQ_SET_ACTION_TRIGGER	0x20

struct irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

struct irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};

void vfu_irq_init(struct vfu_server *s)
{
	unsigned int i;

	for (i = 0; i < VFU_MAX_VECTORS; i++)
		s->vector_fd[i] = -1;
}

int vfu_irq_info(struct vfu_server *s, const struct vfu_message *m)
{
	struct irq_info info;

	if (m->len < sizeof(info))
		return vfu_reply_error(s->client, &m->h, EINVAL);
	memcpy(&info, m->data, sizeof(info));
	info.argsz = sizeof(info);
	info.flags = IRQ_INFO_EVENTFD | IRQ_INFO_NORESIZE;
	info.count = info.index == IRQ_INDEX_MSIX ? s->nr_vectors : 0;
	return vfu_reply(s->client, &m->h, &info, sizeof(info));
}

static void set_vector(struct vfu_server *s, unsigned int vector, int fd)
{
	if (s->vector_fd[vector] >= 0)
		close(s->vector_fd[vector]);
	s->vector_fd[vector] = fd;
}

void vfu_irq_disable_all(struct vfu_server *s)
{
	unsigned int i;

	for (i = 0; i < VFU_MAX_VECTORS; i++)
		set_vector(s, i, -1);
}

int vfu_irq_set(struct vfu_server *s, struct vfu_message *m)
{
	struct irq_set set;
	unsigned int i;

	if (m->len < sizeof(set))
		return EINVAL;
	memcpy(&set, m->data, sizeof(set));
	if (set.index != IRQ_INDEX_MSIX || !(set.flags & IRQ_SET_ACTION_TRIGGER))
		return 0;
	/* No data and a count of 0 disables them all */
	if (!set.count && !(set.flags & IRQ_SET_DATA_EVENTFD)) {
		set.start = 0;
		set.count = s->nr_vectors;
	}
	if (set.start > s->nr_vectors || set.count > s->nr_vectors - set.start)
		return EINVAL;
	for (i = 0; i < set.count; i++) {
		int fd = -1;

		if (i < m->nr_fds) {
			fd = m->fds[i];
			m->fds[i] = -1;
		}
		set_vector(s, set.start + i, fd);
	}
	return 0;
}

/**
 * vfu_irq - raise an MSI-X interrupt
 * @s: the server
 * @vector: which one
 *
 * Return: whether the client listens to that vector.
 */
bool vfu_irq(struct vfu_server *s, unsigned int vector)
{
	uint64_t one = 1;

	if (vector >= s->nr_vectors || s->vector_fd[vector] < 0)
		return false;
	return write(s->vector_fd[vector], &one, sizeof(one)) == sizeof(one);
}
