# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# NVMe over RDMA on a device model whose flush completions never come: how long a
# disconnect takes. After lib/reset.sh, lib/models.sh, lib/nvme.sh and lib/fio.sh.

# stall_begin ADDRESS [FROM]: a connection under load, the fault, and a disconnect, which
# runs as $stalled since $stalled_at.
stalls=0
stall_begin() {
	nvme_connect "$@" || fail "There is no connection to $1."
	fio_disk load --rw=randrw --offset=4m --verify=0 --time_based --runtime=60 >/dev/null 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
	model fault flush-stall
	echo "<5>stall $((++stalls)) begins" >/dev/kmsg
	stalled_at=$(now_ms)
	timeout 1000 nvme disconnect -n "$nqn" >/dev/null 2>&1 &
	stalled=$!
}

# stall_ends SECONDS WHAT: the disconnect does, so long after now.
stall_ends() {
	wait_until "$1" gone "$stalled" || { blocked; fail "nvme disconnect hangs $2."; }
	stall_ms=$(($(now_ms) - stalled_at))
	wait_until 60 nvme_gone || fail "The controller does not go $2."
	wait_until 60 gone "$fio" || fail "fio does not end $2."
}

# stall_report: what drains have said of themselves since.
stall_report() { dmesg | sed "1,/stall $stalls begins\$/d" | sed -n 's/^\[[^]]*\] *\(.*of QP .* stalled for.*\)/\1/p'; }

stall_reported() { stall_report | grep -q .; }

# stall_by_administrator DEVICE: the drain reports itself; a reset ends it.
stall_by_administrator() {
	local dev=$1 t0
	echo report >"/sys/class/infiniband/$dev/drain/stall_policy"
	echo 1000 >"/sys/class/infiniband/$dev/drain/stall_ms"
	wait_until 30 stall_reported || { blocked; fail "The drain does not report itself."; }
	echo "    $(stall_report | head -n 1)"
	! gone "$stalled" || fail "The disconnect does not wait for the flush: nothing is stalled."
	t0=$(now_ms)
	write_reset "$dev" || fail "The reset failed: $reset_error."
	stall_ends 10 "after a reset"
	echo "ours, by an administrator's reset: reported itself, ended $(($(now_ms) - t0)) ms after the reset began"
}

# stall_by_policy DEVICE: it ends without anybody.
stall_by_policy() {
	stall_ends 60 "although a drain that stalls is an error of $1"
	echo "ours, by policy: ended by itself after $stall_ms ms"
	model clear
}

# stall_on_stock SECONDS: it does not end in that time.
stall_on_stock() {
	sleep "$1"
	! gone "$stalled" || fail "On the stock kernel the disconnect has ended, too."
	echo "stock: nvme disconnect hangs after $1 s, without a word"
	blocked
}
