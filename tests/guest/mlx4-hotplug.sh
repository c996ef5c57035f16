# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model that is unplugged under an application, and plugged in again"
REQUIRES="module:mlx4_ib ibv_rc_pingpong ss"
MODELS=mlx4
FULL=1
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1

is_gone() { [ ! -e "$slot" ]; }

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/models.sh
	local pid round
	for round in 1 2; do
		setup_mlx4_ib
		slot=$(readlink -f /sys/class/infiniband/mlx4_0/device)
		timeout 300 ibv_rc_pingpong -d mlx4_0 -n 100000000 >/tmp/server.log 2>&1 &
		pid=$!
		wait_until 20 listening 18515 || fail "The application does not start."
		# As if its button was pressed: the guest has 5 s to object.
		unplug
		wait_until 120 is_gone || fail "The device is still there 120 s after it was unplugged (round $round)."
		kill $pid 2>/dev/null
		wait_until 30 gone $pid || fail "The application cannot be killed (round $round)."
		plug
	done
	setup_mlx4_ib
	rdma_ops mlx4_0 1 2 || fail "The device does not work after it was plugged in again."
	unload_mlx4
}
