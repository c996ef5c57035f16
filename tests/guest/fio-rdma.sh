# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
DESCRIPTION="fio's rdma engine over rxe and siw: writes and reads"
REQUIRES="fio ss"
TIMEOUT=1200
# Programs of user space take minutes on the debug kernel under emulation
CONFIG=fast

test() {
	. tests/guest/lib/programs.sh
	local a v o="--thread --ioengine=rdma --port=10000 --bs=16k --size=1m --iodepth=8 --minimal"
	setup_rxe && setup_siw || fail "The devices could not be set up."
	for a in 10.1.0.1 10.2.0.1; do
		for v in write read; do
			fio_pair "$a" "$v" || fail "fio's $v to $a failed 12 times."
		done
	done
}

# fio may send its request before the peer has posted the receive for it, which
# ends the connection, on any kernel: try again then. (Its verb "send" does
# little else.) The slower the host, the likelier that is.
fio_pair() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		try_both 20 10000 "fio --name=server --rw=read $o" \
			"fio --name=client --rw=write $o --hostname=$1 --verb=$2" && return
		echo "attempt $i failed"
	done
	return 1
}
