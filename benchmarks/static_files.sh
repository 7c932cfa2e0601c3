#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files served by weir, each measurement next to one of nginx, and nginx against nginx as the control.
#   static_files.sh --tools BUILD/benchmarks/load [--case NAME]... [--server NAME=COMMAND]... [--pairs 12] [--seconds 0.5]
#                   [--resolve] [--server-core 0] [--client-core 1] [--workload NAME] [--results FILE]
# Cases, all of them if none is named:
#   1k 64k 100m                     one file of that many bytes, kept by both servers
#   1k-range 64k-range 100m-range   half of it, from the middle: 206
#   1k-misses   the file of 1 KiB, and in each measurement ten others, at even steps, that were never asked for
#   miss        1,000 requests, each for another file of 1 KiB that was never asked for
#   miss-alone  the same, but weir looks for no siblings compressed in advance, as nginx does not: /alone/ instead of /files/
#   memory      resident memory: four clients load 100 MiB four times each, and a slow one once
# A server's COMMAND has {port}, {threads} and {files}, the folder that it serves as /files/; there is BUILD/benchmarks/files_server
# if none is given. Both keep at most 1,024 files and look at each again after a second; nginx has one worker and
# no log. Each answer is compared with the file before it is measured. --workload stands for file-CASE.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=load/lib.sh
source "$here/load/lib.sh"
# shellcheck source-path=SCRIPTDIR source=load/pairs.sh
source "$here/load/pairs.sh"

