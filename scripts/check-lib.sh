# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The parts of a check, each of which ends with its totals, added up. After lib.sh.
set -o pipefail

passed=0 failed=0 skipped=0

# part NAME COMMAND...: run it, add up its last line; without one it has failed.
part() {
	local name=$1 rc=0 last log start=$SECONDS
	shift
	log=$(mktemp)
	echo "=== $name"
	"$@" 2>&1 | tee "$log" || rc=$?
	last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 || true)
	rm -f "$log"
	if [ -z "$last" ]; then
		echo "FAIL $name: it ended with status $rc and without a result"
		failed=$((failed + 1))
	else
		# shellcheck disable=SC2086
		set -- ${last//,/}
		passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0}))
	fi
	echo "    ($name: $((SECONDS - start)) s)"
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
