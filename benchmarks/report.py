#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/performance.md and its plots from stored results.

  report.py --results DIR --out FILE.md --plots DIR [--targets FILE] [--template FILE] [--no-plots]

DIR holds <workload>.tsv, lines of
  workload, server, metric, unit, value, low, high, samples, note
(value is a median and low and high are quartiles; exact figures have neither), and machine.tsv, lines
of key, value. A timed figure counts as resolved only if bare against bare, measured beside it, came out
as 1 +- CONTROL_WIDTH; a target wants at least PAIRS pairs besides. All else is written down and called
unresolved.
"""
import argparse
import pathlib
import re
import subprocess
import sys
from collections import namedtuple

CONTROL_WIDTH = 0.03
PAIRS = 12
BARE = "raw_epoll"
CONTROL = "control"              # bare against bare, beside weir
PEER_CONTROL = "control-peers"   # the same in the shorter run of the peers
OURS = ("demo", "weir")
BYTEWISE = "bytewise"            # the floor, looking at each byte
# Figures of a clock on a shared machine. All others are counted and need no control.
TIMED = re.compile(r"cpu_|requests_|p50|p99|connections_|bytes_(s|ratio)$|publish_|last_delivery_")
HERE = pathlib.Path(__file__).resolve().parent

Row = namedtuple("Row", "workload server metric unit value low high samples note")
Target = namedtuple("Target", "what workload metric server limit kind reference")


def number(text):
    """The number that a cell holds, or None."""
    try:
        return float(text)
    except ValueError:
        return None


def table_lines(path):
    """The fields of each line of a tab-separated file that is neither empty nor a comment."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def show(value, unit=""):
    """A figure for people: three or four digits that mean something."""
    if value is None:
        return "–"
    if unit == "ratio":
        return f"{value:.3f}"
    if unit == "B/s":
        return f"{value / 1e9:.3f} GB/s"
    if unit == "1" and abs(value) < 100:
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def spread(row):
    return "" if row.low is None else f" [{show(row.low, row.unit)}, {show(row.high, row.unit)}]".replace(" GB/s,", ",").replace(" GB/s]", "]")


def markdown(head, lines):
    """A table: the first column to the left, the others to the right."""
    if not lines:
        return "Not measured.\n"
    out = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    out += ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join(out) + "\n"


class Results:
    """All rows by (workload, server, metric), and what is known of the machine."""

    def __init__(self, folder):
        self.rows, self.failures, self.machine, self.runs = {}, [], {}, {}
        for path in sorted(folder.glob("*.tsv")):
            with open(path, encoding="utf-8") as lines:
                first = lines.readline()
            if first.startswith("# "):  # date, time, mode: what run.sh writes above a workload
                self.runs.setdefault((first[2:12], first.split()[-1]), []).append(path.stem)
            for line in table_lines(path):
                if path.name == "machine.tsv":
                    self.machine[line[0]] = line[1]
                    continue
                if len(line) != len(Row._fields):
                    sys.exit(f"report.py: {path}: not {len(Row._fields)} fields: {line}")
                row = Row(*line[:4], *map(number, line[4:8]), line[8])
                if row.metric == "failed":
                    self.failures.append(row)
                elif row.value is None:
                    sys.exit(f"report.py: {path}: no number: {line}")
                else:
                    self.rows[row[:3]] = row

    def get(self, workload, server, metric):
        return self.rows.get((workload, server, metric))

    def servers(self, figures):
        """Those with one of the (workload, metric): the floor, ours, then the peers by their first."""
        found = {}
        for figure in figures:
            for row in self.rows.values():
                if (row.workload, row.metric) == figure:
                    found.setdefault(row.server, row.value)
        rank = {name: place for place, name in enumerate((BARE, BYTEWISE, *OURS))}
        rank |= {CONTROL: 1000, PEER_CONTROL: 1001}
        return sorted(found, key=lambda name: (rank.get(name, 100), found[name]))

    def control(self, row):
        """Bare over bare as (ratio, pairs) beside `row`; None if nobody looked."""
        names = [CONTROL] if row.server in (*OURS, BARE, BYTEWISE, CONTROL) else [PEER_CONTROL, CONTROL]
        for name in names:
            ratio = self.get(row.workload, name, row.metric.split("_")[0] + "_ratio")
            if ratio:
                return ratio.value, ratio.samples
            own, bare = (self.get(row.workload, server, row.metric) for server in (name, BARE))
            if own and bare and bare.value:
                return own.value / bare.value, own.samples
        return None

    def doubt(self, row, as_target=False):
        """Why a figure is not resolved; empty if it is. A target wants PAIRS pairs besides."""
        if not TIMED.match(row.metric):
            return ""
        control = self.control(row)
        if control is None:
            return "no control"
        if abs(control[0] - 1) > CONTROL_WIDTH:
            return f"control at {control[0]:.3f}"
        fewest = min(pairs or 0 for pairs in (control[1], row.samples))
        return f"only {fewest:.0f} pairs" if as_target and fewest < PAIRS else ""

    def cell(self, workload, server, metric):
        row = self.get(workload, server, metric)
        if row is None:
            return "–"
        text = show(row.value, row.unit) + spread(row)
        return text + (" ?" if server not in (CONTROL, PEER_CONTROL) and self.doubt(row) else "")


