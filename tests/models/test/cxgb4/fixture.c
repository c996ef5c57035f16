// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "fixture.h"

#define PAGE	4096

struct t5 *t5;
u8 *mem;
unsigned int interrupts;
unsigned int failures;

static u64 next_free;

/*
 * What the library would do
 */

void *vfu_dma(struct vfu_server *s, u64 addr, u64 len)
{
	return addr + len <= MEM_SIZE && addr ? mem + addr : NULL;
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

/* Page aligned memory that is zero */
u64 alloc(u32 size)
{
	u64 addr = next_free;

	next_free += (size + PAGE - 1) & ~(PAGE - 1);
	if (next_free > MEM_SIZE)
		abort();
	memset(mem + addr, 0, size);
	return addr;
}

/* Registers are little endian, as the host that this runs on */
u32 read32(u32 offset)
{
	u32 value = 0;

	t5_ops.read(t5, BAR_REGS, offset, &value, sizeof(value));
	return value;
}

void write32(u32 offset, u32 value)
{
	t5_ops.write(t5, BAR_REGS, offset, &value, sizeof(value));
}

int command(u8 *c, unsigned int len)
{
	unsigned int i;
	u64 word;

	for (i = 0; i < len; i += 8) {
		word = get64(c + i);
		t5_ops.write(t5, BAR_REGS, REG_MBOX_DATA + i, &word, 8);
	}
	write32(REG_MBOX_CTRL, MBOX_VALID | MBOX_OWNER_FW);
	if ((read32(REG_MBOX_CTRL) & MBOX_OWNER) != MBOX_OWNER_DRIVER)
		return -1;
	for (i = 0; i < len; i += 8) {
		t5_ops.read(t5, BAR_REGS, REG_MBOX_DATA + i, &word, 8);
		put64(c + i, word);
	}
	write32(REG_MBOX_CTRL, 0);
	return get32(c + 4) >> CMD_STATUS_SHIFT & 0xff;
}

void control(const char *line)
{
	char copy[128], *words[8], *save = NULL, *w;
	FILE *out = fopen("/dev/null", "w");
	int n = 0;

	strcpy(copy, line);
	for (w = strtok_r(copy, " ", &save); w && n < 8; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	CHECK_EQ(t5_ops.control(t5, n, words, out), 0);
	fclose(out);
}

void fixture_start(void)
{
	u8 hello[16] = { CMD_HELLO };

	t5 = calloc(1, sizeof(*t5));
	mem = calloc(1, MEM_SIZE);
	next_free = PAGE;
	t5->nr_ports = 2;
	t5->faults = faults_create();
	port_init(t5);
	t5_reset(t5);
	CHECK_EQ(command(hello, sizeof(hello)), FW_OK);
	queues_start();
	interrupts = 0;
}

void fixture_stop(void)
{
	t5_reset_queues(t5);
	free(t5->faults);
	free(t5);
	free(mem);
}
