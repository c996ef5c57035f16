/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points of the queue pair drain.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rdma_drain

#if !defined(_TRACE_RDMA_DRAIN_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_RDMA_DRAIN_H

#include <linux/tracepoint.h>
#include <rdma/ib_verbs.h>

TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_NONE);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_POST);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_MARKER);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_FLUSH);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_LAST_WQE);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_COUNT);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_BARRIER);
TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_MOVE);

#define show_ib_drain_wait(wait)					\
	__print_symbolic(wait,						\
			 { IB_DRAIN_WAIT_NONE, "nothing" },		\
			 { IB_DRAIN_WAIT_POST, "room for a marker" },	\
			 { IB_DRAIN_WAIT_MARKER, "marker" },		\
			 { IB_DRAIN_WAIT_FLUSH, "flush complete" },	\
			 { IB_DRAIN_WAIT_LAST_WQE, "last WQE reached" }, \
			 { IB_DRAIN_WAIT_COUNT, "empty send queue" },	\
			 { IB_DRAIN_WAIT_BARRIER, "consumer of the CQ" },	\
			 { IB_DRAIN_WAIT_MOVE, "modify_qp" })

TRACE_EVENT(drain_side,
	    TP_PROTO(const struct ib_qp *qp, bool send, unsigned int wait),
	    TP_ARGS(qp, send, wait),
	    TP_STRUCT__entry(__string(dev, dev_name(&qp->device->dev))
			     __field(u32, qp_num)
			     __field(bool, send)
			     __field(unsigned int, wait)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->qp_num = qp->qp_num;
			   __entry->send = send;
			   __entry->wait = wait;),
	    TP_printk("dev=%s qp_num=%u %s waits for %s", __get_str(dev),
		      __entry->qp_num, __entry->send ? "SQ" : "RQ",
		      show_ib_drain_wait(__entry->wait))
);

TRACE_EVENT(drain_stall,
	    TP_PROTO(const struct ib_qp *qp, bool send, unsigned int wait,
		     unsigned int sq, unsigned int rq, unsigned int msecs),
	    TP_ARGS(qp, send, wait, sq, rq, msecs),
	    TP_STRUCT__entry(__string(dev, dev_name(&qp->device->dev))
			     __field(u32, qp_num)
			     __field(bool, send)
			     __field(unsigned int, wait)
			     __field(unsigned int, sq)
			     __field(unsigned int, rq)
			     __field(unsigned int, msecs)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->qp_num = qp->qp_num;
			   __entry->send = send;
			   __entry->wait = wait;
			   __entry->sq = sq;
			   __entry->rq = rq;
			   __entry->msecs = msecs;),
	    TP_printk("dev=%s qp_num=%u %s waits for %s sq_pending=%u rq_pending=%u after %u ms",
		      __get_str(dev), __entry->qp_num,
		      __entry->send ? "SQ" : "RQ",
		      show_ib_drain_wait(__entry->wait), __entry->sq,
		      __entry->rq, __entry->msecs)
);

TRACE_EVENT(drain_end,
	    TP_PROTO(const struct ib_device *device, unsigned int qps, int ret,
		     unsigned int msecs),
	    TP_ARGS(device, qps, ret, msecs),
	    TP_STRUCT__entry(__string(dev, dev_name(&device->dev))
			     __field(unsigned int, qps)
			     __field(int, ret)
			     __field(unsigned int, msecs)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->qps = qps;
			   __entry->ret = ret;
			   __entry->msecs = msecs;),
	    TP_printk("dev=%s qps=%u ret=%d after %u ms", __get_str(dev),
		      __entry->qps, __entry->ret, __entry->msecs)
);

#endif /* _TRACE_RDMA_DRAIN_H */

#include <trace/define_trace.h>
