# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="iSER on a device that completes nothing: drains report themselves, a reset ends them, the session logs in again"
REQUIRES="ours fio iscsid iscsiadm module:ib_iser module:ib_isert module:target_core_file"
CONFIG=debug
FULL=1
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/iser.sh
	. tests/guest/lib/fio.sh
	. tests/guest/lib/wedged.sh
	local dev=rxe0 a=10.1.0.1 fio
	hung_task_seconds 100
	iser_setup
	iser_login "$a" || { cat /tmp/iscsid.log; fail "The log-in over $dev failed."; }
	fio_disk write --rw=randwrite --size=1m >/dev/null || fail "fio's verify over $dev failed."
	fio_disk load --rw=randread --verify=0 --loops=1000 >/tmp/fio 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
	wedge $dev
	stalls $dev 120
	wedged_reset $dev
	# The session logs in again by itself, and fio's reads go on
	wait_until 120 disk_moves 1 || { cat /tmp/iscsid.log; fail "The session over $dev does not go on after the reset."; }
	kill $fio
	wait_until 60 gone $fio || fail "fio does not end after the reset of $dev."
	fio_disk reread --rw=read --verify_only --size=1m >/dev/null || fail "What was written before does not verify after the reset of $dev."
	iser_logout || fail "The log-out over $dev does not end."
	usable $dev
	iser_end
}
