# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model that is removed from the bus under an application, and found again"
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
		# What a hot unplug does in the guest. QEMU's own (device_del) ends QEMU 11.1
		# with an assertion if the device is a model's.
		echo 1 >"$slot/remove"
		wait_until 120 is_gone || fail "The device is still there 120 s after it was removed (round $round)."
		kill $pid 2>/dev/null
		wait_until 30 gone $pid || fail "The application cannot be killed (round $round)."
		echo 1 >/sys/bus/pci/rescan
	done
	mlx4_works "after it was found again"
	unload_mlx4
}