def grid(results, columns, only=None):
    """A line for each server; columns are (heading, workload, metric)."""
    lines = [[name] + [results.cell(w, name, m) for _, w, m in columns]
             for name in results.servers([(w, m) for _, w, m in columns]) if only is None or name in only]
    return markdown(["server"] + [heading for heading, _, _ in columns], lines)


def beside_nginx(results, workloads, servers, more=()):
    """A line for each workload and server of ours; columns are nginx's figure and ours. `more` are
    further columns (heading, metric, scale)."""
    def figure(workload, server, metric, scale):
        row = results.get(workload, server, metric)
        if row is None:
            return "–"
        unit = row.unit if scale == 1 else ""
        return show(row.value * scale, unit) + (" ?" if results.doubt(row) else "")

    columns = (("requests/s", "requests_s", 1), ("CPU µs a request", "cpu_ns", 1e-3),
               ("CPU ms a GB", "cpu_ms_gb", 1), *more)
    head = ["", "server"] + [f"{heading}: {who}" for heading, _, _ in columns for who in ("nginx", "it")]
    head += ["CPU over nginx", "control"]
    lines = []
    for what, workload in workloads:
        for server in servers:
            if results.get(workload, server, "cpu_ns") is None:
                continue
            cells = [figure(workload, who, metric, scale) for _, metric, scale in columns
                     for who in ("nginx", server)]
            cells += [results.cell(workload, who, "cpu_ratio") for who in (server, CONTROL)]
            lines.append([what, server, *cells])
    return markdown(head, lines)


def measured(results, target):
    """(value, low, high, unit, doubts) of a target's figure; value None when it is not there."""
    row = results.get(target.workload, target.server, target.metric)
    if row is None:
        return None, None, None, "", ["not measured"]
    doubts = [results.doubt(row, as_target=True)]
    if target.kind == "absolute":
        return row.value, row.low, row.high, row.unit, [d for d in doubts if d]
    workload, _, server = target.reference.partition(":")
    other = results.get(workload, server, target.metric)
    if other is None or (target.kind == "ratio" and not other.value):
        return None, None, None, "", [f"{workload}, {server} not measured"]
    doubts.append(results.doubt(other, as_target=True))
    doubts = sorted({d for d in doubts if d})
    if target.kind == "ratio":
        return row.value / other.value, None, None, "ratio", doubts
    # A difference of times from two runs: each is scaled by the bare loop that ran beside it.
    bare = [results.get(w, BARE, target.metric) for w in (target.workload, workload)]
    scale = [1, 1]
    if all(bare):
        middle = (bare[0].value + bare[1].value) / 2
        scale = [middle / b.value for b in bare]
    return row.value * scale[0] - other.value * scale[1], None, None, row.unit, doubts


