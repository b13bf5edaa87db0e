"""Knowledge graphs from scholarly papers. Importing this package does nothing; each name is imported on first use.

>>> import kg
>>> with kg.load("output") as graph:  # doctest: +SKIP
...     graph.find("aman chadha")
'author/aman-chadha'
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.version import __version__

if TYPE_CHECKING:
    from kg.graph import Graph

__all__ = ["__version__", "build", "load"]


def build(inputs: Iterable[str | Path], output: str | Path = "output", **options: Any) -> Graph:
    """Build a graph from files and folders into a folder, and open it.

    Args:
        inputs: paths of files and folders; folders are read recursively.
        output: the folder to build; an older build in it is replaced in one step.
        options: as of `kg.pipeline.Options`: base, reader, formats, store, max_team, skip_invalid, vocabularies, judgements, pipeline, jobs,
            memory_mb.

    Raises:
        ReadError: an input is bad.
        OutputError: the folder cannot be written, is not ours, or is being written by another build.
    """
    from kg.graph import Graph
    from kg.pipeline import Options
    from kg.pipeline import build as run

    run(Path(output), Options(inputs=tuple(Path(path) for path in inputs), **options))
    return Graph(Path(output))


def load(folder: str | Path = "output") -> Graph:
    """Open the graph in a folder that was built before.

    Raises:
        SchemaError: there is no graph.
    """
    from kg.graph import Graph

    return Graph(Path(folder))
