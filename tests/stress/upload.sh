#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Uploads a large file as multipart/form-data to the forms example and watches its memory.
#   upload.sh FORMS [--mib 1024] [--limit-mib 16] [--folder DIR] [--workload NAME] [--results FILE]
# The file comes with a length, in chunks, and twice at once beside a client that breaks off. Requires
# the example's copy to have the SHA-256 of what was sent, its peak of resident memory to stay within
# --limit-mib of its peak after a small upload (0: only reported, as under a sanitizer), and nothing
# else to lie in the folder at the end. The bound: an upload holds two blocks of 256 KiB and what a
# turn reads, and malloc keeps as much again. --folder must be a disk with room for three of the file.
# --results appends lines as benchmarks/load/lib.sh has them.
source "$(dirname "$0")/../../benchmarks/load/lib.sh"

case ${1:-} in '' | -h | --help) sed -n '3,11p' "$0" | cut -c3-; exit 2 ;; esac
forms=$1
shift
mib=1024 limit=16 parent=${TMPDIR:-/var/tmp}
while [ $# -gt 1 ]; do
  case $1 in
    --mib) mib=$2 ;;
    --limit-mib) limit=$2 ;;
    --folder) parent=$2 ;;
    *) common_option "$1" "$2" || die "no such argument: $1" ;;
  esac
  shift 2
done
need curl
need openssl
need_program "$forms"
folder=$(mktemp -d "$parent/weir-upload.XXXXXX")
trap 'rm -rf "$folder"; lib_finish' EXIT

kib() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$server_pid/status"; }
note() { echo "$* ($((SECONDS - start)) s, resident $(kib VmRSS) KiB, peak $(kib VmHWM) KiB)"; start=$SECONDS; }
post() { curl -sS --max-time 3600 -H 'Expect:' "$@" -F title=large -F "file=@$sent;filename=../../large" -F after=1 "$url/photos"; }

# The same bytes for the same size, and no two blocks alike.
make_file() { { openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null || true; } | head -c "$1" >"$sent"; }
check() { # the answer
  local name
  name=$(sed -n 2p <<<"$1" | cut -d' ' -f1)
  [ "$(sed -n 2p <<<"$1")" = "$name $(stat -c %s "$sent") large" ] || die "unexpected answer: $1"
  [ "$(sha256sum <"$folder/store/$name")" = "$sum" ] || die "the file is not what was sent"
  [ "$(stat -c %a "$folder/store/$name")" = 600 ] || die "others can read the file"
  rm "$folder/store/$name"
}

start=$SECONDS
mkdir "$folder/store"
sent=$folder/sent
start_server forms - "$forms $folder/store {port}" 60
url=http://127.0.0.1:$server_port
make_file 4000000
sum=$(sha256sum <"$sent")
check "$(post)"
before=$(kib VmHWM)
note "warm: 4 MB"

make_file $((mib * 1048576))
sum=$(sha256sum <"$sent")
note "made $mib MiB"
spent=$(cpu_ns "$server_pid") begun=${EPOCHREALTIME/./}
answer=$(post)
took=$((${EPOCHREALTIME/./} - begun)) spent=$(($(cpu_ns "$server_pid") - spent))
check "$answer"
note "uploaded $mib MiB with a length"
check "$(post -H 'Transfer-Encoding: chunked')"
note "uploaded $mib MiB in chunks"
# One breaks off while the other goes on.
curl -sS --max-time 2 --limit-rate 8M -H 'Expect:' -F "file=@$sent" "$url/photos" >/dev/null 2>&1 &
lost=$!
check "$(post)"
wait "$lost" || true
note "uploaded $mib MiB beside a client that broke off"

grown=$(($(kib VmHWM) - before))
sleep 0.5
left=$(find "$folder/store" -mindepth 1 | wc -l)
open=$(find "/proc/$server_pid/fd" -lname "$folder/*" | wc -l)
stop_server forms "$server_pid" 60
echo "peak of resident memory: $before KiB after the warm-up, grown by $grown KiB (limit $((limit * 1024)))"
awk -v bytes=$((mib * 1048576)) -v us="$took" -v ns="$spent" \
  'BEGIN { printf "with a length: %.0f MB/s, %.0f ms of processor time for a gigabyte\n", bytes / us, ns / 1e6 / (bytes / 1e9) }'
: "${workload:=upload}"
record forms resident_bytes bytes $((before * 1024)) '' '' 1 'peak after a small upload'
record forms peak_bytes bytes $((grown * 1024)) '' '' 3 "$mib MiB three times"
record forms cpu_ms_gb ms "$(awk -v ns="$spent" -v mib="$mib" 'BEGIN { printf "%.1f", ns / mib / 1048.576 }')" '' '' 1 'one upload, with a length'
record forms bytes_s B/s "$(awk -v us="$took" -v mib="$mib" 'BEGIN { printf "%.0f", mib * 1048576e6 / us }')" '' '' 1 'one upload, with a length'
[ "$left" = 0 ] || die "$left files are left in the folder"
[ "$open" = 0 ] || die "$open temporary files are still open"
[ "$limit" -eq 0 ] || [ $grown -le $((limit * 1024)) ] || die "more than $limit MiB"
