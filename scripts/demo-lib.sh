# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the demo's parts in the guest share: how they show and measure things.

measured=/out/measured

measure() { echo "$*" >>$measured; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }

# step TEXT: what comes next. live TEXT: a line that moves. result TEXT: what came of it.
step() { printf '\n%s\n' "$*"; }
live() {
	[ -n "${DEMO_TTY:-}" ] || return 0
	printf '\r\033[K   %.76s' "$*"
}
result() {
	[ -z "${DEMO_TTY:-}" ] || printf '\r\033[K'
	printf '   %.76s\n' "$*"
}
give_up() { result "FAILED: $*"; exit 1; }

# watch PID TEXT [COMMAND]: a moving line while the process lives; COMMAND's output is added.
watch() {
	local pid=$1 text=$2 t0
	shift 2
	t0=$(now_ms)
	while kill -0 "$pid" 2>/dev/null; do
		live "$text  $((($(now_ms) - t0) / 1000)) s  ${*:+$("$@")}"
		sleep 0.3
	done
	wait "$pid"
}

fio_errors() { awk -F ';' '{ n += $5 } END { print n + 0 }' "$1"; }

devices() {
	local d
	step "$1"
	setup_rxe && setup_siw || give_up "the devices could not be set up"
	for d in rxe0 siw0; do
		result "$d  $(sed 's/.*: //' /sys/class/infiniband/$d/ports/1/state)  $(ip -br addr show dev ${d%0}-eth0 |
			awk '{ print $3, $4 }')"
	done
}
