# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="queue pairs of rxe that are destroyed while packets come for them go at once"
REQUIRES="flood"
TIMEOUT=300

test() {
	. tests/guest/lib/reset.sh
	setup_rxe || fail "The device could not be set up."
	flood rxe0 "$(address rxe0)" 300 2>&1 | tee /tmp/flood
	[ "${PIPESTATUS[0]}" = 0 ] || fail "$(tail -n 1 /tmp/flood)"
	# A packet that nobody took from the queue of a QP kept it for 50 s.
	[ "$(sed -n 's/.* within \([0-9]*\) ms/\1/p' /tmp/flood)" -lt 5000 ] || fail "$(tail -n 1 /tmp/flood)"
}
