# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model whose firmware dies: the command's time-out, the reset, and who waits how long"
REQUIRES="module:mlx4_ib"
MODELS=mlx4
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1
FULL=1
TIMED=1

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	local start before
	setup_mlx4_ib
	before=$(restarts)
	model fault firmware-dead
	start=$SECONDS
	timeout 200 rdma_ops mlx4_0 1 2 && fail "An application succeeds on a device with dead firmware."
	echo "The application had its error after $((SECONDS - start)) s."
	[ -n "$STOCK" ] || [ $((SECONDS - start)) -le 10 ] || fail "That takes more than 10 s."
	wait_until 200 has_restarted "$before" || fail "The driver has not restarted the device with dead firmware."
	echo "The device was restarted $((SECONDS - start)) s after the firmware's death."
	mlx4_works "after its restart"
	[ -n "$STOCK" ] || administrator
	unload_mlx4
}

# Who waits does not any more once the administrator resets the device.
administrator() {
	local waiter writer t0
	model fault firmware-dead
	rdma_ops mlx4_0 1 2 >/dev/null 2>&1 &
	waiter=$!
	sleep 2
	! gone $waiter || fail "Nobody waits for the dead firmware."
	t0=$(now_ms)
	echo 1 >/sys/class/infiniband/mlx4_0/reset &
	writer=$!
	wait_until 100 gone $waiter || fail "Who waits for a command still does 100 s after an administrator's reset."
	echo "The application had its error $(($(now_ms) - t0)) ms after the administrator's reset."
	[ $(($(now_ms) - t0)) -le 1000 ] || fail "That takes more than 1 s."
	wait $writer || fail "The administrator's reset fails."
	mlx4_works "after an administrator's reset"
}
