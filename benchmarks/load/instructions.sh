#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Instructions that a server executes for one request, in user space, counted by callgrind.
#   instructions.sh --tools BUILD/benchmarks/load [--request-file FILE] [--status 200] [--depth 1]
#                   [--connections 1] [--low 2000] [--high 12000] [--keep FILE] -- COMMAND
# COMMAND starts the server; {port} in it stands for the port. It is run twice, with --low and with
# --high requests; the difference divided by that of the requests leaves start and end out of it.
# --keep stores the profile of the longer run for callgrind_annotate.
source "$(dirname "$0")/lib.sh"

tools='' low=2000 high=12000 keep='' pass=()
while [ $# -gt 0 ]; do
  case $1 in
    --tools) tools=$2; shift 2 ;;
    --low) low=$2; shift 2 ;;
    --high) high=$2; shift 2 ;;
    --keep) keep=$2; shift 2 ;;
    --request-file | --status | --depth | --connections) pass+=("$1" "$2"); shift 2 ;;
    --) shift; break ;;
    *) sed -n '3,8p' "$0" | cut -c3-; exit 2 ;;
  esac
done
if [ -z "$tools" ] || [ $# -eq 0 ] || [ "$low" -ge "$high" ]; then
  sed -n '3,8p' "$0" | cut -c3-
  exit 2
fi
need valgrind
need_program "$tools/requests"

# Sets `total` to the instructions of a run with $1 requests.
measure() {
  start_server "callgrind-$1" - \
    "valgrind --tool=callgrind --callgrind-out-file=$lib_dir/profile.$1 $command" 60
  "$tools/requests" --port "$server_port" --requests "$1" "${pass[@]}" >/dev/null
  stop_server "callgrind-$1" "$server_pid" 60
  total=$(awk '/^totals:/ { print $2 }' "$lib_dir/profile.$1")
  [ -n "$total" ] || die "callgrind wrote no totals"
}

command=$*
measure "$low"
low_total=$total
measure "$high"
[ -z "$keep" ] || cp "$lib_dir/profile.$high" "$keep"
echo "instructions: $low_total with $low requests, $total with $high"
awk -v a="$low_total" -v b="$total" -v n=$((high - low)) \
  'BEGIN { printf "instructions per request: %.1f\n", (b - a) / n }'
