// SPDX-License-Identifier: GPL-2.0-only
/* What the driver reads and writes: registers in BAR 0, doorbells in BAR 2. */
#include "t5.h"

#define NONDATA_VECTOR	0

u32 reg_read(const struct t5 *t, u32 offset)
{
	return t->regs[offset / 4];
}

void reg_write(struct t5 *t, u32 offset, u32 value)
{
	t->regs[offset / 4] = value;
}

bool sge_enabled(const struct t5 *t)
{
	return reg_read(t, REG_SGE_CONTROL) & SGE_ENABLE;
}

/* What the firmware has set up before the driver comes */
static void init_registers(struct t5 *t)
{
	static const u32 fl_size[] = { 4096, 65536, 2048, 9728 };
	unsigned int i;

	memset(t->regs, 0, sizeof(t->regs));
	reg_write(t, REG_WHOAMI, PF << 8);
	reg_write(t, REG_REVISION, 1);
	reg_write(t, REG_LE_CONFIG, LE_SLIP_COMPRESSED);
	reg_write(t, REG_FW, FW_INIT | FW_MASTER_VALID | PF << FW_MASTER_SHIFT);
	reg_write(t, REG_FW_DEVLOG, 1 << 4);
	reg_write(t, REG_MPS_CONTROL, t->nr_ports - 1);
	reg_write(t, REG_EDRAM0, MEMORY_SIZE >> 20);
	reg_write(t, REG_INT_ENABLE, ~0u);
	reg_write(t, REG_SGE_CONTROL,
		  SGE_CPL_SPLIT | 2 << SGE_PACKET_SHIFT | SGE_ENABLE);
	/* A nibble for each function: pages of 4 KB, and the queues in one */
	reg_write(t, REG_SGE_PAGE_SIZE, 0x22222222);
	reg_write(t, REG_SGE_EQ_PER_PAGE, 0x11111111 * QUEUES_PER_PAGE_SHIFT);
	reg_write(t, REG_SGE_IQ_PER_PAGE, 0x11111111 * QUEUES_PER_PAGE_SHIFT);
	for (i = 0; i < sizeof(fl_size) / sizeof(fl_size[0]); i++)
		reg_write(t, REG_SGE_FL_SIZE(i), fl_size[i]);
}

/* What belongs to one driver's time with the adapter */
void t5_reset_queues(struct t5 *t)
{
	u32 i;

	tcp_reset(t);
	for (i = 0; i < NR_QUEUES; i++)
		iq_stop(t, i);
	memset(t->eqs, 0, sizeof(t->eqs));
	t->event_iqid = 0;
	for (i = 0; i < t->nr_ports; i++)
		t->ports[i].enabled = false;
	reg_write(t, REG_SGE_CONTROL, reg_read(t, REG_SGE_CONTROL) | SGE_ENABLE);
}

/* All but faults, which are the test's, and the cables */
void t5_reset(struct t5 *t)
{
	vfu_log(1, "Reset after %llu commands", (unsigned long long)t->stats.commands);
	t->stats.resets++;
	init_registers(t);
	t->mbox_busy = false;
	t->mbox_answered = false;
	t5_reset_queues(t);
	memset(t->memory, 0, sizeof(t->memory));
}

/* A parity error in TP, of which the driver learns by an interrupt */
void t5_fatal(struct t5 *t)
{
	reg_write(t, REG_TP_INT_CAUSE, 1);
	reg_write(t, REG_INT_CAUSE, INT_TP);
	vfu_irq(t->vfu, NONDATA_VECTOR);
}

/* The firmware's processor has stopped and says so, to those who look */
void t5_crash(struct t5 *t)
{
	reg_write(t, REG_FW, reg_read(t, REG_FW) | FW_ERR);
}

static u32 mtu_entry(u32 index)
{
	static const u16 mtus[16] = {
		88, 256, 512, 576, 808, 1024, 1280, 1488, 1500, 2002, 2048, 4096,
		4352, 8192, 9000, 9600,
	};

	return mtus[index & 15] | 11 << 16;
}

/* A window onto the adapter's memory, if the offset is in one */
static const u8 *memory_window(const struct t5 *t, u32 offset)
{
	unsigned int i;

	for (i = 0; i < NR_MEMWINS; i++) {
		u32 window = reg_read(t, REG_MEMWIN(i));
		u32 size = 1024u << (window & 0x1f), base = window & ~0x3ffu;
		/* The lower bits are those of the function */
		u32 at = reg_read(t, REG_MEMWIN_OFFSET(i)) & ~7u;

		if (base && offset >= base && offset - base < size &&
		    at + (offset - base) + 4 <= MEMORY_SIZE)
			return t->memory + at + (offset - base);
	}
	return NULL;
}

