#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes docs/conformance.md: table.sh path/to/weir_conformance_tests [COMPARISON]
# COMPARISON is the file that tests/differential/run.sh makes, and calls this with; without it, that of the page stays.
set -eu
binary=$1
comparison=${2:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
page=$root/docs/conformance.md
rows=$(mktemp)
kept=$(mktemp)
trap 'rm -f "$rows" "$kept"' EXIT
begin='<!-- comparison -->'
end='<!-- end of comparison -->'
if [ -n "$comparison" ]; then
  cat "$comparison" >"$kept"
elif [ -e "$page" ]; then
  sed -n "/^$begin/,/^$end/{/^<!--/d;p}" "$page" >"$kept"
fi
# Catch's own words stay outside of the marks; a row that fails shows in the table and in the status.
status=0
"$binary" "[.table]" >"$rows" || status=$?
grep -q '^<!-- end -->' "$rows" || { echo "table.sh: $binary printed no table" >&2; exit 1; }
{
  cat <<'TEXT'
# Conformance

What weir answers to HTTP/1.1 as it should be, as it may be, and as it is sent by those who want two servers to
read it in two ways. Each row is bytes in, answers in order, and what becomes of the connection. What it expects
comes from the source that it names, never from the code: an RFC's section, the class of a CVE, or, where the
RFC leaves a choice, the page or header in which weir says what it chose. "waits" means that the message is not
complete and the server says nothing yet.

Every row is run

- in one piece over the [test client](testing.md): the real reactor, router and workers over memory; a row
  that closes once more with a second request behind it, which must never be answered;
- with every byte in a read of its own (rows up to 128 KiB), and coming alone (up to 4 KiB);
- cut in two at every offset (rows above 600 bytes at forty);
- over a socket.

The outcome must be the same each time. Answers are read by a parser that shares no code with weir and
refuses what RFC 9112 forbids; beside what the row asks for, each must have one Date, a 405 its Allow, the last one
before a close `Connection: close`, and no other. Behind a row that keeps the connection, a further request
must get its own answer.

```sh
cmake --build build --target weir_conformance_tests
build/tests/conformance/weir_conformance_tests                      # the rows, in four ways
tests/conformance/table.sh build/tests/conformance/weir_conformance_tests  # writes this page, the comparison left as it is
cmake --build build --target weir_differential
tests/differential/run.sh build/tests/differential/weir_differential \
  --write build/tests/conformance/weir_conformance_tests                   # compares, and writes all of this page
```

A new row is one line in `tests/conformance/rows_*.cpp`. One that weir is known to fail is marked with
`.fails("why")`; the suite fails when such a row passes.

TEXT
  echo "$begin"
  cat "$kept"
  echo "$end"
  echo
  sed -n '/^<!-- table -->/,/^<!-- end -->/{/^<!--/d;p}' "$rows"
} >"$page"
exit "$status"
