// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite: the ops of a device in error mode, one by one.
 */
#include <rdma/ib_mad.h>
#include <rdma/iw_cm.h>

#include "reset_fixture.h"

enum bad_kind {
	POST,		/* fails with -EIO, and says which work request */
	FAIL,		/* fails with -EIO */
	FAIL_PTR,	/* the same as a pointer */
	NOTHING,	/* has nothing to say, and succeeds */
	RELEASE,	/* goes to the provider, and succeeds */
	KEEP,		/* is the provider's */
	OTHER,		/* see the cases below */
};

struct bad_op {
	size_t offset;
	const char *name;
	enum bad_kind kind;
};

#define OP(op, kind) { offsetof(struct ib_device_ops, op), #op, kind }

/* What an op that is not in this list does in error mode is not known */
static const struct bad_op bad_ops[] = {
	OP(post_send, POST),
	OP(post_recv, POST),
	OP(drain_rq, OTHER),
	OP(drain_sq, OTHER),
	OP(poll_cq, KEEP),
	OP(peek_cq, KEEP),
	OP(req_notify_cq, KEEP),
	OP(post_srq_recv, POST),
	OP(process_mad, OTHER),
	OP(query_device, FAIL),
	OP(modify_device, FAIL),
	OP(get_dev_fw_str, KEEP),
	OP(get_vector_affinity, KEEP),
	OP(query_port, FAIL),
	OP(modify_port, FAIL),
	OP(get_port_immutable, KEEP),
	OP(get_link_layer, KEEP),
	OP(get_netdev, KEEP),
	OP(alloc_rdma_netdev, FAIL_PTR),
	OP(rdma_netdev_get_params, OTHER),
	OP(query_gid, FAIL),
	OP(add_gid, KEEP),
	OP(del_gid, KEEP),
	OP(query_pkey, FAIL),
	OP(alloc_ucontext, FAIL),
	OP(dealloc_ucontext, KEEP),
	OP(mmap, FAIL),
	OP(mmap_free, KEEP),
	OP(disassociate_ucontext, KEEP),
	OP(alloc_pd, FAIL),
	OP(dealloc_pd, RELEASE),
	OP(create_ah, FAIL),
	OP(create_user_ah, FAIL),
	OP(modify_ah, FAIL),
	OP(query_ah, FAIL),
	OP(destroy_ah, RELEASE),
	OP(create_srq, FAIL),
	OP(modify_srq, FAIL),
	OP(query_srq, FAIL),
	OP(destroy_srq, RELEASE),
	OP(create_qp, FAIL),
	OP(modify_qp, FAIL),
	OP(query_qp, FAIL),
	OP(destroy_qp, RELEASE),
	OP(create_cq, FAIL),
	OP(modify_cq, FAIL),
	OP(destroy_cq, RELEASE),
	OP(resize_cq, FAIL),
	OP(pre_destroy_cq, RELEASE),
	OP(post_destroy_cq, RELEASE),
	OP(get_dma_mr, FAIL_PTR),
	OP(reg_user_mr, FAIL_PTR),
	OP(reg_user_mr_dmabuf, FAIL_PTR),
	OP(rereg_user_mr, FAIL_PTR),
	OP(dereg_mr, RELEASE),
	OP(alloc_mr, FAIL_PTR),
	OP(alloc_mr_integrity, FAIL_PTR),
	OP(advise_mr, FAIL),
	OP(map_mr_sg, KEEP),
	OP(check_mr_status, FAIL),
	OP(alloc_mw, FAIL),
	OP(dealloc_mw, RELEASE),
	OP(attach_mcast, FAIL),
	OP(detach_mcast, RELEASE),
	OP(alloc_xrcd, FAIL),
	OP(dealloc_xrcd, RELEASE),
	OP(create_flow, FAIL_PTR),
	OP(destroy_flow, RELEASE),
	OP(destroy_flow_action, RELEASE),
	OP(set_vf_link_state, FAIL),
	OP(get_vf_config, FAIL),
	OP(get_vf_stats, FAIL),
	OP(get_vf_guid, FAIL),
	OP(set_vf_guid, FAIL),
	OP(create_wq, FAIL_PTR),
	OP(destroy_wq, RELEASE),
	OP(modify_wq, FAIL),
	OP(create_rwq_ind_table, FAIL),
	OP(destroy_rwq_ind_table, RELEASE),
	OP(alloc_dm, FAIL_PTR),
	OP(dealloc_dm, RELEASE),
	OP(reg_dm_mr, FAIL_PTR),
	OP(create_counters, FAIL),
	OP(destroy_counters, RELEASE),
	OP(read_counters, FAIL),
	OP(map_mr_sg_pi, KEEP),
	OP(alloc_hw_device_stats, KEEP),
	OP(alloc_hw_port_stats, KEEP),
	OP(get_hw_stats, FAIL),
	OP(modify_hw_stat, FAIL),
	OP(fill_res_mr_entry, NOTHING),
	OP(fill_res_mr_entry_raw, FAIL),
	OP(fill_res_cq_entry, NOTHING),
	OP(fill_res_cq_entry_raw, FAIL),
	OP(fill_res_qp_entry, NOTHING),
	OP(fill_res_qp_entry_raw, FAIL),
	OP(fill_res_cm_id_entry, NOTHING),
	OP(fill_res_srq_entry, NOTHING),
	OP(fill_res_srq_entry_raw, FAIL),
	OP(enable_driver, KEEP),
	OP(dealloc_driver, KEEP),
	OP(iw_add_ref, KEEP),
	OP(iw_rem_ref, KEEP),
	OP(iw_get_qp, KEEP),
	OP(iw_connect, FAIL),
	OP(iw_accept, OTHER),
	OP(iw_reject, KEEP),
	OP(iw_create_listen, FAIL),
	OP(iw_destroy_listen, KEEP),
	OP(counter_bind_qp, FAIL),
	OP(counter_unbind_qp, KEEP),
	OP(counter_dealloc, KEEP),
	OP(counter_alloc_stats, KEEP),
	OP(counter_update_stats, FAIL),
	OP(fill_stat_mr_entry, NOTHING),
	OP(query_ucontext, FAIL),
	OP(get_numa_node, KEEP),
	OP(add_sub_dev, FAIL_PTR),
	OP(del_sub_dev, KEEP),
	OP(flush_resume, KEEP),
	OP(enter_error, KEEP),
	OP(reset_device, KEEP),
	OP(restart_device, KEEP),
};

