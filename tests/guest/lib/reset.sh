# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
# Resets, and the applications that live through them.

both_devices="rxe0 siw0"

# chosen N: a test of many combinations takes every other one of them; a run with
# the other order of clients (make check-full has both) takes the rest.
boot_order=${ORDER:-uverbs}
chosen() {
	case $boot_order in
	cma) [ $(($1 % 2)) = 1 ] ;;
	*) [ $(($1 % 2)) = 0 ] ;;
	esac
}

# setup_both: rxe0 and siw0.
setup_both() { setup_rxe && setup_siw || fail "The devices could not be set up."; }

# address DEVICE: its IPv4 address.
address() {
	case $1 in
	rxe*) echo 10.1.0.1 ;;
	*) echo 10.2.0.1 ;;
	esac
}

# netdev_of DEVICE
netdev_of() { echo "${1%%[0-9]*}-eth0"; }

# attr DEVICE FILE: what a file of the device says.
attr() { cat "/sys/class/infiniband/$1/$2"; }

# knob DEVICE FILE VALUE: break a device.
knob() {
	local dir=/sys/kernel/debug/infiniband/$1
	[ -d "$dir" ] || skip "this kernel has no fault knobs"
	echo "$3" >"$dir/$2" || fail "The fault knob $2 of $1 does not take '$3'."
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

is_state() { [ "$(attr "$1" device_state 2>/dev/null)" = "$2" ]; }

# reset_counted DEVICE COUNT: it is there, and has been reset more often than that.
reset_counted() { [ "$(attr "$1" reset_count 2>/dev/null || echo 0)" -gt "$2" ]; }

# comes_back DEVICE CAUSE COMMAND...: COMMAND breaks the device, which is back by itself.
comes_back() {
	local dev=$1 cause=$2 count
	shift 2
	count=$(attr "$dev" reset_count)
	"$@"
	wait_until 60 reset_counted "$dev" "$count" || fail "$dev is not back 60 s after $cause."
}

# wait_state SECONDS DEVICE STATE
wait_state() {
	wait_until "$1" is_state "$2" "$3" ||
		fail "$2 is '$(attr "$2" device_state 2>/dev/null)' and not '$3' after $1 s."
}

# write_reset DEVICE [VALUE]: write once. The error's text lands in $reset_error,
# the time in $reset_ms. A write that does not come back is a failure.
write_reset() {
	local file=/sys/class/infiniband/$1/reset t0 pid rc=0
	t0=$(now_ms)
	echo "${2-1}" >/tmp/reset.value
	# dd rather than the shell's echo: one write, its error as it is
	dd if=/tmp/reset.value of="$file" bs=64 conv=notrunc status=none 2>/tmp/reset.error &
	pid=$!
	wait_until 100 gone $pid || {
		echo "blocked in:"
		cat /proc/$pid/stack
		fail "The write to $file is not back after 100 s; the state is '$(attr "$1" device_state)'."
	}
	wait $pid || rc=$?
	reset_ms=$(($(now_ms) - t0))
	reset_error=$(sed -n 's/.*: //p' /tmp/reset.error | tail -n 1)
	return $rc
}

# reset_device DEVICE: it must work.
reset_device() {
	local before
	before=$(attr "$1" reset_count) || fail "$1 has no file reset_count."
	write_reset "$1" || fail "The reset of $1 failed: $reset_error."
	is_state "$1" active || fail "$1 is '$(attr "$1" device_state)' after its reset, and not active."
	[ "$(attr "$1" reset_count)" -gt "$before" ] || fail "The reset of $1 was not counted."
	wait_until 10 link_active "$1" || fail "The port of $1 is not active after the reset."
}

# as_fast_as_ever: of the resets' times in /tmp/times the least of the last ten is not much
# more than that of the first ten. The least has no accidents in it.
as_fast_as_ever() {
	local first last
	first=$(head -n 10 /tmp/times | sort -n | head -n 1)
	last=$(tail -n 10 /tmp/times | sort -n | head -n 1)
	echo "$(wc -l </tmp/times) resets: $(sort -n /tmp/times | sed -n '1p;$p' | paste -sd- -) ms; the least of the first ten $first ms, of the last ten $last ms"
	[ "$last" -le $((first * 3 / 2 + 50)) ] || fail "The last resets take longer than the first: $last ms, and not $first ms."
}

# refused DEVICE VALUE ERROR: this write must fail so.
refused() {
	write_reset "$1" "$2" && fail "The value '$2' was accepted by the file reset of $1."
	[ "$reset_error" = "$3" ] ||
		fail "The value '$2' for the file reset of $1 gives '$reset_error' and not '$3'."
}

#
# Applications in the background
#

app_names=() app_pids=() app_commands=()

# app NAME COMMAND...: start it; what it says is in /tmp/app.NAME.
app() {
	local name=$1
	shift
	"$@" >"/tmp/app.$name" 2>&1 </dev/null &
	app_names+=("$name") app_pids+=($!) app_commands+=("${*@Q}")
}

# app_again NAME: end it and start it anew, with the command that it had.
app_again() {
	local i name=$1
	for i in "${!app_names[@]}"; do
		[ "${app_names[i]}" = "$name" ] || continue
		gone "${app_pids[i]}" || kill -TERM "${app_pids[i]}"
		wait_until 20 gone "${app_pids[i]}" || fail "The application $name does not end."
		eval "set -- ${app_commands[i]}"
		"$@" >"/tmp/app.$name" 2>&1 </dev/null &
		app_pids[i]=$!
		return
	done
	fail "There is no application $name."
}

# app_connected PORT SERVER CLIENT: perftest's programs, one of which may have been
# rejected as the other listened for parameters, and not yet for the connection (it
# tries again then, and crashes): both begin anew.
app_connected() {
	local i
	for i in 1 2 3 4 5; do
		app_says "$3" RDMA_CM_EVENT_REJECTED || return 0
		echo "    $3: attempt $i was rejected"
		app_again "$2"
		wait_until 60 listening "$1" || fail "$2 does not listen on port $1."
		app_again "$3"
		sleep 3
	done
	sed "s/^/    $3: /" "/tmp/app.$3"
	fail "The application $3 is rejected by $2."
}

app_says() { grep -q -- "$2" "/tmp/app.$1"; }

# app_must_say SECONDS NAME REGEX
app_must_say() {
	wait_until "$1" app_says "$2" "$3" && return
	sed "s/^/    $2: /" "/tmp/app.$2"
	fail "The application $2 does not say '$3' within $1 s."
}

# apps_alive: all applications run, before anything happens to them.
apps_alive() {
	local i
	for i in "${!app_pids[@]}"; do
		gone "${app_pids[i]}" || continue
		sed "s/^/    ${app_names[i]}: /" "/tmp/app.${app_names[i]}"
		fail "The application ${app_names[i]} has ended before its time."
	done
}

# apps_end SECONDS: give them that long to end by themselves, ask the others to
# end. All must; none may have been killed by anybody else.
apps_end() {
	local i rc asked end=$((SECONDS + $1)) left='' how
	for i in "${!app_pids[@]}"; do
		while ! gone "${app_pids[i]}" && [ $SECONDS -lt $end ]; do sleep 0.1; done
	done
	for i in "${!app_pids[@]}"; do
		asked=''
		gone "${app_pids[i]}" || asked=1
		[ -z "$asked" ] || kill -TERM "${app_pids[i]}"
		wait_until 20 gone "${app_pids[i]}" || {
			left="$left ${app_names[i]}"
			cat "/proc/${app_pids[i]}/stack"
			continue
		}
		rc=0
		wait "${app_pids[i]}" || rc=$?
		how="ended by itself with status $rc"
		[ -z "$asked" ] || how="lived on, ended when it was asked to (status $rc)"
		echo "    ${app_names[i]}: $how"
		# 128 and a signal's number, 15 being ours; rping ends with 255 by itself
		[ $rc -le 128 ] || [ $rc -gt 192 ] || [ $rc = 143 ] || {
			sed "s/^/    ${app_names[i]}: /" "/tmp/app.${app_names[i]}"
			fail "The application ${app_names[i]} was killed by signal $((rc - 128))."
		}
	done
	[ -z "$left" ] || fail "Applications that do not end:$left."
	app_names=() app_pids=() app_commands=()
}

# usable DEVICE: traffic by somebody new.
usable() {
	local a
	a=$(address "$1")
	both 7174 "rping -s -a $a -C 3" "rping -c -a $a -C 3 -V"
}

# churn_start DEVICE MODE, churn_stop
churn_start() {
	churn "$1" "$(address "$1")" "$2" >/tmp/churn.log 2>&1 &
	churn_pid=$!
}

churn_stop() {
	local rc=0
	kill -TERM "$churn_pid" || fail "churn has died."
	wait_until 60 gone "$churn_pid" || {
		cat "/proc/$churn_pid/stack"
		fail "churn does not end."
	}
	wait "$churn_pid" || rc=$?
	sed 's/^/    churn: /' /tmp/churn.log
	[ $rc = 0 ] || fail "churn: $(tail -n 1 /tmp/churn.log) (status $rc)"
}

# unload_with_users MODULE...: them, and first whatever uses them.
unload_with_users() {
	local module user
	for module; do
		for user in /sys/module/"$module"/holders/*; do
			[ ! -e "$user" ] || unload_with_users "${user##*/}" || return
		done
		# It may have gone as something that was used by the last one
		[ ! -d "/sys/module/$module" ] || modprobe -r "$module" || return
	done
}

# restack ORDER: all modules of the stack out, so that the next setup
# registers its clients in that order (uverbs or cma first).
restack() {
	teardown
	unload_with_users rdma_rxe siw ib_umad rdma_cm ib_uverbs || fail "The RDMA stack cannot be unloaded."
	[ ! -e /sys/module/ib_uverbs ] && [ ! -e /sys/module/rdma_cm ] ||
		fail "ib_uverbs or rdma_cm is still loaded."
	export ORDER=$1
}
