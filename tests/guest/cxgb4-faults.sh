# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model that fails: refused command and work request, ignored doorbells, lost completions, a flush that stalls"
REQUIRES="module:iw_cxgb4 rping ss"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=900

server="rping -s -a 10.6.0.1 -C 20 -S 1000"
client="rping -c -a 10.6.0.1 -I 10.5.0.1 -C 20 -S 1000 -V"

works() {
	both 7174 "$server" "$client"
	echo "ok works $*"
}

# fails FAULT...: a program that meets the fault does not succeed, and can be ended.
fails() {
	model fault "$@"
	! try_both 8 7174 "$server" "$client" || fail "A program succeeds with the fault '$*'."
	model clear
	[ "$(model stat | sed -n "s/^fault $1 .*hits //p")" -gt 0 ] || fail "The fault '$*' has not happened."
	works "after $*"
}

refused_command() {
	local dev
	dev=$(cxgb4_netdev 2)
	ip link set "$dev" down
	model fault command-fail op=VI_ENABLE status=22 times=1
	! ip link set "$dev" up 2>/dev/null || fail "The interface comes up though the firmware refuses that."
	ip link set "$dev" down
	ip link set "$dev" up || fail "The interface does not come up any more after a refusal."
	ip -6 addr add fd06::1/64 dev "$dev" nodad
	wait_until 60 cxgb4_netdev_up 2 || fail "The link is not up after 60 s."
	works "after a refused command"
}

# The driver gives the device up after 60 s without an answer; what it has been doing ends.
# Ours resets it then, and cannot be unloaded meanwhile.
stalled_flush() {
	local start=$SECONDS
	model fault flush-stall
	try_both 200 7174 "$server" "$client" || true
	echo "A connection's end was waited for, for $((SECONDS - start)) s, then:"
	dmesg | grep "not responding" | tail -n 2
	model clear
	[ -n "${STOCK:-}" ] || wait_until 60 reset_counted cxgb4_0 0 || fail "The device that stalled is not reset."
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	setup_cxgb4
	works "without faults"
	refused_command
	fails wr-fail op=RI_RES status=12 times=1
	fails wr-fail op=RI_INIT status=12 times=1
	fails doorbell-ignore op=SQ
	fails cqe-lose
	stalled_flush
	unload_cxgb4
	setup_cxgb4
	works "after its driver was loaded anew"
	unload_cxgb4
	model stat
}