/* All take at most as many arguments, and return an int or a pointer */
typedef long (*bad_op_t)(void *, unsigned long, unsigned long, unsigned long,
			 unsigned long, unsigned long, unsigned long,
			 unsigned long, unsigned long);

static bad_op_t *bad_slot(const struct ib_device_ops *ops, size_t offset)
{
	return (void *)ops + offset;
}

static bad_op_t bad_get_op(struct ulp *ulp, const struct bad_op *op)
{
	return *bad_slot(&ulp->fake->ibdev.ops, op->offset);
}

static long bad_call(bad_op_t fn, void *object)
{
	return fn(object, 0, 0, 0, 0, 0, 0, 0, 0);
}

#define for_each_bad_op_offset(offset)					\
	for (offset = IB_DEVICE_OPS_FIRST; offset < IB_DEVICE_OPS_END;	\
	     offset += sizeof(bad_op_t))

#define for_each_bad_op(op)						\
	for (op = bad_ops; op < bad_ops + ARRAY_SIZE(bad_ops); op++)

static const struct bad_op *bad_find_op(size_t offset)
{
	const struct bad_op *op;

	for_each_bad_op(op)
		if (op->offset == offset)
			return op;
	return NULL;
}

/*
 * The table
 */

/* Fails for an op that was added to struct ib_device_ops and forgotten here */
static void every_op_has_been_thought_about(struct kunit *test)
{
	size_t offset;

	for_each_bad_op_offset(offset) {
		KUNIT_EXPECT_NE_MSG(test, ib_bad_device_classify(offset),
				    IB_BAD_DEVICE_UNKNOWN,
				    "the op at offset %zu, after %s, is not classified",
				    offset,
				    bad_find_op(offset - sizeof(bad_op_t)) ?
				    bad_find_op(offset - sizeof(bad_op_t))->name :
				    "others");
		KUNIT_EXPECT_NOT_NULL_MSG(test, bad_find_op(offset),
					  "the op at offset %zu is not tested",
					  offset);
	}
}

