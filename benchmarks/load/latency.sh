#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Latency at a fixed rate (open loop), each server compared with raw_epoll beside it.
#   latency.sh --tools BUILD/benchmarks/load --server NAME=COMMAND [--server NAME=COMMAND]...
#              [--connections 256] [--rate R] [--load 0.5] [--arrivals uniform|poisson] [--seconds 5]
#              [--pairs 7] [--resolve] [--path /plaintext] [--server-core 0] [--client-core 1]
#              [--workload NAME] [--results FILE]
# COMMAND starts a server; {port} in it stands for the port. First a closed loop finds the most that
# raw_epoll and each server can do, the median of three seconds by turns. Then a server and a raw_epoll
# run by turns at --load times the smaller of the two, or at --rate. Latency counts from the moment when
# a request should have been sent; late_p99 is by how much the client itself missed that, and a figure
# that is not far above it says nothing. Pairs and control are those of cpu_per_request.sh.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=pairs.sh
source "$(dirname "$0")/pairs.sh"

connections=256 rate='' share=0.5 arrivals=uniform path=/plaintext pairs=7 seconds=5
own_option() {
  case $1 in
    --connections) connections=$2 ;;
    --rate) rate=$2 ;;
    --load) share=$2 ;;
    --arrivals) arrivals=$2 ;;
    --path) path=$2 ;;
    *) return 1 ;;
  esac
}
pair_options "$@"
need_program "$tools/latency"
: "${workload:=latency-$connections}"
get_request "$path"

# most PID PORT FILE: adds the requests of one second in a closed loop to FILE.
most() {
  owns_port "$1" "$2" || die "port $2 is not process $1's any more"
  run_client "$client_core" "$tools/requests" --port "$2" --seconds 1 --connections "$connections" --request-file "$request"
  awk '{ got[$1] = $2 } END { printf "%.0f\n", got["requests"] / got["seconds"] }' "$lib_dir/client.out" >>"$3"
}

measure() {
  run_client "$client_core" "$tools/latency" --port "$2" --rate "${rates[$3]}" --seconds "$seconds" --warm-up 0.5 \
    --connections "$connections" --arrivals "$arrivals" --request-file "$request"
  # When no request found its connection free, none was sent by the schedule.
  awk '{ got[$1] = $2; print }
    END {
      print "queued_share", 100 * got["queued"] / got["requests"]
      if (!("late_p99" in got)) print "late_p99", got["p99"]
    }' "$lib_dir/client.out"
}
metrics=('p50 us p50_ratio' 'p99 us p99_ratio' 'p999 us p999_ratio' 'max us -' 'rate 1/s -' 'queued_share % -' 'late_p99 us -')
start_pairs

rates=()
if [ -z "$rate" ]; then
  for ((round = 0; round < 3; round++)); do
    most "$bare_pid" "$bare_port" "$lib_dir/most.bare"
    for i in "${!names[@]}"; do most "${pids[$i]}" "${ports[$i]}" "$lib_dir/most.$i"; done
  done
  read -r bare_most _ < <(quartiles <"$lib_dir/most.bare")
fi
for i in "${!names[@]}"; do
  rates[i]=$rate
  if [ "${names[$i]}" = control ]; then
    rates[i]=${rates[0]} # raw_epoll's own row is taken beside these two
  elif [ -z "$rate" ]; then
    read -r its_most _ < <(quartiles <"$lib_dir/most.$i")
    rates[i]=$(awk -v a="$bare_most" -v b="$its_most" -v share="$share" 'BEGIN { printf "%.0f", share * (a < b ? a : b) }')
    echo "${names[$i]}: at most ${its_most%.*} requests/s, raw_epoll ${bare_most%.*}; measured at ${rates[$i]}"
  fi
done
compare