/* Drivers reach the registers of their function at two places */
static u32 function_register(u32 offset)
{
	if (offset - REG_OWN < PF_REGS_SIZE)
		return offset - REG_OWN + REG_PF;
	return offset;
}

static u32 read_register(const struct t5 *t, u32 offset)
{
	const u8 *window;
	u32 value;

	offset = function_register(offset);
	if (offset == REG_MBOX_CTRL)
		return mbox_control_read(t);
	window = memory_window(t, offset);
	if (!window)
		return reg_read(t, offset);
	memcpy(&value, window, sizeof(value));
	return value;
}

static bool in_mbox(u64 offset, unsigned int len)
{
	return offset >= REG_MBOX_DATA && offset + len <= REG_MBOX_DATA + MBOX_SIZE;
}

static void t5_read(void *priv, unsigned int bar, u64 offset, void *buf,
		    unsigned int len)
{
	struct t5 *t = priv;
	u32 value, i;

	if (fault_gone(t->faults)) {
		memset(buf, 0xff, len);
		return;
	}
	if (bar != BAR_REGS || offset % 4 || len % 4)
		return;
	if (in_mbox(offset, len)) {
		mbox_read(t, offset - REG_MBOX_DATA, buf, len);
		return;
	}
	for (i = 0; i < len; i += 4) {
		value = read_register(t, offset + i);
		memcpy(buf + i, &value, 4);
	}
}

static void write_register(struct t5 *t, u32 offset, u32 value)
{
	offset = function_register(offset);
	switch (offset) {
	case REG_MBOX_CTRL:
		mbox_control_write(t, value);
		return;
	case REG_INT_CAUSE:
	case REG_TP_INT_CAUSE:
		reg_write(t, offset, reg_read(t, offset) & ~value);
		return;
	case REG_GTS:
		iq_consumed(t, GTS_QID(value), value & 0xffff);
		return;
	case REG_KDOORBELL:
		eq_doorbell(t, DB_QID(value), value & DB_PIDX);
		return;
	case REG_MTU_TABLE:
		if (value >> 24 == MTU_READ)
			value = mtu_entry(value);
		break;
	}
	reg_write(t, offset, value);
	if (offset == REG_SF_OP)
		flash_operation(t, value);
}

/*
 * Which queue of its page is meant, the segment tells. Who has the page mapped may
 * as well write to its first segment and name the queue in the value: so user space
 * does with its CQs. A work request has no room for that.
 */
static void write_doorbell(struct t5 *t, u64 offset, const void *buf,
			   unsigned int len)
{
	u32 page = offset >> 12, segment = offset % 4096 >> UDB_SHIFT;
	u32 qid = (page << QUEUES_PER_PAGE_SHIFT) + segment, value;

	memcpy(&value, buf, 4);
	offset %= 1u << UDB_SHIFT;
	if (offset == UDB_KDOORBELL)
		eq_doorbell(t, qid + DB_QID(value), value & DB_PIDX);
	else if (offset == UDB_GTS)
		iq_consumed(t, qid + GTS_QID(value), value & 0xffff);
	else if (offset + len == UDB_WR + EQ_UNIT)
		/* The last piece of a work request, which is in the ring as well */
		eq_doorbell(t, qid, 1);
}

static void t5_write(void *priv, unsigned int bar, u64 offset,
		     const void *buf, unsigned int len)
{
	struct t5 *t = priv;
	u32 value, i;

	if (fault_gone(t->faults) || offset % 4 || len % 4)
		return;
	if (bar == BAR_DOORBELLS) {
		t->stats.doorbell_writes++;
		write_doorbell(t, offset, buf, len);
		return;
	}
	if (bar != BAR_REGS)
		return;
	if (in_mbox(offset, len)) {
		mbox_write(t, offset - REG_MBOX_DATA, buf, len);
		return;
	}
	for (i = 0; i < len; i += 4) {
		memcpy(&value, buf + i, 4);
		write_register(t, offset + i, value);
	}
}

static void t5_config_read(void *priv, unsigned int offset, void *buf,
			   unsigned int len)
{
	const struct t5 *t = priv;

	if (fault_gone(t->faults))
		memset(buf, 0xff, len);
}

static void t5_function_reset(void *priv)
{
	struct t5 *t = priv;

	faults_reset(t->faults);
	t5_reset(t);
}

const struct vfu_ops t5_ops = {
	.read = t5_read,
	.write = t5_write,
	.config_read = t5_config_read,
	.reset = t5_function_reset,
	.control = t5_control,
};
