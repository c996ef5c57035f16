# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154
# Programs that come in two halves, a server and a client.

# both PORT "SERVER" "CLIENT": start the one, run the other, both must succeed.
# Programs exist, perftest with -R is one, that listen for the RDMA connection
# only after they can be seen to listen: one that was rejected is tried again.
both() {
	local i
	for i in 1 2 3 4 5; do
		try_both 60 "$@" && return
		grep -q -e RDMA_CM_EVENT_REJECTED -e 'ERRNO: Connection refused' /tmp/client.log || break
		echo "attempt $i was rejected"
		sleep "$i"
	done
	sed 's/^/    server: /' /tmp/server.log
	sed 's/^/    client: /' /tmp/client.log
	fail "'$3' failed."
}

# try_both SECONDS PORT "SERVER" "CLIENT"
try_both() {
	local limit=$1 port=$2 server=$3 client=$4 pid rc=0
	echo "$client"
	: >/tmp/client.log
	# shellcheck disable=SC2086
	timeout -k 1 "$limit" $server >/tmp/server.log 2>&1 &
	pid=$!
	wait_until 20 listening "$port" || rc=1
	# shellcheck disable=SC2086
	[ $rc != 0 ] || timeout -k 1 "$limit" $client >/tmp/client.log 2>&1 || rc=$?
	[ $rc = 0 ] || kill $pid 2>/dev/null
	wait $pid 2>/dev/null || rc=1
	return $rc
}

# listening PORT: somebody is, over TCP or through the RDMA CM; on the far side, if
# lib/two-sides.sh has it in a network namespace.
listening() {
	"${far_in[@]}" rdma resource show cm_id 2>/dev/null | grep -q "LISTEN.*:$1 " ||
		[ -n "$("${far_in[@]}" ss -Hltn "sport = :$1")" ]
}

# gid_index 4|6: where rxe0 has the GID of its IPv4 or IPv6 address.
gid_index() {
	local f gid=0000:0000:0000:0000:0000:ffff:0a01:0001
	[ "$1" = 4 ] || gid=fd01:0000:0000:0000:0000:0000:0000:0001
	for f in /sys/class/infiniband/rxe0/ports/1/gids/*; do
		[ "$(cat "$f" 2>/dev/null)" = $gid ] && basename "$f" && return
	done
	return 1
}
