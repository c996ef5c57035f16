# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="shellcheck has nothing to say about any script"

test() {
	local files
	command -v shellcheck >/dev/null || skip "shellcheck is missing"
	files=$(grep -lE '^#!.*(bash|/sh)$' scripts/* .ci/run; ls tests/*/*.sh)
	# shellcheck disable=SC2086
	shellcheck -x -P scripts -S warning $files
}
