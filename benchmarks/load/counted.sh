# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts share that count exactly, a server at a time. They source it after lib.sh.
# A script defines
#   own_option NAME VALUE   takes an option of its own; status 1 if it is none
#   own_flag NAME           the same for one without a value, if it has any

name=server connections='' depth='' path=/plaintext request='' status=200 low=2000 high=12000

# counted_options ARGUMENTS...: sets what was given; names and commands are then the servers to be counted:
# the COMMAND behind `--`, or a raw_epoll and what --server gave.
counted_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --help) usage 0 ;;
      --) shift; break ;;
    esac
    if declare -F own_flag >/dev/null && own_flag "$1"; then shift; continue; fi
    [ $# -gt 1 ] || unknown "$1"
    case $1 in
      --name) name=$2 ;;
      --connections) connections=$2 ;;
      *) common_option "$1" "$2" || own_option "$1" "$2" || unknown "$1" ;;
    esac
    shift 2
  done
  [ -n "$tools" ] || usage 2 >&2
  need_program "$tools/requests"
  if [ $# -gt 0 ]; then
    names+=("$name") commands+=("$*")
  else
    [ "${#names[@]}" -gt 0 ] || usage 2 >&2
    need_program "$tools/raw_epoll"
    names=(raw_epoll "${names[@]}") commands=("$tools/raw_epoll --port {port}" "${commands[@]}")
  fi
}

# request_option NAME VALUE: those that say what is asked, and how often in the two runs whose difference
# counts; status 1 if it is none of them.
request_option() {
  case $1 in
    --depth) depth=$2 ;;
    --path) path=$2 ;;
    --request-file) request=$2 ;;
    --status) status=$2 ;;
    --low) low=$2 ;;
    --high) high=$2 ;;
    *) return 1 ;;
  esac
}