static void every_op_is_replaced_or_kept_as_it_should(struct kunit *test)
{
	const struct bad_op *op;

	for_each_bad_op(op)
		KUNIT_EXPECT_EQ_MSG(test, ib_bad_device_classify(op->offset),
				    op->kind == KEEP ? IB_BAD_DEVICE_KEPT :
						       IB_BAD_DEVICE_REPLACED,
				    "%s", op->name);
}

/*
 * A healthy device
 */

/* The fast path of a healthy device has nothing between it and the provider */
static void healthy_device_has_the_ops_of_its_provider(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_all_ops);
	struct ib_device *dev = &ulp->fake->ibdev;
	const struct bad_op *op;
	unsigned int n = 0;

	for_each_bad_op(op) {
		KUNIT_EXPECT_PTR_EQ_MSG(test, bad_get_op(ulp, op),
					*bad_slot(dev->reset.ops, op->offset),
					"%s", op->name);
		n += fake_is_stand_in(&dev->ops, op->offset);
	}
	KUNIT_EXPECT_GT(test, n, 50);
}

/*
 * In error mode
 */

/* A device that has all ops, in error mode */
static struct ulp *bad_create(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_all_ops);

	fake_enter_error_mode(ulp->fake);
	KUNIT_ASSERT_TRUE(test, ib_device_in_error(&ulp->fake->ibdev));
	fake_set_stand_in_ret(0);
	return ulp;
}

static void op_that_creates_or_changes_or_asks_fails(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	const struct bad_op *op;

	for_each_bad_op(op) {
		if (op->kind != FAIL)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, -EIO,
				    (int)bad_call(bad_get_op(ulp, op), NULL),
				    "%s", op->name);
	}
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 0);
}

static void op_that_makes_a_pointer_fails(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	const struct bad_op *op;

	for_each_bad_op(op) {
		if (op->kind != FAIL_PTR)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, (long)ERR_PTR(-EIO),
				    bad_call(bad_get_op(ulp, op), NULL),
				    "%s", op->name);
	}
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 0);
}

/* Who lists the objects of all devices must see those of this one */
static void op_that_adds_to_a_list_adds_nothing(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	const struct bad_op *op;

	for_each_bad_op(op) {
		if (op->kind != NOTHING)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    (int)bad_call(bad_get_op(ulp, op), NULL),
				    "%s", op->name);
	}
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 0);
}

static void mad_is_not_processed(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	struct ib_device *dev = &ulp->fake->ibdev;

	KUNIT_EXPECT_EQ(test, IB_MAD_RESULT_FAILURE,
			dev->ops.process_mad(dev, 0, 1, NULL, NULL, NULL, NULL,
					     NULL, NULL));
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 0);
}

/* Callers know no other error of this op */
static void device_offers_no_netdev_of_its_own(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	struct ib_device *dev = &ulp->fake->ibdev;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			dev->ops.rdma_netdev_get_params(dev, 1, 0, NULL));
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 0);
}

/* The provider keeps its half until it hears of an answer */
static void connection_is_rejected_when_it_is_accepted(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	struct ib_device *dev = &ulp->fake->ibdev;
	struct iw_cm_id cm_id = { .device = dev };

	KUNIT_EXPECT_EQ(test, -EIO, dev->ops.iw_accept(&cm_id, NULL));
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 1);
}

static void op_that_stays_is_the_one_of_the_provider(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	const struct bad_op *op;

	for_each_bad_op(op)
		if (op->kind == KEEP)
			KUNIT_EXPECT_PTR_EQ_MSG(test, bad_get_op(ulp, op),
						*bad_slot(reset_of(ulp)->ops,
							  op->offset),
						"%s", op->name);
}

