// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: one function that stands in for every op that the
 * provider has nothing to say to, so that a device has all of them.
 */
#include "fake_priv.h"
#include "fake_reset.h"

#define FAKE_OP(op)	offsetof(struct ib_device_ops, op)

typedef long (*fake_op_t)(void);

static long fake_stand_in_ret;
static atomic_t fake_stand_in_calls;

/* Called with any arguments, for an int or for a pointer */
static long fake_stand_in(void)
{
	atomic_inc(&fake_stand_in_calls);
	return READ_ONCE(fake_stand_in_ret);
}

/* What the core calls by itself, and takes an answer from */
static const size_t fake_not_stood_in[] = {
	FAKE_OP(alloc_hw_device_stats),
	FAKE_OP(alloc_hw_port_stats),
	FAKE_OP(dealloc_driver),
	FAKE_OP(restart_device), /* the device would have to come back */
};

static bool fake_wants_stand_in(size_t offset)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fake_not_stood_in); i++)
		if (fake_not_stood_in[i] == offset)
			return false;
	return true;
}

void fake_set_stand_ins(struct fake_device *fake)
{
	size_t offset;

	if (!fake->config.stand_ins)
		return;
	for (offset = FAKE_OP(post_send); offset < FAKE_OP(size_ib_ah);
	     offset += sizeof(fake_op_t)) {
		fake_op_t *op = (void *)&fake->ibdev.ops + offset;

		if (!*op && fake_wants_stand_in(offset))
			*op = fake_stand_in;
	}
}

/* Set what stand-ins return, and forget their calls */
void fake_set_stand_in_ret(long ret)
{
	WRITE_ONCE(fake_stand_in_ret, ret);
	atomic_set(&fake_stand_in_calls, 0);
}
EXPORT_SYMBOL_GPL(fake_set_stand_in_ret);

unsigned int fake_count_stand_in_calls(void)
{
	return atomic_read(&fake_stand_in_calls);
}
EXPORT_SYMBOL_GPL(fake_count_stand_in_calls);

/* Is the op at @offset of a struct ib_device_ops a stand-in? */
bool fake_is_stand_in(const struct ib_device_ops *ops, size_t offset)
{
	return *(fake_op_t *)((void *)ops + offset) == fake_stand_in;
}
EXPORT_SYMBOL_GPL(fake_is_stand_in);
