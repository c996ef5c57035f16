# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="NFS over RDMA on a device that completes nothing: drains report themselves, a reset ends them, the mount goes on"
REQUIRES="ours module:nfsd module:nfsv4 module:rpcrdma"
CONFIG=debug
FULL=1
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/nfs.sh
	. tests/guest/lib/wedged.sh
	local dev a writer
	setup_both
	hung_task_seconds 100
	nfs_server 10.1.0.1 10.2.0.1 || fail "The NFS server could not be started."
	for dev in $both_devices; do
		a=$(address $dev)
		nfs_mount "$a" timeo=100,retrans=1 || fail "The NFS mount over $dev failed."
		limit 60 dd if=/dev/urandom of=/tmp/mnt/before bs=64k count=16 conv=fsync status=none ||
			fail "Writing over $dev failed."
		sum=$(sha1sum </tmp/export/before)
		dd if=/dev/urandom of=/tmp/random bs=64k count=64 status=none
		nfs_write_again >/dev/null &
		writer=$!
		sleep 2
		wedge $dev
		stalls $dev 120
		wedged_reset $dev
		touch /tmp/enough
		# A hard mount: the writer goes on where it was
		wait_until 180 gone $writer || fail "The writer over $dev does not go on after the reset."
		wait $writer || fail "The writer over $dev failed."
		rm /tmp/enough
		cmp /tmp/random /tmp/export/during || fail "What was written over $dev during the reset is not what arrived."
		echo 3 >/proc/sys/vm/drop_caches
		[ "$(sha1sum </tmp/mnt/before)" = "$sum" ] || fail "What was written over $dev before the reset is not there."
		limit 120 umount /tmp/mnt || fail "The unmount over $dev does not end."
		echo "$dev: the writer went on, 5 MB compared"
		usable $dev
	done
	nfs_server_stop || fail "The NFS server could not be stopped."
}
