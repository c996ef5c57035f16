# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="drain: it ends although another QP keeps the shared CQ busy"
TIMEOUT=600

test() {
	. tests/guest/lib/drain.sh
	drain_on_both busy
	drain_module_unload
}
