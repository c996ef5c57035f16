# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="a hook that no longer applies is named, with its file and the kernel version"

test() {
	clone
	cat >"$TMP/clone/patches/broken.patch" <<-EOF
	Subject: a hook that does not apply

	---
	--- a/drivers/infiniband/core/cq.c
	+++ b/drivers/infiniband/core/cq.c
	@@ -1,3 +1,3 @@
	 there never was
	-such a line
	+such another line
	 in this file
	EOF
	echo broken.patch >"$TMP/clone/patches/series"
	expect_status 1 "$TMP/clone/scripts/compose"
	expect_output "The hook broken.patch no longer applies to Linux 6."
	expect_output "file drivers/infiniband/core/cq.c"

	sed -i 's,core/cq\.c,core/no_such.c,' "$TMP/clone/patches/broken.patch"
	expect_status 1 "$TMP/clone/scripts/compose"
	expect_output "the kernel has no file drivers/infiniband/core/no_such.c"
}
