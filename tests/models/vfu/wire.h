/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes over the socket. The numbers are those of the vfio-user
 * specification; regions, interrupts and flags are those of <linux/vfio.h>,
 * which the specification refers to.
 */
#ifndef VFU_WIRE_H
#define VFU_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum vfu_command {
	VFU_VERSION		= 1,
	VFU_DMA_MAP		= 2,
	VFU_DMA_UNMAP		= 3,
	VFU_DEVICE_GET_INFO	= 4,
	VFU_GET_REGION_INFO	= 5,
	VFU_GET_REGION_IO_FDS	= 6,
	VFU_GET_IRQ_INFO	= 7,
	VFU_SET_IRQS		= 8,
	VFU_REGION_READ		= 9,
	VFU_REGION_WRITE	= 10,
	VFU_DMA_READ		= 11,
	VFU_DMA_WRITE		= 12,
	VFU_DEVICE_RESET	= 13,
};

#define VFU_FLAG_REPLY		0x01
#define VFU_FLAG_NO_REPLY	0x10
#define VFU_FLAG_ERROR		0x20

#define VFU_MAX_DATA		16384	/* of one read or write */
#define VFU_MAX_FDS		64
#define VFU_MAX_PAYLOAD		65536

struct vfu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;		/* with this header */
	uint32_t flags;
	uint32_t error;
};

/* A message that has arrived; whoever uses a descriptor sets it to -1 */
struct vfu_message {
	struct vfu_header h;
	size_t len;		/* of the payload */
	unsigned int nr_fds;
	int fds[VFU_MAX_FDS];
	uint8_t data[VFU_MAX_PAYLOAD];
};

struct vfu_version {
	uint16_t major;
	uint16_t minor;
};

struct vfu_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset;
	uint64_t addr;
	uint64_t size;
};

#define VFU_DMA_MAP_READ	0x1
#define VFU_DMA_MAP_WRITE	0x2

struct vfu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t addr;
	uint64_t size;
};

#define VFU_DMA_UNMAP_ALL	0x2

struct vfu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};

/* wire.c: 0, or a negative errno */
int vfu_recv(int sock, struct vfu_message *m);
void vfu_message_close_fds(struct vfu_message *m);
int vfu_reply(int sock, const struct vfu_header *to, const void *data,
	      size_t len);
int vfu_reply_error(int sock, const struct vfu_header *to, int error);

#endif
