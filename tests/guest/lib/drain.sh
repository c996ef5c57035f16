# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Drains of real queue pairs by the module drain_matrix, and the drain's counters.

# drain_counter DEVICE NAME
drain_counter() { cat "/sys/class/infiniband/$1/drain/$2"; }

drain_module() {
	[ -d /sys/kernel/debug/drain_matrix ] ||
		insmod "build/test-modules-$VARIANT/drain_matrix/drain_matrix.ko"
}

# drain_case CASE DEVICE ADDRESS [OPTION...]: run the cases of that name.
drain_case() {
	local case=$1 dev=$2 addr=$3 dir=/sys/kernel/debug/drain_matrix
	shift 3
	drain_module || fail "The module drain_matrix cannot be loaded."
	# Generous: emulated processors stop for seconds at times.
	echo "case=$case dev=$dev addr=$addr limit=20000 $*" >$dir/run ||
		fail "The cases '$case' could not be run on $dev, $addr."
	echo "$case on $dev, $addr:"
	cat $dir/result
	! grep '^not ok' $dir/result >&2 || fail "$(tail -n 1 $dir/result) ($case on $dev, $addr)"
}

# drain_on_both CASE [OPTION...]: on rxe0 and siw0, IPv4 and IPv6.
drain_on_both() {
	local case=$1
	shift
	setup_rxe && setup_siw || fail "The devices could not be set up."
	drain_case "$case" rxe0 10.1.0.1 "$@"
	drain_case "$case" siw0 10.2.0.1 "$@"
	drain_case "$case" rxe0 fd01::1 "$@"
	drain_case "$case" siw0 fd02::1 "$@"
}

drain_module_unload() { rmmod drain_matrix || fail "The module drain_matrix cannot be unloaded."; }
