# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: its sysfs files, its trace events"
REQUIRES="ours"
FULL=debug
TIMEOUT=600

test() {
	. tests/guest/lib/drain.sh
	local dev d f trace=/sys/kernel/tracing
	setup_rxe && setup_siw || fail "The devices could not be set up."
	for dev in rxe0 siw0; do
		d=/sys/class/infiniband/$dev/drain
		for f in completed failed timed_out stalled orphaned_markers; do
			[ "$(cat $d/$f)" = 0 ] || fail "$d/$f of a new device is not 0 but '$(cat $d/$f)'."
			(echo 1 >$d/$f) 2>/dev/null && fail "$d/$f can be written."
		done
		[ "$(cat $d/stall_ms)" = 10000 ] || fail "$d/stall_ms is not 10000 but '$(cat $d/stall_ms)'."
		for f in -1 x '' 4294967296; do
			(echo "$f" >$d/stall_ms) 2>/dev/null && fail "$d/stall_ms accepts '$f'."
		done
		echo 0 >$d/stall_ms && [ "$(cat $d/stall_ms)" = 0 ] || fail "$d/stall_ms does not take 0."
		echo 0x20 >$d/stall_ms && [ "$(cat $d/stall_ms)" = 32 ] || fail "$d/stall_ms does not take 0x20."
	done

	echo 1 >$trace/events/rdma_drain/enable || fail "There are no trace events rdma_drain."
	drain_case ways rxe0 10.1.0.1 ctx=workqueue
	drain_case ways siw0 10.2.0.1 ctx=workqueue
	traced "drain_side: dev=rxe0 .* SQ waits for marker"
	traced "drain_side: dev=rxe0 .* RQ waits for marker"
	traced "drain_end: dev=rxe0 qps=1 ret=0"
	traced "drain_side: dev=siw0 .* waits for flush complete"
	traced "drain_end: dev=siw0 qps=1 ret=0"
	for dev in rxe0 siw0; do
		[ "$(drain_counter $dev completed)" -gt 0 ] || fail "$dev has not counted its drains."
		[ "$(drain_counter $dev failed)" = 0 ] || fail "$dev has counted drains that failed."
	done
	drain_module_unload
}

traced() { grep -q "$1" /sys/kernel/tracing/trace || fail "The trace has no '$1'."; }
