// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space. The client emulates BARs and MSI-X towards the guest and asks
 * the server for the rest. Only what a driver may write can be written.
 */
#include <string.h>

#include "server.h"

#define PCI_COMMAND		0x04
#define  PCI_COMMAND_WRITABLE	0x0547
#define  PCI_COMMAND_MASTER	0x0004
#define PCI_STATUS		0x06
#define  PCI_STATUS_CAP_LIST	0x0010
#define PCI_CLASS_REVISION	0x08
#define PCI_CACHE_LINE_SIZE	0x0c
#define PCI_BAR0		0x10
#define PCI_SUBSYSTEM_VENDOR	0x2c
#define PCI_CAP_POINTER		0x34
#define PCI_INTERRUPT_LINE	0x3c

#define PCI_CAP_ID_VPD		0x03
#define  PCI_VPD_ADDR		2
#define  PCI_VPD_DATA		4
#define  PCI_VPD_DONE		0x8000
#define PCI_CAP_ID_EXPRESS	0x10
#define  PCI_DEVCTL		8
#define  PCI_DEVCTL_FLR		0x8000
#define PCI_CAP_ID_MSIX		0x11

static void put16(struct vfu_server *s, unsigned int offset, uint16_t value)
{
	s->config[offset] = value;
	s->config[offset + 1] = value >> 8;
}

static void put32(struct vfu_server *s, unsigned int offset, uint32_t value)
{
	put16(s, offset, value);
	put16(s, offset + 2, value >> 16);
}

static void writable16(struct vfu_server *s, unsigned int offset, uint16_t mask)
{
	s->config_writable[offset] = mask;
	s->config_writable[offset + 1] = mask >> 8;
}

/* Put a capability at the head of the list */
static void add_capability(struct vfu_server *s, unsigned int offset, uint8_t id)
{
	s->config[offset] = id;
	s->config[offset + 1] = s->config[PCI_CAP_POINTER];
	s->config[PCI_CAP_POINTER] = offset;
}

void vfu_pci_init(struct vfu_server *s, const struct vfu_pci_id *id)
{
	put16(s, 0x00, id->vendor);
	put16(s, 0x02, id->device);
	put32(s, PCI_CLASS_REVISION, id->class_revision);
	put16(s, PCI_SUBSYSTEM_VENDOR, id->subsystem_vendor);
	put16(s, PCI_SUBSYSTEM_VENDOR + 2, id->subsystem);
	put16(s, PCI_STATUS, PCI_STATUS_CAP_LIST);
	writable16(s, PCI_COMMAND, PCI_COMMAND_WRITABLE);
	writable16(s, PCI_CACHE_LINE_SIZE, 0x00ff);
	writable16(s, PCI_INTERRUPT_LINE, 0x00ff);
}

/**
 * vfu_pci_bar - a 64-bit memory BAR
 * @s: the server
 * @bar: 0, 2 or 4; the next one is its upper half
 * @size: a power of two
 * @prefetchable: as the device says
 */
void vfu_pci_bar(struct vfu_server *s, unsigned int bar, uint64_t size,
		 bool prefetchable)
{
	s->bar_size[bar] = size;
	put32(s, PCI_BAR0 + 4 * bar, 0x4 | (prefetchable ? 0x8 : 0));
}

/* An endpoint of version 2, x8 at 8 GT/s, that can reset its function */
void vfu_pci_express(struct vfu_server *s, unsigned int offset)
{
	add_capability(s, offset, PCI_CAP_ID_EXPRESS);
	put16(s, offset + 0x02, 0x0002);
	put32(s, offset + 0x04, 0x10008fc2);	/* DevCap: FLR, 512 bytes */
	put32(s, offset + 0x0c, 0x00000083);	/* LnkCap */
	put16(s, offset + 0x12, 0x0083);	/* LnkSta */
	writable16(s, offset + PCI_DEVCTL, (uint16_t)~PCI_DEVCTL_FLR);
	writable16(s, offset + 0x10, 0x01fb);	/* LnkCtl */
	writable16(s, offset + 0x28, 0x07ff);	/* DevCtl2 */
	s->express_offset = offset;
}

void vfu_pci_msix(struct vfu_server *s, unsigned int offset,
		  unsigned int vectors, unsigned int bar, uint32_t table,
		  uint32_t pba)
{
	add_capability(s, offset, PCI_CAP_ID_MSIX);
	s->nr_vectors = vectors;
	put16(s, offset + 0x02, vectors - 1);
	put32(s, offset + 0x04, table | bar);
	put32(s, offset + 0x08, pba | bar);
	writable16(s, offset + 0x02, 0xc000);	/* enable, function mask */
}

/**
 * vfu_pci_vpd - vital product data, to be read
 * @s: the server
 * @offset: of the capability
 * @data: stays the caller's
 * @len: a multiple of 4
 */
void vfu_pci_vpd(struct vfu_server *s, unsigned int offset, const uint8_t *data,
		 unsigned int len)
{
	add_capability(s, offset, PCI_CAP_ID_VPD);
	writable16(s, offset + PCI_VPD_ADDR, 0x7fff);
	s->vpd = data;
	s->vpd_offset = offset;
	s->vpd_len = len;
}

/* A read is done as soon as its address is written */
static void vpd_fetch(struct vfu_server *s)
{
	uint8_t *c = s->config + s->vpd_offset;
	unsigned int addr;

	addr = (c[PCI_VPD_ADDR] | c[PCI_VPD_ADDR + 1] << 8) & ~(PCI_VPD_DONE | 3);
	if (addr + 4 <= s->vpd_len)
		memcpy(c + PCI_VPD_DATA, s->vpd + addr, 4);
	c[PCI_VPD_ADDR + 1] |= PCI_VPD_DONE >> 8;
}

/* What a driver has written is gone with the power, and with a function level reset */
void vfu_pci_reset(struct vfu_server *s)
{
	unsigned int i;

	for (i = 0; i < VFU_CONFIG_SIZE; i++)
		s->config[i] &= ~s->config_writable[i];
	s->ops->reset(s->priv);
}

/* Its bit reads as 0, and is written for what it does */
static bool asks_for_reset(const struct vfu_server *s, unsigned int offset,
			   const uint8_t *bytes, unsigned int len)
{
	unsigned int at = s->express_offset + PCI_DEVCTL + 1;

	return s->express_offset && offset <= at && at < offset + len &&
	       bytes[at - offset] & PCI_DEVCTL_FLR >> 8;
}

/* Whether the driver lets the device use memory */
bool vfu_pci_bus_master(const struct vfu_server *s)
{
	return s->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

void vfu_pci_read(struct vfu_server *s, unsigned int offset, void *buf,
		  unsigned int len)
{
	memcpy(buf, s->config + offset, len);
	if (s->ops->config_read)
		s->ops->config_read(s->priv, offset, buf, len);
}

void vfu_pci_write(struct vfu_server *s, unsigned int offset, const void *buf,
		   unsigned int len)
{
	const uint8_t *p = buf;
	unsigned int i;

	for (i = 0; i < len; i++) {
		uint8_t mask = s->config_writable[offset + i];
		uint8_t *c = &s->config[offset + i];

		*c = (*c & ~mask) | (p[i] & mask);
	}
	if (s->vpd && offset < s->vpd_offset + PCI_VPD_DATA &&
	    offset + len > s->vpd_offset + PCI_VPD_ADDR)
		vpd_fetch(s);
	if (asks_for_reset(s, offset, buf, len))
		vfu_pci_reset(s);
}
