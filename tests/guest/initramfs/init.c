// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of a guest whose kernel has its root file system's driver
 * as a module: load what is in /modules, in the order of its names, mount the
 * root as the command line says, and become the init that it names.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULES "/modules"
#define ROOT "/root"

/* Say what failed on the console, and end the guest. */
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "initramfs: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, ": %m\n");
	va_end(args);
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static void load_modules(void)
{
	struct dirent **names;
	int n = scandir(MODULES, &names, NULL, alphasort);

	if (n < 0)
		die("no folder %s", MODULES);
	for (int i = 0; i < n; i++) {
		char path[512];
		int fd;

		if (names[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", MODULES, names[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die("cannot open %s", path);
		if (syscall(SYS_finit_module, fd, "", 0))
			die("cannot load %s", path);
		close(fd);
	}
}

/* The value of NAME= on the command line; it may hold further signs of equality. */
static char *argument(const char *line, const char *name)
{
	size_t length = strlen(name);
	const char *p = line;

	while ((p = strstr(p, name))) {
		if ((p == line || p[-1] == ' ') && p[length] == '=')
			return strndup(p + length + 1, strcspn(p + length + 1, " \n"));
		p += length;
	}
	fprintf(stderr, "initramfs: the command line has no %s=\n", name);
	_exit(1);
}

static void read_line(char *line, size_t size)
{
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);

	if (n < 0)
		die("cannot read /proc/cmdline");
	line[n] = 0;
	close(fd);
}

int main(void)
{
	char line[4096];
	char *init;

	mkdir("/proc", 0755);
	mkdir(ROOT, 0755);
	if (mount("proc", "/proc", "proc", 0, NULL))
		die("cannot mount /proc");
	read_line(line, sizeof(line));
	load_modules();
	if (mount(argument(line, "root"), ROOT, argument(line, "rootfstype"), MS_RDONLY,
		  argument(line, "rootflags")))
		die("cannot mount the root file system");
	init = argument(line, "init");
	umount("/proc");

	/* What every switch of the root does: the new one over the old one. */
	if (chdir(ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("cannot change to the root file system");
	/* The kernel does this only for a root that it has mounted itself. */
	if (mount("dev", "/dev", "devtmpfs", 0, NULL))
		die("cannot mount /dev");
	execl(init, init, NULL);
	die("cannot run %s", init);
}
