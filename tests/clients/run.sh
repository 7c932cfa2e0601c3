#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Drives a demo with the clients that people use, and with slowhttptest's four attacks.
#   run.sh DEMO [--long] [NAME...]
# NAMEs choose checks by the beginning of their names ("curl", "slowhttptest -X"). --long: more
# requests, larger bodies, 500 attackers for 20 s each. Without it all takes less than a minute.
#
# A missing or wrong answer fails. A client that is not installed and cannot be installed is skipped
# and named at the end. After all of it the demo must have its descriptors back and exit with 0.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../../benchmarks/load/lib.sh"

case ${1:-} in '' | -h | --help) sed -n '3,9p' "$0" | cut -c3-; exit 2 ;; esac
demo=$1
shift
long=
wanted=()
for word in "$@"; do
  if [ "$word" = --long ]; then long=yes; else wanted+=("$word"); fi
done
need_program "$demo"
bash "$here/../../cmake/install-packages.sh" clients || echo "run.sh: some clients could not be installed" >&2

# pick SHORT LONG: the one that this run takes.
pick() { if [ -n "$long" ]; then echo "$2"; else echo "$1"; fi; }

# ---------------------------------------------------------------- what the checks say
fail() { echo "$*" >&2; return 1; }
is() { [ "$1" = "$2" ] || fail "${3:-value}: expected '$2', got '$1'"; }
has() { grep -Eq -- "$2" <<<"$1" || { echo "no match for /$2/ in:" >&2; head -n 40 <<<"$1" >&2; return 1; }; }
has_not() { ! grep -Eq -- "$2" <<<"$1" || { echo "a match for /$2/ in:" >&2; head -n 40 <<<"$1" >&2; return 1; }; }
sum() { awk '{ sum += $1 } END { printf "%.0f", sum }'; }
sha() { sha256sum | cut -d' ' -f1; }

passed=0
failed=()
skipped=()

# check TOOL NAME COMMAND...: one line for each. The command runs in a shell of its own with set -e.
check() {
  local tool=$1 name="$1 $2" log=$lib_dir/check.log status=0 start=${EPOCHREALTIME/./} want chosen=yes
  shift 2
  if [ ${#wanted[@]} -gt 0 ]; then
    chosen=
    for want in "${wanted[@]}"; do [[ $name != "$want"* ]] || chosen=yes; done
  fi
  [ -n "$chosen" ] || return 0
  if ! command -v "$tool" >/dev/null; then
    skipped+=("$name: $tool is not installed")
    echo "SKIPPED $name: $tool is not installed"
    return 0
  fi
  set +e
  ( set -e; "$@" ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  local ms=$(((${EPOCHREALTIME/./} - start) / 1000)) note
  case $status in
    0)
      passed=$((passed + 1))
      note=$(sed -n 's/^note: //p' "$log" | paste -sd';' | sed 's/;/; /g')
      printf 'ok      %s%s  (%d ms)\n' "$name" "${note:+: $note}" "$ms"
      ;;
    77)
      skipped+=("$name: $(tail -n 1 "$log")")
      printf 'SKIPPED %s: %s\n' "$name" "$(tail -n 1 "$log")"
      ;;
    *)
      failed+=("$name")
      printf 'FAILED  %s\n' "$name"
      tail -n 30 "$log" | sed 's/^/        /'
      ;;
  esac
  kill -0 "$server_pid" "$attacked_pid" 2>/dev/null || { tail -n 30 "$lib_dir"/{demo,attacked}.err >&2; die "a demo has died"; }
}

