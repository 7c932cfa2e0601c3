#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Processor time that servers need for one request, each compared with raw_epoll beside it.
#   cpu_per_request.sh --tools BUILD/benchmarks/load --server NAME=COMMAND [--server NAME=COMMAND]...
#                      [--pairs 15] [--resolve] [--seconds 1] [--connections 64] [--depth 1]
#                      [--path /plaintext | --request-file FILE] [--status 200] [--threads 1]
#                      [--server-core 0] [--client-core 1] [--workload NAME] [--results FILE]
# COMMAND starts a server; {port} and {threads} in it stand for the port and --threads, for example
#   --server weir='build/examples/demo --port {port} --threads {threads}'
# raw_epoll sends the bytes that the first server sent. All servers share one core and the load has the
# other; with --threads 2 or more all share that many cores. A round measures each server next to a
# raw_epoll, first or second by turns; a second raw_epoll is the control. When the median of the control
# is not 1 ± 0.03 the run is unresolved; --resolve goes on to 60 pairs then.
# Time is that of /proc/PID/task/*/schedstat: user and kernel, in nanoseconds.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=pairs.sh
source "$(dirname "$0")/pairs.sh"

connections=64 depth=1 path=/plaintext request='' status=200
own_option() {
  case $1 in
    --connections) connections=$2 ;;
    --depth) depth=$2 ;;
    --path) path=$2 ;;
    --request-file) request=$2 ;;
    --status) status=$2 ;;
    *) return 1 ;;
  esac
}
pair_options "$@"
if [ -z "$workload" ]; then
  workload=${request:+${request##*/}-}
  [ "$depth" -eq 1 ] && workload=${workload:-${path#/}-}$connections || workload=${workload}pipelined-$depth
fi
[ -n "$request" ] || get_request "$path"

measure() {
  run_client "$client_core" "$tools/requests" --port "$2" --seconds "$seconds" --connections "$connections" \
    --depth "$depth" --threads "$threads" --request-file "$request" --status "$status" \
    --cpu-of "$(pid_list "$1")"
  awk '{ got[$1] = $2 }
    END {
      printf "cpu_ns %.2f\nrequests_s %.1f\n", got["server_cpu_ns"] / got["requests"], got["requests"] / got["seconds"]
      printf "client_busy %.4f\n", got["own_cpu_ns"] / 1e7 / got["seconds"]
    }' "$lib_dir/client.out"
}
metrics=('cpu_ns ns cpu_ratio' 'requests_s 1/s requests_ratio' 'client_busy % -')
start_pairs
compare
