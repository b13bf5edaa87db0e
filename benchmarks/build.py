#!/usr/bin/env python3
"""kg build against what a competent user writes in an afternoon (naive_peer.py), in the same run.

usage: benchmarks/build.py [--input PATH] [--limit N] [--max-df N] [--runs 3] [--no-peer]

Each command runs as a process of its own, in turn, and its CPU seconds and peak memory are what the system says of it. Ours writes tables,
N-Quads, Turtle, GraphML and the page (without the store, which the peer has none of); the peer Turtle, GraphML and a page.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one process used."""

    cpu_s: float
    wall_s: float
    memory_mb: float


def measure(command: list[str], log: Path) -> Run:
    """Run a command to its end; a failure ends the benchmark."""

    begin = time.perf_counter()
    with log.open("wb") as sink:
        pid = os.posix_spawn(
            command[0], command, dict(os.environ), file_actions=[(os.POSIX_SPAWN_DUP2, sink.fileno(), 1), (os.POSIX_SPAWN_DUP2, sink.fileno(), 2)]
        )
        _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-2000:]}")
    return Run(cpu_s=usage.ru_utime + usage.ru_stime, wall_s=time.perf_counter() - begin, memory_mb=usage.ru_maxrss / 1024)


def cut(path: Path, limit: int, folder: Path) -> Path:
    """The first records of a snapshot."""
    if not limit:
        return path
    short = folder / f"first-{limit}.jsonl"
    with gzip.open(path, "rt", encoding="utf-8") as lines, short.open("w", encoding="utf-8") as out:
        out.writelines(islice(lines, limit))
    return short


def main() -> None:
    """Measure, and print a table."""
    cli = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    cli.add_argument("--input", type=Path, default=ROOT / "seeds" / "digests")
    cli.add_argument("--limit", type=int, default=0)
    cli.add_argument("--max-df", type=int, default=0, help="the peer leaves out concepts of more papers; beyond 5,000 papers it never ends without")
    cli.add_argument("--runs", type=int, default=3)
    cli.add_argument("--no-peer", action="store_true")
    args = cli.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = cut(args.input, args.limit, folder)
        ours = [sys.executable, "-m", "kg", "build", str(path), "-o", str(folder / "ours"), "--no-store", "-q"]
        peer = [sys.executable, str(ROOT / "benchmarks" / "naive_peer.py"), str(path), str(folder / "peer"), "--max-df", str(args.max_df)]
        runs: dict[str, list[Run]] = {"kg build": [], "naive peer": []}
        for _ in range(args.runs):
            shutil.rmtree(folder / "ours", ignore_errors=True)  # from nothing: no candidates of the run before
            runs["kg build"].append(measure(ours, folder / "log"))
            if not args.no_peer:
                runs["naive peer"].append(measure(peer, folder / "log"))
        counts = json.loads((folder / "ours" / "manifest.json").read_text())["counts"]
    processor = platform.processor() or platform.machine()
    print(f"machine: {processor}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {args.runs} runs")
    print(f"input: {args.input.name}, {counts['papers']:,} papers; ours makes {counts['quads']:,} quads")
    print(f"{'':12}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}")
    medians = {}
    for label, measured in runs.items():
        if measured:
            medians[label] = [statistics.median(getattr(run, field) for run in measured) for field in ("cpu_s", "wall_s", "memory_mb")]
            print(f"{label:12}{medians[label][0]:>10.2f}{medians[label][1]:>10.2f}{medians[label][2]:>10.0f}")
    if len(medians) == 2:
        ratios = [ours / theirs for ours, theirs in zip(*medians.values(), strict=True)]
        print(f"{'ratio':12}{ratios[0]:>10.2f}{ratios[1]:>10.2f}{ratios[2]:>10.2f}")


if __name__ == "__main__":
    main()
