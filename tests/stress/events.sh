#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One event to 10,000 subscribers: processor time, the time to the last one, memory; see fanout.cpp.
#   events.sh FANOUT [arguments of fanout, for example --subscribers 500 --events 10]
# Fails when a subscriber does not get an event, is dropped, or the server does not end in time.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '3,5p' "$0" | cut -c3-; exit 2; }
exec timeout 300 "$@"
