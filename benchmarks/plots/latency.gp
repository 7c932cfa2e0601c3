# SPDX-License-Identifier: MIT
set title '256 connections at half of the maximum load: latency'
set logscale y 10
set yrange [*:*]
set ylabel 'µs'
plot data using 2:3:4:xtic(1) title 'p50', '' using 5:6:7 title 'p99', '' using 8:9:10 title 'p99.9'
