# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: datagram QPs (rxe)"
FULL=debug
TIMEOUT=600
# The stock kernel warns and does not drain the SQ
REQUIRES="ours"

test() {
	. tests/guest/lib/drain.sh
	setup_rxe || fail "The device could not be set up."
	drain_case ud rxe0 10.1.0.1
	drain_case ud rxe0 fd01::1
	drain_module_unload
}
