# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the NVMe tests do on each device.

# nvme_load_loop DEVICE ADDRESS...: over one address after the other connect,
# verify what was there before, write and verify, disconnect under load.
nvme_load_loop() {
	local dev=$1 a fio='' before after size=--size=1m
	shift
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	nvme_target "$1" "$2" || fail "The NVMe target could not be set up on $dev."
	for a in "$@"; do
		nvme_connect "$a" || fail "There is no connection to $a."
		[ -z "$fio" ] || fio_disk reread --rw=read --verify_only $size >/dev/null ||
			fail "What was written before the last disconnect does not verify over $a."
		fio_disk write --rw=randwrite $size >/dev/null || fail "fio's verify over $a failed."
		fio_disk load --rw=randread --verify=0 --time_based --runtime=20 >/dev/null 2>&1 &
		fio=$!
		wait_until 60 disk_busy || fail "fio does not start over $a."
		before=$(nvme_drained "$dev")
		nvme_disconnect || fail "The disconnect from $a under load does not end."
		after=$(nvme_drained "$dev")
		wait $fio
		[ -n "$STOCK" ] || [ "$after" -ge $((before + 6)) ] ||
			fail "The disconnect from $a drained $((after - before)) QPs, not 3 on each side."
		echo "$a: verified; $((after - before)) QPs drained under load"
	done
	nvme_target_stop || fail "The NVMe target cannot be removed."
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
	delete_device "$dev" || fail "$dev cannot be deleted."
}

# nvme_drained DEVICE: QPs drained so far; the stock kernel does not count.
nvme_drained() { cat "/sys/class/infiniband/$1/drain/completed" 2>/dev/null || echo 0; }
