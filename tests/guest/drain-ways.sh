# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: SQ and RQ apart, bounded, twice, four at once, from the CQ's own workqueue"
FULL=debug
TIMEOUT=600

test() {
	. tests/guest/lib/drain.sh
	drain_on_both ways
	drain_module_unload
}
