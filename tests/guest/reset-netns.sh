# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="resets while the device moves between network namespaces, and in a namespace of its own"
REQUIRES="ours verbs_app churn"
FULL=debug
TIMEOUT=600
OWN_BOOT=1

test() {
	. tests/guest/lib/reset.sh
	. tests/guest/lib/programs.sh
	local i moved=0 mover
	modprobe ib_core netns_mode=0 || fail "ib_core does not load in exclusive mode."
	rdma system | grep -q exclusive || fail "The RDMA subsystem is not in exclusive mode."
	ip netns add moon && ip netns attach home $$ || fail "There are no network namespaces."
	setup_rxe || fail "The device could not be set up."
	app verbs verbs_app rxe0 10.1.0.1
	app_must_say 60 verbs works
	i=$(rdma dev show rxe0 | cut -d: -f1)
	limit 30 rdma dev set rxe0 netns moon || fail "rxe0 cannot be moved while an application holds a context."
	[ ! -e /sys/class/infiniband/rxe0 ] || fail "rxe0 is still seen in its old namespace."
	# reset from within its namespace, which is its owner's
	ip netns exec moon sh -c 'echo 1 >/sys/class/infiniband/rxe0/reset' || fail "rxe0 cannot be reset in another namespace."
	ip netns exec moon rdma dev show | grep -q "^$i: rxe0" || fail "The reset took rxe0 out of its namespace or changed its index."
	limit 30 ip netns exec moon rdma dev set rxe0 netns home || fail "rxe0 cannot be moved back."
	app_must_say 60 verbs "works again"

	# Both at once, many times
	touch /tmp/moving
	(while [ -e /tmp/moving ]; do
		for f in moon 1; do
			if [ $f = moon ]; then rdma dev set rxe0 netns moon; else ip netns exec moon rdma dev set rxe0 netns home; fi
		done 2>/dev/null
		echo moved
	done) >/tmp/moves &
	mover=$!
	for _ in $(seq 60); do
		timeout 60 sh -c 'echo 1 >/sys/class/infiniband/rxe0/reset' 2>/dev/null && moved=$((moved + 1))
		timeout 60 ip netns exec moon sh -c 'echo 1 >/sys/class/infiniband/rxe0/reset' 2>/dev/null && moved=$((moved + 1))
		sleep 0.05
	done
	rm /tmp/moving
	wait_until 60 gone $mover || fail "A move of rxe0 during resets does not end."
	echo "$moved resets worked during moves"
	[ $moved -gt 0 ] || fail "Not one reset worked during moves."
	ip netns exec moon rdma dev set rxe0 netns home 2>/dev/null
	wait_until 10 [ -e /sys/class/infiniband/rxe0 ] || fail "rxe0 is lost."
	reset_device rxe0
	usable rxe0
	apps_end 0
	ip netns del moon
	ip netns del home
}
