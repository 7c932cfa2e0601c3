#!/usr/bin/env bash
# Builds the image with buildah, which needs no daemon, starts it, and runs the health check that it declares.
# Where no base image can be had from anywhere, debootstrap makes one from this machine's package source.
# Exit status 77, and a word, where this machine cannot build an image at all.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$top/build/tests/container
port=18089
export BUILDAH_ISOLATION=chroot

skip() { echo "container: skipped: $*"; exit 77; }
fail() { echo "container: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || skip "not root"
awk '$5 == "/" { found = 1 } END { exit !found }' /proc/self/mountinfo || skip "this is a chroot: buildah must remount / and / is no mount"
bash "$top/cmake/install-packages.sh" container || skip "buildah and debootstrap cannot be installed"

mkdir -p "$work"
store() { buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"; }
server=
container=
inside() { store run "$container" -- sh -c "$@"; }
stop() { inside 'kill "$(cat /tmp/pid)"'; } # buildah hands no signal on
finish() {
  [ -z "$server" ] || stop || true
  store rm --all >/dev/null 2>&1 || true
  store rmi --all --force >/dev/null 2>&1 || true
  rm -rf --one-file-system "$work/store" "$work/run" "$work/base"
}
trap finish EXIT
scratch=$(store from scratch 2>"$work/log") || skip "buildah does not work here: $(tail -n 1 "$work/log")"

arguments=()
if store pull -q debian:12 >/dev/null 2>&1 && store pull -q debian:12-slim >/dev/null 2>&1; then
  echo "container: base images pulled"
else
  echo "container: no base image to pull, making one"
  if [ ! -e "$work/base.tar" ]; then
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -v security | head -n 1)
    [ -n "$mirror" ] || skip "no package source is configured"
    rm -rf --one-file-system "$work/base"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base" "$mirror" >"$work/log" 2>&1 ||
      skip "debootstrap does not work here: $(tail -n 1 "$work/log")"
    # The image stays on this machine; its apt goes where this machine's goes.
    rm -rf "$work"/base/etc/apt/sources.list "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    cp -a /etc/apt/sources.list* /etc/apt/auth.conf* /etc/apt/apt.conf.d "$work/base/etc/apt/" 2>/dev/null || true
    { grep -rl Invoke "$work/base/etc/apt/apt.conf.d" || true; } | xargs -r rm -f
    cp -aL /etc/ssl/certs/. "$work/base/etc/ssl/certs/" 2>/dev/null || true
    (umask 077 && tar -C "$work/base" -cf "$work/base.tar.part" .)
    mv "$work/base.tar.part" "$work/base.tar"
    rm -rf --one-file-system "$work/base"
  fi
  store add -q "$scratch" "$work/base.tar" / >/dev/null
  store commit -q "$scratch" weir-base >/dev/null
  arguments=(--build-arg BASE=localhost/weir-base --build-arg RUNTIME=localhost/weir-base)
fi

echo "container: building the image"
store bud --format docker --layers=false "${arguments[@]}" -t weir-demo "$top" >"$work/log" 2>&1 ||
  { tail -n 40 "$work/log" >&2; fail "the image does not build"; }

# One word a line: what the image says of itself.
declared() { store inspect --type image --format "{{range .Docker.Config.$1}}{{println .}}{{end}}" weir-demo | sed '/^$/d'; }
mapfile -t health < <(declared Healthcheck.Test)
mapfile -t entrypoint < <(declared Entrypoint)
[ "${health[0]-}" = CMD ] || fail "the image declares no health check: ${health[*]-nothing}"
case $(store inspect --type image --format '{{.Docker.Config.User}}' weir-demo) in
  "" | root | 0 | 0:*) fail "the image runs as root" ;;
esac

# The network is this machine's, so the port is one that is likely to be free.
container=$(store from --pull-never weir-demo)
healthy() { store run "$container" -- "${health[@]:1}" --port $port >"$work/log" 2>&1; }
! healthy || fail "the health check passes while nothing runs"
inside 'echo $$ >/tmp/pid && exec "$@"' sh "${entrypoint[@]}" --host 127.0.0.1 --port $port &
server=$!
for ((i = 0; i < 50; i++)); do
  healthy && break
  kill -0 "$server" 2>/dev/null || fail "the server ended by itself"
  sleep 0.1
done
healthy || { cat "$work/log" >&2; fail "the health check fails"; }
echo "container: healthy, as user $(inside 'id -u')"

stop
status=0
wait "$server" || status=$?
server=
[ "$status" = 0 ] || fail "SIGTERM ended the server with status $status, not 0"
echo "container: SIGTERM ended it with status 0"
