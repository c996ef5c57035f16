# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: a CQ that is exactly full, and one that the flush would overflow; no completion is lost"
# In the stock kernel it hangs or loses completions
TIMEOUT=600
OWN_BOOT=${STOCK:+1}

test() {
	. tests/guest/lib/drain.sh
	setup_rxe && setup_siw || fail "The devices could not be set up."
	drain_case full rxe0 10.1.0.1
	drain_case full siw0 fd02::1
	drain_module_unload
}
