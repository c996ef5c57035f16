# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
export DESCRIPTION="a guest command's output and exit status come out; splats, hangs and panics are told"

test() {
	export RUN=host-test
	# make itself ends with 2 whenever a command failed, and names the command's status.
	expect_status 2 make -s guest CMD='echo "to stdout: $((40 + 2))"; echo to stderr >&2; exit 7'
	expect_output "to stdout: 42"
	expect_output "to stderr"
	expect_output "Error 7"
	expect_status 7 scripts/guest 'exit 7'
	expect_status 0 scripts/guest 'true'

	expect_status 120 scripts/guest 'echo "WARNING: CPU: 0 made up" >/dev/kmsg; sleep 1'
	expect_output "The guest's kernel complained"
	expect_output "WARNING: CPU: 0 made up"

	expect_status 124 env TIMEOUT=25 scripts/guest 'echo "last words of a hung guest" >/dev/kmsg; sleep 1000'
	expect_output "did not finish"
	expect_output "last words of a hung guest"

	expect_status 125 scripts/guest 'echo c >/proc/sysrq-trigger'
	expect_output "The guest ended without a result"
	expect_output "sysrq triggered crash"
}
