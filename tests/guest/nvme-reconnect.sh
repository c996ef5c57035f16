# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="what there is without a reset: a host's plain reconnect, after its connections were cut or the target's device was replaced; for how long I/O stands still"
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
	nvme_over_two_sides reconnects_of_two_kinds
}

reconnects_of_two_kinds() { # TYPE
	reconnects "$1" "connections cut" cut
	reconnects "$1" "the target's device replaced" replace
}

# The host notices at once, and connects again when its reconnect_delay is over.
reconnects() { # TYPE WHAT COMMAND
	local name=$1-$3 n=3
	blackout_fio "$name" 3600
	wait_until 60 disk_busy || fail "fio does not start."
	sleep 3
	for _ in $(seq $n); do
		"$3" "$1" || fail "The connections ($name) could not be broken."
		sleep 0.5
		wait_until 120 disk_moves 0.1 || fail "I/O ($name) does not go on."
		sleep 1
	done
	blackout_end "$name"
	blackouts "$name" $n >"/tmp/$name.blackouts"
	echo "NVMe, $1, $2: $(in_figures "/tmp/$name.blackouts")"
}

# The target ends all connections, and listens again
cut() {
	rm "$cfs/ports/1/subsystems/$nqn" && ln -s "$cfs/subsystems/$nqn" "$cfs/ports/1/subsystems/$nqn"
}

# What a reset of the target's device is, where there is none. A listener that is bound to
# the device goes with it, for good.
replace() { # TYPE
	rdma link delete "$far" && rdma link add "$far" type "$1" netdev far-eth &&
		wait_until 10 link_active "$far" && cut
}
