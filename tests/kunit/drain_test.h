/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the drain share: the tables they run over.
 */
#ifndef DRAIN_TEST_H
#define DRAIN_TEST_H

#include <linux/module.h>

#include "fake_ulp.h"

extern const struct fake_config drain_ib;
extern const struct fake_config drain_roce;
extern const struct fake_config drain_iwarp;

/* Parameter of a case: the transport */
struct drain_transport {
	const char *name;
	const struct fake_config *config;
};

const void *drain_transport_gen_params(const void *prev, char *desc);

static inline const struct fake_config *drain_config(struct kunit *test)
{
	const struct drain_transport *param = test->param_value;

	return param->config;
}

/* Parameter of a case: the poll context, and the transport */
struct drain_ctx {
	const char *name;
	enum ib_poll_context poll_ctx;
	const struct fake_config *config;
};

/* drain_ctx: each context; drain_polled: each but IB_POLL_DIRECT */
const void *drain_ctx_gen_params(const void *prev, char *desc);
const void *drain_polled_gen_params(const void *prev, char *desc);
/* Each context with each transport, all of them or some */
const void *drain_matrix_gen_params(const void *prev, char *desc);
const void *drain_matrix_polled_gen_params(const void *prev, char *desc);
const void *drain_matrix_workqueue_gen_params(const void *prev, char *desc);

static inline enum ib_poll_context drain_poll_ctx(struct kunit *test)
{
	const struct drain_ctx *param = test->param_value;

	return param->poll_ctx;
}

int ulp_do_drain_qps(struct ulp_task *task);

#endif /* DRAIN_TEST_H */
