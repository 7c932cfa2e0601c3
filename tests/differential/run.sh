#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sends the rows of the conformance table to weir, nginx, H2O and Node, and compares.
#   tests/differential/run.sh path/to/weir_differential [--write path/to/weir_conformance_tests]
# Prints the score; writes build/tests/differential.tsv, a line for each row, and build/tests/differential.md.
# --write: makes docs/conformance.md anew, of the table and of this comparison.
# The peers listen on free ports of 127.0.0.1 between 19300 and 19399. A peer that cannot be had is left out, loudly.
# Exit status 1 when weir fails a row or a difference has no reason in reasons.tsv; 77 when there is no peer at all.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
usage() { sed -n '4,9p' "${BASH_SOURCE[0]}" | cut -c3-; exit 2; }
[ $# = 1 ] || { [ $# = 3 ] && [ "$2" = --write ]; } || usage
program=$1
conformance=${3:-}
[ -x "$program" ] || { echo "differential: there is no program $program" >&2; exit 2; }

bash "$top/cmake/install-packages.sh" peers || echo "differential: not all peers could be installed" >&2
temp=$(mktemp -d)
chmod 755 "$temp" # H2O gives up root
pids=()
stop() {
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  [ ${#pids[@]} = 0 ] || wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$temp"
}
trap stop EXIT

# ---------------------------------------------------------------- starting a peer
# The inode of the socket that listens on a port of 127.0.0.1; nothing when none does.
listener() { awk -v end="$(printf '0100007F:%04X' "$1")" '$2 == end && $4 == "0A" { print $10 }' /proc/net/tcp; }

port=19299
free_port() { # sets port
  while ((++port < 19400)); do
    [ -n "$(listener $port)" ] || return 0
  done
  echo "differential: no free port between 19300 and 19399" >&2
  exit 1
}

servers=()
missing=()
# name, words for the reader, command; the server must listen on $port itself, so that no other's answers are judged.
start() {
  local name=$1 words=$2 pid inode i
  shift 2
  "$@" >"$temp/$name.log" 2>&1 </dev/null &
  pid=$!
  pids+=("$pid")
  for ((i = 0; i < 100; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    inode=$(listener "$port")
    if [ -n "$inode" ] && find "/proc/$pid/fd" -lname "socket:\[$inode\]" | grep -q .; then
      servers+=(--server "$name=$port=$words")
      return 0
    fi
    sleep 0.1
  done
  tail -n 5 "$temp/$name.log" >&2
  missing+=("$name did not start")
}

settings() { # template, target
  sed -e "s|@PORT@|$port|;s|@HERE@|$temp/application|;s|@MODULES@|/usr/lib/nginx/modules|" "$1" >"$2"
}

mkdir "$temp/application" "$temp/nginx"
cp "$here"/application.* "$temp/application"
chmod -R a+rX "$temp/application"

if command -v nginx >/dev/null && [ -e /usr/lib/nginx/modules/ngx_http_perl_module.so ]; then
  free_port
  settings "$here/nginx.conf" "$temp/nginx.conf"
  start nginx "$(nginx -v 2>&1 | sed 's|.*/||;s| .*||')" nginx -p "$temp/nginx" -c "$temp/nginx.conf"
else
  missing+=("nginx or its perl module is not installed")
fi
if command -v h2o >/dev/null; then
  free_port
  settings "$here/h2o.conf" "$temp/h2o.conf"
  start H2O "$(h2o --version | sed -n 's/^h2o version //p')" h2o -m worker -c "$temp/h2o.conf"
else
  missing+=("h2o is not installed")
fi
if command -v node >/dev/null; then
  free_port
  start Node "$(node --version | cut -c2-), llhttp $(node -p process.versions.llhttp)" \
    node "$temp/application/application.js" "$port"
else
  missing+=("node is not installed")
fi
for line in "${missing[@]}"; do echo "differential: LEFT OUT: $line" >&2; done
if [ ${#servers[@]} = 0 ]; then
  echo "no peer to compare with"
  exit 77
fi

# ---------------------------------------------------------------- comparing
results=$top/build/tests
mkdir -p "$results"
status=0
"$program" --reasons "$here/reasons.tsv" --tsv "$results/differential.tsv" --markdown "$results/differential.md" \
  "${servers[@]}" || status=$?
for line in "${missing[@]}"; do echo "differential: LEFT OUT: $line"; done
[ $status = 0 ] || exit $status
if [ -n "$conformance" ]; then
  if [ ${#missing[@]} != 0 ]; then
    echo "differential: the page is not written, for a peer is missing" >&2
    exit 1
  fi
  "$here/../conformance/table.sh" "$conformance" "$results/differential.md"
fi