def verdict(results, target):
    """(figure, what to call it) for one line of the target table."""
    if target.kind == "asserted":
        return "–", f"asserted by {target.reference}"
    value, low, high, unit, doubts = measured(results, target)
    if value is None:
        return "–", f"not measured ({doubts[0]})" if doubts != ["not measured"] else doubts[0]
    below, limit = target.limit.startswith("<="), float(target.limit[2:])
    figure = show(value, unit) + ("" if low is None else f" [{show(low, unit)}, {show(high, unit)}]")
    word = "met" if (value <= limit if below else value >= limit) else "missed"
    if doubts:
        return figure, f"unresolved ({'; '.join(doubts)}; would be {word})"
    if low is not None and low < limit < high:
        word += ", the limit is inside the quartiles"
    return figure, f"**{word}**" if word.startswith("missed") else word


def target_table(results, targets):
    lines = []
    for target in targets:
        figure, word = verdict(results, target)
        limit = target.limit.replace("<=", "≤ ").replace(">=", "≥ ")
        lines.append([target.what, limit, figure, word])
    return markdown(["what", "target", "measured", ""], lines)


def machine_table(results):
    lines = [[key, value] for key, value in results.machine.items()]
    if len(results.runs) > 1:  # stored results of several runs
        lines += [[f"measured {date}, --{mode}", ", ".join(names)]
                  for (date, mode), names in sorted(results.runs.items())]
    elif results.runs:
        lines += [[f"measured {date}, --{mode}", "all of it"] for date, mode in results.runs]
    return markdown(["", ""], lines)


def unresolved_list(results):
    """One line a workload and kind of figure: which may not be quoted, and why."""
    reasons = {}
    for row in results.rows.values():
        doubt = "" if row.server in (CONTROL, PEER_CONTROL) else results.doubt(row)
        if doubt:
            reasons.setdefault((row.workload, row.metric.split("_")[0], doubt), {})[row.server] = True
    if not reasons:
        return "Nothing: every control was 1 ± 0.03.\n"
    return "".join(f"- {workload}, {kind}: {doubt} ({', '.join(servers)})\n"
                   for (workload, kind, doubt), servers in sorted(reasons.items()))


def failure_list(results):
    if not results.failures:
        return "Nothing failed.\n"
    return "".join(f"- {row.workload}, {row.server}: {row.note}\n" for row in results.failures)


CONNECTIONS = (1, 64, 256, 1000, 10000)
INSTRUCTIONS = [("small", "plaintext-1", "instructions"), ("browser", "browser", "instructions"),
                ("small, 16 pipelined", "pipelined-16", "instructions")]
BODIES = ("bytes-16k", "bytes-1m", "sink-16k", "sink-1m")
IDLE = (1000, 5000, 10000, 19000)
FILES = (("1 KiB", "file-1k"), ("64 KiB", "file-64k"), ("100 MiB", "file-100m"), ("512 B of 1 KiB", "file-1k-range"),
         ("32 KiB of 64 KiB", "file-64k-range"), ("50 MiB of 100 MiB", "file-100m-range"),
         ("1 KiB, and 10 misses", "file-1k-misses"), ("1 KiB, each a miss", "file-miss"),
         ("the same without siblings", "file-miss-alone"))
CODED = (("JSON, 20 KiB", "coded-json"), ("HTML, 100 KiB", "coded-html"), ("text, 1 MiB", "coded-text"))


def columns_of(metric, *workloads):
    return [(workload, workload, metric) for workload in workloads]


