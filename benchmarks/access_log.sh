#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What metrics and the access log cost: /plaintext of the demo with neither, next to one with metrics, one with the log, one
# with both; neither next to neither is the control. Then the instructions of a request of each.
#   access_log.sh --tools BUILD/benchmarks/load [--demo BUILD/examples/demo] [--format combined] [--pairs 12] [--seconds 0.5]
#                 [--resolve] [--connections 64] [--instructions yes] [--server-core 0] [--client-core 1] [--workload NAME]
#                 [--results FILE]
# The log is a file in a temporary folder. lines_share is the number of lines in it over that of the requests: lines are
# dropped rather than waited for, and the log's thread has no core of its own here.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=load/lib.sh
source "$here/load/lib.sh"
# shellcheck source-path=SCRIPTDIR source=load/pairs.sh
source "$here/load/pairs.sh"

pairs=12 seconds=0.5 connections=64 demo='' format=combined instructions=yes
own_option() {
  case $1 in
    --demo) demo=$2 ;;
    --format) format=$2 ;;
    --connections) connections=$2 ;;
    --instructions) instructions=$2 ;;
    *) return 1 ;;
  esac
}
# logging NAME: the options of a log of its own.
logging() { echo "--access-log $lib_dir/$1.log --access-log-format $format"; }
default_servers() {
  : "${demo:=$tools/../../examples/demo}"
  start="$demo --port {port} --threads {threads}"
  names=(metrics log metrics+log)
  commands=("$start" "$start --no-metrics $(logging log)" "$start $(logging metrics+log)")
}
pair_options "$@"
[ -n "${start:-}" ] || die "the servers are --demo's"
need_program "$demo"
: "${workload:=logging}"
get_request /plaintext

declare -A answered=()
# count NAME: adds what the last client was answered.
count() { answered[$1]=$((${answered[$1]:-0} + $(value requests "$lib_dir/client.out"))); }

check_answer() {
  [ "$(tail -c 13 "$lib_dir/$1.answer")" = 'Hello, World!' ] || die "$1 sends something else"
  count "$1"
}

measure() {
  local name=${names[$3]}
  [ "$1" != "$bare_pid" ] || name=$bare_name
  run_client "$client_core" "$tools/requests" --port "$2" --seconds "$seconds" --connections "$connections" \
    --request-file "$request" --cpu-of "$(pid_list "$1")"
  count "$name"
  answered[$name]=$((${answered[$name]} + 1 + connections)) # which `requests` does not count
  awk '{ got[$1] = $2 }
    END { printf "cpu_ns %.2f\nrequests_s %.1f\n", got["server_cpu_ns"] / got["requests"], got["requests"] / got["seconds"] }' \
    "$lib_dir/client.out"
}
metrics=('cpu_ns ns cpu_ratio' 'requests_s 1/s requests_ratio')

bare_name=neither bare_command="$start --no-metrics"
start_pairs
compare
for i in "${!names[@]}"; do
  name=${names[$i]}
  [ -e "$lib_dir/$name.log" ] || continue
  stop_server "$name" "${pids[$i]}" # it writes what it has
  lines=$(wc -l <"$lib_dir/$name.log")
  share=$(awk -v lines="$lines" -v all="${answered[$name]}" 'BEGIN { printf "%.4f", lines / all }')
  echo "$name: $lines lines of ${answered[$name]} requests, $share; the last one: $(tail -n 1 "$lib_dir/$name.log")"
  record "$name" lines_share ratio "$share" '' '' "${answered[$name]}"
done

[ "$instructions" = yes ] || exit 0
for name in "$bare_name" "${names[@]}"; do
  case $name in
    "$bare_name") command=$bare_command ;;
    metrics) command=$start ;;
    log) command="$start --no-metrics $(logging "counted-$name")" ;;
    metrics+log) command="$start $(logging "counted-$name")" ;;
    control) continue ;;
  esac
  bash "$here/load/instructions.sh" --tools "$tools" --workload "$workload" ${results:+--results "$results"} --name "$name" \
    --low 500 --high 2500 -- "${command//\{threads\}/1}" | grep '^instructions' | sed "s/^/$name: /"
done
