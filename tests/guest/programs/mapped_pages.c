// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a process has mapped of its uverbs files: the numbers of the page frames,
 * one a line. Of registers these are the device's.
 *
 *	mapped_pages PID
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRESENT	((uint64_t)1 << 63)
#define FRAME	(((uint64_t)1 << 55) - 1)

static void show(int pagemap, unsigned long start, unsigned long end)
{
	const unsigned long size = sysconf(_SC_PAGESIZE);
	uint64_t entry;

	for (; start < end; start += size)
		if (pread(pagemap, &entry, sizeof(entry),
			  start / size * sizeof(entry)) == sizeof(entry) &&
		    entry & PRESENT)
			printf("%" PRIx64 "\n", entry & FRAME);
}

int main(int argc, char **argv)
{
	char name[64], line[512];
	unsigned long start, end;
	FILE *maps;
	int pagemap;

	if (argc != 2) {
		fprintf(stderr, "usage: mapped_pages PID\n");
		return 2;
	}
	snprintf(name, sizeof(name), "/proc/%s/pagemap", argv[1]);
	pagemap = open(name, O_RDONLY);
	snprintf(name, sizeof(name), "/proc/%s/maps", argv[1]);
	maps = fopen(name, "r");
	if (pagemap < 0 || !maps) {
		perror(name);
		return 1;
	}
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "/dev/infiniband/uverbs") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2)
			show(pagemap, start, end);
	return 0;
}
