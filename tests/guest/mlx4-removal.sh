# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model that vanishes under an application, and comes back after a rescan"
REQUIRES="module:mlx4_ib ibv_rc_pingpong ss"
MODELS=mlx4
FULL=1
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1

is_gone() { [ ! -e /sys/class/infiniband/mlx4_0 ]; }
no_driver() { [ ! -e "$slot/driver" ]; }

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/models.sh
	local pid
	setup_mlx4_ib
	slot=$(readlink -f /sys/class/infiniband/mlx4_0/device)
	timeout 300 ibv_rc_pingpong -d mlx4_0 -n 100000000 >/tmp/server.log 2>&1 &
	pid=$!
	wait_until 20 listening 18515 || fail "The application does not start."
	model remove
	# The driver sees all ones where it looks for errors, every 5 s.
	wait_until 90 is_gone || fail "The RDMA device is still there 90 s after its removal."
	kill $pid 2>/dev/null
	wait_until 30 gone $pid || fail "The application cannot be killed after the removal."
	timeout 120 sh -c "echo 1 >$slot/remove" || fail "The PCI device cannot be removed."
	model clear
	echo 1 >/sys/bus/pci/rescan
	mlx4_works "after it came back"
	unload_mlx4
}
