# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034
RESETS=${RESETS:-1000}
# shellcheck source=tests/guest/reset-loop.sh
. "${BASH_SOURCE[0]%/*}/reset-loop.sh"
DESCRIPTION="1000 resets in a row under load: no leak, the last are as fast as the first"
FULL=1
TIMEOUT=14400
