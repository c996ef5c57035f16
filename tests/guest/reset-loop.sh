# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="100 resets in a row under load: no leak, the last are as fast as the first"
REQUIRES="ours verbs_app rping"
FULL=debug
TIMEOUT=1800
TIMED=1

resets=${RESETS:-100}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset-loop.sh
	local dev
	setup_both
	for dev in $both_devices; do
		reset_loop $dev "$resets"
	done
}
