# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="iSER over rxe: fio with verify, log-out"
REQUIRES="fio iscsid iscsiadm module:ib_iser module:ib_isert module:target_core_file"
TIMEOUT=600
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

test() {
	. tests/guest/lib/iser.sh
	. tests/guest/lib/fio.sh
	local a=10.1.0.1
	iser_setup
	iser_login $a || { cat /tmp/iscsid.log; fail "The log-in to $a failed."; }
	fio_disk write --rw=randwrite >/dev/null || fail "fio's verify over $a failed."
	iser_logout || fail "The log-out from $a does not end."
	iser_end
}
