// SPDX-License-Identifier: GPL-2.0
/*
 * A user context on a fake device, as the core sees one that uverbs has opened:
 * an entry of the resource tracking.
 */
#include <linux/slab.h>

#include "fake_reset.h"
#include "../core/restrack.h"

/* Returns NULL if there is no memory */
struct ib_ucontext *fake_context_open(struct fake_device *fake)
{
	struct ib_ucontext *context = kzalloc(sizeof(*context), GFP_KERNEL);

	if (!context)
		return NULL;
	context->device = &fake->ibdev;
	rdma_restrack_new(&context->res, RDMA_RESTRACK_CTX);
	rdma_restrack_set_name(&context->res, NULL);
	rdma_restrack_add(&context->res);
	return context;
}
EXPORT_SYMBOL_GPL(fake_context_open);

void fake_context_close(struct ib_ucontext *context)
{
	rdma_restrack_del(&context->res);
	kfree(context);
}
EXPORT_SYMBOL_GPL(fake_context_close);
