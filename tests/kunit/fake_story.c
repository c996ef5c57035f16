// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: what happened to the device, as a line of words.
 */
#include <linux/string.h>

#include "fake_priv.h"

static void fake_append_args(struct fake_device *fake, char *text, size_t size,
			     const char *fmt, va_list args)
{
	unsigned long flags;
	size_t len;

	spin_lock_irqsave(&fake->lock, flags);
	len = strlen(text);
	if (len)
		len += scnprintf(text + len, size - len, " ");
	vscnprintf(text + len, size - len, fmt, args);
	spin_unlock_irqrestore(&fake->lock, flags);
}

void fake_append(struct fake_device *fake, char *text, size_t size,
		 const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fake_append_args(fake, text, size, fmt, args);
	va_end(args);
}

/**
 * fake_note() - append a word to the story of the device
 * @fake: device
 * @fmt: the word
 */
void fake_note(struct fake_device *fake, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fake_append_args(fake, fake->story, sizeof(fake->story), fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(fake_note);

void fake_forget_story(struct fake_device *fake)
{
	spin_lock_irq(&fake->lock);
	fake->story[0] = '\0';
	fake->uevents[0] = '\0';
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_forget_story);
