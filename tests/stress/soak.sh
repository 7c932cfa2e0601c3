#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Full load on a demo's routes for minutes, its memory watched.
#   soak.sh DEMO [--tools FOLDER] [--seconds 600] [--connections 64] [--limit-mib 8]
# wrk sends a mix of all routes, one request in 200 on a connection that it then closes; beside it
# `requests` checks answers byte by byte. FOLDER holds `requests`; it is found beside DEMO, in
# <build>/benchmarks/load. Requires: no error, the resident memory grown by at most --limit-mib from
# the first minute (or the first quarter of a shorter run) to the end, descriptors back, exit status 0
# on SIGTERM. The bound: what malloc keeps for six threads wanders by some MiB, while one byte lost in
# each request would show as 20 MiB and more in ten minutes. 0: only reported.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

case ${1:-} in '' | -h | --help) sed -n '3,10p' "$0" | cut -c3-; exit 2 ;; esac
demo=$1
shift
tools=$(dirname "$demo")/../benchmarks/load seconds=600 connections=64 limit=8
while [ $# -gt 1 ]; do
  case $1 in
    --tools) tools=$2 ;;
    --seconds) seconds=$2 ;;
    --connections) connections=$2 ;;
    --limit-mib) limit=$2 ;;
    *) die "no such argument: $1" ;;
  esac
  shift 2
done
need wrk
need_program "$demo"
need_program "$tools/requests"
first=$((seconds >= 240 ? 60 : seconds / 4))
[ "$first" -ge 1 ] || die "--seconds must be 4 at least"

cat >"$lib_dir/mix.lua" <<'LUA'
local content = string.rep("0123456789abcdef", 256)
local form = { ["Content-Type"] = "application/octet-stream" }
local close = { ["Connection"] = "close" }
local mix = {}
local function add(times, ...)
  local request = wrk.format(...)
  for _ = 1, times do mix[#mix + 1] = request end
end
init = function()  -- no HEAD: wrk would wait for its content
  add(80, "GET", "/plaintext")
  add(40, "GET", "/json")
  add(25, "GET", "/inspect?a=b&c=%20d")
  add(15, "POST", "/echo", form, content)
  add(10, "POST", "/upload", form, content)
  add(6, "GET", "/stream?chunks=10&size=2000")
  add(6, "GET", "/later?ms=2")
  add(6, "GET", "/slow?ms=1")
  add(1, "GET", "/healthz")
  add(1, "GET", "/json", close)
end
request = function() return mix[math.random(#mix)] end
LUA

start_server demo - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4" 60
base=$(descriptors "$server_pid")
out=$lib_dir/wrk.out
wrk -t 1 -c "$connections" -d "${seconds}s" --timeout 10s -s "$lib_dir/mix.lua" \
  "http://127.0.0.1:$server_port" >"$out" 2>&1 &
wrk_pid=$!
lib_pids+=("$wrk_pid")

# Answers are checked a little at a time: wrk shall have the machine.
checked=0
at_first=
begin=$SECONDS
while kill -0 "$wrk_pid" 2>/dev/null; do
  "$tools/requests" --port "$server_port" --requests 200 --connections 4 --depth 5 >"$lib_dir/requests.out" 2>&1 ||
    { cat "$lib_dir/requests.out" >&2; die "an answer was wrong"; }
  checked=$((checked + 200))
  rss=$(rss_bytes "$server_pid")
  now=$((SECONDS - begin))
  [ -n "$at_first" ] || [ $now -lt "$first" ] || { at_first=$rss; echo "after $now s: resident $((rss / 1024)) KiB"; }
  [ $((now % 60)) -ne 59 ] || echo "after $now s: resident $((rss / 1024)) KiB"
  [ $now -lt $((seconds - 1)) ] || break
  sleep 1
done
[ -n "$at_first" ] || die "wrk ended early: $(cat "$out")"
at_end=$rss
wait "$wrk_pid" || die "wrk failed: $(cat "$out")"
forget_pid "$wrk_pid"
cat "$out"
! grep -Eq 'Socket errors|Non-2xx' "$out" || die "wrk saw errors"
requests=$(awk '/ requests in / { print $1 }' "$out")
[ "${requests:-0}" -gt $((seconds * 500)) ] || die "only ${requests:-0} requests in $seconds s"
settled "$server_pid" "$base" 30
stop_server demo "$server_pid" 60

grown=$(((at_end - at_first) / 1024))
echo "$requests requests of a mix and $checked checked ones, no error"
echo "resident memory: $((at_first / 1024)) KiB after $first s, $((at_end / 1024)) KiB after $seconds s, grown by $grown KiB (limit $((limit * 1024)))"
[ "$limit" -eq 0 ] || [ $grown -le $((limit * 1024)) ] || die "more than $limit MiB"
