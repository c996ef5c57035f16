# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="NVMe over RDMA on a device that completes nothing: drains report themselves, a reset ends them, I/O goes on, data verifies"
REQUIRES="ours nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
CONFIG=debug
FULL=1
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/wedged.sh
	. tests/guest/lib/blackout.sh
	local dev a
	setup_both
	hung_task_seconds 60
	modprobe nvme-core || fail "nvme-core cannot be loaded."
	echo 3 >/sys/module/nvme_core/parameters/io_timeout
	echo 3 >/sys/module/nvme_core/parameters/admin_timeout
	# Its listeners are bound to no device, and outlive it
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up."
	for dev in $both_devices; do
		a=$(address $dev)
		nvme_connect "$a" >/dev/null || fail "There is no connection over $dev."
		fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify over $dev failed."
		blackout_fio load 3600
		wait_until 60 disk_busy || fail "fio does not start."
		wedge $dev
		stalls $dev 60
		wedged_reset $dev
		wait_until 60 disk_moves 1 || fail "I/O over $dev does not go on after the reset."
		blackout_end load
		fio_disk reread --rw=read --verify_only --size=1m >/dev/null || fail "What was written before does not verify after the reset of $dev."
		fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify over $dev failed after the reset."
		nvme_disconnect || fail "The disconnect over $dev does not end."
		usable $dev
	done
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
}