def tables(results, targets):
    """What stands for each {{name}} in the template."""
    def by_connections(metric):
        return [(f"{n:,}", f"plaintext-{n}", metric) for n in CONNECTIONS]

    return {
        "machine": machine_table(results),
        "targets": target_table(results, targets),
        "instructions": grid(results, INSTRUCTIONS),
        "more-instructions": grid(results, columns_of(
            "instructions", "routes-100", "echo", "threads-1", "threads-2", "inline", "blocking", "deferred")),
        "syscalls": grid(results, [
            ("reads", "plaintext-64", "reads"), ("writes", "plaintext-64", "writes"),
            ("waits", "plaintext-64", "waits"), ("others", "plaintext-64", "others"),
            ("all, 16 pipelined", "pipelined-16", "syscalls"), ("writes, 16 pipelined", "pipelined-16", "writes")]),
        "cpu": grid(results, [
            ("64 connections", "plaintext-64", "cpu_ratio"), ("16 pipelined", "pipelined-16", "cpu_ratio"),
            ("ns", "plaintext-64", "cpu_ns"), ("ns, 16 pipelined", "pipelined-16", "cpu_ns")]),
        "connections": grid(results, by_connections("cpu_ratio"), only=("weir", CONTROL)),
        "shapes": grid(results, columns_of(
            "cpu_ratio", "browser", "routes-100", "echo", "connect", "threads-1", "threads-2")),
        "requests": grid(results, by_connections("requests_s") + columns_of("requests_s", "pipelined-16", "browser")),
        "latency": grid(results, [(heading, "plaintext-256", metric) for heading, metric in (
            ("requests/s", "rate"), ("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"),
            ("p50 over raw_epoll", "p50_ratio"), ("p99 of the client's own delay", "late_p99"))]),
        "handlers": grid(results, [(f"{w}, ns", w, "cpu_ns") for w in ("inline", "blocking", "deferred")] +
                         columns_of("cpu_ratio", "inline", "blocking", "deferred")),
        "accept": grid(results, columns_of("connections_s", "connect", "accept-reuseport", "accept-reuseport-2",
                                           "accept-roundrobin")),
        "accept-ratio": grid(results, columns_of("connections_ratio", "connect", "accept-reuseport",
                                                 "accept-reuseport-2", "accept-roundrobin")),
        "transfer": grid(results, columns_of("bytes_s", *BODIES)),
        "transfer-ratio": grid(results, columns_of("bytes_ratio", *BODIES)),
        "memory": grid(results, [(f"{n:,} idle", f"idle-{n}", "idle_bytes") for n in IDLE] +
                       [("1,000 active", "idle-1000", "active_bytes")]),
        "files": beside_nginx(results, FILES, ("weir",)),
        "file-memory": grid(results, [("resident bytes before", "file-memory", "resident_bytes"),
                                      ("more at the peak", "file-memory", "peak_bytes")]),
        "coded": beside_nginx(results, CODED, ("weir", "weir-held", "weir-br", "weir-zstd"),
                              (("of the size", "coded_share", 1),)),
        "logging": grid(results, [
            ("instructions", "logging", "instructions"), ("CPU ns", "logging", "cpu_ns"),
            ("CPU over neither", "logging", "cpu_ratio"), ("requests/s", "logging", "requests_s"),
            ("lines a request", "logging", "lines_share")]),
        "upload": grid(results, [
            ("resident bytes before", "upload", "resident_bytes"), ("more at the peak", "upload", "peak_bytes"),
            ("CPU ms a GB", "upload", "cpu_ms_gb"), ("rate", "upload", "bytes_s")]),
        "events": grid(results, [
            ("CPU µs an event", "events", "cpu_us_per_event"), ("CPU µs a delivery", "events", "cpu_us_per_delivery"),
            ("µs of publish()", "events", "publish_us"), ("ms to the last delivery", "events", "last_delivery_ms"),
            ("bytes a subscriber", "events", "bytes_per_subscriber"),
            ("bytes after the events", "events", "bytes_per_subscriber_after")]),
        "micro": markdown(["benchmark", "ns"], [
            [name, results.cell("micro", name, "ns")] for name in sorted(results.servers([("micro", "ns")]))]),
        "compile": grid(results, [("seconds to compile", "compile", "seconds"),
                                  ("bytes stripped", "compile", "bytes")]),
        "unresolved": unresolved_list(results),
        "failures": failure_list(results),
    }


