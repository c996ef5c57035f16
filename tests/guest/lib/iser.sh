# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# iSCSI over RDMA (iSER), initiator and target in one guest, on rxe. The target
# listens on all addresses. It does so over TCP as well, whether one wants that
# or not, which takes the port that iWARP needs: hence not on siw.

iqn=iqn.2024-01.org.example:disk
target=/sys/kernel/config/target

# iser_target: export a file of 16 MB on port 3260.
iser_target() {
	local tpg=$target/iscsi/$iqn/tpgt_1
	modprobe -a target_core_mod target_core_file iscsi_target_mod ib_isert || return
	truncate -s 16M /tmp/iser.img
	mkdir -p $target/core/fileio_0/disk || return
	echo "fd_dev_name=/tmp/iser.img,fd_dev_size=16777216" >$target/core/fileio_0/disk/control
	echo 1 >$target/core/fileio_0/disk/enable || return
	mkdir -p $target/iscsi && mkdir -p "$tpg/lun/lun_0" "$tpg/np/0.0.0.0:3260" || return
	ln -s $target/core/fileio_0/disk "$tpg/lun/lun_0/disk" || return
	echo 0 >"$tpg/attrib/authentication"
	echo 1 >"$tpg/attrib/generate_node_acls"
	echo 1 >"$tpg/attrib/cache_dynamic_acls"
	echo 0 >"$tpg/attrib/demo_mode_write_protect"
	echo 1 >"$tpg/np/0.0.0.0:3260/iser" || return
	echo 1 >"$tpg/enable"
}

iser_target_stop() {
	local tpg=$target/iscsi/$iqn/tpgt_1
	echo 0 >"$tpg/enable"
	rm "$tpg/lun/lun_0/disk" || return
	rmdir "$tpg/np/0.0.0.0:3260" "$tpg/lun/lun_0" "$tpg" "$target/iscsi/$iqn" $target/core/fileio_0/disk
}

# iser_daemon: the initiator's half in user space.
iser_daemon() {
	modprobe -a ib_iser sd_mod || return
	mkdir -p /run/lock/iscsi /etc/iscsi
	echo "InitiatorName=iqn.2024-01.org.example:guest" >/etc/iscsi/initiatorname.iscsi
	: >/etc/iscsi/iscsid.conf
	# In a session of its own: as it ends it kills its process group
	setsid iscsid -f >/tmp/iscsid.log 2>&1 &
	iscsid_pid=$!
	wait_until 20 iscsiadm -m iface -I iser >/dev/null 2>&1
}

# iser_login ADDRESS: sets $disk. Broken connections are noticed after some seconds, and
# the initiator waits for $time2wait seconds (both sides have to agree on less than the
# default of 2) before it connects again.
time2wait=2
iser_login() {
	local set node="iscsiadm -m node -T $iqn -p $1:3260 -I iser"
	rm -rf /etc/iscsi/nodes
	limit 30 $node -o new >/dev/null || return
	echo $time2wait >"$target/iscsi/$iqn/tpgt_1/param/DefaultTime2Wait" || return
	for set in node.session.iscsi.DefaultTime2Wait=$time2wait node.conn[0].timeo.noop_out_interval=2 node.conn[0].timeo.noop_out_timeout=2 \
		node.session.timeo.replacement_timeout=300 node.session.initial_login_retry_max=2; do
		$node -o update -n "${set%%=*}" -v "${set#*=}" || return
	done
	limit 60 $node --login >/dev/null || return
	wait_until 20 iser_find_disk || { echo "no disk came with the login to $1" >&2; return 1; }
}

iser_find_disk() {
	local d
	for d in /sys/block/sd*; do
		readlink "$d" | grep -q /session && disk=/dev/${d##*/} && [ -b "$disk" ] && return
	done
	return 1
}

iser_logout() {
	limit 60 iscsiadm -m node -T $iqn --logout >/dev/null && wait_until 20 iser_gone
}

iser_gone() { ! iser_find_disk; }

# iser_model_test PORTAL COUNT COMMAND...: target and initiator on a device model that is
# set up; fio with verify, and that often COMMAND, which is told which time it is, resets
# the device under fio. After lib/fio.sh and lib/reset.sh.
iser_model_test() {
	local portal=$1 count=$2 round
	shift 2
	iser_setup
	iser_login "$portal" || { cat /tmp/iscsid.log; fail "The log-in failed."; }
	fio_disk first --rw=randwrite >/dev/null || fail "fio's verify failed."
	[ -z "$STOCK" ] || count=0
	for round in $(seq "$count"); do
		disk_across "reset $round" "$@" "$round"
	done
	iser_logout || fail "The log-out does not end."
	iser_end
}

# iser_setup, iser_end: target and initiator, on rxe0 unless there is a device already,
# before the first login and after the last logout.
iser_setup() {
	[ -n "$(ls /sys/class/infiniband)" ] || setup_rxe || fail "The device could not be set up."
	iser_target || fail "The iSER target could not be set up."
	iser_daemon || { cat /tmp/iscsid.log; fail "iscsid does not start."; }
}

iser_end() {
	kill "$iscsid_pid"
	iser_target_stop || fail "The iSER target cannot be removed."
	limit 60 modprobe -r ib_iser || fail "The module ib_iser cannot be unloaded."
	limit 60 modprobe -r ib_isert || fail "The module ib_isert cannot be unloaded."
}
