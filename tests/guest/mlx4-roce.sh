# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model, RoCE: rdma_cm programs over IPv4 and IPv6"
REQUIRES="module:mlx4_ib module:mlx4_en rping ucmatose ib_send_bw ss"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/models.sh
	local a
	setup_mlx4_eth
	rdma link show
	for a in 10.3.0.1 fd03::1 10.4.0.1 fd04::1; do
		both 7174 "rping -s -a $a -C 20 -S 2048" "rping -c -a $a -C 20 -S 2048 -V"
	done
	both 7471 "ucmatose" "ucmatose -s 10.3.0.1"
	both 18515 "ib_send_bw -F -n 100 -R -d mlx4_0" "ib_send_bw -F -n 100 -R -d mlx4_0 10.3.0.1"
	model stat
	[ "$(model_counter bad_dma)" = 0 ] || fail "The driver gave the device addresses where no memory is."
}
