# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="perftest: ib_send_bw, ib_write_bw, ib_read_lat over rxe (by hand and through rdma_cm) and siw (rdma_cm)"
REQUIRES="ib_send_bw ib_write_bw ib_read_lat ss"
TIMEOUT=600
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

test() {
	. tests/guest/lib/programs.sh
	local v4 v6 t
	setup_rxe && setup_siw || fail "The devices could not be set up."
	v4=$(gid_index 4) && v6=$(gid_index 6) ||
		fail "rxe0 lacks the GIDs of its addresses."
	for t in ib_send_bw ib_write_bw ib_read_lat; do
		t="$t -F -n 100 -s 4096"
		both 18515 "$t -d rxe0 -x $v4" "$t -d rxe0 -x $v4 10.1.0.1"
		both 18515 "$t -d rxe0 -R" "$t -d rxe0 -R 10.1.0.1"
		both 18515 "$t -d siw0 -R" "$t -d siw0 -R 10.2.0.1"
	done
	both 18515 "$t -d rxe0 -x $v6" "$t -d rxe0 -x $v6 10.1.0.1"
}
