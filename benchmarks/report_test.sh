#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks report.py with results that are made up: what is met, missed, unresolved, failed, not there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
temp=$(mktemp -d "${TMPDIR:-/tmp}/weir-report.XXXXXX")
trap 'rm -rf "$temp"' EXIT
mkdir "$temp/results"

# row FILE FIELD...: one line of results; a field of '' is empty.
row() { local file=$1; shift; (IFS=$'\t'; echo "$*") >>"$temp/results/$file.tsv"; }
row machine processor 'made up | 2 cores'
row plaintext-1 plaintext-1 demo instructions instructions 1700 '' '' 1 ''
row plaintext-1 plaintext-1 weir instructions instructions 1600 '' '' 1 ''
row plaintext-1 plaintext-1 nginx instructions instructions 6974 '' '' 1 ''
row pipelined-16 pipelined-16 demo instructions instructions 1100 '' '' 1 ''
row plaintext-64 plaintext-64 weir cpu_ratio ratio 1.04 1.02 1.045 12 ''
row plaintext-64 plaintext-64 control cpu_ratio ratio 1.01 0.99 1.02 12 ''
row plaintext-64 plaintext-64 raw_epoll cpu_ns ns 5000 4900 5100 12 ''
row plaintext-64 plaintext-64 h2o cpu_ratio ratio 1.18 1.1 1.2 3 ''
row plaintext-64 plaintext-64 control-peers cpu_ratio ratio 1.08 1.0 1.2 3 ''
row plaintext-256 plaintext-256 weir cpu_ratio ratio 1.02 1.01 1.03 12 ''
row plaintext-256 plaintext-256 control cpu_ratio ratio 0.95 0.9 1.1 12 ''
row pipelined-16 pipelined-16 weir cpu_ratio ratio 1.1 1.0 1.3 4 ''
row pipelined-16 pipelined-16 control cpu_ratio ratio 1.0 0.99 1.01 4 ''
row browser browser weir instructions instructions 3100 '' '' 1 ''
row browser browser weir cpu_ratio ratio 1.5 1.4 1.6 12 ''
for w in inline blocking; do row $w $w control cpu_ratio ratio 1 1 1 12 ''; done
row inline inline raw_epoll cpu_ns ns 4000 '' '' 12 ''
row inline inline weir cpu_ns ns 5000 '' '' 12 ''
row blocking blocking raw_epoll cpu_ns ns 6000 '' '' 12 ''
row blocking blocking weir cpu_ns ns 9000 '' '' 12 ''
row accept accept weir connections_s 1/s 80 '' '' 12 ''
row accept accept raw_epoll connections_s 1/s 100 '' '' 12 ''
row accept accept control connections_s 1/s 101 '' '' 12 ''
for w in file-1k coded-html; do
  row $w $w nginx cpu_ns ns 20000 19000 21000 12 ''
  row $w $w weir cpu_ns ns 15000 14000 16000 12 ''
  row $w $w weir cpu_ratio ratio 0.75 0.7 0.8 12 ''
done
row file-1k file-1k nginx requests_s 1/s 20000 '' '' 12 ''
row file-1k file-1k weir requests_s 1/s 30000 '' '' 12 ''
row file-1k file-1k control cpu_ratio ratio 1.01 1.0 1.02 12 ''
row file-1k file-1k control requests_ratio ratio 0.9 0.8 1.1 12 ''
row coded-html coded-html weir coded_share ratio 0.25 '' '' 1 ''
row file-memory file-memory weir peak_bytes bytes 4096 '' '' 17 ''
row logging logging log instructions 1 2700 '' '' 2000 ''
row logging logging neither instructions 1 1700 '' '' 2000 ''
row upload upload forms peak_bytes bytes 2199552 '' '' 3 ''
row events events channel cpu_us_per_delivery us 2.5 '' '' 20 ''
row connect connect pistache failed - - - - - 'does not listen'

