# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="device models: commands, queues, transport and faults of mlx4 and cxgb4; the vfio-user protocol"

# unit_tests MODEL: its tests, with the model but for its main and clock, and what
# it has of the library that needs no client.
unit_tests() {
	local sources t=tests/models/test
	mapfile -t sources < <(find "tests/models/$1" $t $t/"$1" -maxdepth 1 -name '*.c' ! -name main.c ! -name clock.c
		printf '%s\n' tests/models/vfu/{commands,fault}.c)
	gcc -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover -Wall -Wextra \
		-Wno-unused-parameter -Werror -o "$TMP/test-$1" "${sources[@]}" ||
		fail "the tests of the $1 model do not build"
	"$TMP/test-$1" || fail "a test of the $1 model failed"
}

# attached MODEL PROGRAM: the program is the model's client; the model ends with it.
attached() {
	local pid rc=0
	"$TMP/build/models/$1" "$TMP/socket-$1" "$TMP/control-$1" 2>"$TMP/log" &
	pid=$!
	for _ in $(seq 100); do
		[ ! -S "$TMP/socket-$1" ] || break
		sleep 0.05
	done
	python3 -B "$2" "$TMP/socket-$1" "$TMP/control-$1" || rc=$?
	for _ in $(seq 100); do
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	! kill $pid 2>/dev/null || fail "the $1 model outlives its client"
	[ $rc = 0 ] || { cat "$TMP/log"; fail "$2 failed"; }
}

test() {
	BUILD=$TMP/build scripts/build-models || fail "the models do not build"
	unit_tests mlx4
	unit_tests cxgb4
	attached mlx4 tests/models/test/protocol.py
	attached cxgb4 tests/models/test/vpd.py
}
