# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Helpers for guest tests, sourced before each test.
#
#     rxe-eth0 ───veth─── rxe-eth1        siw-eth0 ───veth─── siw-eth1
#        │ 10.1.0.1, fd01::1                  │ 10.2.0.1, fd02::1
#       rxe0 (RoCE v2)                       siw0 (iWARP)

# fail REASON: end the test as failed.
fail() {
	printf '%s\n' "$*" >&2
	exit 1
}

# skip REASON: end the test as skipped.
skip() {
	printf '%s\n' "$*" >"${SKIP_FILE:-/dev/stderr}"
	exit 77
}

# require_prog PROGRAM...: skip when one is missing.
require_prog() {
	local p
	for p in "$@"; do
		command -v "$p" >/dev/null 2>&1 || skip "the program $p is missing"
	done
}

# require_ours: skip on a stock kernel.
require_ours() { [ -z "${STOCK:-}" ] || skip "the stock kernel does not have it"; }

# load_stack: the core's clients, in the order that ORDER says.
load_stack() {
	case ${ORDER:-uverbs} in
	cma) modprobe -a rdma_cm ib_uverbs rdma_ucm ib_umad ;;
	*) modprobe -a ib_uverbs rdma_cm rdma_ucm ib_umad ;;
	esac
}

# netdev NAME IPV4/LEN IPV6/LEN: a veth pair NAME0, NAME1 with addresses on NAME0.
netdev() {
	ip link add "${1}0" type veth peer name "${1}1"
	ip addr add "$2" dev "${1}0"
	ip -6 addr add "$3" dev "${1}0" nodad
	ip link set "${1}0" up
	ip link set "${1}1" up
}

# setup_rxe [NAME], setup_siw [NAME]: the device, ready for traffic.
setup_rxe() { setup_link rxe "${1:-rxe0}" 10.1.0.1/24 fd01::1/64; }
setup_siw() { setup_link siw "${1:-siw0}" 10.2.0.1/24 fd02::1/64; }

setup_link() { # TYPE NAME IPV4 IPV6
	load_stack || return
	[ -e "/sys/class/net/$1-eth0" ] || netdev "$1-eth" "$3" "$4" || return
	rdma link add "$2" type "$1" netdev "$1-eth0" || return
	wait_until 10 link_active "$2" || { echo "$2 did not become active" >&2; return 1; }
}

link_active() { grep -q ACTIVE "/sys/class/infiniband/$1/ports/1/state" 2>/dev/null; }

# delete_device DEVICE: a soft one; hardware, that is, a device model, stays.
delete_device() {
	case $1 in
	mlx4_* | cxgb4_*) ;;
	*) rdma link delete "$1" ;;
	esac
}

# remove_mlx4, remove_cxgb4: the driver of that hardware, with those above it.
remove_mlx4() { modprobe -r ib_ipoib mlx4_ib mlx4_en mlx4_core; }
remove_cxgb4() { modprobe -r iw_cxgb4 cxgb4; }

# teardown: both devices, their netdevs, the modules.
teardown() {
	local d
	for d in /sys/class/infiniband/*; do
		[ ! -e "$d" ] || delete_device "${d##*/}"
	done
	[ ! -e /sys/module/mlx4_core ] || remove_mlx4
	[ ! -e /sys/module/cxgb4 ] || remove_cxgb4
	for d in rxe-eth0 siw-eth0; do
		[ ! -e "/sys/class/net/$d" ] || ip link del "$d"
	done
}

# wait_until SECONDS COMMAND...: poll until it succeeds.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# gone PID: there is no such process any more.
gone() { ! kill -0 "$1" 2>/dev/null; }

# blocked: stacks of the tasks in uninterruptible sleep.
blocked() {
	local p
	for p in /proc/[0-9]*; do
		grep -qs '^State:.D' "$p/status" || continue
		echo "blocked: $(tr '\0' ' ' <"$p/cmdline") [${p#/proc/}]"
		sed 's/^/    /' "$p/stack" 2>/dev/null
	done
}

# limit SECONDS COMMAND...: run it; a time-out is a failure with a sentence.
limit() {
	local t=$1 rc=0
	shift
	timeout -k 5 "$t" "$@" || rc=$?
	[ $rc != 124 ] && [ $rc != 137 ] || echo "'$*' took longer than $t s" >&2
	return $rc
}

# netns_pair A B: two network namespaces, joined by a veth pair eth0 - eth0
# with 10.9.0.1, fd09::1 in A and 10.9.0.2, fd09::2 in B.
netns_pair() {
	ip netns add "$1" && ip netns add "$2" || return
	ip link add eth0 netns "$1" type veth peer name eth0 netns "$2" || return
	local ns i=1
	for ns in "$1" "$2"; do
		ip -n "$ns" link set lo up
		ip -n "$ns" addr add "10.9.0.$i/24" dev eth0
		ip -n "$ns" -6 addr add "fd09::$i/64" dev eth0 nodad
		ip -n "$ns" link set eth0 up
		i=$((i + 1))
	done
}
