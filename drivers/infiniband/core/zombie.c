// SPDX-License-Identifier: GPL-2.0
/*
 * A context of an application stays when its device goes or is reset: it
 * answers EIO until the application has closed it. An administrator sees here
 * which application has not.
 */

#include <linux/debugfs.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "zombie.h"

/* The log names so many processes, and counts the others. */
#define RDMA_ZOMBIE_NAMED 8

/* Protects the list. A leaf: taken with any lock of uverbs and ucma held. */
static DEFINE_MUTEX(rdma_zombies_lock);
static LIST_HEAD(rdma_zombies);

static void rdma_opener_copy(struct rdma_opener *to,
			     const struct rdma_opener *from)
{
	to->pid = get_pid(from->pid);
	strscpy(to->comm, from->comm);
}

/**
 * rdma_opener_init() - remember the process that is opening a file
 * @opener: where to; to be released with rdma_opener_release()
 */
void rdma_opener_init(struct rdma_opener *opener)
{
	opener->pid = get_pid(task_tgid(current));
	get_task_comm(opener->comm, current->group_leader);
}
EXPORT_SYMBOL(rdma_opener_init);

/**
 * rdma_opener_release() - forget the process that opened a file
 * @opener: where it is remembered
 */
void rdma_opener_release(struct rdma_opener *opener)
{
	put_pid(opener->pid);
	opener->pid = NULL;
}
EXPORT_SYMBOL(rdma_opener_release);

/**
 * rdma_zombie_add() - the device of a user context goes
 * @zombie: part of the context; all zeros up to now
 * @kind: name of the interface that the context belongs to; a literal
 * @opener: who opened the context's file
 * @dev: the device, under the name it has now
 */
void rdma_zombie_add(struct rdma_zombie *zombie, const char *kind,
		     const struct rdma_opener *opener,
		     const struct ib_device *dev)
{
	if (WARN_ON(zombie->kind))
		return;

	rdma_opener_copy(&zombie->opener, opener);
	strscpy(zombie->device, dev->name);
	zombie->since = ktime_get_boottime();
	zombie->kind = kind;

	mutex_lock(&rdma_zombies_lock);
	list_add_tail(&zombie->entry, &rdma_zombies);
	mutex_unlock(&rdma_zombies_lock);
}
EXPORT_SYMBOL(rdma_zombie_add);

/**
 * rdma_zombie_del() - a context is closed for good
 * @zombie: part of the context. If its device lives there is nothing to do.
 */
void rdma_zombie_del(struct rdma_zombie *zombie)
{
	if (!zombie->kind)
		return;

	mutex_lock(&rdma_zombies_lock);
	list_del(&zombie->entry);
	mutex_unlock(&rdma_zombies_lock);

	zombie->kind = NULL;
	rdma_opener_release(&zombie->opener);
}
EXPORT_SYMBOL(rdma_zombie_del);

static bool rdma_zombie_is_of(const struct rdma_zombie *zombie,
			      const char *devname)
{
	return !strcmp(zombie->device, devname);
}

/**
 * rdma_zombie_count() - how many contexts outlive a device
 * @devname: the name that the device had
 *
 * A device that was added anew under an old name has the zombies of that name.
 *
 * Context: Process context; takes a mutex.
 * Return: their number.
 */
unsigned int rdma_zombie_count(const char *devname)
{
	const struct rdma_zombie *zombie;
	unsigned int count = 0;

	mutex_lock(&rdma_zombies_lock);
	list_for_each_entry(zombie, &rdma_zombies, entry)
		count += rdma_zombie_is_of(zombie, devname);
	mutex_unlock(&rdma_zombies_lock);

	return count;
}

struct rdma_zombie_tally {
	const struct rdma_opener *opener;
	unsigned int count;
};

/**
 * rdma_zombie_report() - log which processes hold contexts that outlive a reset
 * @dev: the device. Nothing is logged if there are none.
 */
void rdma_zombie_report(const struct ib_device *dev)
{
	struct rdma_zombie_tally named[RDMA_ZOMBIE_NAMED];
	unsigned int total = 0, others = 0, used = 0, i;
	char text[RDMA_ZOMBIE_NAMED * (TASK_COMM_LEN + 32)];
	const struct rdma_zombie *zombie;
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));

	mutex_lock(&rdma_zombies_lock);
	list_for_each_entry(zombie, &rdma_zombies, entry) {
		if (!rdma_zombie_is_of(zombie, dev->name))
			continue;
		total++;
		for (i = 0; i < used; i++)
			if (named[i].opener->pid == zombie->opener.pid)
				break;
		if (i == RDMA_ZOMBIE_NAMED) {
			others++;
			continue;
		}
		if (i == used) {
			named[used].opener = &zombie->opener;
			named[used++].count = 0;
		}
		named[i].count++;
	}
	for (i = 0; i < used; i++) {
		seq_buf_printf(&line, "%s%s[%d]", i ? ", " : "",
			       named[i].opener->comm,
			       pid_nr(named[i].opener->pid));
		if (named[i].count > 1)
			seq_buf_printf(&line, " (%u)", named[i].count);
	}
	mutex_unlock(&rdma_zombies_lock);

	if (!total)
		return;
	if (others)
		seq_buf_printf(&line, ", and %u more", others);
	dev_info(&dev->dev, "%u context%s outlive%s the reset: %s\n", total,
		 total == 1 ? "" : "s", total == 1 ? "s" : "",
		 seq_buf_str(&line));
}

static void *rdma_zombie_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&rdma_zombies_lock);
	return seq_list_start_head(&rdma_zombies, *pos);
}

static void *rdma_zombie_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &rdma_zombies, pos);
}

static void rdma_zombie_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&rdma_zombies_lock);
}

static int rdma_zombie_show(struct seq_file *m, void *v)
{
	struct rdma_zombie *zombie;
	bool alive;

	if (v == &rdma_zombies) {
		seq_puts(m, "kind device pid comm since\n");
		return 0;
	}

	zombie = list_entry(v, struct rdma_zombie, entry);
	seq_printf(m, "%s %s ", zombie->kind, zombie->device);

	rcu_read_lock();
	alive = pid_task(zombie->opener.pid, PIDTYPE_TGID);
	rcu_read_unlock();
	/* The opener has exited, and has left the file to somebody else. */
	if (!alive)
		seq_puts(m, "- ");
	else
		seq_printf(m, "%d ",
			   pid_nr_ns(zombie->opener.pid,
				     task_active_pid_ns(current)));

	seq_escape(m, zombie->opener.comm, " \t\n\\");
	seq_printf(m, " %lld\n",
		   ktime_divns(ktime_sub(ktime_get_boottime(), zombie->since),
			       NSEC_PER_SEC));
	return 0;
}

static const struct seq_operations rdma_zombies_sops = {
	.start = rdma_zombie_start,
	.next = rdma_zombie_next,
	.stop = rdma_zombie_stop,
	.show = rdma_zombie_show,
};
DEFINE_SEQ_ATTRIBUTE(rdma_zombies);

/**
 * rdma_zombie_init() - make the list visible
 * @debugfs: the folder of the RDMA core. The file goes with it.
 */
void rdma_zombie_init(struct dentry *debugfs)
{
	debugfs_create_file("zombies", 0400, debugfs, NULL, &rdma_zombies_fops);
}
