# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="drain: a device that fails while CQs are full; no completion is lost, and none comes after the drain"
REQUIRES="ours"
FULL=1
TIMEOUT=1200

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/drain.sh
	local dev ctx
	setup_both
	for dev in $both_devices; do
		# Not before the case has let go of the device
		echo 0 >"/sys/class/infiniband/$dev/reset_auto_max"
		for ctx in softirq workqueue unbound direct; do
			drain_case error "$dev" "$(address "$dev")" ctx=$ctx
			reset_device "$dev"
		done
	done
	drain_module_unload
}
