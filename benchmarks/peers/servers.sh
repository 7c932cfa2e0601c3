# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The servers of the bench and how each is started; sourced, after ../load/lib.sh. Needs `build`, the build folder.
#
#   server_names                    array: all that the bench knows, weir and the floor first
#   server_command NAME [WORKLOAD]  prints the command, with {port} and {threads} in it; returns 77 and says why on stderr
#                                   when it cannot be had. WORKLOAD matters to bare, which has one answer, and to
#                                   libmicrohttpd, whose buffer is best small or large.
#   server_can NAME WORKLOAD        whether it can be asked for plaintext, pipelined, bytes, echo, sink (workload names such as
#                                   pipelined-16 or sink-1m are understood), and whether --threads is obeyed: threads
#   server_add 'NAME=COMMAND'       adds a server of the user's, for what --server of the scripts takes:
#                                   server_add 'uws=./uws_hello --port {port} --threads {threads}'
#                                   It must serve GET /plaintext on 127.0.0.1:{port} and end with status 0 at SIGTERM; it is
#                                   asked for nothing else unless server_cans[NAME] says more.

peers_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

server_names=(weir bare h2o nginx beast pistache libmicrohttpd httplib node)

declare -A server_cans=(
  [weir]='plaintext pipelined bytes echo sink threads'
  [bare]='plaintext pipelined bytes sink threads'
  [h2o]='plaintext pipelined bytes echo sink threads'
  [nginx]='plaintext pipelined bytes threads'             # no content without a module or a server behind it
  [beast]='plaintext pipelined bytes echo sink threads'
  [pistache]='plaintext bytes echo sink threads' # drops what comes behind a request, as httplib does
  [libmicrohttpd]='plaintext pipelined bytes echo sink threads'
  [httplib]='plaintext bytes echo sink'         # a thread for each connection
  [node]='plaintext pipelined bytes echo sink'            # one thread
)
declare -A server_added=()

server_add() {
  local name=${1%%=*}
  server_names+=("$name")
  server_added[$name]=${1#*=}
  server_cans[$name]=${server_cans[$name]:-plaintext threads}
}

server_can() {
  local workload=${2%%-*}
  case $workload in
    bytes | pipelined | echo | sink | threads) ;;
    *) workload=plaintext ;; # all else is small GETs
  esac
  [[ " ${server_cans[$1]:-} " == *" $workload "* ]]
}

# peer_program FILE ARGUMENTS: prints the command of a program of this project, 77 when it has not been built.
peer_program() {
  [ -x "$1" ] || { echo "no program '$1': not built, or its library is not installed" >&2; return 77; }
  echo "$*"
}

server_command() {
  local name=$1 workload=${2:-plaintext} more=''
  if [ -n "${server_added[$name]:-}" ]; then
    echo "${server_added[$name]}"
    return
  fi
  case $name in
    bare)
      case $workload in
        bytes-16k) more=' --body-bytes 16384' ;;
        bytes-1m) more=' --body-bytes 1048576' ;;
      esac
      peer_program "$build/benchmarks/load/raw_epoll" --port '{port}' --threads '{threads}'"$more"
      ;;
    nginx)
      command -v nginx >/dev/null || { echo "nginx is not installed" >&2; return 77; }
      echo "bash $peers_dir/nginx.sh {port} {threads} $lib_dir"
      ;;
    node)
      command -v node >/dev/null || { echo "node is not installed" >&2; return 77; }
      echo "node $peers_dir/node.js {port}"
      ;;
    libmicrohttpd)
      case $workload in
        sink* | echo*) more=' --memory 65536' ;;
      esac
      peer_program "$build/benchmarks/peers/$name" --port '{port}' --threads '{threads}'"$more"
      ;;
    weir | h2o | beast | pistache | httplib)
      peer_program "$build/benchmarks/peers/$name" --port '{port}' --threads '{threads}'
      ;;
    *) echo "no server named '$name'; there are: ${server_names[*]}" >&2; return 77 ;;
  esac
}

# server_version NAME: for the report; empty when it cannot be told.
server_version() {
  case $1 in
    nginx) nginx -v 2>&1 | sed 's|.*/||; s| .*||' ;;
    node) node --version | cut -c2- ;;
    h2o) pkg_version libh2o-evloop-dev ;;
    beast) pkg_version libboost-dev ;;
    pistache) pkg_version libpistache-dev ;;
    libmicrohttpd) pkg_version libmicrohttpd-dev ;;
    httplib) pkg_version libcpp-httplib-dev ;;
    weir) sed -n 's/^#define WEIR_VERSION "\(.*\)"/\1/p' "$peers_dir/../../include/weir/config.hpp" ;;
  esac
}
pkg_version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null | sed 's/+.*//; s/-[^-]*$//' || true; }
