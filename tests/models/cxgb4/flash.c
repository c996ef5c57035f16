// SPDX-License-Identifier: GPL-2.0-only
/* The serial flash: what part it is, and the version of the firmware in it. */
#include "t5.h"

static u32 flash_word(u32 addr)
{
	return addr == FLASH_FW_VERSION ? FW_VERSION : 0;
}

/* A command, with an address in its other bytes */
static void flash_write(struct t5 *t, u32 bytes, u32 data)
{
	t->flash_command = data;
	t->flash_dummy = bytes == 4;
	if (bytes == 4)
		t->flash_addr = be32toh(data & ~0xffu);
}

static u32 flash_read(struct t5 *t)
{
	u32 data;

	if (t->flash_command == FLASH_CMD_READ_ID)
		return FLASH_ID;
	if (t->flash_dummy) {
		t->flash_dummy = false;
		return 0;
	}
	data = flash_word(t->flash_addr);
	t->flash_addr += 4;
	return data;
}

void flash_operation(struct t5 *t, u32 op)
{
	if (op & SF_WRITE)
		flash_write(t, SF_BYTES(op), reg_read(t, REG_SF_DATA));
	else if (op)
		reg_write(t, REG_SF_DATA, flash_read(t));
	reg_write(t, REG_SF_OP, op & ~SF_BUSY);
}
