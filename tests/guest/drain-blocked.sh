# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: the consumer is blocked; a bounded drain returns -ETIMEDOUT and leaves nothing that could do harm later"
FULL=debug
TIMEOUT=600
REQUIRES="ours"

test() {
	. tests/guest/lib/drain.sh
	drain_on_both blocked hold=200
	local dev n
	for dev in rxe0 siw0; do
		# 3 poll contexts, QP kept and destroyed, 2 address families
		n=$(drain_counter $dev timed_out)
		[ "$n" = 12 ] || fail "$dev has counted $n drains that timed out instead of 12."
	done
	# A marker for each queue
	n=$(drain_counter rxe0 orphaned_markers)
	[ "$n" -ge 12 ] || fail "rxe0 has counted $n orphaned markers, 12 at least were left."
	n=$(drain_counter siw0 orphaned_markers)
	[ "$n" = 0 ] || fail "siw0 has counted $n orphaned markers, yet it needs none."
	drain_module_unload
}
