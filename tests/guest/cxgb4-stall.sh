# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on cxgb4's device model whose flushes never come: stock waits for a minute; here a reset or the policy ends it"
REQUIRES="module:iw_cxgb4 nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1

back() {
	wait_state 60 cxgb4_0 active
	model clear
	setup_cxgb4
	nvme_connect 10.6.0.1 10.5.0.1 || fail "There is no connection after $1."
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify failed after $1."
	nvme_disconnect || fail "The disconnect does not end after $1."
}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/stall.sh
	setup_cxgb4
	nvme_target 0.0.0.0 || fail "The NVMe target could not be set up."
	stall_begin 10.6.0.1 10.5.0.1
	if [ -n "$STOCK" ]; then
		stall_on_stock 50
		wait_until 200 gone "$stalled" || { blocked; echo "stock: for ever"; return; }
		echo "stock: nvme disconnect has ended after $(($(now_ms) - stalled_at)) ms; the driver has given the device up:"
		dmesg | grep -i 'not responding\|fatal' | head -n 3
		return
	fi
	stall_by_administrator cxgb4_0
	back "a reset"
	echo error >/sys/class/infiniband/cxgb4_0/drain/stall_policy
	stall_begin 10.6.0.1 10.5.0.1
	stall_by_policy cxgb4_0
	back "an error by policy"
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	unload_cxgb4
}
