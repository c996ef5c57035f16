# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="iSER: the device of initiator and target is reset under fio with verify; the session goes on by itself"
REQUIRES="ours fio iscsid iscsiadm module:ib_iser module:ib_isert module:target_core_file"
TIMEOUT=900
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

resets=${RESETS:-3}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/iser.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/blackout.sh
	local dev=rxe0
	iser_setup
	# DefaultTime2Wait is the least that RFC 7143 (section 13.15) lets an initiator wait;
	# what is within a second of the device's return comes on top.
	iser_over_resets 2
	iser_over_resets 0
	iser_end
}

iser_over_resets() { # DEFAULTTIME2WAIT
	local a=10.1.0.1 time2wait=$1 took
	iser_login $a || { cat /tmp/iscsid.log; fail "The log-in to $a failed."; }
	blackout_fio iser 600
	wait_until 60 disk_busy || fail "fio does not start."
	blackout_resets $dev "$resets" 6
	blackout_end iser
	took=$(median /tmp/resets.ms)
	echo "the resets took $(in_figures /tmp/resets.ms)"
	blackout_report "iSER over $dev, DefaultTime2Wait=$1" iser "$resets" $((took + $1 * 1000 + 1000))
	iser_logout || fail "The log-out from $a does not end."
}
