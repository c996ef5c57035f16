/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the library share. */
#ifndef VFU_SERVER_H
#define VFU_SERVER_H

#include "vfu.h"
#include "wire.h"

#define VFU_MAX_MAPS		512
#define VFU_MAX_CONTROLS	8

struct vfu_map {
	uint64_t addr;
	uint64_t size;
	uint8_t *ptr;		/* NULL: the client keeps this memory to itself */
};

struct vfu_control {
	int fd;
	size_t len;
	char line[512];
};

struct vfu_server {
	const struct vfu_ops *ops;
	void *priv;
	bool stop;

	int listener;
	int client;
	int control_listener;
	struct vfu_control controls[VFU_MAX_CONTROLS];

	uint8_t config[VFU_CONFIG_SIZE];
	uint8_t config_writable[VFU_CONFIG_SIZE];
	uint64_t bar_size[VFU_NR_BARS];
	const uint8_t *vpd;
	unsigned int vpd_offset;	/* of its capability */
	unsigned int vpd_len;
	unsigned int express_offset;	/* of that capability */

	unsigned int nr_vectors;
	int vector_fd[VFU_MAX_VECTORS];

	unsigned int nr_maps;
	struct vfu_map maps[VFU_MAX_MAPS];

	struct vfu_message message;
};

/* dma.c */
int vfu_dma_map(struct vfu_server *s, struct vfu_message *m);
int vfu_dma_unmap(struct vfu_server *s, const struct vfu_message *m);
void vfu_dma_unmap_all(struct vfu_server *s);

/* irq.c */
void vfu_irq_init(struct vfu_server *s);
void vfu_irq_disable_all(struct vfu_server *s);
int vfu_irq_info(struct vfu_server *s, const struct vfu_message *m);
int vfu_irq_set(struct vfu_server *s, struct vfu_message *m);

/* pci.c */
void vfu_pci_reset(struct vfu_server *s);
void vfu_pci_read(struct vfu_server *s, unsigned int offset, void *buf,
		  unsigned int len);
void vfu_pci_write(struct vfu_server *s, unsigned int offset, const void *buf,
		   unsigned int len);

/* message.c */
int vfu_handle(struct vfu_server *s);

/* control.c */
void vfu_control_accept(struct vfu_server *s);
void vfu_control_input(struct vfu_server *s, struct vfu_control *c);

#endif
