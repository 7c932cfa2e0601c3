# SPDX-License-Identifier: MIT
#
# Writes OUT: 1 MiB of 64-byte lines, each opening with its number, so that a range read at the wrong place shows.
string(REPEAT "." 55 dots)
file(WRITE ${OUT} "")
foreach(block RANGE 0 127)
  set(text "")
  foreach(line RANGE 0 127)
    math(EXPR number "100000 + ${block} * 128 + ${line}")
    string(APPEND text "${number}  ${dots}\n")
  endforeach()
  file(APPEND ${OUT} "${text}")
endforeach()
