# SPDX-License-Identifier: MIT
set title 'User memory of all idle connections'
set style data linespoints
set xlabel 'connections'
set ylabel 'MiB'
set xtics norotate
set xrange [0:*]
plot data using (column(1)):(column(1)*column(2)/1048576) lt 1 pt 7 title 'weir', x*250/1048576 with lines lt 5 dt 2 title '250 bytes each'
