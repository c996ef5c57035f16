// SPDX-License-Identifier: GPL-2.0-only
/*
 * An application as it should be: sends messages over a device and compares
 * what arrives; when the device goes, it gives all back and tries to get it
 * again, without ever ending itself.
 *
 *	verbs_app DEVICE ADDRESS [STATUS-FILE]
 *
 * A line for each thing that happens, with the milliseconds since the start.
 * STATUS-FILE always has one line about what it is doing. SIGTERM ends it with
 * a line of totals; the exit status is 1 if data was damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/pair.h"

static volatile sig_atomic_t stop;
static long long start_us, last_good_us, longest_us;
static unsigned int messages, sessions, fatal_events, damaged;
static const char *status_file;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static void say(const char *format, ...)
{
	va_list args;

	printf("%lld ms: ", (now_us() - start_us) / 1000);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void status(const char *format, ...)
{
	char text[100], name[200];
	va_list args;
	FILE *f;

	if (!status_file)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Renamed, so that nobody reads half a line */
	snprintf(name, sizeof(name), "%s.new", status_file);
	f = fopen(name, "w");
	if (!f)
		return;
	fprintf(f, "%s\n", text);
	fclose(f);
	rename(name, status_file);
}

/* Until the fatal one has come, at most that long */
static void events(struct pair *p, int wait_ms)
{
	const long long due = now_us() + wait_ms * 1000LL;
	struct pollfd fd = { .events = POLLIN };
	struct ibv_async_event e;

	if (!p->ctx)
		return;
	fd.fd = p->ctx->async_fd;
	fcntl(fd.fd, F_SETFL, fcntl(fd.fd, F_GETFL) | O_NONBLOCK);
	while (poll(&fd, 1, wait_ms) == 1 && !ibv_get_async_event(p->ctx, &e)) {
		wait_ms = due > now_us() ? (due - now_us()) / 1000 : 0;
		if (e.event_type == IBV_EVENT_DEVICE_FATAL)
			wait_ms = 0;
		if (e.event_type != IBV_EVENT_QP_LAST_WQE_REACHED &&
		    e.event_type != IBV_EVENT_QP_FATAL)
			say("event: %s", e.event_type == IBV_EVENT_DEVICE_FATAL ?
			    "IBV_EVENT_DEVICE_FATAL" : ibv_event_type_str(e.event_type));
		fatal_events += e.event_type == IBV_EVENT_DEVICE_FATAL;
		ibv_ack_async_event(&e);
	}
}

/* What the device says now to one who still has it open */
static void probe(struct pair *p)
{
	struct ibv_pd *pd;

	if (!p->ctx)
		return;
	errno = 0;
	pd = ibv_alloc_pd(p->ctx);
	if (pd)
		ibv_dealloc_pd(pd);
	else
		say("ibv_alloc_pd: %s (errno %d)", strerror(errno), errno);
}

static int work(struct pair *p)
{
	struct timespec nap = { .tv_nsec = 2000000 };
	int ret;

	while (!stop) {
		ret = pair_exchange(p, messages);
		if (ret == ECOMM)
			damaged++;
		if (ret)
			return ret;
		if (last_good_us && now_us() - last_good_us > longest_us)
			longest_us = now_us() - last_good_us;
		last_good_us = now_us();
		messages++;
		status("working: %u messages, %u sessions", messages, sessions);
		events(p, 0);
		nanosleep(&nap, NULL);
	}
	return 0;
}

/*
 * librdmacm keeps a context of each device for as long as the process lives,
 * and a context does not survive a reset. Where the connection is its
 * business, begin anew, as the same process.
 */
static void begin_anew(char **argv)
{
	char text[200];

	snprintf(text, sizeof(text), "%lld %lld %lld %u %u %u %u", start_us,
		 last_good_us, longest_us, messages, sessions, fatal_events, damaged);
	setenv("VERBS_APP_STATE", text, 1);
	execvp(argv[0], argv);
}

int main(int argc, char **argv)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	struct sigaction term = { .sa_handler = on_term };
	const char *state = getenv("VERBS_APP_STATE");
	struct pair p = {};
	sigset_t all;
	bool cm;
	int ret;

	if (argc < 3) {
		fprintf(stderr, "usage: verbs_app DEVICE ADDRESS [STATUS-FILE]\n");
		return 2;
	}
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigaction(SIGTERM, &term, NULL);
	p.device = argv[1];
	p.address = argv[2];
	status_file = argv[3];
	start_us = now_us();
	if (state)
		sscanf(state, "%lld %lld %lld %u %u %u %u", &start_us, &last_good_us,
		       &longest_us, &messages, &sessions, &fatal_events, &damaged);
	while (!stop) {
		status("no service: opening %s", p.device);
		ret = pair_open(&p);
		if (!ret) {
			if (sessions++)
				say("works again");
			else
				say("works");
			ret = work(&p);
			if (!ret)
				break;
			status("no service: %s", strerror(ret));
			say("%s: %s (errno %d)", p.step, strerror(ret), ret);
			/*
			 * The event comes after the flush, and if the network
			 * device goes, long after it.
			 */
			events(&p, 5000);
			probe(&p);
		}
		cm = p.cm;
		pair_close(&p);
		nanosleep(&nap, NULL);
		if (cm && !stop)
			begin_anew(argv);
	}
	pair_close(&p);
	printf("messages=%u sessions=%u fatal=%u damaged=%u longest_ms=%lld\n",
	       messages, sessions, fatal_events, damaged, longest_us / 1000);
	return damaged ? 1 : 0;
}
