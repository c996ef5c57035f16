# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="NVMe over RDMA between two devices: each is reset under fio with verify, then both; the block device stays"
REQUIRES="ours nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
TIMEOUT=1200
TIMED=1
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

resets=${RESETS:-3}
# Of three resets, maybe on a busy host; reset-nvme-state-20 has the limit that counts
limit_ms=${BLACKOUT_MS:-1000}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/two-sides.sh
	. tests/guest/lib/blackout.sh
	nvme_over_two_sides each_side_and_both
}

each_side_and_both() { # TYPE
	state_over_resets "$1" near "$near"
	state_over_resets "$1" far "$far"
	state_over_resets "$1" both "$near" "$far"
}

state_over_resets() { # TYPE SIDE DEVICE...
	local name=$1-$2 was=$disk dev pid pids serial
	shift 2
	serial=$(cat "/sys/block/${disk##*/}/diskseq")
	blackout_fio "$name" 3600
	wait_until 60 disk_busy || fail "fio does not start."
	sleep 3
	for _ in $(seq "$resets"); do
		pids=''
		for dev in "$@"; do
			echo 1 >"/sys/class/infiniband/$dev/reset" &
			pids="$pids $!"
		done
		for pid in $pids; do wait "$pid" || fail "A reset ($name) failed."; done
		wait_until 60 disk_moves 0.1 || fail "I/O ($name) does not go on after a reset."
		sleep 0.$((RANDOM % 9 + 1))
	done
	sleep 1
	blackout_end "$name"
	same_disk "$was" "$serial" ||
		fail "The block device ($name) is not the one that it was."
	blackout_report "NVMe, $name" "$name" "$resets" "$limit_ms"
}
