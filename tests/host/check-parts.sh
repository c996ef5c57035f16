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
}
