# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset in place: name, index, GUIDs, GIDs by index, namespace, sysfs folder stay; counters, durations, udev events"
REQUIRES="ours udevadm"
FULL=debug
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local dev
	setup_both
	for dev in $both_devices; do
		# A hole in the GID table must stay one.
		ip addr add "$(address $dev | sed 's/1$/7/')/24" dev "$(netdev_of $dev)"
		ip addr add "$(address $dev | sed 's/1$/8/')/24" dev "$(netdev_of $dev)"
		sleep 1
		ip addr del "$(address $dev | sed 's/1$/7/')/24" dev "$(netdev_of $dev)"
		sleep 1
		stays_itself $dev 1
		stays_itself $dev 2
		usable $dev
	done
}

stays_itself() { # DEVICE COUNT
	local dev=$1 d=/sys/class/infiniband/$1 sum=0 f total
	identity "$dev" >/tmp/before
	udevadm monitor --kernel --property --subsystem-match=infiniband --subsystem-match=infiniband_verbs \
		>/tmp/uevents 2>&1 &
	monitor=$!
	wait_until 10 grep -q KERNEL /tmp/uevents || fail "udevadm monitor does not start."
	sleep 0.5
	reset_device "$dev"
	wait_until 10 grep -q "DEVICE_STATE=active" /tmp/uevents || fail "udev does not hear that $dev is active."
	kill $monitor; wait $monitor 2>/dev/null
	identity "$dev" >/tmp/after
	diff /tmp/before /tmp/after || fail "$dev is not what it was before the reset (above)."

	[ "$(attr "$dev" reset_count)" = "$2" ] || fail "reset_count of $dev is $(attr "$dev" reset_count) and not $2."
	[ "$(attr "$dev" reset_failures)" = 0 ] || fail "reset_failures of $dev is not 0."
	[ "$(attr "$dev" reset_reason)" = admin ] || fail "reset_reason of $dev is '$(attr "$dev" reset_reason)' and not admin."
	for f in grace error disable hardware enable; do
		sum=$((sum + $(attr "$dev" reset_duration_us/$f))) || fail "$d/reset_duration_us/$f is no number."
	done
	[ "$(attr "$dev" reset_duration_us/grace)" -lt 1000 ] || fail "There was a grace period that nobody asked for."
	total=$(attr "$dev" reset_duration_us/total)
	[ "$total" -ge "$sum" ] && [ "$total" -le $(((reset_ms + 2) * 1000)) ] ||
		fail "The reset of $dev took $total us as it says: its phases took $sum, its writer waited for $reset_ms ms."

	events_in_order "$dev"
	echo "$dev: reset $2: $(sed -n 's/DEVICE_STATE=//p' /tmp/uevents | tr '\n' ' ')"
}

# All that must not change
identity() { # DEVICE
	local d=/sys/class/infiniband/$1 f
	rdma dev show "$1"
	readlink "$d"
	for f in . ports/1 ports/1/gids; do stat -Lc '%n %i' "$d/$f"; done
	for f in node_guid sys_image_guid node_type node_desc fw_ver; do
		[ ! -e "$d/$f" ] || echo "$f $(cat "$d/$f")"
	done
	# The table has a thousand entries: no program for each
	for f in $(grep -l '[1-9a-f]' "$d"/ports/1/gids/*); do
		f=${f##*/}
		echo "gid $f $(cat "$d/ports/1/gids/$f" "$d/ports/1/gid_attrs/types/$f" "$d/ports/1/gid_attrs/ndevs/$f" 2>/dev/null | tr '\n' ' ')"
	done
}

# Lines of the monitor as "action name state", in the order they must have
events_in_order() { # DEVICE
	awk -v dev="$1" '
		/^KERNEL/ { flush(); action = $2; name = $3; sub(/.*\//, "", name) }
		/^DEVICE_STATE=/ { state = substr($0, 14) }
		/^RESET_REASON=/ { reason = substr($0, 14) }
		function flush() {
			if (name == dev || name ~ /^uverbs/)
				print action, name ~ /^uverbs/ ? "uverbs" : name, state, reason
			name = state = reason = ""
		}
		END { flush() }' /tmp/uevents | sed 's/ *$//' >/tmp/events
	cat >/tmp/expected <<-EOF
		change $1 error admin
		remove uverbs
		change $1 disabled admin
		change $1 resetting admin
		add uverbs
		change $1 active admin
	EOF
	diff /tmp/expected /tmp/events || fail "udev hears other events of $1, or in another order (above)."
}
