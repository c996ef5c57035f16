// SPDX-License-Identifier: GPL-2.0-only
/* The driver's side of ingress and egress queues. */
#include "fixture.h"

#define ENTRY		64
#define ENTRIES		512
#define FL_BUFFERS	64
#define CTRL_UNITS	256

struct test_iq events, responses, concentrator;
struct test_eq ctrl, offload;

static u8 message[MAX_CPL];
static u64 fl_ring;
static u32 fl_ci, fl_offset;

static void make_iq(struct test_iq *q, u32 vector, bool async, u64 fl)
{
	u8 c[64] = { CMD_IQ };

	*q = (struct test_iq){
		.ring = alloc(ENTRY * ENTRIES), .entry = ENTRY,
		.entries = ENTRIES - 1, .gen = true,
	};
	put32(c + 4, CMD_ALLOC | 4);
	put32(c + IQ_TYPE, vector | (async ? IQ_ASYNC : 0));
	put16(c + IQ_ENTRY, 2);
	put16(c + IQ_SIZE, ENTRIES);
	put64(c + IQ_ADDR, q->ring);
	if (fl) {
		put16(c + IQ_FL0_SIZE, FL_BUFFERS / 8 + 1);
		put64(c + IQ_FL0_ADDR, fl);
	}
	CHECK_EQ(command(c, sizeof(c)), FW_OK);
	q->id = get16(c + IQ_ID);
	CHECK(q->id);
	if (fl)
		doorbell(get16(c + IQ_FL0_ID), UDB_KDOORBELL, FL_BUFFERS / 8 - 1);
}

static u64 make_free_list(void)
{
	unsigned int i;

	fl_ring = alloc(8 * FL_BUFFERS + EQ_UNIT);
	for (i = 0; i < FL_BUFFERS; i++)
		put64(mem + fl_ring + 8 * i, alloc(4096));
	fl_ci = 0;
	fl_offset = 0;
	return fl_ring;
}

static void make_eq(struct test_eq *e, u8 op)
{
	u8 c[48] = { op };

	*e = (struct test_eq){ .ring = alloc(EQ_UNIT * CTRL_UNITS),
			       .units = CTRL_UNITS - 1 };
	put32(c + 4, CMD_ALLOC | 3);
	put32(c + EQ_ID, responses.id << EQ_CTRL_CMPL_SHIFT);
	if (op != CMD_EQ_CTRL)
		put32(c + EQ_ID, 0);
	put32(c + EQ_IQ, responses.id);
	put32(c + EQ_SIZE, CTRL_UNITS);
	put64(c + EQ_ADDR, e->ring);
	CHECK_EQ(command(c, sizeof(c)), FW_OK);
	e->id = get32(c + EQ_ID);
	CHECK(e->id);
}

void queues_start(void)
{
	make_iq(&events, 1, true, 0);
	make_iq(&responses, 2, false, make_free_list());
	make_iq(&concentrator, 3, false, 0);
	make_eq(&ctrl, CMD_EQ_CTRL);
	make_eq(&offload, CMD_EQ_OFLD);
}

void doorbell(u32 qid, u32 offset, u32 value)
{
	u64 at = ((u64)(qid >> QUEUES_PER_PAGE_SHIFT) << 12) +
		 (qid % (1 << QUEUES_PER_PAGE_SHIFT) << UDB_SHIFT) + offset;

	t5_ops.write(t5, BAR_DOORBELLS, at, &value, sizeof(value));
}

void arm(const struct test_iq *q, u32 consumed, bool solicited)
{
	doorbell(q->id, UDB_GTS, consumed | (solicited ? GTS_SOLICITED : 0) | 6 << 13);
}

void post(struct test_eq *e, const u8 *wr, u32 len)
{
	u32 i, units = (len + EQ_UNIT - 1) / EQ_UNIT;

	for (i = 0; i < units; i++) {
		memcpy(mem + e->ring + EQ_UNIT * e->pi, wr + EQ_UNIT * i,
		       len - EQ_UNIT * i < EQ_UNIT ? len - EQ_UNIT * i : EQ_UNIT);
		e->pi = (e->pi + 1) % e->units;
	}
	doorbell(e->id, UDB_KDOORBELL, units);
}

void consume(struct test_iq *q)
{
	if (++q->ci == q->entries) {
		q->ci = 0;
		q->gen = !q->gen;
	}
	doorbell(q->id, UDB_GTS, 1 | GTS_TIMER_NONE << 13);
}

const u8 *next_entry(struct test_iq *q, u8 *type, u32 *len_qid)
{
	const u8 *p = mem + q->ring + (u64)q->entry * q->ci, *end;

	end = p + q->entry - RSP_SIZE;
	if (end[RSP_TYPE_GEN] >> RSP_GEN_SHIFT != q->gen)
		return NULL;
	*type = end[RSP_TYPE_GEN] >> RSP_TYPE_SHIFT & 3;
	*len_qid = get32(end + RSP_LEN_QID);
	consume(q);
	return p;
}

static const u8 *from_free_list(u32 len)
{
	const u8 *p;

	if (len & RSP_NEW_BUFFER) {
		if (fl_offset)
			fl_ci = (fl_ci + 1) % FL_BUFFERS;
		fl_offset = 0;
		len &= ~RSP_NEW_BUFFER;
	}
	p = mem + get64(mem + fl_ring + 8 * fl_ci) + fl_offset;
	fl_offset += (len + FL_ALIGN - 1) & ~(FL_ALIGN - 1);
	memcpy(message, p, len);
	return message;
}

const u8 *expect(enum cpl op)
{
	const u8 *p;
	u32 len_qid;
	u8 type;

	while ((p = next_entry(&responses, &type, &len_qid))) {
		const u8 *cpl = type == RSP_FREE_LIST ? from_free_list(len_qid) :
							p + RSS_HEADER;

		if (type != RSP_INTERRUPT && p[0] == op && cpl[0] == op)
			return cpl;
	}
	return NULL;
}

void wr_header(u8 *wr, u8 op, u32 flowid, u32 len, u64 cookie)
{
	put32(wr, (u32)op << 24 | (cookie ? WR_COMPLETE : 0));
	put32(wr + 4, flowid << 8 | (len + 15) / 16);
	memcpy(wr + WR_COOKIE, &cookie, 8);
}

void send_cpl(const u8 *cpl, u32 len)
{
	u8 wr[128] = { 0 };

	wr_header(wr, WR_TP, 0, WR_HEADER + len, 0);
	memcpy(wr + WR_HEADER, cpl, len);
	post(&ctrl, wr, WR_HEADER + len);
}

int wr_answer(u64 cookie)
{
	const u8 *cpl;

	while ((cpl = expect(CPL_FW6_MSG)))
		if (cpl[1] == FW6_WR_RPL && !memcmp(cpl + 16, &cookie, 8))
			return get64(cpl + 8) >> 8 & 0xff;
	return -1;
}
