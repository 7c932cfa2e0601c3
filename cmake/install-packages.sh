#!/usr/bin/env bash
# Installs what is missing of the Debian packages of the named groups; does nothing where all are there.
#   cmake/install-packages.sh GROUP...
# run: what the built library needs   build: what compiles it   examples: what they use besides   test: both compilers, Catch2, the checkers
# bench: Google Benchmark, load generators   clients: what drives the demo   browser: what shows its dashboard   compilers: the oldest and newest supported   container: buildah, debootstrap
# peers: the servers that weir's behaviour is compared with   bench_peers: those it is measured beside, and what measures and draws
set -euo pipefail

packages() {
  case $1 in
    run) echo libfmt9 ;;
    build) echo g++ cmake ninja-build pkg-config libfmt-dev libssl-dev zlib1g-dev libbrotli-dev libzstd-dev ;;
    examples) echo libcli11-dev nlohmann-json3-dev ;;
    test) echo catch2 clang clang-format clang-tidy curl libclang-rt-dev llvm ;;
    bench) echo libbenchmark-dev valgrind wrk ;;
    clients) echo apache2-utils curl nghttp2-client node-undici nodejs python3 siege slowhttptest wget ;;
    browser) echo chromium nodejs $(command -v npm >/dev/null || echo npm) ;; # some nodejs packages bring npm
    compilers) echo g++-11 clang-19 ;;
    container) echo buildah debootstrap ;;
    bench_peers)
      echo nginx nodejs libh2o-evloop-dev libmicrohttpd-dev libcpp-httplib-dev libboost-dev
      echo libpistache-dev libhttp-parser-dev gnuplot-nox strace valgrind python3 curl util-linux
      ;;
    peers) echo nginx libnginx-mod-http-perl h2o nodejs ;;
    *) echo "install-packages: no group named $1" >&2; exit 2 ;;
  esac
}

[ $# -gt 0 ] || { sed -n '2,6p' "$0" | cut -c3-; exit 2; }
missing=()
for group in "$@"; do
  for package in $(packages "$group"); do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "install-packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "install-packages: neither root nor sudo; please install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; return 1; }; }
apt update -qq || { echo "install-packages: apt-get update failed" >&2; exit 1; }
apt install -y -qq --no-install-recommends "${missing[@]}" || { echo "install-packages: could not install ${missing[*]}" >&2; exit 1; }
