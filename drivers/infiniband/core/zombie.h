/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User contexts that outlive their device: who still holds one.
 */
#ifndef RDMA_ZOMBIE_H
#define RDMA_ZOMBIE_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <rdma/ib_verbs.h>

/**
 * struct rdma_opener - the process that opened a file
 * @pid: of the process; holds a reference
 * @comm: its name at that time
 */
struct rdma_opener {
	struct pid *pid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rdma_zombie - a user context that outlives its device
 * @entry: in the list of all zombies
 * @kind: which interface it belongs to; NULL unless it is in the list. All
 *	zeros is a context whose device lives.
 * @opener: who opened its file
 * @since: when its device went
 * @device: the name of the device
 */
struct rdma_zombie {
	struct list_head entry;
	const char *kind;
	struct rdma_opener opener;
	ktime_t since;
	char device[IB_DEVICE_NAME_MAX];
};

void rdma_opener_init(struct rdma_opener *opener);
void rdma_opener_release(struct rdma_opener *opener);

void rdma_zombie_add(struct rdma_zombie *zombie, const char *kind,
		     const struct rdma_opener *opener,
		     const struct ib_device *dev);
void rdma_zombie_del(struct rdma_zombie *zombie);

unsigned int rdma_zombie_count(const char *devname);
void rdma_zombie_report(const struct ib_device *dev);

void rdma_zombie_init(struct dentry *debugfs);

#endif /* RDMA_ZOMBIE_H */
