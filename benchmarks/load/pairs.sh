# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts share that compare servers with a raw_epoll, or another server, beside them. They source it after lib.sh.
#
# In a round each server is measured next to the bare one, first or second by turns; the figure is the
# median of the ratios of such neighbours. A second bare one takes part like any server: the control.
# A script defines
#   measure PID PORT INDEX   prints `METRIC VALUE` lines for one measurement of that server
#   metrics                  `METRIC UNIT RATIO` each; RATIO is the name of the ratio's metric, or -
# and, if it likes,
#   bare_name, bare_command  what the servers are compared with instead of a raw_epoll
#   default_servers          sets names and commands when no --server was given
#   check_answer NAME PORT   looks at $lib_dir/NAME.answer, which that server has sent for the request in
#                            $lib_dir/request.NAME, if there is one, or in $request

pairs=15 most_pairs=60 seconds=1 resolve='' threads=1 server_core='' client_core='' bare_arguments='' metrics=()
bare_name=raw_epoll bare_command='' chunked=no samples=$lib_dir/samples

# pair_options ARGUMENTS...: sets what was given; other options go to `own_option NAME VALUE`, which
# the script defines.
pair_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --help) usage 0 ;;
      --resolve) resolve=yes; shift; continue ;;
    esac
    [ $# -gt 1 ] || unknown "$1"
    case $1 in
      --pairs | --rounds) pairs=$2 ;;
      --seconds) seconds=$2 ;;
      --threads) threads=$2 ;;
      --server-core) server_core=$2 ;;
      --client-core) client_core=$2 ;;
      *) common_option "$1" "$2" || own_option "$1" "$2" || unknown "$1" ;;
    esac
    shift 2
  done
  if [ -n "$tools" ] && [ "${#names[@]}" -eq 0 ] && declare -F default_servers >/dev/null; then default_servers; fi
  if [ -z "$tools" ] || [ "${#names[@]}" -eq 0 ]; then usage 2 >&2; fi
  [[ $pairs =~ ^[1-9][0-9]*$ ]] || die "--pairs takes a number, got '$pairs'"
  [[ $threads =~ ^[1-9][0-9]*$ ]] || die "--threads takes a number, got '$threads'"
  need taskset
  local cores
  cores=$(nproc)
  [ "$cores" -ge 2 ] || die "two cores are needed, one for the servers and one for the load"
  [ "$cores" -ge "$threads" ] || die "$threads threads need as many cores, there are $cores"
  if [ "$threads" -eq 1 ]; then
    : "${server_core:=0}" "${client_core:=1}"
  else # both share the cores: nothing else is left on a small machine
    : "${server_core:=0-$((threads - 1))}" "${client_core:=0-$((threads - 1))}"
  fi
  server_threads=$threads # for start_server
  need_program "$tools/raw_epoll"
  need_program "$tools/requests"
}

# request_of NAME: the file with what that server is asked.
request_of() {
  [ -e "$lib_dir/request.$1" ] && echo "$lib_dir/request.$1" || echo "$request"
}

# save_answer NAME [PORT]: the server, the one just started if there is no PORT, must answer its request; what
# it sends is in $lib_dir/NAME.answer.
save_answer() {
  run_client - "$tools/requests" --port "${2:-$server_port}" --requests 1 --request-file "$(request_of "$1")" \
    --status "${status:-200}" --chunked "$chunked" --save-answer "$lib_dir/$1.answer"
  if declare -F check_answer >/dev/null; then check_answer "$1" "${2:-$server_port}"; fi
}

# save_answers: those of all, for scripts that ask for other things after start_pairs.
save_answers() {
  local i
  save_answer "$bare_name" "$bare_port"
  for i in "${!names[@]}"; do save_answer "${names[$i]}" "${ports[$i]}"; done
}

# start_pairs: starts the servers, the bare one and the control; a raw_epoll sends
# the bytes that the first server sent. Sets pids and ports, bare_pid and bare_port.
start_pairs() {
  local i bare=$bare_command
  pids=() ports=()
  for i in "${!names[@]}"; do
    start_server "${names[$i]}" "$server_core" "${commands[$i]}"
    save_answer "${names[$i]}"
    pids+=("$server_pid") ports+=("$server_port")
    echo "${names[$i]}: pid $server_pid, port $server_port, $(stat -c %s "$lib_dir/${names[$i]}.answer") bytes an answer"
  done
  [ -n "$bare" ] ||
    bare="$tools/raw_epoll --port {port} --threads $threads --answer-file $lib_dir/${names[0]}.answer $bare_arguments"
  start_server "$bare_name" "$server_core" "$bare"
  save_answer "$bare_name"
  bare_pid=$server_pid bare_port=$server_port bare_note=
  if [ -n "$bare_command" ]; then
    echo "$bare_name: pid $server_pid, port $server_port, $(stat -c %s "$lib_dir/$bare_name.answer") bytes an answer"
  elif ! cmp -s "$lib_dir/raw_epoll.answer" "$lib_dir/${names[0]}.answer"; then
    bare_note="raw_epoll's answers have $(stat -c %s "$lib_dir/raw_epoll.answer") bytes"
    echo "$bare_note, ${names[0]}'s have $(stat -c %s "$lib_dir/${names[0]}.answer")"
  fi
  [ ! -e "$lib_dir/request.$bare_name" ] || cp "$lib_dir/request.$bare_name" "$lib_dir/request.control"
  start_server control "$server_core" "$bare"
  save_answer control
  names+=(control) pids+=("$server_pid") ports+=("$server_port")
}