# get ARGUMENTS OF CURL...: quiet, bounded; PATHs are written as :/path.
get() {
  local words=() word
  for word in "$@"; do
    case $word in :/*) words+=("$url${word#:}") ;; *) words+=("$word") ;; esac
  done
  curl -sS --max-time 30 "${words[@]}"
}
status_of() { get -o /dev/null -w '%{http_code}' "$@"; }

# all_gone PID DESCRIPTORS SECONDS: nobody is connected any more: descriptors back and, where the demo
# tells, its own counts.
all_gone() {
  local counters
  settled "$@"
  counters=$(get -w '\n%{http_code}' :/counters)
  [ "${counters##*$'\n'}" = 200 ] || return 0
  is "$(grep -o '"connections": *[0-9]*' <<<"$counters" | grep -o '[0-9]*$')" 1 "connections (ours)"
  is "$(grep -o '"buffered_bytes": *[0-9]*' <<<"$counters" | grep -o '[0-9]*$')" 0 "buffered_bytes"
}
everybody() {
  all_gone "$server_pid" "$base" 30
}

# ---------------------------------------------------------------- curl
curl_keep_alive() {
  local out
  out=$(get -w '%{stderr}%{num_connects}\n' -o /dev/null :/plaintext -o /dev/null :/json \
    -o /dev/null ':/inspect?a=b' -o /dev/null ':/stream?chunks=3&size=9' -o /dev/null :/nowhere 2>&1)
  is "$(sum <<<"$out")" 1 "connections for five requests"
}
curl_head() {
  local out
  out=$(get -I :/plaintext :/json -w '%{num_connects} %{size_download}\n')
  has "$out" '^HTTP/1.1 200'
  has "$out" '^Content-Length: 13'
  is "$(grep -E '^[01] ' <<<"$out" | paste -sd,)" '1 0,0 0' 'connects and bytes'
}
curl_post() {
  local out
  out=$(get -D - -H 'Content-Type: text/x-test' -H 'Expect:' --data-binary @"$lib_dir/64k" -o "$lib_dir/out" :/echo)
  has "$out" '^HTTP/1.1 200'
  has "$out" '^Content-Type: text/x-test'
  has_not "$out" '^HTTP/1.1 100'
  cmp "$lib_dir/out" "$lib_dir/64k"
}
curl_expect() { # curl would wait 25 s for the 100, we only 10 for all of it
  local out
  out=$(get --max-time 10 --expect100-timeout 25 -H 'Expect: 100-continue' -v --data-binary @"$lib_dir/2m" -o "$lib_dir/out" :/echo 2>&1)
  has "$out" '^< HTTP/1.1 100 Continue'
  has "$out" '^< HTTP/1.1 200'
  cmp "$lib_dir/out" "$lib_dir/2m"
}
curl_expect_refused() {
  local out
  out=$(get --max-time 10 --expect100-timeout 25 -H 'Expect: 100-continue' -D - -o /dev/null -w '%{size_upload}' \
    --data-binary @"$lib_dir/17m" :/echo)
  has "$out" '^HTTP/1.1 413'
  has_not "$out" '^HTTP/1.1 100'
  is "$(tail -n 1 <<<"$out")" 0 'bytes sent'
  is "$(status_of -H 'Expect: a-pony' -d x :/echo)" 417 'an unknown expectation'
}
curl_refused_while_sending() { # the answer must arrive although curl still sends
  is "$(status_of -H 'Expect:' --data-binary @"$lib_dir/17m" :/echo)" 413
  is "$(status_of -H 'Expect:' --data-binary @"$lib_dir/17m" :/plaintext)" 405
  is "$(status_of -H 'Expect:' --data-binary @"$lib_dir/17m" :/nowhere)" 404
}
curl_chunked() {
  is "$(head -c 3000000 "$lib_dir/17m" | get -X POST -T - :/upload)" '{"bytes":3000000}'
  head -c 70000 "$lib_dir/17m" | get -X POST -H 'Transfer-Encoding: chunked' --data-binary @- :/echo |
    cmp - <(head -c 70000 "$lib_dir/17m")
  is "$(get -X POST -T - :/upload </dev/null)" '{"bytes":0}'
}
curl_http10() {
  local out
  out=$(get --http1.0 -D - :/plaintext)
  has "$out" '^HTTP/1\.[01] 200'
  has "$out" 'Hello, World!'
  has_not "$out" '^Transfer-Encoding'
  is "$(get --http1.0 -d abc :/echo)" abc
  out=$(get --http1.0 -D - -o "$lib_dir/out" ':/stream?chunks=100&size=1000')
  has_not "$out" '^Transfer-Encoding'
  is "$(wc -c <"$lib_dir/out")" 100000 'bytes until close'
  out=$(get --http1.0 -H 'Connection: keep-alive' -w '%{stderr}%{num_connects}\n' -o /dev/null :/json \
    -o /dev/null :/json -o /dev/null :/json 2>&1)
  is "$(sum <<<"$out")" 1 'connections with keep-alive'
}
curl_http2() {
  local status=0
  get --max-time 5 --http2-prior-knowledge :/plaintext || status=$?
  case $status in 0 | 7 | 28) fail "prior knowledge ended with $status" ;; esac
  is "$(get --http2 -w ' %{http_code} %{http_version}' :/plaintext)" 'Hello, World! 200 1.1' 'Upgrade: h2c'
}
curl_ignored() {
  is "$(get -r 0-4 -w ' %{http_code}' :/plaintext)" 'Hello, World! 200' Range
  is "$(get --compressed :/plaintext)" 'Hello, World!' --compressed
  is "$(get --tr-encoding :/plaintext)" 'Hello, World!' TE
  is "$(get -z 'Tue, 01 Jan 2030 00:00:00 GMT' -w ' %{http_code}' :/plaintext)" 'Hello, World! 200' If-Modified-Since
}
curl_paths() {
  local path
  for path in /../etc/passwd /plaintext/../../etc/passwd /%2e%2e/%2e%2e/etc/passwd /..%2f..%2fetc/passwd '/%00' '/%zz' '/%ff'; do
    case $(status_of --path-as-is ":$path") in 400 | 404) ;; *) fail "$path was not refused" ;; esac
  done
  is "$(get --path-as-is :/plaintext/../json)" '{"message":"Hello, World!"}'
  is "$(get --path-as-is :/plain%74ext)" 'Hello, World!'
  has "$(get -G --data-urlencode 'a=x y&z/ü' :/inspect)" '"query":\{"a":"x y&z/ü"\}'
}
curl_methods() {
  is "$(status_of -X DELETE :/plaintext)" 405
  has "$(get -X DELETE -D - :/plaintext)" '^Allow: .*GET'
  has "$(get -X OPTIONS -D - :/plaintext)" '^Allow: .*HEAD'
  case $(status_of -X BREW :/plaintext) in 405 | 501) ;; *) fail "an unknown method was not refused" ;; esac
  is "$(get -X BREW -o /dev/null -w '%{http_code}' :/inspect)" 200 'an unknown method where any will do'
  has "$(get -F 'a=b' -F "file=@$lib_dir/64k" :/inspect)" '"method":"POST"'
}
curl_limits() {
  is "$(status_of -H "X: $(printf '%020000d' 0)" :/plaintext)" 431
  is "$(status_of ":/plaintext?$(printf '%09000d' 0)")" 414
  is "$(status_of --haproxy-protocol :/plaintext)" 400
  is "$(status_of -H 'Host: a b' :/plaintext)" 400
  is "$(status_of -H 'Content-Length: 3' -H 'Transfer-Encoding: chunked' -X POST -d abc :/echo)" 400
}
curl_parallel() {
  local out
  out=$(get -Z --parallel-max 20 ":/inspect?n=[1-$(pick 200 2000)]" -o /dev/null -w '%{http_code}\n')
  is "$(sort <<<"$out" | uniq -c | tr -s ' ')" " $(pick 200 2000) 200"
}
curl_big_upload() {
  local mib
  mib=$(pick 256 2048)
  is "$(head -c "${mib}M" /dev/zero | get --max-time 120 -X POST -H "Content-Length: $((mib * 1048576))" -H 'Transfer-Encoding:' -T - :/upload)" \
    "{\"bytes\":$((mib * 1048576))}" 'with a length'
  is "$(head -c "${mib}M" /dev/zero | get --max-time 120 -X POST -T - :/upload)" "{\"bytes\":$((mib * 1048576))}" 'in chunks'
  is "$(head -c 16M "$lib_dir/17m" | get -H 'Expect:' --data-binary @- :/echo | sha)" "$(head -c 16M "$lib_dir/17m" | sha)" '16 MiB echoed'
}
curl_big_download() { # the demo's chunks are a to z, again and again
  local chunks expected
  chunks=$(pick 100 1000)
  expected=$(awk -v n=1000000 'BEGIN { for (i = 0; i < n / 26 + 1; ++i) printf "abcdefghijklmnopqrstuvwxyz" }' | head -c 1000000 |
    { cat >"$lib_dir/piece"; for ((i = 0; i < chunks; i++)); do cat "$lib_dir/piece"; done; } | sha)
  is "$(get --max-time 120 ":/stream?chunks=$chunks&size=1000000" | sha)" "$expected" checksum
  is "$(get --limit-rate 8M --max-time 60 ':/stream?chunks=16&size=1000000' | wc -c)" 16000000 'bytes at 8 MB/s'
}
curl_early_close() {
  local i route status start ms slowest=0 where=
  for ((i = 0; i < $(pick 5 40); i++)); do
    for route in '/slow?ms=1000' '/later?ms=1000' '/stream?chunks=1000&size=1000000' /upload; do
      start=${EPOCHREALTIME/./} status=0
      if [ "$route" = /upload ]; then
        # The rightmost failure counts, so a curl that ends well shows as its sender's SIGPIPE.
        head -c 64M /dev/zero | get --max-time 0.05 --limit-rate 1M -X POST -T - ":$route" -D - || status=$?
      else
        get --max-time 0.05 --limit-rate 1M -o /dev/null ":$route" || status=$?
      fi
      is "$status" 28 "curl's own time-out on $route"
      ms=$(((${EPOCHREALTIME/./} - start) / 1000))
      [ $ms -le $slowest ] || { slowest=$ms; where=$route; }
    done
  done
  start=${EPOCHREALTIME/./}
  is "$(get :/plaintext)" 'Hello, World!'
  ms=$(((${EPOCHREALTIME/./} - start) / 1000))
  all_gone "$server_pid" "$base" 10
  echo "note: the slowest left after $slowest ms ($where), an answer after them took $ms ms"
}

# ---------------------------------------------------------------- wget
wget_pages() {
  local out
  cd "$lib_dir"
  out=$(wget -nv -T 20 -t 1 -S -O wget.out "$url/plaintext" "$url/json" 2>&1)
  is "$(cat wget.out)" 'Hello, World!{"message":"Hello, World!"}'
  out=$(wget -d -T 20 -t 1 -O /dev/null "$url/plaintext" "$url/json" 2>&1) || true
  has "$out" '[Rr]eusing (existing connection|socket)|DEBUG'
  is "$(wget -q -T 20 -t 1 -O - --post-data a=b "$url/echo")" a=b
  wget -q -T 20 -t 1 --spider "$url/plaintext"
  is "$(wget -q -T 20 -t 1 -O - "$url/stream?chunks=10&size=1000" | wc -c)" 10000
}

# ---------------------------------------------------------------- load generators, as checkers
run_ab() { # requests, arguments: all complete, none failed
  local out count=$1
  shift
  out=$(timeout 60 ab -q -d -S -s 20 -n "$count" "$@" 2>&1) || { echo "$out"; return 1; }
  has "$out" "^Complete requests: +$count$"
  has "$out" '^Failed requests: +0$'
  has_not "$out" '^(Non-2xx responses|Write errors)'
  [[ " $* " != *' -k '* ]] || has "$out" "^Keep-Alive requests: +$count$"
}
ab_plain() { run_ab "$(pick 2000 50000)" -c 20 "$url/plaintext"; }
ab_keep_alive() { run_ab "$(pick 10000 200000)" -k -c 50 "$url/plaintext"; } # HTTP/1.0 with keep-alive
ab_post() {
  run_ab "$(pick 2000 50000)" -k -c 20 -p "$lib_dir/64k" -T application/octet-stream "$url/echo"
  run_ab 500 -c 20 -p "$lib_dir/64k" -T application/octet-stream "$url/upload"
}
ab_head() { run_ab "$(pick 2000 50000)" -k -i -c 20 "$url/plaintext"; }
ab_pool() { run_ab "$(pick 400 4000)" -k -c 20 "$url/slow?ms=1"; run_ab 400 -k -c 20 "$url/later?ms=1"; }

run_h2load() { # requests, arguments
  local out count=$1
  shift
  out=$(timeout 60 h2load --h1 -n "$count" "$@" 2>&1) || { echo "$out"; return 1; }
  has "$out" "^requests: $count total, $count started, $count done, $count succeeded, 0 failed, 0 errored, 0 timeout$"
  has "$out" "^status codes: $count 2xx, 0 3xx, 0 4xx, 0 5xx$"
}
h2load_clients() { run_h2load "$(pick 20000 500000)" -c 100 -t 1 "$url/plaintext"; }
h2load_pipelining() { run_h2load "$(pick 20000 500000)" -c 10 -m 32 "$url/plaintext" "$url/json" "$url/inspect?a=b"; }
h2load_post() { run_h2load "$(pick 2000 20000)" -c 10 -d "$lib_dir/64k" "$url/echo"; }
h2load_stream() { run_h2load "$(pick 500 5000)" -c 10 -m 4 "$url/stream?chunks=20&size=5000" "$url/later?ms=2" "$url/slow?ms=1"; }

siege_mixed() {
  local kind out
  for kind in keep-alive close; do
    printf '%s\n' "$url/plaintext" "$url/json" "$url/echo POST a=b" "$url/slow?ms=1" "$url/later?ms=1" >"$lib_dir/urls"
    # siege loses its place after a chunked answer on a connection that is kept, with any server.
    [ $kind = keep-alive ] || echo "$url/stream?chunks=4&size=3000" >>"$lib_dir/urls"
    printf 'connection = %s\nprotocol = HTTP/1.1\nverbose = false\nlogging = false\nparser = false\ntimeout = 20\nlimit = 255\n' "$kind" >"$lib_dir/siegerc"
    out=$(HOME=$lib_dir timeout 60 siege -R "$lib_dir/siegerc" -b -c 25 -r "$(pick 40 1000)" -f "$lib_dir/urls" 2>&1) || { echo "$out"; return 1; }
    has "$out" '[Aa]vailability"?:[[:space:]]+100.00'
    has "$out" '[Ff]ailed.transactions"?:[[:space:]]+0'
    has "$out" "[Ss]uccessful.transactions\"?:[[:space:]]+$((25 * $(pick 40 1000)))"
  done
}

# ---------------------------------------------------------------- programs beside this one
node_undici() { NODE_PATH=${NODE_PATH:-}:/usr/share/nodejs timeout 120 node "$here/undici.mjs" "$url" "$(pick 1 10)"; }
node_http() { timeout 120 node "$here/node_http.mjs" "$url" "$(pick 1 10)"; }
python_http() { timeout 120 python3 "$here/http_client.py" "$url" "$(pick 1 10)"; }

# ---------------------------------------------------------------- slowhttptest
# How many clients the demo has cut by a time-out of head, content or answer, where it tells.
timeouts() {
  get :/counters | { grep -oE '"(head|body_stall|body_rate|write_stall|write_rate)_timeouts": *[0-9]+' || true; } | { grep -oE '[0-9]+$' || true; } | sum
}

# attack PATH ARGUMENTS...: while it runs, each request of a good client must be answered.
attack() {
  local connections seconds cut_before pid good=0 path=$1 status=0 url=$attacked_url
  shift
  connections=$(pick 200 500)
  seconds=$(pick 4 20)
  cut_before=$(timeouts)
  cd "$lib_dir"
  timeout $((seconds + 15)) slowhttptest -c "$connections" -r "$connections" -l "$seconds" -p 3 -g -o attack \
    -u "$url$path" "$@" >attack.out 2>&1 &
  pid=$!
  while kill -0 $pid 2>/dev/null; do
    if [ "$(get --max-time 5 :/plaintext)" != 'Hello, World!' ]; then
      kill $pid
      fail "a good client went unanswered after $good answers"
    fi
    good=$((good + 1))
    sleep 0.05
  done
  wait $pid || status=$?
  [ $status -eq 0 ] || { cat -v attack.out; fail "slowhttptest ended with $status"; }
  # Columns: second, closed, pending, connected, connections when the server was available.
  local most least=$((connections / 2)) cut
  most=$(awk -F, 'NR > 1 && $2 + $4 > most { most = $2 + $4 } END { print most + 0 }' attack.csv)
  [[ " $* " != *' -R '* ]] || least=0  # it gives up once it has seen that ranges are ignored
  [ "$most" -gt $least ] || { cat attack.csv; fail "only $most attackers were connected"; }
  cut=$(($(timeouts) - cut_before))
  [ -z "$impatient" ] || [ $cut -ge $least ] || { cat attack.csv; get :/counters; fail "only $cut attackers were cut"; }
  [ $good -ge 3 ] || fail "only $good requests beside the attack"
  all_gone "$attacked_pid" "$attacked_base" 15
  echo "note: $most attackers, $cut cut by time-outs in $seconds s, $good good requests answered"
}
attack_head() { attack /plaintext -H -i 1 -t GET -x 24; }
attack_body() { attack /upload -B -i "$(pick 3 5)" -s 8192 -t POST -x 10; }
attack_body_held() { attack /echo -B -i "$(pick 3 5)" -s 8192 -t POST -x 10; }
attack_range() { attack /plaintext -R -t HEAD -a 10 -b 3000; }
attack_read() { attack '/stream?chunks=1000&size=100000' -X -w 512 -y 1024 -n 1 -z 32 -k 3; }

# ---------------------------------------------------------------- running them
head -c 17M /dev/urandom >"$lib_dir/17m"
head -c 2M "$lib_dir/17m" >"$lib_dir/2m"
head -c 64K "$lib_dir/17m" >"$lib_dir/64k"
# A demo that soon loses its patience is for the attackers, so that a short attack shows how it ends.
impatient=
if "$demo" --help | grep -q -- --write-timeout; then
  impatient="--head-timeout $(pick 1000 10000) --body-timeout $(pick 1000 4000) --write-timeout $(pick 1000 6000)"
fi
start_server attacked - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4 $impatient" 60
attacked_url=http://127.0.0.1:$server_port attacked_pid=$server_pid
start_server demo - "$demo --host 127.0.0.1 --port {port} --threads 2 --workers 4" 60
url=http://127.0.0.1:$server_port
for one in "$url" "$attacked_url"; do
  [ "$(curl -sS --max-time 30 "$one/plaintext")" = 'Hello, World!' ] || die "the demo does not answer"
done
sleep 0.2
base=$(descriptors "$server_pid") attacked_base=$(descriptors "$attacked_pid")

check curl 'keep-alive over five URLs' curl_keep_alive
check curl 'HEAD' curl_head
check curl 'POST' curl_post
check curl 'POST with Expect: 100-continue' curl_expect
check curl 'Expect refused: 413 and 417' curl_expect_refused
check curl 'refused while it sends' curl_refused_while_sending
check curl 'chunked upload' curl_chunked
check curl 'HTTP/1.0' curl_http10
check curl 'HTTP/2 refused cleanly' curl_http2
check curl 'Range, conditions and codings ignored' curl_ignored
check curl 'paths as they are' curl_paths
check curl 'methods' curl_methods
check curl 'limits and malformed' curl_limits
check curl 'in parallel' curl_parallel
check curl 'big upload' curl_big_upload
check curl 'big download' curl_big_download
check curl 'closing early' curl_early_close
check wget 'keep-alive, POST, spider, stream' wget_pages
check ab 'new connections' ab_plain
check ab 'keep-alive' ab_keep_alive
check ab 'POST' ab_post
check ab 'HEAD' ab_head
check ab 'pool and deferred' ab_pool
check h2load 'a hundred clients' h2load_clients
check h2load 'pipelining' h2load_pipelining
check h2load 'POST' h2load_post
check h2load 'streams, pool and deferred' h2load_stream
check siege 'mixed, keep-alive and close' siege_mixed
check node 'undici' node_undici
check node 'http with an agent' node_http
check python3 'http.client' python_http
check slowhttptest '-H slow heads' attack_head
check slowhttptest '-B slow bodies' attack_body
check slowhttptest '-B slow bodies, held' attack_body_held
check slowhttptest '-R ranges' attack_range
check slowhttptest '-X slow readers' attack_read
check curl 'everybody has gone' everybody

stop_server attacked "$attacked_pid" 60 || failed+=("the attacked demo's end")
stop_server demo "$server_pid" 60 || failed+=("the demo's end")
echo "== summary, after $SECONDS s"
for line in "${skipped[@]}"; do echo "SKIPPED $line"; done
for line in "${failed[@]}"; do echo "FAILED  $line"; done
echo "clients: $passed passed, ${#failed[@]} failed, ${#skipped[@]} skipped"
[ ${#failed[@]} -eq 0 ] && [ $passed -gt 0 ]
