# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
# The kernel of a distribution that modules are built for: which one, where it is.
# After lib.sh.

# In-tree modules that are built although the distribution's kernel lacks them.
EXTRA_MODULES=drivers/infiniband/sw/siw/siw

# find_kernel: by KVER (default: the running one) set
#   KROOT     what its paths are relative to: empty, or a folder of unpacked packages
#   MODDIR    its modules
#   HEADERS   its build folder: configuration, Module.symvers
#   COMMON    the headers that all flavours share
#   SOURCE_VERSION  the version of the source package that it was built from
find_kernel() {
	local link line
	KVER=${KVER:-$(uname -r)}
	KROOT=
	MODDIR=/lib/modules/$KVER
	if [ ! -e "$MODDIR/build/Module.symvers" ] || [ ! -e "$MODDIR/modules.dep" ]; then
		[ -z "${INSTALLED_ONLY:-}" ] ||
			die "The kernel $KVER is not installed with its headers: install linux-image-$KVER and linux-headers-$KVER."
		KROOT=$CACHE/kernels/$KVER
		"$ROOT/scripts/get-kernel" "$KVER" || exit 1
		MODDIR=$KROOT/lib/modules/$KVER
	fi
	link=$(readlink -f "$MODDIR/build" || true)
	# The link of unpacked packages is to where they would be if they were installed.
	[ -z "$KROOT" ] || link=$KROOT$(readlink "$MODDIR/build")
	HEADERS=$link
	[ -e "$HEADERS/.config" ] || die "The headers of the kernel $KVER have no .config in $HEADERS."
	# Debian: one line, which includes the Makefile that all flavours share.
	line=$(sed -n 's,^include \(/.*\)/Makefile$,\1,p' "$HEADERS/Makefile" | head -n 1)
	COMMON=${line:+$KROOT$line}
	COMMON=${COMMON:-$HEADERS}
	[ -f "$COMMON/include/rdma/ib_verbs.h" ] ||
		die "The headers of the kernel $KVER have no include/rdma/ib_verbs.h in $COMMON."
	SOURCE_VERSION=$(sed -n 's/.*LINUX_PACKAGE_ID " Debian \(.*\)".*/\1/p' \
		"$HEADERS/include/generated/package.h" 2>/dev/null || true)
}

# The version of the kernel that the headers are of: 6.12.117
headers_version() { kernel_version "$COMMON"; }

# config_of OPTION: y, m or a value; nothing when it is not set.
config_of() { sed -n "s/^$1=//p" "$HEADERS/.config"; }

# Where the set is built; a part of it (ONLY=) is never taken for the whole.
module_work() { echo "$BUILD/modules/$KVER${ONLY:+-part}"; }
