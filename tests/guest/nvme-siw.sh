# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="NVMe over RDMA on siw: fio with verify; disconnect and connect in a loop under load"
REQUIRES="nvme fio module:nvme-rdma module:nvmet-rdma module:brd"
TIMEOUT=900

test() {
	. tests/guest/lib/nvme-loop.sh
	setup_siw || fail "The device could not be set up."
	nvme_load_loop siw0 10.2.0.1 fd02::1 10.2.0.1
}
