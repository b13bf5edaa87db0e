"""The stages in order, what may be reused from last time, and the move into place. To understand the program, begin here."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

from kg.annotate.external import find
from kg.annotate.stage import annotate_sections
from kg.derive.communities import communities
from kg.derive.layout import layout
from kg.derive.ranks import ranks
from kg.derive.shared_topics import shared_topics
from kg.engine import Engine, derivation
from kg.errors import OutputError, ReadError
from kg.ids import check_base, short_hash
from kg.output import JUDGEMENTS, MANIFEST, check_ours, locked, read_manifest, replacing
from kg.readers import discover
from kg.readers.judgements import joined, kept_judgements, load_judgements, read_judgements, write_judgements
from kg.readers.load import load_records
from kg.readers.vocabulary import load_vocabularies
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

_ADVICE = re.compile(r", or (leave [^,;]+ out with|use) --skip-invalid$")
_DISK_ERRORS = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
Progress = Callable[[str, int, int | None], None]
"""Is told the stage, how much of it is done, and how much there is, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a build does.

    ``vocabularies`` are files of concepts and their terms, which come before ours (`kg.readers.vocabulary`). ``pipeline`` names a spaCy pipeline,
    installed or in a folder, that takes the place of ours. ``jobs`` is how many cores are used: None for all, but for one process to find concepts
    with ``pipeline``. ``memory_mb`` bounds what SQL holds in memory before it spills to the disk. ``judgements`` is a file whose rows are added to
    those of the graph's folder and kept there, so it is no option of last time.
    """

    inputs: tuple[Path, ...]
    base: str = DEFAULT_BASE
    reader: str | None = None
    formats: tuple[str, ...] = DEFAULT_FORMATS
    store: bool | None = None
    max_team: int = 100
    skip_invalid: bool = False
    vocabularies: tuple[Path, ...] = ()
    pipeline: str | None = None
    jobs: int | None = None
    memory_mb: int = 700
    judgements: Path | None = None


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
    other_languages: int = 0


def build(output: Path, options: Options, *, progress: Progress = lambda name, done, total: None) -> Summary:
    """Build a graph from files into a folder, whole or not at all.

    Raises:
        ReadError: an input is bad.
        OutputError: the folder cannot be written, is not ours, or is being written by another build.
        IdentifierError: ids cannot follow the base.
        PipelineError: concepts cannot be found: the pipeline is not there or not what is needed, or a process died.
    """
    check_base(options.base)
    if options.pipeline is not None:
        find(options.pipeline)
    check_ours(output)
    found = discover(options.inputs, options.reader)
    summary = Summary(folder=output, passed_over=found.passed_over)
    try:
        with locked(output):
            check_ours(output)
            with replacing(output) as new:
                judgements = kept_judgements(output)
                if options.judgements is not None:
                    judgements = joined(judgements, read_judgements(options.judgements))
                    write_judgements(new / JUDGEMENTS, judgements)
                with Engine(new / "kg.duckdb", threads=options.jobs, memory_mb=options.memory_mb, spill=new / ".spill") as engine:
                    load_judgements(engine, judgements)
                    _make_tables(engine, list(found.files), options, summary, output / ".cache", new / ".cache", progress)
                    _write(engine, new, options, summary, progress)
                shutil.rmtree(new / ".spill", ignore_errors=True)
                _write_problems(new, summary)
                _write_manifest(new, options, summary, found.files)
    except OSError as error:
        if error.errno not in _DISK_ERRORS and not _is_output(error.filename, output):
            raise
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
    stored = manifest.get("options")
    if not _are_options(stored):
        raise OutputError(f"{output / MANIFEST}: does not say what this version needs to build again; name the inputs: kg build INPUT... -o {output}")
    paths = {name: tuple(map(Path, stored[name])) for name in ("inputs", "vocabularies")}
    return Options(**{**stored, **paths, "formats": tuple(stored["formats"])})


_STORED = {
    "inputs": list,
    "base": str,
    "reader": str | None,
    "formats": list,
    "store": bool | None,
    "max_team": int,
    "skip_invalid": bool,
    "vocabularies": list,
    "pipeline": str | None,
    "jobs": int | None,
    "memory_mb": int,
}


def _are_options(stored: Any) -> TypeGuard[dict[str, Any]]:
    """Whether these are the options of a manifest of this version: each one, and each of its type."""
    if not isinstance(stored, dict) or stored.keys() != _STORED.keys():
        return False
    lists = [stored[name] for name, kind in _STORED.items() if kind is list]
    return all(isinstance(stored[name], kind) for name, kind in _STORED.items()) and all(isinstance(text, str) for texts in lists for text in texts)


def _is_output(name: Any, output: Path) -> bool:
    """Whether the file that an error names is one of the output, or of what is to take its place."""
    if not isinstance(name, str | Path):
        return False
    output = output.resolve()
    return any(Path(name).resolve().is_relative_to(place) for place in (output, output.with_name(f".{output.name}.new")))


def _without_advice(error: ReadError) -> ReadError:
    """A problem without the advice to leave such entries out: that is what is being done."""
    return ReadError(_ADVICE.sub("", error.reason), path=error.path, line=error.line)


def _make_tables(engine: Engine, paths: list[Path], options: Options, summary: Summary, kept: Path, keep: Path, progress: Progress) -> None:
    problem = (lambda error: summary.problems.append(_without_advice(error))) if options.skip_invalid else None
    for name in ("judgements", "clusters", "aliases"):
        engine.declare(name)
    with _timed("read", summary, progress):
        load_vocabularies(engine, options.vocabularies)
        records = load_records(engine, paths, reader=options.reader, problem=problem, progress=progress)
        if not records:
            reason = "no paper in it" if len(paths) == 1 else f"no paper in any of the {len(paths)} files"
            if summary.problems:
                count = len(summary.problems)
                reason += f"; {f'{count:,} problems, the first' if count > 1 else '1 problem'}: {summary.problems[0]}"
            raise ReadError(reason, path=paths[0])
    with _timed("annotate", summary, progress):
        terms = [term for (term,) in engine.rows("select distinct term from vocabulary_terms order by term")]
        found = annotate_sections(engine, kept=kept, keep=keep, terms=terms, name=options.pipeline, jobs=options.jobs, progress=progress)
        summary.annotated, summary.reused, summary.other_languages = found.new, found.known, found.other_languages
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
    engine.insert("runs", tuple(column.name for column in TABLES["runs"].columns), [_run(options, found.fingerprint)])
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


def _run(options: Options, pipeline: str) -> tuple[Any, ...]:
    configuration: dict[str, Any] = {"base": options.base, "max_team": options.max_team, "pipeline": pipeline}
    if options.vocabularies:
        configuration["vocabularies"] = [hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in options.vocabularies]
    config = short_hash(json.dumps(configuration, sort_keys=True), 8)
    return (
        f"run/{short_hash(f'{__version__} {config}', 8)}",
        f"config/{config}",
        __version__,
        options.base,
        options.max_team,
        pipeline,
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
        with (new / "problems.csv").open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "line", "reason"))
            writer.writerows((problem.path.name, problem.line, problem.reason) for problem in summary.problems)


def _pipeline_text(name: str | None) -> str | None:
    """The name of a pipeline for another day: a folder is named from the root."""
    folder = None if name is None else find(name)
    return name if folder is None else str(folder.resolve())


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
            "vocabularies": [str(path.resolve()) for path in options.vocabularies],
            "pipeline": _pipeline_text(options.pipeline),
            "jobs": options.jobs,
            "memory_mb": options.memory_mb,
        },
        "inputs": [dict(zip(("name", "sha256", "bytes", "reader"), source, strict=True)) for source in sources],
        "files": len(files),
        "counts": {**summary.counts, "quads": summary.quads},
        "problems": len(summary.problems),
        "seconds": summary.seconds,
    }
    # A name that is no UTF-8 holds lone surrogates; written as \\udcXX they are JSON, and the name can be read back.
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (new / MANIFEST).write_text(text, encoding="utf-8", errors="backslashreplace")
