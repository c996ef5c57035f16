// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/infiniband/<device>/drain/: counters and the stall report's
 * interval. See Documentation/ABI/testing/sysfs-class-infiniband-drain.
 */
#include <linux/sysfs.h>

#include "core_priv.h"
#include "drain.h"

struct drain_counter_attribute {
	struct device_attribute attr;
	enum ib_drain_counter counter;
};

static struct ib_device_drain *to_drain(struct device *device)
{
	return &rdma_device_to_ibdev(device)->drain;
}

static ssize_t counter_show(struct device *device,
			    struct device_attribute *attr, char *buf)
{
	struct drain_counter_attribute *dc =
		container_of(attr, struct drain_counter_attribute, attr);

	return sysfs_emit(buf, "%lld\n",
			  atomic64_read(&to_drain(device)->counters[dc->counter]));
}

#define DRAIN_COUNTER_ATTR(_name, _counter)				\
	static struct drain_counter_attribute drain_attr_##_name = {	\
		.attr = __ATTR(_name, 0444, counter_show, NULL),	\
		.counter = _counter,					\
	}

DRAIN_COUNTER_ATTR(completed, IB_DRAIN_COMPLETED);
DRAIN_COUNTER_ATTR(failed, IB_DRAIN_FAILED);
DRAIN_COUNTER_ATTR(timed_out, IB_DRAIN_TIMED_OUT);
DRAIN_COUNTER_ATTR(stalled, IB_DRAIN_STALLED);
DRAIN_COUNTER_ATTR(orphaned_markers, IB_DRAIN_ORPHANED);

static ssize_t stall_ms_show(struct device *device,
			     struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_drain(device)->stall_ms));
}

static ssize_t stall_ms_store(struct device *device,
			      struct device_attribute *attr,
			      const char *buf, size_t count)
{
	unsigned int ms;
	int ret;

	/* The device's own network namespace decides, not a compat device's */
	if (device != &rdma_device_to_ibdev(device)->dev)
		return -EPERM;
	ret = kstrtouint(buf, 0, &ms);
	if (ret)
		return ret;
	WRITE_ONCE(to_drain(device)->stall_ms, ms);
	return count;
}
static DEVICE_ATTR_RW(stall_ms);

static const char *const stall_policies[] = { "report", "error" };

static ssize_t stall_policy_show(struct device *device,
				 struct device_attribute *attr, char *buf)
{
	bool error = READ_ONCE(to_drain(device)->stall_enters_error);

	return sysfs_emit(buf, "%s\n", stall_policies[error]);
}

static ssize_t stall_policy_store(struct device *device,
				  struct device_attribute *attr,
				  const char *buf, size_t count)
{
	struct ib_device *dev = rdma_device_to_ibdev(device);
	int policy;

	if (device != &dev->dev)
		return -EPERM;
	policy = sysfs_match_string(stall_policies, buf);
	if (policy < 0)
		return policy;
	if (policy && !dev->drain.enter_error)
		return -EOPNOTSUPP;
	WRITE_ONCE(dev->drain.stall_enters_error, policy);
	return count;
}
static DEVICE_ATTR_RW(stall_policy);

static struct attribute *ib_drain_attrs[] = {
	&drain_attr_completed.attr.attr,
	&drain_attr_failed.attr.attr,
	&drain_attr_timed_out.attr.attr,
	&drain_attr_stalled.attr.attr,
	&drain_attr_orphaned_markers.attr.attr,
	&dev_attr_stall_ms.attr,
	&dev_attr_stall_policy.attr,
	NULL
};

const struct attribute_group ib_drain_attr_group = {
	.name = "drain",
	.attrs = ib_drain_attrs,
};
