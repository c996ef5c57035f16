// SPDX-License-Identifier: GPL-2.0-only
/* What the driver reads and writes: registers in BAR 0, doorbells in BAR 2. */
#include "hca.h"

#define RESET_VALUE	1

/* All but faults, which are the test's, and what is soldered on */
void hca_reset(struct hca *h)
{
	unsigned int i;

	vfu_log(1, "Reset after %llu commands", (unsigned long long)h->stats.commands);
	h->stats.resets++;
	memset(h->hcr, 0, sizeof(h->hcr));
	memset(h->catas, 0, sizeof(h->catas));
	memset(h->eqs, 0, sizeof(h->eqs));
	for (i = 0; i < NR_EVENT_TYPES; i++)
		h->event_eqn[i] = ~0u;
	qp_reset(h);
	cq_reset(h);
	srq_reset(h);
	icm_reset(h);
	h->special_qpn = 0;
	for (i = 0; i < h->nr_ports; i++)
		port_reset(h, i + 1);
}

static u32 read_register(struct hca *h, u64 offset)
{
	if (offset >= REG_HCR && offset < REG_HCR + 4 * HCR_WORDS)
		return h->hcr[(offset - REG_HCR) / 4];
	if (offset >= REG_CATAS && offset < REG_CATAS + 4 * CATAS_WORDS)
		return h->catas[(offset - REG_CATAS) / 4];
	/* Nobody else owns the adapter or its semaphore */
	if (offset != REG_OWNER && offset != REG_SEMAPHORE)
		vfu_log(2, "read of register %#llx", (unsigned long long)offset);
	return 0;
}

static void hca_read(void *priv, unsigned int bar, u64 offset, void *buf,
		     unsigned int len)
{
	struct hca *h = priv;

	if (fault_gone(h->faults)) {
		memset(buf, 0xff, len);
		return;
	}
	if (bar == BAR_REGS && len == 4)
		put32(buf, read_register(h, offset));
}

static void write_register(struct hca *h, u64 offset, u32 value)
{
	if (offset >= REG_HCR && offset < REG_HCR + 4 * HCR_WORDS) {
		unsigned int word = (offset - REG_HCR) / 4;

		h->hcr[word] = value;
		if (word == HCR_WORDS - 1 && value & HCR_GO)
			cmd_go(h);
		return;
	}
	if (offset == REG_RESET && value == RESET_VALUE) {
		hca_faults_reset(h);
		hca_reset(h);
		return;
	}
	vfu_log(2, "write of register %#llx", (unsigned long long)offset);
}

static void write_uar(struct hca *h, u64 offset, const u8 *p, unsigned int len)
{
	u32 page = offset >> UAR_SHIFT;

	offset &= (1u << UAR_SHIFT) - 1;
	if (offset == UAR_SEND_DOORBELL && len == 4)
		send_doorbell(h, get32(p));
	else if (offset == UAR_CQ_DOORBELL && len == 8)
		cq_doorbell(h, get32(p), get32(p + 4));
	else if (offset >= UAR_EQ_DOORBELL && offset < UAR_EQ_DOORBELL + 32 &&
		 len == 4)
		eq_doorbell(h, page * 4 + (offset - UAR_EQ_DOORBELL) / 8, get32(p));
	else
		vfu_log(1, "write of %u bytes to UAR %u at %#llx", len, page,
			(unsigned long long)offset);
}

static void hca_write(void *priv, unsigned int bar, u64 offset,
		      const void *buf, unsigned int len)
{
	struct hca *h = priv;

	if (fault_gone(h->faults))
		return;
	if (bar == BAR_REGS && len == 4) {
		write_register(h, offset, get32(buf));
	} else if (bar == BAR_UAR) {
		h->stats.doorbell_writes++;
		write_uar(h, offset, buf, len);
	}
}

/* A device that is gone, or that does not come back from a reset */
static void hca_config_read(void *priv, unsigned int offset, void *buf,
			    unsigned int len)
{
	if (hca_config_gone(priv))
		memset(buf, 0xff, len);
}

static void hca_function_reset(void *priv)
{
	struct hca *h = priv;

	hca_faults_reset(h);
	hca_reset(h);
}

static int earlier(int a, int b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

static int hca_work(void *priv)
{
	struct hca *h = priv;
	u64 now = now_ns();

	if (fault_gone(h->faults))
		return -1;
	return earlier(qp_work(h, now), cq_work(h, now));
}

const struct vfu_ops hca_ops = {
	.read = hca_read,
	.write = hca_write,
	.config_read = hca_config_read,
	.reset = hca_function_reset,
	.work = hca_work,
	.control = hca_control,
};
