# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the NVMe tests do on each device.

# nvme_load_loop DEVICE TIMES ADDRESS...: write and verify, disconnect under
# load, connect again, verify; over each address in turn.
nvme_load_loop() {
	local dev=$1 times=$2 i a fio before after
	shift 2
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	nvme_target "$@" || fail "The NVMe target could not be set up on $dev."
	for ((i = 1; i <= times; i++)); do
		for a in "$@"; do
			nvme_connect "$a" || fail "Round $i: no connection to $a."
			# What the round before wrote, under load, is there and whole.
			[ -z "${fio:-}" ] || fio_disk reread --rw=read --verify_only >/dev/null ||
				fail "Round $i: what was written before the disconnect does not verify."
			fio_disk write --rw=randwrite >/dev/null ||
				fail "Round $i: fio's verify over $a failed."
			fio_disk load --rw=randread --verify=0 --time_based --runtime=20 >/dev/null 2>&1 &
			fio=$!
			wait_until 10 disk_busy || fail "Round $i: fio does not start."
			before=$(nvme_drained "$dev")
			nvme_disconnect || fail "Round $i: the disconnect from $a under load does not end."
			after=$(nvme_drained "$dev")
			wait $fio
			[ -n "$STOCK" ] || [ "$after" -ge $((before + 6)) ] ||
				fail "Round $i: the disconnect drained $((after - before)) QPs, not 3 on each side."
			echo "round $i, $a: verified; $((after - before)) QPs drained under load"
		done
	done
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	rdma link delete "$dev" || fail "$dev cannot be deleted."
}

# nvme_drained DEVICE: QPs drained so far; the stock kernel does not count.
nvme_drained() { cat "/sys/class/infiniband/$1/drain/completed" 2>/dev/null || echo 0; }