# pid_list PID: the process and all below it, with commas.
pid_list() { process_tree "$1" | paste -sd ,; }

# take PID PORT INDEX FILE: one measurement of the server that is proven to be the one started here.
take() {
  owns_port "$1" "$2" || die "port $2 is not process $1's any more"
  measure "$1" "$2" "$3" >"$4"
}

# run_pairs COUNT: that many rounds more.
run_pairs() {
  local round i
  for ((round = 0; round < $1; round++)); do
    for i in "${!names[@]}"; do
      if (((round + i) % 2 == 0)); then
        take "$bare_pid" "$bare_port" "$i" "$samples/bare"
        take "${pids[$i]}" "${ports[$i]}" "$i" "$samples/its"
      else
        take "${pids[$i]}" "${ports[$i]}" "$i" "$samples/its"
        take "$bare_pid" "$bare_port" "$i" "$samples/bare"
      fi
      awk -v folder="$samples" -v i="$i" -v control="$((${#names[@]} - 1))" '
        NR == FNR { bare[$1] = $2; if (i == 0 || i == control) print $2 >>(folder "/bare." $1); next }
        { print $2 >>(folder "/its." i "." $1) }
        bare[$1] > 0 { printf "%.5f\n", $2 / bare[$1] >>(folder "/ratio." i "." $1) }' \
        "$samples/bare" "$samples/its"
    done
  done
}

# control_holds METRIC: whether bare against bare is 1 ± 0.03; sets control_text and control_note.
control_holds() {
  local median low up
  read -r median low up < <(quartiles <"$samples/ratio.$((${#names[@]} - 1)).$1")
  control_text="control $median [$low, $up]"
  control_note=
  awk -v m="$median" 'BEGIN { exit !(m >= 0.97 && m <= 1.03) }' && return 0
  control_note="unresolved: bare against bare is $median"
  return 1
}

# compare: measures once without counting, then all pairs; goes on to most_pairs when the control of the
# first metric is off and --resolve was given. Prints and records everything.
compare() {
  local i first=${metrics[0]%% *} pairs=$pairs
  rm -rf "$samples"
  mkdir "$samples"
  take "$bare_pid" "$bare_port" 0 /dev/null
  for i in "${!names[@]}"; do take "${pids[$i]}" "${ports[$i]}" "$i" /dev/null; done
  run_pairs "$pairs"
  if ! control_holds "$first" && [ -n "$resolve" ] && [ "$pairs" -lt "$most_pairs" ]; then
    echo "$control_text is not 1 ± 0.03: going on to $most_pairs pairs"
    run_pairs $((most_pairs - pairs))
    pairs=$most_pairs
    control_holds "$first" || true
  fi
  report
}

# row SERVER METRIC UNIT FILE [RATIO-METRIC RATIO-FILE]: prints and records one line of the report.
row() {
  local median low up ratio='' note=${control_note:-${bare_note:-}}
  read -r median low up < <(quartiles <"$4")
  record "$1" "$2" "$3" "$median" "$low" "$up" "$pairs" "$note"
  if [ $# -gt 4 ]; then
    read -r ratio low_ratio up_ratio < <(quartiles <"$6")
    record "$1" "$5" ratio "$ratio" "$low_ratio" "$up_ratio" "$pairs" "$note"
    ratio="$ratio [$low_ratio, $up_ratio]"
  fi
  printf '%-18s %-15s %34s   %s\n' "$1" "$2" "$(printf '%.1f [%.1f, %.1f] %s' "$median" "$low" "$up" "$3")" "$ratio"
}

report() {
  local i entry metric unit ratio
  echo
  echo "$workload: $pairs pairs, $control_text: ${control_note:-resolved}"
  printf '%-18s %-15s %34s   %s\n' server metric 'median [quartiles]' "to the $bare_name beside it"
  for entry in "${metrics[@]}"; do
    read -r metric unit ratio <<<"$entry"
    control_note=
    [ "$ratio" = - ] || control_holds "$metric" || true
    row "$bare_name" "$metric" "$unit" "$samples/bare.$metric"
    for i in "${!names[@]}"; do
      if [ "$ratio" = - ]; then
        row "${names[$i]}" "$metric" "$unit" "$samples/its.$i.$metric"
      else
        row "${names[$i]}" "$metric" "$unit" "$samples/its.$i.$metric" "$ratio" "$samples/ratio.$i.$metric"
      fi
    done
  done
}
