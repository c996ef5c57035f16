// SPDX-License-Identifier: GPL-2.0-only
/* The program: a ConnectX-3 on a vfio-user socket. */
#include <getopt.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/prctl.h>

#include "hca.h"

#define VENDOR_MELLANOX		0x15b3
#define DEVICE_CONNECTX3	0x1003
#define CLASS_NETWORK_OTHER	0x028000

static void usage(FILE *out)
{
	fprintf(out,
		"usage: mlx4 [OPTION...] SOCKET CONTROL\n"
		"\n"
		"Models a ConnectX-3 for QEMU's vfio-user-pci, which connects to SOCKET. CONTROL\n"
		"takes text commands, one a line; 'help' lists them. Ends when QEMU or its parent does.\n"
		"\n"
		"  --link=ib|eth   what the ports are (default: ib)\n"
		"  --ports=N       1 or 2 (default: 2)\n"
		"  --keep          wait for another client when one has gone (hot plug)\n"
		"  --verbose=N     0 to 3 (default: 1)\n");
}

static const struct option options[] = {
	{ "link", required_argument, NULL, 'l' },
	{ "ports", required_argument, NULL, 'p' },
	{ "keep", no_argument, NULL, 'k' },
	{ "verbose", required_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
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

static void init(struct hca *h, unsigned int ports, bool eth)
{
	unsigned int i;

	h->nr_ports = ports;
	list_init(&h->waiting);
	list_init(&h->moderated);
	for (i = 0; i < ports; i++)
		h->ports[i].eth = eth;
	hca_reset(h);
	h->stats.resets = 0;
}

int main(int argc, char **argv)
{
	struct hca *h = calloc(1, sizeof(*h));
	unsigned int ports = 2;
	bool eth = false, keep = false;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'l':
			eth = !strcmp(optarg, "eth");
			break;
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
	if (!h)
		return 1;
	h->faults = faults_create(fault_kinds, NR_FAULTS);
	h->vfu = create_server(h);
	if (!h->faults || !h->vfu)
		return 1;
	init(h, ports, eth);
	err = vfu_listen(h->vfu, argv[optind], argv[optind + 1]);
	if (err) {
		fprintf(stderr, "mlx4: cannot listen at %s and %s: %s\n", argv[optind],
			argv[optind + 1], strerror(-err));
		return 1;
	}
	err = vfu_run(h->vfu, keep);
	if (err)
		fprintf(stderr, "mlx4: the client's connection: %s\n", strerror(-err));
	return err ? 1 : 0;
}
