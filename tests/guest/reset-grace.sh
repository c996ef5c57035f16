# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset with a grace period: applications hear of it and work on, no new ones; it ends early when they have closed"
REQUIRES="ours many_contexts churn ibv_asyncwatch"
FULL=debug
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev pid
	setup_both
	for dev in $both_devices; do
		# Nobody there: no grace
		echo 60000 >/sys/class/infiniband/$dev/reset_grace_ms
		reset_device $dev
		[ $reset_ms -lt 30000 ] || fail "$dev without applications was given a grace of $reset_ms ms."

		# Somebody who closes after a while
		app watch ibv_asyncwatch -d $dev
		app_must_say 20 watch "async event FD"
		(write_reset $dev) &
		pid=$!
		wait_state 10 $dev draining
		app_must_say 10 watch IBV_EVENT_DEVICE_FATAL
		timeout -s TERM 4 churn $dev "$(address $dev)" open >/tmp/open 2>&1
		grep -q '^0 rounds well, [1-9]' /tmp/open || fail "$dev can be opened in its grace period: $(tail -n 1 /tmp/open)"
		is_state $dev draining || fail "The grace period of $dev ended although an application is there."
		kill -TERM "${app_pids[0]}"
		apps_end 5
		wait_until 30 gone $pid || fail "The grace period of $dev does not end with the last application."
		wait $pid || fail "The reset of $dev failed."
		[ "$(attr $dev reset_duration_us/grace)" -gt 100000 ] || fail "The grace period of $dev is not accounted for."

		# Somebody who does not
		echo 2000 >/sys/class/infiniband/$dev/reset_grace_ms
		app watch ibv_asyncwatch -d $dev
		app_must_say 20 watch "async event FD"
		reset_device $dev
		[ $reset_ms -ge 2000 ] || fail "The grace period of $dev was $reset_ms ms instead of 2000."
		apps_end 3
		[ "$(grep -c IBV_EVENT_DEVICE_FATAL /tmp/app.watch)" = 1 ] ||
			fail "The fatal event of $dev came $(grep -c IBV_EVENT_DEVICE_FATAL /tmp/app.watch) times."
		echo "$dev: grace of $(attr $dev reset_duration_us/grace) us"
		usable $dev
	done
}
