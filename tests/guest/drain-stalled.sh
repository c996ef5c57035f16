# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: one that makes no progress reports itself, then ends when the consumer goes on"
FULL=debug
TIMEOUT=600
REQUIRES="ours"

test() {
	. tests/guest/lib/drain.sh
	local dev n
	setup_rxe && setup_siw || fail "The devices could not be set up."
	for dev in rxe0 siw0; do
		echo 100 >/sys/class/infiniband/$dev/drain/stall_ms
	done
	drain_case stalled rxe0 10.1.0.1 hold=1000
	drain_case stalled siw0 10.2.0.1 hold=1000
	for dev in rxe0 siw0; do
		n=$(drain_counter $dev stalled)
		[ "$n" -ge 3 ] || fail "$dev has counted $n stall reports, at least 3 were due."
		dmesg | grep -q "$dev.*drain of QP .* stalled" ||
			fail "The kernel log tells of no stalled drain of $dev."
	done
	drain_module_unload
}
