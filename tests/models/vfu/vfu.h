/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A server of the vfio-user protocol for one PCI device and one client.
 *
 * The client is QEMU's vfio-user-pci. It hands over the guest's memory as file
 * descriptors, forwards what the guest's driver reads and writes in config
 * space and BARs, and takes interrupts as eventfds. The server is one thread:
 * no callback runs beside another one. A callback must not block, because the
 * client waits for a read with one of the guest's processors.
 */
#ifndef VFU_H
#define VFU_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define VFU_NR_BARS	6
#define VFU_MAX_VECTORS	64
#define VFU_CONFIG_SIZE	4096

struct vfu_server;

/**
 * struct vfu_ops - what a device model does
 * @read: the guest reads @len bytes (1, 2, 4 or 8) at @offset of a BAR; the
 *	buffer is zeroed
 * @write: the guest writes them
 * @config_read: may replace what config space answers; may be NULL
 * @reset: function level reset, or the client's reset of the machine
 * @work: timers and polling; returns in how many milliseconds it wants to be
 *	called again, or -1. It is called after every message and every time-out
 * @control: one line from the control socket, split into words; what it writes to
 *	@out is the answer. Returns 0, or a negative number for an error
 */
struct vfu_ops {
	void (*read)(void *priv, unsigned int bar, uint64_t offset, void *buf,
		     unsigned int len);
	void (*write)(void *priv, unsigned int bar, uint64_t offset,
		      const void *buf, unsigned int len);
	void (*config_read)(void *priv, unsigned int offset, void *buf,
			    unsigned int len);
	void (*reset)(void *priv);
	int (*work)(void *priv);
	int (*control)(void *priv, int argc, char **argv, FILE *out);
};

/* server.c */
struct vfu_server *vfu_create(const struct vfu_ops *ops, void *priv);
int vfu_listen(struct vfu_server *s, const char *path, const char *control);
int vfu_run(struct vfu_server *s, bool keep);
void vfu_stop(struct vfu_server *s);

/* pci.c: before vfu_listen() */
struct vfu_pci_id {
	uint16_t vendor;
	uint16_t device;
	uint16_t subsystem_vendor;
	uint16_t subsystem;
	uint32_t class_revision;	/* class in the upper 24 bits */
};

void vfu_pci_init(struct vfu_server *s, const struct vfu_pci_id *id);
void vfu_pci_bar(struct vfu_server *s, unsigned int bar, uint64_t size,
		 bool prefetchable);
void vfu_pci_express(struct vfu_server *s, unsigned int offset);
void vfu_pci_msix(struct vfu_server *s, unsigned int offset,
		  unsigned int vectors, unsigned int bar, uint32_t table,
		  uint32_t pba);
void vfu_pci_vpd(struct vfu_server *s, unsigned int offset, const uint8_t *data,
		 unsigned int len);
bool vfu_pci_bus_master(const struct vfu_server *s);

/* dma.c */
void *vfu_dma(struct vfu_server *s, uint64_t addr, uint64_t len);

/* irq.c */
bool vfu_irq(struct vfu_server *s, unsigned int vector);

/* log.c */
extern int vfu_verbose;
void vfu_log(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
