#!/usr/bin/env bash
# A stranger's project, in each way that one may take weir in. Each program is built and run.
#   tests/package/run.sh [build folder]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${1:-$top/build/tests/package}")
rm -rf "$build"
mkdir -p "$build"
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

run_programs() {  # folder with the programs, what they were built from
  for program in hello hello_header_only both_kinds compression compression_header_only crypto crypto_header_only json json_header_only \
    embedded_weir embedded_header_only; do
    "$1/$program" || { echo "package: $program, $2: exit $?" >&2; exit 1; }
  done
}

configure() { cmake -G "${generator:-Ninja}" "${launcher[@]}" -DCMAKE_BUILD_TYPE=None "$@" >"$build/configure.log" || { cat "$build/configure.log" >&2; exit 1; }; }

for shared in OFF ON; do
  echo "package: installed, BUILD_SHARED_LIBS=$shared"
  prefix=$build/prefix-$shared
  configure -S "$top" -B "$build/weir-$shared" -DBUILD_SHARED_LIBS=$shared -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_EXAMPLES=OFF \
    -DWEIR_BUILD_BENCHMARKS=OFF -DCMAKE_INSTALL_PREFIX=/opt/weir
  cmake --build "$build/weir-$shared"
  # Staged, then moved: nothing in it may know where it was to be installed.
  DESTDIR=$build/stage cmake --install "$build/weir-$shared" >/dev/null
  mv "$build/stage/opt/weir" "$prefix"

  echo "package: find_package"
  configure -S "$here/find_package" -B "$build/find_package-$shared" -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$build/find_package-$shared"
  run_programs "$build/find_package-$shared" "find_package, BUILD_SHARED_LIBS=$shared"

  echo "package: pkg-config"
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name weir.pc)")
  export PKG_CONFIG_PATH
  mkdir -p "$build/pkg_config-$shared"
  # shellcheck disable=SC2046  # the words are meant to be split
  "${CXX:-c++}" -std=c++17 "$here/hello.cpp" -o "$build/pkg_config-$shared/hello" $(pkg-config --cflags --libs weir)
  LD_LIBRARY_PATH=$(pkg-config --variable=libdir weir) "$build/pkg_config-$shared/hello"
done

echo "package: installed without its parts"
# The same objects: nothing is compiled again.
configure -S "$top" -B "$build/weir-OFF" -DWEIR_CRYPTO=OFF -DWEIR_COMPRESSION=OFF
cmake --build "$build/weir-OFF"
DESTDIR=$build/stage cmake --install "$build/weir-OFF" >/dev/null
headers=$build/stage/opt/weir/include
for header in compress decompress signed_cookie detail/encoder detail/decoder; do
  [ -f "$top/include/weir/$header.hpp" ] || { echo "package: there is no $header.hpp any more" >&2; exit 1; }
  [ ! -f "$headers/weir/$header.hpp" ] || { echo "package: $header.hpp was installed without its part" >&2; exit 1; }
done
grep -rhoE '^#include <weir/[^>]+' "$headers" | cut -d'<' -f2 | sort -u | while read -r name; do
  [ -f "$headers/$name" ] || { echo "package: $name is included and was not installed" >&2; exit 1; }
done
rm -rf "$build/stage"

echo "package: pkg-config, header-only"
# shellcheck disable=SC2046
"${CXX:-c++}" -std=c++17 "$here/hello.cpp" -o "$build/pkg_config-ON/hello_header_only" $(pkg-config --cflags --libs weir-header-only)
"$build/pkg_config-ON/hello_header_only"

