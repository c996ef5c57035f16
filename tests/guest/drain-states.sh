# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: QPs in each state that the device knows"
TIMEOUT=600

test() {
	. tests/guest/lib/drain.sh
	setup_rxe && setup_siw || fail "The devices could not be set up."
	drain_case states rxe0 fd01::1
	drain_case states siw0 10.2.0.1
	drain_module_unload
}
