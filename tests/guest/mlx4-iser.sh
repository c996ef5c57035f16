# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="iSER on mlx4's device model, RoCE: fio with verify; resets under fio, after which the session goes on by itself"
REQUIRES="module:mlx4_ib module:mlx4_en fio iscsid iscsiadm module:ib_iser module:ib_isert module:target_core_file"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900

resets=${RESETS:-3}

reset_mlx4() { # ROUND
	write_reset mlx4_0 || fail "Reset $1 failed: $reset_error."
	[ "$(attr mlx4_0 reset_count)" = "$1" ] || fail "After $1 resets reset_count is $(attr mlx4_0 reset_count)."
	setup_mlx4_eth
}

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/iser.sh
	. tests/guest/lib/fio.sh
	setup_mlx4_eth
	iser_setup
	iser_login 10.3.0.1 || { cat /tmp/iscsid.log; fail "The log-in failed."; }
	fio_disk first --rw=randwrite >/dev/null || fail "fio's verify failed."
	[ -n "$STOCK" ] || iser_across "$resets" reset_mlx4
	iser_logout || fail "The log-out does not end."
	iser_end
	unload_mlx4
}
