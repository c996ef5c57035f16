# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
RESETS=${RESETS:-20}
BLACKOUT_MS=${BLACKOUT_MS:-500}
# shellcheck source=tests/guest/reset-nvme-state.sh
. "${BASH_SOURCE[0]%/*}/reset-nvme-state.sh"
DESCRIPTION="NVMe over RDMA between devices in two network namespaces: resets as in reset-nvme-state, also from within, and the end of the namespaces"
REQUIRES="$REQUIRES nsenter"
FULL=1
# What it measures is not the same on a busy machine
TIMED=1
TIMEOUT=3600

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/two-sides.sh
	. tests/guest/lib/blackout.sh
	local type
	two_namespaces || fail "There are no network namespaces."
	nvme_over_two_sides in_namespaces
	for type in rxe siw; do namespaces_go $type; done
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
}

in_namespaces() { # TYPE
	each_side_and_both "$1"
	resets_from_within
}

# A namespace's own sysfs shows a copy of the device, which is the first one's.
resets_from_within() {
	local side
	for side in near far; do
		ip netns exec $side bash -c "echo 1 >/sys/class/infiniband/${!side}/reset" 2>/tmp/within &&
			fail "The copy of ${!side} in the namespace $side can be reset."
		grep -qi "not permitted" /tmp/within || fail "The copy of ${!side} answers: $(cat /tmp/within)"
		nsenter --net=/run/netns/$side bash -c "echo 1 >/sys/class/infiniband/${!side}/reset" ||
			fail "${!side} cannot be reset by a process in the namespace $side."
		wait_until 60 disk_reads || fail "I/O does not go on after a reset from the namespace $side."
	done
}

disk_reads() { timeout 60 dd if="$disk" of=/dev/null bs=4k count=1 iflag=direct status=none; }

# Controller and port hold their namespaces, and nothing else does: those go without
# their names as soon as controller and port have, and their devices with them.
namespaces_go() { # TYPE
	# As few, and as lenient, as in reset-nvme-state
	local resets=3 limit_ms=1000
	nvme_two_sides "$1"
	ip netns del near
	ip netns del far
	state_over_resets "$1" unnamed "$near" "$far"
	nvme_disconnect || fail "The disconnect over $1 does not end."
	wait_until 30 device_gone "$near" || fail "The namespace of $near does not end with the controller."
	nvme_target_stop || fail "The NVMe target cannot be removed."
	wait_until 30 device_gone "$far" || fail "The namespace of $far does not end with the target's port."
	wait_until 10 two_namespaces || fail "There are no network namespaces any more."
}
