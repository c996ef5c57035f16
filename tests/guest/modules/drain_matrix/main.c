// SPDX-License-Identifier: GPL-2.0
/*
 * Files in debugfs: what is written to drain_matrix/run is run, its verdicts
 * are then in drain_matrix/result.
 *
 *	echo "case=states dev=rxe0 addr=10.1.0.1 limit=5000" > run; cat result
 *
 *	dev	device
 *	addr	IPv4 or IPv6 address of its netdev; on InfiniBand any
 *	case	see cases.c
 *	limit	milliseconds after which a drain counts as hung
 *	ctx	poll context: softirq, workqueue, unbound or direct; default: all
 *	hold	milliseconds for which a blocked consumer is held
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "dm.h"

#define DM_RESULT_SIZE	SZ_128K

static DEFINE_MUTEX(run_lock);
static struct dentry *dir;
static char *result;
static size_t result_len;
static unsigned int nr_ok, nr_not_ok, nr_skipped;

static __printf(1, 2) void dm_result(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result_len += vscnprintf(result + result_len,
				 DM_RESULT_SIZE - result_len, fmt, args);
	va_end(args);
}

void dm_ok(const char *what, unsigned int msecs)
{
	nr_ok++;
	dm_result("ok %s, %u ms\n", what, msecs);
}

void dm_skip(const char *what, const char *why)
{
	nr_skipped++;
	dm_result("skip %s: %s\n", what, why);
}

void dm_not_ok(const char *what, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	nr_not_ok++;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	dm_result("not ok %s: %pV\n", what, &vaf);
	pr_notice("not ok %s: %pV\n", what, &vaf);
	va_end(args);
}

/*
 * A run
 */

static int dm_env_init(struct dm_env *env, const char *dev, const char *addr)
{
	int ret;

	ret = inet_pton_with_scope(&init_net, AF_UNSPEC, addr, NULL,
				   &env->addr);
	if (ret)
		return ret;
	env->dev = ib_device_get_by_name(dev, RDMA_DRIVER_UNKNOWN);
	if (!env->dev)
		return -ENODEV;
	env->iwarp = rdma_protocol_iwarp(env->dev, 1);

	env->pd = ib_alloc_pd(env->dev, 0);
	if (IS_ERR(env->pd)) {
		ret = PTR_ERR(env->pd);
		goto put_device;
	}
	env->buf = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
					    get_order(DM_MSG_SIZE));
	if (!env->buf) {
		ret = -ENOMEM;
		goto dealloc_pd;
	}
	env->dma = ib_dma_map_single(env->dev, env->buf, DM_MSG_SIZE,
				     DMA_BIDIRECTIONAL);
	if (env->iwarp) {
		ret = dm_listen(env);
		if (ret)
			goto free_buf;
	}
	return 0;

free_buf:
	ib_dma_unmap_single(env->dev, env->dma, DM_MSG_SIZE, DMA_BIDIRECTIONAL);
	free_pages((unsigned long)env->buf, get_order(DM_MSG_SIZE));
dealloc_pd:
	ib_dealloc_pd(env->pd);
put_device:
	ib_device_put(env->dev);
	return ret;
}

static void dm_env_exit(struct dm_env *env)
{
	dm_unlisten(env);
	ib_dma_unmap_single(env->dev, env->dma, DM_MSG_SIZE, DMA_BIDIRECTIONAL);
	free_pages((unsigned long)env->buf, get_order(DM_MSG_SIZE));
	ib_dealloc_pd(env->pd);
	ib_device_put(env->dev);
}

static int dm_run(char *options)
{
	char *dev = "", *addr = "", *name = "", *option;
	unsigned int limit = 5000, hold = 200, ctx_mask = ~0;
	struct dm_env *env;
	int ret = 0;

	while (!ret && (option = strsep(&options, "\n "))) {
		char *value = strchr(option, '=');

		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(option, "dev"))
			dev = value;
		else if (!strcmp(option, "addr"))
			addr = value;
		else if (!strcmp(option, "case"))
			name = value;
		else if (!strcmp(option, "ctx"))
			ctx_mask = dm_ctx_mask(value);
		else if (!strcmp(option, "limit"))
			ret = kstrtouint(value, 10, &limit);
		else if (!strcmp(option, "hold"))
			ret = kstrtouint(value, 10, &hold);
		else
			ret = -EINVAL;
	}
	if (ret)
		return ret;
	if (dm_hung())
		return -EBUSY;

	env = kzalloc(sizeof(*env), GFP_KERNEL);
	if (!env)
		return -ENOMEM;
	env->ctx_mask = ctx_mask;
	env->limit = msecs_to_jiffies(limit);
	env->hold = msecs_to_jiffies(hold);
	ret = dm_env_init(env, dev, addr);
	if (ret)
		goto free;

	nr_ok = 0;
	nr_not_ok = 0;
	nr_skipped = 0;
	result_len = 0;
	ret = dm_run_case(env, name);
	dm_result("%u ok, %u not ok, %u skipped\n", nr_ok, nr_not_ok,
		  nr_skipped);

	/* What a drain that hangs may still touch stays */
	if (dm_hung())
		return ret;
	dm_env_exit(env);
free:
	kfree(env);
	return ret;
}

/*
 * Files
 */

static ssize_t run_write(struct file *file, const char __user *ubuf,
			 size_t count, loff_t *ppos)
{
	char *options;
	int ret;

	if (count >= PAGE_SIZE)
		return -EINVAL;
	options = memdup_user_nul(ubuf, count);
	if (IS_ERR(options))
		return PTR_ERR(options);
	mutex_lock(&run_lock);
	ret = dm_run(options);
	mutex_unlock(&run_lock);
	kfree(options);
	return ret ?: count;
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.write = run_write,
};

static int result_show(struct seq_file *seq, void *v)
{
	mutex_lock(&run_lock);
	seq_write(seq, result, result_len);
	mutex_unlock(&run_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int __init dm_init(void)
{
	result = kvmalloc(DM_RESULT_SIZE, GFP_KERNEL);
	if (!result)
		return -ENOMEM;
	dir = debugfs_create_dir("drain_matrix", NULL);
	debugfs_create_file("run", 0200, dir, NULL, &run_fops);
	debugfs_create_file("result", 0400, dir, NULL, &result_fops);
	return 0;
}

static void __exit dm_exit(void)
{
	debugfs_remove(dir);
	kvfree(result);
}

module_init(dm_init);
module_exit(dm_exit);
MODULE_DESCRIPTION("Drains of real queue pairs");
MODULE_LICENSE("GPL");
