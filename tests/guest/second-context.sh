# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="a second context on one file is refused, and nothing of the refused one is left"
REQUIRES="second_context"

test() {
	setup_rxe || fail "The device could not be set up."
	# kmemleak tells whether the tasks of the processes are left.
	second_context rxe0 20 || fail "A second context was not refused."
}
