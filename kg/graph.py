"""What a library user holds: a built graph, to query, look up, hand to networkx, and look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kg.engine import Engine
from kg.errors import LookupFailed, SchemaError
from kg.ids import author_id, parse_arxiv_id, parse_doi
from kg.output import read_manifest
from kg.tables import TABLES

if TYPE_CHECKING:
    import networkx
    import rdflib

    from kg.answers import Answer

_KINDS = ("author", "paper", "concept")
_NEAR = 0.86
"""Jaro-Winkler similarity from which a name is offered as what may have been meant: one or two typing errors."""


def _folded(sql: str) -> str:
    """A text without case, accents, spaces and punctuation; null where nothing is left."""
    return f"nullif(regexp_replace(strip_accents(lower({sql})), '[^\\p{{L}}\\p{{N}}]', '', 'g'), '')"


_SAME = f"= {_folded('$name')}"

# How a name is looked up: each step only where those before it found nothing.
_STEPS: tuple[dict[str, str], ...] = (
    {
        "author": "select author_id from authors where author_id in ($id, 'author/' || $id)",
        "paper": """
            select paper_id from papers where paper_id in ($id, 'paper/' || $id) or arxiv_id = $arxiv_id or doi = $doi
            union select target_id from aliases where alias_id in ($id, 'paper/' || $id, 'paper/doi:' || $doi) and starts_with(target_id, 'paper/')
        """,
        "concept": """
            select concept_id from concepts where concept_id in ($id, 'concept/' || $id)
            union select target_id from aliases where alias_id in ($id, 'concept/' || $id) and starts_with(target_id, 'concept/')
        """,
    },
    {
        "author": f"select author_id from authors where author_id = $author or {_folded('name')} {_SAME}",
        "paper": f"select paper_id from papers where {_folded('title')} {_SAME}",
        "concept": f"select concept_id from concept_labels where kind = 'preferred' and {_folded('label')} {_SAME}",
    },
    {
        "author": f"select author_id from signatures where {_folded('name')} {_SAME}",
        "paper": f"select paper_id from records where {_folded('title')} {_SAME}",
        "concept": f"select concept_id from concept_labels where {_folded('label')} {_SAME}",
    },
)
_NAMES = {"author": "select name from authors", "paper": "select title as name from papers", "concept": "select label as name from concept_labels"}


class Tables:
    """The tables of a graph, each a DuckDB relation: ``.df()``, ``.arrow()``, ``.pl()``, ``.fetchall()``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        if name not in TABLES:
            raise AttributeError(f"no table {name!r}; there are {', '.join(TABLES)}")
        return self._engine.connection.table(name)

    def __dir__(self) -> list[str]:
        return self._engine.tables()


