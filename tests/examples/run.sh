#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs each example that a page of docs/ is about, and asks it what the page says.
#   tests/examples/run.sh BUILD/examples
# They serve on 127.0.0.1:8080, one after the other; nothing else may. Each must end with status 0 by SIGTERM.
set -euo pipefail
export LC_ALL=C
[ $# = 1 ] && [ -d "$1" ] || { sed -n '3,5p' "$0" | cut -c3-; exit 2; }
programs=$1
command -v curl >/dev/null || { echo "examples: curl is not installed" >&2; exit 1; }
temp=$(mktemp -d "${TMPDIR:-/tmp}/weir-examples.XXXXXX")
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$temp"' EXIT
site=http://127.0.0.1:8080
checks=0
fail() { echo "examples: $*" >&2; cat "$temp/output" >&2; exit 1; }
: >"$temp/output"

listens() { (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null; }
# begin PROGRAM ARGUMENTS...
begin() {
  ! listens || fail "something serves on 127.0.0.1:8080 already"
  program=$1
  "$programs/$1" "${@:2}" >"$temp/output" 2>&1 &
  pid=$!
  for ((i = 0; i < 200; i++)); do
    kill -0 "$pid" 2>/dev/null || fail "$program ended by itself"
    ! listens || return 0
    sleep 0.05
  done
  fail "$program does not listen"
}
end() {
  local status=0
  kill -TERM "$pid"
  wait "$pid" || status=$?
  pid=
  [ $status = 0 ] || fail "SIGTERM ended $program with status $status, not 0"
}
# expect WORDS ARGUMENTS-OF-CURL...: the answer, head included, must contain the words.
expect() {
  curl -sS -i --max-time 20 "${@:2}" >"$temp/answer" 2>&1 || fail "$program, curl ${*:2}: $(cat "$temp/answer")"
  tr -d '\r\0' <"$temp/answer" | grep -qF -- "$1" || fail "$program, curl ${*:2}: no '$1' in: $(head -c 2000 "$temp/answer")"
  checks=$((checks + 1))
}

begin hello
expect 'Hello, World!' $site/
end

begin streaming
[ "$(curl -sS $site/count | tail -n 1)" = 1000000 ] || fail "streaming counts to something else"
seq 100000 >"$temp/lines"
expect 100000 -T "$temp/lines" $site/lines
printf a >"$temp/a"
expect 12638187200555641996 -T "$temp/a" $site/checksum # as in FNV's own test vectors
end

begin upgrade
exec 3<>/dev/tcp/127.0.0.1/8080
printf 'GET /lines HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: line-echo\r\n\r\nhi\nbye\n' >&3
timeout 10 head -n 7 <&3 >"$temp/answer" || fail "upgrade does not answer"
exec 3>&-
grep -q '^HTTP/1.1 101 ' "$temp/answer" && grep -qx hi "$temp/answer" && grep -qx bye "$temp/answer" ||
  fail "upgrade answers $(cat "$temp/answer")"
checks=$((checks + 1))
end

begin middleware
expect 'X-Content-Type-Options: nosniff' $site/
expect '401 Unauthorized' $site/admin/whoami
expect Ali -H 'Authorization: Bearer sesame' $site/admin/whoami
end

begin embedded
expect 'Hello, Bo' $site/hello/Bo
kill -USR1 "$pid"
end
grep -q '^up for' "$temp/output" || fail "embedded does not tell how long it is up"

begin forms "$temp" 8080
expect cat -F title=cat -F "photo=@$temp/lines" $site/photos
end

begin rest_api
expect '201 Created' --json '{"title":"buy milk"}' $site/tasks
expect '"title":"buy milk"' $site/tasks/1
expect '"done":true' -X PUT --json '{"title":"buy milk","done":true}' $site/tasks/1
expect '"pointer":"/title"' --json '{"title":1}' $site/tasks
expect '"line":2' --json $'{\n"title":' $site/tasks
expect 'application/problem+json' $site/tasks/7
expect '204 No Content' -X DELETE $site/tasks/1
end

begin behind_a_proxy
expect 'You are 203.0.113.9, came by https and asked example.org.' \
  -H 'X-Forwarded-For: 198.51.100.1, 203.0.113.9' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-Host: example.org' $site/
expect 'Location: https://127.0.0.1/' $site/
end
grep -q '^203.0.113.9 ' "$temp/output" || fail "behind_a_proxy logs another client"

begin events
expect 'event: progress' -N $site/progress
curl -sN --max-time 3 $site/clock >"$temp/clock" || true # it never ends
grep -qx 'event: tick' "$temp/clock" || fail "events does not tell the time"
expect '401 Unauthorized' $site/admin/
expect '<!doctype html>' -u admin:sesame $site/admin/
end

begin one_file
expect '"seconds":' $site/api/time
expect 'text/html' -H 'Accept: text/html' $site/any/other/path
expect 'ETag: "' $site/app.js
end

echo "examples: $checks answers as the pages say"
