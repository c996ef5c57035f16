# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NFS over RDMA on rxe and siw: mount, write, read, unmount drains"
REQUIRES="module:nfsd module:nfsv4 module:rpcrdma"
TIMEOUT=600
# It takes minutes on the debug kernel under emulation
CONFIG=fast

test() {
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

# nfs_server CLIENT...: NFSv4 over RDMA alone. The caches that exportfs and
# mountd fill elsewhere are filled by hand.
nfs_server() {
	local a
	modprobe -a nfsd rpcrdma nfsv4 || return
	mkdir -p /tmp/export && mount -t tmpfs export /tmp/export || return
	mount -t nfsd nfsd /proc/fs/nfsd || return
	echo "-3 +4" >/proc/fs/nfsd/versions
	echo 10 >/proc/fs/nfsd/nfsv4leasetime
	echo 10 >/proc/fs/nfsd/nfsv4gracetime
	for a in "$@"; do
		echo "nfsd $a 2147483647 clients" >/proc/net/rpc/auth.unix.ip/channel || return
	done
	# Read and write, any port, root stays root, known by number 0
	echo "clients /tmp/export 2147483647 9218 65534 65534 0" >/proc/net/rpc/nfsd.export/channel || return
	echo 'clients 1 \x00000000 2147483647 /tmp/export' >/proc/net/rpc/nfsd.fh/channel || return
	echo "rdma 20049" >/proc/fs/nfsd/portlist || return
	echo 2 >/proc/fs/nfsd/threads || return
	# Refused where the grace period has ended, or ends by itself
	echo Y >/proc/fs/nfsd/v4_end_grace 2>/dev/null || true
}

nfs_server_stop() {
	echo 0 >/proc/fs/nfsd/threads && umount /proc/fs/nfsd
	umount /tmp/export && limit 30 modprobe -r nfsv4 nfsd rpcrdma
}

nfs_use() { # DEVICE ADDRESS
	mkdir -p /tmp/mnt
	limit 60 mount -i -t nfs4 \
		-o "vers=4.0,proto=rdma,port=20049,addr=$2,clientaddr=$2,hard" "$2:/" /tmp/mnt ||
		fail "The NFS mount over $1 failed."
	limit 30 dd if=/dev/urandom of=/tmp/mnt/data bs=64k count=32 conv=fsync status=none ||
		fail "Writing over $1 failed."
	echo 3 >/proc/sys/vm/drop_caches
	cmp /tmp/mnt/data /tmp/export/data || fail "What was written over $1 is not what arrived."
	limit 60 umount /tmp/mnt || fail "The unmount over $1 does not end."
	echo "$1: 2 MB written, read and compared"
}
