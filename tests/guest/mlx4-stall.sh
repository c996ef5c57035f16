# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on mlx4's device model whose flushes never come: hangs for ever on stock; reports itself, and a reset or the policy ends it"
REQUIRES="module:mlx4_ib module:mlx4_en nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1

back() {
	wait_until 60 has_restarted "$before" || fail "The device has not restarted."
	setup_mlx4_eth
	nvme_connect 10.3.0.1 || fail "There is no connection after $1."
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify failed after $1."
	nvme_disconnect || fail "The disconnect does not end after $1."
}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/stall.sh
	local before
	setup_mlx4_eth
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up."
	before=$(restarts)
	stall_begin 10.3.0.1
	if [ -n "$STOCK" ]; then
		stall_on_stock 120
		return
	fi
	stall_by_administrator mlx4_0
	back "a reset"
	echo error >/sys/class/infiniband/mlx4_0/drain/stall_policy
	before=$(restarts)
	stall_begin 10.3.0.1
	stall_by_policy mlx4_0
	back "an error by policy"
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_mlx4
}
