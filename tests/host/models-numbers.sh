# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="device models: cxgb4's registers, commands, work requests and messages are where its driver has them"

# program HEADER COLUMN: print the numbers as that header has them.
program() {
	printf '#include <stdio.h>\n#include "%s"\nint main(void)\n{\n' "$1"
	sed -e 's/#.*//' -e '/^$/d' tests/models/test/cxgb4/numbers |
		awk -F ' = ' -v c="$2" '{ print "printf(\"%#x %s\\n\", (unsigned int)(" $c "), \"" $2 "\");" }'
	echo "}"
}

test() {
	local tree chelsio=drivers/net/ethernet/chelsio/cxgb4
	tree=$(STOCK=1 scripts/compose) || fail "there is no kernel source"
	program "$PWD/tests/models/cxgb4/hw.h" 1 >"$TMP/model.c"
	program "$PWD/tests/models/test/cxgb4/driver.h" 2 >"$TMP/driver.c"
	gcc -w -o "$TMP/model" "$TMP/model.c" || fail "the model's numbers do not compile"
	gcc -w -iquote "$tree/$chelsio" -iquote "$tree/drivers/infiniband/hw/cxgb4" \
		-o "$TMP/driver" "$TMP/driver.c" || fail "the driver's numbers do not compile"
	"$TMP/model" >"$TMP/model.txt"
	"$TMP/driver" >"$TMP/driver.txt"
	[ "$(wc -l <"$TMP/driver.txt")" -gt 300 ] || fail "only $(wc -l <"$TMP/driver.txt") numbers were compared"
	diff "$TMP/model.txt" "$TMP/driver.txt" || fail "the model (<) and the driver (>) differ"
}
