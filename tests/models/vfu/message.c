// SPDX-License-Identifier: GPL-2.0-only
/* One request of the client, one answer. */
#include <errno.h>
#include <string.h>

#include "server.h"

#define REGION_CONFIG	7
#define NR_REGIONS	9
#define NR_IRQ_INDEXES	5

struct device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t nr_regions;
	uint32_t nr_irqs;
};

#define DEVICE_FLAG_RESET	0x1
#define DEVICE_FLAG_PCI		0x2

struct region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};

#define REGION_FLAG_READ	0x1
#define REGION_FLAG_WRITE	0x2

static uint64_t region_size(const struct vfu_server *s, uint32_t region)
{
	if (region == REGION_CONFIG)
		return VFU_CONFIG_SIZE;
	return region < VFU_NR_BARS ? s->bar_size[region] : 0;
}

static int handle_version(struct vfu_server *s, struct vfu_message *m)
{
	static const char caps[] =
		"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":16384}}";
	uint8_t out[sizeof(struct vfu_version) + sizeof(caps)];
	struct vfu_version v;

	if (m->len < sizeof(v))
		return vfu_reply_error(s->client, &m->h, EINVAL);
	memcpy(&v, m->data, sizeof(v));
	if (v.major != 0) {
		vfu_log(0, "The client speaks vfio-user %u.%u; this server speaks 0.x.",
			v.major, v.minor);
		return vfu_reply_error(s->client, &m->h, EINVAL);
	}
	memcpy(out, &v, sizeof(v));
	memcpy(out + sizeof(v), caps, sizeof(caps));
	return vfu_reply(s->client, &m->h, out, sizeof(out));
}

static int handle_device_info(struct vfu_server *s, struct vfu_message *m)
{
	struct device_info info = {
		.argsz = sizeof(info),
		.flags = DEVICE_FLAG_RESET | DEVICE_FLAG_PCI,
		.nr_regions = NR_REGIONS,
		.nr_irqs = NR_IRQ_INDEXES,
	};

	return vfu_reply(s->client, &m->h, &info, sizeof(info));
}

static int handle_region_info(struct vfu_server *s, struct vfu_message *m)
{
	struct region_info info;

	if (m->len < sizeof(info))
		return vfu_reply_error(s->client, &m->h, EINVAL);
	memcpy(&info, m->data, sizeof(info));
	info.argsz = sizeof(info);
	info.cap_offset = 0;
	info.size = region_size(s, info.index);
	info.flags = info.size ? REGION_FLAG_READ | REGION_FLAG_WRITE : 0;
	info.offset = (uint64_t)info.index << 40;
	return vfu_reply(s->client, &m->h, &info, sizeof(info));
}

/* Whether a read or write is within its region, and what it is */
static bool get_access(struct vfu_server *s, const struct vfu_message *m,
		       struct vfu_region_access *a)
{
	uint64_t size;

	if (m->len < sizeof(*a))
		return false;
	memcpy(a, m->data, sizeof(*a));
	size = region_size(s, a->region);
	return a->count <= VFU_MAX_DATA && a->count <= size &&
	       a->offset <= size - a->count;
}

static int handle_read(struct vfu_server *s, struct vfu_message *m)
{
	static uint8_t out[sizeof(struct vfu_region_access) + VFU_MAX_DATA];
	struct vfu_region_access a;
	void *data = out + sizeof(a);

	if (!get_access(s, m, &a))
		return vfu_reply_error(s->client, &m->h, EINVAL);
	memcpy(out, &a, sizeof(a));
	memset(data, 0, a.count);
	if (a.region == REGION_CONFIG)
		vfu_pci_read(s, a.offset, data, a.count);
	else
		s->ops->read(s->priv, a.region, a.offset, data, a.count);
	return vfu_reply(s->client, &m->h, out, sizeof(a) + a.count);
}

static int handle_write(struct vfu_server *s, struct vfu_message *m)
{
	struct vfu_region_access a;
	const void *data = m->data + sizeof(a);
	int err;

	if (!get_access(s, m, &a) || m->len < sizeof(a) + a.count)
		return vfu_reply_error(s->client, &m->h, EINVAL);
	/* The guest goes on at once; what the write starts takes its time */
	err = vfu_reply(s->client, &m->h, &a, sizeof(a));
	if (a.region == REGION_CONFIG)
		vfu_pci_write(s, a.offset, data, a.count);
	else
		s->ops->write(s->priv, a.region, a.offset, data, a.count);
	return err;
}

static int reply_status(struct vfu_server *s, struct vfu_message *m, int error,
			size_t echo)
{
	if (error)
		return vfu_reply_error(s->client, &m->h, error);
	return vfu_reply(s->client, &m->h, m->data, echo);
}

static int dispatch(struct vfu_server *s, struct vfu_message *m)
{
	switch (m->h.command) {
	case VFU_VERSION:
		return handle_version(s, m);
	case VFU_DMA_MAP:
		return reply_status(s, m, vfu_dma_map(s, m), 0);
	case VFU_DMA_UNMAP:
		return reply_status(s, m, vfu_dma_unmap(s, m),
				    sizeof(struct vfu_dma_unmap));
	case VFU_DEVICE_GET_INFO:
		return handle_device_info(s, m);
	case VFU_GET_REGION_INFO:
		return handle_region_info(s, m);
	case VFU_GET_IRQ_INFO:
		return vfu_irq_info(s, m);
	case VFU_SET_IRQS:
		return reply_status(s, m, vfu_irq_set(s, m), 0);
	case VFU_REGION_READ:
		return handle_read(s, m);
	case VFU_REGION_WRITE:
		return handle_write(s, m);
	case VFU_DEVICE_RESET:
		s->ops->reset(s->priv);
		return vfu_reply(s->client, &m->h, NULL, 0);
	default:
		vfu_log(1, "The client's command %u is not known.", m->h.command);
		return vfu_reply_error(s->client, &m->h, ENOTSUP);
	}
}

/* Receive and answer one message; negative: the client is gone */
int vfu_handle(struct vfu_server *s)
{
	struct vfu_message *m = &s->message;
	int err;

	err = vfu_recv(s->client, m);
	if (err)
		return err;
	err = dispatch(s, m);
	vfu_message_close_fds(m);
	return err;
}
