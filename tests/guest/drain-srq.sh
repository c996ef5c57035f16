# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: QPs with a shared receive queue"
TIMEOUT=600
OWN_BOOT=${STOCK:+1}

test() {
	. tests/guest/lib/drain.sh
	setup_rxe && setup_siw || fail "The devices could not be set up."
	drain_case srq rxe0 10.1.0.1
	drain_case srq siw0 10.2.0.1
	drain_module_unload
}
