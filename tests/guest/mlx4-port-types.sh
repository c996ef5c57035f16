# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="mlx4 on a device model, ports that can be InfiniBand or Ethernet: the type that an administrator gave a port outlives resets and errors"
REQUIRES="ours module:mlx4_ib module:mlx4_en rping ss"
MODELS=mlx4:link=vpi
FULL=1
CONFIG=fast
TIMEOUT=900

sys=/sys/class/infiniband/mlx4_0

# write_type PORT VALUE: the error's text lands in $type_error.
write_type() {
	type_error=$( { echo "$2" >"$pci/mlx4_port$1"; } 2>&1) && return
	type_error=${type_error##*: }
	return 1
}

set_type() {
	write_type "$1" "$2" || fail "The type $2 for port $1 is refused: $type_error."
	wait_until 60 [ -e $sys ] || fail "There is no device mlx4_0 60 s after port $1 has become $2."
	[ "$(echo /sys/class/infiniband/mlx4_*)" = $sys ] || fail "There is another device than mlx4_0."
}

device_index() { rdma dev show mlx4_0 | sed -n 's/^\([0-9]*\):.*/\1/p'; }

# refuses VALUE...: nothing happens.
refuses() {
	local value before
	before="$(cat "$pci/mlx4_port1") $(device_index)"
	for value; do
		! write_type 1 "$value" || fail "The type '$value' was accepted."
		[ "$type_error" = "Invalid argument" ] || fail "The type '$value' gives '$type_error'."
	done
	[ "$(cat "$pci/mlx4_port1") $(device_index)" = "$before" ] || fail "A refused type changes port 1 or its device."
}

# is PORT ib|eth WHAT WHEN: sysfs says WHAT, the RDMA device and the adapter have that
# type, and data is transferred.
is() {
	local port=$1 layer=InfiniBand a
	[ "$2" = ib ] || layer=Ethernet
	[ "$(cat "$pci/mlx4_port$port")" = "$3" ] ||
		fail "The type of port $port is '$(cat "$pci/mlx4_port$port")' and not '$3' $4."
	[ "$(attr mlx4_0 "ports/$port/link_layer")" = $layer ] ||
		fail "The link layer of port $port is $(attr mlx4_0 "ports/$port/link_layer") and not $layer $4."
	[ "$2" = ib ] || mlx4_eth_up "$port"
	wait_until 60 port_active mlx4_0 "$port" || fail "Port $port is not active $4."
	[ "$(model_counter "port$port")" = "$2" ] || fail "The adapter was told another type of port $port than $2 $4."
	if [ "$2" = ib ]; then
		! netdev_there "$port" || fail "The InfiniBand port $port has the network device $(mlx4_netdev "$port") $4."
		rdma_ops mlx4_0 "$port" "$port" >/tmp/ops.log 2>&1 || { cat /tmp/ops.log; fail "Port $port does not work $4."; }
	else
		for a in 10.$((port + 2)).0.1 fd0$((port + 2))::1; do
			both 7174 "rping -s -a $a -C 20 -S 2048" "rping -c -a $a -C 20 -S 2048 -V"
		done
	fi
	echo "ok port $port is $3 $4"
}

by_reset() { write_reset mlx4_0 || fail "The reset failed: $reset_error."; }
by_error() { comes_back mlx4_0 "a catastrophic error" model catas; }

# stays TYPE WHAT: port 1 is that over a reset, and over an error. The device that comes
# back is the same to its administrator, and registered but once: a second one would
# begin with a count of 0 and the settings of a new one.
stays() {
	local how before n restarted
	for how in by_reset by_error; do
		echo 4711 >$sys/drain/stall_ms
		before=$(attr mlx4_0 node_guid)
		n=$(attr mlx4_0 reset_count) restarted=$(restarts)
		$how
		wait_until 60 has_restarted "$restarted" || fail "The driver has not restarted the device ($how)."
		is 1 "$1" "$2" "after $how"
		is 2 ib ib "after $how"
		[ "$(echo /sys/class/infiniband/mlx4_*)" = $sys ] || fail "There is another device than mlx4_0 after $how."
		[ "$(attr mlx4_0 node_guid)" = "$before" ] || fail "mlx4_0 has another GUID after $how."
		[ "$(attr mlx4_0 reset_count)" = $((n + 1)) ] || fail "reset_count was $n, and is $(attr mlx4_0 reset_count) after $how."
		[ "$(attr mlx4_0 drain/stall_ms)" = 4711 ] || fail "The device's settings are lost after $how."
	done
}

# dies_while_set TYPE: port 1 is to become that when the firmware has died. The device is
# restarted, and has that type then.
dies_while_set() {
	local restarted
	restarted=$(restarts)
	model fault firmware-dead
	write_type 1 "$1" || echo "the write: $type_error"
	wait_until 120 has_restarted "$restarted" ||
		fail "The driver has not restarted the device that died when port 1 was to become $1."
	wait_until 60 [ -e $sys ] || fail "There is no device mlx4_0 after its firmware died."
	is 1 "$1" "$1" "when the firmware died meanwhile"
	is 2 ib ib "when the firmware died meanwhile"
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	ip link set lo up
	setup_mlx4_ib
	modprobe mlx4_en || fail "The module mlx4_en cannot be loaded."
	pci=$(readlink -f $sys/device)
	is 1 ib ib "at first"
	is 2 ib ib "at first"
	refuses token-ring ETH "eth eth"

	set_type 1 eth
	is 1 eth eth "when it was set"
	is 2 ib ib "beside Ethernet"
	stays eth eth
	refuses token-ring
	# The adapter does not sense: it stays what it is, and says so
	set_type 1 auto
	stays eth "auto (eth)"

	set_type 1 ib
	is 1 ib ib "when it was set back"
	stays ib ib
	dies_while_set eth
	dies_while_set ib
	mlx4_works "between its ports again"

	model stat
	[ "$(model_counter bad_dma)" = 0 ] || fail "The driver gave the device addresses where no memory is."
	unload_mlx4
	[ "$(model_counter icm_pages)" = 0 ] || fail "The driver left ICM pages mapped behind it."
}
