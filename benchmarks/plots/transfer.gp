# SPDX-License-Identifier: MIT
set title 'Bytes of content a second over those of the bare loop'
plot data using 2:3:4:xtic(1) title '16 KiB down', '' using 5:6:7 title '1 MiB down', '' using 8:9:10 title '16 KiB up', '' using 11:12:13 title '1 MiB up'
