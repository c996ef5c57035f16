# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
# Two devices of one kind, with a wire in between. Both are in the first network
# namespace, unless two_namespaces is called before: rules for the routes send each
# packet over the wire that would stay at home otherwise.
#
#      host side                       far side
#     near-eth ─────────veth────────── far-eth
#        │ 10.5.0.1                       │ 10.5.0.2
#     rxe_near, siw_near              rxe_far, siw_far

near_address=10.5.0.1 far_address=10.5.0.2
near_netdev=near-eth far_netdev=far-eth
# How to enter the namespace of a side. They keep their mounts: what is in sysfs and
# configfs is that of the first one.
near_in=() far_in=()

# two_namespaces: each side is in a network namespace of its own from now on, near or far.
two_namespaces() {
	netns_pair near far || return
	near_in=(nsenter --net=/run/netns/near) far_in=(nsenter --net=/run/netns/far)
	near_netdev=eth0 far_netdev=eth0
	near_address=10.9.0.1 far_address=10.9.0.2 far_address6=fd09::2
}

# two_sides TYPE: sets $near and $far, the devices.
two_sides() {
	near=$1_near far=$1_far
	load_stack || return
	[ -n "${near_in[*]}" ] || [ -e /sys/class/net/near-eth ] || two_sides_wire || return
	"${near_in[@]}" rdma link add "$near" type "$1" netdev "$near_netdev" &&
		"${far_in[@]}" rdma link add "$far" type "$1" netdev "$far_netdev" || return
	wait_until 10 link_active "$near" || { echo "$near did not become active" >&2; return 1; }
	wait_until 10 link_active "$far" || { echo "$far did not become active" >&2; return 1; }
}

two_sides_wire() {
	ip link add near-eth type veth peer name far-eth || return
	side near-eth $near_address far-eth $far_address 51 || return
	side far-eth $far_address near-eth $near_address 52 || return
	# What comes in is for us; only then the usual: the table "local" first
	ip rule add pref 10 iif near-eth to $near_address lookup local &&
		ip rule add pref 11 iif far-eth to $far_address lookup local &&
		ip rule add pref 100 lookup local && ip rule del pref 0 lookup local
}

side() { # NETDEV ADDRESS PEER-NETDEV PEER-ADDRESS TABLE
	local key
	for key in accept_local=1 rp_filter=0 arp_ignore=0; do
		echo "${key#*=}" >"/proc/sys/net/ipv4/conf/$1/${key%=*}" || return
	done
	echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
	ip addr add "$2/24" dev "$1" && ip link set "$1" up &&
		ip neigh add "$4" lladdr "$(cat "/sys/class/net/$3/address")" dev "$1" nud permanent &&
		ip route add "$4/32" dev "$1" src "$2" table "$5" &&
		ip rule add pref "$5" from "$2" to "$4" lookup "$5"
}

device_gone() { [ ! -e "/sys/class/infiniband/$1" ]; }

two_sides_end() {
	rdma link delete "$near"
	rdma link delete "$far"
}

# nvme_over_two_sides COMMAND...: by rxe, then by siw, a disk of the far side at the
# host; COMMAND does the rest, and is told the type last. Needs lib/nvme.sh.
nvme_over_two_sides() {
	local type
	for type in rxe siw; do
		nvme_two_sides $type
		"$@" $type
		nvme_disconnect || fail "The disconnect over $type does not end."
		nvme_target_stop || fail "The NVMe target cannot be removed."
		two_sides_end || fail "$near or $far cannot be deleted."
	done
	modprobe -r nvme-rdma nvmet-rdma || fail "The NVMe modules cannot be unloaded."
}

nvme_two_sides() { # TYPE
	two_sides "$1" || fail "The $1 devices could not be set up."
	nvme_target $far_address || fail "The NVMe target could not be set up on $far."
	nvme_connect $far_address $near_address >/dev/null || fail "There is no connection from $near to $far."
}
