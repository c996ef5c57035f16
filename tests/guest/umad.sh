# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="umad and the user's connection manager when the device goes: as ever; across a reset as at a removal"
REQUIRES="umad ucmatose"
FULL=debug
TIMEOUT=900

# What stock says when the device is deleted, taken from there.
expected="poll=ERR
read=EIO
write=EIO
register=EPIPE
unregister=EINVAL
close=0"

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	setup_rxe || fail "The device could not be set up."
	hear "the removal of rxe0" rdma link delete rxe0
	[ -z "$STOCK" ] || return 0
	setup_rxe || fail "The device could not be set up again."
	hear "a reset of rxe0" reset_device rxe0
	[ -c /dev/infiniband/umad0 ] || fail "/dev/infiniband/umad0 did not come back after the reset."
	# and works
	umad /dev/infiniband/umad0 >/tmp/umad 2>&1 &
	wait_until 10 grep -q ready /tmp/umad || fail "umad0 cannot be used after the reset: $(cat /tmp/umad)"
	kill $!
	# A listener of the connection manager that is bound to no device outlives it
	app ucm ucmatose -p 7400
	wait_until 20 listening 7400 || fail "ucmatose does not listen."
	reset_device rxe0
	apps_alive
	limit 60 ucmatose -s 10.1.0.1 -p 7400 >/tmp/ucm 2>&1 || { cat /tmp/ucm; fail "A listener that is bound to no device does not outlive the reset."; }
	apps_end 3
}

hear() { # WHAT COMMAND...
	local what=$1 pid
	shift
	umad /dev/infiniband/umad0 >/tmp/umad 2>&1 &
	pid=$!
	wait_until 10 grep -q ready /tmp/umad || fail "umad0 cannot be used: $(cat /tmp/umad)"
	"$@" || fail "'$*' failed."
	wait_until 20 gone $pid || fail "umad does not hear of $what."
	grep -v ready /tmp/umad >/tmp/heard
	diff - /tmp/heard <<<"$expected" || fail "umad hears something else of $what (above)."
	echo "$what: $(tr '\n' ' ' </tmp/heard)"
}
