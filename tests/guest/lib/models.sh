# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Device models: their control sockets, and their devices.
#
#     mlx4_0 port 1 (LID 1) ──┐
#                             ├── the model's network, with a subnet administrator
#     mlx4_0 port 2 (LID 2) ──┘
#
# With link=eth the ports are Ethernet, for RoCE:
#     port 1: 10.3.0.1, fd03::1        port 2: 10.4.0.1, fd04::1
# With link=vpi each is InfiniBand until it is told to be Ethernet.

# port NAME: the device of a virtio port.
model_port() {
	local port
	port=$(grep -lx "$1" /sys/class/virtio-ports/*/name | head -n 1)
	[ -n "$port" ] || fail "There is no port $1: was the guest booted with MODELS?"
	echo "/dev/$(basename "$(dirname "$port")")"
}

# model COMMAND...: tell the model; show its answer; a refusal is a failure.
model() {
	local port line
	port=$(model_port model0) || exit 1
	exec 9<>"$port" || fail "The port $port cannot be opened."
	echo "$*" >&9
	while read -r -t 20 line <&9; do
		case $line in
		ok) exec 9>&-; return 0 ;;
		error*) exec 9>&-; fail "The model refuses '$*': $line" ;;
		esac
		printf '%s\n' "$line"
	done
	exec 9>&-
	fail "The model does not answer '$*'."
}

# monitor COMMAND ARGUMENTS: a QMP command to QEMU, its arguments in JSON.
monitor() {
	local port line
	port=$(model_port monitor) || exit 1
	exec 9<>"$port" || fail "The port $port cannot be opened."
	# Once is enough, and twice no harm
	echo '{"execute":"qmp_capabilities"}' >&9
	echo "{\"execute\":\"$1\",\"arguments\":$2,\"id\":\"test\"}" >&9
	while read -r -t 20 line <&9; do
		[[ $line == *'"id": "test"'* ]] || continue
		exec 9>&-
		[[ $line != *'"error"'* ]] || fail "QEMU refuses '$1 $2': $line"
		return 0
	done
	exec 9>&-
	fail "QEMU does not answer '$1'."
}

# aer ERROR: an error of PCI Express at the port that the device is behind.
aer() { monitor human-monitor-command "{\"command-line\":\"pcie_aer_inject_error mrp0 $1\"}"; }

# model_counter NAME: one of what 'stat' shows.
model_counter() { model stat | sed -n "s/^$1 //p"; }

# load_mapped_frames DEVICE: the module that shows what a process has mapped of it.
load_mapped_frames() {
	[ -d /sys/module/mapped_frames ] ||
		insmod "build/test-modules-$VARIANT/mapped_frames/mapped_frames.ko" ||
		fail "The module mapped_frames cannot be loaded."
	bars=$(awk '$1 != "0x0000000000000000" { print $1, $2 }' "/sys/class/infiniband/$1/device/resource")
}

# mapped_frames PID: the page frames that it has mapped of its uverbs files.
mapped_frames() {
	echo "$1" >/sys/module/mapped_frames/parameters/pid && cat /sys/kernel/debug/mapped_frames
}

# mapped_registers PID: those of them that are the device's registers.
mapped_registers() {
	local frame at start end
	for frame in $(mapped_frames "$1"); do
		at=$((16#$frame * 4096))
		while read -r start end; do
			[ $at -lt $((start)) ] || [ $at -gt $((end)) ] || echo "$frame"
		done <<<"$bars"
	done
}

port_active() { # DEVICE PORT
	grep -q ACTIVE "/sys/class/infiniband/$1/ports/$2/state" 2>/dev/null
}

# load_mlx4: the driver, until both ports are there.
load_mlx4() {
	load_stack && modprobe -a mlx4_core mlx4_ib || fail "The mlx4 driver cannot be loaded."
	wait_until 60 [ -e /sys/class/infiniband/mlx4_0 ] || fail "There is no device mlx4_0 after 60 s."
}

setup_mlx4_ib() {
	load_mlx4
	wait_until 60 port_active mlx4_0 1 && wait_until 60 port_active mlx4_0 2 ||
		fail "The ports of mlx4_0 are not active after 60 s."
}

# mlx4_works WHEN: data is transferred between its ports.
mlx4_works() {
	setup_mlx4_ib
	rdma_ops mlx4_0 1 2 >/tmp/ops.log 2>&1 || { cat /tmp/ops.log; fail "The device does not work $*."; }
	echo "ok works $*"
}

# mlx4_netdev PORT: the name of its network device.
mlx4_netdev() {
	local d
	for d in /sys/class/infiniband/mlx4_0/device/net/*; do
		[ "$(cat "$d/dev_port" 2>/dev/null)" != $(($1 - 1)) ] || basename "$d"
	done
}

# mlx4_eth_up PORT: its network device is there, up, with its addresses.
mlx4_eth_up() {
	local dev
	wait_until 60 netdev_there "$1" || fail "Port $1 of mlx4_0 has no network device after 60 s."
	dev=$(mlx4_netdev "$1")
	ip addr replace 10.$(($1 + 2)).0.1/24 dev "$dev"
	ip -6 addr replace fd0$(($1 + 2))::1/64 dev "$dev" nodad
	ip link set "$dev" up || fail "$dev cannot be set up."
}

setup_mlx4_eth() {
	load_mlx4
	modprobe mlx4_en || fail "The module mlx4_en cannot be loaded."
	mlx4_eth_up 1
	mlx4_eth_up 2
	wait_until 60 port_active mlx4_0 1 && wait_until 60 port_active mlx4_0 2 ||
		fail "The ports of mlx4_0 are not active after 60 s."
}

# reset_mlx4_eth COUNT: an administrator's reset, the COUNTth, and the addresses again.
# After lib/reset.sh.
reset_mlx4_eth() {
	# shellcheck disable=SC2154
	write_reset mlx4_0 || fail "Reset $1 failed: $reset_error."
	[ "$(attr mlx4_0 reset_count)" = "$1" ] || fail "After $1 resets reset_count is $(attr mlx4_0 reset_count)."
	setup_mlx4_eth
}

# aer_mlx4_eth: an error of PCI Express, from which the driver recovers, and the addresses
# again. After lib/reset.sh.
aer_mlx4_eth() {
	comes_back mlx4_0 "an error of PCI Express" aer DLP
	setup_mlx4_eth
}

netdev_there() { [ -n "$(mlx4_netdev "$1")" ]; }

unload_mlx4() { remove_mlx4 || fail "The mlx4 driver cannot be unloaded."; }

# restarts: how often the driver has restarted the device, with success.
restarts() { dmesg | grep -c 'mlx4_restart_one was ended, ret=0'; }

# has_restarted COUNT: more often than that.
has_restarted() { [ "$(restarts)" -gt "$1" ]; }
