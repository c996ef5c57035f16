# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: a CQ that is exactly full, and one that the flush would overflow; no completion is lost"
# In the stock kernel it hangs or loses completions
OWN_BOOT=${STOCK:+1}

test() {
	. tests/guest/lib/drain.sh
	drain_on_both full
	drain_module_unload
}
