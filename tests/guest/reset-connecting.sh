# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset while the kernel's own connection request waits for an answer that never comes: the reset does not wait for that"
REQUIRES="ours ibv_asyncwatch module:nfsv4 module:rpcrdma"
FULL=debug
TIMEOUT=300

# An address of the wire at which nobody answers
nobody=10.1.0.99

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/nfs.sh
	local dir=/sys/class/infiniband/rxe0
	setup_rxe || fail "The device could not be set up."
	modprobe -a rpcrdma nfsv4 || fail "The NFS modules cannot be loaded."
	ip neigh add $nobody lladdr "$(cat /sys/class/net/rxe-eth1/address)" dev rxe-eth0 nud permanent

	reset_while_connecting
	echo "without grace: clients removed within $disable_ms ms"

	# The fatal event comes with the grace period, before error mode
	echo 500 >$dir/reset_grace_ms
	app watch ibv_asyncwatch -d rxe0
	app_must_say 20 watch "async event FD"
	reset_while_connecting
	[ "$(attr rxe0 reset_duration_us/grace)" -gt 100000 ] ||
		fail "The grace period took $(attr rxe0 reset_duration_us/grace) us."
	echo "with a grace of 500 ms: clients removed within $disable_ms ms"
	apps_end 20

	# Ends the last attempt to connect
	reset_device rxe0
	wait_until 30 modprobe -r nfsv4 rpcrdma 2>/dev/null || fail "The NFS modules cannot be unloaded."
}

# The answer to a request is waited for, for more than 4 s.
reset_while_connecting() {
	local mounting
	nfs_mount $nobody >/dev/null 2>&1 &
	mounting=$!
	wait_until 30 requested || fail "No connection is requested."
	# On its way, and flushed no more
	sleep 0.2
	reset_device rxe0
	disable_ms=$(($(attr rxe0 reset_duration_us/disable) / 1000))
	[ $disable_ms -lt 2000 ] || fail "The clients were removed within $disable_ms ms: somebody has waited for an answer."
	pkill -9 -x mount
	wait_until 60 gone $mounting || fail "The mount does not end."
}

requested() { rdma resource show cm_id dev rxe0 2>/dev/null | grep "dst-addr $nobody:" | grep -q "state CONNECT "; }
