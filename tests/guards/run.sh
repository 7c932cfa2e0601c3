#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Counts the instructions of a request and compares them with the figures that are stored.
#   tests/guards/run.sh [--write] [BUILD]
# BUILD is a folder of the preset `release`, by default build/tests/release; what is missing in it is built.
# A figure more than 5 % above the stored one is a failure, and so is one more than 5 % below it: then
# --write stores the new ones. Figures hold for one major version of one compiler; with another this
# is skipped (exit status 77). That a user's handler costs what the demo's own does, ± 2 %, holds for all.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$here/../..
stored=$here/instructions.tsv
write=
[ "${1:-}" != --write ] || { write=yes; shift; }
case $#${1:-} in 0 | 1[!-]*) ;; *) sed -n '3,8p' "$0" | cut -c3-; exit 2 ;; esac
build=${1:-$top/build/tests/release}
command -v valgrind >/dev/null || { echo "guards: valgrind is not installed (Debian: apt-get install valgrind)" >&2; exit 1; }

[ -f "$build/CMakeCache.txt" ] || (cd "$top" && cmake --preset release -B "$build" -Wno-dev)
build=$(cd "$build" && pwd)
cmake --build "$build" --target demo load_requests weir_guard_in_memory weir_guard_user_handler
guards=$build/tests/guards
if grep -Eq '^WEIR_CHECKED:[A-Z]*=(ON|TRUE|1)$|^WEIR_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
  echo "guards: a checked or sanitized build says nothing about the cost" >&2
  exit 1
fi

cxx=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
case $("$cxx" --version | head -n 1) in *clang*) kind=clang++ ;; *) kind=g++ ;; esac
version=$("$cxx" -dumpversion)
compiler="$kind ${version%%.*}"

temp=$(mktemp -d "${TMPDIR:-/tmp}/weir-guards.XXXXXX")
trap 'rm -rf "$temp"' EXIT
"$guards/weir_guard_in_memory" print small >"$temp/small"
"$guards/weir_guard_in_memory" print small /greetings >"$temp/greetings" # as long as /plaintext
"$guards/weir_guard_in_memory" print browser >"$temp/browser"

# in_memory ARGUMENTS...: instructions of one round, two runs subtracted.
in_memory() {
  local count totals=()
  for count in 1000 5000; do
    valgrind --tool=callgrind --callgrind-out-file="$temp/profile.$1.$2.$count" "$guards/weir_guard_in_memory" "$@" $count 2>"$temp/error.$1.$2" ||
      { cat "$temp/error.$1.$2" >&2; return 1; }
    totals+=("$(awk '/^totals:/ { print $2 }' "$temp/profile.$1.$2.$count")")
  done
  awk -v a="${totals[0]}" -v b="${totals[1]}" -v n="$([ "$2" = pipelined ] && echo 16 || echo 1)" 'BEGIN { printf "%.0f\n", (b - a) / 4000 / n }'
}
# served REQUEST-FILE DEPTH COMMAND: instructions of one request through a socket.
served() {
  bash "$top/benchmarks/load/instructions.sh" --tools "$build/benchmarks/load" --low 1600 --high 8000 \
    --request-file "$temp/$1" --depth "$2" -- "$3" | awk '/^instructions per request:/ { printf "%.0f\n", $4 }'
}
demo="$build/examples/demo --port {port} --threads 1 --no-metrics"
measured="$build/examples/demo --port {port} --threads 1"

# name, and what counts it; two run at a time.
measure() {
  case $1 in
    parser-* | session-*) in_memory "${1%%-*}" "${1#*-}" ;;
    demo-small) served small 1 "$demo" ;;
    demo-browser) served browser 1 "$demo" ;;
    demo-pipelined) served small 16 "$demo" ;;
    metrics-small) served small 1 "$measured" ;;
    user-handler) served greetings 1 "$guards/weir_guard_user_handler {port}" ;;
  esac
}
names=(parser-small parser-browser session-small session-browser session-pipelined demo-small demo-browser demo-pipelined metrics-small)
for name in "${names[@]}" user-handler; do
  while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
  measure "$name" >"$temp/figure.$name" &
done
wait

status=0
compared=0
figure() { cat "$temp/figure.$1"; }
within() { awk -v a="$1" -v b="$2" -v most="$3" 'BEGIN { d = a / b - 1; exit !(d <= most && d >= -most) }'; }
percent() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%+.1f %%", 100 * (a / b - 1) }'; }
for name in "${names[@]}" user-handler; do
  [[ $(figure "$name") =~ ^[1-9][0-9]*$ ]] || { echo "guards: $name could not be counted" >&2; exit 1; }
done

if [ -n "$write" ]; then
  {
    grep -v "^[a-z-]*	$compiler	" "$stored" 2>/dev/null || printf '# instructions a request: name, compiler, figure; written by run.sh --write\n'
    for name in "${names[@]}"; do printf '%s\t%s\t%s\n' "$name" "$compiler" "$(figure "$name")"; done
  } >"$temp/stored"
  cp "$temp/stored" "$stored"
  echo "guards: stored for $compiler"
fi
for name in "${names[@]}"; do
  old=$(awk -F '\t' -v name="$name" -v compiler="$compiler" '$1 == name && $2 == compiler { print $3 }' "$stored")
  new=$(figure "$name")
  if [ -z "$old" ]; then
    echo "guards: $name: $new instructions, no figure stored for $compiler"
    continue
  fi
  compared=$((compared + 1))
  echo "guards: $name: $new instructions, stored $old, $(percent "$new" "$old")"
  within "$new" "$old" 0.05 && continue
  status=1
  if [ "$new" -gt "$old" ]; then
    echo "guards: $name costs more than 5 % more than it did" >&2
  else
    echo "guards: $name has become cheaper; update the stored figure (tests/guards/run.sh --write)" >&2
  fi
done
demo_small=$(figure demo-small)
user=$(figure user-handler)
echo "guards: user-handler: $user instructions, the demo's $demo_small, $(percent "$user" "$demo_small")"
within "$user" "$demo_small" 0.02 || { echo "guards: a user's handler costs not what the demo's /plaintext does, ± 2 %" >&2; status=1; }
[ $status = 0 ] || exit 1
[ $compared -gt 0 ] || { echo "guards: no figures are stored for $compiler"; exit 77; }
