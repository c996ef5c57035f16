# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="every new file is claimed by exactly one patch's Adds: line"

test() {
	clone
	cd "$TMP/clone" || return
	mkdir -p drivers/infiniband/core
	echo '/* new */' >drivers/infiniband/core/zz_new.c
	expect_status 1 scripts/series
	expect_output "No patch claims drivers/infiniband/core/zz_new.c"

	printf 'Subject: one\n\nSigned-off-by: A <a@b>\n---\nAdds: drivers/infiniband/core/zz_new.c\n' >patches/one.patch
	sed 's/one/two/' patches/one.patch >patches/two.patch
	printf 'one.patch\ntwo.patch\n' >>patches/series
	expect_status 1 scripts/series
	expect_output "zz_new.c is claimed by 2 patches: one.patch two.patch."

	sed -i '/two.patch/d' patches/series
	expect_status 0 scripts/series
	grep -q 'zz_new.c' build/series/*-one.patch || fail "the patch does not bring the new file"
}
