# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Device models beside a guest, sourced by scripts/guest. MODELS is a list of
# NAME[:OPTION[,OPTION...]], for example "mlx4 mlx4:link=eth,ports=1". In the
# guest the control socket of the first is the virtio port model0, and so on;
# QEMU's own monitor (QMP) is the port monitor, to plug and unplug them.

model_pids=

# models_start DIR OUT: start them, their sockets in DIR, their logs in OUT;
# sets model_args for QEMU and tells the guest where the sockets are.
models_start() {
	local dir=$1 out=$2 model name options i=0 program
	model_args=(
		# Ports plug by themselves, not by ACPI: else pciehp finds a slot that
		# says it is empty, and takes its power away.
		-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
		-object "memory-backend-memfd,id=ram,size=$mem,share=on" -machine memory-backend=ram
		-qmp "unix:$dir/qmp,server=on,wait=off"
		-chardev "socket,id=qmpc,path=$dir/qmp" -device "virtserialport,chardev=qmpc,name=monitor"
	)
	printf '\nMODEL_DIR=%q\n' "$dir" >>"$out/env"
	for model in $MODELS; do
		name=${model%%:*}
		options=
		[ "$name" = "$model" ] || options="--$(sed 's/,/ --/g' <<<"${model#*:}")"
		program=$BUILD/models/$name
		[ -x "$program" ] || die "There is no device model '$name' (MODELS=$MODELS): no directory tests/models/$name."
		# shellcheck disable=SC2086
		"$program" --keep $options "$dir/m$i" "$dir/c$i" </dev/null 2>"$out/model$i.log" &
		model_pids="$model_pids $!"
		wait_for_socket "$dir/m$i" $! || {
			sed 's/^/    /' "$out/model$i.log" >&2
			die "The device model '$model' did not start (log: $out/model$i.log)."
		}
		model_args+=(
			-device "pcie-root-port,id=mrp$i,chassis=$((i + 8)),slot=$((i + 8))"
			-device "{\"driver\":\"vfio-user-pci\",\"id\":\"model$i\",\"bus\":\"mrp$i\",\"rombar\":0,\"socket\":{\"type\":\"unix\",\"path\":\"$dir/m$i\"}}"
			-chardev "socket,id=c$i,path=$dir/c$i" -device "virtserialport,chardev=c$i,name=model$i"
		)
		i=$((i + 1))
	done
}

wait_for_socket() { # PATH PID
	local n
	for ((n = 0; n < 100; n++)); do
		[ ! -S "$1" ] || return 0
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}

models_stop() {
	[ -z "$model_pids" ] || kill $model_pids 2>/dev/null || true
	model_pids=
}
