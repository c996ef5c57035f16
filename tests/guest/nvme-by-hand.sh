# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="what there is without a reset: the device is deleted and added, the host connects by hand; for how long there is no block device"
REQUIRES="nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
TIMEOUT=900
CONFIG=fast
FULL=1

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/two-sides.sh
	. tests/guest/lib/blackout.sh
	nvme_over_two_sides by_hand_again
}

by_hand_again() { # TYPE
	local file=/tmp/$1.hand
	for _ in 1 2 3 4 5; do by_hand "$1"; done >"$file"
	echo "NVMe, $1 by hand: $(in_figures "$file")"
}

# by_hand TYPE: the host's device goes under fio, and comes back. Tells the ms until
# the first block is read.
by_hand() {
	local t0 fio
	fio_disk load --rw=randread --verify=0 --time_based --runtime=600 >/tmp/fio 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
	t0=$(now_ms)
	rdma link delete "$near" && rdma link add "$near" type "$1" netdev near-eth || fail "$near cannot be replaced."
	until nvme_connect $far_address $near_address >/dev/null 2>&1; do
		[ $(($(now_ms) - t0)) -lt 60000 ] || fail "There is no connection from $near to $far any more."
	done
	dd if="$disk" of=/dev/null bs=4k count=1 iflag=direct status=none || fail "$disk cannot be read."
	echo $(($(now_ms) - t0))
	wait_until 60 gone $fio || fail "fio does not end as its block device goes."
}
