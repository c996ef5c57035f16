# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model that vanishes under applications: nobody waits for it, and it works when it is back"
REQUIRES="ours module:iw_cxgb4 rping ibv_asyncwatch ib_write_bw ss verbs_app"
MODELS=cxgb4
FULL=1
CONFIG=fast
TIMEOUT=600
OWN_BOOT=1

in_error() { dmesg | grep -q 'cxgb4_0: enters error mode'; }

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local t0 slot
	setup_cxgb4
	cxgb4_traffic
	slot=$(readlink -f /sys/class/infiniband/cxgb4_0/device)
	model remove
	t0=$(now_ms)
	timeout 60 sh -c "echo 1 >$slot/remove" || fail "The PCI device cannot be removed within 60 s."
	echo "The PCI device was removed $(($(now_ms) - t0)) ms after the adapter had vanished."
	in_error || fail "The device has not entered error mode."
	cxgb4_told "its adapter had vanished"
	model clear
	echo 1 >/sys/bus/pci/rescan
	cxgb4_works "after it came back"
	unload_cxgb4
}
