# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on mlx4's device model, RoCE: resets under fio, and recovery from an error of PCI Express; I/O goes on as its address is back, on the same block device"
REQUIRES="ours module:mlx4_ib module:mlx4_en nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900

resets=${RESETS:-3}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/models.sh
	local round
	setup_mlx4_eth
	# A listener on the address itself would go with the device, and not come back
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up."
	nvme_connect 10.3.0.1 || fail "There is no connection to 10.3.0.1."
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify failed before any reset."
	for round in $(seq "$resets"); do
		disk_across "reset $round" reset_mlx4_eth "$round"
	done
	disk_across "PCI error" aer_mlx4_eth
	nvme_disconnect || fail "The disconnect does not end."
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_mlx4
}
