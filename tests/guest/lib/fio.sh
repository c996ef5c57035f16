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

# disk_goes_on COUNT: more than that is completed on $disk.
disk_goes_on() { [ "$(disk_ios)" -gt "$1" ]; }

# disk_across NAME COMMAND...: under fio COMMAND takes the device below $disk away and has
# it come back. I/O waits and goes on without an error, on the same disk, and what was
# written to its first MB with verify is still there. After lib/reset.sh.
disk_across() {
	local name=$1 fio before t0 seq
	shift
	seq=$(cat "/sys/block/${disk##*/}/diskseq")
	fio_disk load --rw=randrw --offset=4m --verify=0 --time_based --runtime=40 >/tmp/fio.log 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start ($name)."
	t0=$(now_ms)
	"$@"
	before=$(disk_ios)
	wait_until 60 disk_goes_on "$before" || fail "I/O does not go on after $name."
	echo "$name: I/O goes on after $(($(now_ms) - t0)) ms"
	wait_until 120 gone "$fio" || fail "fio does not end ($name)."
	wait "$fio" || { cat /tmp/fio.log; fail "fio had errors ($name)."; }
	[ "$(cat "/sys/block/${disk##*/}/diskseq")" = "$seq" ] || fail "It is another disk after $name."
	fio_disk reread --rw=read --verify_only --size=1m >/dev/null ||
		fail "What was written before $name does not verify."
}
