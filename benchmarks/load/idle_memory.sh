#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bytes of user-space memory that a server keeps for each idle keep-alive connection.
#   idle_memory.sh --tools BUILD/benchmarks/load [--connections 10000] -- COMMAND
# COMMAND starts the server; {port} in it stands for the port, for example
#   idle_memory.sh --tools build/benchmarks/load -- build/examples/demo --port {port} --threads 1
# Each connection has had one GET /plaintext answered. One burst before the first look touches what
# the server allocates once.
source "$(dirname "$0")/lib.sh"

tools='' connections=10000
while [ $# -gt 0 ]; do
  case $1 in
    --tools) tools=$2; shift 2 ;;
    --connections) connections=$2; shift 2 ;;
    --) shift; break ;;
    *) sed -n '3,8p' "$0" | cut -c3-; exit 2 ;;
  esac
done
if [ -z "$tools" ] || [ $# -eq 0 ]; then
  sed -n '3,8p' "$0" | cut -c3-
  exit 2
fi
need_program "$tools/hold"
need_program "$tools/requests"

start_server server - "$*"
base=$(descriptors "$server_pid")
"$tools/requests" --port "$server_port" --requests 6400 --connections 64 >/dev/null
settled "$server_pid" "$base" 20
before=$(rss_bytes "$server_pid")
start_hold "$tools/hold" "$server_port" "$connections"
held=$(rss_bytes "$server_pid")
stop_hold
settled "$server_pid" "$base" 30
after=$(rss_bytes "$server_pid")
stop_server server "$server_pid"
echo "resident: $before bytes before, $held with $connections idle connections, $after when they had gone"
echo "bytes per idle connection: $(((held - before) / connections))"
