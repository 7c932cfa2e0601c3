#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Connections a second, one request on each, compared with raw_epoll beside it.
#   accept.sh --tools BUILD/benchmarks/load --server NAME=COMMAND [--server NAME=COMMAND]...
#             [--pairs 15] [--resolve] [--seconds 1] [--at-once 64] [--addresses 16] [--close rst|fin]
#             [--path /plaintext] [--threads 1] [--accept reuseport|roundrobin] [--server-core 0]
#             [--client-core 1] [--workload connect] [--results FILE]
# COMMAND starts a server; {port} and {threads} in it stand for the port and --threads. --accept is how
# raw_epoll deals its connections to several threads. The client closes each by RST, unless --close says
# otherwise, once it is answered. Pairs, control and cores are those of cpu_per_request.sh.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=pairs.sh
source "$(dirname "$0")/pairs.sh"

at_once=64 addresses=16 close=rst path=/plaintext accept=reuseport
own_option() {
  case $1 in
    --at-once) at_once=$2 ;;
    --addresses) addresses=$2 ;;
    --close) close=$2 ;;
    --path) path=$2 ;;
    --accept) accept=$2 ;;
    *) return 1 ;;
  esac
}
pair_options "$@"
need_program "$tools/connect"
: "${workload:=connect}"
get_request "$path"

measure() {
  run_client "$client_core" "$tools/connect" --port "$2" --seconds "$seconds" --at-once "$at_once" \
    --addresses "$addresses" --close "$close" --request-file "$request" --cpu-of "$(pid_list "$1")"
  awk '{ got[$1] = $2 }
    END {
      printf "connections_s %.1f\ncpu_ns %.2f\n", got["connections_s"], got["server_cpu_ns"] / got["connections"]
      printf "client_busy %.4f\n", got["own_cpu_ns"] / 1e7 / got["seconds"]
    }' "$lib_dir/client.out"
}
metrics=('connections_s 1/s connections_ratio' 'cpu_ns ns cpu_ratio' 'client_busy % -')
bare_arguments="--accept $accept"
start_pairs
compare
