# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: what a process has left of a device that failed under it"
REQUIRES="ours module:iw_cxgb4 zombie"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=600

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	setup_cxgb4
	app zombie zombie cxgb4_0 10.5.0.1 gone
	app_must_say 60 zombie ready
	model fatal
	wait_until 30 [ ! -e /sys/class/infiniband/cxgb4_0 ] || fail "The device is still there 30 s after a fatal error."
	app_must_say 60 zombie ' ok, '
	grep -E '^FAIL|^skip' /tmp/app.zombie
	app_says zombie ' 0 failed' || fail "Not each call on the old context does what it should: $(tail -n 1 /tmp/app.zombie)"
	unload_cxgb4
}
