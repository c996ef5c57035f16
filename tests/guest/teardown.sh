# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="ULPs that have drained let go: device deleted under them, modules unloaded, all again"
REQUIRES="nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
FULL=debug
TIMEOUT=600

test() {
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	local dev addr i type
	for type in rxe siw; do
		dev=${type}0
		[ $type = rxe ] && addr=10.1.0.1 || addr=10.2.0.1
		for i in 1 2; do
			setup_$type || fail "Round $i: $dev could not be set up."
			nvme_target $addr || fail "Round $i: the NVMe target could not be set up on $dev."
			nvme_connect $addr || fail "Round $i: no connection over $dev."
			fio_disk write --rw=randwrite --size=1m >/dev/null || fail "Round $i: fio's verify over $dev failed."
			# The ULP's client is removed: its QPs are drained on the way out.
			limit 60 rdma link delete $dev || fail "Round $i: $dev cannot be deleted under NVMe."
			wait_until 20 nvme_gone || fail "Round $i: the controller of $dev does not go away."
			nvme_target_stop || fail "Round $i: the NVMe target cannot be removed."
			limit 30 modprobe -r nvme-rdma nvmet-rdma || fail "Round $i: the NVMe modules cannot be unloaded."
			ip link del $type-eth0 || fail "Round $i: $type-eth0 cannot be deleted."
			echo "round $i, $dev: deleted under a connected controller"
		done
	done
	limit 30 modprobe -r rdma_rxe siw || fail "The providers cannot be unloaded."
	limit 30 modprobe -r rdma_ucm ib_umad ib_uverbs || fail "The core's clients cannot be unloaded."
}
