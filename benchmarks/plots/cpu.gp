# SPDX-License-Identifier: MIT
set title 'CPU a request over bare epoll, median and quartiles'
set logscale y 2
set yrange [0.5:*]
plot data using 2:3:4:xtic(1) title '64 connections', '' using 5:6:7 title '16 pipelined', 1 with lines lc rgb '#555555' notitle
