# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model: 100 resets in a row under traffic; name, settings and counters stay, data is transferred again"
REQUIRES="ours module:mlx4_ib ibv_rc_pingpong ss"
MODELS=mlx4
FULL=1
CONFIG=fast
TIMEOUT=3600

sys=/sys/class/infiniband/mlx4_0
resets=${RESETS:-100}

# in_rts COUNT: so many queue pairs of applications are connected.
in_rts() { [ "$(rdma resource show qp 2>/dev/null | grep 'mlx4_0' | grep 'type RC' | grep -c 'state RTS')" -ge "$1" ]; }

# One pair of programs sleeps for completions, the other polls for them: the
# one is woken by the reset, the other never learns of it.
traffic_start() {
	local port=18515 how
	pids=
	for how in -e ""; do
		# shellcheck disable=SC2086
		timeout 600 ibv_rc_pingpong -d mlx4_0 -i 1 -n 1000000000 -p $port $how >/dev/null 2>&1 &
		pids="$pids $!"
		wait_until 120 listening $port || fail "The application does not start."
		# shellcheck disable=SC2086
		timeout 600 ibv_rc_pingpong -d mlx4_0 -i 2 -n 1000000000 -p $port $how 127.0.0.1 >/dev/null 2>&1 &
		pids="$pids $!"
		port=$((port + 1))
	done
	wait_until 120 in_rts 4 || { rdma resource show qp; fail "The applications do not connect."; }
}

traffic_stop() {
	local pid
	# shellcheck disable=SC2086
	kill $pids 2>/dev/null
	for pid in $pids; do
		wait_until 60 gone "$pid" || { cat "/proc/$pid/stack"; fail "An application cannot be killed."; }
	done
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	local round n
	ip link set lo up
	setup_mlx4_ib
	echo 4711 >$sys/drain/stall_ms
	echo 5 >$sys/reset_auto_max
	refused mlx4_0 2 "Invalid argument"
	for round in $(seq "$resets"); do
		traffic_start
		echo "<5>mlx4-reset: round $round" >/dev/kmsg
		write_reset mlx4_0 || fail "Reset $round failed: $reset_error."
		echo "reset $round: $reset_ms ms, of it error, disable, hardware, enable:" \
			"$(cd $sys/reset_duration_us && cat error disable hardware enable | tr '\n' ' ')us"
		echo "$reset_ms" >>/tmp/times
		[ -e $sys ] || fail "There is no device mlx4_0 after reset $round."
		[ "$(attr mlx4_0 device_state)" = active ] || fail "The device is '$(attr mlx4_0 device_state)' after reset $round."
		[ "$(attr mlx4_0 reset_count)" = "$round" ] || fail "After $round resets reset_count is $(attr mlx4_0 reset_count)."
		[ "$(attr mlx4_0 reset_reason)" = admin ] || fail "The reason of reset $round is '$(attr mlx4_0 reset_reason)'."
		[ "$(attr mlx4_0 reset_failures)" = 0 ] || fail "reset_failures is $(attr mlx4_0 reset_failures)."
		[ "$(attr mlx4_0 drain/stall_ms) $(attr mlx4_0 reset_auto_max)" = "4711 5" ] ||
			fail "The settings of the device are lost after reset $round."
		n=$(dmesg | sed "1,/mlx4-reset: round $round\$/d" | grep -c 'mlx4_restart_one was ended, ret=0')
		[ "$n" = 1 ] || fail "Reset $round restarted the device $n times."
		traffic_stop
		mlx4_works "after reset $round"
	done
	as_fast_as_ever
	model stat
	[ "$(model_counter bad_dma)" = 0 ] || fail "The driver gave the device addresses where no memory is."
	unload_mlx4
	[ "$(model_counter icm_pages)" = 0 ] || fail "The driver left ICM pages mapped behind it."
}
