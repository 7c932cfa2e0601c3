#!/usr/bin/env bash
# Installs what is missing and runs every check of the project, on a Debian 12 that may be bare.
#   tests/run.sh [--long] [STAGE...]
# Stages, all by default:
#   format        clang-format has nothing to say
#   layering      who includes whom, the form of headers, no file forgotten
#   gxx           all suites, g++, over a library that is optimised and checked
#   asan          all suites, clang, AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer
#   tsan          the suites that have threads, ThreadSanitizer
#   headers       each header compiles alone, for both targets
#   compile_fail  what must not compile does not
#   package       a stranger's project: find_package, pkg-config, add_subdirectory, both kinds in one program
#   combinations  compiler x standard x kind of library
#   tidy          clang-tidy
#   fuzz          each fuzzer for 5 seconds, from its corpus
#   differential  the rows of the conformance table on nginx, H2O and Node, too: each difference has a reason
#   clients       curl, ab, h2load, siege, undici, http.client and slowhttptest against the demo
#   browser       the demo's dashboard in a headless Chromium; screenshots are kept in build/tests/browser
#   container     the image is built, healthy, without rights
#   guards        instructions a request, against the stored figures
#   examples      the demo starts, is healthy and stops; the other examples answer as the pages say
#   stress        with --long or by name: the stress programs at full length, optimised and under both sanitizers
#   coverage      with --long or by name: lines and branches of include/weir that the suites run
#   aarch64       with --long or by name: the scanner's and the parser's suites for another processor, under qemu
# --long: 10 minutes for each fuzzer, all combinations with the oldest and newest compilers, longer attacks.
# Logs are kept in build/tests/logs. Exit status 1 when a stage failed.
set -uo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
all=(format layering gxx asan tsan headers compile_fail package combinations tidy fuzz differential clients browser guards container examples)
extra=(stress coverage aarch64)
build=build/tests
jobs=$(nproc)

long=
stages=()
for word in "$@"; do
  case $word in
    --long) long=yes ;;
    -h | --help) sed -n '2,26p' "$0" | cut -c3-; exit 0 ;;
    *)
      [[ " ${all[*]} ${extra[*]} " == *" $word "* ]] || { echo "run.sh: no stage named $word; there are: ${all[*]} ${extra[*]}" >&2; exit 2; }
      stages+=("$word")
      ;;
  esac
