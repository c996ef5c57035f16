// SPDX-License-Identifier: GPL-2.0-only
/* The program: a T5 on a vfio-user socket. */
#include <stdlib.h>

#include "../vfu/program.h"
#include "t5.h"

#define VENDOR_CHELSIO		0x1425
#define DEVICE_T520_CR		0x5401	/* its function 4 */
#define CLASS_ETHERNET		0x020000

static u8 vpd[VPD_SIZE];

static const struct program program = {
	.name = "cxgb4",
	.device = "Chelsio T5",
};

static struct vfu_server *create_server(struct t5 *t)
{
	static const struct vfu_pci_id id = {
		.vendor = VENDOR_CHELSIO, .device = DEVICE_T520_CR,
		.subsystem_vendor = VENDOR_CHELSIO, .subsystem = 0,
		.class_revision = CLASS_ETHERNET << 8,
	};
	struct vfu_server *s = vfu_create(&t5_ops, t);

	if (!s)
		return NULL;
	vpd_build(vpd);
	vfu_pci_init(s, &id);
	vfu_pci_bar(s, BAR_REGS, BAR_REGS_SIZE, false);
	vfu_pci_bar(s, BAR_DOORBELLS, BAR_DOORBELLS_SIZE, true);
	vfu_pci_bar(s, BAR_MSIX, BAR_MSIX_SIZE, false);
	vfu_pci_vpd(s, 0xb0, vpd, sizeof(vpd));
	vfu_pci_msix(s, 0x9c, NR_VECTORS, BAR_MSIX, 0, MSIX_PBA);
	vfu_pci_express(s, 0x60);
	return s;
}

int main(int argc, char **argv)
{
	struct t5 *t = calloc(1, sizeof(*t));
	struct options options;

	program_start(&program, argc, argv, &options);
	if (!t)
		return 1;
	t->nr_ports = options.nr_ports;
	t->faults = faults_create(fault_kinds, NR_FAULTS);
	t->vfu = create_server(t);
	if (!t->faults || !t->vfu)
		return 1;
	port_init(t);
	t5_reset(t);
	t->stats.resets = 0;
	return program_run(&program, &options, t->vfu);
}
