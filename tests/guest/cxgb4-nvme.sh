# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on cxgb4's device model: fio with verify; resets in place and a restart after a fatal error under fio, on the same block device"
REQUIRES="module:iw_cxgb4 nvme fio ss module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=1200

resets=${RESETS:-3}

# More than COUNT is completed.
goes_on() { [ "$(disk_ios)" -gt "$1" ]; }

load_start() {
	fio_disk load --rw=randrw --offset=4m --verify=0 --time_based --runtime=30 >/tmp/fio.log 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
}

verify() {
	fio_disk reread --rw=read --verify_only --size=1m >/dev/null ||
		fail "What was written before $1 does not verify."
}

# I/O waits, and goes on without an error.
reset_under_load() {
	local name="reset $1" fio before t0 seq
	seq=$(cat "/sys/block/${disk##*/}/diskseq")
	load_start
	t0=$(now_ms)
	reset_device cxgb4_0
	before=$(disk_ios)
	wait_until 60 goes_on "$before" || fail "I/O does not go on after $name."
	echo "$name: $reset_ms ms, I/O goes on after $(($(now_ms) - t0)) ms."
	wait_until 120 gone "$fio" || fail "fio does not end ($name)."
	wait "$fio" || { cat /tmp/fio.log; fail "fio had errors ($name)."; }
	same_disk "$disk" "$seq" || fail "It is another block device after $name."
	verify "$name"
}

counted() { [ "$(attr cxgb4_0 reset_count 2>/dev/null || echo 0)" -gt "$1" ]; }

# The device that comes back is another one, to which the controller connects again.
fatal_error_under_load() {
	local fio count before t0 seq name="fatal error $1"
	seq=$(cat "/sys/block/${disk##*/}/diskseq")
	count=$(attr cxgb4_0 reset_count)
	load_start
	t0=$(now_ms)
	model fatal
	wait_until 60 counted "$count" || fail "The device is not back 60 s after $name."
	before=$(disk_ios)
	wait_until 60 goes_on "$before" || fail "I/O does not go on after $name."
	echo "$name: I/O goes on after $(($(now_ms) - t0)) ms."
	wait_until 120 gone "$fio" || fail "fio does not end ($name)."
	wait "$fio" || { cat /tmp/fio.log; fail "fio had errors ($name)."; }
	same_disk "$disk" "$seq" || fail "It is another block device after $name."
	verify "$name"
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	local round
	setup_cxgb4
	# A listener on the address itself would go with an adapter that is restarted
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up on cxgb4_0."
	nvme_connect 10.6.0.1 10.5.0.1 || fail "There is no connection to 10.6.0.1."
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify failed."
	if [ -z "$STOCK" ]; then
		for round in $(seq "$resets"); do
			reset_under_load "$round"
		done
		fatal_error_under_load 1
		fatal_error_under_load 2
	fi
	nvme_disconnect || fail "The disconnect does not end."
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_cxgb4
	cxgb4_leaves_nothing
}
