# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="SRP over rxe: fio with verify, log-out under load, both drain"
REQUIRES="fio module:ib_srp module:ib_srpt module:target_core_file"
TIMEOUT=600
# It takes minutes on the debug kernel under emulation
CONFIG=fast

test() {
	. tests/guest/lib/srp.sh
	. tests/guest/lib/fio.sh
	local fio
	setup_rxe || fail "The device could not be set up."
	srp_target rxe0 10.1.0.1 || fail "The SRP target could not be set up."
	srp_login rxe0 10.1.0.1 || fail "The log-in to the SRP target failed."
	fio_disk write --rw=randwrite >/dev/null || fail "fio's verify over SRP failed."
	fio_disk load --rw=randread --verify=0 --time_based --runtime=20 >/dev/null 2>&1 &
	fio=$!
	wait_until 60 disk_busy || fail "fio does not start."
	srp_logout || fail "The log-out from the SRP target under load does not end."
	wait $fio
	srp_target_stop || fail "The SRP target cannot be removed."
	limit 60 modprobe -r ib_srp || fail "The module ib_srp cannot be unloaded."
	limit 60 modprobe -r ib_srpt || fail "The module ib_srpt cannot be unloaded."
	[ -n "$STOCK" ] || [ "$(cat /sys/class/infiniband/rxe0/drain/completed)" -gt 0 ] ||
		fail "No QP was drained."
	limit 20 rdma link delete rxe0 || fail "rxe0 cannot be deleted."
}
