# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="NVMe over RDMA between two devices: one dies, or hangs, under fio with verify; the kernel resets it by itself, the block device stays"
REQUIRES="ours nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
CONFIG=debug
FULL=1
TIMEOUT=1800

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/two-sides.sh
	. tests/guest/lib/blackout.sh
	# Each fault has new devices: what one has been through makes no later reset wait
	nvme_over_two_sides each_side die
	nvme_over_two_sides each_side wedge
}

each_side() { # FAULT TYPE
	state_over_fault "$2-near-$1" "$1" "$near" "$far"
	state_over_fault "$2-far-$1" "$1" "$far" "$near"
}

# Nobody writes to reset. That a device hangs is found by NVMe's keep-alive, on the host
# (5 s after it was sent) and on the target (5 s to 10 s without one); who then drains is
# stalled after stall_ms, and the policy is error mode.
state_over_fault() { # NAME FAULT DEVICE OTHER
	local name=$1 dev=$3 other=$4 was=$disk serial count others
	policy "$dev"
	policy "$other"
	serial=$(cat "/sys/block/${disk##*/}/diskseq")
	count=$(attr "$dev" reset_count)
	others=$(attr "$other" reset_count)
	# Blocks too large to go inline: the target reads them by RDMA
	blackout_fio "$name" 3600 --bs=16k
	wait_until 60 disk_busy || fail "fio does not start."
	sleep 3
	echo "$name: $2" >/dev/kmsg
	knob "$dev" "$2" 1
	wait_until 60 was_reset "$dev" "$count" || fail "$dev ($name) is $(attr "$dev" device_state), and has not been reset."
	wait_until 90 disk_moves 1 || fail "I/O ($name) does not go on after the reset."
	echo "$name: I/O goes on" >/dev/kmsg
	sleep 1
	blackout_end "$name"
	same_disk "$was" "$serial" || fail "The block device ($name) is not the one that it was."
	[ "$(attr "$dev" reset_reason)" = "$(reason "$2")" ] || fail "$dev says that it was reset for '$(attr "$dev" reset_reason)'."
	[ "$(attr "$dev" reset_count)" = $((count + 1)) ] || fail "$dev ($name) was reset $(($(attr "$dev" reset_count) - count)) times."
	[ "$(attr "$other" reset_count)" = "$others" ] || fail "$other ($name) was reset as well, for '$(attr "$other" reset_reason)'."
	echo "$name: reset by the kernel ($(attr "$dev" reset_reason)), no I/O errors, blackout $(blackouts "$name" 1) ms"
	steps "$name"
}

policy() { # DEVICE
	echo 1000 >"/sys/class/infiniband/$1/drain/stall_ms"
	echo error >"/sys/class/infiniband/$1/drain/stall_policy"
}

reason() { # FAULT
	case $1 in
	die) echo device_error ;;
	wedge) echo drain_stall ;;
	esac
}

was_reset() { # DEVICE COUNT
	[ "$(attr "$1" reset_count)" -gt "$2" ] && is_state "$1" active
}

# steps NAME: what happened, in ms since the fault, as the kernel's log tells it.
steps() {
	dmesg | awk -v name="$1: " '
		{ text = $0; sub(/^\[ *[0-9.]+\] /, "", text); split($0, at, /[][]/) }
		index(text, name) == 1 && !t0 { t0 = at[2] }
		!t0 { next }
		index(text, name) == 1 ||
		/timeout$|error recovery|Reconnecting|reconnected|keep-alive|stalled|enters error mode|reset within/ {
			if (seen[text]++ < 1)
				printf "    %7d ms  %s\n", (at[2] - t0) * 1000, text
		}' | head -n 40
}