static void op_that_is_replaced_is_not_the_one_of_the_provider(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	const struct bad_op *op;

	for_each_bad_op(op)
		if (op->kind != KEEP)
			KUNIT_EXPECT_PTR_NE_MSG(test, bad_get_op(ulp, op),
						*bad_slot(reset_of(ulp)->ops,
							  op->offset),
						"%s", op->name);
}

/* Nobody may be led to believe that the device can do what it never could */
static void op_that_the_provider_lacks_stays_missing(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	const struct bad_op *op;
	unsigned int n = 0;

	fake_enter_error_mode(ulp->fake);
	for_each_bad_op(op) {
		if (*bad_slot(reset_of(ulp)->ops, op->offset))
			continue;
		n++;
		KUNIT_EXPECT_NULL_MSG(test, bad_get_op(ulp, op), "%s", op->name);
	}
	KUNIT_EXPECT_GT(test, n, 50);
}

/*
 * Posts
 */

static struct ib_qp *bad_create_qp(struct ulp *ulp)
{
	struct ib_qp *qp = ulp_create_rc_and_cq(ulp, IB_POLL_WORKQUEUE);

	fake_enter_error_mode(ulp->fake);
	return qp;
}

static void post_send_fails_at_its_first_work_request(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = bad_create_qp(ulp);
	struct ib_send_wr second = { .opcode = IB_WR_SEND };
	struct ib_send_wr first = { .opcode = IB_WR_SEND, .next = &second };
	const struct ib_send_wr *bad_wr = NULL;

	KUNIT_EXPECT_EQ(test, ib_post_send(qp, &first, &bad_wr), -EIO);
	KUNIT_EXPECT_PTR_EQ(test, bad_wr, &first);
	KUNIT_EXPECT_EQ(test, ib_post_send(qp, &first, NULL), -EIO);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->sq.used, 0);
}

static void post_recv_fails_at_its_first_work_request(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = bad_create_qp(ulp);
	struct ib_recv_wr second = {}, first = { .next = &second };
	const struct ib_recv_wr *bad_wr = NULL;

	KUNIT_EXPECT_EQ(test, ib_post_recv(qp, &first, &bad_wr), -EIO);
	KUNIT_EXPECT_PTR_EQ(test, bad_wr, &first);
	KUNIT_EXPECT_EQ(test, ib_post_recv(qp, &first, NULL), -EIO);
	KUNIT_EXPECT_EQ(test, to_fake_qp(qp)->rq.used, 0);
}

static void post_to_an_srq_fails_at_its_first_work_request(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_srq *srq = ulp_create_srq(ulp);
	struct ib_recv_wr second = {}, first = { .next = &second };
	const struct ib_recv_wr *bad_wr = NULL;

	fake_enter_error_mode(ulp->fake);
	KUNIT_EXPECT_EQ(test, ib_post_srq_recv(srq, &first, &bad_wr), -EIO);
	KUNIT_EXPECT_PTR_EQ(test, bad_wr, &first);
	KUNIT_EXPECT_EQ(test, to_fake_srq(srq)->nr, 0);
}

/*
 * What a ULP calls
 */

static void ulp_can_create_nothing(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = bad_create_qp(ulp);
	struct ib_device *dev = qp->device;
	unsigned int objects = ulp->fake->objects;
	struct ib_srq_init_attr srq_attr = {
		.srq_type = IB_SRQT_BASIC,
		.attr = { .max_wr = 4, .max_sge = 1 },
	};
	struct ib_qp_init_attr qp_attr = {
		.qp_type = IB_QPT_RC,
		.send_cq = qp->send_cq,
		.recv_cq = qp->recv_cq,
	};

	KUNIT_EXPECT_PTR_EQ(test, ib_alloc_pd(dev, 0), ERR_PTR(-EIO));
	KUNIT_EXPECT_PTR_EQ(test, ib_alloc_mr(qp->pd, IB_MR_TYPE_MEM_REG, 1),
			    ERR_PTR(-EIO));
	KUNIT_EXPECT_PTR_EQ(test, ib_create_srq(qp->pd, &srq_attr),
			    ERR_PTR(-EIO));
	KUNIT_EXPECT_PTR_EQ(test, ib_create_qp(qp->pd, &qp_attr), ERR_PTR(-EIO));
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EIO),
			    ib_alloc_cq(dev, NULL, 1, 0, IB_POLL_WORKQUEUE));
	KUNIT_EXPECT_EQ(test, ulp->fake->objects, objects);
}

