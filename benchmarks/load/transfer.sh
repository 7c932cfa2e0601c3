#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bytes of content a second and processor time for a gigabyte, compared with raw_epoll beside it.
#   transfer.sh --tools BUILD/benchmarks/load --server NAME=COMMAND [--server NAME=COMMAND]...
#               [--direction down|up|echo] [--bytes 1048576] [--path PATH] [--connections N] [--pairs 15]
#               [--resolve] [--seconds 1] [--server-core 0] [--client-core 1] [--workload NAME]
#               [--results FILE]
# COMMAND starts a server; {port} in it stands for the port.
# down: GET /bytes/N; raw_epoll sends the bytes that the first server sent. up: POST /sink with N bytes;
# raw_epoll counts and drops them. echo: POST /echo, both ways; raw_epoll only takes them, if it answers
# with its number of bytes. --connections: 8, or 64 with less than 256 KiB. What the client is sent it
# checks by length and drops in the kernel. Pairs, control and cores are those of cpu_per_request.sh.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=pairs.sh
source "$(dirname "$0")/pairs.sh"

direction=down bytes=1048576 path='' connections=''
own_option() {
  case $1 in
    --direction) direction=$2 ;;
    --bytes) bytes=$2 ;;
    --path) path=$2 ;;
    --connections) connections=$2 ;;
    *) return 1 ;;
  esac
}
pair_options "$@"
[[ $bytes =~ ^[1-9][0-9]*$ ]] || die "--bytes takes a number, got '$bytes'"
[ -n "$connections" ] || connections=$((bytes < 262144 ? 64 : 8))
request=$lib_dir/request ways=1
case $direction in
  down)
    get_request "${path:-/bytes/$bytes}"
    : "${workload:=bytes-$bytes}"
    ;;
  up | echo)
    if [ -z "$path" ]; then [ "$direction" = up ] && path=/sink || path=/echo; fi
    printf 'POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %s\r\n\r\n' "$path" "$bytes" >"$request"
    head -c "$bytes" /dev/zero | tr '\0' x >>"$request"
    [ "$direction" = up ] || ways=2
    : "${workload:=${path##*/}-$bytes}"
    ;;
  *) die "--direction takes down, up or echo, got '$direction'" ;;
esac

measure() {
  run_client "$client_core" "$tools/requests" --port "$2" --seconds "$seconds" --connections "$connections" \
    --threads "$threads" --request-file "$request" --compare no --cpu-of "$(pid_list "$1")"
  awk -v bytes=$((bytes * ways)) '{ got[$1] = $2 }
    END {
      all = got["requests"] * bytes
      printf "bytes_s %.0f\ncpu_ms_gb %.3f\n", all / got["seconds"], got["server_cpu_ns"] / 1e6 / (all / 1e9)
      printf "client_busy %.4f\n", got["own_cpu_ns"] / 1e7 / got["seconds"]
    }' "$lib_dir/client.out"
}
metrics=('bytes_s B/s bytes_ratio' 'cpu_ms_gb ms cpu_ratio' 'client_busy % -')
start_pairs
compare
