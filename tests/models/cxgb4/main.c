// SPDX-License-Identifier: GPL-2.0-only
/* The program: a T5 on a vfio-user socket. */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "t5.h"

#define VENDOR_CHELSIO		0x1425
#define DEVICE_T520_CR		0x5401	/* its function 4 */
#define CLASS_ETHERNET		0x020000

static u8 vpd[VPD_SIZE];

static void usage(FILE *out)
{
	fprintf(out,
		"usage: cxgb4 [OPTION...] SOCKET CONTROL\n"
		"\n"
		"Models a Chelsio T5 for QEMU's vfio-user-pci, which connects to SOCKET. CONTROL\n"
		"takes text commands, one a line; 'help' lists them. Ends when QEMU or its parent does.\n"
		"\n"
		"  --ports=N       1 or 2 (default: 2)\n"
		"  --keep          wait for another client when one has gone (hot plug)\n"
		"  --verbose=N     0 to 3 (default: 1)\n");
}

static const struct option options[] = {
	{ "ports", required_argument, NULL, 'p' },
	{ "keep", no_argument, NULL, 'k' },
	{ "verbose", required_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
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
	unsigned int ports = 2;
	bool keep = false;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'p':
			ports = atoi(optarg) == 1 ? 1 : 2;
			break;
		case 'k':
			keep = true;
			break;
		case 'v':
			vfu_verbose = atoi(optarg);
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 1;
		}
	}
	if (argc - optind != 2) {
		usage(stderr);
		return 1;
	}
	setvbuf(stderr, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (!t)
		return 1;
	t->nr_ports = ports;
	t->faults = faults_create(fault_kinds, NR_FAULTS);
	t->vfu = create_server(t);
	if (!t->faults || !t->vfu)
		return 1;
	port_init(t);
	t5_reset(t);
	t->stats.resets = 0;
	err = vfu_listen(t->vfu, argv[optind], argv[optind + 1]);
	if (err) {
		fprintf(stderr, "cxgb4: cannot listen at %s and %s: %s\n", argv[optind],
			argv[optind + 1], strerror(-err));
		return 1;
	}
	err = vfu_run(t->vfu, keep);
	if (err)
		fprintf(stderr, "cxgb4: the client's connection: %s\n", strerror(-err));
	return err ? 1 : 0;
}
