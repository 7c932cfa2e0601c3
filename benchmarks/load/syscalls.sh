#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# System calls that a server makes for one request, counted by strace.
#   syscalls.sh --tools BUILD/benchmarks/load [--name server] [--connections N] [--depth N]
#               [--path /plaintext | --request-file FILE] [--status 200] [--low 2000] [--high 42000]
#               [--workload NAME] [--results FILE] (--server NAME=COMMAND... | -- COMMAND)
# COMMAND starts the server; {port} in it stands for the port. It is run twice, with --low and with
# --high requests; the difference divided by that of the requests leaves start and end out of it.
# Without --connections and --depth: 1 connection, 64 connections, and 64 with 16 requests pipelined.
# --server, as often as you like, also counts raw_epoll's. How often a server waits depends on how much
# is ready each time: one wait is shared by all connections that are, more of them under strace.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=counted.sh
source "$(dirname "$0")/counted.sh"

low=2000 high=42000
own_option() { request_option "$@"; }
counted_options "$@"
[ "$low" -lt "$high" ] || usage 2 >&2
need strace
[ -n "$request" ] || get_request "$path"

# count COMMAND REQUESTS CONNECTIONS DEPTH: writes `NAME CALLS` lines to $lib_dir/calls.REQUESTS.
count() {
  local out=$lib_dir/strace.$2 i base
  rm -f "$out"
  # -D: the server itself is the child here, and strace ends with it.
  start_server "strace-$2" - "strace -D -f -qq -c -o $out -- $1" 60
  base=$(descriptors "$server_pid")
  run_client - "$tools/requests" --port "$server_port" --requests "$2" --connections "$3" --depth "$4" \
    --request-file "$request" --status "$status"
  settled "$server_pid" "$base" 20
  stop_server "strace-$2" "$server_pid" 60
  for ((i = 0; i < 100; i++)); do
    grep -q ' total$' "$out" 2>/dev/null && break
    sleep 0.1
  done
  grep -q ' total$' "$out" || die "strace wrote no summary"
  awk '$1 ~ /^[0-9.]+$/ && $NF != "total" { print $NF, $4 }' "$out" >"$lib_dir/calls.$2"
}

printf '%-18s %-16s %8s %8s %8s %8s %8s   %s\n' server load all reads writes waits others 'each of the others'
# shape CONNECTIONS DEPTH LABEL
shape() {
  local i all reads writes waits others text
  for i in "${!names[@]}"; do
    count "${commands[$i]}" "$low" "$1" "$2"
    count "${commands[$i]}" "$high" "$1" "$2"
    read -r all reads writes waits others text < <(awk -v n=$((high - low)) '
      NR == FNR { calls[$1] = -$2; next }
      { calls[$1] += $2 }
      END {
        for (name in calls) {
          each = calls[name] / n
          all += each
          if (name ~ /^(read|readv|recv|recvfrom|recvmsg|recvmmsg)$/) reads += each
          else if (name ~ /^(write|writev|send|sendto|sendmsg|sendmmsg|sendfile)$/) writes += each
          else if (name ~ /^(epoll_wait|epoll_pwait|epoll_pwait2|poll|ppoll|select|pselect6|io_uring_enter)$/) waits += each
          else { others += each; if (each >= 0.00005 || each <= -0.00005) text = text sprintf(" %s %.4f", name, each) }
        }
        printf "%.4f %.4f %.4f %.4f %.4f%s\n", all, reads, writes, waits, others, text
      }' "$lib_dir/calls.$low" "$lib_dir/calls.$high")
    printf '%-18s %-16s %8s %8s %8s %8s %8s   %s\n' "${names[$i]}" "${workload:-$3}" "$all" "$reads" "$writes" "$waits" "$others" "$text"
    (
      : "${workload:=$3}"
      for entry in "syscalls $all" "reads $reads" "writes $writes" "waits $waits" "others $others"; do
        record "${names[$i]}" "${entry% *}" 1 "${entry#* }" '' '' $((high - low)) "$([ "${entry% *}" != others ] || echo "$text")"
      done
    )
  done
}
if [ -n "$connections$depth" ]; then
  shape "${connections:-1}" "${depth:-1}" "$([ "${depth:-1}" -eq 1 ] && echo "plaintext-${connections:-1}" || echo "pipelined-$depth")"
else
  shape 1 1 plaintext-1
  shape 64 1 plaintext-64
  shape 64 16 pipelined-16
fi
