# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on mlx4's device model, RoCE: resets under fio; I/O goes on as its address is back, on the same block device"
REQUIRES="ours module:mlx4_ib module:mlx4_en nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900

resets=${RESETS:-3}

# goes_on COUNT: more than that is completed.
goes_on() { [ "$(disk_ios)" -gt "$1" ]; }

load_start() {
	fio_disk load --rw=randrw --offset=4m --verify=0 --time_based --runtime=40 >/tmp/fio.log 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/models.sh
	local round fio before seq t0
	setup_mlx4_eth
	# A listener on the address itself would go with the device, and not come back
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up."
	nvme_connect 10.3.0.1 || fail "There is no connection to 10.3.0.1."
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify failed before any reset."
	seq=$(cat "/sys/block/${disk##*/}/diskseq")
	for round in $(seq "$resets"); do
		load_start
		t0=$(now_ms)
		write_reset mlx4_0 || fail "Reset $round failed: $reset_error."
		[ "$(attr mlx4_0 reset_count)" = "$round" ] || fail "After $round resets reset_count is $(attr mlx4_0 reset_count)."
		before=$(disk_ios)
		setup_mlx4_eth
		wait_until 60 goes_on "$before" || fail "I/O does not go on after reset $round."
		echo "reset $round: $reset_ms ms; I/O goes on after $(($(now_ms) - t0)) ms"
		wait_until 120 gone "$fio" || fail "fio does not end (round $round)."
		wait "$fio" || { cat /tmp/fio.log; fail "fio had errors (round $round)."; }
		same_disk "$disk" "$seq" || fail "It is another block device after reset $round."
		fio_disk reread --rw=read --verify_only --size=1m >/dev/null ||
			fail "What was written before reset $round does not verify."
	done
	nvme_disconnect || fail "The disconnect does not end."
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_mlx4
}
