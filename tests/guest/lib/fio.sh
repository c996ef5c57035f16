# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# fio on a block device.

# fio_disk NAME OPTION...: on $disk, 4 MB of it unless an option says else.
fio_disk() {
	local name=$1
	shift
	limit 90 fio --name="$name" --filename="$disk" --bs=4k --size=4m --direct=1 \
		--ioengine=libaio --iodepth=16 --verify=crc32c --verify_fatal=1 \
		--minimal "$@"
}

# disk_busy: something is in flight on $disk.
disk_busy() { [ "$(awk '{ print $9 }' "/sys/block/${disk##*/}/stat")" -gt 0 ]; }

# disk_moves SECONDS: more is completed on $disk in that time than was in flight.
disk_moves() {
	local before
	before=$(disk_ios)
	sleep "$1"
	[ "$(disk_ios)" -gt $((before + 16)) ]
}
disk_ios() { awk '{ print $1 + $5 }' "/sys/block/${disk##*/}/stat"; }
