#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bytes of user-space memory that a server keeps for each keep-alive connection.
#   idle_memory.sh --tools BUILD/benchmarks/load [--name server] [--connections 10000] [--active]
#                  [--workload NAME] [--results FILE] (--server NAME=COMMAND... | -- COMMAND)
# COMMAND starts the server; {port} in it stands for the port, for example
#   idle_memory.sh --tools build/benchmarks/load -- build/examples/demo --port {port} --threads 1
# Idle: each connection has had one GET /plaintext answered. --active measures as well when each has sent
# all of a second request but its last byte, so that the server holds as many in flight. One burst before
# the first look touches what the server allocates once. --server, as often as you like, also measures
# raw_epoll.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=counted.sh
source "$(dirname "$0")/counted.sh"

connections=10000 active=''
own_option() { return 1; }
own_flag() {
  [ "$1" = --active ] || return 1
  active=yes
}
counted_options "$@"
need_program "$tools/hold"
: "${workload:=idle-$connections}"

# Waits until the server has used no processor for a fifth of a second: it has read what was sent.
quiet() {
  local before now i
  before=$(cpu_ns "$server_pid")
  for ((i = 0; i < 25; i++)); do
    sleep 0.2
    now=$(cpu_ns "$server_pid")
    [ $((now - before)) -gt 2000000 ] || return 0
    before=$now
  done
}

# held METRIC [ARGUMENTS OF HOLD...]: measures with connections held, and without them before and after.
held() {
  local metric=$1 before resident each
  shift
  before=$(rss_bytes "$server_pid")
  start_hold "$tools/hold" "$server_port" "$connections" "$@"
  quiet
  resident=$(rss_bytes "$server_pid")
  stop_hold
  settled "$server_pid" "$base" 30
  first_before=${first_before:-$before}
  each=$(((resident - first_before) / connections))
  echo "${names[$i]}: resident $first_before bytes before, $resident with $connections connections, $(rss_bytes "$server_pid") when they had gone"
  echo "bytes per ${metric%_bytes} connection: $each"
  record "${names[$i]}" "$metric" bytes "$each" '' '' "$connections" "$connections connections"
}

for i in "${!names[@]}"; do
  start_server "${names[$i]}" - "${commands[$i]}"
  base=$(descriptors "$server_pid") first_before=''
  run_client - "$tools/requests" --port "$server_port" --requests 6400 --connections 64
  settled "$server_pid" "$base" 20
  held idle_bytes
  [ -z "$active" ] || held active_bytes --unfinished yes
  stop_server "${names[$i]}" "$server_pid"
done
