# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016
export DESCRIPTION="the guest test runner: verdicts, reasons, splats, hangs, and a guest that dies"

# sample NAME BODY [SETTING...]
sample() {
	local name=$1 body=$2
	shift 2
	{ printf 'export DESCRIPTION="a sample"\n'; printf 'export %s\n' CONFIG=fast "$@"
	  printf 'test() {\n%s\n}\n' "$body"; } >"$TMP/clone/tests/guest/$name.sh"
}

test() {
	[ -n "${NO_BUILD:-}" ] || scripts/build-kernel
	clone
	rm "$TMP"/clone/tests/guest/*.sh
	cp tests/guest/lib.sh "$TMP/clone/tests/guest/"
	sample a-good 'setup_rxe && setup_siw && echo fine'
	sample b-bad 'echo "some detail"; fail "this is the reason"'
	sample c-skip 'true' 'REQUIRES="no-such-program"'
	sample d-skip 'skip "because of this"'
	sample e-hang 'sleep 100' TIMEOUT=3
	sample f-splat 'echo "WARNING: made up" >/dev/kmsg'
	sample g-crash 'echo c >/proc/sysrq-trigger; sleep 100'
	sample g-int3 'echo "Oops: int3: 0000" >/dev/kmsg; sleep 1; echo c >/proc/sysrq-trigger; sleep 100'
	sample h-last 'modinfo -n siw'
	expect_status 1 env BUILD="$PWD/build" NO_BUILD=1 CONFIG=fast "$TMP/clone/scripts/run-guest-tests"
	expect_output "ok a-good ("
	grep -qE '^FAIL b-bad \([0-9]+\) this is the reason' "$TMP/output" || fail "no reason for b-bad"
	grep -qE '^skip c-skip \([0-9]+\) the program no-such-program is missing' "$TMP/output" || fail "c-skip"
	grep -qE '^skip d-skip \([0-9]+\) because of this' "$TMP/output" || fail "d-skip"
	grep -qE '^FAIL e-hang \([0-9]+\) not finished within 3 s' "$TMP/output" || fail "e-hang"
	grep -qE '^FAIL f-splat \([0-9]+\) kernel splat: .*made up' "$TMP/output" || fail "f-splat"
	grep -qE '^FAIL g-crash \(-\) the guest did not survive' "$TMP/output" || fail "g-crash"
	expect_output "g-int3 runs again."
	grep -qE '^FAIL g-int3 \([0-9-]+\) the guest did not survive' "$TMP/output" || fail "g-int3"
	expect_output "ok h-last ("
	expect_output "2 passed, 5 failed, 2 skipped"
}
