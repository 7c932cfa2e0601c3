#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Starts a demo and lets chaos loose on it; see chaos.cpp for what is checked.
#   chaos.sh DEMO [--tool CHAOS] [arguments of chaos, for example --connections 5000 --seconds 600]
# DEMO is the program of the build under test, sanitized or not. CHAOS is found beside it, in
# <build>/tests/stress. At the end the demo must exit with 0 on SIGTERM, with no sanitizer's report.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

[ $# -gt 0 ] || { sed -n '3,6p' "$0" | cut -c3-; exit 2; }
demo=$1
shift
tool=$(dirname "$demo")/../tests/stress/chaos
if [ "${1:-}" = --tool ]; then tool=$2; shift 2; fi
need_program "$demo"
need_program "$tool"

timeout=3000  # short enough to be waited for
options='--host 127.0.0.1 --port {port} --threads 2 --workers 4'
for name in first-byte head body keep-alive write; do options+=" --$name-timeout $timeout"; done
arguments=(--timeout-ms "$timeout")
if grep -qa -e __asan_init -e __tsan_init "$demo"; then
  echo "a sanitizer keeps freed memory: the resident size says nothing and is not checked"
  arguments+=(--memory-slack-kib 0)
fi

start_server demo - "$demo $options" 60
status=0
"$tool" --port "$server_port" --pid "$server_pid" "${arguments[@]}" "$@" || status=1
stop_server demo "$server_pid" 60 || status=1
if [ "$status" -ne 0 ]; then
  tail -n 40 "$lib_dir/demo.err" >&2
  die "failed"
fi
