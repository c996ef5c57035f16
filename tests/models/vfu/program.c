// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "program.h"

static void usage(const struct program *p, FILE *out)
{
	fprintf(out,
		"usage: %s [OPTION...] SOCKET CONTROL\n"
		"\n"
		"Models a %s for QEMU's vfio-user-pci, which connects to SOCKET. CONTROL\n"
		"takes text commands, one a line; 'help' lists them. Ends when QEMU or its parent does.\n"
		"\n"
		"%s"
		"  --ports=N       1 or 2 (default: 2)\n"
		"  --keep          wait for another client when one has gone (hot plug)\n"
		"  --verbose=N     0 to 3 (default: 1)\n",
		p->name, p->device, p->option ? p->option_help : "");
}

static void parse(const struct program *p, int argc, char **argv, struct options *o)
{
	const struct option options[] = {
		{ "ports", required_argument, NULL, 'p' },
		{ "keep", no_argument, NULL, 'k' },
		{ "verbose", required_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ p->option, required_argument, NULL, 'o' },	/* no name is the end */
		{ 0 }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'p':
			o->nr_ports = atoi(optarg) == 1 ? 1 : 2;
			break;
		case 'k':
			o->keep = true;
			break;
		case 'v':
			vfu_verbose = atoi(optarg);
			break;
		case 'o':
			o->own = optarg;
			break;
		case 'h':
			usage(p, stdout);
			exit(0);
		default:
			usage(p, stderr);
			exit(1);
		}
	}
	if (argc - optind != 2) {
		usage(p, stderr);
		exit(1);
	}
	o->socket = argv[optind];
	o->control = argv[optind + 1];
}

void program_start(const struct program *p, int argc, char **argv, struct options *o)
{
	*o = (struct options){ .nr_ports = 2 };
	parse(p, argc, argv, o);
	setvbuf(stderr, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int program_run(const struct program *p, const struct options *o, struct vfu_server *s)
{
	int err = vfu_listen(s, o->socket, o->control);

	if (err) {
		fprintf(stderr, "%s: cannot listen at %s and %s: %s\n", p->name,
			o->socket, o->control, strerror(-err));
		return 1;
	}
	err = vfu_run(s, o->keep);
	if (err)
		fprintf(stderr, "%s: the client's connection: %s\n", p->name,
			strerror(-err));
	return err ? 1 : 0;
}
