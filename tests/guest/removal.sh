# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="rdma link delete, ip link del and modprobe -r do not wait for applications"
REQUIRES="verbs_app many_contexts rping ibv_asyncwatch"
FULL=debug
TIMEOUT=600
# In the stock kernel each of them waits for ever
OWN_BOOT=${STOCK:+1}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local type how order n=0
	for order in uverbs cma; do
		restack $order
		for type in rxe siw; do
			for how in link netdev module; do
				! chosen $n || removed_under_applications $type $how
				n=$((n + 1))
			done
		done
		# The other order begins with the other half
		n=$((n + 1))
	done
}

removed_under_applications() { # TYPE HOW
	local dev=${1}0 a module=siw t0 pid
	[ "$1" = siw ] || module=rdma_rxe
	setup_"$1" || fail "$dev could not be set up."
	a=$(address "$dev")
	app watch ibv_asyncwatch -d "$dev"
	app idle-rping rping -s -a "$a" -p 7200
	app rping-server rping -s -a "$a" -S 1000
	wait_until 30 listening 7174 || fail "rping does not start."
	app rping-client rping -c -a "$a" -S 1000
	app verbs verbs_app "$dev" "$a"
	app_must_say 60 verbs works
	apps_alive
	t0=$(now_ms)
	case $2 in
	link) rdma link delete "$dev" & ;;
	netdev) ip link del "$1-eth0" & ;;
	module) (rdma link delete "$dev" && modprobe -r $module) & ;;
	esac
	pid=$!
	wait_until 20 gone $pid || {
		ps -o pid,stat,wchan:30,comm -p "$pid" --ppid $pid
		fail "The removal of $dev ($2) waits for applications."
	}
	wait $pid || fail "The removal of $dev ($2) failed."
	wait_until 10 [ ! -e "/sys/class/infiniband/$dev" ] || fail "$dev is still there."
	[ "$2" != module ] || [ ! -e /sys/module/$module ] || fail "The module $module is still there."
	echo "$dev, $ORDER first, $2: gone after $(($(now_ms) - t0)) ms, while 5 applications held contexts"
	app_must_say 20 watch IBV_EVENT_DEVICE_FATAL
	app_must_say 20 idle-rping "device removal"
	app_must_say 20 verbs "errno 5"

	# Back under its old name, and the patient application finds it
	setup_"$1" || fail "$dev cannot be added again while zombies hold the old one."
	app_must_say 60 verbs "works again"
	usable "$dev"
	apps_end 3
	rdma link delete "$dev"
	[ ! -e "/sys/class/net/$1-eth0" ] || ip link del "$1-eth0"
}
