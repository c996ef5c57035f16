# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="iSER on cxgb4's device model, iWARP: fio with verify; resets in place under fio, after which the session goes on by itself"
REQUIRES="module:iw_cxgb4 fio iscsid iscsiadm module:ib_iser module:ib_isert module:target_core_file"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=900

resets=${RESETS:-3}

reset_cxgb4() { # ROUND
	reset_device cxgb4_0
}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	. tests/guest/lib/iser.sh
	. tests/guest/lib/fio.sh
	setup_cxgb4
	iser_model_test 10.6.0.1 "$resets" reset_cxgb4
	unload_cxgb4
	cxgb4_leaves_nothing
}
