# SPDX-License-Identifier: MIT
set key outside right top
set title 'CPU a request for a file over nginx, median and quartiles'
plot data using 2:3:4:xtic(1) title 'weir', '' using 5:6:7 title 'nginx over nginx', 1 with lines lc rgb '#555555' notitle
