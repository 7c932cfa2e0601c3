# SPDX-License-Identifier: MIT
set title "CPU of a compressed answer over nginx's gzip, median and quartiles"
set key outside right top
plot data using 2:3:4:xtic(1) title 'gzip, a file', '' using 5:6:7 title 'gzip, held', '' using 8:9:10 title 'br', '' using 11:12:13 title 'zstd', '' using 14:15:16 title 'nginx over nginx'
