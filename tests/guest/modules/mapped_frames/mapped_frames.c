// SPDX-License-Identifier: GPL-2.0
/*
 * What a process has mapped of its uverbs files: the numbers of the page frames,
 * in hexadecimal, one a line. Of registers these are the device's.
 *
 *	echo PID >/sys/module/mapped_frames/parameters/pid
 *	cat /sys/kernel/debug/mapped_frames
 *
 * A process that has ended has nothing mapped. A module, because /proc/PID/pagemap
 * leaves out mappings without struct page.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>

static int pid;
module_param(pid, int, 0644);
MODULE_PARM_DESC(pid, "the process");

static struct dentry *file;

static bool is_uverbs(const struct vm_area_struct *vma)
{
	return vma->vm_file && vma->vm_flags & (VM_IO | VM_PFNMAP) &&
	       strstarts(vma->vm_file->f_path.dentry->d_name.name, "uverbs");
}

static void show_vma(struct seq_file *s, struct vm_area_struct *vma)
{
	struct follow_pfnmap_args args = { .vma = vma };

	for (args.address = vma->vm_start; args.address < vma->vm_end;
	     args.address += PAGE_SIZE) {
		if (follow_pfnmap_start(&args))
			continue;
		seq_printf(s, "%lx\n", args.pfn);
		follow_pfnmap_end(&args);
	}
}

static int mapped_frames_show(struct seq_file *s, void *unused)
{
	struct pid *id = find_get_pid(READ_ONCE(pid));
	struct task_struct *task = get_pid_task(id, PIDTYPE_PID);
	struct vm_area_struct *vma;
	struct mm_struct *mm;

	put_pid(id);
	if (!task)
		return 0;
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return 0;

	mmap_read_lock(mm);
	for (vma = find_vma(mm, 0); vma; vma = find_vma(mm, vma->vm_end))
		if (is_uverbs(vma))
			show_vma(s, vma);
	mmap_read_unlock(mm);
	mmput(mm);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(mapped_frames);

static int __init mapped_frames_init(void)
{
	file = debugfs_create_file("mapped_frames", 0400, NULL, NULL,
				   &mapped_frames_fops);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit mapped_frames_exit(void)
{
	debugfs_remove(file);
}

module_init(mapped_frames_init);
module_exit(mapped_frames_exit);
MODULE_DESCRIPTION("What a process has mapped of its uverbs files");
MODULE_LICENSE("GPL");
