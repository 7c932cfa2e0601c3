#!/usr/bin/env bash
# Installs what is missing, builds the demo in release and starts it on 127.0.0.1:8080.
#   examples/run.sh [arguments of the demo]     --help shows them
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bash "$top/cmake/install-packages.sh" build examples >&2
mkdir -p "$top/build"
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
(
  cd "$top" # presets are looked for where one stands
  cmake --preset release -DWEIR_BUILD_TESTS=OFF -DWEIR_BUILD_BENCHMARKS=OFF "${launcher[@]}" -B build/examples >build/examples.log 2>&1 &&
    cmake --build build/examples --target demo >>build/examples.log 2>&1
) || { tail -n 30 "$top/build/examples.log" >&2; echo "run.sh: the demo does not build" >&2; exit 1; }
exec "$top/build/examples/examples/demo" --host 127.0.0.1 --port 8080 "$@"
