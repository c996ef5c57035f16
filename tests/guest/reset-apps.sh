# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset under idle and busy applications: each hears of it, nobody hangs, nobody is killed; in both orders of clients"
REQUIRES="ours ibv_rc_pingpong ibv_asyncwatch ib_send_bw rping ucmatose verbs_app ss"
FULL=debug
TIMEOUT=1200

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local order dev n=0
	for order in uverbs cma; do
		restack $order
		setup_both
		for dev in $both_devices; do
			if chosen $n; then
				echo "$dev, $order registered first:"
				across_reset $dev
			fi
			n=$((n + 1))
		done
		# The other order begins with the other half
		n=$((n + 1))
	done
}

across_reset() { # DEVICE
	local dev=$1 a g
	a=$(address "$dev")
	app watch ibv_asyncwatch -d "$dev"
	app idle-rping rping -s -a "$a" -p 7200
	app idle-ucmatose ucmatose -b "$a" -p 7201
	if [ "$dev" = rxe0 ]; then
		g=$(gid_index 4) || fail "rxe0 lacks the GID of its address."
		app idle-pingpong ibv_rc_pingpong -d "$dev" -g "$g" -p 18600
		app pingpong-server ibv_rc_pingpong -d "$dev" -g "$g" -p 18601 -n 10000000
		wait_until 60 listening 18601 && wait_until 60 listening 18600 || fail "ibv_rc_pingpong does not start."
		app pingpong-client ibv_rc_pingpong -d "$dev" -g "$g" -p 18601 -n 10000000 "$a"
	fi
	app bw-server ib_send_bw -F -R -d "$dev" -p 18602 -s 4096 -n 5000000
	app rping-server rping -s -a "$a" -p 7202 -S 1000
	wait_until 60 listening 18602 && wait_until 60 listening 7202 || fail "The servers do not start."
	app bw-client ib_send_bw -F -R -d "$dev" -p 18602 -s 4096 -n 5000000 "$a"
	app rping-client rping -c -a "$a" -p 7202 -S 1000
	app verbs verbs_app "$dev" "$a"
	wait_until 60 listening 7200 && wait_until 60 listening 7201 || fail "The idle servers do not start."
	app_must_say 60 verbs "works"
	sleep 3
	app_connected 18602 bw-server bw-client
	apps_alive

	reset_device "$dev"
	echo "    reset: back after $reset_ms ms"
	app_must_say 10 watch IBV_EVENT_DEVICE_FATAL
	app_must_say 30 verbs "event: IBV_EVENT_DEVICE_FATAL"
	app_must_say 30 verbs "errno 5"
	app_must_say 60 verbs "works again"
	# Those who are busy may see the flush of their work or the end of their
	# connection first, and end on that.
	app_must_say 10 idle-rping "device removal"
	app_must_say 10 rping-client "device removal\|failed\|DISCONNECT EVENT"
	app_must_say 10 rping-server "device removal\|failed\|DISCONNECT EVENT"
	usable "$dev"
	apps_end 3
	[ "$(grep -c IBV_EVENT_DEVICE_FATAL /tmp/app.watch)" = 1 ] ||
		fail "The fatal event of $dev came $(grep -c IBV_EVENT_DEVICE_FATAL /tmp/app.watch) times."
	! app_says verbs "damaged=[1-9]" || fail "Data was damaged on $dev."
}
