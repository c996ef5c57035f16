# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="rping over rxe and siw, IPv4 and IPv6"
FULL=debug
TIMEOUT=600
REQUIRES="rping ss"

test() {
	. tests/guest/lib/programs.sh
	local a
	setup_rxe && setup_siw || fail "The devices could not be set up."
	for a in 10.1.0.1 10.2.0.1 fd01::1 fd02::1; do
		both 7174 "rping -s -a $a -C 10 -S 1024" "rping -c -a $a -C 10 -S 1024 -V"
	done
}
