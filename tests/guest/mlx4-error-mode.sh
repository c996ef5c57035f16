# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="mlx4 on a device model that hangs: a stalled drain and a removal put it in error mode, where nobody waits for it"
REQUIRES="ours module:mlx4_ib"
MODELS=mlx4
CONFIG=fast
TIMEOUT=600

# Flush completions never come: the drain's own watch takes the device down.
stalled_drain() {
	local before dir=/sys/class/infiniband/mlx4_0/drain ms
	before=$(restarts)
	echo 1000 >$dir/stall_ms
	echo error >$dir/stall_policy
	drain_module || fail "The module drain_matrix cannot be loaded."
	model fault flush-stall
	# Its later queue pairs find no device any more, which it calls a failure.
	(drain_case loads mlx4_0 0.0.0.0 ctx=workqueue limit=60000) >/tmp/drain.log 2>&1 || true
	cat /tmp/drain.log
	! grep -q hangs /tmp/drain.log || fail "A drain hangs on a device in error mode."
	ms=$(sed -n 's/^ok .*, \([0-9]*\) ms$/\1/p' /tmp/drain.log | sort -n | tail -n 1)
	[ "${ms:-0}" -ge 1000 ] || fail "No drain has waited for the stalled flush (longest: ${ms:-none} ms)."
	[ "$ms" -lt 20000 ] || fail "The stalled drain has ended after $ms ms only."
	dmesg | grep -q 'mlx4_0: enters error mode (drain_stall)' || fail "The device was not put in error mode."
	wait_until 60 has_restarted "$before" || fail "The driver has not restarted the device."
	drain_module_unload
	mlx4_works "after a stalled drain"
}

# Commands are never answered: who removes the device does not wait a minute.
removal_with_dead_firmware() {
	local slot driver=/sys/bus/pci/drivers/mlx4_core t0 pid
	slot=$(basename "$(readlink -f /sys/class/infiniband/mlx4_0/device)")
	model fault firmware-dead
	t0=$(now_ms)
	sh -c "echo $slot >$driver/unbind" &
	pid=$!
	wait_until 50 gone $pid || { cat /proc/$pid/stack; fail "The driver does not let go of the device within 50 s."; }
	echo "Removed $(($(now_ms) - t0)) ms after the firmware's death."
	dmesg | grep -q 'mlx4_0: enters error mode (removal)' || fail "The device was not put in error mode."
	model clear
	echo "$slot" >$driver/bind || fail "The driver does not take the device again."
	mlx4_works "after a removal with dead firmware"
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/drain.sh
	. tests/guest/lib/models.sh
	setup_mlx4_ib
	stalled_drain
	removal_with_dead_firmware
	unload_mlx4
}
