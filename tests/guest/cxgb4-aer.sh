# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model: a fatal error of PCI Express, and a device that vanishes, under applications; nobody waits, the device comes back"
REQUIRES="ours module:iw_cxgb4 rping ibv_asyncwatch ib_write_bw ss verbs_app"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=900
OWN_BOOT=1

# since REGEX: the kernel has said so since this part of the test began.
since() { dmesg | sed "1,/cxgb4-aer: $part\$/d" | grep -q "$1"; }

begin() { # PART
	part=$1
	setup_cxgb4
	cxgb4_traffic
	slot=$(readlink -f /sys/class/infiniband/cxgb4_0/device)
	echo "<5>cxgb4-aer: $part" >/dev/kmsg
	t0=$(now_ms)
}

in_error() {
	wait_until 20 since 'cxgb4_0: enters error mode (pci_error)' ||
		fail "The device does not enter error mode, with $part."
}

# The driver's own recovery: another RDMA device, on the same Ethernet ports.
aer_recovery() {
	begin "an error of PCI Express"
	aer DLP
	in_error
	wait_until 60 since 'Detach\|device recovery successful' || fail "The driver has not recovered 60 s after $part."
	echo "$part: recovered after $(($(now_ms) - t0)) ms."
	cxgb4_told "$part"
	wait_until 30 [ -e /sys/class/infiniband/cxgb4_0 ] || fail "There is no device 30 s after the recovery."
	works "after $part"
}

vanished() {
	begin "a device that vanishes"
	model remove
	timeout 60 sh -c "echo 1 >$slot/remove" || fail "The PCI device cannot be removed within 60 s."
	echo "$part: removed after $(($(now_ms) - t0)) ms."
	in_error
	cxgb4_told "$part"
	model clear
	echo 1 >/sys/bus/pci/rescan
	works "after $part"
}

works() {
	setup_cxgb4
	both 7174 "rping -s -a 10.6.0.1 -C 20 -S 1000" "rping -c -a 10.6.0.1 -I 10.5.0.1 -C 20 -S 1000 -V"
	echo "ok works $*"
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local t0 part slot
	aer_recovery
	vanished
	unload_cxgb4
}
