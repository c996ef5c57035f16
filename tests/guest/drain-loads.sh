# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: each poll context, CQs apart and shared, with receives, traffic, stuck sends, a full SQ"
FULL=debug
TIMEOUT=600

test() {
	. tests/guest/lib/drain.sh
	setup_rxe && setup_siw || fail "The devices could not be set up."
	drain_case loads rxe0 10.1.0.1
	drain_case loads siw0 fd02::1
	drain_module_unload
}
