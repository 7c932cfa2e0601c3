#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Starts a demo and lets clients vanish from it at each stage; see vanish.cpp for what is checked.
#   vanish.sh DEMO [--tool VANISH] [arguments of vanish, for example --clients 20000 --seed 7]
# DEMO is the program of the build under test, sanitized or not. VANISH is found beside it, in
# <build>/tests/stress. At the end the demo must exit with 0 on SIGTERM, with no sanitizer's report.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

[ $# -gt 0 ] || { sed -n '3,6p' "$0" | cut -c3-; exit 2; }
demo=$1
shift
tool=$(dirname "$demo")/../tests/stress/vanish
if [ "${1:-}" = --tool ]; then tool=$2; shift 2; fi
need_program "$demo"
need_program "$tool"

start_server demo - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4" 60
status=0
"$tool" --port "$server_port" --pid "$server_pid" "$@" || status=1
stop_server demo "$server_pid" 60 || status=1
if [ "$status" -ne 0 ]; then
  tail -n 40 "$lib_dir/demo.err" >&2
  die "failed"
fi
