# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: what a process has left of a device that failed under it"
REQUIRES="ours module:iw_cxgb4 zombie"
MODELS=cxgb4
CONFIG=fast
TIMEOUT=600

unused() { [ "$(cat /sys/module/iw_cxgb4/refcnt)" = 0 ]; }

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	setup_cxgb4
	app zombie zombie cxgb4_0 10.5.0.1 gone
	app_must_say 60 zombie ready
	model fatal
	app_must_say 60 zombie ' ok, '
	grep -E '^FAIL|^skip' /tmp/app.zombie
	app_says zombie ' 0 failed' || fail "Not each call on the old context does what it should: $(tail -n 1 /tmp/app.zombie)"
	# The restart holds the module until its end
	wait_state 60 cxgb4_0 active
	wait_until 10 unused || fail "Somebody uses iw_cxgb4 after the restart: $(grep ^iw_cxgb4 /proc/modules)."
	unload_cxgb4
}
