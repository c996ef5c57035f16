# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The cxgb4 model: one iWARP device over two ports. Sourced after lib/models.sh.
#
#     cxgb4_0 port 1: 10.5.0.1, fd05::1 ──┐
#                                         ├── TCP, both ends in the model
#     cxgb4_0 port 2: 10.6.0.1, fd06::1 ──┘

# cxgb4_netdev PORT: the name of its network device.
cxgb4_netdev() {
	local d
	for d in /sys/bus/pci/drivers/cxgb4/0000:*/net/*; do
		[ "$(cat "$d/dev_port" 2>/dev/null)" != $(($1 - 1)) ] || basename "$d"
	done
}

cxgb4_netdev_there() { [ -n "$(cxgb4_netdev "$1")" ]; }

cxgb4_netdev_up() { [ "$(cat "/sys/class/net/$(cxgb4_netdev "$1")/carrier" 2>/dev/null)" = 1 ]; }

# The RDMA driver comes once the ports are up: the queues are set up by then.
setup_cxgb4() {
	local port dev
	load_stack && modprobe cxgb4 || fail "The cxgb4 driver cannot be loaded."
	for port in 1 2; do
		wait_until 60 cxgb4_netdev_there $port || fail "Port $port of cxgb4 has no network device after 60 s."
		dev=$(cxgb4_netdev $port)
		ip addr add 10.$((port + 4)).0.1/24 dev "$dev"
		ip -6 addr add fd0$((port + 4))::1/64 dev "$dev" nodad
		ip link set "$dev" up || fail "$dev cannot be set up."
		wait_until 60 cxgb4_netdev_up $port || fail "The link of $dev is not up after 60 s."
	done
	# Both ends are this host's: nobody answers its own question for the other's address
	cxgb4_neighbours 1 2 && cxgb4_neighbours 2 1 || fail "The neighbours of cxgb4 cannot be set."
	modprobe iw_cxgb4 || fail "The iw_cxgb4 driver cannot be loaded."
	wait_until 60 port_active cxgb4_0 1 && wait_until 60 port_active cxgb4_0 2 ||
		fail "The ports of cxgb4_0 are not active after 60 s."
}

cxgb4_neighbours() { # PORT PEER-PORT
	local dev peer
	dev=$(cxgb4_netdev "$1") peer=$(cat "/sys/class/net/$(cxgb4_netdev "$2")/address")
	ip neigh replace 10.$(($2 + 4)).0.1 lladdr "$peer" dev "$dev" nud permanent &&
		ip -6 neigh replace fd0$(($2 + 4))::1 lladdr "$peer" dev "$dev" nud permanent
}

unload_cxgb4() { remove_cxgb4 || fail "The cxgb4 driver cannot be unloaded."; }

# leaves_nothing: what the driver has taken of the adapter it has given back.
cxgb4_leaves_nothing() {
	local what
	for what in bad_dma cq_overflows tids stags; do
		[ "$(model_counter $what)" = 0 ] || fail "$(model_counter $what) $what are left."
	done
}
