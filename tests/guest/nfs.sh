# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NFS over RDMA on rxe and siw: mount, write, read, unmount drains"
REQUIRES="module:nfsd module:nfsv4 module:rpcrdma"
TIMEOUT=600
# It takes minutes on the debug kernel under emulation
CONFIG=fast

test() {
	. tests/guest/lib/nfs.sh
	local dev
	setup_rxe && setup_siw || fail "The devices could not be set up."
	nfs_server 10.1.0.1 10.2.0.1 || fail "The NFS server could not be started."
	nfs_use rxe0 10.1.0.1
	nfs_use siw0 10.2.0.1
	nfs_server_stop || fail "The NFS server could not be stopped."
	for dev in rxe0 siw0; do
		[ -n "$STOCK" ] || [ "$(cat /sys/class/infiniband/$dev/drain/completed)" -gt 0 ] ||
			fail "No QP was drained on $dev."
		limit 20 rdma link delete $dev || fail "$dev cannot be deleted."
	done
}

nfs_use() { # DEVICE ADDRESS
	nfs_mount "$2" ||
		fail "The NFS mount over $1 failed."
	limit 30 dd if=/dev/urandom of=/tmp/mnt/data bs=64k count=32 conv=fsync status=none ||
		fail "Writing over $1 failed."
	echo 3 >/proc/sys/vm/drop_caches
	cmp /tmp/mnt/data /tmp/export/data || fail "What was written over $1 is not what arrived."
	limit 60 umount /tmp/mnt || fail "The unmount over $1 does not end."
	echo "$1: 2 MB written, read and compared"
}
