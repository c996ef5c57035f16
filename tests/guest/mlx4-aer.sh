# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model behind a port that reports a fatal error of PCI Express: recovery under an application"
REQUIRES="module:mlx4_ib ibv_rc_pingpong ss"
MODELS=mlx4
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1

has_resumed() { [ "$(dmesg | grep -c 'mlx4_pci_resume was called')" -ge "$1" ]; }

# recovery_counts N: to the core it was a reset like others.
recovery_counts() {
	[ "$(attr mlx4_0 device_state)" = active ] || fail "The device is '$(attr mlx4_0 device_state)' after its recovery."
	[ "$(attr mlx4_0 reset_reason)" = pci_error ] || fail "The reason of the reset is '$(attr mlx4_0 reset_reason)'."
	[ "$(attr mlx4_0 reset_count)" = "$1" ] || fail "After $1 recoveries reset_count is $(attr mlx4_0 reset_count)."
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	local pid round
	setup_mlx4_ib
	for round in 1 2; do
		timeout 300 ibv_rc_pingpong -d mlx4_0 -n 100000000 >/tmp/server.log 2>&1 &
		pid=$!
		wait_until 20 listening 18515 || fail "The application does not start."
		aer DLP
		wait_until 90 has_resumed $round || fail "The driver has not resumed 90 s after the error (round $round)."
		kill $pid 2>/dev/null
		wait_until 30 gone $pid || fail "The application cannot be killed (round $round)."
		mlx4_works "after its recovery (round $round)"
		[ -n "$STOCK" ] || recovery_counts $round
	done
	unload_mlx4
}
