# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: many QPs in one call, CQs apart and one for all; each QP is counted"
FULL=debug
TIMEOUT=600

test() {
	. tests/guest/lib/drain.sh
	drain_on_both batch
	[ -z "$STOCK" ] || return 0
	# 16 QPs, 4 poll contexts, 2 arrangements of CQs, 2 address families
	local dev n
	for dev in rxe0 siw0; do
		n=$(drain_counter $dev completed)
		[ "$n" = 256 ] || fail "$dev has counted $n drained QPs instead of 256."
	done
	drain_module_unload
}
