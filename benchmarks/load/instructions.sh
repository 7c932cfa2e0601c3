#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Instructions that a server executes for one request, in user space, counted by callgrind.
#   instructions.sh --tools BUILD/benchmarks/load [--name server] [--path /plaintext | --request-file FILE]
#                   [--status 200] [--depth 1] [--connections 1] [--low 2000] [--high 12000] [--keep FILE]
#                   [--workload NAME] [--results FILE] (--server NAME=COMMAND... | -- COMMAND)
# COMMAND starts the server; {port} in it stands for the port. It is run twice, with --low and with
# --high requests; the difference divided by that of the requests leaves start and end out of it.
# --server, as often as you like, also counts raw_epoll's. --keep stores the profile of the longer run of
# the last server for callgrind_annotate.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=counted.sh
source "$(dirname "$0")/counted.sh"

connections=1 depth=1 keep=''
own_option() {
  case $1 in
    --keep) keep=$2 ;;
    *) request_option "$@" ;;
  esac
}
counted_options "$@"
[ "$low" -lt "$high" ] || usage 2 >&2
need valgrind
: "${workload:=${request:+${request##*/}-}$([ "$depth" -gt 1 ] && echo "pipelined-$depth" || echo "plaintext-$connections")}"
[ -n "$request" ] || [ "$path" = /plaintext ] || get_request "$path"

# Sets `total` to the instructions of a run of the server $1 with $2 requests, children included. One
# connection at a time has requests under way, so that each run is like the other.
measure() {
  local base
  rm -f "$lib_dir"/profile.*
  start_server "callgrind-$2" - \
    "valgrind --tool=callgrind --trace-children=yes --trace-children-skip=*/sleep,*/sed,*/head,*/tr,*/mktemp,*/mkdir,*/chmod,*/rm --callgrind-out-file=$lib_dir/profile.%p $1" 60
  base=$(descriptors "$server_pid")
  run_client - "$tools/requests" --port "$server_port" --requests "$2" --at-once 1 \
    --connections "$connections" --depth "$depth" --status "$status" ${request:+--request-file "$request"}
  settled "$server_pid" $((base + 2)) 20 # some open one when they are first asked
  stop_server "callgrind-$2" "$server_pid" 60
  total=$(awk '/^totals:/ { sum += $2 } END { printf "%.0f", sum }' "$lib_dir"/profile.*)
  [ "$total" -gt 0 ] || die "callgrind wrote no totals"
}

for i in "${!names[@]}"; do
  measure "${commands[$i]}" "$low"
  low_total=$total
  measure "${commands[$i]}" "$high"
  each=$(awk -v a="$low_total" -v b="$total" -v n=$((high - low)) 'BEGIN { printf "%.1f", (b - a) / n }')
  echo "${names[$i]}: $low_total instructions with $low requests, $total with $high"
  echo "instructions per request: $each"
  record "${names[$i]}" instructions 1 "$each" '' '' $((high - low))
done
# Of several processes the busiest is the one to look at.
[ -z "$keep" ] || cp "$(grep -H '^totals:' "$lib_dir"/profile.* | sort -k 2n | tail -n 1 | sed 's/:totals:.*//')" "$keep"
