#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A test of the bench itself: starts each server in turn and asks it for all that it claims to serve.
#   check.sh --build BUILD [--threads 1] [--server NAME=COMMAND] [NAME...]
# Routes answer what they must and keep the connection, and SIGTERM ends the server with status 0. Prints a table; exit
# status 1 when something was wrong. `-` stands for what a server does not claim; one that is not available is skipped.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../load/lib.sh"
source "$here/servers.sh"

usage() { sed -n '3,6p' "${BASH_SOURCE[0]}" | cut -c3-; exit 2; }
build='' threads=1 names=()
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=${2:?}; shift 2 ;;
    --threads) threads=${2:?}; shift 2 ;;
    --server) server_add "${2:?}"; shift 2 ;;
    -*) usage ;;
    *) names+=("$1"); shift ;;
  esac
done
[ -n "$build" ] || usage
[ "${#names[@]}" -gt 0 ] || names=("${server_names[@]}")
need curl
requests=$build/benchmarks/load/requests
need_program "$requests"

head -c 16384 /dev/urandom >"$lib_dir/sent-16k"
head -c 1048576 /dev/urandom >"$lib_dir/sent-1m"
printf 'GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n' >"$lib_dir/get"

# ask PATH TYPE [CURL ARGUMENTS...]: asks twice; 200 both times, that type, one connection. The last body is in $lib_dir/got.
ask() {
  local url=http://127.0.0.1:$server_port$1 type=$2 said
  shift 2
  said=$(curl -sS -m 10 -H 'Expect:' -H 'Content-Type: application/octet-stream' "$@" -w '%{http_code} %{num_connects} %{content_type}\n' \
    -o "$lib_dir/got" "$url" -o "$lib_dir/got" "$url" 2>&1) || { echo "$said"; return 1; }
  [[ $said == "200 1 $type"*$'\n'"200 0 $type"* ]] || { echo "$said"; return 1; }
}
same() { cmp -s "$lib_dir/got" - || { echo "other content than was expected"; return 1; }; }

check_plaintext() { ask /plaintext text/plain && printf 'Hello, World!' | same; }
check_bytes() { # 16384 | 1048576
  ask "/bytes/$1" application/octet-stream && head -c "$1" /dev/zero | tr '\0' x | same
}
check_echo() { ask /echo '' --data-binary "@$lib_dir/sent-$1" && same <"$lib_dir/sent-$1"; }
check_sink() { ask /sink '' --data-binary "@$lib_dir/sent-$1" && stat -c %s "$lib_dir/sent-$1" | tr -d '\n' | same; }
check_pipelined() {
  { "$requests" --port "$server_port" --requests 64 --depth 16 --timeout-seconds 10 --request-file "$lib_dir/get" >/dev/null; } 2>&1
}

# run NAME WORKLOAD: starts the server anew where its command is another than before, and checks.
run() {
  local command
  command=$(server_command "$1" "$2") || return
  command=${command//\{threads\}/$threads}
  if [ "$command" != "$running" ]; then
    end "$1"
    start_server "$1" - "$command"
    running=$command
  fi
  case $2 in
    bytes-16k) check_bytes 16384 ;;
    bytes-1m) check_bytes 1048576 ;;
    echo) check_echo 16k && check_echo 1m ;;
    sink-*) check_sink "${2#*-}" ;;
    *) "check_$2" ;;
  esac
}
end() {
  [ -n "$running" ] || return 0
  running=''
  stop_server "$1" "$server_pid" 10 2>"$lib_dir/end" || ended=no
}

workloads=(plaintext pipelined bytes-16k bytes-1m sink-16k sink-1m echo)
printf '%-14s %-9s' server version
printf ' %-9s' "${workloads[@]}" 'SIGTERM'
echo
failures=0
for name in "${names[@]}"; do
  if ! server_command "$name" >/dev/null 2>"$lib_dir/why"; then
    echo "$name: skipped, $(cat "$lib_dir/why")"
    continue
  fi
  printf '%-14s %-9s' "$name" "$(server_version "$name")"
  running='' ended=yes
  said=()
  for workload in "${workloads[@]}"; do
    if ! server_can "$name" "$workload"; then
      printf ' %-9s' -
    elif run "$name" "$workload" >"$lib_dir/said"; then
      printf ' %-9s' ok
    else
      printf ' %-9s' WRONG
      said+=("$workload: $(head -c 400 "$lib_dir/said")")
    fi
  done
  end "$name"
  [ "$ended" = yes ] || said+=("at its end: $(cat "$lib_dir/end")")
  if [ "$ended" = yes ]; then echo ' ok'; else echo ' WRONG'; fi
  [ "${#said[@]}" = 0 ] || { printf '  %s\n' "${said[@]}"; failures=$((failures + 1)); }
done
[ "$failures" = 0 ] || { echo "check.sh: $failures servers are not as they must be" >&2; exit 1; }
