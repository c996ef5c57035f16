// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "check.h"
#include "guest.h"

u8 *mem;
unsigned int interrupts;

static u64 next_free;

/*
 * What the library would do
 */

void *vfu_dma(struct vfu_server *s, u64 addr, u64 len)
{
	return addr + len <= MEM_SIZE && addr ? mem + addr : NULL;
}

bool vfu_pci_bus_master(const struct vfu_server *s)
{
	return true;
}

bool vfu_irq(struct vfu_server *s, unsigned int vector)
{
	interrupts++;
	return true;
}

void vfu_stop(struct vfu_server *s)
{
}

int vfu_verbose = -1;

void vfu_log(int level, const char *fmt, ...)
{
}

/*
 * What the guest and its tests do
 */

void guest_start(void)
{
	mem = calloc(1, MEM_SIZE);
	/* Address 0 is nobody's */
	next_free = PAGE;
	interrupts = 0;
}

void guest_stop(void)
{
	free(mem);
}

u64 alloc(u32 size)
{
	u64 addr = next_free;

	next_free += (size + PAGE - 1) & ~(PAGE - 1);
	if (next_free > MEM_SIZE)
		abort();
	memset(mem + addr, 0, size);
	return addr;
}

void control_line(const struct vfu_ops *ops, void *priv, const char *line)
{
	char copy[128], *words[8], *save = NULL, *w;
	FILE *out = fopen("/dev/null", "w");
	int n = 0;

	strcpy(copy, line);
	for (w = strtok_r(copy, " ", &save); w && n < 8; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	CHECK_EQ(ops->control(priv, n, words, out), 0);
	fclose(out);
}
