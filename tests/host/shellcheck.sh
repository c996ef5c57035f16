# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="shellcheck has nothing to say about any script"

test() {
	local files seen=$CACHE/shellcheck
	command -v shellcheck >/dev/null || skip "shellcheck is missing"
	files=$(grep -lE '^#!.*(bash|/sh)$' scripts/* .ci/run; ls tests/*/*.sh)
	# What it was content with is not shown to it again: a script, and all that it may source.
	mkdir -p "$seen"
	find "$seen" -type f -mtime +30 -delete
	everything=$({ shellcheck --version; cat scripts/*lib.sh tests/host/lib.sh tests/guest/lib.sh tests/guest/lib/*.sh
		grep -rhoP '^# shellcheck source=\K\S+' scripts tests | sort -u | xargs -r cat; } | sha256sum)
	export seen everything
	# shellcheck disable=SC2086
	printf '%s\n' $files | xargs -P "$(nproc)" -n 1 bash -c '
		mark=$seen/$(cat "$1" <(echo "$1 $everything") | sha256sum | cut -d" " -f1)
		if [ -e "$mark" ]; then touch "$mark"; else shellcheck -x -P scripts -S warning "$1" && : >"$mark"; fi' content
}
