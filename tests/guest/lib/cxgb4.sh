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
		ip addr replace 10.$((port + 4)).0.1/24 dev "$dev"
		ip -6 addr replace fd0$((port + 4))::1/64 dev "$dev" nodad
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

cxgb4_in_rts() { [ "$(rdma resource show qp 2>/dev/null | grep cxgb4_0 | grep -c 'state RTS')" -ge "$1" ]; }

# cxgb4_rping: data is transferred between its ports, as they are.
cxgb4_rping() {
	both 7174 "rping -s -a 10.6.0.1 -C 20 -S 1000" "rping -c -a 10.6.0.1 -I 10.5.0.1 -C 20 -S 1000 -V"
}

# cxgb4_works WHEN: the same, set up anew.
cxgb4_works() {
	setup_cxgb4
	cxgb4_rping
	echo "ok works $*"
}

# cxgb4_fatal_error: the adapter fails, and its device comes back. After lib/reset.sh.
cxgb4_fatal_error() { comes_back cxgb4_0 "a fatal error" model fatal; }

# cxgb4_pci_error: an error of PCI Express, from which the driver recovers. After
# lib/reset.sh.
cxgb4_pci_error() { comes_back cxgb4_0 "an error of PCI Express" aer DLP; }

# cxgb4_traffic: applications on the device, after lib/reset.sh and lib/programs.sh.
# Some wait for events, some poll; each keeps the device's registers mapped.
cxgb4_traffic() {
	app asyncwatch ibv_asyncwatch -d cxgb4_0
	app rping-server rping -s -a 10.6.0.1 -C 1000000000
	wait_until 20 listening 7174 || fail "rping does not listen."
	app rping-client rping -c -a 10.6.0.1 -I 10.5.0.1 -C 1000000000
	app write-server ib_write_bw -R -F -D 3000 -p 18515 -d cxgb4_0
	wait_until 20 listening 18515 || fail "ib_write_bw does not listen."
	sleep 3
	app write-client ib_write_bw -R -F -D 3000 -p 18515 -d cxgb4_0 10.6.0.1
	app verbs verbs_app cxgb4_0 10.5.0.1
	app_must_say 60 verbs works
	app_must_say 60 asyncwatch "async event FD"
	app_connected 18515 write-server write-client
	wait_until 60 cxgb4_in_rts 6 || { rdma resource show qp; fail "The applications do not connect."; }
	apps_alive
	load_mapped_frames cxgb4_0
	[ -n "$(cxgb4_registers)" ] || fail "The applications have mapped no registers of the device."
}

# cxgb4_registers: which application has mapped registers of the device, and how many
# pages; but verbs_app, which maps those of the device that comes back.
cxgb4_registers() {
	local i n
	for i in "${!app_pids[@]}"; do
		[ "${app_names[i]}" != verbs ] || continue
		n=$(mapped_registers "${app_pids[i]}" | wc -l)
		[ "$n" = 0 ] || echo "${app_names[i]}: $n"
	done
}

# cxgb4_left_pages: which application sees more than the one page that each of its
# contexts has in place of all that it had mapped.
cxgb4_left_pages() {
	local i n
	for i in "${!app_pids[@]}"; do
		[ "${app_names[i]}" != verbs ] || continue
		n=$(mapped_frames "${app_pids[i]}" | sort -u | wc -l)
		[ "$n" -le 2 ] || echo "${app_names[i]}: $n"
	done
}

# cxgb4_told WHAT: each application has heard of the error, and has nothing left of
# the device.
cxgb4_told() {
	app_must_say 20 verbs IBV_EVENT_DEVICE_FATAL
	app_must_say 20 verbs 'Input/output error'
	app_must_say 20 asyncwatch IBV_EVENT_DEVICE_FATAL
	! cxgb4_registers | grep . || fail "Registers of the device (above) are still mapped after $1."
	! cxgb4_left_pages | grep . || fail "Pages of queues (above) are still mapped after $1."
	apps_end 5
}
