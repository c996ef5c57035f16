# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="which modules of a kernel are built anew, and what it takes from a kernel"

# kernel RELEASE VERSION: an unpacked kernel in the cache, with a few modules.
kernel() {
	local dir=$TMP/cache/kernels/$1 v
	mkdir -p "$dir/lib/modules/$1" "$dir/headers/include/rdma"
	touch "$dir/done" "$dir/headers/.config" "$dir/headers/include/rdma/ib_verbs.h"
	v=${2#*.}
	printf 'VERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = %s\n' "${2%%.*}" "${v%.*}" "${v#*.}" >"$dir/headers/Makefile"
	ln -s /headers "$dir/lib/modules/$1/build"
	cat >"$dir/lib/modules/$1/modules.order" <<-EOF
		kernel/drivers/infiniband/core/ib_core.ko
		kernel/drivers/infiniband/hw/some/some_ib.ko
		kernel/drivers/nvme/host/nvme-core.ko
		kernel/drivers/nvme/host/nvme-rdma.ko
		kernel/net/smc/smc.ko
		kernel/net/smc/smc_diag.ko
	EOF
	cat >"$dir/lib/modules/$1/modules.dep" <<-EOF
		kernel/drivers/infiniband/core/ib_core.ko.xz:
		kernel/drivers/infiniband/hw/some/some_ib.ko.xz: kernel/drivers/infiniband/core/ib_core.ko.xz
		kernel/drivers/nvme/host/nvme-core.ko.xz:
		updates/dkms/nvme-rdma.ko.xz: kernel/drivers/nvme/host/nvme-core.ko.xz kernel/drivers/infiniband/core/ib_core.ko.xz
		kernel/net/smc/smc.ko.xz: kernel/drivers/infiniband/core/ib_core.ko.xz
		kernel/net/smc/smc_diag.ko.xz: kernel/net/smc/smc.ko.xz kernel/drivers/infiniband/core/ib_core.ko.xz
		updates/dkms/their_lnd.ko: kernel/drivers/infiniband/core/ib_core.ko.xz
	EOF
}

test() {
	local f
	unset ONLY
	export RDMA_RESET_CACHE=$TMP/cache BUILD=$TMP/build
	kernel 6.12.1-a 6.12.1
	export KVER=6.12.1-a
	# Those that use it through others too; whoever replaced them; siw, which this kernel lacks.
	expect_status 0 scripts/module-set
	cat >"$TMP/want" <<-EOF
		drivers/infiniband/core/ib_core
		drivers/infiniband/hw/some/some_ib
		drivers/infiniband/sw/siw/siw
		drivers/nvme/host/nvme-rdma
		net/smc/smc
		net/smc/smc_diag
	EOF
	diff "$TMP/want" "$TMP/output" || fail "the set is another"
	expect_status 0 scripts/module-set --foreign
	[ "$(cat "$TMP/output")" = updates/dkms/their_lnd.ko ] || fail "the module of others is not named"
	expect_status 0 env ONLY="smc siw" scripts/module-set
	grep -E '/(smc|siw)$' "$TMP/want" | diff - "$TMP/output" || fail "the part is another"
	expect_status 1 env ONLY="smc mlx9_ib" scripts/module-set
	expect_output "mlx9_ib"
	expect_output "ONLY= names a module (above) that is not of the set"

	sed -i /ib_core/d "$TMP/cache/kernels/6.12.1-a/lib/modules/6.12.1-a/modules.dep"
	expect_status 1 scripts/module-set
	expect_output "The kernel 6.12.1-a has no module ib_core"

	kernel 6.1.9-b 6.1.9
	printf 'CONFIG_MODULES=y\n' >"$TMP/cache/kernels/6.1.9-b/headers/.config"
	expect_status 1 env KVER=6.1.9-b scripts/build-modules
	expect_output "The kernel 6.1.9-b is Linux 6.1.9; the series is for 6.12."

	# Which source it was built from, it must say; and that one must be there.
	expect_status 1 scripts/get-module-source --check
	expect_output "The kernel 6.12.1-a does not say which source package it was built from"
	mkdir "$TMP/cache/kernels/6.12.1-a/headers/include/generated"
	printf '#define LINUX_PACKAGE_ID " Debian 6.12.1-1~none"\n' \
		>"$TMP/cache/kernels/6.12.1-a/headers/include/generated/package.h"
	expect_status 1 scripts/get-module-source --check
	expect_output "was built from linux-source-6.12 6.12.1-1~none, which is neither installed"
	# A tarball has each file once, though a folder of it is named as well.
	mkdir "$TMP/linux"
	cp -r "$TMP/cache/kernels/6.12.1-a/headers"/{Makefile,include} "$TMP/linux/"
	for f in Kbuild drivers/nvme/host/core.c $(sed -n 's,^+++ b/,,p' patches/*.patch); do
		[ -e "$TMP/linux/$f" ] || install -D /dev/null "$TMP/linux/$f"
		case $f in
		include/*) install -D "$TMP/linux/$f" "$TMP/cache/kernels/6.12.1-a/headers/$f" ;;
		esac
	done
	tar -cJf "$TMP/linux.tar.xz" -C "$TMP" linux
	expect_status 0 env BASE="$TMP/linux.tar.xz" scripts/get-module-source "$TMP/base" drivers/infiniband drivers/nvme
	diff -r "$TMP/linux" "$TMP/base" || fail "the source was not unpacked as it is"
	expect_status 1 env KVER=6.12.2-none INSTALLED_ONLY=1 scripts/module-set
	expect_output "The kernel 6.12.2-none is not installed with its headers"
	expect_status 1 scripts/install-modules
	expect_output "The kernel 6.12.1-a is not installed: there is no /lib/modules/6.12.1-a/kernel."
}
