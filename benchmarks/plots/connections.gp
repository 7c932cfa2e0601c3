# SPDX-License-Identifier: MIT
set title 'CPU a request over bare epoll by connections'
set style data yerrorlines
set logscale x 10
set xlabel 'connections'
set yrange [0.8:*]
set key bottom right
set xtics norotate
plot data using (column(1)):2:3:4 lt 1 title 'weir', '' using (column(1)):5:6:7 lt 5 title 'control: bare over bare'