def plot_data(results):
    """For each plot its lines of data: a label and (value, low, high) for each column."""
    def rows(columns, names):
        for name in names:
            found = [results.get(w, name, m) for _, w, m in columns]
            if any(found):
                yield [name] + [r and (r.value, r.low or r.value, r.high or r.value) for r in found]

    def all_of(columns):
        names = results.servers([(w, m) for _, w, m in columns])
        return list(rows(columns, [n for n in names if n not in (CONTROL, PEER_CONTROL)]))

    def by_count(pattern, counts, name, metric):
        for count in counts:
            row = results.get(pattern.format(count), name, metric)
            control = results.get(pattern.format(count), CONTROL, metric)
            if row:
                yield [str(count)] + [r and (r.value, r.low or r.value, r.high or r.value)
                                      for r in (row, control)]

    def by_workload(workloads, names):
        for what, workload in workloads:
            found = [results.get(workload, name, "cpu_ratio") for name in names]
            if any(found):
                yield [what] + [r and (r.value, r.low or r.value, r.high or r.value) for r in found]

    return {
        "files": list(by_workload(FILES, ("weir", CONTROL))),
        "coded": list(by_workload(CODED, ("weir", "weir-held", "weir-br", "weir-zstd", CONTROL))),
        "instructions": all_of(INSTRUCTIONS),
        "cpu": all_of(columns_of("cpu_ratio", "plaintext-64", "pipelined-16")),
        "connections": list(by_count("plaintext-{}", CONNECTIONS, "weir", "cpu_ratio")),
        "latency": all_of([(m, "plaintext-256", m) for m in ("p50", "p99", "p999")]),
        "memory": all_of([("idle", "idle-1000", "idle_bytes")]),
        "growth": list(by_count("idle-{}", IDLE, "weir", "idle_bytes")),
        "transfer": all_of(columns_of("bytes_ratio", *BODIES)),
    }


def draw(results, folder, data_folder):
    """Runs gnuplot for each plot that has data; returns the Markdown that shows it, by name."""
    shown = {}
    folder.mkdir(parents=True, exist_ok=True)
    data_folder.mkdir(parents=True, exist_ok=True)
    for name, lines in plot_data(results).items():
        svg = folder / f"{name}.svg"
        shown[name] = ""
        svg.unlink(missing_ok=True)
        if not lines:
            continue
        data = data_folder / f"{name}.dat"
        filled = {i for line in lines for i, cell in enumerate(line[1:]) if cell}
        with open(data, "w", encoding="utf-8") as out:
            for label, *cells in lines:
                # gnuplot refuses a column of nothing else than NaN
                words = [word for column, cell in enumerate(cells)
                         for word in (cell or ("NaN" if column in filled else "0",) * 3)]
                out.write((label if label.isdigit() else f'"{label}"') + " " + " ".join(map(str, words)) + "\n")
        run = subprocess.run(["gnuplot", "-e", f"data='{data}'; out='{svg}'", HERE / "plots" / "style.gp",
                              HERE / "plots" / f"{name}.gp"], capture_output=True, text=True)
        if run.returncode != 0:  # a column of which nothing was measured
            print(f"report.py: no plot of {name}: {' '.join(run.stderr.split())}", file=sys.stderr)
            svg.unlink(missing_ok=True)
            continue
        shown[name] = f"\n![{name}]({folder.name}/{svg.name})\n"
    return shown


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--plots", type=pathlib.Path, required=True)
    parser.add_argument("--targets", type=pathlib.Path, default=HERE / "targets.tsv")
    parser.add_argument("--template", type=pathlib.Path, default=HERE / "performance.md.in")
    parser.add_argument("--no-plots", action="store_true")
    options = parser.parse_args()

    results = Results(options.results)
    if not results.rows:
        sys.exit(f"report.py: no results in {options.results}")
    targets = [Target(*line) for line in table_lines(options.targets)]
    parts = tables(results, targets)
    plots = {} if options.no_plots else draw(results, options.plots, options.results / "plots")
    parts |= {f"plot:{name}": text for name, text in plots.items()}

    def fill(match):
        if match[1].startswith("plot:"):
            return parts.get(match[1], "")
        return parts[match[1]]

    text = re.sub(r"\{\{([a-z0-9:-]+)\}\}\n", fill, options.template.read_text(encoding="utf-8"))
    options.out.write_text(re.sub(r"\n{3,}", "\n\n", text), encoding="utf-8")
    print(f"report.py: wrote {options.out} from {len(results.rows)} figures")


if __name__ == "__main__":
    main()
