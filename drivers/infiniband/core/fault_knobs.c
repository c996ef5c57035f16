// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/infiniband/<device>/: knobs that break a software device,
 * for tests of those who have to live with broken ones.
 *
 *   wedge              0 or 1: the device accepts work and completes nothing
 *   die                1: as wedge, and the provider reports a device error
 *   lose_completions   so many of the next completions are lost
 *   fail               "VERB N": the next N calls of VERB fail with EIO
 *   hang               "VERB N": the next N calls of VERB hang until "VERB 0"
 *
 * Error mode ends what hardware would end as well: a wedged device flushes its
 * work then and loses no completion of that, and a hanging verb fails with EIO.
 * Verbs that release something, and the reset, hang on: a provider must not do
 * that, and the knob shows what happens if it does.
 */
#include <linux/build_bug.h>
#include <linux/debugfs.h>
#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <rdma/ib_fault.h>
#include <rdma/ib_reset.h>

#include "core_priv.h"

/**
 * struct ib_fault - knobs of one device
 * @ref: the device and whoever looks at it outside RCU hold one
 * @rcu: for readers of &ib_device.fault
 * @dev: device, for writers of the files: their removal waits for them
 * @dir: in debugfs
 * @wedged: knob
 * @lose: knob, counts down to 0
 * @lock: protects @fail, @hang and @turn
 * @fail: knob, by verb
 * @hang: knob, by verb
 * @turn: how often the hanging calls of a verb have been released
 * @wait: for changes of @turn, and for error mode
 */
struct ib_fault {
	struct kref ref;
	struct rcu_head rcu;
	struct ib_device *dev;
	struct dentry *dir;
	bool wedged;
	atomic_t lose;
	spinlock_t lock; /* fail, hang, turn */
	unsigned int fail[IB_FAULT_NR_VERBS];
	unsigned int hang[IB_FAULT_NR_VERBS];
	unsigned int turn[IB_FAULT_NR_VERBS];
	wait_queue_head_t wait;
};

static const char *const verb_names[] = {
	[IB_FAULT_RESET] = "reset",
	[IB_FAULT_ALLOC_PD] = "alloc_pd",
	[IB_FAULT_DEALLOC_PD] = "dealloc_pd",
	[IB_FAULT_CREATE_CQ] = "create_cq",
	[IB_FAULT_DESTROY_CQ] = "destroy_cq",
	[IB_FAULT_CREATE_QP] = "create_qp",
	[IB_FAULT_MODIFY_QP] = "modify_qp",
	[IB_FAULT_DESTROY_QP] = "destroy_qp",
	[IB_FAULT_REG_USER_MR] = "reg_user_mr",
	[IB_FAULT_ALLOC_MR] = "alloc_mr",
	[IB_FAULT_DEREG_MR] = "dereg_mr",
};

static_assert(ARRAY_SIZE(verb_names) == IB_FAULT_NR_VERBS);

static bool ends_in_error_mode(enum ib_fault_verb verb)
{
	switch (verb) {
	case IB_FAULT_ALLOC_PD:
	case IB_FAULT_CREATE_CQ:
	case IB_FAULT_CREATE_QP:
	case IB_FAULT_MODIFY_QP:
	case IB_FAULT_REG_USER_MR:
	case IB_FAULT_ALLOC_MR:
		return true;
	default:
		return false;
	}
}

static void fault_release(struct kref *ref)
{
	kfree_rcu(container_of(ref, struct ib_fault, ref), rcu);
}

static struct ib_fault *fault_get(struct ib_device *dev)
{
	struct ib_fault *fault;

	rcu_read_lock();
	fault = rcu_dereference(dev->fault);
	if (fault && !kref_get_unless_zero(&fault->ref))
		fault = NULL;
	rcu_read_unlock();
	return fault;
}

static void fault_put(struct ib_fault *fault)
{
	kref_put(&fault->ref, fault_release);
}

static void release_hanging(struct ib_fault *fault, enum ib_fault_verb verb)
{
	spin_lock(&fault->lock);
	fault->hang[verb] = 0;
	WRITE_ONCE(fault->turn[verb], fault->turn[verb] + 1);
	spin_unlock(&fault->lock);
	wake_up_all(&fault->wait);
}

