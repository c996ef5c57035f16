# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on cxgb4's device model: fio with verify; resets in place, restarts after fatal errors and recovery from one of PCI Express under fio, on the same block device"
REQUIRES="module:iw_cxgb4 nvme fio ss module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=1200

resets=${RESETS:-3}

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
			disk_across "reset $round" reset_device cxgb4_0
		done
		# The device that comes back is another one, to which the controller connects again
		disk_across "fatal error 1" cxgb4_fatal_error
		disk_across "fatal error 2" cxgb4_fatal_error
		disk_across "PCI error" cxgb4_pci_error
	fi
	nvme_disconnect || fail "The disconnect does not end."
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_cxgb4
	cxgb4_leaves_nothing
}
