#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures weir and its peers on this machine and writes docs/performance.md.
#   benchmarks/run.sh [--quick | --full] [--only WORKLOAD...] [--peer NAME...] [--server NAME=COMMAND]...
#                     [--build DIR] [--out DIR]
#   benchmarks/run.sh --report | --list
# --full    the default: 12 pairs for each target, and 60 where the control was off and there is time left;
#           about 35 minutes on two cores after the build      --quick   few pairs, fewer workloads: about 10
# --only    these workloads alone; the report keeps what is stored of the others      --peer   these peers alone
# --server  a server of your own: {port} in COMMAND stands for the port; it serves GET /plaintext and ends by SIGTERM
# --report  writes the report again from what is stored     --list   says what there is to measure
# --build   build folder, build/benchmarks; the results are in its folder results     --out   docs
# What fails is reported and left out. Everything that is started runs in a process group that is gone afterwards.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")
load=$here/load

usage() { sed -n '3,13p' "$0" | cut -c3-; exit 2; }
die() { echo "run.sh: $*" >&2; exit 1; }
say() { printf '%02d:%02d %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

workloads='small the smallest request of 41 bytes: instructions
small-16 the same, 16 sent at once
plaintext-1 one connection: instructions, CPU
plaintext-64 64 connections: system calls, CPU, beside all peers
plaintext-256 256 connections: CPU, and latency at half of the maximum load
plaintext-1000 1,000 connections: CPU
plaintext-10000 10,000 connections: CPU
pipelined-16 16 requests sent at once: instructions, system calls, CPU, beside all peers
browser a request of 14 fields: instructions, CPU
routes-100 a route with parameters among 100: instructions, CPU
echo POST with content that comes back: instructions, CPU
threads-1 one loop, 64 connections: instructions, CPU
threads-2 two loops on two cores
inline a handler on the loop, 64 connections
blocking a handler on the pool
deferred a reply that another thread completes
connect a connection for each request, beside all peers
accept-reuseport the same, one loop with SO_REUSEPORT
accept-reuseport-2 the same, two loops with a listener each
accept-roundrobin the same, one acceptor for two loops
bytes-16k answers of 16 KiB
bytes-1m answers of 1 MiB, beside all peers
sink-16k uploads of 16 KiB
sink-1m uploads of 1 MiB, beside all peers
idle-1000 memory of 1,000 connections, idle and active, beside all peers
idle-5000 memory of 5,000 idle connections
idle-10000 memory of 10,000 idle connections
idle-19000 memory of 19,000 idle connections
file-1k a file of 1 KiB, beside nginx
file-64k a file of 64 KiB
file-100m a file of 100 MiB
file-1k-range half of the file of 1 KiB
file-64k-range half of the file of 64 KiB
file-100m-range half of the file of 100 MiB
file-1k-misses a file of 1 KiB, and ten in each measurement that were never asked for
file-miss files of 1 KiB that were never asked for
file-miss-alone the same without siblings compressed in advance
file-memory memory while files of 100 MiB are loaded
coded-json JSON of 20 KiB compressed, beside nginx
coded-html HTML of 100 KiB compressed
coded-text text of 1 MiB compressed
logging /plaintext with metrics and access log, on and off: instructions, CPU
upload memory while 1 GiB is uploaded as a form to a disk
events an event to 10,000 subscribers: CPU, memory
micro parts of the library: Google Benchmark
compile time and size of hello world'
not_quick='plaintext-1000 plaintext-10000 echo connect accept-reuseport-2 bytes-16k sink-16k idle-5000 idle-19000
file-1k-range file-64k-range file-100m-range file-1k-misses file-miss file-miss-alone coded-json coded-text upload'
peers_in_quick='plaintext-1 plaintext-64 idle-1000' # and in what --only names

mode=full build=$top/build/benchmarks out=$top/docs action=measure
only=() peers=() own=() line="benchmarks/run.sh${*:+ $*}"
while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --quick | --full) mode=${option#--} ;;
    --report | --list) action=${option#--} ;;
    --only) while [ $# -gt 0 ] && [[ $1 != --* ]]; do only+=("$1"); shift; done ;;
    --peer) while [ $# -gt 0 ] && [[ $1 != --* ]]; do peers+=("$1"); shift; done ;;
    --server) [[ ${1:-} == ?*=*'{port}'* ]] || die "--server takes NAME=COMMAND with {port} in it"; own+=("$1"); shift ;;
    --build) build=${1:?}; shift ;;
    --out) out=${1:?}; shift ;;
    *) usage ;;
  esac
