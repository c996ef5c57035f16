# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: probe, connections over both ports, data checked, programs, unload"
REQUIRES="module:iw_cxgb4 ibv_devinfo rping ucmatose ib_write_bw ib_send_bw ib_read_lat ss"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=900

# From one port's address to the other's, and on one port.
rpings() {
	local a
	for a in "10.6.0.1 -I 10.5.0.1" "fd06::1 -I fd05::1" 10.5.0.1; do
		both 7174 "rping -s -a ${a%% *} -C 20 -S 8000" "rping -c -a $a -C 20 -S 8000 -V"
	done
}

perftests() {
	local t
	for t in "ib_write_bw -q 4 -s 65536" "ib_send_bw -s 4096 -q 2" "ib_read_lat -s 4096" "ib_write_lat -I 100"; do
		both 18515 "$t -R -F -n 100 -d cxgb4_0" "$t -R -F -n 100 -d cxgb4_0 10.6.0.1"
	done
}

# A port at which nobody listens.
refused() {
	! rping -c -a 10.6.0.1 -C 1 >/tmp/refused.log 2>&1 || fail "A connection that nobody accepts is established."
	echo "refused: $(tail -n 1 /tmp/refused.log)"
}

# One end is killed in the midst of it: the connection is reset, the other end hears of it.
killed() {
	local server client
	timeout 60 rping -s -a 10.6.0.1 -C 100000000 >/tmp/server.log 2>&1 &
	server=$!
	wait_until 20 listening 7174 || fail "rping does not listen."
	rping -c -a 10.6.0.1 -C 100000000 >/tmp/client.log 2>&1 &
	client=$!
	sleep 3
	kill -0 $client $server || fail "rping ended too early: $(cat /tmp/client.log /tmp/server.log)"
	kill -9 $client
	wait_until 20 gone $server || fail "The server has not noticed that the client was killed."
	echo "killed: $(tail -n 1 /tmp/server.log)"
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local round
	for round in 1 2; do
		setup_cxgb4
		ibv_devinfo -d cxgb4_0
		rpings
		both 7471 "ucmatose -b 10.6.0.1 -c 5" "ucmatose -s 10.6.0.1 -b 10.5.0.1 -c 5"
		perftests
		refused
		killed
		unload_cxgb4
		model stat
		cxgb4_leaves_nothing
	done
}
