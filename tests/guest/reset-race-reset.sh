# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="many resets at once: one works, the others are told that it is busy; both devices side by side"
REQUIRES="ours verbs_app"
FULL=debug
TIMEOUT=600

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev i before worked=0 busy=0 other=0
	setup_both
	for dev in $both_devices; do
		app verbs-$dev verbs_app $dev "$(address $dev)"
		app_must_say 60 verbs-$dev works
	done
	for dev in $both_devices; do before="${before:-} $(attr $dev reset_count)"; done
	for i in $(seq 20); do
		for dev in $both_devices; do
			(dd if=/dev/stdin of=/sys/class/infiniband/$dev/reset status=none conv=notrunc <<<1 2>&1 ||
				true) >/tmp/race.$dev.$i &
			pids="${pids:-} $!"
		done
	done
	for i in $pids; do wait_until 120 gone "$i" || fail "A write to a file reset does not come back."; done
	for i in /tmp/race.*; do
		if [ ! -s "$i" ]; then
			worked=$((worked + 1))
		elif grep -q "resource busy" "$i"; then
			busy=$((busy + 1))
		else
			cat "$i"
			other=$((other + 1))
		fi
	done
	echo "40 resets at once: $worked worked, $busy were told that it is busy, $other something else"
	[ $other = 0 ] || fail "$other of 40 resets at once failed."
	i=0
	for dev in $both_devices; do i=$((i + $(attr $dev reset_count))); done
	[ $i = $worked ] || fail "$worked resets worked, $i were counted."
	[ $busy -gt 0 ] || fail "None of 20 resets at once was told that another is under way."
	for dev in $both_devices; do
		wait_state 10 $dev active
		app_must_say 60 verbs-$dev "works again"
		usable $dev
	done
	apps_end 1
}
