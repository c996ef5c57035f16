/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points of the CQ barrier.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rdma_cq_barrier

#if !defined(_TRACE_RDMA_CQ_BARRIER_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_RDMA_CQ_BARRIER_H

#include <linux/tracepoint.h>
#include <rdma/ib_verbs.h>

TRACE_EVENT(cq_barrier_start,
	    TP_PROTO(const struct ib_cq *cq),
	    TP_ARGS(cq),
	    TP_STRUCT__entry(__string(dev, dev_name(&cq->device->dev))
			     __field(u32, cq_id)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->cq_id = cq->res.id;),
	    TP_printk("dev=%s cq.id=%u", __get_str(dev), __entry->cq_id)
);

TRACE_EVENT(cq_barrier_end,
	    TP_PROTO(const struct ib_cq *cq, int ret),
	    TP_ARGS(cq, ret),
	    TP_STRUCT__entry(__string(dev, dev_name(&cq->device->dev))
			     __field(u32, cq_id)
			     __field(int, ret)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->cq_id = cq->res.id;
			   __entry->ret = ret;),
	    TP_printk("dev=%s cq.id=%u ret=%d", __get_str(dev),
		      __entry->cq_id, __entry->ret)
);

#endif /* _TRACE_RDMA_CQ_BARRIER_H */

#include <trace/define_trace.h>
