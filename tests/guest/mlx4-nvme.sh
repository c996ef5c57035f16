# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on mlx4's device model, RoCE: fio with verify (fast registration), disconnects under load"
REQUIRES="module:mlx4_ib module:mlx4_en nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
MODELS=mlx4:link=eth
FULL=1
CONFIG=fast
TIMEOUT=900

test() {
	. tests/guest/lib/models.sh
	. tests/guest/lib/nvme-loop.sh
	setup_mlx4_eth
	nvme_load_loop mlx4_0 10.3.0.1 fd03::1 10.3.0.1
	unload_mlx4
}
