# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by the scripts: where things are, how they speak, how they fail.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=${BUILD:-$ROOT/build}
CACHE=${RDMA_RESET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rdma-reset}
# In-tree top directories that this project may add files to.
TREES="Documentation block drivers fs include kernel lib mm net"

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# need_prog PROGRAM PACKAGE: fail with a sentence when PROGRAM is missing.
need_prog() {
	command -v "$1" >/dev/null 2>&1 ||
		die "The program '$1' is missing (Debian package '$2'); 'make deps' installs it."
}

# need_space DIR MEGABYTES WHAT
need_space() {
	local have
	mkdir -p "$1" || die "Cannot create the directory $1."
	have=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$have" -ge "$2" ] ||
		die "Not enough disk space in $1: $3 needs $2 MB, $have MB are free."
}

# as_root COMMAND...: run it as root, through sudo where we are not root.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		die "Root rights are needed for '$*', and there is no sudo: run it as root, then try again."
	fi
}

kernel_version() { # TREE
	awk '$1 == "VERSION" { v = $3 } $1 == "PATCHLEVEL" { p = $3 } $1 == "SUBLEVEL" { s = $3 }
	     END { print v "." p "." s }' "$1/Makefile"
}

# The series, one patch name a line, comments and empty lines removed.
series_names() {
	[ -f "$ROOT/patches/series" ] || return 0
	sed -e 's/#.*//' -e 's/[[:space:]].*$//' -e '/^$/d' "$ROOT/patches/series"
}

# Hooks for the module set alone (MODULE_SET=1), named relative to patches/.
module_set_hooks() {
	[ -n "${MODULE_SET:-}" ] || return 0
	(cd "$ROOT/patches" && ls ../modules/patches/*.patch)
}

# Files that patch FILE touches (existing kernel files).
patch_targets() { sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p' "$1"; }

# Files that patch FILE brings along.
patch_adds() { sed -n 's/^Adds:[[:space:]]*\([^[:space:]]*\)[[:space:]]*$/\1/p' "$1"; }

# New files as "in-tree-path<TAB>repository-path", sorted.
new_files() {
	local d
	(
		cd "$ROOT" || exit 1
		for d in $TREES; do
			[ ! -d "$d" ] || find "$d" -type f ! -name '*~' ! -name '.*.swp' \
				! -name '*.orig' ! -name '*.rej' -printf '%p\t%p\n'
		done
		[ ! -d tests/kunit ] || find tests/kunit -type f ! -path '*/stock-include/*' \
			! -name '*~' ! -name '.*.swp' ! -name '*.o' ! -name '*.ko' ! -name '*.cmd' \
			-printf 'drivers/infiniband/tests/%P\t%p\n'
	) | LC_ALL=C sort
}

# The name of this build: "fast", "stock-debug"...
variant() { printf '%s%s\n' "${STOCK:+stock-}" "$CONFIG"; }

# kernel_env TREE: what every make in a kernel tree needs. The compiler wrapper
# makes paths neutral; names and dates would differ from build to build.
kernel_env() {
	export KCC_TREE=$1 CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} CCACHE_NOHASHDIR=1
	export CCACHE_COMPILERCHECK=content CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-6G}
	# Kbuild's -MMD tells what was included: no preprocessor run beside the compiler's.
	export CCACHE_DEPEND=1
	export KBUILD_BUILD_TIMESTAMP='2024-01-01 00:00:00 UTC' KBUILD_BUILD_USER=rdma KBUILD_BUILD_HOST=reset
}

# STOCK=0 and STOCK= both mean our own tree.
[ "${STOCK:-}" != 0 ] || STOCK=
