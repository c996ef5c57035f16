# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="every target is in make help, and every script says what it does"

test() {
	local t s
	make -s help >"$TMP/help"
	for t in demo check kunit guest-test bench shell guest kernel modules install uninstall deb series check-series clean help; do
		grep -q "^  make $t " "$TMP/help" || fail "make help does not list $t"
	done
	for s in scripts/*; do
		[ -x "$s" ] && grep -q '^usage()' "$s" || continue
		expect_status 0 "$s" --help
		expect_output "usage: ${s#scripts/}"
	done
}
