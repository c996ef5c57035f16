# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="no disk, no network, a missing package or program: each is a sentence"

# fake PROGRAM BODY: put it first in $PATH.
fake() {
	mkdir -p "$TMP/bin"
	printf '#!/bin/sh\n%s\n' "$2" >"$TMP/bin/$1"
	chmod +x "$TMP/bin/$1"
}

test() {
	local p=$TMP/bin:$PATH
	fake df 'printf "x\nx 100 90 10 90%% /\n"'
	mkdir "$TMP/tree"
	touch "$TMP/tree/Kbuild"
	tar -C "$TMP" -cf "$TMP/base.tar" tree
	expect_status 1 env PATH="$p" BASE="$TMP/base.tar" RDMA_RESET_CACHE="$TMP/cache" scripts/get-base
	expect_output "Not enough disk space in $TMP/cache/base: the unpacked kernel source needs 3000 MB, 10 MB are free."
	rm "$TMP/bin/df"

	# A package that is missing, without network; then one that the sources do not have.
	mkdir "$TMP/few"
	for t in bash sh dirname env id cat sed; do ln -s "$(command -v $t)" "$TMP/few/$t"; done
	fake apt-get 'exit 100'
	fake sudo 'exec "$@"'
	expect_status 1 env PATH="$TMP/bin:$TMP/few" scripts/deps
	expect_output "Installing with apt-get: gcc make flex"
	expect_output "apt-get update failed: check the network and /etc/apt/sources.list."
	fake apt-get 'exit 0'
	fake apt-cache 'exit 1'
	expect_status 1 env PATH="$TMP/bin:$TMP/few" scripts/deps
	expect_output "The package gcc is not in this system's apt sources"

	expect_status 1 scripts/guest ''
	expect_output "No command was given"
	expect_status 1 env ORDER=sideways NO_BUILD=1 scripts/guest true
	expect_output "ORDER=sideways is unknown"
	expect_status 1 env CONFIG=slow scripts/kernel-config "$TMP" "$TMP/obj" slow
	expect_output "There is no configuration 'slow'"
	expect_status 1 scripts/run-guest-tests no-such-test
	expect_output "There is no test no-such-test"
}
