# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="the README's administrator's page is a manual page without complaints"

test() {
	command -v man >/dev/null || skip "the program man is missing"
	scripts/man-page 9.9 >"$TMP/rdma-reset.8"
	man --warnings -l "$TMP/rdma-reset.8" >"$TMP/text" 2>"$TMP/complaints" || fail "man cannot show it"
	[ ! -s "$TMP/complaints" ] || { cat "$TMP/complaints"; fail "man complains"; }
	for section in NAME SYNOPSIS INSTALLING "RESETTING A DEVICE" "READING THE STATE" TUNING ZOMBIES REMOVING \
		"SECURE BOOT" "SUPPORTED KERNELS AND DEVICES" LIMITS; do
		grep -qx "$section" "$TMP/text" || fail "the page has no section $section"
	done
	! grep -n '[`|]\|\*\*\|](' "$TMP/text" | grep -v 'modules | install' || fail "Markdown is left (above)"
}
