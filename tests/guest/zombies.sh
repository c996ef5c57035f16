# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="who still holds a context of a device that has been reset: named with process, device and time, gone when it is closed"
REQUIRES="ours ibv_asyncwatch rping"
FULL=debug
TIMEOUT=900

list=/sys/kernel/debug/infiniband/zombies

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev a pid
	setup_both
	[ "$(wc -l <$list)" = 1 ] || fail "There are zombies before anything was reset: $(tail -n +2 $list)"
	for dev in $both_devices; do
		a=$(address $dev)
		[ "$(attr $dev reset_zombies)" = 0 ] || fail "$dev has $(attr $dev reset_zombies) zombies before its reset."
		# Neither ends when its device goes: they are stopped.
		app watch ibv_asyncwatch -d $dev
		app rping rping -s -a "$a" -p 7500
		app_must_say 20 watch "async event FD"
		wait_until 20 listening 7500 || fail "rping does not listen."
		for pid in "${app_pids[@]}"; do kill -STOP "$pid"; done
		reset_device $dev
		listed uverbs $dev "${app_pids[0]}" ibv_asyncwatch
		listed ucma $dev "${app_pids[1]}" rping
		[ "$(attr $dev reset_zombies)" -ge 2 ] || fail "$dev counts $(attr $dev reset_zombies) zombies, there are two at least."
		dmesg | grep "$dev: .*outlive" | grep -q "ibv_asyncwatch\[${app_pids[0]}\]" ||
			fail "The kernel log does not name the zombies of $dev."
		# The age is told in seconds
		sleep 2
		awk -v p="${app_pids[0]}" '$3 == p && $5 < 2 { exit 1 }' $list || fail "The zombies do not age: $(cat $list)"
		for pid in "${app_pids[@]}"; do kill -CONT "$pid"; done
		apps_end 3
		wait_until 10 no_zombies $dev || fail "Zombies of $dev that nobody holds: $(cat $list)"
		usable $dev
	done
}

listed() { # KIND DEVICE PID COMM
	grep -q "^$1 $2 $3 $4 " $list || { cat $list; fail "$4[$3] is not listed with kind $1 and device $2 (above)."; }
	echo "$(grep "^$1 $2 $3 $4 " $list)"
}

no_zombies() { [ "$(wc -l <$list)" = 1 ] && [ "$(attr "$1" reset_zombies)" = 0 ]; }
