# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="reset: clients are removed or stopped in reverse order of their registration and added or started in order; states in order; drains end first"
REQUIRES="ours nvme module:nvme-rdma module:nvmet-rdma module:ib_srp module:brd"
FULL=debug
TIMEOUT=900

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	. tests/guest/lib/nvme.sh
	local dev order t=/sys/kernel/tracing
	for order in uverbs cma; do
		restack $order
		setup_both
		modprobe ib_srp || fail "ib_srp cannot be loaded."
		for dev in $both_devices; do
			nvme_target "$(address $dev)" && nvme_connect "$(address $dev)" >/dev/null ||
				fail "There is no NVMe connection over $dev."
			echo 0 >$t/tracing_on
			echo >$t/trace
			echo 1 >$t/events/rdma_reset/enable
			echo 1 >$t/events/rdma_drain/drain_end/enable
			echo 1 >$t/tracing_on
			reset_device $dev
			echo 0 >$t/tracing_on
			grep -v '^#' $t/trace | sed 's/.*: \([a-z_]*\): dev=/\1 /' | grep " $dev" >/tmp/events
			in_order $dev $order
			nvme_disconnect || fail "The controller of $dev does not go away."
			nvme_target_stop || fail "The NVMe target cannot be removed."
		done
		modprobe -r nvme-rdma nvmet-rdma ib_srp || fail "The ULPs cannot be unloaded."
	done
	echo 0 >$t/events/rdma_reset/enable
	echo 0 >$t/events/rdma_drain/drain_end/enable
	echo 1 >$t/tracing_on
}

in_order() { # DEVICE ORDER
	local removed added states
	removed=$(awk '/^rdma_client_(removing|stopping) / { sub("client=", "", $3); print $3 }' /tmp/events)
	added=$(awk '/^rdma_client_(added|started) / { sub("client=", "", $3); print $3 }' /tmp/events)
	[ "$removed" = "$(tac <<<"$added")" ] || {
		paste <(echo "$removed") <(echo "$added")
		fail "The clients of $1 are not added in the reverse order of their removal (above)."
	}
	echo "$1, $2 first: removed: $(echo $removed)"
	# In the order in which the modules were loaded
	case $2 in
	uverbs) grep -nx 'uverbs\|cma' <<<"$added" | cut -d: -f2 | tr '\n' ' ' | grep -q '^uverbs cma' ;;
	cma) grep -nx 'uverbs\|cma' <<<"$added" | cut -d: -f2 | tr '\n' ' ' | grep -q '^cma uverbs' ;;
	esac || fail "The clients of $1 are not added in the order of their modules: $(echo $added)"
	grep -q '^rdma_client_stopping.*client=nvme_rdma' /tmp/events ||
		fail "nvme_rdma is not stopped."
	grep -qx nvme_rdma <<<"$added" && grep -qx srp <<<"$added" || fail "A ULP is missing: $(echo $added)"

	states=$(awk '$1 == "rdma_device_state" { sub("to=", "", $4); print $4 }' /tmp/events)
	[ "$(echo $states)" = "error disabled resetting active" ] || fail "The states of $1 were: $(echo $states)"

	# Every client goes after error mode, and before the hardware is touched; all work ends before that, too
	awk '
		/^rdma_device_state.*to=error/ { error = NR }
		/^rdma_device_state.*to=disabled/ { disabled = NR }
		/^rdma_device_state.*to=resetting/ { resetting = NR }
		/^rdma_device_state.*to=active/ { active = NR }
		/^rdma_client_(removing|stopping) / { n++; if (!error || disabled) bad = $0 " out of its time" }
		/^rdma_client_(added|started) / { if (!resetting || active) bad = $0 " out of its time" }
		/^drain_end/ { drains++; if (disabled && !active) bad = $0 " behind its resources" }
		/^rdma_client_removing.*client=cma/ { cma = NR }
		/^rdma_client_stopping.*client=nvme_rdma/ { nvme = NR }
		END {
			if (!drains)
				bad = "no drain has ended"
			if (nvme > cma)
				bad = "nvme_rdma is removed after the connection manager that it uses"
			if (bad) {
				print bad
				exit 1
			}
			printf "    %d clients, %d drains\n", n, drains
		}' /tmp/events || { cat /tmp/events; fail "The reset of $1 is out of order (above)."; }
	grep -q '^rdma_reset_end.*ret=0' /tmp/events || fail "The trace does not tell that the reset of $1 ended well."
}
