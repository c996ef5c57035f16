# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset that fails or hangs: the state says so, another one works, a failed device can be removed"
REQUIRES="ours verbs_app"
CONFIG=debug
FULL=1
TIMEOUT=600

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev type pid
	for type in rxe siw; do
		dev=${type}0
		setup_$type || fail "$dev could not be set up."
		app verbs verbs_app $dev "$(address $dev)"
		app_must_say 60 verbs works

		# It fails once, twice; the third time works
		knob $dev fail "reset 2"
		refused $dev 1 "Input/output error"
		wait_state 5 $dev failed
		refused $dev 1 "Input/output error"
		wait_state 5 $dev failed
		[ "$(attr $dev reset_failures)" = 2 ] || fail "reset_failures of $dev is $(attr $dev reset_failures) and not 2."
		[ "$(attr $dev reset_count)" = 0 ] || fail "A reset that failed was counted as one that worked."
		limit 10 rdma link show | grep -q "link $dev/" || fail "rdma link does not list the failed $dev."
		! app_says verbs "works again" || fail "$dev can be used although its reset failed."
		reset_device $dev
		app_must_say 60 verbs "works again"
		usable $dev

		# It hangs; the writer can be killed, and it goes on
		knob $dev hang "reset 1"
		(exec dd if=/dev/stdin of=/sys/class/infiniband/$dev/reset status=none conv=notrunc <<<1) &
		pid=$!
		wait_state 20 $dev resetting
		refused $dev 1 "Device or resource busy"
		kill -KILL $pid
		wait_until 10 gone $pid || fail "The writer of a reset that hangs cannot be killed."
		is_state $dev resetting || fail "$dev is '$(attr $dev device_state)' while its reset hangs."
		knob $dev hang "reset 0"
		wait_state 20 $dev active
		usable $dev

		# It fails, and the device is given up
		knob $dev fail "reset 1"
		refused $dev 1 "Input/output error"
		wait_state 5 $dev failed
		limit 30 rdma link delete $dev || fail "The failed $dev cannot be deleted."
		[ ! -e /sys/class/infiniband/$dev ] || fail "$dev is still there."
		apps_end 1
		setup_$type || fail "$dev could not be added again."
		usable $dev
		echo "$dev: failed 3 times, hung once"
	done
}
