# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export FULL=1
export DESCRIPTION="what does not fit a distribution's kernel is an error: versions, layouts, sources"

test() {
	local kernel theirs core
	KVER=$(scripts/get-kernel --newest)
	export KVER
	scripts/get-kernel "$KVER"
	kernel=${RDMA_RESET_CACHE:-$HOME/.cache/rdma-reset}/kernels/$KVER
	theirs=$kernel$(readlink "$kernel/lib/modules/$KVER/build")/Module.symvers
	core=$kernel/lib/modules/$KVER/kernel/drivers/infiniband/core

	# The kernel's own modules fit it; a version, an exporter or a release that differs is seen.
	expect_status 0 scripts/check-module-versions /dev/null "$theirs" "$KVER" "$core/ib_cm.ko.xz" "$core/iw_cm.ko.xz"
	expect_output "symbols checked"
	printf '0xdeadbeef\tib_dealloc_pd_user\tdrivers/infiniband/core/ib_core\tEXPORT_SYMBOL\t\n' >"$TMP/ours"
	printf '0xdeadbeef\tib_send_cm_req\tdrivers/infiniband/core/ib_cm\tEXPORT_SYMBOL\t\n' >>"$TMP/ours"
	expect_status 1 scripts/check-module-versions "$TMP/ours" "$theirs" "$KVER" "$core/rdma_cm.ko.xz"
	expect_output "The module rdma_cm.ko.xz takes ib_send_cm_req with version"
	expect_output "but ib_cm exports it with deadbeef."
	expect_output "takes ib_modify_qp from ib_core, whose replacement lacks it."
	grep -v "$(printf '\tib_register_client\t')" "$theirs" >"$TMP/theirs"
	expect_status 1 scripts/check-module-versions /dev/null "$TMP/theirs" "$KVER" "$core/rdma_cm.ko.xz"
	expect_output "takes ib_register_client, which nothing exports."
	expect_status 1 scripts/check-module-versions /dev/null "$theirs" 6.12.0-x "$core/iw_cm.ko.xz"
	expect_output "The module iw_cm.ko.xz was built for the kernel $KVER, not for 6.12.0-x."

	# Without the hook that keeps it in its place, struct ib_device is not where the kernel has it.
	clone
	sed -i 's/^module_set_hooks() {/&\n\treturn 0/' "$TMP/clone/scripts/lib.sh"
	expect_status 1 env -u BUILD "$TMP/clone/scripts/build-modules"
	expect_output "vmlinux knows ib_device.name at"
	expect_output "vmlinux knows ib_device.dev at"
	expect_output "The series moves what code of the kernel $KVER expects elsewhere"

	# A source of the same version that differs in a header is not the kernel's.
	mkdir "$TMP/base"
	cp -al "$TMP/clone/build/modules/$KVER${ONLY:+-part}/base/." "$TMP/base/"
	cp --remove-destination "$TMP/base/include/rdma/ib_cm.h" "$TMP/ib_cm.h"
	rm "$TMP/base/include/rdma/ib_cm.h"
	{ cat "$TMP/ib_cm.h"; echo "/* */"; } >"$TMP/base/include/rdma/ib_cm.h"
	expect_status 1 env BASE="$TMP/base" "$TMP/clone/scripts/build-modules"
	expect_output "is not the one that the kernel $KVER was built from: 1 headers differ"
}
