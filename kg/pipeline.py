"""The stages in order, what may be reused from last time, and the move into place. To understand the program, begin here."""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kg.annotate import fingerprint
from kg.annotate.stage import annotate_sections
from kg.derive.communities import communities
from kg.derive.layout import layout
from kg.derive.ranks import ranks
from kg.derive.shared_topics import shared_topics
from kg.engine import Engine, derivation
from kg.errors import OutputError, ReadError
from kg.ids import short_hash
from kg.output import MANIFEST, check_ours, locked, read_manifest, replacing
from kg.readers import discover
from kg.readers.load import load_records
from kg.resolve.authors import make_authors, resolve_authors
from kg.resolve.concepts import resolve_concepts
from kg.resolve.papers import resolve_papers
from kg.store import ensure_store
from kg.tables import TABLES
from kg.version import __version__
from kg.writers import FORMATS, rdf, write

DEFAULT_BASE = "https://kg.example/"
DEFAULT_FORMATS = ("nq", "ttl", "graphml", "html")
STORE_QUADS = 1_000_000
"""Up to this size a build loads the store without being asked (about ten seconds)."""

Progress = Callable[[str, int, int | None], None]
"""Is told the stage, how much of it is done, and how much there is, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a build does. ``memory_mb`` bounds what SQL holds in memory before it spills to the disk."""

    inputs: tuple[Path, ...]
    base: str = DEFAULT_BASE
    reader: str | None = None
    formats: tuple[str, ...] = DEFAULT_FORMATS
    store: bool | None = None
    max_team: int = 100
    skip_invalid: bool = False
    threads: int | None = None
    memory_mb: int = 700


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a build did: rows a table, bad records left out, files passed over, seconds a stage."""

    folder: Path
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    problems: list[ReadError] = field(default_factory=list)
    passed_over: int = 0
    annotated: int = 0
    reused: int = 0
    quads: int = 0
    large_teams: int = 0


def build(output: Path, options: Options, *, progress: Progress = lambda name, done, total: None) -> Summary:
    """Build a graph from files into a folder, whole or not at all.

    Raises:
        ReadError: an input is bad.
        OutputError: the folder cannot be written, is not ours, or is being written by another build.
    """
    check_ours(output)
    found = discover(options.inputs, options.reader)
    summary = Summary(folder=output, passed_over=found.passed_over)
    try:
        with locked(output):
            check_ours(output)
            with replacing(output) as new:
                with Engine(new / "kg.duckdb", threads=options.threads, memory_mb=options.memory_mb, spill=new / ".spill") as engine:
                    _make_tables(engine, list(found.files), options, summary, output / ".cache", new / ".cache", progress)
                    _write(engine, new, options, summary, progress)
                shutil.rmtree(new / ".spill", ignore_errors=True)
                _write_problems(new, summary)
                _write_manifest(new, options, summary, found.files)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror or error}; what was there before is whole") from error
    return summary


def last_options(output: Path) -> Options:
    """The inputs and options of the last build of a folder.

    Raises:
        OutputError: the folder was not built by kg.
    """
    manifest = read_manifest(output)
    if manifest is None:
        raise OutputError(f"{output}: no graph there to build again; name its inputs: kg build INPUT...")
    stored = dict(manifest["options"])
    return Options(**{**stored, "inputs": tuple(Path(path) for path in stored["inputs"]), "formats": tuple(stored["formats"])})


def _make_tables(engine: Engine, paths: list[Path], options: Options, summary: Summary, kept: Path, keep: Path, progress: Progress) -> None:
    problem = summary.problems.append if options.skip_invalid else None
    for name in ("judgements", "clusters", "aliases"):
        engine.declare(name)
    with _timed("read", summary, progress):
        records = load_records(engine, paths, reader=options.reader, problem=problem, progress=progress)
        if not records:
            raise ReadError("no paper in it" if len(paths) == 1 else f"no paper in any of the {len(paths)} files", path=paths[0])
    with _timed("annotate", summary, progress):
        summary.annotated, summary.reused = annotate_sections(engine, kept=kept, keep=keep, progress=progress)
    with _timed("resolve", summary, progress):
        resolve_authors(engine)
        resolve_papers(engine)
        make_authors(engine)
        resolve_concepts(engine)
    with _timed("derive", summary, progress):
        engine.create("coauthorships", derivation("coauthorships"), max_team=options.max_team)
        shared_topics(engine)
        engine.create("cooccurrences", derivation("cooccurrences"))
        engine.create("concept_months", derivation("concept_months"))
    with _timed("arrange", summary, progress):
        communities(engine)
        ranks(engine)
        layout(engine)
    engine.declare("citations")
    engine.declare("runs")
    engine.insert("runs", tuple(column.name for column in TABLES["runs"].columns), [_run(options)])
    summary.counts = {name: engine.value(f"select count(*) from {name}") for name in engine.tables()}
    summary.large_teams = engine.value("select count(*) from papers where authors > $max_team", max_team=options.max_team)
    engine.run("checkpoint")


def _write(engine: Engine, new: Path, options: Options, summary: Summary, progress: Progress) -> None:
    with _timed("rdf", summary, progress):
        summary.quads = rdf.write_nquads(engine, new / "kg.nq")
    for name in options.formats:
        if name != "nq":
            with _timed(name, summary, progress):
                write(name, engine, new / "kg.nq", new / FORMATS[name])
    if options.store or (options.store is None and summary.quads <= STORE_QUADS):
        with _timed("store", summary, progress):
            ensure_store(new, progress=progress)


def _run(options: Options) -> tuple[Any, ...]:
    configuration = {"base": options.base, "max_team": options.max_team, "pipeline": fingerprint()}
    config = short_hash(json.dumps(configuration, sort_keys=True), 8)
    return (
        f"run/{short_hash(f'{__version__} {config}', 8)}",
        f"config/{config}",
        __version__,
        options.base,
        options.max_team,
        configuration["pipeline"],
    )


@contextmanager
def _timed(name: str, summary: Summary, progress: Progress) -> Iterator[None]:
    progress(name, 0, None)
    begin = time.perf_counter()
    yield
    summary.seconds[name] = round(time.perf_counter() - begin, 3)
    progress(name, 1, 1)


def _write_problems(new: Path, summary: Summary) -> None:
    if summary.problems:
        with (new / "problems.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "line", "reason"))
            writer.writerows((problem.path.name, problem.line, problem.reason) for problem in summary.problems)


def _write_manifest(new: Path, options: Options, summary: Summary, files: tuple[Path, ...]) -> None:
    with Engine(new / "kg.duckdb", read_only=True) as engine:
        sources = engine.rows("select name, sha256, bytes, reader from sources order by name, sha256")
    manifest = {
        "program": "paperkg",
        "version": __version__,
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {
            "inputs": [str(path.resolve()) for path in options.inputs],
            "base": options.base,
            "reader": options.reader,
            "formats": list(options.formats),
            "store": options.store,
            "max_team": options.max_team,
            "skip_invalid": options.skip_invalid,
            "threads": options.threads,
            "memory_mb": options.memory_mb,
        },
        "inputs": [dict(zip(("name", "sha256", "bytes", "reader"), source, strict=True)) for source in sources],
        "files": len(files),
        "counts": {**summary.counts, "quads": summary.quads},
        "problems": len(summary.problems),
        "seconds": summary.seconds,
    }
    (new / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
