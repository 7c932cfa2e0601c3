#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Holds 10,000 keep-alive connections to a demo while 64 more run at full speed.
#   ten_thousand.sh DEMO [--tools FOLDER] [--connections 10000] [--seconds 10] [--limit 400]
# Requires: no error on either side, at most --limit bytes of user-space memory for each idle
# connection (0: only reported, as under a sanitizer), the descriptors back to their number at the
# start, and exit status 0 on SIGTERM. FOLDER holds `hold`; it is found beside DEMO, in
# <build>/benchmarks/load.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

[ $# -gt 0 ] || { sed -n '3,8p' "$0" | cut -c3-; exit 2; }
demo=$1
shift
tools=$(dirname "$demo")/../benchmarks/load connections=10000 seconds=10 limit=400
while [ $# -gt 1 ]; do
  case $1 in
    --tools) tools=$2 ;;
    --connections) connections=$2 ;;
    --seconds) seconds=$2 ;;
    --limit) limit=$2 ;;
    *) die "no such argument: $1" ;;
  esac
  shift 2
done
need wrk
need_program "$demo"
need_program "$tools/hold"

start_server demo - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4" 60
base=$(descriptors "$server_pid")
run_wrk - "$server_port" /plaintext 64 1  # touches what is allocated once
settled "$server_pid" "$base" 20
before=$(rss_bytes "$server_pid")
start_hold "$tools/hold" "$server_port" "$connections" --every 5
each=$((($(rss_bytes "$server_pid") - before) / connections))
run_wrk - "$server_port" /plaintext 64 "$seconds"
stop_hold || die "connections were lost while others were served"
settled "$server_pid" "$base" 30
stop_server demo "$server_pid" 60
echo "$connections connections held, $wrk_requests requests beside them, no error"
echo "bytes per idle connection: $each (limit $limit)"
[ "$limit" -eq 0 ] || [ "$each" -le "$limit" ] || die "more than $limit bytes per idle connection"
