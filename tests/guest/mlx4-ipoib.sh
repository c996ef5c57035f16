# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model, InfiniBand: IPoIB, and rdma_cm programs over it"
REQUIRES="module:mlx4_ib module:ib_ipoib rping ucmatose ss"
MODELS=mlx4
FULL=1
CONFIG=fast
TIMEOUT=900

has_ip() { ip -o link show "$1" | grep -q LOWER_UP; }

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/models.sh
	local port dev
	setup_mlx4_ib
	modprobe ib_ipoib || fail "The module ib_ipoib cannot be loaded."
	for port in 1 2; do
		wait_until 60 netdev_there $port || fail "Port $port of mlx4_0 has no network device after 60 s."
		dev=$(mlx4_netdev $port)
		ip addr add 10.$((port + 4)).0.1/24 dev "$dev"
		ip link set "$dev" up
		wait_until 60 has_ip "$dev" || fail "$dev has not joined its multicast group after 60 s."
	done
	both 7174 "rping -s -a 10.5.0.1 -C 20 -S 2048" "rping -c -a 10.5.0.1 -C 20 -S 2048 -V"
	both 7174 "rping -s -a 10.6.0.1 -C 20 -S 2048" "rping -c -a 10.6.0.1 -C 20 -S 2048 -V"
	both 7471 "ucmatose" "ucmatose -s 10.5.0.1"
	unload_mlx4
}
