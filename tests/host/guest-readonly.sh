# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="a guest changes nothing on the host but what it writes to /out"

test() {
	export RUN=host-test
	expect_status 0 scripts/guest "echo gone >'$PWD/written-by-guest'; echo kept >/out/kept; ls -d scripts"
	[ ! -e written-by-guest ] || { rm written-by-guest; fail "the guest wrote into the repository"; }
	[ "$(cat build/guest-out/host-test/kept)" = kept ] || fail "/out did not come out"
}
