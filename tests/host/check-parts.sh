# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="a check adds up its parts; one that fails or says nothing is not overlooked"

test() {
	cat >"$TMP/check" <<-'EOF'
		set -eu
		. scripts/check-lib.sh
		part one echo "3 passed, 0 failed"
		part two sh -c 'echo "1 passed, 1 failed, 2 skipped"; exit 1'
		[ $# = 0 ] || part three sh -c 'echo "3 passed of 4"; exit 5'
		totals
	EOF
	expect_status 1 bash "$TMP/check"
	[ "$(tail -n 1 "$TMP/output")" = "4 passed, 1 failed, 2 skipped" ] || fail "the totals are others"
	expect_status 1 bash "$TMP/check" silent
	expect_output "FAIL three: it ended with status 5 and without a result"
	[ "$(tail -n 1 "$TMP/output")" = "4 passed, 2 failed, 2 skipped" ] || fail "the totals are others"
	sed -i '/^part two/d' "$TMP/check"
	expect_status 0 bash "$TMP/check"
	[ "$(tail -n 1 "$TMP/output")" = "3 passed, 0 failed" ] || fail "the totals are others"

	# What has passed is not run again where that is wanted; what has failed is.
	cat >"$TMP/check" <<-EOF
		set -eu
		. scripts/check-lib.sh
		keep $TMP/kept
		part "good one" sh -c 'echo run >>$TMP/good; echo "3 passed, 0 failed, 1 skipped"'
		part "bad one" sh -c 'echo run >>$TMP/bad; echo "1 passed, 1 failed"; exit 1'
		totals
	EOF
	expect_status 1 bash "$TMP/check"
	expect_status 1 bash "$TMP/check"
	expect_output "It has passed on this tree, on "
	[ "$(tail -n 1 "$TMP/output")" = "4 passed, 1 failed, 1 skipped" ] || fail "the totals are others"
	[ "$(cat "$TMP/good" "$TMP/bad")" = "$(printf 'run\nrun\nrun')" ] || fail "good ran $(wc -l <"$TMP/good") times, bad $(wc -l <"$TMP/bad")"

	# What runs beside is shown and counted when it is met, and is stopped with the check.
	cat >"$TMP/check" <<-EOF
		set -eu
		. scripts/check-lib.sh
		beside slow sh -c 'while [ ! -e $TMP/go ]; do sleep 0.1; done; echo "2 passed, 1 failed, 3 skipped"; exit 1'
		part quick sh -c 'touch $TMP/go; echo "5 passed, 0 failed"'
		meet
		totals
	EOF
	expect_status 1 bash "$TMP/check"
	[ "$(tail -n 1 "$TMP/output")" = "7 passed, 1 failed, 3 skipped" ] || fail "the totals are others"
	sed -i 's/echo "2 passed.*; exit 1/exit 4/' "$TMP/check"
	expect_status 1 bash "$TMP/check"
	expect_output "FAIL slow: it ended with status 4 and without a result"
	cat >"$TMP/check" <<-EOF
		set -eu
		. scripts/check-lib.sh
		beside endless sh -c 'echo \$\$ >$TMP/pid; sleep 1000; :'
		while [ ! -s $TMP/pid ]; do sleep 0.1; done
		exit 3
	EOF
	expect_status 3 bash "$TMP/check"
	for _ in $(seq 50); do
		kill -0 "$(cat "$TMP/pid")" 2>/dev/null || return 0
		sleep 0.1
	done
	fail "it left behind what ran beside it"
}