echo "package: embedded files that change, come and go"
assets="$build/as sets"
mkdir -p "$assets/.git"
printf 'one' >"$assets/it's ü [1] #2 %20.txt"
touch "$assets/.hidden" "$assets/.git/config" "$assets/index.html"
configure -S "$here/find_package" -B "$build/embedded" -DCMAKE_PREFIX_PATH="$build/prefix-OFF" -DASSETS="$assets"
embedded() {  # what the program is to print
  cmake --build "$build/embedded" --target embedded_weir >"$build/embedded.log" || { cat "$build/embedded.log" >&2; exit 1; }
  diff <("$build/embedded/embedded_weir" | grep -v '^index') <(printf "$1") || { echo "package: embedded: $2" >&2; exit 1; }
}
echo index >"$assets/index.html"
embedded "it's ü [1] #2 %%20.txt 3\n" "at first"
printf 'other' >"$assets/it's ü [1] #2 %20.txt"
embedded "it's ü [1] #2 %%20.txt 5\n" "after a change"
mkdir "$assets/sub"
printf 'x' >"$assets/sub/x"
embedded "it's ü [1] #2 %%20.txt 5\nsub/x 1\n" "after a file has come"
rm -r "$assets/sub"
embedded "it's ü [1] #2 %%20.txt 5\n" "after it has gone"
cmake --build "$build/embedded" --target embedded_weir | grep -q 'no work' || { echo "package: embedded: made again for nothing" >&2; exit 1; }

for generator in "Unix Makefiles" Ninja; do
  echo "package: embedded files that the build makes, $generator"
  made="$build/made-${generator% *}"
  mkdir -p "$made/made"
  printf 'kept' >"$made/made/kept #1.txt"
  printf 'one' >"$made/version"
  configure -S "$here/generated" -B "$made" -DCMAKE_PREFIX_PATH="$build/prefix-OFF" -DVERSION_FILE="$made/version"
  generated() {  # what the program is to print, when
    cmake --build "$made" >"$build/embedded.log" 2>&1 || { cat "$build/embedded.log" >&2; exit 1; }
    diff <("$made/embedded" | grep -v '^index\|^last') <(printf '%b' "$1") || { echo "package: embedded: $2" >&2; exit 1; }
  }
  generated "app.one.js 3\nkept #1.txt 4\n" "at first"
  generated "app.one.js 3\nkept #1.txt 4\n" "once more"
  printf 'three' >"$made/version"
  generated "app.three.js 5\nkept #1.txt 4\n" "with another name"
  printf 'changed' >"$made/made/kept #1.txt"
  generated "app.three.js 5\nkept #1.txt 7\n" "after a change of what is not made"
  generated "app.three.js 5\nkept #1.txt 7\n" "at last"
  if cmake --build "$made" | grep Embedding; then echo "package: embedded: made again for nothing" >&2; exit 1; fi
done
unset generator

echo "package: what cannot be embedded"
refused() {  # generator, name of a file, arguments, words
  local folder="$build/refused-${1% *}" files="$build/refused-files"
  rm -rf "$files"
  mkdir -p "$files"
  touch "$files/a" "$files/b" "$files/$2"
  if cmake -G "$1" -S "$here/generated" -B "$folder" -DCMAKE_PREFIX_PATH="$build/prefix-OFF" "-DARGUMENTS=$files;$3" >"$build/refused.log" 2>&1; then
    echo "package: $2, $3 was not refused" >&2
    exit 1
  fi
  tr -s ' \n' ' ' <"$build/refused.log" | grep -qF -- "$4" || { cat "$build/refused.log" >&2; exit 1; }
}
for word in static public default; do refused Ninja a "NAME;$word" "\"$word\" is a word of C++'s, give a NAME"; done
for seconds in 0123 1x -1; do refused Ninja a "NAME;assets;MODIFIED;$seconds" "MODIFIED \"$seconds\" is no number"; done
for name in 'a;b' 'a;a'; do refused Ninja "$name" "NAME;assets" "a file has ';' in its name"; done
for name in 'x;y' 'x\y'; do refused Ninja "$name" "NAME;assets" "is a link to nothing, or has one of ;[]"; done
for name in 'a|b' 'a$<1:b>'; do refused Ninja "$name" "NAME;assets" "/$name: CMake cannot build with '|' or '$<' in a name"; done
for name in 'a:b' 'a (1)'; do refused "Unix Makefiles" "$name" "NAME;assets" "/$name: Make cannot build with ':' in a name"; done

echo "package: add_subdirectory"
configure -S "$here/add_subdirectory" -B "$build/add_subdirectory"
cmake --build "$build/add_subdirectory"
run_programs "$build/add_subdirectory" add_subdirectory
