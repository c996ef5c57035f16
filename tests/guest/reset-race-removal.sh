# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="resets while the device, its netdev or its driver's module is removed"
REQUIRES="ours verbs_app"
FULL=1
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local type how i
	for type in rxe siw; do
		for how in link netdev module; do
			for i in 1 2 3; do removed_during_reset $type $how "0.0$((i * i))"; done
			echo "$type, $how: removed 3 times during a reset"
		done
		setup_$type || fail "${type}0 cannot be set up any more."
		usable ${type}0
	done
}

removed_during_reset() { # TYPE HOW DELAY
	local dev=${1}0 reset remove t0
	setup_"$1" || fail "$dev could not be set up."
	app verbs verbs_app "$dev" "$(address "$dev")"
	app_must_say 60 verbs works
	# Ends with ENODEV or by itself, but ends
	dd if=/dev/stdin of="/sys/class/infiniband/$dev/reset" status=none conv=notrunc <<<1 2>/dev/null &
	reset=$!
	sleep "$3"
	t0=$(now_ms)
	case $2 in
	link) rdma link delete "$dev" & ;;
	netdev) ip link del "$1-eth0" & ;;
	module)
		# Refused while a device is there: the link goes first
		(rdma link delete "$dev"; modprobe -r "$([ "$1" = rxe ] && echo rdma_rxe || echo siw)") &
		;;
	esac
	remove=$!
	wait_until 60 gone $remove || {
		cat /proc/$remove/stack
		fail "The removal ($2) of $dev during a reset does not end."
	}
	wait $remove || fail "The removal ($2) of $dev during a reset failed."
	wait_until 60 gone $reset || fail "The write to the file reset of $dev does not end as the device is removed."
	wait $reset
	wait_until 20 [ ! -e "/sys/class/infiniband/$dev" ] || fail "$dev is still there after its removal ($2)."
	echo "    $2: $(($(now_ms) - t0)) ms"
	apps_end 0
}
