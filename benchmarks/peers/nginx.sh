#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Becomes an nginx that serves the bench: nginx.sh PORT THREADS FOLDER [FILES [LEVEL]]
# Its files lie below FOLDER, which whoever made it removes. What lies in the folder FILES it serves as /files/, and
# compressed by gzip at LEVEL as /coded/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=$1 threads=$2 temp=$3/nginx-$1 master=off reuseport='' level=${5:-6}
[ "$threads" = 1 ] || { master=on reuseport=' reuseport'; }
mkdir -p "$temp/bytes"
chmod 755 "$3" "$temp" # its workers may give up root
for size in 16384 1048576; do head -c $size /dev/zero | tr '\0' x >"$temp/bytes/$size"; done
served=${4:-$temp/bytes}
files=$(ulimit -Hn)
[ "$files" != unlimited ] && [ "$files" -le 65536 ] || files=65536
ulimit -Sn "$files"
sed -e "s|@PORT@|$port|;s|@THREADS@|$threads|;s|@MASTER@|$master|;s|@REUSEPORT@|$reuseport|;s|@TEMP@|$temp|;s|@FILES@|$files|;s|@SERVED@|$served|;s|@LEVEL@|$level|" \
  "$here/nginx.conf" >"$temp/nginx.conf"
exec nginx -e "$temp/error.log" -p "$temp" -c "$temp/nginx.conf"
