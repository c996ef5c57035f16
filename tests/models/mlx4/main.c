// SPDX-License-Identifier: GPL-2.0-only
/* The program: a ConnectX-3 on a vfio-user socket. */
#include <stdlib.h>

#include "../vfu/program.h"
#include "hca.h"

#define VENDOR_MELLANOX		0x15b3
#define DEVICE_CONNECTX3	0x1003
#define CLASS_NETWORK_OTHER	0x028000

static const struct program program = {
	.name = "mlx4",
	.device = "ConnectX-3",
	.option = "link",
	.option_help = "  --link=ib|eth|vpi   what the ports can be; vpi: both, ib at first\n"
		       "                      (default: ib)\n",
};

static struct vfu_server *create_server(struct hca *h)
{
	static const struct vfu_pci_id id = {
		.vendor = VENDOR_MELLANOX, .device = DEVICE_CONNECTX3,
		.subsystem_vendor = VENDOR_MELLANOX, .subsystem = 0x0055,
		.class_revision = CLASS_NETWORK_OTHER << 8,
	};
	struct vfu_server *s = vfu_create(&hca_ops, h);

	if (!s)
		return NULL;
	vfu_pci_init(s, &id);
	vfu_pci_bar(s, BAR_REGS, BAR_REGS_SIZE, false);
	vfu_pci_bar(s, BAR_UAR, BAR_UAR_SIZE, true);
	vfu_pci_msix(s, 0x9c, NR_VECTORS, BAR_REGS, REG_MSIX_TABLE, REG_MSIX_PBA);
	vfu_pci_express(s, 0x60);
	return s;
}

/* What a value of --link lets a port be; 0: there is no such value */
static u8 port_types(const char *link)
{
	if (!link || !strcmp(link, "ib"))
		return PORT_TYPE_IB;
	if (!strcmp(link, "eth"))
		return PORT_TYPE_ETH;
	return strcmp(link, "vpi") ? 0 : PORT_TYPE_IB | PORT_TYPE_ETH;
}

static void init(struct hca *h, const struct options *o)
{
	u8 types = port_types(o->own);
	unsigned int i;

	if (!types) {
		fprintf(stderr, "mlx4: --link is ib, eth or vpi, and not '%s'\n", o->own);
		exit(1);
	}

	h->nr_ports = o->nr_ports;
	list_init(&h->waiting);
	list_init(&h->moderated);
	for (i = 0; i < h->nr_ports; i++)
		h->ports[i].types = types;
	hca_reset(h);
	h->stats.resets = 0;
}

int main(int argc, char **argv)
{
	struct hca *h = calloc(1, sizeof(*h));
	struct options options;

	program_start(&program, argc, argv, &options);
	if (!h)
		return 1;
	h->faults = faults_create(fault_kinds, NR_FAULTS);
	h->vfu = create_server(h);
	if (!h->faults || !h->vfu)
		return 1;
	init(h, &options);
	return program_run(&program, &options, h->vfu);
}
