# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Many resets in a row under load, and what they must not leave behind.

# rping_again ADDRESS: a server and a client, started anew whenever they end.
# shellcheck disable=SC2046
rping_again() {
	trap 'kill $(jobs -p) 2>/dev/null; exit 0' TERM
	while :; do
		nice rping -s -a "$1" -p 7300 -S 4000 >/dev/null 2>&1 &
		sleep 0.2
		nice rping -c -a "$1" -p 7300 -S 4000 >/dev/null 2>&1 &
		wait -n
		echo again
		kill $(jobs -p) 2>/dev/null
		wait
	done
}

# held: what the kernel holds, as numbers that must not grow with resets:
# slab in kB, open files, resources of the device.
held() { # DEVICE
	echo 3 >/proc/sys/vm/drop_caches
	echo "slab $(awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo)"
	echo "vmalloc $(awk '/^VmallocUsed:/ { print $2 }' /proc/meminfo)"
	echo "percpu $(awk '/^Percpu:/ { print $2 }' /proc/meminfo)"
	echo "files $(cut -f1 /proc/sys/fs/file-nr)"
	echo "tasks $(cut -d/ -f2 /proc/loadavg | cut -d' ' -f1)"
	echo "kobjects $(find "/sys/class/infiniband/$1/" /sys/class/infiniband_verbs/ /sys/class/infiniband_mad/ 2>/dev/null | wc -l)"
}

# slabs: each cache and its kB, where the kernel tells (CONFIG_SLUB_DEBUG)
slabs() { [ ! -e /proc/slabinfo ] || awk 'NR > 2 && $2 > 0 { print $1, $2 * $4 / 1024 }' /proc/slabinfo; }

# quiet DEVICE: nobody holds anything of it any more but the kernel.
quiet() { ! rdma resource show ctx 2>/dev/null | grep -q "dev $1 "; }

# grown NAME LIMIT: how a number of before and after differ.
grown() {
	local before after
	before=$(awk -v k="$1" '$1 == k { print $2 }' /tmp/held.before)
	after=$(awk -v k="$1" '$1 == k { print $2 }' /tmp/held.after)
	[ $((after - before)) -le "$2" ] && return
	join /tmp/slabs.before /tmp/slabs.after | awk '$3 - $2 > 16 { print "    slab", $1, "grew by", $3 - $2, "kB" }'
	fail "$1 has grown from $before to $after."
}

# least FROM TO: of the resets' times by number; the least has no accidents in it.
least() { sed -n "$1,$2p" /tmp/times | sort -n | head -n 1; }

# nap SECONDS: sleep without another process
exec {never}<> <(:)
nap() { read -rt "$1" -u "$never" || true; }

# reset_again DEVICE: as reset_device, with nothing but builtins: under this load a
# process takes longer than a reset. Appends the reset's time to /tmp/times.
reset_again() {
	local sys=/sys/class/infiniband/$1 before after state us link='' end
	read -r before <"$sys/reset_count"
	echo 1 >"$sys/reset" || fail "The reset after $before others failed."
	read -r state <"$sys/device_state"
	[ "$state" = active ] || fail "$1 is '$state' after the reset that followed $before others."
	read -r after <"$sys/reset_count"
	[ "$after" -gt "$before" ] || fail "The reset after $before others was not counted."
	end=$((SECONDS + 10))
	until read -r link <"$sys/ports/1/state" && [[ $link = *ACTIVE* ]]; do
		[ $SECONDS -lt $end ] || fail "The port of $1 is '$link' after the reset that followed $before others."
		nap 0.1
	done
	read -r us <"$sys/reset_duration_us/total"
	echo "$us" >>/tmp/times
}

reset_loop() { # DEVICE COUNT
	local dev=$1 n=$2 i first last limit
	: >/tmp/times
	# What is allocated once, by the first reset under this load
	load_start "$dev"
	for i in 1 2 3 4 5; do
		reset_device "$dev"
		sleep 0.2
	done
	load_stop "$dev"
	sleep 3
	held "$dev" >/tmp/held.before
	slabs | sort >/tmp/slabs.before

	load_start "$dev"
	for i in $(seq "$n"); do
		reset_again "$dev"
		# Every tenth waits until the applications are back
		[ $((i % 10)) != 0 ] || wait_until 60 grep -q "^working" /tmp/status || fail "verbs_app does not work again."
		nap 0.$((RANDOM % 4))
		[ $((i % 100)) != 0 ] || echo "$i resets"
	done
	load_stop "$dev"
	usable "$dev"
	sleep 3
	held "$dev" >/tmp/held.after
	slabs | sort >/tmp/slabs.after

	first=$(least 1 10) last=$(least $((n - 9)) "$n")
	echo "$dev: $n resets under load: least of the first ten $first us, of the last ten $last us; median $(sort -n /tmp/times | sed -n "$((n / 2))p") us, longest $(sort -n /tmp/times | tail -n 1) us"
	paste -d' ' /tmp/held.before /tmp/held.after | awk '{ printf "    %s: %s before, %s after\n", $1, $2, $4 }'
	# Twice as long, and more than the clock's and the scheduler's noise
	[ "$last" -le $((first * 2 + 5000)) ] ||
		fail "The last resets of $dev took $last us at least, the first $first us."
	# A leak of one page for each reset is found. A kernel that looks at slabs holds
	# back what was freed (KASAN's quarantine); there kmemleak finds what is lost.
	limit=$((n * 3))
	[ ! -e /proc/slabinfo ] || limit=$((2048 + n))
	grown slab $limit
	grown vmalloc 512
	grown percpu 512
	grown files 64
	grown tasks 24
	grown kobjects 0
}

# load_start DEVICE: applications that take the processors that the resets leave them
load_start() {
	app verbs nice verbs_app "$1" "$(address "$1")" /tmp/status
	app rping rping_again "$(address "$1")"
	app_must_say 60 verbs works
}

load_stop() { # DEVICE
	app_must_say 90 rping again
	apps_end 0
	[ -s /tmp/app.verbs ] && ! app_says verbs "damaged=[1-9]" || fail "verbs_app found damaged data."
	wait_until 20 quiet "$1" || fail "Somebody still holds a context of $1: $(rdma resource show ctx)"
}
