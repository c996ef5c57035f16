# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="a kernel source that is not there, or is none, is a sentence"

test() {
	expect_status 1 env BASE="$TMP/nothing.tar.xz" scripts/get-base
	expect_output "BASE=$TMP/nothing.tar.xz does not exist."
	mkdir "$TMP/empty"
	expect_status 1 env BASE="$TMP/empty" scripts/get-base
	expect_output "is no kernel source tree"
	tar -C "$TMP" -cf "$TMP/empty.tar" empty
	expect_status 1 env BASE="$TMP/empty.tar" RDMA_RESET_CACHE="$TMP/cache" scripts/get-base
	expect_output "is no kernel source: it has no Kbuild file"
}
