#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Answers compressed by weir, each measurement next to one of nginx's gzip, and nginx against nginx as the control.
#   compression.sh --tools BUILD/benchmarks/load [--content json|html|text]... [--level 6] [--pairs 6]
#                  [--seconds 0.5] [--resolve] [--server-core 0] [--client-core 1] [--workload NAME] [--results FILE]
# Contents, all of them if none is named: JSON of 20 KiB, HTML of 100 KiB, text of 1 MiB, by contents.awk. Servers:
#   nginx      gzip of a file
#   weir       the same: gzip of a file, as /coded/ of BUILD/benchmarks/files_server
#   weir-held  gzip of content that a handler holds in memory, as /held/
#   weir-br, weir-zstd   the same by brotli and zstd at weir's own levels: no peer has them, the ratio is to nginx's gzip
# gzip's level is the same for all, processor time that of all threads, weir's worker's included. Each answer is decoded and
# compared before it is measured. coded_share is the size of an answer's content over the original's. --workload stands for
# coded-CONTENT.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=load/lib.sh
source "$here/load/lib.sh"
# shellcheck source-path=SCRIPTDIR source=load/pairs.sh
source "$here/load/pairs.sh"

pairs=6 seconds=0.5 level=6 contents=() served=$lib_dir/files chunked=yes
declare -A bytes_of=([json]=20480 [html]=102400 [text]=1048576)
own_option() {
  case $1 in
    --content) [ -n "${bytes_of[$2]:-}" ] || die "--content takes json, html or text, got '$2'"; contents+=("$2") ;;
    --level) level=$2 ;;
    *) return 1 ;;
  esac
}
default_servers() {
  need_program "$tools/../files_server"
  names=(weir weir-held weir-br weir-zstd)
  for _ in "${names[@]}"; do
    commands+=("$tools/../files_server --port {port} --threads {threads} --files $served --gzip-level $level")
  done
}
pair_options "$@"
[[ $level =~ ^[1-9]$ ]] || die "--level takes 1 to 9, got '$level'"
need nginx curl
for name in brotli zstd; do curl -V | grep -q "^Features:.* $name" || die "curl does not know $name"; done
[ ${#contents[@]} -gt 0 ] || contents=(json html text)
named=$workload

mkdir "$served"
for kind in "${!bytes_of[@]}"; do
  name=$kind.$kind
  [ "$kind" != text ] || name=text.txt
  awk -v kind="$kind" -v bytes="${bytes_of[$kind]}" -f "$here/contents.awk" >"$served/$name"
done
touch -d '2025-01-01' "$served"/*

# Sets what is asked for, by server.
begin_content() {
  local name coding path
  original=$served/$1.$1 connections=8
  [ "$1" != text ] || original=$served/text.txt connections=2 # one takes tens of milliseconds
  for name in nginx control weir weir-held weir-br weir-zstd; do
    coding=gzip path=coded
    case $name in
      weir-held) path=held ;;
      weir-*) path=held coding=${name#*-} ;;
    esac
    printf 'GET /%s/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: %s\r\n\r\n' "$path" "${original##*/}" "$coding" >"$lib_dir/request.$name"
  done
  workload=${named:-coded-$1}
}

# The answer must be coded as was asked, and be the file when it is decoded. Sets coded_bytes of that server.
declare -A coded_bytes=()
check_answer() {
  local answer=$lib_dir/$1.answer head coding=gzip path
  head=$(sed '/^\r$/q' "$answer" | tr -d '\r')
  case $1 in *-br | *-zstd) coding=${1##*-} ;; esac
  grep -qix "Content-Encoding: $coding" <<<"$head" || die "$1 does not answer in $coding: $head"
  grep -qi '^Vary:.*Accept-Encoding' <<<"$head" || [[ $1 != weir* ]] || die "$1 does not say that its answer varies: $head"
  path=$(head -n 1 "$lib_dir/request.$1" | cut -d ' ' -f 2)
  curl -sS --max-time 20 --compressed -H "Accept-Encoding: $coding" "http://127.0.0.1:$2$path" | cmp -s - "$original" ||
    die "$1 sends something else than the file"
  coded_bytes[$1]=$(sed '1,/^\r$/d' "$answer" | wc -c)
}

measure() {
  local name=${names[$3]}
  [ "$1" != "$bare_pid" ] || name=$bare_name
  run_client "$client_core" "$tools/requests" --port "$2" --seconds "$seconds" --connections "$connections" \
    --request-file "$(request_of "$name")" --chunked yes --cpu-of "$(pid_list "$1")"
  awk -v bytes="$(stat -c %s "$original")" '{ got[$1] = $2 }
    END {
      printf "cpu_ns %.2f\nrequests_s %.1f\n", got["server_cpu_ns"] / got["requests"], got["requests"] / got["seconds"]
      printf "cpu_ms_gb %.3f\n", got["server_cpu_ns"] / 1e6 / (got["requests"] * bytes / 1e9)
    }' "$lib_dir/client.out"
}
metrics=('cpu_ns ns cpu_ratio' 'requests_s 1/s requests_ratio' 'cpu_ms_gb ms -')

bare_name=nginx bare_command="bash $here/peers/nginx.sh {port} {threads} $lib_dir $served $level"
begin_content "${contents[0]}"
start_pairs
for content in "${contents[@]}"; do
  begin_content "$content"
  save_answers
  compare
  whole=$(stat -c %s "$original")
  for name in nginx "${names[@]}"; do
    [ "$name" != control ] || continue
    share=$(awk -v coded="${coded_bytes[$name]}" -v whole="$whole" 'BEGIN { printf "%.4f", coded / whole }')
    printf '%-18s %-15s %s of %s bytes, %s\n' "$name" coded_share "${coded_bytes[$name]}" "$whole" "$share"
    record "$name" coded_bytes bytes "${coded_bytes[$name]}" '' '' 1 "of $whole"
    record "$name" coded_share ratio "$share" '' '' 1 "level $level of gzip"
  done
done
