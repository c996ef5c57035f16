/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points of error mode and reset.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rdma_reset

#if !defined(_TRACE_RDMA_RESET_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_RDMA_RESET_H

#include <linux/tracepoint.h>
#include <rdma/ib_reset.h>

TRACE_DEFINE_ENUM(IB_DEVICE_ACTIVE);
TRACE_DEFINE_ENUM(IB_DEVICE_DRAINING);
TRACE_DEFINE_ENUM(IB_DEVICE_ERROR);
TRACE_DEFINE_ENUM(IB_DEVICE_DISABLED);
TRACE_DEFINE_ENUM(IB_DEVICE_RESETTING);
TRACE_DEFINE_ENUM(IB_DEVICE_FAILED);
TRACE_DEFINE_ENUM(IB_DEVICE_GONE);

#define show_ib_device_state(state)					\
	__print_symbolic(state,						\
			 { IB_DEVICE_ACTIVE, "active" },		\
			 { IB_DEVICE_DRAINING, "draining" },		\
			 { IB_DEVICE_ERROR, "error" },			\
			 { IB_DEVICE_DISABLED, "disabled" },		\
			 { IB_DEVICE_RESETTING, "resetting" },		\
			 { IB_DEVICE_FAILED, "failed" },		\
			 { IB_DEVICE_GONE, "gone" })

TRACE_DEFINE_ENUM(IB_RESET_NONE);
TRACE_DEFINE_ENUM(IB_RESET_ADMIN);
TRACE_DEFINE_ENUM(IB_RESET_PCI_ERROR);
TRACE_DEFINE_ENUM(IB_RESET_DEVICE_ERROR);
TRACE_DEFINE_ENUM(IB_RESET_UNRESPONSIVE);
TRACE_DEFINE_ENUM(IB_RESET_DRAIN_STALL);
TRACE_DEFINE_ENUM(IB_RESET_REMOVAL);

#define show_ib_reset_reason(reason)					\
	__print_symbolic(reason,					\
			 { IB_RESET_NONE, "none" },			\
			 { IB_RESET_ADMIN, "admin" },			\
			 { IB_RESET_PCI_ERROR, "pci_error" },		\
			 { IB_RESET_DEVICE_ERROR, "device_error" },	\
			 { IB_RESET_UNRESPONSIVE, "unresponsive" },	\
			 { IB_RESET_DRAIN_STALL, "drain_stall" },	\
			 { IB_RESET_REMOVAL, "removal" })

TRACE_EVENT(rdma_device_state,
	    TP_PROTO(const struct ib_device *device, unsigned int from,
		     unsigned int to, unsigned int reason),
	    TP_ARGS(device, from, to, reason),
	    TP_STRUCT__entry(__string(dev, device->name)
			     __field(unsigned int, from)
			     __field(unsigned int, to)
			     __field(unsigned int, reason)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->from = from;
			   __entry->to = to;
			   __entry->reason = reason;),
	    TP_printk("dev=%s from=%s to=%s reason=%s", __get_str(dev),
		      show_ib_device_state(__entry->from),
		      show_ib_device_state(__entry->to),
		      show_ib_reset_reason(__entry->reason))
);

DECLARE_EVENT_CLASS(rdma_client_class,
		    TP_PROTO(const struct ib_device *device, const char *client),
		    TP_ARGS(device, client),
		    TP_STRUCT__entry(__string(dev, device->name)
				     __string(client, client)),
		    TP_fast_assign(__assign_str(dev);
				   __assign_str(client);),
		    TP_printk("dev=%s client=%s", __get_str(dev),
			      __get_str(client))
);

DEFINE_EVENT(rdma_client_class, rdma_client_removing,
	     TP_PROTO(const struct ib_device *device, const char *client),
	     TP_ARGS(device, client));

DEFINE_EVENT(rdma_client_class, rdma_client_added,
	     TP_PROTO(const struct ib_device *device, const char *client),
	     TP_ARGS(device, client));

DEFINE_EVENT(rdma_client_class, rdma_client_stopping,
	     TP_PROTO(const struct ib_device *device, const char *client),
	     TP_ARGS(device, client));

DEFINE_EVENT(rdma_client_class, rdma_client_started,
	     TP_PROTO(const struct ib_device *device, const char *client),
	     TP_ARGS(device, client));

TRACE_EVENT(rdma_reset_end,
	    TP_PROTO(const struct ib_device *device, int ret, u64 usecs),
	    TP_ARGS(device, ret, usecs),
	    TP_STRUCT__entry(__string(dev, device->name)
			     __field(int, ret)
			     __field(u64, usecs)),
	    TP_fast_assign(__assign_str(dev);
			   __entry->ret = ret;
			   __entry->usecs = usecs;),
	    TP_printk("dev=%s ret=%d after %llu us", __get_str(dev),
		      __entry->ret, __entry->usecs)
);

#endif /* _TRACE_RDMA_RESET_H */

#include <trace/define_trace.h>