tab() { (IFS=$'\t'; echo "$*"); }
{
  tab 'demo small' plaintext-1 instructions demo '<=1600' absolute -
  tab 'demo pipelined' pipelined-16 instructions demo '<=1200' absolute -
  tab 'own handler' plaintext-1 instructions weir '<=1.02' ratio plaintext-1:demo
  tab 'cpu 64' plaintext-64 cpu_ratio weir '<=1.05' absolute -
  tab 'cpu 256' plaintext-256 cpu_ratio weir '<=1.05' absolute -
  tab 'cpu pipelined' pipelined-16 cpu_ratio weir '<=1.20' absolute -
  tab 'cpu browser' browser cpu_ratio weir '<=1.20' absolute -
  tab 'hand-over' blocking cpu_ns weir '<=2000' minus inline:weir
  tab 'accepting' accept connections_s weir '>=0.9' ratio accept:raw_epoll
  tab 'not there' idle-10000 idle_bytes weir '<=250' absolute -
  tab 'no heap' - - - 0 asserted some_test
} >"$temp/targets"
report() {
  python3 "$here/report.py" --results "$temp/results" --out "$temp/page.md" --plots "$temp/plots" --targets "$temp/targets" "$@"
}
report --no-plots >/dev/null

failures=0
# has LINE: that very line is on the page.
has() { grep -qxF -- "$1" "$temp/page.md" || { echo "not on the page: $1"; failures=$((failures + 1)); }; }
has '| processor | made up \| 2 cores |'
has '| demo small | ≤ 1600 | 1,700 | **missed** |'
has '| demo pipelined | ≤ 1200 | 1,100 | met |'
has '| own handler | ≤ 1.02 | 0.941 | met |'
has '| cpu 64 | ≤ 1.05 | 1.040 [1.020, 1.045] | met |'
has '| cpu 256 | ≤ 1.05 | 1.020 [1.010, 1.030] | unresolved (control at 0.950; would be met) |'
has '| cpu pipelined | ≤ 1.20 | 1.100 [1.000, 1.300] | unresolved (only 4 pairs; would be met) |'
has '| cpu browser | ≤ 1.20 | 1.500 [1.400, 1.600] | unresolved (no control; would be missed) |'
has '| hand-over | ≤ 2000 | 1,250 | met |' # 9000 * 5/6 - 5000 * 5/4
has '| accepting | ≥ 0.9 | 0.800 | **missed** |'
has '| not there | ≤ 250 | – | not measured |'
has '| no heap | 0 | – | asserted by some_test |'
has '| weir | 1,600 | 3,100 | – |'
has '| nginx | 6,974 | – | – |'
has '| h2o | 1.180 [1.100, 1.200] ? | – | – | – |'
has '- plaintext-256, cpu: control at 0.950 (weir)'
has '- connect, pistache: does not listen'
has '| 1 KiB | weir | 20,000 ? | 30,000 ? | 20.0 | 15.0 | – | – | 0.750 [0.700, 0.800] | 1.010 [1.000, 1.020] |'
has '| HTML, 100 KiB | weir | – | – | 20.0 ? | 15.0 ? | – | – | – | 0.250 | 0.750 [0.700, 0.800] ? | – |'
has '| weir | – | 4,096 |'
has '| log | 2,700 | – | – | – | – |'
has '| forms | – | 2,199,552 | – | – |'
has '| channel | – | 2.5 ? | – | – | – | – |'
! grep -q '{{' "$temp/page.md" || { echo "a place in the template was not filled"; failures=$((failures + 1)); }

if command -v gnuplot >/dev/null; then
  report >/dev/null 2>&1
  for plot in instructions cpu connections files coded; do
    grep -q '</svg>' "$temp/plots/$plot.svg" || { echo "no plot $plot"; failures=$((failures + 1)); }
    has "![$plot](plots/$plot.svg)"
  done
  [ ! -e "$temp/plots/transfer.svg" ] || { echo "a plot of nothing"; failures=$((failures + 1)); }
fi
row bad too few
! report --no-plots >/dev/null 2>&1 || { echo "a broken line was taken"; failures=$((failures + 1)); }
[ $failures -eq 0 ] && echo "report_test: all right"