/* Any context: providers ask where they process work */
bool ib_fault_is_wedged(struct ib_device *dev)
{
	struct ib_fault *fault;
	bool wedged;

	rcu_read_lock();
	fault = rcu_dereference(dev->fault);
	wedged = fault && READ_ONCE(fault->wedged);
	rcu_read_unlock();
	return wedged && !ib_device_in_error(dev);
}
EXPORT_SYMBOL(ib_fault_is_wedged);

/* Any context: true takes one off the count */
bool ib_fault_loses_completion(struct ib_device *dev)
{
	struct ib_fault *fault;
	bool lost;

	rcu_read_lock();
	fault = rcu_dereference(dev->fault);
	lost = fault && atomic_read(&fault->lose) > 0 &&
	       !ib_device_in_error(dev) &&
	       atomic_dec_if_positive(&fault->lose) >= 0;
	rcu_read_unlock();
	return lost;
}
EXPORT_SYMBOL(ib_fault_loses_completion);

/**
 * ib_fault_verb() - fail or hang, if a test says so
 * @dev: device
 * @verb: what the caller is about to do
 *
 * Context: Process context. Waits in a way that hung-task detection and the
 *	load average overlook.
 * Return: 0 to go on, or an error for the caller to return.
 */
int ib_fault_verb(struct ib_device *dev, enum ib_fault_verb verb)
{
	struct ib_fault *fault = fault_get(dev);
	bool fails, hangs = false;
	unsigned int turn;

	if (!fault)
		return 0;

	spin_lock(&fault->lock);
	fails = fault->fail[verb];
	if (fails) {
		fault->fail[verb]--;
	} else if (fault->hang[verb]) {
		fault->hang[verb]--;
		turn = fault->turn[verb];
		hangs = true;
	}
	spin_unlock(&fault->lock);

	if (hangs) {
		ibdev_info(dev, "%s hangs\n", verb_names[verb]);
		wait_event_idle(fault->wait,
				READ_ONCE(fault->turn[verb]) != turn ||
				(ends_in_error_mode(verb) &&
				 ib_device_in_error(dev)));
		fails = ends_in_error_mode(verb) && ib_device_in_error(dev);
	}
	fault_put(fault);
	return fails ? -EIO : 0;
}
EXPORT_SYMBOL(ib_fault_verb);

/**
 * ib_fault_heal() - all knobs to 0; what hangs goes on
 * @dev: device, which its provider has reset
 */
void ib_fault_heal(struct ib_device *dev)
{
	struct ib_fault *fault = fault_get(dev);
	enum ib_fault_verb verb;

	if (!fault)
		return;
	WRITE_ONCE(fault->wedged, false);
	atomic_set(&fault->lose, 0);
	for (verb = 0; verb < IB_FAULT_NR_VERBS; verb++) {
		spin_lock(&fault->lock);
		fault->fail[verb] = 0;
		spin_unlock(&fault->lock);
		release_hanging(fault, verb);
	}
	fault_put(fault);
}
EXPORT_SYMBOL(ib_fault_heal);

/**
 * ib_fault_enter_error() - wake the verbs that error mode ends
 * @dev: device, for which ib_device_in_error() is true already
 */
void ib_fault_enter_error(struct ib_device *dev)
{
	struct ib_fault *fault = fault_get(dev);

	if (!fault)
		return;
	wake_up_all(&fault->wait);
	fault_put(fault);
}

static int verbs_show(struct seq_file *file, const unsigned int *counts)
{
	enum ib_fault_verb verb;

	for (verb = 0; verb < IB_FAULT_NR_VERBS; verb++)
		seq_printf(file, "%s %u\n", verb_names[verb],
			   READ_ONCE(counts[verb]));
	return 0;
}

/* "VERB N"; returns the verb */
static int verb_parse(const char __user *from, size_t size, unsigned int *count)
{
	char buf[32], name[16], rest;
	ssize_t len;

	if (size >= sizeof(buf))
		return -EINVAL;
	len = strncpy_from_user(buf, from, size);
	if (len < 0)
		return len;
	buf[len] = '\0';
	if (sscanf(buf, "%15s %u %c", name, count, &rest) != 2)
		return -EINVAL;
	return match_string(verb_names, ARRAY_SIZE(verb_names), name);
}

