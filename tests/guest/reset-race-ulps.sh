# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="resets while ULPs are loaded and unloaded"
REQUIRES="ours module:nvme-rdma module:nvmet-rdma module:ib_srp module:ib_srpt module:ib_ipoib module:ib_iser"
FULL=1
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev i loader
	setup_both
	while :; do
		for i in nvme-rdma ib_srp ib_ipoib nvmet-rdma ib_srpt ib_iser rpcrdma ib_umad; do
			modprobe $i || echo "modprobe $i failed"
			modprobe -r $i || echo "modprobe -r $i failed"
		done
		echo round
	done >/tmp/loader 2>&1 &
	loader=$!
	for i in $(seq 15); do
		for dev in $both_devices; do
			reset_device $dev
			sleep 0.$((RANDOM % 5))
		done
	done
	wait_until 120 grep -q round /tmp/loader || fail "Not one round of loading and unloading has ended."
	kill $loader
	wait_until 30 gone $loader || fail "Loading or unloading of a ULP does not end."
	wait $loader
	! grep failed /tmp/loader || fail "A ULP could not be loaded or unloaded."
	for i in nvme-rdma ib_srp ib_ipoib nvmet-rdma ib_srpt ib_iser rpcrdma; do
		limit 60 modprobe -r $i || fail "The module $i cannot be unloaded."
	done
	for dev in $both_devices; do usable $dev; done
}
