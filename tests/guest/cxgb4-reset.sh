# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: 100 resets in a row under applications, in place; settings and counters stay, Ethernet goes on"
REQUIRES="ours module:iw_cxgb4 rping ibv_asyncwatch ib_write_bw ss verbs_app"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=3600

sys=/sys/class/infiniband/cxgb4_0
resets=${RESETS:-100}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local round inode
	setup_cxgb4
	inode=$(stat -c %i "$(readlink -f $sys)")
	echo 4711 >$sys/drain/stall_ms
	refused cxgb4_0 2 "Invalid argument"
	for round in $(seq "$resets"); do
		cxgb4_traffic
		reset_device cxgb4_0
		echo "reset $round: $reset_ms ms, of it error, disable, hardware, enable:" \
			"$(cd $sys/reset_duration_us && cat error disable hardware enable | tr '\n' ' ')us"
		echo "$reset_ms" >>/tmp/times
		[ "$(attr cxgb4_0 reset_count)" = "$round" ] || fail "After $round resets reset_count is $(attr cxgb4_0 reset_count)."
		[ "$(attr cxgb4_0 reset_reason)" = admin ] || fail "The reason of reset $round is '$(attr cxgb4_0 reset_reason)'."
		[ "$(attr cxgb4_0 drain/stall_ms)" = 4711 ] || fail "The settings of the device are lost after reset $round."
		[ "$(stat -c %i "$(readlink -f $sys)")" = "$inode" ] || fail "Reset $round has made another device."
		cxgb4_told "reset $round"
		both 7174 "rping -s -a 10.6.0.1 -C 5 -S 1000" "rping -c -a 10.6.0.1 -I 10.5.0.1 -C 5 -S 1000 -V"
	done
	as_fast_as_ever
	! dmesg | grep -q 'adapter stopped' || fail "A reset has stopped the whole adapter."
	unload_cxgb4
	model stat
	cxgb4_leaves_nothing
}
