// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: verbs that hang or fail.
 */
#include "fake_priv.h"

/**
 * fake_fail() - let a verb fail
 * @fake: device
 * @verb: which one
 * @err: negative errno that it returns
 * @times: so many times; UINT_MAX: from now on
 */
void fake_fail(struct fake_device *fake, enum fake_verb verb, int err,
	       unsigned int times)
{
	struct fake_fault *fault = &fake->faults[verb];

	spin_lock_irq(&fake->lock);
	fault->err = err;
	fault->times = times;
	spin_unlock_irq(&fake->lock);
}
EXPORT_SYMBOL_GPL(fake_fail);

/* Let the next callers of a verb sleep until fake_resume() or fake_die() */
void fake_hang(struct fake_device *fake, enum fake_verb verb)
{
	WRITE_ONCE(fake->faults[verb].hang, true);
}
EXPORT_SYMBOL_GPL(fake_hang);

/* Neither hang nor fail any more */
void fake_resume(struct fake_device *fake, enum fake_verb verb)
{
	struct fake_fault *fault = &fake->faults[verb];
	unsigned long flags;

	spin_lock_irqsave(&fake->lock, flags);
	fault->times = 0;
	WRITE_ONCE(fault->hang, false);
	spin_unlock_irqrestore(&fake->lock, flags);
	wake_up_all(&fake->changed);
}
EXPORT_SYMBOL_GPL(fake_resume);

bool fake_is_hung(struct fake_device *fake, enum fake_verb verb)
{
	return READ_ONCE(fake->faults[verb].hung);
}
EXPORT_SYMBOL_GPL(fake_is_hung);

static void fake_hang_here(struct fake_device *fake, struct fake_fault *fault)
{
	spin_lock_irq(&fake->lock);
	fault->hung++;
	spin_unlock_irq(&fake->lock);
	wake_up_all(&fake->changed);

	wait_event(fake->changed, !READ_ONCE(fault->hang));

	spin_lock_irq(&fake->lock);
	fault->hung--;
	spin_unlock_irq(&fake->lock);
}

/* Called by each verb before anything else. Sleeps only if told to hang. */
int fake_fault(struct fake_device *fake, enum fake_verb verb)
{
	struct fake_fault *fault = &fake->faults[verb];
	unsigned long flags;
	int ret = 0;

	if (READ_ONCE(fault->hang))
		fake_hang_here(fake, fault);

	spin_lock_irqsave(&fake->lock, flags);
	if (fault->times) {
		ret = fault->err;
		if (fault->times != UINT_MAX)
			fault->times--;
	}
	spin_unlock_irqrestore(&fake->lock, flags);
	return ret;
}
