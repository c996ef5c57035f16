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

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/iser.sh
	. tests/guest/lib/fio.sh
	setup_mlx4_eth
	iser_model_test 10.3.0.1 "$resets" reset_mlx4_eth
	unload_mlx4
}
