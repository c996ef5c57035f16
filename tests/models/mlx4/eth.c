// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ethernet frames: they complete, are counted, and get lost, as on a cable
 * without anybody at its end. RoCE on one machine needs no more, because its
 * kernel knows its own addresses.
 */
#include "hca.h"

enum send_result eth_send(struct hca *h, struct qp *qp, struct wqe *w,
			  enum syndrome *syn, u32 *bytes)
{
	h->stats.frames++;
	return SEND_DONE;
}
