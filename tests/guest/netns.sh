# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
DESCRIPTION="devices in network namespaces: rping between two, listeners of two on one port, resets from within, a namespace that ends with its device"
REQUIRES="ours rping ss verbs_app"
FULL=debug
OWN_BOOT=1
TIMEOUT=600

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/two-sides.sh
	local type side
	for type in rxe siw; do
		enter_namespaces
		two_sides $type || fail "The $type devices could not be set up."
		pings_of "$type, shared"
		listeners_apart
		# In shared mode anybody may use it, by its GIDs
		[ $type != rxe ] || app outsider verbs_app "$near" "$near_address"
		[ $type != rxe ] || app_must_say 60 outsider works
		namespaces_end
		apps_alive
		apps_end 0
	done
	rdma system set netns exclusive || fail "The RDMA subsystem does not become exclusive."
	for type in rxe siw; do
		enter_namespaces
		two_sides $type || fail "The $type devices could not be set up."
		for side in near far; do
			limit 30 rdma dev set "${!side}" netns $side || fail "${!side} cannot be moved to its netdev's namespace."
		done
		pings_of "$type, exclusive"
		for side in near far; do
			ip netns exec $side bash -c "echo 1 >/sys/class/infiniband/${!side}/reset" ||
				fail "${!side} cannot be reset in its namespace."
		done
		pings_of "$type, reset"
		namespaces_end
	done
	modprobe -r rdma_rxe siw || fail "The drivers cannot be unloaded."
}

# Each with a sysfs of its own
enter_namespaces() {
	wait_until 30 two_namespaces || fail "There are no network namespaces."
	near_in=(ip netns exec near) far_in=(ip netns exec far)
}

pings_of() { # TITLE
	local a
	echo "$1:"
	for a in $far_address $far_address6; do
		both 7174 "${far_in[*]} rping -s -a $a -C 10" "${near_in[*]} rping -c -a $a -C 10 -V"
	done
}

# The wildcard address is a namespace's own, on whatever device.
listeners_apart() {
	app outside stdbuf -oL rping -s -P -a 0.0.0.0 -p 7175 -d
	app_must_say 60 outside '^rdma_listen'
	pings_far && fail "A listener outside is reached in the namespace near."
	app inside "${near_in[@]}" stdbuf -oL rping -s -P -a 0.0.0.0 -p 7175 -d
	app_must_say 60 inside '^rdma_listen'
	pings_far || fail "The listener in the namespace near is not reached."
	apps_alive
	apps_end 0
}

pings_far() { timeout -k 1 20 "${far_in[@]}" rping -c -a "$near_address" -p 7175 -C 3 >/tmp/pings 2>&1; }

namespaces_end() {
	ip netns del near
	ip netns del far
	wait_until 30 device_gone "$near" || fail "$near does not go with its namespace."
	wait_until 30 device_gone "$far" || fail "$far does not go with its namespace."
}
