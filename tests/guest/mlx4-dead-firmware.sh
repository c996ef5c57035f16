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

test() {
	. tests/guest/lib/models.sh
	local start before
	setup_mlx4_ib
	before=$(restarts)
	model fault firmware-dead
	start=$SECONDS
	timeout 200 rdma_ops mlx4_0 1 2 && fail "An application succeeds on a device with dead firmware."
	echo "The application had its error after $((SECONDS - start)) s."
	wait_until 200 has_restarted "$before" || fail "The driver has not restarted the device with dead firmware."
	echo "The device was restarted $((SECONDS - start)) s after the firmware's death."
	mlx4_works "after its restart"
	unload_mlx4
}
