# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the load and stress scripts share. They source it; it starts nothing by itself.
#
# Servers are started by start_server and ended by their own process ids alone. `{port}` in a server's
# command stands for a free port and `{threads}` for server_threads, 1 unless it is set. Everything lies in a temporary folder that goes at exit.

set -euo pipefail
export LC_ALL=C
# Both sides of 10,000 connections need a descriptor for each, and not every server asks for them.
[ "$(ulimit -Sn)" = unlimited ] || [ "$(ulimit -Sn)" -ge 20000 ] || ulimit -Sn 20000 2>/dev/null || ulimit -Sn "$(ulimit -Hn)"

lib_dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-load.XXXXXX")
lib_pids=()  # what this script started and has not ended

die() { echo "${0##*/}: $*" >&2; exit 1; }

# usage STATUS: prints the comment at the top of the script and exits with STATUS.
usage() { awk 'NR > 2 { if (!/^#/ || /^# shellcheck/) exit; print substr($0, 3) }' "$0"; exit "$1"; }

# unknown ARGUMENT: says so, prints the usage and exits with 2.
unknown() { echo "${0##*/}: no such argument, or no value for it: $1" >&2; usage 2 >&2; }

# need COMMAND...: dies with the name of the first that is not installed.
need() {
  local name
  for name in "$@"; do
    command -v "$name" >/dev/null 2>&1 || die "'$name' is not installed (Debian: apt-get install $name)"
  done
}

# need_program FILE: dies when a program of this project has not been built.
need_program() { [ -x "$1" ] || die "no program '$1'; build it first"; }

lib_finish() {
  local pid
  for pid in "${lib_pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${lib_pids[@]}"; do
    wait_gone "$pid" 100 || kill -KILL "$pid" 2>/dev/null || true
  done
  rm -rf "$lib_dir"
}
trap lib_finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

forget_pid() {
  local pid kept=()
  for pid in "${lib_pids[@]}"; do [ "$pid" = "$1" ] || kept+=("$pid"); done
  lib_pids=("${kept[@]}")
}

# wait_gone PID TENTHS: whether the process ends within that many tenths of a second.
wait_gone() {
  local i state
  for ((i = 0; i < $2; i++)); do
    state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c1) || true
    [ -z "$state" ] || [ "$state" = Z ] && return 0
    sleep 0.1
  done
  return 1
}

# The process and all below it.
process_tree() {
  local pid
  echo "$1"
  for pid in $(cat /proc/"$1"/task/*/children 2>/dev/null); do process_tree "$pid"; done
}

# Inodes of the sockets that listen on a TCP port.
listening_inodes() {
  awk -v port="$(printf ':%04X' "$1")" \
    '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# A port below the ephemeral range on which nobody listens.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    [ -n "$(listening_inodes "$port")" ] || { echo "$port"; return; }
  done
}

# owns_port PID PORT: whether somebody listens there and every listener belongs to PID's tree.
owns_port() {
  local inode pid inodes owned
  inodes=$(listening_inodes "$2")
  [ -n "$inodes" ] || return 1
  for inode in $inodes; do
    owned=
    for pid in $(process_tree "$1"); do
      if [ -n "$(find "/proc/$pid/fd" -lname "socket:\[$inode\]" 2>/dev/null)" ]; then owned=yes; break; fi
    done
    [ -n "$owned" ] || return 1
  done
}

# start_server NAME CORE COMMAND [SECONDS]: starts it on a free port, pinned to CORE (a list as taskset
# takes it) unless that is '-', and waits until it, and nobody else, listens there. Sets server_pid and server_port; its output
# is in $lib_dir/NAME.out and NAME.err.
start_server() {
  local name=$1 core=$2 command=$3 tenths=$((${4:-20} * 10)) pin=
  server_port=$(free_port)
  [ "$core" = - ] || pin="taskset -c $core "
  command=${command//\{threads\}/${server_threads:-1}}
  bash -c "exec $pin${command//\{port\}/$server_port}" >"$lib_dir/$name.out" 2>"$lib_dir/$name.err" &
  server_pid=$!
  lib_pids+=("$server_pid")
  while ((tenths-- > 0)); do
    owns_port "$server_pid" "$server_port" && return 0
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$lib_dir/$name.err" >&2
  die "$name does not listen on port $server_port: $command"
}

# stop_server NAME PID [SECONDS]: SIGTERM; requires exit status 0 in that time and no word of a
# sanitizer on stderr. Returns 1 and says what was wrong otherwise.
stop_server() {
  local name=$1 pid=$2 status=0 report='ERROR: [A-Za-z]+Sanitizer|WARNING: [A-Za-z]+Sanitizer|runtime error:|SUMMARY: [A-Za-z]+Sanitizer'
  kill -TERM "$pid" 2>/dev/null || true
  if ! wait_gone "$pid" $((${3:-30} * 10)); then
    echo "${0##*/}: $name still runs ${3:-30} s after SIGTERM" >&2
    kill -KILL "$pid" 2>/dev/null || true
  fi
  wait "$pid" || status=$?
  forget_pid "$pid"
  if grep -Eq "$report" "$lib_dir/$name.err"; then
    grep -E -A 40 -m 3 "$report" "$lib_dir/$name.err" | head -n 200 >&2
    echo "${0##*/}: a sanitizer reported on $name" >&2
    return 1
  fi
  if [ "$status" -ne 0 ]; then
    tail -n 20 "$lib_dir/$name.err" >&2
    echo "${0##*/}: $name exited with status $status" >&2
    return 1
  fi
}

