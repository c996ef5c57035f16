# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NFS over RDMA: a reset waits for no answer of a peer; the mount goes on by itself, data verifies"
REQUIRES="ours module:nfsd module:nfsv4 module:rpcrdma"
# reset-nfs-state is the daily one
FULL=1
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/nfs.sh
	local dev i writer
	setup_both
	nfs_server 10.1.0.1 10.2.0.1 || fail "The NFS server could not be started."
	dd if=/dev/urandom of=/tmp/random bs=64k count=16 status=none
	for dev in $both_devices; do
		nfs_mount "$(address $dev)" || fail "The NFS mount over $dev failed."
		rm -f /tmp/enough
		nfs_write_again >>/tmp/writer &
		writer=$!
		for i in 1 2 3 4 5; do
			: >/tmp/writer
			wait_until 60 grep -q written /tmp/writer || fail "Nothing is written over $dev."
			reset_device $dev
			[ $reset_ms -lt 10000 ] || fail "The reset of $dev took $reset_ms ms."
		done
		touch /tmp/enough
		# A hard mount: the writer goes on where it was
		wait_until 120 gone $writer || fail "The writer over $dev does not go on after the resets."
		wait $writer || fail "The writer over $dev failed."
		cmp /tmp/random /tmp/export/during || fail "What arrived is not what was written over $dev."
		limit 60 umount /tmp/mnt || fail "The unmount over $dev does not end."
		echo "$dev: 5 resets under a writer"
	done
	nfs_server_stop || fail "The NFS server could not be stopped."
}
