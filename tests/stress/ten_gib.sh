#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Moves gigabytes through a demo, each way, and watches its memory.
#   ten_gib.sh DEMO [--gib 10] [--limit-mib 8]
# Uploads of that size in all, half with a length and half in chunks; a download of that size; a
# paused and a slow client on either side. Requires each byte to be counted, and the demo's peak of
# resident memory to stay within --limit-mib of its peak after a small warm-up (0: only reported, as
# under a sanitizer). The bound: an upload holds one buffer of 64 KiB for each loop, a download at
# most stream_buffer and output_high_water, 256 KiB each; no more than two run at a time. The rest is
# room for what malloc keeps.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

case ${1:-} in '' | -h | --help) sed -n '3,10p' "$0" | cut -c3-; exit 2 ;; esac
demo=$1
shift
gib=10 limit=8
while [ $# -gt 1 ]; do
  case $1 in
    --gib) gib=$2 ;;
    --limit-mib) limit=$2 ;;
    *) die "no such argument: $1" ;;
  esac
  shift 2
done
need curl
need_program "$demo"

get() { curl -sS --max-time 3600 "$@"; }
kib() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$server_pid/status"; }
expect() { [ "$1" = "$2" ] || die "$3: expected $2, got $1"; }
note() { echo "$* ($((SECONDS - start)) s, resident $(kib VmRSS) KiB, peak $(kib VmHWM) KiB)"; start=$SECONDS; }

# upload_length BYTES, upload_chunked BYTES
upload_length() {
  expect "$(head -c "$1" /dev/zero | get -X POST -H "Content-Length: $1" -H 'Transfer-Encoding:' -T - "$url/upload")" \
    "{\"bytes\":$1}" "an upload with a length"
}
upload_chunked() { expect "$(head -c "$1" /dev/zero | get -X POST -T - "$url/upload")" "{\"bytes\":$1}" "a chunked upload"; }

# download BYTES [ARGUMENTS OF CURL]: in one answer where the demo allows that, else in answers of 1 GiB
# on one connection. Prints the bytes and the connections.
download() {
  local left=$1 most=16384 chunks words=()
  shift
  [ "$(get -o /dev/null -I -w '%{http_code}' "$url/stream?chunks=$((left / 65536))&size=65536")" != 200 ] || most=$((left / 65536))
  while [ "$left" -gt 0 ]; do
    chunks=$((left / 65536 > most ? most : left / 65536))
    words+=(-o /dev/null "$url/stream?chunks=$chunks&size=65536")
    left=$((left - chunks * 65536))
  done
  get "$@" -w '%{http_code} %{size_download} %{num_connects}\n' "${words[@]}" |
    awk '$1 != 200 { bad = 1 } { sum += $2; connects += $3 } END { printf "%.0f %d%s\n", sum, connects, bad ? " with errors" : "" }'
}
paused_sender() { # in the middle of its chunks, for less than body_stall_timeout and above the minimum rate
  expect "$({ head -c 30000000 /dev/zero; sleep 4; head -c 30000000 /dev/zero; } | get -X POST -T - "$url/upload")" \
    '{"bytes":60000000}' "an upload that pauses"
}

start=$SECONDS
start_server demo - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4" 60
url=http://127.0.0.1:$server_port
mib=1048576
upload_length $((16 * mib))
upload_chunked $((16 * mib))
expect "$(download $((16 * mib)))" "$((16 * mib)) 1" "a download"
before=$(kib VmHWM)
note "warm: 16 MiB each way"

half=$((gib * 1024 * mib / 2))
upload_length $half
note "uploaded $half bytes with a length"
upload_chunked $half
note "uploaded $half bytes in chunks"
expect "$(download $((gib * 1024 * mib)))" "$((gib * 1024 * mib)) 1" "bytes and connections of a download"
note "downloaded $((gib * 1024 * mib)) bytes on one connection"
paused_sender &
sender=$!
expect "$(download $((32 * mib)) --limit-rate 8M)" "$((32 * mib)) 1" "a slow download"
wait $sender
note "a paused upload of 60 MB beside a slow download of 32 MiB"

grown=$(($(kib VmHWM) - before))
stop_server demo "$server_pid" 60
echo "peak of resident memory: $before KiB after the warm-up, grown by $grown KiB (limit $((limit * 1024)))"
[ "$limit" -eq 0 ] || [ $grown -le $((limit * 1024)) ] || die "more than $limit MiB"
