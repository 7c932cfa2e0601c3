#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the suites in a build that counts and prints what of include/weir they reach.
#   coverage.sh [--uncovered] [--only PATTERN] [FOLDER]
# --uncovered   also prints each line that never ran and each branch that was never or always taken
# --only        counts the files whose path under include/weir matches this regular expression of awk's
# FOLDER        of the build, build/tests/coverage by default
# Lines are those that hold code, branches the two ways out of each condition. Not counted is what the
# compiler folds, what only WEIR_UNREACHABLE() follows, and the way past all cases of a switch, which has no
# default here. WEIR_CHECKED is off.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
die() { echo "coverage.sh: $*" >&2; exit 1; }

uncovered=0
only=.
build=
while [ $# -gt 0 ]; do
  case $1 in
    --uncovered) uncovered=1 ;;
    --only) only=${2:?coverage.sh: --only needs a pattern}; shift ;;
    -h | --help) sed -n '3,10p' "$0" | cut -c3-; exit 0 ;;
    -*) die "no option named $1" ;;
    *) build=$1 ;;
  esac
  shift
done
build=${build:-build/tests/coverage}

bash cmake/install-packages.sh build test || die "packages are missing"
launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
fi
suites=(weir_http_tests weir_net_tests weir_tests weir_form_tests weir_form_fault_tests weir_crypto_tests weir_allocation_tests weir_conformance_tests)
! grep -q weir_fault_tests tests/CMakeLists.txt || suites+=(weir_fault_tests)

mkdir -p "$build"
log=$build/coverage.log
cmake --preset coverage -B "$build" "${launcher[@]}" -Wno-dev >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "cmake failed"; }
cmake --build "$build" --target "${suites[@]}" >>"$log" 2>&1 || { tail -n 40 "$log" >&2; die "the build failed"; }

# The tools must be of the compiler's own version: the format of the counts changes.
version=$(clang++ -dumpversion)
tool() { command -v "$1-${version%%.*}" || command -v "$1" || die "$1 is missing: install llvm"; }
profdata=$(tool llvm-profdata)
cov=$(tool llvm-cov)

rm -f "$build"/*.profraw
objects=()
for suite in "${suites[@]}"; do
  program=$(find "$build/tests" -name "$suite" -type f -perm -u+x)
  [ -n "$program" ] || die "$suite was not built"
  LLVM_PROFILE_FILE=$build/$suite.%p.profraw "$program" >"$build/$suite.log" 2>&1 || { tail -n 40 "$build/$suite.log" >&2; die "$suite failed"; }
  echo "$suite: $(tail -n 2 "$build/$suite.log" | tr -s '\n' ' ')"
  objects+=(-object "$program")
done
"$profdata" merge -sparse "$build"/*.profraw -o "$build/coverage.profdata"
"$cov" show "${objects[@]:1}" -instr-profile="$build/coverage.profdata" -show-branches=count -show-instantiations=false \
  "$top/include/weir" >"$build/coverage.txt" 2>>"$log" || die "llvm-cov failed, see $log"

# The listing has `line|count|code`, and `Branch (line:column): [True: n, False: n]` behind a line that has some.
awk -v root="$top/include/weir/" -v uncovered=$uncovered -v only="$only" '
  function share(hit, all) { return all == 0 ? "     -" : sprintf("%5.1f%%", 100 * hit / all) }
  function row(name, l, lh, b, bh) { return sprintf("%-40s %6d %s   %6d %s", name, l, share(lh, l), b, share(bh, b)) }
  function max(a, b) { return a > b ? a : b }
  index($0, root) == 1 && /:$/ { file = substr($0, length(root) + 1); sub(/:$/, "", file); next }
  file !~ only { next }
  /Branch \([0-9]+:[0-9]+\): \[/ {
    if (/Folded/) next
    match($0, /\([0-9]+:[0-9]+\)/)
    key = file SUBSEP substr($0, RSTART + 1, RLENGTH - 2)
    if (text[file SUBSEP line] ~ /^ *switch \(/) next
    match($0, /True: [^,]+/); taken = substr($0, RSTART + 6, RLENGTH - 6) != "0"
    match($0, /False: [^]]+/); passed = substr($0, RSTART + 7, RLENGTH - 7) != "0"
    yes[key] = max(yes[key], taken); no[key] = max(no[key], passed); seen[key] = 1
    next
  }
  /^ *[0-9]+\|/ {
    split($0, part, "|")
    line = part[1] + 0; count = part[2]; gsub(/ /, "", count)
    code = $0; sub(/^[^|]*\|[^|]*\|/, "", code)
    if (code ~ /^ *WEIR_UNREACHABLE\(\);$/) {
      for (; labels > 0; --labels) { delete lines[label[labels]]; impossible[label[labels]] = 1 }
      next
    }
    if (count == "") next
    key = file SUBSEP line
    lines[key] = max(lines[key], count != "0"); text[key] = code
    if (count == "0" && code ~ /^ *case [^;]*:( *\/\/.*)?$/) label[++labels] = key; else labels = 0
  }
  END {
    for (key in lines) { split(key, part, SUBSEP); files[part[1]]; all[part[1]]++; hit[part[1]] += lines[key] }
    for (key in seen) {
      split(key, part, SUBSEP); split(part[2], at, ":")
      if ((part[1] SUBSEP at[1]) in impossible) delete seen[key]
    }
    for (key in seen) { split(key, part, SUBSEP); ways[part[1]] += 2; went[part[1]] += yes[key] + no[key] }
    sort = "sort -k1,1"
    printf "%-40s %6s %6s   %6s %6s\n", "include/weir/", "lines", "", "branch", ""
    for (file in files) {
      print row(file, all[file], hit[file], ways[file], went[file]) | sort
      folder = file; sub(/\/?(impl\/)?[^\/]*$/, "", folder); if (folder == "") folder = "weir"
      if (file ~ /^impl\//) folder = "weir"
      fl[folder] += all[file]; fh[folder] += hit[file]; fb[folder] += ways[file]; fw[folder] += went[file]
      tl += all[file]; th += hit[file]; tb += ways[file]; tw += went[file]
    }
    close(sort)
    print ""
    for (folder in fl) print row(folder, fl[folder], fh[folder], fb[folder], fw[folder]) | sort
    close(sort)
    print row("total", tl, th, tb, tw)
    if (!uncovered) exit
    sort = "sort -t: -k1,1 -k2,2n"
    print "\nnot reached:"
    for (key in lines) if (!lines[key]) { split(key, part, SUBSEP); print part[1] ":" part[2] ":" text[key] | sort }
    for (key in seen) {
      if (yes[key] && no[key]) continue
      split(key, part, SUBSEP); split(part[2], at, ":")
      if (!lines[part[1] SUBSEP at[1]]) continue
      print part[1] ":" at[1] ":" at[2] ": " (yes[key] ? "always" : no[key] ? "never" : "not asked") ":" text[part[1] SUBSEP at[1]] | sort
    }
    close(sort)
  }' "$build/coverage.txt"
