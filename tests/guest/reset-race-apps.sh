# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="resets while processes connect, disconnect, register memory, create QPs, open, exit and fork"
REQUIRES="ours churn"
FULL=1
TIMEOUT=1200

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev mode
	setup_both
	for dev in $both_devices; do
		for mode in connect exit fork reg qp open; do
			echo "$dev, $mode:"
			churn_start $dev $mode
			sleep 1
			for _ in 1 2 3 4 5 6 7 8; do
				reset_device $dev
				sleep 0.$((RANDOM % 9))
			done
			sleep 1
			churn_stop
			usable $dev
		done
	done
}