done
known=$(cut -d ' ' -f 1 <<<"$workloads")
for name in "${only[@]}"; do grep -qxF -- "$name" <<<"$known" || die "no workload '$name'; --list shows them"; done
mkdir -p "$build" "$out"
build=$(cd "$build" && pwd)
out=$(cd "$out" && pwd)
results=$build/results tools=$build/benchmarks/load
temp=$(mktemp -d "${TMPDIR:-/tmp}/weir-bench.XXXXXX")
trap 'rm -rf "$temp"' EXIT

report() { python3 "$here/report.py" --results "$results" --out "$out/performance.md" --plots "$out/performance"; }
# shellcheck disable=SC2034 # servers.sh puts files of its servers there
lib_dir=$temp
source "$here/peers/servers.sh"
for pair in "${own[@]}"; do server_add "$pair"; done
for name in "${peers[@]}"; do [[ " ${server_names[*]} " == *" $name "* ]] || die "no server '$name'; --list shows them"; done

case $action in
  report) report; exit ;;
  list)
    echo "workloads:"
    while read -r name text; do printf '  %-18s %s\n' "$name" "$text"; done <<<"$workloads"
    echo "servers: raw_epoll demo ${server_names[*]/#bare/}" | tr -s ' '
    exit
    ;;
esac

# ---- what runs is in a process group of its own, and nothing of it stays behind

