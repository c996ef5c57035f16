# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="100 resets (RESETS=) in a row under load: no leak, the last are as fast as the first"
REQUIRES="ours verbs_app rping"
TIMEOUT=$((600 + ${RESETS:-100} * 15))

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset-loop.sh
	local dev
	setup_both
	for dev in $both_devices; do
		reset_loop $dev "${RESETS:-100}"
	done
}
