# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model: drains of its queue pairs, in each state, by each way, with SRQ, datagrams"
REQUIRES="module:mlx4_ib"
MODELS=mlx4
CONFIG=fast
TIMEOUT=900

test() {
	. tests/guest/lib/drain.sh
	. tests/guest/lib/models.sh
	local case
	setup_mlx4_ib
	# Without "full": a CQ that overflows is the end of a hardware queue pair.
	for case in loads states ways blocked stalled busy batch srq ud; do
		drain_case $case mlx4_0 0.0.0.0
	done
	drain_module_unload
	unload_mlx4
}