static void ulp_can_change_and_ask_nothing(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_ib);
	struct ib_qp *qp = bad_create_qp(ulp);
	struct ib_qp_init_attr init_attr;
	struct ib_port_attr port_attr;
	struct ib_qp_attr attr;

	KUNIT_EXPECT_EQ(test, ulp_modify_qp(qp, IB_QPS_ERR), -EIO);
	KUNIT_EXPECT_EQ(test, ib_query_qp(qp, &attr, IB_QP_STATE, &init_attr),
			-EIO);
	KUNIT_EXPECT_EQ(test, ib_query_port(qp->device, 1, &port_attr), -EIO);
}

/*
 * Release verbs
 */

/* Where an object has its device */
struct bad_object {
	size_t op;
	size_t device;
};

#define OBJECT(op, type) {						\
	offsetof(struct ib_device_ops, op), offsetof(type, device)	\
}

static const struct bad_object bad_objects[] = {
	OBJECT(dealloc_pd, struct ib_pd),
	OBJECT(destroy_ah, struct ib_ah),
	OBJECT(destroy_srq, struct ib_srq),
	OBJECT(destroy_qp, struct ib_qp),
	OBJECT(destroy_cq, struct ib_cq),
	OBJECT(pre_destroy_cq, struct ib_cq),
	OBJECT(post_destroy_cq, struct ib_cq),
	OBJECT(dereg_mr, struct ib_mr),
	OBJECT(dealloc_mw, struct ib_mw),
	OBJECT(detach_mcast, struct ib_qp),
	OBJECT(dealloc_xrcd, struct ib_xrcd),
	OBJECT(destroy_flow, struct ib_flow),
	OBJECT(destroy_flow_action, struct ib_flow_action),
	OBJECT(destroy_wq, struct ib_wq),
	OBJECT(destroy_rwq_ind_table, struct ib_rwq_ind_table),
	OBJECT(dealloc_dm, struct ib_dm),
	OBJECT(destroy_counters, struct ib_counters),
};

/* An object of the kind that the release verb @op takes, and nothing else */
static void *bad_make_object(struct ulp *ulp, const struct bad_op *op)
{
	struct ib_device *dev = &ulp->fake->ibdev;
	unsigned int i;
	void *object;

	for (i = 0; i < ARRAY_SIZE(bad_objects); i++)
		if (bad_objects[i].op == op->offset)
			break;
	KUNIT_ASSERT_LT_MSG(ulp->test, i, ARRAY_SIZE(bad_objects),
			    "there is no object for %s", op->name);
	object = kunit_kzalloc(ulp->test, 4096, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(ulp->test, object);
	*(struct ib_device **)(object + bad_objects[i].device) = dev;
	return object;
}

/* Those that the fake provider brings itself are in the suite of error mode */
static bool bad_is_stood_in(struct ulp *ulp, const struct bad_op *op)
{
	return op->kind == RELEASE &&
	       fake_is_stand_in(reset_of(ulp)->ops, op->offset);
}

static void release_verb_reaches_the_provider(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	const struct bad_op *op;
	void *object;

	for_each_bad_op(op) {
		if (!bad_is_stood_in(ulp, op))
			continue;
		object = bad_make_object(ulp, op);
		fake_set_stand_in_ret(0);
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    (int)bad_call(bad_get_op(ulp, op), object),
				    "%s", op->name);
		KUNIT_EXPECT_EQ_MSG(test, fake_count_stand_in_calls(), 1, "%s",
				    op->name);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&reset_of(ulp)->nr_leaked), 0);
}

