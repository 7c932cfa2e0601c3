#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Processor time that servers need for one request, each compared with raw_epoll beside it.
#   cpu_per_request.sh --tools BUILD/benchmarks/load --server NAME=COMMAND [--server NAME=COMMAND]...
#                      [--nginx] [--rounds 31] [--seconds 1] [--connections 64] [--path /plaintext]
#                      [--server-core 0] [--client-core 1]
# COMMAND starts a server; {port} in it stands for the port, for example
#   --server weir='build/examples/demo --port {port} --threads 1'
# --nginx adds an nginx that answers `return 200`. raw_epoll sends the bytes that the first server
# sent for the path. All servers share one core and wrk has the other; in a round each server runs
# next to a raw_epoll, first or second by turns, and a second raw_epoll runs as the control.
# Time is that of /proc/PID/task/*/schedstat: user and kernel, in nanoseconds.
source "$(dirname "$0")/lib.sh"

usage() { sed -n '3,12p' "$0" | cut -c3-; exit 2; }
tools='' nginx='' rounds=31 seconds=1 connections=64 path=/plaintext server_core=0 client_core=1
names=() commands=()
while [ $# -gt 0 ]; do
  case $1 in
    --nginx) nginx=yes; shift; continue ;;
  esac
  [ $# -gt 1 ] || usage
  case $1 in
    --tools) tools=$2 ;;
    --server) names+=("${2%%=*}"); commands+=("${2#*=}") ;;
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --connections) connections=$2 ;;
    --path) path=$2 ;;
    --server-core) server_core=$2 ;;
    --client-core) client_core=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[ -n "$tools" ] || usage
need wrk taskset
[ "$(nproc)" -ge 2 ] || die "two cores are needed, one for the servers and one for wrk"
need_program "$tools/raw_epoll"
need_program "$tools/requests"

if [ -n "$nginx" ]; then
  need nginx
  mkdir -p "$lib_dir/nginx"
  chmod 755 "$lib_dir" "$lib_dir/nginx"
  # start_server fills {port} into commands only: the file is made from a template by the command.
  cat >"$lib_dir/nginx/template" <<CONF
daemon off;
worker_processes 1;
pid $lib_dir/nginx/pid;
error_log $lib_dir/nginx/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  default_type "text/plain; charset=utf-8";
  client_body_temp_path $lib_dir/nginx/body;
  proxy_temp_path $lib_dir/nginx/proxy;
  fastcgi_temp_path $lib_dir/nginx/fastcgi;
  uwsgi_temp_path $lib_dir/nginx/uwsgi;
  scgi_temp_path $lib_dir/nginx/scgi;
  server {
    listen 127.0.0.1:@PORT@;
    location / { return 200 "Hello, World!"; }
  }
}
CONF
  cat >"$lib_dir/nginx/start" <<START
#!/bin/sh
sed "s/@PORT@/\$1/" "$lib_dir/nginx/template" >"$lib_dir/nginx/conf"
exec nginx -e "$lib_dir/nginx/error.log" -p "$lib_dir/nginx" -c "$lib_dir/nginx/conf"
START
  names+=(nginx)
  commands+=("sh $lib_dir/nginx/start {port}")
fi
[ "${#names[@]}" -gt 0 ] || usage

printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' "$path" >"$lib_dir/request"

# start NAME COMMAND: starts a server, sets server_pid and server_port, and leaves its answer in
# $lib_dir/NAME.answer.
start() {
  start_server "$1" "$server_core" "$2"
  "$tools/requests" --port "$server_port" --requests 1 --request-file "$lib_dir/request" \
    --save-answer "$lib_dir/$1.answer" >/dev/null || die "$1 does not answer GET $path"
}

pids=() ports=()
for i in "${!names[@]}"; do
  start "${names[$i]}" "${commands[$i]}"
  pids+=("$server_pid") ports+=("$server_port")
  echo "${names[$i]}: pid $server_pid, port $server_port, $(stat -c %s "$lib_dir/${names[$i]}.answer") bytes an answer"
done
bare="$tools/raw_epoll --port {port} --answer-file $lib_dir/${names[0]}.answer"
start bare "$bare"
bare_pid=$server_pid bare_port=$server_port
start control "$bare"
names+=("raw_epoll again") pids+=("$server_pid") ports+=("$server_port")
cmp -s "$lib_dir/bare.answer" "$lib_dir/${names[0]}.answer" || die "raw_epoll sends other bytes than ${names[0]}"

# Sets `ns` to the nanoseconds a request of the server with pid $1 on port $2.
measure() {
  local begin end
  owns_port "$1" "$2" || die "port $2 is not pid $1's any more"
  begin=$(cpu_ns "$1")
  run_wrk "$client_core" "$2" "$path" "$connections" "$seconds"
  end=$(cpu_ns "$1")
  ns=$(awk -v ns=$((end - begin)) -v n="$wrk_requests" 'BEGIN { printf "%.2f", ns / n }')
}

measure "$bare_pid" "$bare_port"
for i in "${!names[@]}"; do measure "${pids[$i]}" "${ports[$i]}"; done

for ((round = 0; round < rounds; round++)); do
  for i in "${!names[@]}"; do
    if (((round + i) % 2 == 0)); then
      measure "$bare_pid" "$bare_port"; bare_ns=$ns
      measure "${pids[$i]}" "${ports[$i]}"
    else
      measure "${pids[$i]}" "${ports[$i]}"; its_ns=$ns
      measure "$bare_pid" "$bare_port"; bare_ns=$ns
      ns=$its_ns
    fi
    echo "$ns" >>"$lib_dir/ns.$i"
    echo "$bare_ns" >>"$lib_dir/ns.bare"
    awk -v a="$ns" -v b="$bare_ns" 'BEGIN { printf "%.5f\n", a / b }' >>"$lib_dir/ratio.$i"
  done
done

printf '%-18s %12s   %s\n' "GET $path" "ns a request" "ratio to raw_epoll beside it: median [quartiles] of $rounds pairs"
read -r median _ < <(quartiles <"$lib_dir/ns.bare")
printf '%-18s %12.0f\n' raw_epoll "$median"
for i in "${!names[@]}"; do
  read -r ns _ < <(quartiles <"$lib_dir/ns.$i")
  read -r median low up < <(quartiles <"$lib_dir/ratio.$i")
  printf '%-18s %12.0f   %s [%s, %s]\n' "${names[$i]}" "$ns" "$median" "$low" "$up"
done
