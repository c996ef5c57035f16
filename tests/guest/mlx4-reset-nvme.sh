# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on mlx4's device model, RoCE: resets under fio; I/O goes on as its address is back, or the controller has gone and connects again"
REQUIRES="ours module:mlx4_ib module:mlx4_en nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900

resets=${RESETS:-3}

connected() { nvme_connect 10.3.0.1 >/tmp/connect.log 2>&1; }

# goes_on COUNT: more than that is completed. There may be no disk any more.
goes_on() { [ "$(disk_ios 2>/dev/null)" -gt "${1:-0}" ]; }

# settled COUNT: I/O goes on, or there is no controller any more.
settled() { nvme_gone || goes_on "$1"; }

load_start() {
	# No verify: what is under way as a controller goes, fails
	fio_disk load --rw=randrw --offset=4m --verify=0 --time_based --runtime=60 >/dev/null 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/models.sh
	local round fio before
	setup_mlx4_eth
	# A listener on the address itself would go with the device, and not come back
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up."
	nvme_connect 10.3.0.1 || fail "There is no connection to 10.3.0.1."
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify failed before any reset."
	for round in $(seq "$resets"); do
		load_start
		write_reset mlx4_0 || fail "Reset $round failed: $reset_error."
		[ "$(attr mlx4_0 reset_count)" = "$round" ] || fail "After $round resets reset_count is $(attr mlx4_0 reset_count)."
		before=$(disk_ios 2>/dev/null)
		setup_mlx4_eth
		wait_until 60 settled "$before" || fail "Neither goes I/O on after reset $round, nor has the controller gone."
		if nvme_gone; then
			echo "reset $round: $reset_ms ms; the controller has gone"
			wait_until 30 gone "$fio" || fail "fio does not end with its disk (round $round)."
			wait_until 60 connected || { cat /tmp/connect.log; fail "There is no connection again after reset $round."; }
		else
			echo "reset $round: $reset_ms ms; I/O goes on"
			wait_until 120 gone "$fio" || fail "fio does not end (round $round)."
			wait "$fio" || fail "fio had errors, though the controller has stayed (round $round)."
		fi
		fio_disk reread --rw=read --verify_only --size=1m >/dev/null ||
			fail "What was written before reset $round does not verify."
	done
	nvme_disconnect || fail "The disconnect does not end."
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_mlx4
}
