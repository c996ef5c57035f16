# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: a process writes to doorbells and rings that it mapped before a reset in place, and before an error of the device"
REQUIRES="ours module:iw_cxgb4 scribble"
MODELS=cxgb4
CONFIG=fast
TIMEOUT=600

by_error() {
	cxgb4_fatal_error
	setup_cxgb4
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	. tests/guest/lib/scribble.sh
	setup_cxgb4
	scribble_over cxgb4_0 reset_device cxgb4_0
	cxgb4_works "after a reset"
	scribble_over cxgb4_0 by_error
	cxgb4_works "after an error of the device"
	unload_cxgb4
	cxgb4_leaves_nothing
}
