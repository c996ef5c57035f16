# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154
# What a process has mapped of a device that it has lost. After lib/models.sh and
# lib/reset.sh.

# scribble_over DEVICE COMMAND...: a process rings its doorbells, COMMAND takes the
# device from it, and it writes to all that it had mapped: neither the device nor a
# page that was the device's sees any of that.
scribble_over() {
	local dev=$1 pid before after writes frames
	shift
	load_mapped_frames "$dev"
	app scribble scribble "$dev"
	app_must_say 30 scribble 'ready [1-9]'
	pid=${app_pids[-1]}
	[ -n "$(mapped_registers "$pid")" ] || fail "The process has mapped no registers of $dev."
	mapped_frames "$pid" | sort -u >/tmp/frames.before

	before=$(model_counter doorbell_writes)
	kill -USR1 "$pid"
	app_must_say 30 scribble rang
	writes=$(($(model_counter doorbell_writes) - before))
	[ $writes -ge 200 ] || fail "The process rang 200 times, of which the device has seen $writes."

	"$@"
	! mapped_registers "$pid" | grep . || fail "Registers of $dev (above) are still mapped."
	before=$(model_counter doorbell_writes)
	kill -USR2 "$pid"
	app_must_say 60 scribble 'wrote to [1-9]'
	after=$(model_counter doorbell_writes)
	# The kernel has its own to say to the device meanwhile; the process wrote 500 times
	# to each word of each page
	writes=$((after - before))
	[ $writes -lt 100 ] || fail "The device has seen $writes writes of a process that has lost it."
	mapped_frames "$pid" | sort -u >/tmp/frames.after
	frames=$(comm -12 /tmp/frames.before /tmp/frames.after)
	[ -z "$frames" ] || fail "The process still has pages that it had before: $frames."
	[ "$(wc -l </tmp/frames.after)" = 1 ] || { cat /tmp/frames.after; fail "The process has more than one page in place of the device's."; }
	echo "$(grep '^ready' /tmp/app.scribble), $(grep -c . /tmp/frames.before) frames;" \
		"$(grep '^wrote' /tmp/app.scribble), 1 frame; the device has seen $writes writes meanwhile"
	kill -TERM "$pid"
	apps_end 3
}