done
[ ${#stages[@]} -gt 0 ] || stages=("${all[@]}" ${long:+"${extra[@]}"})

echo "== packages"
groups=(build examples test bench)
[ -z "$long" ] || groups+=(compilers)
bash cmake/install-packages.sh "${groups[@]}" || { echo "run.sh: packages are missing" >&2; exit 1; }

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=yes  # what another checkout has compiled is as good
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
fi

[ -z "$long" ] || export WEIR_EVERY_FAULT=yes

# ---------------------------------------------------------------- the stages
# Each runs with `set -e` in a shell of its own; status 77 is a skip, and its last line says why.

configure() { # preset, folder, further arguments
  cmake --preset "$1" -B "$2" "${@:3}" -Wno-dev
}
suites() { # folder, arguments of ctest
  ctest --test-dir "$1" --output-on-failure --no-tests=error --parallel $((2 * jobs)) "${@:2}"
}
cxx_files() { find include src tests examples benchmarks \( -name '*.hpp' -o -name '*.ipp' -o -name '*.cpp' \) -print0; }

configure_gxx() { configure release $build/gxx -DCMAKE_CXX_COMPILER=g++ -DWEIR_CHECKED=ON; }
configure_asan() { configure asan $build/asan; }

stage_format() { cxx_files | xargs -0 -n 40 -P "$jobs" clang-format --dry-run -Werror; }
stage_layering() { cmake -P tests/layering.cmake; }
stage_gxx() {
  configure_gxx
  cmake --build $build/gxx
  suites $build/gxx -LE compile_fail
}
stage_asan() {
  configure_asan
  cmake --build $build/asan
  suites $build/asan -LE compile_fail
}
stage_tsan() {
  configure tsan $build/tsan
  cmake --build $build/tsan --target threaded
  suites $build/tsan -L 'threads|stress'
}
stage_headers() {
  configure_gxx
  cmake --build $build/gxx --target weir_headers
}
stage_compile_fail() {
  configure_gxx
  configure_asan
  suites $build/gxx -L compile_fail
  suites $build/asan -L compile_fail
}
stage_package() { bash tests/package/run.sh $build/package; }
stage_combinations() {
  local compilers=(g++ clang++) cxx standard kind arguments
  [ -z "$long" ] || compilers+=(g++-11 clang++-19)
  for cxx in "${compilers[@]}"; do
    for standard in 17 20; do
      for kind in compiled header_only shared; do
        # Each compiler with each kind, each standard with each kind: the suites have built the rest.
        case $long$cxx$standard in yes* | g++20 | clang++17) ;; *) continue ;; esac
        arguments=()
        case $kind in
          compiled) ;;
          header_only) arguments=(-DWEIR_LINKED=weir::header_only) ;;
          shared) arguments=(-DBUILD_SHARED_LIBS=ON) ;;
        esac
        echo "-- $cxx, C++$standard, $kind"
        configure debug "$build/combinations/$cxx-$standard-$kind" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_STANDARD=$standard \
          -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DWEIR_CHECKED=OFF -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_BENCHMARKS=OFF "${arguments[@]}"
        cmake --build "$build/combinations/$cxx-$standard-$kind" --target hello streaming
      done
    done
  done
}
stage_tidy() {
  configure_asan
  find src -name '*.cpp' -print0 | xargs -0 -n 1 -P "$jobs" timeout 300 clang-tidy -p $build/asan --quiet
}
stage_fuzz() {
  local seconds=5
  [ -z "$long" ] || seconds=600
  configure fuzz $build/fuzz
  cmake --build $build/fuzz
  export seconds build
  find tests/fuzz -name '*_fuzz.cpp' -print0 | sort -z | xargs -0 -n 1 -P "$jobs" bash -c '
    stem=$(basename "$1" _fuzz.cpp)
    found=$build/fuzz/found/$stem
    seeds=tests/fuzz/corpus/$stem
    mkdir -p "$found"
    [ -d "$seeds" ] || { echo "$stem: no corpus in $seeds" >&2; exit 1; }
    "$build/fuzz/tests/${stem}_fuzz" -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$found/" "$found" "$seeds" >"$build/fuzz/$stem.log" 2>&1 ||
      { tail -n 40 "$build/fuzz/$stem.log"; echo "$stem: fuzzer failed, its input is in $found" >&2; exit 1; }
    echo "$stem: $(sed -n "s/^stat::number_of_executed_units: *//p" "$build/fuzz/$stem.log") inputs in $seconds s"
  ' fuzz
}
stage_differential() {
  configure_gxx
  cmake --build $build/gxx --target weir_differential
  bash tests/differential/run.sh $build/gxx/tests/differential/weir_differential
}
stage_clients() {
  configure_gxx
  cmake --build $build/gxx --target demo
  bash tests/clients/run.sh $build/gxx/examples/demo ${long:+--long}
}
stage_browser() {
  configure_gxx
  cmake --build $build/gxx --target demo
  bash tests/browser/run.sh $build/gxx/examples/demo $build/browser
}
stage_guards() {
  configure release $build/release
  bash tests/guards/run.sh $build/release
}
stage_aarch64() { bash tests/aarch64.sh $build/aarch64; }
stage_coverage() { bash tests/coverage.sh $build/coverage; }
stage_container() { bash tests/container/run.sh; }
stage_examples() {
  local port=18088 pid status=0
  timeout 300 bash examples/run.sh --help
  rm -f $build/access.log
  bash examples/run.sh --port $port --trusted-proxy loopback --access-log "$PWD/$build/access.log" &
  pid=$!
  for ((i = 0; i < 300; i++)); do
    kill -0 $pid 2>/dev/null || { echo "the demo ended by itself" >&2; return 1; }
    build/examples/examples/demo --health-check --port $port && break
    sleep 0.1
  done
  build/examples/examples/demo --health-check --port $port || { kill $pid; echo "the demo is not healthy" >&2; return 1; }
  curl -sf -o /dev/null -H 'X-Forwarded-For: 203.0.113.9, 192.0.2.1' http://127.0.0.1:$port/plaintext || status=$?
  kill -TERM $pid
  wait $pid || status=$?
  grep -q '^192\.0\.2\.1 .*"GET /plaintext HTTP/1.1" 200 13 ' $build/access.log || { echo "the demo logs no client behind a proxy" >&2; return 1; }
  [ $status = 0 ] || { echo "SIGTERM ended the demo with status $status, not 0" >&2; return 1; }
  configure_gxx
  cmake --build $build/gxx --target hello streaming upgrade middleware embedded forms rest_api behind_a_proxy events one_file
  bash tests/examples/run.sh $build/gxx/examples
}

