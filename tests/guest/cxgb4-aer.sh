# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model behind a port that reports a fatal error of PCI Express: error mode, and the device comes back under applications"
REQUIRES="ours module:iw_cxgb4 rping ibv_asyncwatch ib_write_bw ss verbs_app"
MODELS=cxgb4
CONFIG=fast
TIMEOUT=600
OWN_BOOT=1

says() { dmesg | grep -q "$1"; }

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local t0
	says 'AER: enabled' || skip "this kernel does not see errors of PCI Express"
	setup_cxgb4
	echo 4711 >/sys/class/infiniband/cxgb4_0/drain/stall_ms
	cxgb4_traffic
	aer DLP
	t0=$(now_ms)
	wait_until 20 says 'cxgb4_0: enters error mode (pci_error)' ||
		fail "An error of PCI Express does not put the device in error mode."
	wait_until 60 says 'device recovery successful' || fail "The driver has not recovered after 60 s."
	echo "The driver has recovered $(($(now_ms) - t0)) ms after the error."
	wait_state 20 cxgb4_0 active
	[ "$(attr cxgb4_0 reset_count) $(attr cxgb4_0 reset_reason)" = "1 pci_error" ] ||
		fail "After the recovery reset_count is $(attr cxgb4_0 reset_count), reset_reason '$(attr cxgb4_0 reset_reason)'."
	[ "$(attr cxgb4_0 drain/stall_ms)" = 4711 ] || fail "The settings of the device are lost in the recovery."
	cxgb4_told "an error of PCI Express"
	cxgb4_rping
	unload_cxgb4
}
