# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="libibverbs' ping-pongs over rxe: RC over both address families, UD, SRQ"
TIMEOUT=600
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast
REQUIRES="ibv_rc_pingpong ibv_ud_pingpong ibv_srq_pingpong ss"

test() {
	. tests/guest/lib/programs.sh
	local v4 v6 p
	setup_rxe || fail "The device could not be set up."
	v4=$(gid_index 4) && v6=$(gid_index 6) ||
		fail "rxe0 lacks the GIDs of its addresses."
	p="-d rxe0 -n 50 -s 1024"
	both 18515 "ibv_rc_pingpong $p -g $v4" "ibv_rc_pingpong $p -g $v4 10.1.0.1"
	both 18515 "ibv_rc_pingpong $p -g $v6" "ibv_rc_pingpong $p -g $v6 10.1.0.1"
	both 18515 "ibv_ud_pingpong $p -g $v4" "ibv_ud_pingpong $p -g $v4 10.1.0.1"
	both 18515 "ibv_srq_pingpong $p -g $v4 -q 2" "ibv_srq_pingpong $p -g $v4 -q 2 10.1.0.1"
}
