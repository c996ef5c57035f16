# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="NVMe over RDMA between two devices: each is reset under fio with verify, then both; the block device stays"
REQUIRES="ours nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
TIMEOUT=1200
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

resets=${RESETS:-3}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/two-sides.sh
	. tests/guest/lib/blackout.sh
	local type
	for type in rxe siw; do
		two_sides $type || fail "The $type devices could not be set up."
		nvme_target $far_address || fail "The NVMe target could not be set up on $far."
		nvme_connect $far_address $near_address >/dev/null || fail "There is no connection from $near to $far."
		state_over_resets $type near "$near"
		state_over_resets $type far "$far"
		state_over_resets $type both "$near" "$far"
		nvme_disconnect || fail "The disconnect over $type does not end."
		nvme_target_stop || fail "The NVMe target cannot be removed."
		two_sides_end || fail "$near or $far cannot be deleted."
	done
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
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
	blackout_report "NVMe, $name" "$name" "$resets" "${BLACKOUT_MS:-500}"
}

same_disk() { # DISK DISKSEQ
	nvme_find_disk || return
	[ "$disk" = "$1" ] && [ "$(cat "/sys/block/${disk##*/}/diskseq")" = "$2" ]
}
