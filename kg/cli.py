"""The command line: arguments, messages, exit status. Heavy imports happen inside a command."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.errors import KGError, LookupFailed, OutputError, QueryError
from kg.version import __version__

if TYPE_CHECKING:
    from kg.answers import Answer
    from kg.pipeline import Summary


class _NamedPath(click.Path):
    """A path; the empty text, which Path takes for the current folder and a shell makes of an unset variable, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty text is no path; for the current folder write .", param, ctx)
        return super().convert(value, param, ctx)


_PATH = _NamedPath(path_type=Path)
_GRAPH = click.option("-g", "--graph", "folder", type=_PATH, default=Path("output"), show_default=True, help="The folder of a built graph.")
_BECAUSE = click.option("--because", metavar="TEXT", help="Why; it is kept with the judgement.")
_SHOWN_PROBLEMS = 3
_STAGES = {
    "read": "reading",
    "annotate": "finding concepts",
    "resolve": "deciding who is who",
    "derive": "joining",
    "arrange": "arranging",
    "rdf": "writing RDF",
    "store": "loading the store",
}


class _Commands(click.Group):
    """Commands in the order in which people need them; our own errors become one line and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **extra)
        except OSError as error:
            # The last resort. Files that we write are named where they are written, so what has no name here is stdout.
            _drop_stdout()
            click.echo(f"{error.filename or 'stdout'}: {error.strerror or error}", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            _check_here()
            return super().invoke(ctx)
        except LookupFailed as error:
            click.echo(str(error), err=True)
            ctx.exit(2 if error.ambiguous else 1)
        except KGError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of our output has gone (head, less): nothing is wrong, and nobody is there to be told.
            _drop_stdout()
            ctx.exit(0)


def _drop_stdout() -> None:
    """Where stdout takes no more, send what it still holds nowhere; else the interpreter would fail at it once more as it ends."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_here() -> None:
    """Refuse to begin in a folder that is gone, as one is that a build was made in: what is named from there cannot be found."""
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise KGError("the current folder is gone; change to it again (cd .)") from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """Knowledge graphs from scholarly papers.

    \b
    kg build seeds/digests                                 tables, RDF, graph files, a page
    kg query strongest-coauthors -p author="Aman Chadha"   a shipped query, or any SPARQL
    kg view --open                                         look at it
    """


@main.command()
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=_PATH)
@click.option("-o", "--output", type=_PATH, default=Path("output"), show_default=True, help="The folder to build.")
@click.option("--base", help="What all IRIs begin with.  [default: https://kg.example/]")
@click.option("--reader", help="The reader to use, whatever a file's suffix.")
@click.option("--formats", help="What to write, comma-separated.  [default: nq,ttl,graphml,html]")
@click.option("--store/--no-store", default=None, help="Load the SPARQL store now, or on first need.  [default: now, up to a million quads]")
@click.option("--max-team", type=click.IntRange(min=2), help="Papers of more authors make no co-author pairs.  [default: 100]")
@click.option(
    "--vocabulary", "vocabularies", type=_PATH, multiple=True, metavar="FILE", help="Concepts and their terms, CSV or SKOS; may be repeated."
)
@click.option("--judgements", type=_PATH, metavar="FILE", help="What people say of concepts; added to the judgements.csv of the folder.")
@click.option("--skip-invalid/--no-skip-invalid", default=None, help="Leave bad entries out (problems.csv) rather than stop.")
@click.option("--pipeline", metavar="NAME_OR_PATH", help="A spaCy pipeline that finds the concepts in place of ours.")
@click.option("--jobs", type=click.IntRange(min=1), help="How many cores to use.  [default: all; one to find concepts with --pipeline]")
@click.option("--memory-mb", type=click.IntRange(min=100), help="What SQL may hold in memory before it spills to disk.  [default: 700]")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no summary.")
def build(inputs: tuple[Path, ...], output: Path, formats: str | None, *, quiet: bool, **given: Any) -> None:
    """Build a graph from files and folders.

    Without INPUT, again from those of last time.

    \b
    kg build seeds/digests
    kg build papers/ extra.jsonl.gz -o graph --formats nq,ttl,gexf,html
    """
    from dataclasses import replace

    from kg.pipeline import Options, last_options
    from kg.pipeline import build as run
    from kg.writers import check_formats

    changes = {name: value for name, value in given.items() if value is not None and value != ()}
    if formats is not None:
        changes["formats"] = check_formats(name.strip() for name in formats.split(",") if name.strip())
    options = replace(Options(inputs=inputs) if inputs else last_options(output), **changes)
    begin = time.perf_counter()
    with _progress(quiet=quiet) as progress:
        summary = run(output, options, progress=progress)
    if not quiet:
        _summarise(summary, options.max_team, time.perf_counter() - begin)