/* The caller could do nothing about it; the object counts as leaked */
static void release_verb_that_fails_seems_to_succeed(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	atomic_t *nr_leaked = &reset_of(ulp)->nr_leaked;
	const struct bad_op *op;
	void *object;

	for_each_bad_op(op) {
		if (!bad_is_stood_in(ulp, op) ||
		    op->offset == offsetof(struct ib_device_ops,
					   post_destroy_cq))
			continue;
		object = bad_make_object(ulp, op);
		fake_set_stand_in_ret(-EBUSY);
		atomic_set(nr_leaked, 0);
		KUNIT_EXPECT_EQ_MSG(test, 0,
				    (int)bad_call(bad_get_op(ulp, op), object),
				    "%s", op->name);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(nr_leaked),
				    op->offset != offsetof(struct ib_device_ops,
							   detach_mcast),
				    "%s", op->name);
	}
	fake_set_stand_in_ret(0);
}

/* The second half of destroying a CQ frees what the first half leaked */
static void leaked_cq_is_not_released_any_further(struct kunit *test)
{
	struct ulp *ulp = bad_create(test);
	struct ib_device *dev = &ulp->fake->ibdev;
	struct ib_cq *cq;

	cq = kunit_kzalloc(test, sizeof(*cq), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cq);
	cq->device = dev;
	fake_set_stand_in_ret(-EBUSY);
	KUNIT_EXPECT_EQ(test, dev->ops.pre_destroy_cq(cq), 0);
	fake_set_stand_in_ret(0);
	dev->ops.post_destroy_cq(cq);
	KUNIT_EXPECT_EQ(test, fake_count_stand_in_calls(), 0);
}

/*
 * After a reset
 */

static void reset_puts_back_every_op(struct kunit *test)
{
	struct ulp *ulp = reset_create(test, &reset_all_ops);
	struct ib_device *dev = &ulp->fake->ibdev;
	struct ib_device_ops *before;

	before = kunit_kzalloc(test, sizeof(*before), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before);
	*before = dev->ops;
	fake_set_stand_in_ret(0);
	KUNIT_ASSERT_EQ(test, reset_write(ulp), 0);
	KUNIT_EXPECT_MEMEQ(test, before, &dev->ops, sizeof(*before));
}

static struct kunit_case bad_device_cases[] = {
	KUNIT_CASE(every_op_has_been_thought_about),
	KUNIT_CASE(every_op_is_replaced_or_kept_as_it_should),
	KUNIT_CASE(healthy_device_has_the_ops_of_its_provider),
	KUNIT_CASE(op_that_creates_or_changes_or_asks_fails),
	KUNIT_CASE(op_that_makes_a_pointer_fails),
	KUNIT_CASE(op_that_adds_to_a_list_adds_nothing),
	KUNIT_CASE(mad_is_not_processed),
	KUNIT_CASE(device_offers_no_netdev_of_its_own),
	KUNIT_CASE(connection_is_rejected_when_it_is_accepted),
	KUNIT_CASE(op_that_stays_is_the_one_of_the_provider),
	KUNIT_CASE(op_that_is_replaced_is_not_the_one_of_the_provider),
	KUNIT_CASE(op_that_the_provider_lacks_stays_missing),
	KUNIT_CASE(post_send_fails_at_its_first_work_request),
	KUNIT_CASE(post_recv_fails_at_its_first_work_request),
	KUNIT_CASE(post_to_an_srq_fails_at_its_first_work_request),
	KUNIT_CASE(ulp_can_create_nothing),
	KUNIT_CASE(ulp_can_change_and_ask_nothing),
	KUNIT_CASE(release_verb_reaches_the_provider),
	KUNIT_CASE(release_verb_that_fails_seems_to_succeed),
	KUNIT_CASE(leaked_cq_is_not_released_any_further),
	KUNIT_CASE(reset_puts_back_every_op),
	{}
};

static struct kunit_suite bad_device_suite = {
	.name = "rdma_bad_device",
	.test_cases = bad_device_cases,
};

kunit_test_suite(bad_device_suite);
