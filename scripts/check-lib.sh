# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The parts of a check, each of which ends with its totals, added up. After lib.sh.
set -o pipefail

passed=0 failed=0 skipped=0 kept=''

# count NAME STATUS LOG SECONDS: add up the last line of a part; without one it has failed.
count() {
	local name=$1 last
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$3" | tail -n 1 || true)
	if [ -z "$last" ]; then
		echo "FAIL $name: it ended with status $2 and without a result"
		failed=$((failed + 1))
	else
		# shellcheck disable=SC2086
		set -- "$1" "$2" "$3" "$4" ${last//,/}
		passed=$((passed + $5)) failed=$((failed + $7)) skipped=$((skipped + ${9:-0}))
	fi
	echo "    ($name: $4 s)"
}

# keep FOLDER: a part that passes leaves its result there, and is not run where it has.
keep() {
	mkdir -p "$1"
	kept=$1
}

# part NAME COMMAND...: run it.
part() {
	local name=$1 rc=0 log start=$SECONDS result='' before=$failed
	shift
	[ -z "$kept" ] || result=$kept/${name//[^[:alnum:]]/-}
	echo "=== $name"
	if [ -s "$result" ]; then
		echo "It has passed on this tree, on $(date -r "$result" '+%F at %R'): $(cat "$result")."
		count "$name" 0 "$result" 0
		return
	fi
	log=$(mktemp)
	"$@" 2>&1 | tee "$log" || rc=$?
	count "$name" "$rc" "$log" $((SECONDS - start))
	if [ -n "$result" ] && [ "$failed" = "$before" ]; then
		grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 >"$result.new"
		mv "$result.new" "$result"
	fi
	rm -f "$log"
}

# beside NAME COMMAND...: run it beside the parts that follow, until meet.
beside() {
	local start=$SECONDS
	beside_name=$1
	shift
	beside_log=$(mktemp)
	echo "=== $beside_name (beside what follows)"
	# A group of its own, so that all of it can be stopped.
	set -m
	{
		rc=0
		"$@" >"$beside_log" 2>&1 </dev/null || rc=$?
		echo "$((SECONDS - start))" >"$beside_log.seconds"
		exit $rc
	} &
	set +m
	beside_pid=$!
	trap 'kill -- -$beside_pid 2>/dev/null; wait; rm -f "$beside_log" "$beside_log.seconds"' EXIT
	trap 'exit 130' INT TERM
}

# lane PARTS: a function that runs some parts, with totals of its own; for beside.
lane() {
	passed=0 failed=0 skipped=0
	"$1"
	totals
}

# meet: wait for what runs beside, and show it.
meet() {
	local rc=0
	wait "$beside_pid" || rc=$?
	trap - EXIT INT TERM
	echo "=== $beside_name"
	cat "$beside_log"
	count "$beside_name" "$rc" "$beside_log" "$(cat "$beside_log.seconds" 2>/dev/null || echo ?)"
	rm -f "$beside_log" "$beside_log.seconds"
}

# totals: of all parts so far; fails when one of them has.
totals() {
	if [ $skipped != 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ $failed = 0 ]
}
