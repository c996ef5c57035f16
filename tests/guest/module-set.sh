# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="the module set on a distribution's kernel: all load, with the right versions; what that kernel knows of a device is true"
REQUIRES="ours"
CONFIG=distro
TIMEOUT=900

updates=/lib/modules/$(uname -r)/updates/rdma-reset

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	[ -d "$updates" ] || fail "There is no $updates."
	dmesg -C
	load_all
	! dmesg | grep -E 'disagrees about version|Unknown symbol|no symbol version' ||
		fail "Modules and kernel do not fit (above)."
	setup_rxe && setup_siw || fail "The devices could not be set up."
	debug_names siw siw0
	debug_names rdma_rxe rxe0
}

# load_all: each module of the set, from where it was installed.
load_all() {
	local file name error n=0
	while read -r file; do
		name=${file##*/}
		name=${name%%.ko*}
		[ "$(modinfo -n "$name")" = "$file" ] || fail "modprobe takes $(modinfo -n "$name") for $name, not $file."
		# Without its hardware a driver may refuse, after it has been linked.
		if ! error=$(modprobe "$name" 2>&1); then
			case $error in
			*"No such device"*|*"Operation not permitted"*) echo "$name: linked; ${error##*: }" ;;
			*) fail "The module $name does not load: $error" ;;
			esac
		fi
		n=$((n + 1))
	done < <(find "$updates" -name '*.ko*')
	[ $n -gt 10 ] || fail "There are only $n modules in $updates."
	echo "$n modules loaded"
}

# debug_names MODULE DEVICE: dynamic debug, a part of the kernel that is not replaced,
# reads a device's name. A structure that has moved below it shows here.
debug_names() {
	local control=/sys/kernel/debug/dynamic_debug/control
	[ -w $control ] || fail "This kernel has no $control."
	echo "module $1 +p" >$control
	dmesg -C
	both 7174 "rping -s -a $(address "$2") -C 1" "rping -c -a $(address "$2") -C 1"
	rdma link delete "$2"
	echo "module $1 -p" >$control
	dmesg | grep -q "$2: " || {
		dmesg | tail -n 20
		fail "No debug message of $1 names its device $2 (above)."
	}
	echo "$(dmesg | grep -c "$2: ") debug messages name $2"
}
