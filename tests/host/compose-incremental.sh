# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="composing again touches only what changed, and undoes what is gone"

test() {
	local tree new=drivers/infiniband/core/zz_new.c hook=drivers/infiniband/core/cq.c before
	clone
	cd "$TMP/clone" || return
	mkdir -p "$(dirname $new)" patches
	echo '/* one */' >$new
	tree=$(scripts/compose)
	cmp $new "$tree/$new" || fail "the new file is not in the tree"
	before=$(stat -c %y "$tree/$new" "$tree/drivers/infiniband/core/device.c")
	scripts/compose >/dev/null
	[ "$before" = "$(stat -c %y "$tree/$new" "$tree/drivers/infiniband/core/device.c")" ] ||
		fail "an unchanged file was written again"
	echo '/* two */' >$new
	scripts/compose >/dev/null
	cmp $new "$tree/$new" || fail "the changed file did not arrive"
	rm $new
	: >patches/series
	find drivers include -name '*.[ch]' -delete
	scripts/compose >/dev/null
	[ ! -e "$tree/$new" ] || fail "the removed file is still in the tree"
	base=$(scripts/get-base)
	cmp "$base/$hook" "$tree/$hook" || fail "without its hook $hook is not the base's"
}