pairs=12 seconds=0.5 cases=() served=$lib_dir/files
known='1k 64k 100m 1k-range 64k-range 100m-range 1k-misses miss miss-alone memory'
declare -A bytes_of=([1k]=1024 [64k]=65536 [100m]=104857600)
own_option() {
  [ "$1" = --case ] || return 1
  [[ " $known " == *" $2 "* ]] || die "no case '$2'; there are: $known"
  cases+=("$2")
}
default_servers() {
  need_program "$tools/../files_server"
  names=(weir) commands=("$tools/../files_server --port {port} --threads {threads} --files {files}")
}
pair_options "$@"
need nginx curl
[ ${#cases[@]} -gt 0 ] || read -ra cases <<<"$known"
commands=("${commands[@]//\{files\}/$served}")
named=$workload

mkdir "$served" "$lib_dir/pool"
for size in "${!bytes_of[@]}"; do head -c "${bytes_of[$size]}" /dev/urandom >"$served/$size"; done
touch -d '2025-01-01' "$served"/* # what was written a moment ago may change unnoticed, and is not kept for long
for i in {1..1000}; do ln "$served/1k" "$lib_dir/pool/$i"; done

# Sets what the case asks for: the request, what must come, and from how many connections.
begin_case() {
  local size=${1%%-*}
  [[ $1 != miss* ]] || size=1k
  file=$served/$size first=0 length=${bytes_of[$size]} status=200 connections=64 compare=yes among=0 requests=0
  [ "$length" -lt 65536 ] || connections=16 compare=no
  [ "$length" -lt 1048576 ] || connections=4
  request=$lib_dir/request
  printf 'GET /files/%s HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$size" >"$request"
  case $1 in
    *-range)
      first=$((length / 4)) length=$((length / 2)) status=206
      printf 'Range: bytes=%s-%s\r\n' $first $((first + length - 1)) >>"$request"
      ;;
    1k-misses) among=10 ;;
    miss*) among=1000 requests=1001 ;; # the first of them alone is the file that is known
  esac
  printf '\r\n' >>"$request"
  workload=${named:-file-$1}
}

# The answer must be the file, or its range.
check_answer() {
  local answer=$lib_dir/$1.answer head
  cmp -s <(tail -c "$length" "$answer") <(tail -c +$((first + 1)) "$file" | head -c "$length") || die "$1 sends something else than the file"
  head=$(head -c $(($(stat -c %s "$answer") - length)) "$answer" | tr -d '\r')
  grep -qix "Content-Length: $length" <<<"$head" || die "$1 says another length: $head"
  [ "$status" = 200 ] || grep -qix "Content-Range: bytes $first-$((first + length - 1))/$(stat -c %s "$file")" <<<"$head" ||
    die "$1 names another range: $head"
}

# make_fresh PATH: makes `among` files that nobody has asked for, and sets `fresh` to the arguments that have each asked
# for once, below PATH. They are links to one file: an open is missed, the disk is not.
never=0
make_fresh() {
  rm -rf "$served/never-$never"
  never=$((never + 1)) fresh=()
  [ "$among" -gt 0 ] || return 0
  mkdir "$served/never-$never"
  ln -t "$served/never-$never" $(seq -f "$lib_dir/pool/%g" "$among")
  seq -f "GET /$1/never-$never/%g HTTP/1.1" "$among" | awk '{ printf "%s\r\nHost: 127.0.0.1\r\n\r\n", $0 }' >"$lib_dir/among"
  fresh=(--among-file "$lib_dir/among")
}

measure() {
  local how=(--seconds "$seconds") path=files
  [ "$requests" -eq 0 ] || how=(--requests "$requests")
  [ "$case" != miss-alone ] || [ "$1" = "$bare_pid" ] || [ "${names[$3]}" = control ] || path=alone
  make_fresh $path
  run_client "$client_core" "$tools/requests" --port "$2" "${how[@]}" --connections "$connections" \
    --request-file "$request" --status "$status" --compare "$compare" "${fresh[@]}" --cpu-of "$(pid_list "$1")"
  awk -v bytes="$length" '{ got[$1] = $2 }
    END {
      printf "cpu_ns %.2f\nrequests_s %.1f\n", got["server_cpu_ns"] / got["requests"], got["requests"] / got["seconds"]
      printf "cpu_ms_gb %.4f\n", got["server_cpu_ns"] / 1e6 / (got["requests"] * bytes / 1e9)
      printf "client_busy %.4f\n", got["own_cpu_ns"] / 1e7 / got["seconds"]
    }' "$lib_dir/client.out"
}
metrics=('cpu_ns ns cpu_ratio' 'requests_s 1/s requests_ratio' 'cpu_ms_gb ms -' 'client_busy % -')

kib() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$2/status"; }

# memory NAME PID PORT: resident memory before downloads, and how much above that its peak is.
memory() {
  local before peak slow
  run_client - "$tools/requests" --port "$3" --requests 8 --connections 4 --request-file "$request" --compare no
  before=$(kib VmRSS "$2")
  echo 5 >"/proc/$2/clear_refs" # the peak is from now on
  curl -s --limit-rate 80M --max-time 60 -o /dev/null "http://127.0.0.1:$3/files/100m" &
  slow=$!
  run_client - "$tools/requests" --port "$3" --requests 16 --connections 4 --request-file "$request" --compare no
  wait "$slow" || die "the slow client did not get all of it from $1"
  peak=$(kib VmHWM "$2")
  echo "$1: resident $before KiB, at its peak $((peak - before)) KiB more while 17 times 100 MiB were sent"
  record "$1" resident_bytes bytes $((before * 1024)) '' '' 1
  record "$1" peak_bytes bytes $(((peak - before) * 1024)) '' '' 17
}

bare_name=nginx bare_command="bash $here/peers/nginx.sh {port} {threads} $lib_dir $served"
begin_case 1k
start_pairs
for case in "${cases[@]}"; do
  if [ "$case" = memory ]; then
    begin_case 100m
    workload=${named:-file-memory}
    save_answers
    echo
    memory nginx "$bare_pid" "$bare_port"
    for i in "${!names[@]}"; do [ "${names[$i]}" = control ] || memory "${names[$i]}" "${pids[$i]}" "${ports[$i]}"; done
  else
    begin_case "$case"
    save_answers
    compare
  fi
done
