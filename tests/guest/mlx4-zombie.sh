# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model, RoCE: what a process has left of a device that failed under it"
REQUIRES="ours module:mlx4_ib module:mlx4_en zombie"
MODELS=mlx4:link=eth
CONFIG=fast
TIMEOUT=600

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	local before
	setup_mlx4_eth
	before=$(restarts)
	app zombie zombie mlx4_0 10.3.0.1 gone
	app_must_say 60 zombie ready
	model catas
	wait_until 90 has_restarted "$before" || fail "The driver has not restarted the device 90 s after a catastrophic error."
	app_must_say 60 zombie ' ok, '
	grep -E '^FAIL|^skip' /tmp/app.zombie
	app_says zombie ' 0 failed' || fail "Not each call on the old context does what it should: $(tail -n 1 /tmp/app.zombie)"
	unload_mlx4
}