class Graph:
    """A built graph. Open it with `kg.load`, make it with `kg.build`; it only reads.

    It is a resource: close it, or use it in a ``with`` block.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "kg.duckdb").is_file() or read_manifest(folder) is None:
            raise SchemaError(f"{folder}: no graph there; make one with: kg build INPUT... -o {folder}")
        self.folder = folder
        self._engine = Engine(folder / "kg.duckdb", read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the graph's files."""
        self._engine.close()

    def __repr__(self) -> str:
        papers, authors, concepts = (self._engine.value(f"select count(*) from {name}") for name in ("papers", "authors", "concepts"))
        return f"<Graph {self.folder}: {papers:,} papers, {authors:,} authors, {concepts:,} concepts>"

    @property
    def tables(self) -> Tables:
        """The tables by name, each a DuckDB relation: ``graph.tables.papers``."""
        return Tables(self._engine)

    @property
    def engine(self) -> Engine:
        """The engine over the tables, as the writers take it."""
        return self._engine

    def query(self, name_or_sparql: str, /, *, timeout_s: float = 60.0, **parameters: str) -> Answer:
        """Ask a shipped query by name, or any SPARQL 1.1 query, in a process of its own; see `kg.store.ask_store`.

        Iterate over the answer for dictionaries, or take ``.to_pandas()``, ``.to_arrow()``. Parameters replace the examples
        of a shipped query; names are matched as `find` does.

        Raises:
            QueryError: it is not SPARQL, failed, or took too long.
            LookupFailed: a parameter names nothing, or more than one thing.
        """
        return self.ask(name_or_sparql, parameters, timeout_s=timeout_s)

    def ask(self, name_or_sparql: str, parameters: Mapping[str, str], *, timeout_s: float = 60.0) -> Answer:
        """The same as `query`, with parameters of any name.

        Raises:
            QueryError: it is not SPARQL, has no such parameter, failed, or took too long.
            LookupFailed: a parameter names nothing, or more than one thing.
        """
        from kg.queries import find, with_parameters
        from kg.store import ask_store

        given = {key: self._parameter(key, value) for key, value in parameters.items()}
        return ask_store(self.folder, with_parameters(find(name_or_sparql), given), timeout_s=timeout_s)

    def _parameter(self, key: str, value: str) -> str:
        """A parameter that names an author, a paper or a concept as the graph writes that name."""
        kind = {"author": "author", "paper": "paper", "other": "paper", "concept": "concept"}.get(key)
        if kind is None or value.startswith(("<", '"')):
            return value
        return f"<{self.find(value, kind=kind)}>"

    def rdf(self) -> rdflib.Dataset:
        """The graph as an RDFLib dataset over the store, read-only; its default graph is the union of all."""
        import rdflib
        from oxrdflib import OxigraphStore
        from pyoxigraph import Store

        from kg.store import ensure_store

        return rdflib.Dataset(store=OxigraphStore(store=Store.read_only(str(ensure_store(self.folder)))), default_union=True)

    def networkx(self, view: str = "all") -> networkx.Graph:
        """A view as a networkx graph: "all", "coauthors", "papers" (shared topics) or "concepts" (co-occurrence)."""
        from kg.writers.networks import networkx_graph

        return networkx_graph(self._engine, view)

    def view(self, focus: str | None = None, *, depth: int | None = None) -> Any:
        """The interactive page as a pyvis Network; it shows itself in a notebook, and ``.save_graph(path)`` writes it.

        Args:
            focus: an author, a paper or a concept to open with, in any spelling.
            depth: with a focus, keep only what is so many steps away; None keeps all.
        """
        from kg.writers.page import network

        return network(self._engine, focus=self.find(focus) if focus else None, depth=depth)

    def find(self, name: str, *, kind: str | None = None) -> str:
        """The id of what a name stands for, in any spelling that the graph knows.

        An id (with or without the graph's base and angle brackets), an arXiv id, a DOI, a title, an author's name, a concept's
        label or abbreviation; case, accents, hyphens and spaces do not matter.

        Args:
            name: what is looked for.
            kind: author, paper or concept; None for any.

        Raises:
            LookupFailed: nothing has that name (near ones are given), or more than one thing has.
        """
        name = name.encode("utf-8", "replace").decode("utf-8")  # a shell may hand over bytes that are no text
        found = self._found(self._unwrapped(name.strip()), (kind,) if kind else _KINDS)
        if len(found) == 1:
            return found[0]
        what = kind or "name"
        if found:
            raise LookupFailed(f"{what} {name!r} is ambiguous; it may be: {', '.join(found)}", choices=tuple(found), ambiguous=True)
        near = self._near(name, (kind,) if kind else _KINDS)
        hint = f"; near: {', '.join(near)}" if near else ""
        raise LookupFailed(f"unknown {what} {name!r}{hint}", choices=tuple(near))

    def _unwrapped(self, name: str) -> str:
        """The id in an IRI of this graph, or a name as it is."""
        if name.startswith("<") and name.endswith(">"):
            name = name[1:-1].strip()
        for (base,) in self._engine.rows("select base from runs") if ":" in name else []:
            name = name.removeprefix(base)
        return name

    def _found(self, name: str, kinds: tuple[str, ...]) -> list[str]:
        arxiv_id, doi = parse_arxiv_id(name), parse_doi(name)
        exact = {"id": name, "name": name, "author": author_id(name) if name else None, "arxiv_id": arxiv_id, "doi": doi}
        # A step is tried only when those before it found nothing: an id outranks a name, a preferred label an alternative one.
        for step in _STEPS:
            found = [identifier for kind in kinds if kind in step for (identifier,) in self._engine.rows(step[kind], **exact)]
            if found:
                return sorted(set(found))
        return []

    def _near(self, name: str, kinds: tuple[str, ...]) -> list[str]:
        names = " union all ".join(_NAMES[kind] for kind in kinds)
        query = f"""
            select name from (select name, max(jaro_winkler_similarity(lower(name), lower($name))) as nearness from ({names}) group by name)
            where nearness >= $least order by nearness desc, name limit 5
        """
        return [near for (near,) in self._engine.rows(query, name=name, least=_NEAR)]