child=
end_child() {
  [ -n "$child" ] || return 0
  kill -TERM "$child" 2>/dev/null || true
  for _ in {1..100}; do pgrep -g "$child" -r D,R,S >/dev/null || break; sleep 0.1; done
  kill -KILL -- "-$child" 2>/dev/null || true
  wait "$child" 2>/dev/null || true
  child=
}
trap 'end_child; rm -rf "$temp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# guarded SECONDS COMMAND...: its status; sets `reason` to the last thing that it complained of.
guarded() {
  local status=0
  timeout --kill-after=30 "$@" >"$temp/out" 2>"$temp/err" </dev/null &
  child=$!
  wait "$child" || status=$?
  for _ in {1..30}; do pgrep -g "$child" -r D,R,S >/dev/null || break; sleep 0.1; done
  if pgrep -g "$child" -r D,R,S >/dev/null; then
    say "  it left processes behind: they are ended"
    end_child
  fi
  child=
  sed 's/^/    /' "$temp/out"
  cat "$temp/out" "$temp/err" >>"$results/log"
  [ "$status" -ne 0 ] || return 0
  reason=$(grep -v '^[[:space:]]*$' "$temp/err" | tail -n 1 | tr '\t' ' ' | cut -c1-200) || true
  [ "$status" -ne 124 ] || reason="not finished after $1 seconds"
  reason=${reason//"$top"\//}
  : "${reason:=status $status}"
  return "$status"
}

# failed SERVER: a line for the report.
failed() {
  say "  failed: $1: $reason"
  printf '%s\t%s\tfailed\t-\t-\t-\t-\t-\t%s\n' "$workload" "$1" "$reason" >>"$rows"
}

# ---- install, build, look at the servers

[ "$(nproc)" -ge 2 ] || die "two cores are needed, one for the servers and one for the load"
mkdir -p "$results"
: >"$results/log"
say "packages"
bash "$top/cmake/install-packages.sh" build examples bench
bash "$top/cmake/install-packages.sh" bench_peers || say "  not all peers could be installed: what is missing is left out"
for name in gnuplot python3 strace taskset valgrind; do command -v "$name" >/dev/null || die "'$name' is not installed"; done
say "build: $build"
(cd "$top" && cmake --preset release -B "$build" -DWEIR_BUILD_TESTS=OFF -Wno-dev) >"$results/build.log" 2>&1 &&
  cmake --build "$build" --target all peers >>"$results/build.log" 2>&1 ||
  { tail -n 30 "$results/build.log" >&2; die "the build failed"; }
SECONDS=0 # the budget is for measuring

declare -A command_of=([raw_epoll]="$tools/raw_epoll --port {port}"
                       [bytewise]="$tools/raw_epoll --scan bytes --port {port}"
                       [demo]="$build/examples/demo --port {port} --threads {threads} --no-metrics") # what they cost: logging
# add NAME COMMAND: a server that answers and ends as it should, or a line that says why it does not.
add() {
  if guarded 60 bash -c 'source "$0/lib.sh"; start_server probe - "$2" && "$1/requests" --port "$server_port" --requests 2 &&
       stop_server probe "$server_pid"' "$load" "$tools" "${2//\{threads\}/1}" >/dev/null; then
    command_of[$1]=$2
    [ "$1" = weir ] || others+=("$1")
  else
    failed "$1"
  fi
}
others=() workload=start rows=$results/start.tsv
: >"$rows"
say "servers: does each answer?"
for name in "${server_names[@]}"; do
  [ "$name" != bare ] || continue # command_of[raw_epoll]
  [ ${#peers[@]} -eq 0 ] || [[ " weir ${own[*]%%=*} ${peers[*]} " == *" $name "* ]] || continue
  if text=$(server_command "$name" 2>"$temp/why"); then
    add "$name" "$text"
  else
    reason=$(tail -n 1 "$temp/why")
    failed "$name"
  fi
done
[ -n "${command_of[weir]:-}" ] || die "weir's own server does not answer"
say "  weir, demo, raw_epoll; peers: ${others[*]:-none}"

{
  cxx=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
  printf 'processor\t%s, %s cores\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)"
  printf 'system\t%s, Linux %s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")" "$(uname -r)"
  printf 'compiler\t%s, %s\n' "$("$cxx" --version | head -n 1)" "$(sed -n 's/^CMAKE_CXX_FLAGS_RELEASE:[A-Z]*=//p' "$build/CMakeCache.txt")"
  printf 'weir\t%s\n' "$(git -C "$top" describe --always --dirty 2>/dev/null || echo 'no git')"
  printf 'last run\t%s UTC, `%s`\n' "$(date -u '+%F %H:%M')" "$line"
  printf 'load average before it\t%s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
  for name in "${others[@]}"; do printf 'version of %s\t%s\n' "$name" "$(server_version "$name")"; done
} >"$results/machine.tsv"

# ---- measuring

if [ "$mode" = quick ]; then
  pairs=3 fewer=2 peer_pairs=1 few=300 many=1300 budget=480 repetitions=3
else
  pairs=12 fewer=4 peer_pairs=2 few=500 many=2500 budget=2100 repetitions=7
fi

# run SCRIPT ARGUMENTS...: one script of load/ or of this folder; its rows are in $temp/rows.
run() {
  local script=$load/$1.sh
  [ -e "$script" ] || script=$here/$1.sh
  shift
  : >"$temp/rows"
  guarded 600 bash "$script" --tools "$tools" --workload "$workload" --results "$temp/rows" "$@"
}

# command NAME: the command that starts it, for this workload.
command_with() {
  local text=${command_of[$1]//\{threads\}/$threads}
  [ "$1" != weir ] || text+=$weir_options
  echo "$text"
}

# counted SCRIPT SERVERS -- ARGUMENTS...: exact figures, a server at a time.
counted() {
  local script=$1 name names=()
  shift
  while [ "$1" != -- ]; do names+=("$1"); shift; done
  shift
  [ -z "$retry" ] || return 0
  for name in "${names[@]}"; do
    # What a JIT compiler does under callgrind is not what it does.
    [ "$name" != node ] || [ "$script" != instructions ] || continue
    say "  $script: $name"
    if run "$script" --name "$name" "$@" -- "$(command_with "$name")"; then cat "$temp/rows" >>"$rows"; else failed "$name"; fi
  done
}

# together SCRIPT SERVERS -- ARGUMENTS...: timed figures, by turns with raw_epoll.
together() {
  local script=$1 name servers=()
  shift
  while [ "$1" != -- ]; do servers+=(--server "$1=$(command_with "$1")"); shift; done
  shift
  run "$script" "${servers[@]}" "$@"
}

# timed SCRIPT PAIRS ARGUMENTS...: weir, and the server `beside` if there is one, by turns with raw_epoll and the control.
beside=
timed() {
  local script=$1 rounds=$2
  shift 2
  say "  $script: weir${beside:+, $beside}, $rounds pairs"
  if together "$script" weir ${beside:+"$beside"} -- --rounds "$rounds" "$@"; then cat "$temp/rows" >>"$rows"; else failed weir; fi
}

# parts SCRIPT PAIRS ARGUMENTS...: a script that knows its servers, and compares them by turns.
parts() {
  local script=$1 rounds=$2
  shift 2
  say "  $script: $rounds pairs"
  if run "$script" --rounds "$rounds" "$@"; then cat "$temp/rows" >>"$rows"; else failed weir; fi
}

# stress SCRIPT PROGRAM ARGUMENTS...: one of tests/stress, which says what it has seen.
stress() {
  local script=$1
  shift
  : >"$temp/rows"
  if guarded 600 bash "$top/tests/stress/$script.sh" "$@" --workload "$workload" --results "$temp/rows"; then
    cat "$temp/rows" >>"$rows"
  else
    failed weir
  fi
}

# peers_timed CAN SCRIPT ARGUMENTS...: all others in fewer pairs, with a control of their own. If one
# of them spoils the run, each is run by itself.
peers_timed() {
  local can=$1 script=$2 name names=() keep='$2 != "raw_epoll" { if ($2 == "control") $2 = "control-peers"; print }'
  shift 2
  for name in "${others[@]}"; do if server_can "$name" "$can"; then names+=("$name"); fi; done
  [ ${#names[@]} -gt 0 ] || return 0
  if ((SECONDS > budget)); then
    reason="$script: no time left"
    failed "${names[*]}"
    return
  fi
  say "  $script: ${names[*]}, $peer_pairs pairs"
  if together "$script" "${names[@]}" -- --rounds "$peer_pairs" "$@"; then
    awk -F '\t' -v OFS='\t' "$keep" "$temp/rows" >>"$rows"
    return
  fi
  say "  one of them failed: each by itself"
  for name in "${names[@]}"; do
    if together "$script" "$name" -- --rounds "$peer_pairs" "$@"; then
      awk -F '\t' -v OFS='\t' "$keep" "$temp/rows" >>"$rows"
    else
      failed "$name"
    fi
  done
}

# cpu PAIRS ARGUMENTS...: CPU a request over the bare loop.
cpu() { local rounds=$1; shift; timed cpu_per_request "$rounds" --seconds 1 --connections 64 "$@"; }
instructions() { counted instructions "$@" --low "$few" --high "$many"; }

# request NAME: a file with one whole request.
request() {
  local file=$temp/request.$1
  case $1 in
    get) printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' "$2" ;;
    small) printf 'GET /plaintext HTTP/1.1\r\nHost: weir.t\r\n\r\n' ;;
    echo) printf 'POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 64\r\n\r\n%064d' 0 ;;
    browser)
      printf '%s\r\n' 'GET /plaintext HTTP/1.1' 'Host: www.example.org:8080' 'Connection: keep-alive' 'Cache-Control: max-age=0' \
        'sec-ch-ua: "Chromium";v="120", "Not?A_Brand";v="8"' 'sec-ch-ua-mobile: ?0' 'sec-ch-ua-platform: "Linux"' \
        'Upgrade-Insecure-Requests: 1' \
        'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36' \
        'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8' \
        'Sec-Fetch-Site: same-origin' 'Sec-Fetch-Mode: navigate' 'Accept-Encoding: gzip, deflate, br' \
        'Accept-Language: en-GB,en;q=0.9,de;q=0.8' \
        'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes' ''
      ;;
  esac >"$file"
  echo "$file"
}

# parts_of_library: Google Benchmark's repetitions as median and quartiles; the parser beside those of others.
parts_of_library() {
  local program stem each
  for program in "$build"/benchmarks/*_bench; do
    stem=$(basename "$program" _bench)
    say "  $stem"
    if [ "$stem" = request_parser ]; then # request, bytes, parser, nanoseconds
      guarded 300 "$program" >/dev/null || { failed "$stem"; continue; }
      awk -v OFS='\t' '$2 ~ /^[0-9]+$/ { print "micro", "request_parser/" $1 "/" $3, "ns", "ns", $4, "", "", 200, "the least of all rounds" }' "$temp/out" >>"$rows"
      continue
    fi
    # One at a time: the CSV reporter wants the same counters of all.
    : >"$temp/csv"
    for each in $("$program" --benchmark_list_tests); do
      guarded 300 "$program" --benchmark_filter="^$each\$" --benchmark_format=csv --benchmark_repetitions=$repetitions \
        --benchmark_min_time=0.03 >/dev/null || { failed "$stem/$each"; continue; }
      cat "$temp/out" >>"$temp/csv"
    done
    tr -d '"' <"$temp/csv" | awk -F , -v OFS='\t' -v stem="$stem" '
      $1 == "name" { for (i = 1; i <= NF; ++i) at[$i] = i; next }
      at["cpu_time"] && $at["time_unit"] == "ns" && $1 !~ /_(mean|median|stddev|cv)$/ {
        print stem "/" $1, $at[$1 ~ /real_time/ ? "real_time" : "cpu_time"]
      }' | sort -t $'\t' -k1,1 -k2,2g | awk -F '\t' -v OFS='\t' '
      function at(q,   place, low) { place = (n - 1) * q; low = int(place); return low + 1 < n ? v[low] + (place - low) * (v[low + 1] - v[low]) : v[low] }
      function flush() { if (n) print "micro", name, "ns", "ns", at(0.5), at(0.25), at(0.75), n, ""; n = 0 }
      $1 != name { flush(); name = $1 }
      { v[n++] = $2 }
      END { flush() }' >>"$rows"
  done
}

# hello_world: seconds to compile it, and its size.
hello_world() {
  local begin end seconds=() sorted
  for _ in 1 2 3 4 5; do
    begin=$(date +%s%N)
    "$cxx" -std=c++17 -O2 -I"$top/include" -c "$top/examples/hello.cpp" -o "$temp/hello.o" 2>"$temp/err" ||
      { reason=$(grep -m 1 error "$temp/err"); failed hello; return 0; }
    end=$(date +%s%N)
    seconds+=("$(awk -v ns=$((end - begin)) 'BEGIN { printf "%.3f", ns / 1e9 }')")
  done
  mapfile -t sorted < <(printf '%s\n' "${seconds[@]}" | sort -g)
  strip -o "$temp/hello" "$build/examples/hello"
  printf 'compile\thello\tseconds\ts\t%s\t%s\t%s\t5\t\n' "${sorted[2]}" "${sorted[1]}" "${sorted[3]}" >>"$rows"
  printf 'compile\thello\tbytes\tbytes\t%s\t\t\t1\t\n' "$(stat -c %s "$temp/hello")" >>"$rows"
}

# pipelining: leaves those in `all` that answer more than one request of a read.
pipelining() {
  local name
  all=(raw_epoll demo weir)
  for name in "${others[@]}"; do if server_can "$name" pipelined; then all+=("$name"); fi; done
}

measure() {
  local all=(raw_epoll demo weir "${others[@]}")
  case $workload in
    small) instructions "${all[@]}" bytewise -- --request-file "$(request small)" ;;
    small-16)
      pipelining
      instructions "${all[@]}" bytewise -- --request-file "$(request small)" --depth 16
      ;;
    plaintext-1)
      instructions "${all[@]}" --
      cpu "$fewer" --connections 1
      ;;
    plaintext-64)
      counted syscalls "${all[@]}" -- --connections 64 --low 640 --high 3200
      cpu "$pairs"
      peers_timed plaintext cpu_per_request --seconds 1 --connections 64
      ;;
    plaintext-256)
      cpu "$pairs" --connections 256
      timed latency "$pairs" --seconds 1 --connections 256
      peers_timed plaintext latency --seconds 1 --connections 256
      ;;
    plaintext-*) cpu "$fewer" --connections "${workload#*-}" ;;
    pipelined-16)
      pipelining
      instructions "${all[@]}" -- --depth 16
      counted syscalls "${all[@]}" -- --depth 16 --low 640 --high 6400
      # A loop that looks at each byte takes part: the yardstick of those who count without blocks.
      beside=bytewise cpu "$pairs" --depth 16 --request-file "$(request small)"
      peers_timed pipelined cpu_per_request --seconds 1 --connections 64 --depth 16
      ;;
    browser)
      instructions "${all[@]}" -- --request-file "$(request browser)"
      cpu "$fewer" --request-file "$(request browser)"
      ;;
    routes-100)
      weir_options=' --routes 100'
      instructions weir -- --request-file "$(request get /items/77/42/detail)"
      cpu "$fewer" --request-file "$(request get /items/77/42/detail)"
      ;;
    echo)
      instructions weir -- --request-file "$(request echo)"
      cpu "$fewer" --request-file "$(request echo)"
      ;;
    threads-*)
      threads=${workload#*-} weir_options=' --accept reuseport'
      instructions weir -- --connections 64
      cpu "$pairs" --threads "$threads"
      ;;
    inline) cpu "$pairs" ;;
    blocking) cpu "$pairs" --request-file "$(request get /blocking)" ;;
    deferred) cpu "$fewer" --request-file "$(request get /deferred)" ;;
    connect)
      timed accept "$fewer" --seconds 1
      peers_timed plaintext accept --seconds 1
      ;;
    accept-reuseport)
      weir_options=' --accept reuseport'
      timed accept "$pairs" --seconds 1
      ;;
    accept-reuseport-2 | accept-roundrobin)
      threads=2 weir_options=" --accept $(cut -d - -f 2 <<<"$workload")"
      timed accept "$fewer" --seconds 1 --threads 2 --accept "$(cut -d - -f 2 <<<"$workload")"
      ;;
    bytes-16k | sink-16k) timed transfer "$fewer" --seconds 1 --direction "$direction" --bytes 16384 ;;
    bytes-1m | sink-1m)
      timed transfer "$pairs" --seconds 1 --direction "$direction" --bytes 1048576
      peers_timed "${workload%-*}" transfer --seconds 1 --direction "$direction" --bytes 1048576
      ;;
    idle-1000) counted idle_memory demo weir "${others[@]}" -- --connections 1000 --active ;;
    idle-*) counted idle_memory demo weir -- --connections "${workload#*-}" ;;
    file-*) parts static_files "$pairs" --case "${workload#*-}" ;;
    coded-*) parts compression $(((pairs + 1) / 2)) --content "${workload#*-}" ;;
    logging) parts access_log "$pairs" --demo "$build/examples/demo" --instructions "$([ -z "$retry" ] && echo yes || echo no)" ;;
    upload) stress upload "$build/examples/forms" ;;
    events) stress events "$build/tests/stress/fanout" ;;
    micro) parts_of_library ;;
    compile) hello_world ;;
  esac
}

# Whether a control beside a target is off by more than 0.03: more pairs may help.
control_off() {
  awk -F '\t' -v pairs="$pairs" '$2 == "control" && $3 ~ /^(cpu|connections|bytes|p50)_ratio$/ && $8 >= pairs && ($5 < 0.97 || $5 > 1.03) { off = 1 }
    END { exit !off }' "$rows"
}

again=() retry='' available=("${others[@]}")
while read -r workload text; do
  if [ ${#only[@]} -gt 0 ]; then
    [[ " ${only[*]} " == *" $workload "* ]] || continue
  elif [ "$mode" = quick ]; then
    [[ " ${not_quick//$'\n'/ } " != *" $workload "* ]] || continue
    [[ " $peers_in_quick " == *" $workload "* ]] && others=("${available[@]}") || others=()
  fi
  say "$workload: $text"
  rows=$results/$workload.tsv threads=1 weir_options='' direction=down
  [[ $workload != sink-* ]] || direction=up
  echo "# $(date -u '+%F %H:%M') $mode" >"$rows"
  measure
  if [ "$mode" = full ] && control_off; then again+=("$workload"); fi
done <<<"$workloads"

for workload in "${again[@]}"; do
  say "$workload: the control is off"
  ((SECONDS + 60 * 4 < budget)) || { say "  no time to measure 60 pairs: unresolved"; continue; }
  # What is added to the file now counts instead of what stands above it.
  rows=$results/$workload.tsv threads=1 weir_options='' direction=down pairs=60 fewer=60 retry=yes others=()
  [[ $workload != sink-* ]] || direction=up
  measure
done

report
say "done; a log of all that was said is in ${results#"$top"/}/log"
