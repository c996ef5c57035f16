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

#define IB_DRAIN_WAITS						\
	ib_drain_wait(NONE,		"nothing")		\
	ib_drain_wait(POST,		"room for a marker")	\
	ib_drain_wait(MARKER,		"marker")		\
	ib_drain_wait(FLUSH,		"flush complete")	\
	ib_drain_wait(LAST_WQE,		"last WQE reached")	\
	ib_drain_wait(COUNT,		"empty send queue")	\
	ib_drain_wait_end(BARRIER,	"consumer of the CQ")

#undef ib_drain_wait
#undef ib_drain_wait_end
#define ib_drain_wait(x, s)	TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_##x);
#define ib_drain_wait_end(x, s)	TRACE_DEFINE_ENUM(IB_DRAIN_WAIT_##x);

IB_DRAIN_WAITS

#undef ib_drain_wait
#undef ib_drain_wait_end
#define ib_drain_wait(x, s)	{ IB_DRAIN_WAIT_##x, s },
#define ib_drain_wait_end(x, s)	{ IB_DRAIN_WAIT_##x, s }

TRACE_EVENT(drain_side,
	TP_PROTO(const struct ib_qp *qp, bool send, unsigned int wait),
	TP_ARGS(qp, send, wait),
	TP_STRUCT__entry(
		__string(dev, dev_name(&qp->device->dev))
		__field(u32, qp_num)
		__field(bool, send)
		__field(unsigned int, wait)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->qp_num = qp->qp_num;
		__entry->send = send;
		__entry->wait = wait;
	),
	TP_printk("dev=%s qp_num=%u %s waits for %s", __get_str(dev),
		  __entry->qp_num, __entry->send ? "SQ" : "RQ",
		  __print_symbolic(__entry->wait, IB_DRAIN_WAITS))
);

TRACE_EVENT(drain_stall,
	TP_PROTO(const struct ib_qp *qp, bool send, unsigned int wait,
		 unsigned int sq, unsigned int rq, unsigned int msecs),
	TP_ARGS(qp, send, wait, sq, rq, msecs),
	TP_STRUCT__entry(
		__string(dev, dev_name(&qp->device->dev))
		__field(u32, qp_num)
		__field(bool, send)
		__field(unsigned int, wait)
		__field(unsigned int, sq)
		__field(unsigned int, rq)
		__field(unsigned int, msecs)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->qp_num = qp->qp_num;
		__entry->send = send;
		__entry->wait = wait;
		__entry->sq = sq;
		__entry->rq = rq;
		__entry->msecs = msecs;
	),
	TP_printk("dev=%s qp_num=%u %s waits for %s sq_pending=%u rq_pending=%u after %u ms",
		  __get_str(dev), __entry->qp_num,
		  __entry->send ? "SQ" : "RQ",
		  __print_symbolic(__entry->wait, IB_DRAIN_WAITS),
		  __entry->sq, __entry->rq, __entry->msecs)
);

TRACE_EVENT(drain_end,
	TP_PROTO(const struct ib_device *device, unsigned int qps, int ret,
		 unsigned int msecs),
	TP_ARGS(device, qps, ret, msecs),
	TP_STRUCT__entry(
		__string(dev, dev_name(&device->dev))
		__field(unsigned int, qps)
		__field(int, ret)
		__field(unsigned int, msecs)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->qps = qps;
		__entry->ret = ret;
		__entry->msecs = msecs;
	),
	TP_printk("dev=%s qps=%u ret=%d after %u ms", __get_str(dev),
		  __entry->qps, __entry->ret, __entry->msecs)
);

#endif /* _TRACE_RDMA_DRAIN_H */

#include <trace/define_trace.h>
