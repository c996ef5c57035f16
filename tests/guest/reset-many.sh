# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset under 200 processes with 1000 QPs: each hears of it once, gets EIO from every verb, closes, opens again"
REQUIRES="ours many_contexts"
FULL=debug
TIMEOUT=1800

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev
	setup_both
	for dev in $both_devices; do
		many "$dev"
		usable "$dev"
	done
}

many() { # DEVICE
	local pid
	rm -f /tmp/go
	mkfifo /tmp/go
	many_contexts "$1" 200 5 </tmp/go >/tmp/many 2>&1 &
	pid=$!
	exec 8>/tmp/go
	wait_until 600 grep -q ready /tmp/many || {
		cat /tmp/many
		fail "200 processes could not open $1."
	}
	reset_device "$1"
	echo "$1: reset under 200 processes with 1000 QPs took $reset_ms ms:" \
		"$(cd "/sys/class/infiniband/$1/reset_duration_us" && grep . -- * | tr '\n' ' ')us"
	echo reset >&8
	exec 8>&-
	wait_until 600 gone $pid || fail "The processes do not end."
	tail -n 12 /tmp/many
	wait $pid || fail "$(tail -n 1 /tmp/many)"
}
