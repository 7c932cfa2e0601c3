# SPDX-License-Identifier: MIT
set title 'User memory of an idle connection, 1,000 held'
set logscale y 10
set yrange [10:*]
set ylabel 'bytes'
plot data using 2:3:4:xtic(1) notitle
