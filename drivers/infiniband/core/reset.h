/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rest of the RDMA core needs of error mode and reset.
 */
#ifndef _RESET_H
#define _RESET_H

#include <rdma/ib_reset.h>

extern const struct attribute_group ib_reset_attr_group;
extern const struct attribute_group ib_reset_duration_attr_group;

extern struct workqueue_struct *ib_reset_wq;

/* error_mode.c */
void ib_error_mode_init(struct ib_device *dev);
bool ib_error_mode_enter(struct ib_device *dev, enum ib_reset_reason reason);
void ib_error_mode_leave(struct ib_device *dev);
void ib_error_mode_send_fatal(struct ib_device *dev);
void ib_error_mode_forget(struct ib_device *dev);
int ib_error_mode_query_port(struct ib_device *dev, u32 port,
			     struct ib_port_attr *attr);
int ib_error_mode_query_qp(struct ib_qp *qp, struct ib_qp_attr *attr,
			   struct ib_qp_init_attr *init_attr);

/* device_state.c */
bool ib_device_change_state(struct ib_device *dev, enum ib_device_state state,
			    enum ib_reset_reason reason);
bool ib_device_may_change_state(enum ib_device_state from,
				enum ib_device_state to);

/**
 * struct ib_reset_limits - bounds, in milliseconds
 * @patience_ms: after so long, and the grace period, whoever wrote to the file
 *	reset is told -ETIMEDOUT; the reset goes on
 * @removal_ms: the removal of a client that takes longer enters error mode
 * @addition_ms: the same for the addition of all clients
 * @report_ms: interval of reports of what the removal waits for
 * @left_ms: objects that are left for so long after their client has gone fail
 *	the reset
 * @back_off_ms: between two resets by the core itself; doubled each time
 * @calm_ms: a device that worked for so long is taken as sound again
 */
struct ib_reset_limits {
	unsigned int patience_ms;
	unsigned int removal_ms;
	unsigned int addition_ms;
	unsigned int report_ms;
	unsigned int left_ms;
	unsigned int back_off_ms;
	unsigned int calm_ms;
};

extern struct ib_reset_limits ib_reset_limits;

/* reset.c */
int ib_reset_init(void);
void ib_reset_exit(void);
int ib_reset_device_init(struct ib_device *dev);
void ib_reset_device_register(struct ib_device *dev);
void ib_reset_device_unregister(struct ib_device *dev);
void ib_reset_device_going(struct ib_device *dev);
void ib_reset_device_free(struct ib_device *dev);
void ib_reset_disable_begin(struct ib_device *dev);
void ib_reset_disable_end(struct ib_device *dev);
void ib_reset_wait_unreferenced(struct ib_device *dev);
void ib_reset_client_removed(struct ib_device *dev, const char *client);
void ib_reset_client_added(struct ib_device *dev, const char *client);
void ib_reset_client_stops(struct ib_device *dev, const char *client);
void ib_reset_client_starts(struct ib_device *dev, const char *client);
void ib_reset_client_started(struct ib_device *dev, const char *client, int ret);
void ib_reset_phase_ends(struct ib_device *dev, enum ib_reset_phase phase);
void ib_reset_account(struct ib_device *dev, int ret);
bool ib_reset_may_restart(const struct ib_device *dev);
bool ib_reset_is_supported(const struct ib_device *dev);
int ib_reset_request(struct ib_device *dev, enum ib_reset_reason reason);
int ib_reset_wait(struct ib_device *dev);
void ib_reset_after_error(struct ib_device *dev);

/* succession.c */
void ib_succession_init(struct ib_device *dev);
void ib_succession_exit(void);
void ib_succession_error_entered(struct ib_device *dev);
void ib_succession_leave(struct ib_device *dev);
const char *ib_succession_name(struct ib_device *dev, const char *name);
void ib_succession_take_over(struct ib_device *dev);
void ib_succession_complete(struct ib_device *dev);

/* device.c */
void ib_device_announce_reset(struct ib_device *dev);
void ib_device_disable(struct ib_device *dev);
int ib_device_enable_and_get(struct ib_device *dev);

/* mad.c */
void ib_mad_fail_device(struct ib_device *device);

#endif /* _RESET_H */
