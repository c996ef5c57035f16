# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export FULL=1
export DESCRIPTION="make install: beside the kernel's own modules, signed or not, refused where it would do harm, and undone"

# sums [FOLDER]: the kernel's own modules, or those in another folder.
sums() { (cd "$DESTDIR/lib/modules/$KVER/${1:-kernel}" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }

# secure_boot STATE: firmware that says so.
secure_boot() {
	mkdir -p "$TMP/efivars"
	printf "\\006\\000\\000\\000\\00$1" >"$TMP/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	export EFIVARS=$TMP/efivars
}

# mokutil_says TEXT: what it answers about a key.
mokutil_says() {
	mkdir -p "$TMP/bin"
	printf '#!/bin/sh\necho "$2 %s"\n' "$1" >"$TMP/bin/mokutil"
	chmod 755 "$TMP/bin/mokutil"
	case $PATH in "$TMP"/bin:*) ;; *) PATH=$TMP/bin:$PATH ;; esac
}

test() {
	local cache=${RDMA_RESET_CACHE:-$HOME/.cache/rdma-reset} m d
	KVER=$(scripts/get-kernel --newest)
	export KVER DESTDIR=$TMP/root EFIVARS=$TMP/none
	scripts/build-modules
	m=$DESTDIR/lib/modules/$KVER

	expect_status 1 scripts/install-modules
	expect_output "The kernel $KVER is not installed: there is no $m/kernel."
	# The folders of the set are enough; depmod reads each module that there is.
	for d in $(scripts/module-set | cut -d/ -f1,2 | sort -u); do
		mkdir -p "$m/kernel/${d%/*}"
		cp -al "$cache/kernels/$KVER/lib/modules/$KVER/kernel/$d" "$m/kernel/${d%/*}/"
	done
	cp "$cache/kernels/$KVER/lib/modules/$KVER"/modules.{order,builtin,builtin.modinfo} "$m/"
	depmod -b "$DESTDIR" "$KVER"
	expect_status 1 scripts/install-modules --remove
	expect_output "There is nothing to remove"
	sums >"$TMP/before"

	# Not where others replace the same modules.
	mkdir -p "$m/updates/dkms"
	touch "$m/updates/dkms/ib_core.ko.xz"
	expect_status 1 scripts/install-modules
	expect_output "$m/updates/dkms/ib_core.ko.xz"
	expect_output "replace the kernel's already"
	rm -r "$m/updates"

	# Not where Secure Boot would refuse them.
	secure_boot 1
	expect_status 1 env SIGN_KEY= scripts/install-modules
	expect_output "Secure Boot is on: the kernel would refuse the modules"
	[ ! -e "$m/updates" ] || fail "something was installed all the same"
	secure_boot 0

	expect_status 0 scripts/install-modules
	expect_output "They are not signed"
	[ "$(modinfo -b "$DESTDIR" -k "$KVER" -n ib_core)" = "$m/updates/rdma-reset/drivers/infiniband/core/ib_core.ko.xz" ] ||
		fail "modprobe takes another ib_core"
	[ "$(find "$m/updates" -name '*.ko.xz' | wc -l)" = "$(scripts/module-set | wc -l)" ] || fail "not all were installed"
	sums | diff "$TMP/before" - || fail "the kernel's own modules have changed"

	# Signed, over what is there.
	openssl req -new -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=machine owner/" -outform DER \
		-keyout "$TMP/mok.key" -out "$TMP/mok.pub" 2>/dev/null
	secure_boot 1
	expect_status 0 env SIGN_KEY="$TMP/mok.key" SIGN_CERT="$TMP/mok.pub" scripts/install-modules
	expect_output "signed with $TMP/mok.key"
	[ "$(modinfo -b "$DESTDIR" -k "$KVER" -F signer siw)" = "machine owner" ] || fail "siw is not signed"
	find "$m/updates" -name '*.ko.xz' | while read -r f; do
		[ "$(modinfo -F signer "$f")" = "machine owner" ] || fail "$f is not signed"
	done

	# By a key that the firmware does not know: what is there stays.
	mokutil_says "is not enrolled"
	sums updates >"$TMP/signed"
	expect_status 1 env SIGN_KEY="$TMP/mok.key" SIGN_CERT="$TMP/mok.pub" scripts/install-modules
	expect_output "the key of $TMP/mok.pub is not enrolled: the kernel would refuse the modules."
	expect_output "Run 'mokutil --import $TMP/mok.pub', reboot, confirm it there, and install again."
	sums updates | diff "$TMP/signed" - || fail "something was installed all the same"
	mokutil_says "is already enrolled"
	expect_status 0 env SIGN_KEY="$TMP/mok.key" SIGN_CERT="$TMP/mok.pub" scripts/install-modules
	expect_status 1 env SIGN_KEY="$TMP/none.key" SIGN_CERT="$TMP/mok.pub" scripts/install-modules
	expect_output "The key SIGN_KEY=$TMP/none.key cannot be read."
	secure_boot 0

	expect_status 0 scripts/install-modules --remove
	[ ! -e "$m/updates" ] || fail "something remains in $m/updates"
	[ "$(modinfo -b "$DESTDIR" -k "$KVER" -n ib_core)" = "$m/kernel/drivers/infiniband/core/ib_core.ko.xz" ] ||
		fail "modprobe does not take the kernel's own ib_core"
	sums | diff "$TMP/before" - || fail "the kernel's own modules have changed"

	# Another build that calls itself the same: one module with another version of a symbol.
	rm "$m/kernel/drivers/infiniband/core/iw_cm.ko.xz"
	cp build/modules/"$KVER${ONLY:+-part}"/out/drivers/infiniband/core/iw_cm.ko "$m/kernel/drivers/infiniband/core/"
	expect_status 1 scripts/install-modules
	expect_output "The module iw_cm.ko takes"
	expect_output "is not the one that the modules were built for, although both are $KVER"
}
