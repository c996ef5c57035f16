# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model: a process writes to doorbells that it mapped before a reset, and before an error of the device"
REQUIRES="ours module:mlx4_ib scribble"
MODELS=mlx4
CONFIG=fast
TIMEOUT=600

by_error() {
	local before
	before=$(restarts)
	model catas
	wait_until 90 has_restarted "$before" || fail "The driver has not restarted the device 90 s after a catastrophic error."
	setup_mlx4_ib
}

by_reset() {
	write_reset mlx4_0 || fail "The reset failed: $reset_error."
	setup_mlx4_ib
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/scribble.sh
	ip link set lo up
	setup_mlx4_ib
	scribble_over mlx4_0 by_reset
	mlx4_works "after a reset"
	scribble_over mlx4_0 by_error
	mlx4_works "after an error of the device"
	[ "$(model_counter bad_dma)" = 0 ] || fail "The driver gave the device addresses where no memory is."
	unload_mlx4
}
