// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/infiniband/<device>/: reset, its settings and its results. See
 * Documentation/ABI/testing/sysfs-class-infiniband-reset.
 */
#include <linux/capability.h>
#include <linux/sysfs.h>

#include "core_priv.h"
#include "reset.h"
#include "zombie.h"

static struct ib_device_reset *to_reset(struct device *device)
{
	return &rdma_device_to_ibdev(device)->reset;
}

/*
 * In shared mode each network namespace has a compat device with the same
 * files. A reset removes those, which waits for writers of their files; and a
 * container must not reset its host's device.
 */
static int reset_may_write(struct device *device)
{
	struct ib_device *dev = rdma_device_to_ibdev(device);
	const struct net *net = read_pnet(&dev->coredev.rdma_net);

	if (device != &dev->dev || !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	return 0;
}

/* A restart would remove this very file, which must not wait for its writer */
static int reset_wait_restart(struct ib_device *dev,
			      struct device_attribute *attr)
{
	struct kernfs_node *kn;
	int ret;

	__module_get(THIS_MODULE);
	kn = sysfs_break_active_protection(&dev->dev.kobj, &attr->attr);
	ret = ib_reset_wait(dev);
	if (kn)
		sysfs_unbreak_active_protection(kn);
	module_put(THIS_MODULE);
	return ret;
}

static ssize_t reset_store(struct device *device, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct ib_device *dev = rdma_device_to_ibdev(device);
	int ret;

	ret = reset_may_write(device);
	if (ret)
		return ret;
	if (!sysfs_streq(buf, "1"))
		return -EINVAL;
	ret = ib_reset_request(dev, IB_RESET_ADMIN);
	if (!ret)
		ret = ib_reset_may_restart(dev) ?
			reset_wait_restart(dev, attr) : ib_reset_wait(dev);
	return ret ?: count;
}
static DEVICE_ATTR_WO(reset);

static ssize_t device_state_show(struct device *device,
				 struct device_attribute *attr, char *buf)
{
	enum ib_device_state state = READ_ONCE(to_reset(device)->state);

	return sysfs_emit(buf, "%s\n", ib_device_state_name(state));
}
static DEVICE_ATTR_RO(device_state);

static ssize_t reset_reason_show(struct device *device,
				 struct device_attribute *attr, char *buf)
{
	enum ib_reset_reason reason = READ_ONCE(to_reset(device)->reason);

	return sysfs_emit(buf, "%s\n", ib_reset_reason_name(reason));
}
static DEVICE_ATTR_RO(reset_reason);

static ssize_t reset_count_show(struct device *device,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_reset(device)->count));
}
static DEVICE_ATTR_RO(reset_count);

static ssize_t reset_failures_show(struct device *device,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_reset(device)->failures));
}
static DEVICE_ATTR_RO(reset_failures);

/* A number that the administrator sets, up to @max */
static ssize_t reset_number_store(struct device *device, const char *buf,
				  size_t count, unsigned int *value,
				  unsigned int max)
{
	unsigned int new;
	int ret;

	ret = reset_may_write(device);
	ret = ret ?: kstrtouint(buf, 0, &new);
	if (ret)
		return ret;
	if (new > max)
		return -ERANGE;
	WRITE_ONCE(*value, new);
	return count;
}

static ssize_t reset_grace_ms_show(struct device *device,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_reset(device)->grace_ms));
}

static ssize_t reset_grace_ms_store(struct device *device,
				    struct device_attribute *attr,
				    const char *buf, size_t count)
{
	return reset_number_store(device, buf, count,
				  &to_reset(device)->grace_ms,
				  24 * 3600 * MSEC_PER_SEC);
}
static DEVICE_ATTR_RW(reset_grace_ms);

static ssize_t reset_auto_max_show(struct device *device,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_reset(device)->auto_max));
}

static ssize_t reset_auto_max_store(struct device *device,
				    struct device_attribute *attr,
				    const char *buf, size_t count)
{
	return reset_number_store(device, buf, count,
				  &to_reset(device)->auto_max, UINT_MAX);
}
static DEVICE_ATTR_RW(reset_auto_max);

static ssize_t reset_zombies_show(struct device *device,
				  struct device_attribute *attr, char *buf)
{
	struct ib_device *dev = rdma_device_to_ibdev(device);

	return sysfs_emit(buf, "%u\n", rdma_zombie_count(dev->name));
}
static DEVICE_ATTR_RO(reset_zombies);

static struct attribute *ib_reset_attrs[] = {
	&dev_attr_reset.attr,
	&dev_attr_device_state.attr,
	&dev_attr_reset_reason.attr,
	&dev_attr_reset_count.attr,
	&dev_attr_reset_failures.attr,
	&dev_attr_reset_grace_ms.attr,
	&dev_attr_reset_auto_max.attr,
	&dev_attr_reset_zombies.attr,
	NULL
};

const struct attribute_group ib_reset_attr_group = {
	.attrs = ib_reset_attrs,
};

/*
 * reset_duration_us/: of the last reset
 */

struct reset_phase_attribute {
	struct device_attribute attr;
	enum ib_reset_phase phase;
};

static ssize_t phase_show(struct device *device, struct device_attribute *attr,
			  char *buf)
{
	struct reset_phase_attribute *pa =
		container_of(attr, struct reset_phase_attribute, attr);

	return sysfs_emit(buf, "%llu\n",
			  READ_ONCE(to_reset(device)->phase_us[pa->phase]));
}

#define RESET_PHASE_ATTR(_name, _phase)					\
	static struct reset_phase_attribute reset_attr_##_name = {	\
		.attr = __ATTR(_name, 0444, phase_show, NULL),		\
		.phase = _phase,					\
	}

RESET_PHASE_ATTR(grace, IB_RESET_PHASE_GRACE);
RESET_PHASE_ATTR(error, IB_RESET_PHASE_ERROR);
RESET_PHASE_ATTR(disable, IB_RESET_PHASE_DISABLE);
RESET_PHASE_ATTR(hardware, IB_RESET_PHASE_HARDWARE);
RESET_PHASE_ATTR(enable, IB_RESET_PHASE_ENABLE);

static ssize_t total_show(struct device *device, struct device_attribute *attr,
			  char *buf)
{
	struct ib_device_reset *reset = to_reset(device);
	unsigned int phase;
	u64 sum = 0;

	for (phase = 0; phase < IB_RESET_NR_PHASES; phase++)
		sum += READ_ONCE(reset->phase_us[phase]);
	return sysfs_emit(buf, "%llu\n", sum);
}
static DEVICE_ATTR_RO(total);

static struct attribute *ib_reset_duration_attrs[] = {
	&reset_attr_grace.attr.attr,
	&reset_attr_error.attr.attr,
	&reset_attr_disable.attr.attr,
	&reset_attr_hardware.attr.attr,
	&reset_attr_enable.attr.attr,
	&dev_attr_total.attr,
	NULL
};

const struct attribute_group ib_reset_duration_attr_group = {
	.name = "reset_duration_us",
	.attrs = ib_reset_duration_attrs,
};
