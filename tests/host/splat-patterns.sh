# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="the splat filter knows the kernel's complaints, and nothing else"

test() {
	local line
	while read -r line; do
		! printf '[    1.000000] %s\n' "$line" | scripts/splat >/dev/null || fail "not found: $line"
	done <<-'EOF'
	WARNING: CPU: 1 PID: 77 at drivers/infiniband/core/verbs.c:2873 __ib_drain_sq+0x1f/0x90
	BUG: KASAN: slab-use-after-free in rxe_mmap_release+0x22/0x40
	WARNING: possible circular locking dependency detected
	INFO: task rdma:123 blocked for more than 120 seconds.
	WARNING: suspicious RCU usage
	UBSAN: array-index-out-of-bounds in a.c:3:4
	kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
	unreferenced object 0xffff888004b5f800 (size 1024):
	unregister_netdevice: waiting for rxe-eth0 to become free. Usage count = 2
	Kernel panic - not syncing: Fatal exception
	BUG: sleeping function called from invalid context at mm/slab.h:1
	ODEBUG: free active (active state 0) object: 0000 object type: timer_list
	refcount_t: underflow; use-after-free.
	Oops: general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] SMP
	general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1]
	EOF
	while read -r line; do
		printf '[    1.000000] %s\n' "$line" | scripts/splat >/dev/null || fail "no splat, but found: $line"
	done <<-'EOF'
	rdma_rxe: loaded
	infiniband rxe0: set active
	FAULT_INJECTION: forcing a failure.
	debug: ignoring loglevel setting.
	KASAN init done
	traps: ib_write_bw[938] general protection fault ip:7efc800b6472 sp:7ffd05dcc530 error:0 in librdmacm.so.1.3.44.0[a472,7efc800b0000+15000]
	EOF
	printf 'WARNING: expected\n' | SPLAT_IGNORE='WARNING: expected' scripts/splat || fail "SPLAT_IGNORE has no effect"
}
