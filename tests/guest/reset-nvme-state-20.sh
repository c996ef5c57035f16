# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
RESETS=${RESETS:-20}
BLACKOUT_MS=${BLACKOUT_MS:-500}
# shellcheck source=tests/guest/reset-nvme-state.sh
. "${BASH_SOURCE[0]%/*}/reset-nvme-state.sh"
DESCRIPTION="reset-nvme-state with twenty resets of each side, as many as say something of the median"
FULL=1
TIMEOUT=3600
