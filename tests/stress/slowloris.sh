#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Slow heads, slow bodies and slow readers against a demo; see slowloris.cpp for what is checked.
#   slowloris.sh DEMO [--tool SLOWLORIS] [--modes "head body read"] [--demo-arguments WORDS]
#                [arguments of slowloris]
# SLOWLORIS is found beside DEMO, in <build>/tests/stress. Each mode gets a demo of its own, which must
# exit with 0 on SIGTERM, with no sanitizer's report. With 5,000 attackers all of it takes 4 minutes.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

case ${1:-} in '' | -h | --help) sed -n '3,7p' "$0" | cut -c3-; exit 2 ;; esac
demo=$1
shift
tool=$(dirname "$demo")/../tests/stress/slowloris modes="head body read" words='' rest=()
while [ $# -gt 0 ]; do
  case $1 in
    --tool) tool=$2 ;;
    --modes) modes=$2 ;;
    --demo-arguments) words=$2 ;;
    *) rest+=("$1" "${2:?$1 needs a value}") ;;
  esac
  shift 2
done
need_program "$demo"
need_program "$tool"

status=0
for mode in $modes; do
  start_server demo - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4 $words" 60
  "$tool" --port "$server_port" --pid "$server_pid" --mode "$mode" "${rest[@]}" || status=1
  stop_server demo "$server_pid" 60 || status=1
done
[ "$status" -eq 0 ] || die "failed"
