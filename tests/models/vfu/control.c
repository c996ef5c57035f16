// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control socket: a line is a command; the answer is any number of lines,
 * the last of which is "ok" or begins with "error". A connection may stay open:
 * a guest's tests come through a port of QEMU that does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.h"

#define MAX_WORDS	16

void vfu_control_accept(struct vfu_server *s)
{
	int fd = accept4(s->control_listener, NULL, NULL, SOCK_CLOEXEC);
	unsigned int i;

	if (fd < 0)
		return;
	for (i = 0; i < VFU_MAX_CONTROLS; i++) {
		if (s->controls[i].fd >= 0)
			continue;
		s->controls[i].fd = fd;
		s->controls[i].len = 0;
		return;
	}
	close(fd);
}

static void hang_up(struct vfu_control *c)
{
	close(c->fd);
	c->fd = -1;
}

static void run_line(struct vfu_server *s, struct vfu_control *c, char *line)
{
	char *words[MAX_WORDS], *save = NULL, *word, *answer = NULL;
	size_t size = 0;
	int n = 0, err;
	FILE *out;

	for (word = strtok_r(line, " \t\r", &save); word && n < MAX_WORDS;
	     word = strtok_r(NULL, " \t\r", &save))
		words[n++] = word;
	if (!n)
		return;
	out = open_memstream(&answer, &size);
	if (!out)
		return;
	err = s->ops->control(s->priv, n, words, out);
	if (!err)
		fputs("ok\n", out);
	fclose(out);
	if (send(c->fd, answer, size, MSG_NOSIGNAL) != (ssize_t)size)
		vfu_log(1, "An answer on the control socket was not taken.");
	free(answer);
}

void vfu_control_input(struct vfu_server *s, struct vfu_control *c)
{
	ssize_t n = read(c->fd, c->line + c->len, sizeof(c->line) - 1 - c->len);
	char *end, *start = c->line;

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0 || c->len + n == sizeof(c->line) - 1) {
		hang_up(c);
		return;
	}
	c->len += n;
	c->line[c->len] = '\0';
	while ((end = strchr(start, '\n'))) {
		*end = '\0';
		run_line(s, c, start);
		start = end + 1;
	}
	c->len -= start - c->line;
	memmove(c->line, start, c->len);
}