# Nanoseconds on a processor of all threads of the process tree.
cpu_ns() {
  local pid files=()
  for pid in $(process_tree "$1"); do files+=(/proc/"$pid"/task/*/schedstat); done
  awk '{ sum += $1 } END { printf "%.0f\n", sum }' "${files[@]}"
}

# Resident bytes of the process tree: user space alone, without the kernel's socket buffers.
rss_bytes() {
  local pid sum=0 kib
  for pid in $(process_tree "$1"); do
    kib=$(awk '/^Rss:/ { print $2 }' "/proc/$pid/smaps_rollup")
    sum=$((sum + kib))
  done
  echo $((sum * 1024))
}

# Open descriptors of the process.
descriptors() { find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l; }

# settled PID COUNT SECONDS: waits until the process has at most COUNT descriptors, or says how many.
settled() {
  local i now
  for ((i = 0; i < $3 * 10; i++)); do
    now=$(descriptors "$1")
    [ "$now" -le "$2" ] && return 0
    sleep 0.1
  done
  echo "${0##*/}: $now descriptors are open, $2 were before" >&2
  return 1
}

# start_hold TOOL PORT CONNECTIONS [ARGUMENTS...]: holds that many connections until stop_hold.
start_hold() {
  local tool=$1 port=$2 count=$3 i
  shift 3
  mkfifo "$lib_dir/hold.in"
  "$tool" --port "$port" --connections "$count" "$@" <"$lib_dir/hold.in" \
    >"$lib_dir/hold.out" 2>"$lib_dir/hold.err" &
  hold_pid=$!
  lib_pids+=("$hold_pid")
  exec {hold_input}>"$lib_dir/hold.in"
  for ((i = 0; i < 1200; i++)); do
    grep -q '^ready' "$lib_dir/hold.out" && return 0
    kill -0 "$hold_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$lib_dir/hold.err" >&2
  die "could not hold $count connections"
}

# Lets go; returns hold's status: 0 when no connection was lost.
stop_hold() {
  local status=0
  exec {hold_input}>&-
  wait "$hold_pid" || status=$?
  forget_pid "$hold_pid"
  rm -f "$lib_dir/hold.in"
  cat "$lib_dir/hold.out" "$lib_dir/hold.err"
  return "$status"
}

# run_wrk CORE PORT PATH CONNECTIONS SECONDS: sets wrk_requests; dies on any error that wrk reports.
run_wrk() {
  local pin=() out=$lib_dir/wrk.out
  [ "$1" = - ] || pin=(taskset -c "$1")
  "${pin[@]}" wrk -t 1 -c "$4" -d "${5}s" "http://127.0.0.1:$2$3" >"$out" 2>&1 || { cat "$out" >&2; die "wrk failed"; }
  if grep -Eq 'Socket errors|Non-2xx' "$out"; then
    cat "$out" >&2
    die "wrk saw errors"
  fi
  wrk_requests=$(awk '/ requests in / { print $1 }' "$out")
  [ "${wrk_requests:-0}" -gt 0 ] || { cat "$out" >&2; die "wrk got no answer"; }
}

# Reads numbers; prints median, first and third quartile.
quartiles() {
  sort -g | awk '
    function at(q,   place, low) {
      place = (NR - 1) * q; low = int(place)
      return low + 1 < NR ? v[low] + (place - low) * (v[low + 1] - v[low]) : v[low]
    }
    { v[NR - 1] = $1 }
    END { printf "%.3f %.3f %.3f\n", at(0.5), at(0.25), at(0.75) }'
}

# value NAME FILE: what a load program printed under that name.
value() { awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }' "$2"; }

# run_client CORE TOOL ARGUMENTS...: runs a load program, pinned unless CORE is '-'; what it printed is in
# $lib_dir/client.out. Dies when it failed, with what it said.
run_client() {
  local pin=()
  [ "$1" = - ] || pin=(taskset -c "$1")
  shift
  "${pin[@]}" "$@" >"$lib_dir/client.out" 2>"$lib_dir/client.err" && return 0
  cat "$lib_dir/client.out" "$lib_dir/client.err" >&2
  die "${1##*/} failed: $(head -n 1 "$lib_dir/client.err")"
}

# What the options below set.
tools='' results='' workload='' names=() commands=()

# common_option NAME VALUE: takes an option that all measuring scripts have; returns 1 for any other.
common_option() {
  case $1 in
    --tools) tools=$2 ;;
    --results) results=$2 ;;
    --workload) workload=$2 ;;
    --server)
      [[ $2 =~ ^[A-Za-z0-9_.+-]+= ]] || die "--server takes NAME=COMMAND, got '$2'"
      names+=("${2%%=*}") commands+=("${2#*=}")
      ;;
    *) return 1 ;;
  esac
}

# get_request PATH: sets `request` to a file with a small GET.
get_request() {
  request=$lib_dir/request
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' "$1" >"$request"
}

# record SERVER METRIC UNIT VALUE [LOW] [HIGH] [SAMPLES] [NOTE]: a line for the file of --results.
record() {
  [ -n "$results" ] || return 0
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
    "$workload" "$1" "$2" "$3" "$4" "${5:-}" "${6:-}" "${7:-}" "${8:-}" >>"$results"
}
