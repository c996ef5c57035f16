# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model, InfiniBand: probe, every operation with its data, programs, unload"
REQUIRES="module:mlx4_ib ibv_devinfo ibv_rc_pingpong ibv_uc_pingpong ibv_ud_pingpong ibv_srq_pingpong ib_write_bw ib_read_lat ib_atomic_lat ss"
MODELS=mlx4
FULL=1
CONFIG=fast
TIMEOUT=900

pingpongs() {
	local t
	for t in rc uc ud; do
		both 18515 "ibv_${t}_pingpong -d mlx4_0 -i 1 -n 100 -s 2000 -e" \
			"ibv_${t}_pingpong -d mlx4_0 -i 2 -n 100 -s 2000 -e 127.0.0.1"
	done
	both 18515 "ibv_srq_pingpong -d mlx4_0 -i 1 -n 100 -q 4" "ibv_srq_pingpong -d mlx4_0 -i 1 -n 100 -q 4 127.0.0.1"
}

perftests() {
	local t
	for t in "ib_write_bw -q 4 -s 65536" "ib_send_bw -s 4096 -q 2" "ib_read_lat -s 4096" "ib_atomic_lat" "ib_send_lat -c UD"; do
		both 18515 "$t -F -n 100 -d mlx4_0 -i 1" "$t -F -n 100 -d mlx4_0 -i 2 127.0.0.1"
	done
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/models.sh
	local round
	ip link set lo up
	for round in 1 2; do
		setup_mlx4_ib
		ibv_devinfo -d mlx4_0
		rdma_ops mlx4_0 1 2 || fail "An operation between the ports failed (round $round)."
		rdma_ops mlx4_0 1 1 || fail "An operation on one port failed (round $round)."
		pingpongs
		perftests
		unload_mlx4
	done
	model stat
	[ "$(model_counter bad_dma)" = 0 ] || fail "The driver gave the device addresses where no memory is."
	[ "$(model_counter icm_pages)" = 0 ] || fail "The driver left ICM pages mapped behind it."
}
