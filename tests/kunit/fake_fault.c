// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: verbs that hang or fail.
 */
#include <linux/slab.h>

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

/* A fault that the death of the device does not end: a defect of the provider */
void fake_outlive_death(struct fake_device *fake, enum fake_verb verb)
{
	WRITE_ONCE(fake->faults[verb].stubborn, true);
}
EXPORT_SYMBOL_GPL(fake_outlive_death);

/* Neither hang nor fail any more */
void fake_resume(struct fake_device *fake, enum fake_verb verb)
{
	struct fake_fault *fault = &fake->faults[verb];
	unsigned long flags;

	spin_lock_irqsave(&fake->lock, flags);
	fault->times = 0;
	fault->stubborn = false;
	WRITE_ONCE(fault->hang, false);
	spin_unlock_irqrestore(&fake->lock, flags);
	wake_up_all(&fake->changed);
}
EXPORT_SYMBOL_GPL(fake_resume);

/* Wait until a caller of the verb sleeps in it. False if none comes. */
bool fake_hangs_in(struct fake_device *fake, enum fake_verb verb)
{
	return fake_wait_until(fake, READ_ONCE(fake->faults[verb].hung));
}
EXPORT_SYMBOL_GPL(fake_hangs_in);

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

/* Called by each verb that creates an object */
int fake_create_object(struct fake_device *fake, enum fake_verb verb)
{
	int ret = fake_fault(fake, verb);

	spin_lock_irq(&fake->lock);
	if (!ret && fake->dead)
		ret = -EIO;
	fake->objects += !ret;
	spin_unlock_irq(&fake->lock);
	return ret;
}

struct fake_leak {
	struct list_head node;
	void *object;
};

/*
 * A dead device whose release verb fails goes on using the object. The core
 * must not free it: that would be found when it is freed here.
 */
static void fake_keep_leaked(struct fake_device *fake, void *object)
{
	struct fake_leak *leak = kzalloc(sizeof(*leak), GFP_KERNEL);

	if (!leak)
		return;
	leak->object = object;
	spin_lock_irq(&fake->lock);
	list_add(&leak->node, &fake->leaked);
	spin_unlock_irq(&fake->lock);
}

void fake_free_leaked(struct fake_device *fake)
{
	struct fake_leak *leak, *next;

	list_for_each_entry_safe(leak, next, &fake->leaked, node) {
		kfree(leak->object);
		kfree(leak);
	}
}

/* Called by each verb that releases one: a dead device has nothing to say */
int fake_release_object(struct fake_device *fake, enum fake_verb verb,
			void *object)
{
	bool stubborn = READ_ONCE(fake->faults[verb].stubborn);
	int ret = fake_fault(fake, verb);

	spin_lock_irq(&fake->lock);
	if (fake->dead && !stubborn)
		ret = 0;
	fake->objects -= !ret;
	spin_unlock_irq(&fake->lock);

	if (ret && fake->dead)
		fake_keep_leaked(fake, object);
	return ret;
}