stage_stress() {
  local kind limit connections mode
  configure release $build/release
  configure_asan
  configure tsan $build/tsan
  for kind in release asan tsan; do
    limit=0
    [ $kind != release ] || limit=400
    cmake --build $build/$kind --target stress load_requests
    bash tests/stress/vanish.sh $build/$kind/examples/demo --clients 100000
    bash tests/stress/ten_thousand.sh $build/$kind/examples/demo --seconds 60 --limit $limit
    bash tests/stress/events.sh $build/$kind/tests/stress/fanout --subscribers "$([ $kind = release ] && echo 10000 || echo 2000)"
    connections=5000
    [ $kind != tsan ] || connections=2000
    bash tests/stress/chaos.sh $build/$kind/examples/demo --connections $connections --total 100000000 --seconds 300
    if [ $kind = release ]; then $build/$kind/tests/stress/bombs; else $build/$kind/tests/stress/bombs --gib 1 --memory-mib 0; fi
  done
  for mode in head body read; do
    bash tests/stress/slowloris.sh $build/release/examples/demo --mode $mode
    for kind in asan tsan; do
      bash tests/stress/slowloris.sh $build/$kind/examples/demo --mode $mode --attackers 1000 --memory-mib 0
    done
  done
  bash tests/stress/ten_gib.sh $build/release/examples/demo
  bash tests/stress/upload.sh $build/release/examples/forms
  bash tests/stress/soak.sh $build/release/examples/demo
}

# ---------------------------------------------------------------- running them
mkdir -p $build/logs
passed=0
failed=()
skipped=()
for stage in "${stages[@]}"; do
  echo "== $stage"
  log=$build/logs/$stage.log
  start=$SECONDS
  (
    set -e
    "stage_$stage"
  ) >"$log" 2>&1 </dev/null
  case $? in
    0)
      passed=$((passed + 1))
      grep -E '^(100% tests passed|container: healthy|guards: [a-z-]*: |[a-z_]+: [0-9]+ inputs|clients: [0-9]+ passed|examples: [0-9]+ answers|browser: [0-9]+ passed|total|[A-Za-z0-9]+ +[0-9]+ +[0-9]+ )' "$log" | sed 's/^/   /'
      echo "   passed in $((SECONDS - start)) s"
      ;;
    77)
      skipped+=("$stage: $(tail -n 1 "$log")")
      echo "   skipped: $(tail -n 1 "$log")"
      ;;
    *)
      failed+=("$stage")
      tail -n 80 "$log" | sed 's/^/   /'
      echo "   FAILED after $((SECONDS - start)) s; all of it is in $log"
      ;;
  esac
done

echo "== summary, after $SECONDS s"
for line in "${skipped[@]}"; do echo "skipped: $line"; done
for line in "${failed[@]}"; do echo "FAILED: $line"; done
echo "$passed passed, ${#failed[@]} failed, ${#skipped[@]} skipped"
[ ${#failed[@]} -eq 0 ]
