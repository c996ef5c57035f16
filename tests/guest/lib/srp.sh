# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# SRP, initiator and target in one guest, through the RDMA CM.

target=/sys/kernel/config/target

# srp_target DEVICE ADDRESS: export a file of 16 MB on port 5555.
srp_target() {
	local dev=$1 addr=$2 wwn
	modprobe -a target_core_mod target_core_file ib_srpt ib_srp sd_mod || return
	truncate -s 16M /tmp/srp.img
	mkdir -p $target/core/fileio_0/disk || return
	echo "fd_dev_name=/tmp/srp.img,fd_dev_size=16777216" >$target/core/fileio_0/disk/control
	echo 1 >$target/core/fileio_0/disk/enable || return
	mkdir -p $target/srpt
	echo 5555 >$target/srpt/discovery_auth/rdma_cm_port || return
	# The port's name: the lower half of its first GID
	wwn=$(cut -d: -f5-8 "/sys/class/infiniband/$dev/ports/1/gids/0")
	tpg=$target/srpt/$wwn/$wwn
	mkdir "$target/srpt/$wwn" "$tpg" "$tpg/lun/lun_0" || return
	ln -s $target/core/fileio_0/disk "$tpg/lun/lun_0/disk" || return
	mkdir "$tpg/acls/$addr" "$tpg/acls/$addr/lun_0" || return
	ln -s "$tpg/lun/lun_0" "$tpg/acls/$addr/lun_0/lun_0" || return
	echo 1 >"$tpg/enable"
}

srp_target_stop() {
	echo 0 >"$tpg/enable"
	rm "$tpg"/acls/*/lun_0/lun_0 "$tpg/lun/lun_0/disk" || return
	rmdir "$tpg"/acls/*/lun_0 "$tpg"/acls/* "$tpg/lun/lun_0" "$tpg" "$(dirname "$tpg")" \
		$target/core/fileio_0/disk || return
	# The module stays: its listener goes with the port
	echo 0 >$target/srpt/discovery_auth/rdma_cm_port
	rmdir $target/srpt
}

# srp_login DEVICE ADDRESS: sets $disk.
srp_login() {
	local guid
	guid=$(sed s/0x// /sys/module/ib_srpt/parameters/srpt_service_guid)
	wait_until 5 [ -e "/sys/class/infiniband_srp/srp-$1-1/add_target" ] || return
	echo "id_ext=$guid,ioc_guid=$guid,dest=$2:5555" >"/sys/class/infiniband_srp/srp-$1-1/add_target" ||
		return
	wait_until 20 srp_find_disk
}

srp_find_disk() {
	local d
	for d in /dev/sd?; do
		[ -b "$d" ] && disk=$d && return
	done
	return 1
}

srp_logout() {
	local p
	for p in /sys/class/srp_remote_ports/port-*/delete; do
		echo 1 >"$p" || return
	done
	wait_until 20 srp_gone
}

srp_gone() { ! srp_find_disk; }
