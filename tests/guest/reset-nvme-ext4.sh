# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="a file system on NVMe over RDMA: sources are unpacked and read back while both devices are reset; none is damaged"
REQUIRES="ours nvme mkfs.ext4 e2fsck module:nvme-rdma module:nvmet-rdma module:brd"
TIMEOUT=900
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast
FULL=1

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nvme.sh
	. tests/guest/lib/two-sides.sh
	sources || fail "There is no kernel source to unpack."
	nvme_over_two_sides file_system_over_resets
}

# sources: some 3 MB of the kernel's, and their sums.
sources() {
	(cd build/linux && find drivers/infiniband/core drivers/infiniband/sw include/rdma -type f -exec sha256sum {} +) >/tmp/sums &&
		tar -C build/linux -cf /tmp/sources.tar drivers/infiniband/core drivers/infiniband/sw include/rdma
}

file_system_over_resets() {
	local worker n=0 rc=0
	mkfs.ext4 -q "$disk" && mkdir -p /tmp/fs && mount "$disk" /tmp/fs || fail "There is no ext4 on $disk."
	rm -f /tmp/enough
	unpack_again &
	worker=$!
	until gone $worker; do
		n=$((n + 1))
		reset_device "$near"
		[ $((n % 2)) = 0 ] || reset_device "$far"
		[ $n -lt 6 ] || touch /tmp/enough
		sleep 0.5
	done
	wait $worker || rc=$?
	[ $rc = 0 ] || fail "The files on $disk over $near are not what they were (status $rc)."
	verify last || fail "The files on $disk over $near are not what they were, after a remount."
	umount /tmp/fs || fail "The unmount of $disk fails."
	e2fsck -fn "$disk" >/tmp/e2fsck 2>&1 || { cat /tmp/e2fsck; fail "The file system on $disk is damaged."; }
	echo "$near, $far: $n resets of one, $(((n + 1) / 2)) of the other, $(cat /tmp/times) times unpacked and read back"
}

# unpack_again: unpack and read back, until there is /tmp/enough. What is read comes
# from the device: the file system is mounted anew.
unpack_again() {
	local n=0
	while [ ! -e /tmp/enough ] || [ $n -lt 2 ]; do
		n=$((n + 1))
		rm -rf /tmp/fs/last && mkdir /tmp/fs/last && tar -C /tmp/fs/last -xf /tmp/sources.tar && sync -f /tmp/fs || return 1
		verify last || return 2
		echo $n >/tmp/times
	done
}

verify() { # FOLDER
	umount /tmp/fs && mount "$disk" /tmp/fs &&
		(cd "/tmp/fs/$1" && sha256sum --quiet -c /tmp/sums)
}
