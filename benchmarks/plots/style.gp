# SPDX-License-Identifier: MIT
# What all plots share. report.py sets `data` and `out`; columns are value, first and third quartile.
set terminal svg size 760,380 font 'sans-serif,12' background rgb 'white'
set output out
set style data histogram
set style histogram errorbars gap 1 lw 1
set style fill solid 0.8 border -1
set boxwidth 0.9
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror
set xtics rotate by -25 noenhanced
set key top left noenhanced
set linetype 1 lc rgb '#1b6ca8'
set linetype 2 lc rgb '#e08214'
set linetype 3 lc rgb '#7fbf7b'
set linetype 4 lc rgb '#b2abd2'
set linetype 5 lc rgb '#555555'
set yrange [0:*]
