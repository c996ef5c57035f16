# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154
# For how long I/O stands still over a reset, as fio's log of completions tells.

# blackout_fio NAME RUNTIME [OPTION...]: fio with verify on $disk in the background,
# until blackout_end. Each completion is in /tmp/NAME_lat.1.log, in ms since the start.
blackout_fio() {
	local name=$1 runtime=$2
	shift 2
	rm -f "/tmp/$name".* "/tmp/$name"_*
	fio --name="$name" --filename="$disk" --bs=4k --size=4m --direct=1 --ioengine=libaio --iodepth=16 \
		--rw=randwrite --verify=crc32c --verify_fatal=1 --time_based --runtime="$runtime" --clocksource=clock_gettime \
		--write_lat_log="/tmp/$name" --disable_clat=1 --disable_slat=1 \
		--output-format=json --output="/tmp/$name.json" "$@" >"/tmp/$name.out" 2>&1 &
	fio_pid=$!
}

# blackout_end NAME: fio ends, and has seen no error.
blackout_end() {
	local rc=0
	kill -INT "$fio_pid" || fail "fio has ended before its time: $(tail -n 3 "/tmp/$1.out")"
	wait_until 120 gone "$fio_pid" || fail "fio does not end."
	wait "$fio_pid" || rc=$?
	grep -q '"error" : 0,' "/tmp/$1.json" || { cat "/tmp/$1.out"; fail "fio has seen I/O or verify errors (status $rc)."; }
	[ -s "/tmp/$1_lat.1.log" ] || fail "fio left no log of completions."
}

# blackouts NAME COUNT: the longest gaps between completions, COUNT of them, in ms.
# Which reset each belongs to isn't asked: fio's clock is behind the guest's by what it
# took to start. So they are the blackouts of as many resets, or longer ones.
blackouts() {
	awk -F'[, ]+' 'last && $1 > last { print $1 - last } { last = $1 }' "/tmp/$1_lat.1.log" |
		sort -nr | head -n "$2"
}

# blackout_resets DEVICE COUNT SECONDS: reset it, with that long in between.
# What each took, the write to the file and all, is in /tmp/resets.ms.
blackout_resets() {
	: >/tmp/resets.ms
	sleep 3
	for _ in $(seq "$2"); do
		reset_device "$1"
		echo "$reset_ms" >>/tmp/resets.ms
		sleep "$3"
	done
}

# blackout_report TITLE NAME COUNT LIMIT-MS: what there was in so many resets, and
# whether the median of it is within the limit.
blackout_report() {
	local file=/tmp/$2.blackouts
	blackouts "$2" "$3" >"$file"
	echo "$1: $(wc -l <"$file") resets, blackout $(in_figures "$file")"
	[ "$(median "$file")" -le "$4" ] || fail "The median of the blackouts of $1 is over $4 ms."
}

# median FILE, longest FILE.
# Of an even number the upper one of the two in the middle.
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int(NR / 2) + 1] }'; }
longest() { sort -n "$1" | tail -n 1; }

# in_figures FILE: what to say of the milliseconds in it.
in_figures() { echo "$(median "$1") ms in the median, $(longest "$1") ms at most ($(sort -n "$1" | tr '\n' ' '))"; }
