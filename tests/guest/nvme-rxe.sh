# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on rxe: fio with verify; disconnect and connect in a loop under load"
REQUIRES="nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
FULL=debug
TIMEOUT=900

test() {
	. tests/guest/lib/nvme-loop.sh
	setup_rxe || fail "The device could not be set up."
	nvme_load_loop rxe0 10.1.0.1 fd01::1 10.1.0.1
}
