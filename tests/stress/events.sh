#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One event to 10,000 subscribers: processor time, the time to the last one, memory; see fanout.cpp.
#   events.sh FANOUT [--workload NAME] [--results FILE] [arguments of fanout, for example --subscribers 500 --events 10]
# Fails when a subscriber does not get an event, is dropped, or the server does not end in time. --results appends
# lines as benchmarks/load/lib.sh has them.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

case ${1:-} in '' | -h | --help) usage 2 ;; esac
fanout=$1 arguments=()
shift
while [ $# -gt 1 ]; do
  common_option "$1" "$2" || arguments+=("$1" "$2")
  shift 2
done
[ $# -eq 0 ] || unknown "$1"
need_program "$fanout"
: "${workload:=events}"
timeout 300 "$fanout" "${arguments[@]}" | tee "$lib_dir/fanout"
events=$(sed -n '1s/^fanout: \([0-9]*\) events.*/\1/p' "$lib_dir/fanout")
what=$(sed -n '1s/^fanout: //p' "$lib_dir/fanout")
while read -r metric unit; do
  record channel "$metric" "$unit" "$(value "$metric" "$lib_dir/fanout")" '' '' "$events" "$what"
done <<'END'
cpu_us_per_event us
cpu_us_per_delivery us
publish_us us
last_delivery_ms ms
bytes_per_subscriber bytes
bytes_per_subscriber_after bytes
END
