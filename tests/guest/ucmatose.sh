# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="rdma_cm connections over rxe and siw (ucmatose), datagrams over rxe (udaddy)"
TIMEOUT=600
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast
REQUIRES="ucmatose udaddy ss"

test() {
	. tests/guest/lib/programs.sh
	setup_rxe && setup_siw || fail "The devices could not be set up."
	both 7471 "ucmatose -b 10.1.0.1" "ucmatose -s 10.1.0.1"
	over_siw "ucmatose -b 10.2.0.1" "ucmatose -s 10.2.0.1"
	both 7471 "ucmatose -f ip -b fd01::1" "ucmatose -f ip -s fd01::1"
	over_siw "ucmatose -f ip -b fd02::1" "ucmatose -f ip -s fd02::1"
	both 7174 "udaddy -b 10.1.0.1" "udaddy -s 10.1.0.1"
}

# The siw of any kernel has no memory for a connection if the peer's reply and
# data arrive before siw_connect() has started its timer: the processor that it
# runs on had stopped, as emulated ones on a busy host do. Try again then.
over_siw() { # SERVER CLIENT
	local i
	for i in 1 2 3; do
		try_both 60 7471 "$@" && return
		grep -q 'failure connecting: Cannot allocate memory' /tmp/client.log || break
		echo "attempt $i failed"
	done
	both 7471 "$@"
}
