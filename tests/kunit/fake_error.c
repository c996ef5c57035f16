// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: error mode and reset, as the core asks for them.
 */
#include <rdma/ib_reset.h>

#include "fake_priv.h"
#include "fake_reset.h"

static void fake_enter_error(struct ib_device *ibdev)
{
	struct fake_device *fake = to_fake(ibdev);

	fake_note(fake, "error");
	fake_fault(fake, FAKE_ENTER_ERROR);

	spin_lock_irq(&fake->lock);
	__fake_die(fake);
	fake->entered_error++;
	spin_unlock_irq(&fake->lock);
	fake_end_commands(fake);
}

static int fake_reset_device(struct ib_device *ibdev)
{
	struct fake_device *fake = to_fake(ibdev);
	int ret;

	fake_note(fake, "reset");
	spin_lock_irq(&fake->lock);
	fake->resets++;
	fake->objects_at_reset = fake->objects;
	spin_unlock_irq(&fake->lock);

	ret = fake_fault(fake, FAKE_RESET_DEVICE);
	if (ret)
		return ret;

	spin_lock_irq(&fake->lock);
	fake->dead = false;
	fake->announced = false;
	spin_unlock_irq(&fake->lock);
	if (READ_ONCE(fake->hangs_after_reset))
		fake_hang(fake, FAKE_CREATE_QP);
	return 0;
}

static int fake_alloc_ucontext(struct ib_ucontext *context,
			       struct ib_udata *udata)
{
	return 0;
}

static void fake_dealloc_ucontext(struct ib_ucontext *context)
{
}

static void fake_disassociate_ucontext(struct ib_ucontext *context)
{
}

static const struct ib_device_ops fake_error_ops = {
	.alloc_ucontext = fake_alloc_ucontext,
	.dealloc_ucontext = fake_dealloc_ucontext,
	.disassociate_ucontext = fake_disassociate_ucontext,
	.enter_error = fake_enter_error,
	.reset_device = fake_reset_device,
};

/* What the core says to udev */
static int fake_uevent(const struct device *dev, struct kobj_uevent_env *env)
{
	struct fake_device *fake = container_of(dev, struct fake_device,
						ibdev.dev);
	const char *state = NULL, *reason = NULL;
	int i;

	for (i = 0; i < env->envp_idx; i++) {
		if (strstarts(env->envp[i], "DEVICE_STATE="))
			state = strchr(env->envp[i], '=') + 1;
		if (strstarts(env->envp[i], "RESET_REASON="))
			reason = strchr(env->envp[i], '=') + 1;
	}
	if (state)
		fake_append(fake, fake->uevents, sizeof(fake->uevents), "%s/%s",
			    state, reason ?: "?");
	return 0;
}

static const struct device_type fake_device_type = {
	.name = "fake_rdma",
	.uevent = fake_uevent,
};

void fake_set_error_ops(struct fake_device *fake)
{
	fake->ibdev.dev.type = &fake_device_type;
	if (fake->config.error_mode)
		ib_set_device_ops(&fake->ibdev, &fake_error_ops);
}

/* The core resets no device by itself, unless a case asks for it */
void fake_tame_core(struct fake_device *fake)
{
	fake->ibdev.reset.auto_max = 0;
}

/**
 * fake_enter_error_mode() - enter error mode, and wait until it has been entered
 * @fake: device
 */
void fake_enter_error_mode(struct fake_device *fake)
{
	ib_device_enter_error(&fake->ibdev, IB_RESET_DEVICE_ERROR);
	flush_work(&fake->ibdev.reset.error_work);
}
EXPORT_SYMBOL_GPL(fake_enter_error_mode);

bool fake_reaches(struct fake_device *fake, enum ib_device_state state)
{
	struct ib_device_reset *reset = &fake->ibdev.reset;

	return wait_event_timeout(reset->wait, READ_ONCE(reset->state) == state,
				  FAKE_PATIENCE);
}
EXPORT_SYMBOL_GPL(fake_reaches);

/* No reset is under way */
bool fake_is_settled(struct fake_device *fake)
{
	struct ib_device_reset *reset = &fake->ibdev.reset;

	return wait_event_timeout(reset->wait, !READ_ONCE(reset->requested),
				  FAKE_PATIENCE);
}
EXPORT_SYMBOL_GPL(fake_is_settled);
