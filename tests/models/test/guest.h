/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest without a guest: its memory is an array, interrupts are counted, and the
 * library does no more than that.
 */
#ifndef TEST_GUEST_H
#define TEST_GUEST_H

#include "../vfu/be.h"
#include "../vfu/vfu.h"

#define MEM_SIZE	(16 << 20)
#define PAGE		4096

extern u8 *mem;
extern unsigned int interrupts;

void guest_start(void);
void guest_stop(void);
/* Page aligned memory that is zero */
u64 alloc(u32 size);
/* A line on the control socket, which the model has to understand */
void control_line(const struct vfu_ops *ops, void *priv, const char *line);

#endif
