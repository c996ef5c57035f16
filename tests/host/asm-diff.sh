# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="the data path has not one instruction more than the stock kernel's, nor rxe, siw, mlx4 and cxgb4 more than their price"

# build_probe NAME STOCK [VARIABLE=VALUE]
build_probe() {
	mkdir "$TMP/$1"
	cp tests/host/asm-diff/Kbuild tests/host/asm-diff/probe.c "$TMP/$1/"
	CONFIG=fast STOCK=$2 scripts/build-module "$TMP/$1" ${3:+"$3"} >"$TMP/build.log" 2>&1 ||
		{ cat "$TMP/build.log"; fail "the probe does not build"; }
}

test() {
	CONFIG=fast STOCK=1 scripts/build-kernel
	CONFIG=fast STOCK='' scripts/build-kernel
	build_probe stock 1
	build_probe ours ''
	build_probe grown '' KCFLAGS=-DPROBE_GROWN

	# First that it would notice.
	expect_status 1 python3 tests/host/asm-diff/compare.py \
		build/obj-stock-fast "$TMP/stock/probe.o" build/obj-fast "$TMP/grown/probe.o"
	expect_output "The data path has grown: probe_poll_cq"

	python3 tests/host/asm-diff/compare.py \
		build/obj-stock-fast "$TMP/stock/probe.o" build/obj-fast "$TMP/ours/probe.o"
}
