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

# said REGEX: else what was said instead.
said() {
	grep -qE "$1" "$TMP/output" || { cat "$TMP/output"; fail "The runner did not say '$1'."; }
}

test() {
	[ -n "${NO_BUILD:-}" ] || scripts/build-kernel
	clone
	rm "$TMP"/clone/tests/guest/*.sh
	cp tests/guest/lib.sh "$TMP/clone/tests/guest/"
	sample a-good 'setup_rxe && setup_siw && echo fine' TIMED=1
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
	said '^FAIL b-bad \([0-9]+\) this is the reason'
	said '^skip c-skip \([0-9]+\) the program no-such-program is missing'
	said '^skip d-skip \([0-9]+\) because of this'
	said '^FAIL e-hang \([0-9]+\) not finished within 3 s'
	said '^FAIL f-splat \([0-9]+\) kernel splat: .*made up'
	said '^FAIL g-crash \(-\) the guest did not survive'
	expect_output "g-int3 runs again."
	said '^FAIL g-int3 \([0-9-]+\) the guest did not survive'
	expect_output "ok h-last ("
	[ "$(grep -oE '^ok (a-good|h-last)' "$TMP/output" | tail -n 1)" = "ok a-good" ] || fail "A test that is timed does not run last."
	expect_output "2 passed, 5 failed, 2 skipped"
	expect_status 0 env BUILD="$PWD/build" NO_BUILD=1 KIND=own "$TMP/clone/scripts/run-guest-tests"
	expect_output "0 passed, 0 failed, 0 skipped"
	expect_status 0 env BUILD="$PWD/build" KIND=timed "$TMP/clone/scripts/run-guest-tests" --list
	[ "$(cat "$TMP/output")" = a-good ] || fail "KIND=timed lists $(xargs <"$TMP/output")."
	expect_status 1 env BUILD="$PWD/build" KIND=slow "$TMP/clone/scripts/run-guest-tests" --list
	expect_output "KIND is debug, fast, own or timed, and not 'slow'."
}
