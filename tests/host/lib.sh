# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Helpers for the tests of the scripts. $TMP is a directory of the test's own, $CACHE the
# one that runs and clones share.

fail() { echo "$*"; exit 1; }
skip() { echo "$*"; exit 77; }

# expect_status STATUS COMMAND...: its output (both) lands in $TMP/output.
expect_status() {
	local want=$1 rc=0
	shift
	"$@" >"$TMP/output" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$want" ] || { cat "$TMP/output"; fail "'$*' ended with $rc, not with $want"; }
}

# expect_output TEXT: the last command said it.
expect_output() {
	grep -qF -- "$1" "$TMP/output" || { cat "$TMP/output"; fail "the output does not say: $1"; }
}

# clone: a copy of this project's sources in $TMP/clone, sharing the cache.
clone() {
	mkdir -p "$TMP/clone"
	tar -c --exclude=./build --exclude=./.git . | tar -x -C "$TMP/clone"
}
