"""The command line: arguments, messages, exit status. Heavy imports happen inside a command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg import __version__
from kg.errors import KGError, LookupFailed

if TYPE_CHECKING:
    from kg.pipeline import Summary

_GRAPH = click.option("-g", "--graph", "folder", type=click.Path(path_type=Path), default=Path("output"), show_default=True, help="The folder of a built graph.")


class _Commands(click.Group):
    """Commands in the order in which people need them; our own errors become one line and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
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
            sys.stderr.close()
            ctx.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """Knowledge graphs from scholarly papers.

    \b
    kg build seeds/digests                             tables, RDF, graph files and a page in output/
    kg query strongest-coauthors -p author="Jun Zhu"   a shipped query, or any SPARQL
    kg view --open                                     look at it
    """


@main.command()
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("output"), show_default=True, help="The folder to build.")
@click.option("--base", help="What all IRIs begin with.  [default: https://kg.example/]")
@click.option("--reader", help="The reader to use, whatever a file's suffix.")
@click.option("--formats", help="What to write, comma-separated.  [default: nq,ttl,graphml,html]")
@click.option("--store/--no-store", default=None, help="Load the SPARQL store now or on first need.  [default: now, up to a million quads]")
@click.option("--max-team", type=click.IntRange(min=2), help="Papers of more authors make no co-author pairs.  [default: 100]")
@click.option("--skip-invalid/--no-skip-invalid", default=None, help="Leave bad entries out (problems.csv) rather than stop.")
@click.option("--jobs", "threads", type=click.IntRange(min=1), help="Threads.  [default: one a core]")
@click.option("--memory-mb", type=click.IntRange(min=100), help="What SQL may hold in memory before it spills to disk.  [default: 700]")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no summary.")
def build(inputs: tuple[Path, ...], output: Path, formats: str | None, *, quiet: bool, **given: Any) -> None:
    """Build a graph from files and folders; without INPUT, again from those of last time.

    \b
    kg build seeds/digests
    kg build papers/ extra.jsonl.gz -o graph --formats nq,ttl,gexf,html
    """
    from dataclasses import replace

    from kg.pipeline import Options, last_options
    from kg.pipeline import build as run
    from kg.writers import check_formats

    changes = {name: value for name, value in given.items() if value is not None}
    if formats is not None:
        changes["formats"] = check_formats(name.strip() for name in formats.split(",") if name.strip())
    options = replace(Options(inputs=inputs) if inputs else last_options(output), **changes)
    with _progress(quiet=quiet) as progress:
        summary = run(output, options, progress=progress)
    if not quiet:
        _summarise(summary, options.max_team)


@main.command()
@click.argument("query", metavar="[NAME_OR_SPARQL]", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="A file that holds the query.")
@click.option("-p", "--parameter", "pairs", metavar="KEY=VALUE", multiple=True, help="A parameter of a shipped query.")
@click.option(
    "-F", "--format", "form", type=click.Choice(["table", "csv", "tsv", "json", "xml", "ttl", "nt"]), default="table", show_default=True, help="How to write the answer."
)
@click.option("--timeout-s", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Stop after so many seconds.")
@_GRAPH
def query(query: str | None, path: Path | None, pairs: tuple[str, ...], form: str, timeout_s: float, folder: Path) -> None:
    """Ask the graph: a shipped query by name (none: list them), or any SPARQL 1.1 query.

    \b
    kg query
    kg query papers-by-author -p author="Aman Chadha"
    kg query 'SELECT ?title WHERE { ?paper dcterms:title ?title } LIMIT 5' -F csv
    """
    from kg.query import answer, describe_shipped, with_prefixes

    if query is None and path is None:
        click.echo(describe_shipped())
        return
    if query is not None and path is not None:
        raise click.UsageError("give a query or a file, not both")
    text = path.read_text(encoding="utf-8") if path is not None else query or ""
    del answer, with_prefixes, text, pairs, form, timeout_s, folder


@main.command()
@_GRAPH
def check(folder: Path) -> None:
    """Check a graph: shapes, references, counts. Exit status 1 where something is wrong.

    \b
    kg check -g output
    """
    del folder


def _progress(*, quiet: bool) -> Any:
    del quiet
    raise NotImplementedError


def _summarise(summary: Summary, max_team: int) -> None:
    del summary, max_team
    raise NotImplementedError


_Callback = Callable[[str, int, int | None], None]
