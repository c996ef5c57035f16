# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="siw: a listener outlives peers that connect and go before they are accepted"
REQUIRES="ours rping ss"
FULL=1
TIMEOUT=600

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/wedged.sh
	local a=10.2.0.1 server
	setup_siw || fail "siw0 could not be set up."
	rping -s -P -a $a >/dev/null 2>&1 &
	server=$!
	wait_until 20 tcp_listens || fail "rping does not listen."

	# A peer may come and go before or after it is accepted
	come_and_go 50
	tcp_listens || fail "The listener has gone with one of its peers."
	timeout -k 1 60 rping -c -a $a -C 3 >/dev/null || fail "rping cannot connect any more."

	# A wedged device accepts none; rping listens with a backlog of 3
	wedge siw0
	come_and_go 3
	sleep 1
	tcp_listens || fail "The listener has gone with a peer that was not accepted."
	kill $server
	wait_until 20 gone $server || { cat /proc/$server/stack; fail "rping does not end."; }
	wedged_reset siw0
	usable siw0
}

tcp_listens() { [ -n "$(ss -Hltn 'sport = :7174')" ]; }

come_and_go() { # COUNT
	local i
	for i in $(seq "$1"); do
		(exec 3<>/dev/tcp/10.2.0.1/7174) || fail "Connection $i of $1 was refused."
	done
}
