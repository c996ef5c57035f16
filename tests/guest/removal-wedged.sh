# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="a device that completes nothing any more can be removed all the same, under applications and NVMe"
REQUIRES="ours verbs_app nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
CONFIG=debug
FULL=1
TIMEOUT=600

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	local type how
	for type in rxe siw; do
		for how in link netdev; do wedged_removal $type $how; done
	done
}

wedged_removal() { # TYPE HOW
	local dev=${1}0 a fio t0 pid
	setup_"$1" || fail "$dev could not be set up."
	a=$(address "$dev")
	nvme_target "$a" && nvme_connect "$a" >/dev/null || fail "There is no NVMe connection over $dev."
	fio_disk load --rw=randread --verify=0 --time_based --runtime=120 >/dev/null 2>&1 &
	fio=$!
	app verbs verbs_app "$dev" "$a"
	app_must_say 60 verbs works
	wait_until 60 disk_busy || fail "fio does not start."
	knob "$dev" wedge 1
	sleep 1
	t0=$(now_ms)
	case $2 in
	link) rdma link delete "$dev" & ;;
	netdev) ip link del "$1-eth0" & ;;
	esac
	pid=$!
	wait_until 30 gone $pid || { cat /proc/$pid/stack; fail "The removal ($2) of the wedged $dev hangs."; }
	wait $pid || fail "The removal ($2) of the wedged $dev failed."
	wait_until 20 [ ! -e "/sys/class/infiniband/$dev" ] || fail "$dev is still there."
	echo "$dev, $2: wedged, gone after $(($(now_ms) - t0)) ms"
	wait_until 120 gone $fio || fail "fio does not end."
	wait_until 20 nvme_gone || fail "The controller of $dev does not go away."
	apps_end 0
	nvme_target_stop || fail "The NVMe target cannot be removed."
	[ "$2" = netdev ] || ip link del "$1-eth0"
}
