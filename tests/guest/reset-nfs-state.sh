# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="NFS over RDMA: the device of client and server is reset under fio with verify; the mount goes on by itself"
REQUIRES="ours fio module:nfsd module:nfsv4 module:rpcrdma"
TIMEOUT=900
# It takes minutes on the debug kernel under emulation
CONFIG=fast

resets=${RESETS:-3}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nfs.sh
	. tests/guest/lib/blackout.sh
	local dev disk
	setup_both
	nfs_server 10.1.0.1 10.2.0.1 || fail "The NFS server could not be started."
	for dev in $both_devices; do
		nfs_mount "$(address "$dev")" || fail "The NFS mount over $dev failed."
		disk=/tmp/mnt/fio
		blackout_fio nfs 600
		wait_until 60 has_written || fail "fio over $dev does not start."
		blackout_resets "$dev" "$resets" 2
		blackout_end nfs
		blackout_report "NFS over $dev" nfs "$resets" 1000
		# Who is just connecting must not have the reset wait for what never comes (5 s)
		[ "$(longest /tmp/resets.ms)" -le 3000 ] || fail "A reset of $dev took $(longest /tmp/resets.ms) ms."
		limit 120 umount /tmp/mnt || fail "The unmount over $dev does not end."
	done
	nfs_server_stop || fail "The NFS server could not be stopped."
}

has_written() { [ "$(stat -c %b /tmp/export/fio 2>/dev/null || echo 0)" -ge 8 ]; }
