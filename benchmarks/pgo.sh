#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the demo, and the library in it, optimised by a profile of itself at work (g++).
#   benchmarks/pgo.sh [BUILD]
# BUILD is the folder of both presets, pgo-generate and pgo-use: by default build/pgo. The training is a
# few thousand requests of each kind that a server sees: small, a browser's, pipelined, with a body, unknown.
source "$(dirname "$0")/load/lib.sh"

top=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$top/build/pgo}
jobs=$(nproc)
cd "$top"

cmake --preset pgo-generate -B "$build" -Wno-dev
cmake --build "$build" --parallel "$jobs" --target demo load_requests
find "$build" -name '*.gcda' -delete
cp "$build/benchmarks/load/requests" "$lib_dir/requests"

# request NAME LINE...: a request from its lines, with a body from stdin.
request() {
  local file=$lib_dir/$1
  shift
  { printf '%s\r\n' "$@" ''; cat; } >"$file"
}
request small 'GET /plaintext HTTP/1.1' 'Host: weir.test' </dev/null
request browser 'GET /json HTTP/1.1' 'Host: www.example.org' 'Connection: keep-alive' \
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' \
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' 'Accept-Language: en-US,en;q=0.5' \
  'Accept-Encoding: gzip, deflate, br' 'Referer: https://www.example.org/' \
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark' 'Sec-Fetch-Mode: navigate' </dev/null
request echo 'POST /echo HTTP/1.1' 'Host: weir.test' 'Content-Type: text/plain' 'Content-Length: 5' <<<'hell'
request chunked 'POST /echo HTTP/1.1' 'Host: weir.test' 'Transfer-Encoding: chunked' < <(printf '5\r\nhello\r\n0\r\n\r\n')
request later 'GET /later?ms=1 HTTP/1.1' 'Host: weir.test' </dev/null
request unknown 'GET /nothing/here HTTP/1.1' 'Host: weir.test' </dev/null

start_server demo - "$build/examples/demo --port {port} --threads 1" 20
train() { # REQUEST COUNT ARGUMENTS...
  "$lib_dir/requests" --port "$server_port" --request-file "$lib_dir/$1" --requests "$2" "${@:3}" >/dev/null
}
train small 20000 --connections 64
train small 32000 --depth 16
train browser 20000 --connections 64
train browser 16000 --depth 16
train echo 5000
train chunked 5000
train later 64 --connections 64
train unknown 2000 --status 404
stop_server demo "$server_pid"

cmake --preset pgo-use -B "$build" -Wno-dev
cmake --build "$build" --parallel "$jobs" --target demo load_requests
echo "pgo: $build/examples/demo"
