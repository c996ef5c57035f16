# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: drains of its queue pairs, in each state, by each way"
REQUIRES="module:iw_cxgb4"
MODELS=cxgb4
CONFIG=fast
TIMEOUT=900

test() {
	. tests/guest/lib/drain.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local case cases="loads states ways busy batch"
	setup_cxgb4
	[ -n "$STOCK" ] || cases="$cases blocked stalled"
	for case in $cases; do
		drain_case $case cxgb4_0 10.5.0.1
	done
	drain_module_unload
	unload_cxgb4
	model stat
	cxgb4_leaves_nothing
}
