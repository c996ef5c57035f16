# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154
# A device that completes nothing any more, below a ULP.

# wedge DEVICE: from now on nothing completes. Stalled drains say so after 1 s;
# nobody but the administrator resets.
wedge() {
	echo 1000 >"/sys/class/infiniband/$1/drain/stall_ms"
	stalled_before=$(cat "/sys/class/infiniband/$1/drain/stalled")
	knob "$1" wedge 1
}

# stalls DEVICE SECONDS: a drain on it reports itself.
stalls() {
	wait_until "$2" has_stalled "$1" || fail "No drain of the wedged $1 has reported itself within $2 s."
	dmesg | grep "$1: drain of QP.*stalled" | tail -n 1
}
has_stalled() { [ "$(cat "/sys/class/infiniband/$1/drain/stalled")" -gt "$stalled_before" ]; }

no_hung_task() { ! dmesg | grep -q "INFO: task .* blocked for"; }

# The kernel's detection of hung tasks, sharper than it is by default
hung_task_seconds() { echo "$1" >/proc/sys/kernel/hung_task_timeout_secs; }

# wedged_reset DEVICE: reset it, and it is sound again.
wedged_reset() {
	reset_device "$1"
	echo "$1: wedged, reset in $reset_ms ms"
	no_hung_task || fail "Hung tasks were reported."
	knob "$1" wedge 0
}