@main.command()
@click.argument("query", metavar="[NAME_OR_SPARQL]", required=False)
@click.option("-f", "--file", "path", type=_PATH, help="A file that holds the query.")
@click.option("-p", "--parameter", "pairs", metavar="KEY=VALUE", multiple=True, help="A parameter of a shipped query; may be repeated.")
@click.option("-F", "--format", "form", type=click.Choice(["table", "csv", "tsv", "json", "xml", "ttl", "nt"]), default="table", show_default=True)
@click.option("--timeout-s", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Stop after so many seconds.")
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of a built graph.")
@_GRAPH
def query(query: str | None, path: Path | None, pairs: tuple[str, ...], form: str, timeout_s: float, endpoint: str | None, folder: Path) -> None:
    """Ask a shipped query or any SPARQL.

    Without either, the shipped queries are listed.

    \b
    kg query
    kg query papers-by-author -p author="Aman Chadha"
    kg query 'SELECT ?title WHERE { ?paper dcterms:title ?title } LIMIT 5' -F csv
    """
    if sys.stdout is None:
        raise OutputError("stdout is closed; give it a file or a terminal to answer to")
    if query is not None and path is not None:
        raise click.UsageError("give a query or a file, not both")
    if path is not None:
        query = _read_query(path)
    if query is None:
        _list_queries()
        return
    parameters = dict(_pair(pair) for pair in pairs)
    if endpoint is not None:
        from kg.endpoint import ask_endpoint
        from kg.queries import find, with_parameters

        with ask_endpoint(endpoint, with_parameters(find(query), parameters), timeout_s=timeout_s) as answer:
            _write_answer(answer, form, with_parameters=bool(parameters))
        return
    from kg.graph import Graph

    with Graph(folder) as graph, graph.ask(query, parameters, timeout_s=timeout_s) as answer:
        _write_answer(answer, form, with_parameters=bool(parameters))


@main.command()
@click.argument("form", metavar="FORMAT")
@click.option("-o", "--output", type=_PATH, help="Where to write.  [default: in the graph's folder]")
@click.option("--without", default="", help="Named graphs to leave out of an RDF format, comma-separated: texts,mentions,coauthorships ...")
@click.option("--formula-safe", is_flag=True, help="In CSV, keep spreadsheets from taking text for a formula.")
@_GRAPH
def export(form: str, output: Path | None, without: str, folder: Path, *, formula_safe: bool) -> None:
    """Write the graph in another format.

    One of nt, nq, ttl, trig, jsonld, rdfxml, graphml, gexf, nodelink, parquet, csv, html.

    \b
    kg export gexf
    kg export ttl -o small.ttl --without mentions,coauthorships
    """
    from kg.graph import Graph
    from kg.output import check_target, writing
    from kg.writers import FORMATS, RDF_FORMATS, TABLE_FORMATS, check_formats, write

    check_formats([form])
    left_out = [name.strip() for name in without.split(",") if name.strip()]
    if left_out and form not in RDF_FORMATS:
        raise click.UsageError(f"--without leaves out graphs of an RDF format ({', '.join(RDF_FORMATS)}), and {form} is none")
    path = output or folder / FORMATS[form]
    with Graph(folder) as graph:
        target = check_target(path, folder, FORMATS[form], tables=f".{form}" if form in TABLE_FORMATS else None)
        if form == "nq" and left_out and target == (folder / "kg.nq").resolve():
            raise click.UsageError("kg.nq is the graph itself; name another file for a part of it with -o")
        with writing(target) as aside:
            write(form, graph.engine, folder / "kg.nq", aside, without=left_out, formula_safe=formula_safe)
    click.echo(click.format_filename(path))


@main.command()
@click.option("--focus", metavar="NAME", help="An author, a paper or a concept to show with its neighbourhood.")
@click.option("--depth", type=click.IntRange(1, 3), default=1, show_default=True, help="How many steps from the focus.")
@click.option("-o", "--output", type=_PATH, help="The page to write.  [default: kg.html in the graph's folder]")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@_GRAPH
def view(focus: str | None, depth: int, output: Path | None, folder: Path, *, show: bool) -> None:
    """Make the interactive page, one file that needs no network.

    \b
    kg view --open
    kg view --focus "Aman Chadha" -o chadha.html
    """
    from kg.graph import Graph
    from kg.output import check_target, writing
    from kg.writers.page import write_page

    path = output or folder / "kg.html"
    with Graph(folder) as graph, writing(check_target(path, folder, "kg.html")) as aside:
        write_page(graph.engine, aside, focus=graph.find(focus) if focus else None, depth=depth if focus else None)
    click.echo(click.format_filename(path))
    if show:
        click.launch(path.resolve().as_uri())


@main.command()
@_GRAPH
def check(folder: Path) -> None:
    """Check a graph: shapes, references, counts.

    Exit status 1 where something is wrong.

    \b
    kg check -g output
    """
    from kg.check import check as run
    from kg.graph import Graph

    Graph(folder).close()  # refuses a folder that holds no graph
    found = run(folder)
    for entry in found:
        if entry.severity == "violation":
            click.echo(str(entry))
        else:
            click.echo(f"{entry.severity}: {entry}", err=True)
    violations = sum(entry.severity == "violation" for entry in found)
    click.echo(f"{folder}: {_count(violations, 'violation') if violations else 'no violations'}", err=True)
    if violations:
        click.get_current_context().exit(1)


@main.command()
@click.argument("concept")
@_BECAUSE
@_GRAPH
def hide(concept: str, because: str | None, folder: Path) -> None:
    """Take a concept out of the graph.

    \b
    kg hide "novel approach" --because "says nothing"
    """
    from kg.judgements import hide as run

    _say(lambda progress: run(folder, concept, because=because, progress=progress))


@main.command()
@click.argument("concept")
@click.argument("label")
@_BECAUSE
@_GRAPH
def rename(concept: str, label: str, because: str | None, folder: Path) -> None:
    """Give a concept another English or Korean label.

    \b
    kg rename "expert mixture" "mixture of experts"
    kg rename MoE "전문가 혼합"
    """
    from kg.judgements import rename as run

    _say(lambda progress: run(folder, concept, label, because=because, progress=progress))


@main.command()
@click.argument("one", metavar="CONCEPT")
@click.argument("other", metavar="CONCEPT")
@_BECAUSE
@_GRAPH
def same(one: str, other: str, because: str | None, folder: Path) -> None:
    """Make two concepts one.

    \b
    kg same "mixture of experts" "expert mixture"
    """
    from kg.judgements import same as run

    _say(lambda progress: run(folder, one, other, because=because, progress=progress))


@main.command()
@click.argument("one", metavar="CONCEPT")
@click.argument("other", metavar="CONCEPT")
@_BECAUSE
@_GRAPH
def different(one: str, other: str, because: str | None, folder: Path) -> None:
    """Keep two labels apart, of one concept or of two.

    \b
    kg different 3D "3D reconstruction"
    """
    from kg.judgements import different as run

    _say(lambda progress: run(folder, one, other, because=because, progress=progress))


@main.command()
@click.argument("names", metavar="[NUMBER... | CONCEPT [CONCEPT]]", nargs=-1)
@_GRAPH
def unsay(names: tuple[str, ...], folder: Path) -> None:
    """List what people said, or take some of it back.

    \b
    kg unsay
    kg unsay 2 5
    kg unsay 3D "3D reconstruction"
    """
    from kg.judgements import listed
    from kg.judgements import unsay as run

    if names:
        _say(lambda progress: run(folder, names, progress=progress))
        return
    lines = listed(folder)
    click.echo("\n".join(lines) if lines else "nothing was said as yet; see: kg hide, kg rename, kg same, kg different", err=not lines)


def _say(run: Callable[[Callable[[str, int, int | None], None]], str]) -> None:
    """Let a judgement be kept and applied, with bars at a terminal and nothing elsewhere, and print the line that says what was done."""
    with _progress(quiet=sys.stderr is None or not sys.stderr.isatty()) as progress:
        line = run(progress)
    click.echo(line)


def _read_query(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"{path}: cannot be read as text ({error.__class__.__name__}); name a file that holds SPARQL") from error


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise click.UsageError(f"-p {text}: write it as KEY=VALUE")
    return key.strip(), value


def _list_queries() -> None:
    from kg.queries import shipped

    queries = shipped()
    width = max(map(len, queries))
    for name, entry in queries.items():
        click.echo(f"{name:<{width}}  {entry.summary}")
        for parameter in entry.parameters:
            click.echo(f"{'':<{width}}    -p {parameter.name}={parameter.sample}")


def _write_answer(answer: Answer, form: str, *, with_parameters: bool) -> None:
    stream = sys.stdout.buffer
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    answer.write(stream, form, width=width)
    stream.flush()
    if form == "table" and answer.form != "ask" and next(answer.terms(), None) is None:
        hint = "; see how its parameters are written: kg query" if with_parameters else ""
        click.echo(f"no rows{hint}", err=True)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int | None], None]]:
    """Bars at a terminal, a line a stage elsewhere, nothing when told to be quiet."""
    if quiet:
        yield lambda name, done, total: None
    elif sys.stderr is not None and sys.stderr.isatty():
        with _bars() as bars:
            yield bars
    else:
        yield _Lines()


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int | None], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def progress(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(_described(name), total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield progress


class _Lines:
    """A line for each stage as it begins."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, name: str, done: int, total: int | None) -> None:
        if name not in self._said:
            self._said.add(name)
            click.echo(f"{_described(name)} ...", err=True)


def _described(name: str) -> str:
    return _STAGES.get(name, f"writing {name}")


def _summarise(summary: Summary, max_team: int, seconds: float) -> None:
    counts = summary.counts

    def say(text: str) -> None:
        click.echo(text, err=True)

    things = ", ".join(_count(counts[f"{noun}s"], noun) for noun in ("paper", "author", "concept"))
    say(f"{things} from {_count(counts['sources'], 'file')} in {seconds:.1f} s")
    pairs, topics = _count(counts["coauthorships"], "co-author pair"), _count(counts["shared_topics"], "shared topic")
    say(f"  {pairs}, {topics}, {_count(counts['mentions'], 'mention')}, {_count(summary.quads, 'quad')}")
    if summary.reused:
        say(f"  {_count(summary.annotated, 'text')} new, {summary.reused:,} known from the last build")
    if summary.large_teams:
        say(f"  {_count(summary.large_teams, 'paper')} of more than {max_team} authors made no pairs (--max-team)")
    if summary.other_languages:
        say(
            f"  {_count(summary.other_languages, 'text')} in other languages than Korean and English: names, abbreviations and terms of "
            "vocabularies are found there, phrases are not"
        )
    if summary.passed_over:
        say(f"  {_count(summary.passed_over, 'file')} passed over: no reader for them, or built by kg")
    if summary.problems:
        say(f"  {_count(len(summary.problems), 'problem')}, left out: see {summary.folder / 'problems.csv'}")
        for problem in summary.problems[:_SHOWN_PROBLEMS]:
            say(f"    {problem}")
        if len(summary.problems) > _SHOWN_PROBLEMS:
            say(f"    and {len(summary.problems) - _SHOWN_PROBLEMS:,} more")
    option = "" if summary.folder == Path("output") else f" -g {shlex.quote(str(summary.folder))}"
    say(f"look at it: kg view --open{option} · ask it: kg query{option} · check it: kg check{option}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
