# SPDX-License-Identifier: MIT
set title 'Instructions a request in user space'
plot data using 2:3:4:xtic(1) title 'small', '' using 5:6:7 title 'browser', '' using 8:9:10 title '16 pipelined'
