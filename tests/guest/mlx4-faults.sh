# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model that fails: refused command, ignored doorbells, stalled flush, catastrophic error"
REQUIRES="module:mlx4_ib ibv_rc_pingpong ss"
MODELS=mlx4
FULL=1
CONFIG=fast
TIMEOUT=900

# The driver looks at the buffer every 5 s, resets the device and comes back.
catastrophic_error() {
	local before pid
	before=$(restarts)
	timeout 120 ibv_rc_pingpong -d mlx4_0 -n 100000000 >/tmp/server.log 2>&1 &
	pid=$!
	wait_until 20 listening 18515 || fail "The application does not start."
	model catas
	wait_until 90 has_restarted "$before" || fail "The driver has not restarted the device 90 s after a catastrophic error."
	kill $pid 2>/dev/null
	wait_until 20 gone $pid || fail "The application cannot be killed after a catastrophic error."
	mlx4_works "after a catastrophic error"
}

refused_command() {
	local log
	model fault command-fail op=RST2INIT_QP status=3 times=1
	rdma_ops mlx4_0 1 2 >/tmp/ops.log 2>&1 && fail "A command that fails went unnoticed."
	log=$(cat /tmp/ops.log)
	[[ $log == *"to INIT failed"* ]] || fail "Not the command that was refused has failed: $log"
	mlx4_works "after a refused command"
}

# What was posted meanwhile is never sent; what is posted later, is.
ignored_doorbells() {
	try_both 15 18515 "ibv_rc_pingpong -d mlx4_0 -n 50 -e" "ibv_rc_pingpong -d mlx4_0 -n 50 -e 127.0.0.1" ||
		fail "An application fails without a fault."
	model fault doorbell-ignore
	try_both 8 18515 "ibv_rc_pingpong -d mlx4_0 -n 50 -e" "ibv_rc_pingpong -d mlx4_0 -n 50 -e 127.0.0.1" &&
		fail "An application succeeds though all doorbells are ignored."
	model clear
	mlx4_works "after ignored doorbells"
	[ "$(model stat | sed -n 's/^fault doorbell-ignore .*hits //p')" -gt 0 ] ||
		fail "The model has not ignored a single doorbell."
}

# The stall again, which now lasts until the device itself fails.
stall_until_reset() {
	local before
	before=$(restarts)
	drain_module || fail "The module drain_matrix cannot be loaded."
	model fault flush-stall
	(sleep 3; model catas) >/dev/null &
	# Its later queue pairs find no device any more, which it calls a failure.
	(drain_case loads mlx4_0 0.0.0.0 ctx=workqueue limit=60000) >/tmp/drain.log 2>&1 || true
	cat /tmp/drain.log
	wait_until 90 has_restarted "$before" || fail "The driver has not restarted the device."
	! grep -q hangs /tmp/drain.log || fail "A drain hangs on a device that has failed."
	grep -q '^ok' /tmp/drain.log || fail "No drain ended with the device's error."
	drain_module_unload
	mlx4_works "after a stall that a catastrophic error ended"
}

# What was flushed, but not told, is told later: until then a drain waits.
stalled_flush() {
	local ms
	drain_module || fail "The module drain_matrix cannot be loaded."
	model fault flush-stall
	(sleep 6; model clear flush-stall) >/dev/null &
	drain_case ways mlx4_0 0.0.0.0 ctx=workqueue >/tmp/drain.log || { cat /tmp/drain.log; fail "A drain failed with a stalled flush."; }
	cat /tmp/drain.log
	ms=$(sed -n 's/^ok .*, \([0-9]*\) ms$/\1/p' /tmp/drain.log | sort -n | tail -n 1)
	[ "$ms" -gt 2000 ] || fail "No drain has waited for the stalled flush: $ms ms at most."
	drain_module_unload
	mlx4_works "after a stalled flush"
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/drain.sh
	. tests/guest/lib/models.sh
	setup_mlx4_ib
	refused_command
	ignored_doorbells
	stalled_flush
	stall_until_reset
	catastrophic_error
	model stat
	unload_mlx4
}
