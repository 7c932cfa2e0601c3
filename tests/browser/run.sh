#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The dashboard of a demo in a headless Chromium: see dashboard.mjs. Screenshots are kept in FOLDER.
#   run.sh DEMO FOLDER
# Status 77, and a line that says why, where there is no browser or no playwright-core to be had.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# = 2 ] || { sed -n '3,5p' "$0" | cut -c3-; exit 2; }
demo=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")

skip() { echo "$*"; exit 77; }
bash "$here/../../cmake/install-packages.sh" browser || skip "chromium, nodejs or npm cannot be installed"
browser=$(command -v chromium) || skip "there is no chromium"
timeout 60 "$browser" --version >/dev/null 2>&1 || skip "chromium does not start"

# What the script imports lies beside a copy of it: the source folder stays as it is.
wanted=$(sed -n 's/.*"playwright-core": "\(.*\)".*/\1/p' "$here/package.json")
have=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$folder/node_modules/playwright-core/package.json" 2>/dev/null || true)
cp "$here"/package.json "$here"/*.mjs "$folder"
if [ "$have" != "$wanted" ]; then
  (cd "$folder" && timeout 300 npm install --no-save --no-audit --no-fund --no-package-lock --ignore-scripts) >"$folder/npm.log" 2>&1 ||
    { tail -n 5 "$folder/npm.log"; skip "npm cannot install playwright-core $wanted"; }
fi
cd "$folder"
timeout 300 node dashboard.mjs "$demo" "$browser"
