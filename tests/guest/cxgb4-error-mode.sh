# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="cxgb4 on a device model that fails under applications: a fatal error, dead firmware, a removal; nobody waits, nothing stays mapped, the device comes back"
REQUIRES="ours module:iw_cxgb4 rping ibv_asyncwatch ib_write_bw ss verbs_app"
MODELS=cxgb4
FULL=1
TIMED=1
CONFIG=fast
TIMEOUT=1200

device_gone() { [ ! -e /sys/class/infiniband/cxgb4_0 ]; }

# since NAME REGEX: the kernel has said so since that part of the test began.
since() { dmesg | sed "1,/cxgb4-error-mode: $1\$/d" | grep -q "$2"; }

# begin NAME [MODEL-COMMAND...]: applications on a device that then fails.
begin() {
	cxgb4_works "before $1"
	count=$(attr cxgb4_0 reset_count)
	cxgb4_traffic
	slot=$(basename "$(readlink -f /sys/class/infiniband/cxgb4_0/device)")
	echo "<5>cxgb4-error-mode: $1" >/dev/kmsg
	[ $# -lt 2 ] || model "${@:2}"
	t0=$(now_ms)
}

# Everybody has been told, nothing is mapped, all applications can be ended.
ended() {
	wait_until 30 device_gone || fail "The device is still there 30 s after $1."
	echo "$1: the device is gone after $(($(now_ms) - t0)) ms."
	cxgb4_told "$1"
}

# within MS WHAT COMMAND...: it works, and takes no longer.
within() {
	local ms=$1 what=$2 pid
	shift 2
	t0=$(now_ms)
	"$@" &
	pid=$!
	wait_until 60 gone $pid || { cat /proc/$pid/stack; fail "$what takes more than 60 s."; }
	wait $pid || fail "$what does not work."
	echo "$what: $(($(now_ms) - t0)) ms."
	[ $(($(now_ms) - t0)) -le "$ms" ] || fail "$what takes more than $ms ms."
}

back() { [ "$(attr cxgb4_0 device_state 2>/dev/null)" = active ] && [ "$(attr cxgb4_0 reset_count)" = $((count + 1)) ]; }

# Everybody has been told, and the device comes back, as does Ethernet with its addresses.
restarted() { # WHAT REASON
	wait_until 60 back || fail "The device is not back 60 s after $1, but '$(attr cxgb4_0 device_state 2>/dev/null)'."
	echo "$1: the device is back after $(($(now_ms) - t0)) ms, of it error, disable, hardware, enable:" \
		"$(cd /sys/class/infiniband/cxgb4_0/reset_duration_us && cat error disable hardware enable | tr '\n' ' ')us."
	[ "$(attr cxgb4_0 reset_reason)" = "$2" ] || fail "The reason of the reset after $1 is '$(attr cxgb4_0 reset_reason)'."
	cxgb4_told "$1"
	ip addr show dev "$(cxgb4_netdev 1)" | grep -q 10.5.0.1 || fail "Ethernet has lost its addresses after $1."
}

fatal_error() {
	begin "a fatal error" fatal
	wait_until 20 since "a fatal error" 'cxgb4_0: enters error mode (device_error)' ||
		fail "A fatal error does not put the device in error mode."
	restarted "a fatal error" device_error
	cxgb4_works "after a fatal error, on ports that came back"
}

# Nothing happens by itself that the administrator does not want to.
fatal_error_and_administrator() {
	local name="a fatal error without automatic reset"
	echo 0 >/sys/class/infiniband/cxgb4_0/reset_auto_max
	begin "$name" fatal
	wait_until 20 since "$name" 'no further automatic reset' || fail "The device is reset automatically."
	[ "$(attr cxgb4_0 device_state)" = error ] || fail "The device is '$(attr cxgb4_0 device_state)' after a fatal error."
	t0=$(now_ms)
	reset_device cxgb4_0
	restarted "$name" admin
	[ "$(attr cxgb4_0 reset_auto_max)" = 0 ] || fail "A setting is lost in a restart."
}

# Each takes the adapter as it was before: nothing is used up.
many_restarts() {
	local round count
	for round in $(seq 12); do
		count=$(attr cxgb4_0 reset_count)
		model fatal
		wait_state 20 cxgb4_0 error
		reset_device cxgb4_0
		[ "$(attr cxgb4_0 reset_count)" = $((count + 1)) ] || fail "Restart $round was not counted."
	done
	cxgb4_works "after 12 restarts in a row"
	echo 3 >/sys/class/infiniband/cxgb4_0/reset_auto_max
}

# begin_dead NAME MODEL-COMMAND...: with somebody new, whose command is not answered.
begin_dead() {
	begin "$@"
	timeout 300 rping -c -a 10.6.0.1 -I 10.5.0.1 -C 1 >/tmp/new.log 2>&1 &
	waiter=$!
}

# waiter_ends WHAT MS: since $t0.
waiter_ends() {
	wait_until 100 gone $waiter || { cat /proc/$waiter/stack; fail "Who waits for a command still does 100 s after $1."; }
	echo "$1: who has waited for a command has an error after $(($(now_ms) - t0)) ms."
	[ $(($(now_ms) - t0)) -le "$2" ] || fail "Who waits for a command has no error $2 ms after $1."
}

dead_firmware() { # NAME MODEL-COMMAND...
	begin_dead "$@"
	waiter_ends "$1" 10000
	since "$1" 'cxgb4_0: enters error mode (unresponsive)' ||
		fail "Dead firmware does not put the device in error mode."
	t0=$(now_ms)
	restarted "the notice of $1" unresponsive
}

# The administrator is faster.
dead_firmware_and_administrator() {
	local name="dead firmware and an administrator" writer
	begin_dead "$name" fault firmware-dead
	sleep 2
	! gone $waiter || fail "Nobody waits for the dead firmware."
	t0=$(now_ms)
	echo 1 >/sys/class/infiniband/cxgb4_0/reset &
	writer=$!
	waiter_ends "an administrator's reset with dead firmware" 1000
	restarted "$name" admin
	wait $writer || fail "The write to reset fails, though the device is back."
}

# As an administrator would bring it back.
unload_dead() {
	within 10000 "the removal of cxgb4 after $1" modprobe -r iw_cxgb4 cxgb4
	echo 1 >"/sys/bus/pci/devices/$slot/reset" || fail "The adapter cannot be reset."
}

# Who unloads the driver waits neither for dead firmware nor for applications.
removal() { # NAME [MODEL-COMMAND...]
	begin "$@"
	within 10000 "$1" rmmod iw_cxgb4
	ended "$1"
	[ ! -e /sys/module/iw_cxgb4 ] || fail "The driver is still there."
}

test() {
	. tests/guest/lib/programs.sh
	. tests/guest/lib/reset.sh
	. tests/guest/lib/models.sh
	. tests/guest/lib/cxgb4.sh
	local t0 slot count waiter
	fatal_error
	fatal_error_and_administrator
	many_restarts
	removal "a removal"
	! since "a removal" 'adapter stopped' || fail "The removal of the RDMA driver has stopped Ethernet."
	cxgb4_works "after a removal, on ports that stayed up"
	removal "a removal with dead firmware" fault firmware-dead
	unload_dead "a removal with dead firmware"
	dead_firmware_and_administrator
	dead_firmware "dead firmware" fault firmware-dead
	dead_firmware "a crash of the firmware" crash
	cxgb4_works "after all"
	unload_cxgb4
	model stat
	cxgb4_leaves_nothing
}
