# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="applications and management: device files, attributes, ports are as before"
REQUIRES="ibv_devices ibv_devinfo"
TIMEOUT=600
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

test() {
	local dev
	setup_rxe && setup_siw || fail "The devices could not be set up."
	for dev in rxe0 siw0; do
		ibv_devices | grep -q $dev || fail "ibv_devices does not list $dev."
		ibv_devinfo -d $dev | grep -q PORT_ACTIVE || fail "ibv_devinfo does not see the port of $dev."
	done
	[ -d /sys/class/infiniband/rxe0/ports/1/hw_counters ] || fail "rxe0 has no port counters."
	[ -c /dev/infiniband/umad0 ] || fail "There is no /dev/infiniband/umad0 for rxe0."
	exec 9<>/dev/infiniband/umad0 || fail "/dev/infiniband/umad0 cannot be opened."
	exec 9>&-
	rdma system | grep -q netns || fail "rdma system does not answer."
	rdma resource show | grep -q rxe0 || fail "rdma resource does not list rxe0."
}
