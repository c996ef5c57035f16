// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: registered devices that wait for their next use. To
 * register and unregister a device for each test case costs more than the case.
 */
#include <linux/mutex.h>

#include "fake_priv.h"

static DEFINE_MUTEX(fake_pool_lock);
static LIST_HEAD(fake_pool);

static bool fake_is_like(const struct fake_device *fake,
			 const struct fake_config *config)
{
	return fake->config.transport == config->transport &&
	       fake->config.flush_complete == config->flush_complete &&
	       fake->config.no_flush_resume == config->no_flush_resume &&
	       fake->config.own_drain == config->own_drain &&
	       fake->config.posts_in_error == config->posts_in_error &&
	       fake->config.error_mode == config->error_mode &&
	       fake->config.stand_ins == config->stand_ins;
}

/**
 * fake_get() - get a device that is as good as new
 * @config: what it shall be
 *
 * Returns: the device, for fake_put(); or NULL.
 */
struct fake_device *fake_get(const struct fake_config *config)
{
	struct fake_device *fake;

	mutex_lock(&fake_pool_lock);
	list_for_each_entry(fake, &fake_pool, idle)
		if (fake_is_like(fake, config)) {
			list_del(&fake->idle);
			mutex_unlock(&fake_pool_lock);
			return fake;
		}
	mutex_unlock(&fake_pool_lock);
	return fake_create(config);
}
EXPORT_SYMBOL_GPL(fake_get);

/* Its objects have been destroyed. Who has died once is not as good as new. */
void fake_put(struct fake_device *fake)
{
	if (fake->dead || fake->entered_error || fake->unregistered) {
		fake_destroy(fake);
		return;
	}
	fake_heal(fake);
	fake_forget_drains(fake);
	mutex_lock(&fake_pool_lock);
	list_add(&fake->idle, &fake_pool);
	mutex_unlock(&fake_pool_lock);
}
EXPORT_SYMBOL_GPL(fake_put);

void fake_empty_pool(void)
{
	struct fake_device *fake, *next;

	list_for_each_entry_safe(fake, next, &fake_pool, idle)
		fake_destroy(fake);
	INIT_LIST_HEAD(&fake_pool);
}
