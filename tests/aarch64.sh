#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The scanner's, the parser's and the chunk decoder's suites as they are on aarch64 (NEON), under qemu.
#   tests/aarch64.sh BUILD
# Exit status 77, with a word, where compiler or emulator are not installed. The other suites need fmt for that
# processor; these do not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# = 1 ] || { sed -n '3,6p' tests/aarch64.sh | cut -c3-; exit 2; }
build=$1
for program in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v $program >/dev/null || { echo "aarch64: '$program' is not installed (Debian: apt-get install g++-aarch64-linux-gnu qemu-user)"; exit 77; }
done

flags=(-std=c++17 -O2 -DWEIR_CHECKED -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iinclude -Itests -idirafter "$build/include")
mkdir -p "$build/include"
ln -sfn /usr/include/catch2 "$build/include/catch2" # one header, the same for every processor
sources=(src/http.cpp tests/main.cpp)
for stem in chars chunk_decoder fields host known_field percent request_head request_parser scan target; do
  sources+=("tests/http/${stem}_test.cpp")
done
compile() { aarch64-linux-gnu-g++ "${flags[@]}" -c "$1" -o "$build/$(basename "$1" .cpp).o"; }
for source in "${sources[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  compile "$source" &
done
for job in $(jobs -p); do wait "$job"; done
printf '#include <weir/impl/config.ipp>\n' >"$build/config.cpp"
compile "$build/config.cpp"
objects=("$build/config.o")
for source in "${sources[@]}"; do objects+=("$build/$(basename "$source" .cpp).o"); done
aarch64-linux-gnu-g++ -static "${objects[@]}" -o "$build/http_tests"
qemu-aarch64 "$build/http_tests"
