// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "fixture.h"

struct t5 *t5;

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
	control_line(&t5_ops, t5, line);
}

void fixture_start(void)
{
	u8 hello[16] = { CMD_HELLO };

	guest_start();
	t5 = calloc(1, sizeof(*t5));
	t5->nr_ports = 2;
	t5->faults = faults_create(fault_kinds, NR_FAULTS);
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
	guest_stop();
}