static int fail_show(struct seq_file *file, void *unused)
{
	struct ib_fault *fault = file->private;

	return verbs_show(file, fault->fail);
}

static ssize_t fail_write(struct file *file, const char __user *buf,
			  size_t size, loff_t *pos)
{
	struct ib_fault *fault = file_inode(file)->i_private;
	unsigned int count;
	int verb;

	verb = verb_parse(buf, size, &count);
	if (verb < 0)
		return verb;
	spin_lock(&fault->lock);
	fault->fail[verb] = count;
	spin_unlock(&fault->lock);
	return size;
}
DEFINE_SHOW_STORE_ATTRIBUTE(fail);

static int hang_show(struct seq_file *file, void *unused)
{
	struct ib_fault *fault = file->private;

	return verbs_show(file, fault->hang);
}

static ssize_t hang_write(struct file *file, const char __user *buf,
			  size_t size, loff_t *pos)
{
	struct ib_fault *fault = file_inode(file)->i_private;
	unsigned int count;
	int verb;

	verb = verb_parse(buf, size, &count);
	if (verb < 0)
		return verb;
	if (!count) {
		release_hanging(fault, verb);
		return size;
	}
	spin_lock(&fault->lock);
	fault->hang[verb] = count;
	spin_unlock(&fault->lock);
	return size;
}
DEFINE_SHOW_STORE_ATTRIBUTE(hang);

static int die_set(void *data, u64 value)
{
	struct ib_fault *fault = data;

	if (value != 1)
		return -EINVAL;
	WRITE_ONCE(fault->wedged, true);
	ib_device_enter_error(fault->dev, IB_RESET_DEVICE_ERROR);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(die_fops, NULL, die_set, "%llu\n");

/**
 * ib_fault_add_device() - make the knobs
 * @dev: device that is being registered and has its name
 *
 * Without memory there are none.
 */
void ib_fault_add_device(struct ib_device *dev)
{
	struct ib_fault *fault;

	fault = kzalloc(sizeof(*fault), GFP_KERNEL);
	if (!fault)
		return;
	kref_init(&fault->ref);
	fault->dev = dev;
	spin_lock_init(&fault->lock);
	init_waitqueue_head(&fault->wait);

	fault->dir = debugfs_create_dir(dev_name(&dev->dev), ib_debugfs_root);
	debugfs_create_bool("wedge", 0600, fault->dir, &fault->wedged);
	debugfs_create_file_unsafe("die", 0200, fault->dir, fault, &die_fops);
	debugfs_create_atomic_t("lose_completions", 0600, fault->dir,
				&fault->lose);
	debugfs_create_file("fail", 0600, fault->dir, fault, &fail_fops);
	debugfs_create_file("hang", 0600, fault->dir, fault, &hang_fops);
	rcu_assign_pointer(dev->fault, fault);
}

/**
 * ib_fault_rename_device() - follow the device's name
 * @dev: device, which has its new name
 */
void ib_fault_rename_device(struct ib_device *dev)
{
	struct ib_fault *fault = fault_get(dev);

	if (!fault)
		return;
	debugfs_rename(ib_debugfs_root, fault->dir, ib_debugfs_root,
		       dev_name(&dev->dev));
	fault_put(fault);
}

/**
 * ib_fault_remove_device() - undo ib_fault_add_device()
 * @dev: device that is being unregistered
 *
 * What hangs goes on.
 */
void ib_fault_remove_device(struct ib_device *dev)
{
	struct ib_fault *fault = rcu_access_pointer(dev->fault);
	enum ib_fault_verb verb;

	if (!fault)
		return;
	debugfs_remove(fault->dir);
	RCU_INIT_POINTER(dev->fault, NULL);
	/* nobody can set hang any more: who finds it 0 later does not wait */
	for (verb = 0; verb < IB_FAULT_NR_VERBS; verb++)
		release_hanging(fault, verb);
	fault_put(fault);
}
