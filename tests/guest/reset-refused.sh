# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset: who may not, what is no reset, and what its files take"
REQUIRES="ours setpriv"
FULL=debug
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev d f v
	setup_both
	ip netns add other || fail "There are no network namespaces."
	for dev in $both_devices; do
		d=/sys/class/infiniband/$dev
		for v in '' 0 2 yes 11 '1 1' 1x -1; do refused $dev "$v" "Invalid argument"; done
		cat $d/reset 2>/dev/null && fail "$d/reset can be read."

		# The file mode, then the capability
		[ "$(stat -Lc %a $d/reset)" = 200 ] || fail "$d/reset has the mode $(stat -Lc %a $d/reset) and not 200."
		setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "echo 1 >$d/reset" 2>/tmp/error &&
			fail "Anybody may reset $dev."
		grep -q "Permission denied" /tmp/error || fail "The refusal is $(cat /tmp/error)."
		setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
			dd if=/dev/stdin of=$d/reset status=none conv=notrunc 2>/tmp/error <<<1 &&
			fail "Root without CAP_NET_ADMIN may reset $dev."
		grep -q "Operation not permitted" /tmp/error || fail "The refusal is $(cat /tmp/error)."

		# The copy of the device in another network namespace
		for f in reset reset_grace_ms reset_auto_max drain/stall_policy; do
			v=1
			[ $f != drain/stall_policy ] || v=report
			ip netns exec other dd if=/dev/stdin of=$d/$f status=none conv=notrunc 2>/tmp/error <<<"$v" &&
				fail "$d/$f can be written in another namespace."
			grep -q "Operation not permitted" /tmp/error || fail "The refusal of $f is $(cat /tmp/error)."
		done

		[ "$(attr $dev reset_count)" = 0 ] && [ "$(attr $dev reset_failures)" = 0 ] ||
			fail "What was refused has been counted."
		[ "$(attr $dev reset_reason)" = none ] || fail "reset_reason is '$(attr $dev reset_reason)' without a reset."
		is_state $dev active || fail "$dev is not active."
		for f in device_state reset_count reset_failures reset_reason reset_duration_us/total; do
			(echo 1 >$d/$f) 2>/dev/null && fail "$d/$f can be written."
		done
		for f in reset_grace_ms reset_auto_max; do
			for v in -1 x ''; do
				(echo "$v" >$d/$f) 2>/dev/null && fail "$d/$f accepts '$v'."
			done
			echo 5 >$d/$f && [ "$(cat $d/$f)" = 5 ] || fail "$d/$f does not take 5."
		done
		echo 0 >$d/reset_grace_ms
		for v in report error; do
			echo $v >$d/drain/stall_policy && grep -q $v $d/drain/stall_policy ||
				fail "$d/drain/stall_policy does not take '$v'."
		done
		(echo never >$d/drain/stall_policy) 2>/dev/null && fail "$d/drain/stall_policy accepts 'never'."
		reset_device $dev
		usable $dev
	done
	ip netns del other
}
