# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# NVMe over RDMA, host and target in one guest, for the tests that use it. They run in
# the network namespaces of two-sides.sh, where that is used.

nqn=nqn.2024-01.org.example:drain
cfs=/sys/kernel/config/nvmet

# nvme_target ADDRESS...: export a RAM disk of 16 MB on port 4420 of each.
nvme_target() {
	local a n=1
	modprobe -a nvmet-rdma nvme-rdma || return
	modprobe brd rd_nr=1 rd_size=16384 || return
	wait_until 5 [ -b /dev/ram0 ] || return
	mkdir -p "$cfs/subsystems/$nqn/namespaces/1" || return
	echo 1 >"$cfs/subsystems/$nqn/attr_allow_any_host"
	echo /dev/ram0 >"$cfs/subsystems/$nqn/namespaces/1/device_path"
	echo 1 >"$cfs/subsystems/$nqn/namespaces/1/enable" || return
	for a in "$@"; do
		mkdir "$cfs/ports/$n" || return
		case $a in
		*:*) echo ipv6 ;;
		*) echo ipv4 ;;
		esac >"$cfs/ports/$n/addr_adrfam"
		echo rdma >"$cfs/ports/$n/addr_trtype"
		echo 4420 >"$cfs/ports/$n/addr_trsvcid"
		echo "$a" >"$cfs/ports/$n/addr_traddr"
		"${far_in[@]}" ln -s "$cfs/subsystems/$nqn" "$cfs/ports/$n/subsystems/$nqn" || return
		n=$((n + 1))
	done
}

nvme_target_stop() {
	local p
	for p in "$cfs"/ports/*; do
		rm -f "$p/subsystems/$nqn"
		rmdir "$p" || return
	done
	echo 0 >"$cfs/subsystems/$nqn/namespaces/1/enable"
	rmdir "$cfs/subsystems/$nqn/namespaces/1" "$cfs/subsystems/$nqn"
}

# nvme_connect ADDRESS [FROM]: sets $disk.
nvme_connect() {
	limit 30 "${near_in[@]}" nvme connect -t rdma -a "$1" -s 4420 -n "$nqn" -i 2 ${2:+-w "$2"} \
		--hostnqn=nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555 \
		--hostid=11111111-2222-3333-4444-555555555555 || return
	wait_until 10 nvme_find_disk || { echo "no disk came with the connection to $1" >&2; return 1; }
}

nvme_find_disk() {
	local d
	for d in /dev/nvme*n1; do
		[ -b "$d" ] && disk=$d && return
	done
	return 1
}

# same_disk DISK DISKSEQ: the block device is the one that it was.
same_disk() {
	nvme_find_disk || return
	[ "$disk" = "$1" ] && [ "$(cat "/sys/block/${disk##*/}/diskseq")" = "$2" ]
}

nvme_disconnect() {
	limit 30 nvme disconnect -n "$nqn" >/dev/null &&
		wait_until 10 nvme_gone
}

nvme_gone() { ! nvme_find_disk; }
