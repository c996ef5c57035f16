/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the fake provider need of each other. Functions named
 * __fake_ are called with &fake_device.lock held.
 */
#ifndef FAKE_PRIV_H
#define FAKE_PRIV_H

#include "fake_rdma.h"

/* fake_device.c */
void __fake_die(struct fake_device *fake);
void fake_announce_death(struct fake_device *fake);
void fake_end_commands(struct fake_device *fake);

/* fake_story.c */
__printf(4, 5) void fake_append(struct fake_device *fake, char *text,
				size_t size, const char *fmt, ...);

/* fake_pool.c */
void fake_empty_pool(void);

/* fake_fault.c */
int fake_fault(struct fake_device *fake, enum fake_verb verb);
int fake_create_object(struct fake_device *fake, enum fake_verb verb);
int fake_release_object(struct fake_device *fake, enum fake_verb verb,
			void *object);
void fake_free_leaked(struct fake_device *fake);

/* fake_cq.c */
int fake_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
		   struct uverbs_attr_bundle *attrs);
int fake_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata);
int fake_poll_cq(struct ib_cq *ibcq, int num, struct ib_wc *wc);
int fake_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags flags);
bool __fake_cq_write(struct fake_cq *cq, struct fake_work *work);
void __fake_cq_lose(struct fake_cq *cq, struct fake_work *work);
void __fake_cq_notify(struct fake_cq *cq);
void __fake_cq_find_lost(struct fake_cq *cq);
void __fake_cq_forget(struct fake_cq *cq, const struct fake_wq *wq);

/* fake_qp.c */
int fake_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr,
		   struct ib_udata *udata);
int fake_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		   struct ib_udata *udata);
int fake_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		  struct ib_qp_init_attr *init_attr);
int fake_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata);
void fake_drain_qp(struct ib_qp *ibqp);
void __fake_qp_progress(struct fake_qp *qp);
void __fake_qp_signal(struct fake_qp *qp);

/* fake_wq.c */
int fake_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		   const struct ib_send_wr **bad_wr);
int fake_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		   const struct ib_recv_wr **bad_wr);
void fake_wq_init(struct fake_wq *wq, struct fake_qp *qp, struct ib_cq *ibcq,
		  unsigned int max);
void __fake_wq_destroy(struct fake_wq *wq);
void __fake_wq_complete(struct fake_wq *wq, unsigned int n,
			enum ib_wc_status status);
void __fake_wq_polled(struct fake_work *work);

/* fake_srq.c */
int fake_create_srq(struct ib_srq *ibsrq, struct ib_srq_init_attr *attr,
		    struct ib_udata *udata);
int fake_destroy_srq(struct ib_srq *ibsrq, struct ib_udata *udata);
int fake_post_srq_recv(struct ib_srq *ibsrq, const struct ib_recv_wr *wr,
		       const struct ib_recv_wr **bad_wr);

/*
 * fake_flush.c, fake_error.c, fake_stand_in.c: what only a core with our
 * interface asks for
 */
#ifdef STOCK_COMPAT
static inline void fake_set_flush_ops(struct fake_device *fake) { }
static inline void fake_forget_drains(struct fake_device *fake) { }
static inline void fake_set_error_ops(struct fake_device *fake) { }
static inline void fake_set_stand_ins(struct fake_device *fake) { }
static inline void fake_tame_core(struct fake_device *fake) { }
#else
void fake_set_flush_ops(struct fake_device *fake);
void fake_forget_drains(struct fake_device *fake);
void fake_set_error_ops(struct fake_device *fake);
void fake_set_stand_ins(struct fake_device *fake);
void fake_tame_core(struct fake_device *fake);
#endif

#endif /* FAKE_PRIV_H */
