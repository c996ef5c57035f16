# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# NFS over RDMA, server and client in one guest. The server listens on all
# addresses.

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

# nfs_write_again: write /tmp/random to the mount, over and over, until there is
# /tmp/enough; a line for each time.
nfs_write_again() {
	while [ ! -e /tmp/enough ]; do
		dd if=/tmp/random of=/tmp/mnt/during bs=64k conv=fsync status=none || exit
		echo written
	done
}

# nfs_mount ADDRESS [OPTION]: to /tmp/mnt, hard.
nfs_mount() {
	mkdir -p /tmp/mnt
	limit 60 mount -i -t nfs4 \
		-o "vers=4.0,proto=rdma,port=20049,addr=$1,clientaddr=$1,hard${2:+,$2}" "$1:/" /tmp/mnt
}
