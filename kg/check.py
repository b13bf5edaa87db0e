"""Is a built graph what it should be? The same demands twice: of the tables in SQL, at any size, and of the RDF by SHACL.

pySHACL looks at one node at a time in Python, so it is left to graphs of up to `SHACL_QUADS` quads; the SQL always runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from kg.engine import Engine
from kg.errors import SchemaError
from kg.output import read_manifest
from kg.tables import TABLES, Table

if TYPE_CHECKING:
    import rdflib

DEFAULT_BASE = "https://kg.example/"
SHACL_QUADS = 200_000
"""Up to this size the shapes are checked."""

_DATE = "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MONTH = "[0-9]{4}-(0[1-9]|1[0-2])"
_AGAIN = "build again; if it stays, report it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something that is not as it should be: where, what, and what would mend it.

    ``severity`` is SHACL's: only "violation" makes a graph wrong; a "warning" or "info" does not.
    """

    where: str
    what: str
    mend: str
    severity: Literal["violation", "warning", "info"] = "violation"

    def __str__(self) -> str:
        """
        >>> print(Violation(where="kg.duckdb: papers.title", what="1 is empty: paper/arxiv:2412.14711", mend="give it a title"))
        kg.duckdb: papers.title: 1 is empty: paper/arxiv:2412.14711; give it a title
        """
        return f"{self.where}: {self.what}; {self.mend}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A demand on tables: ``sql`` selects what breaks it, one text a fault, which names the place."""

    where: str
    what: str
    mend: str
    sql: str


def check(folder: Path, *, shacl_quads: int = SHACL_QUADS) -> list[Violation]:
    """All that is wrong with a built graph, worst first; an empty list, or one without violations, is a sound graph.

    Args:
        shacl_quads: up to how many quads the shapes are checked, too.

    Raises:
        SchemaError: there is no graph in the folder, or it cannot be read.
        OutputError: its manifest cannot be read.
    """
    database, nquads = folder / "kg.duckdb", folder / "kg.nq"
    if not database.is_file():
        raise SchemaError(f"{folder}: no graph here (no kg.duckdb); build one with: kg build -o {folder}")
    try:
        with Engine(database, read_only=True) as engine:
            found = [*check_tables(engine), *_base(engine)]
    except duckdb.Error as error:
        raise SchemaError(f"{database}: cannot be read ({str(error).splitlines()[0]}); build again") from error
    if nquads.is_file():
        found += _complete(folder, nquads)
        found += check_rdf(nquads, shacl_quads=shacl_quads)
    else:
        found.append(Violation(where="kg.nq", what="is missing", mend="build again, with nq among the formats"))
    order = {"violation": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda violation: order[violation.severity])


def check_tables(engine: Engine) -> list[Violation]:
    """What is wrong with the tables of a database, in the order of the tables.

    >>> with Engine() as engine:
    ...     for name in TABLES:
    ...         engine.declare(name)
    ...     [str(violation) for violation in check_tables(engine)]
    ['kg.duckdb: runs: 0 rows, not 1; build again; if it stays, report it']
    """
    present = set(engine.tables())
    missing = [name for name in TABLES if name not in present]
    if missing:
        return [Violation(where=f"kg.duckdb: {name}", what="the table is missing", mend="build again") for name in missing]
    found = []
    for rule in rules():
        count, first = engine.rows(f"select count(*), min(fault) from ({rule.sql}) faults(fault)")[0]
        if count:
            number = f"{count:,} " if count > 1 else ""
            found.append(Violation(where=f"kg.duckdb: {rule.where}", what=f"{number}{rule.what}: {_short(first)}", mend=rule.mend))
    runs = engine.value("select count(*) from runs")
    if runs != 1:
        found.append(Violation(where="kg.duckdb: runs", what=f"{runs} rows, not 1", mend=_AGAIN))
    return found


def _base(engine: Engine) -> list[Violation]:
    if DEFAULT_BASE not in {base for (base,) in engine.rows("select base from runs")}:
        return []
    what = f"IRIs stand under {DEFAULT_BASE}, which is nobody's: two people's graphs under it must not be mixed"
    return [Violation(where="base", what=what, mend="before you publish, build with --base and an address of your own", severity="warning")]


def _complete(folder: Path, nquads: Path) -> list[Violation]:
    """Whether kg.nq holds as many quads as were written: a file that was cut, or emptied, is valid N-Quads, too."""
    manifest = read_manifest(folder)
    counts = manifest.get("counts") if manifest is not None else None
    written = counts.get("quads") if isinstance(counts, dict) else None
    if not isinstance(written, int):
        return []
    with nquads.open("rb") as file:
        quads = sum(1 for _ in file)
    return [] if quads == written else [Violation(where="kg.nq", what=f"{quads:,} quads, not the {written:,} that were written", mend="build again")]


def rules() -> Iterator[Rule]:
    """Every demand on the tables: those that `kg.tables` states, and those that hold between them.

    >>> len({rule.sql for rule in rules()}) == len(list(rules()))
    True
    """
    for table in TABLES.values():
        yield from _stated(table)
    yield from _values()
    yield from _between()


def _stated(table: Table) -> Iterator[Rule]:
    """Keys, nulls, empty texts, references."""
    key = _fault(*table.key_columns)
    keys = ", ".join(table.key_columns)
    if table.name != "runs":
        yield Rule(
            where=f"{table.name}({keys})",
            what="the key stands twice",
            mend=_AGAIN,
            sql=f"select {key} from {table.name} group by {keys} having count(*) > 1",
        )
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        if column.required:
            yield Rule(where=where, what="is null", mend=f"give {column.meaning}", sql=f"select {key} from {table.name} where {column.name} is null")
        if column.type == "varchar":
            yield Rule(
                where=where,
                what="is empty text",
                mend="make it null, or leave the row out",
                sql=f"select {key} from {table.name} where {column.name} = ''",
            )
    for column_name, target in table.references:
        other, _, other_key = target.partition(".")
        yield Rule(
            where=f"{table.name}.{column_name}",
            what=f"is not in {other}",
            mend=f"add it to {other}, or take the row away",
            sql=f"select {key} from {table.name} where {column_name} is not null and {column_name} not in (select {other_key} from {other})",
        )


def _values() -> Iterator[Rule]:
    """What a value must look like, whatever else there is."""
    for column, prefix in _PREFIXES.items():
        yield _each(column, f"not regexp_matches({_column(column)}, '^{prefix}')", f"is no id of the form {prefix.replace('.', '...')}", _AGAIN)
    for column in ("records.issued", "papers.issued", "concepts.first", "coauthorships.first", "coauthorships.last"):
        yield _each(column, _no_date(_column(column), _DATE), "is no ISO 8601 date", "correct the date in the source")
    for column in ("sources.issued", "digests.issued"):
        yield _each(column, _no_date(_column(column), _DAY), "is no day such as 2024-12-25", "correct the heading of the digest")
    yield _each("concept_months.month", _no_date("month", _MONTH), "is no month such as 2024-12", _AGAIN)
    for column, values in _CHOICES.items():
        listed = ", ".join(f"'{value}'" for value in values)
        yield _each(column, f"{_column(column)} not in ({listed})", f"is none of {', '.join(values)}", _AGAIN)
    for column, condition, what in _LIMITS:
        yield _each(column, condition, what, _AGAIN)
    for name, left, right, condition in (
        ("coauthorships", "source", "target", ""),
        ("shared_topics", "source", "target", ""),
        ("cooccurrences", "source", "target", ""),
        # A label and the new one that it gets are no pair: their order says which is which.
        ("judgements", "left_id", "right_id", " and verdict <> 'renamed'"),
    ):
        what, mend = f"is not smaller than {right}", "put the smaller id first, and no pair of a thing with itself"
        yield _each(f"{name}.{left}", f"{left} >= {right}{condition}", what, mend)
    for column in ("records.title", "sections.text", "signatures.name", "papers.title", "authors.name", "concept_labels.label"):
        text = _column(column)
        yield _each(column, f"regexp_matches({text}, '{_XML_ILLEGAL}')", "holds characters that XML forbids", "have the reader drop them")
        yield _each(column, f"nfc_normalize({text}) <> {text}", "is not in Unicode's form NFC", "have the reader normalise it")


def _between() -> Iterator[Rule]:
    """What must hold between tables."""
    # DuckDB's substring counts code points, as Python does and as nif:beginIndex must.
    yield Rule(
        where="mentions.surface",
        what="is not what stands at [begin_index, end_index) of its section",
        mend="annotate the text again; offsets count code points, from 0",
        sql=f"select {_fault('m.section_id', 'm.begin_index')} from mentions m join sections s using (section_id) "
        "where m.begin_index < 0 or m.end_index <= m.begin_index or substring(s.text, m.begin_index + 1, m.end_index - m.begin_index) <> m.surface",
    )
    yield Rule(
        where="sources.source_id",
        what="is not the beginning of its sha256",
        mend="read the file again",
        sql="select source_id from sources where source_id <> 'source/' || substring(sha256, 1, 16)",
    )
    for name, column, counted, what in (
        ("papers", "authors", "authorships", "is not the number of its authorships"),
        ("authors", "papers", "authorships", "is not the number of its authorships"),
        ("concepts", "papers", "paper_concepts", "is not the number of papers about it"),
    ):
        key = TABLES[name].key_columns[0]
        yield Rule(
            where=f"{name}.{column}",
            what=what,
            mend=_AGAIN,
            sql=f"select {key} from {name} left join (select {key}, count(*) as counted from {counted} group by {key}) using ({key}) "
            f"where {column} <> coalesce(counted, 0)",
        )
    # Newman's law, up to the ninth decimal of each addend.
    yield Rule(
        where="coauthorships.weight",
        what="an author's weights do not add up to the papers that they did not write alone",
        mend=_AGAIN,
        sql="with joint as (select author_id, count(*) as papers from authorships join papers using (paper_id) "
        "where authors between 2 and (select max(max_team) from runs) group by author_id), "
        "ends as (select source as author_id, weight from coauthorships union all select target, weight from coauthorships), "
        "sums as (select author_id, sum(weight) as weight from ends group by author_id) "
        "select author_id from joint full join sums using (author_id) "
        "where abs(coalesce(papers, 0) - coalesce(weight, 0)) > 0.000001 * coalesce(papers, 1)",
    )
    yield Rule(
        where="concept_labels.kind",
        what="two preferred labels in one language",
        mend="keep one and make the others alternative",
        sql=f"select {_fault('concept_id', 'language')} from concept_labels where kind = 'preferred' "
        "group by concept_id, language having count(*) > 1",
    )
    yield Rule(
        where="concepts.label",
        what="has no preferred label in any language",
        mend="give it a label, or take the concept away",
        sql="select concept_id from concepts where concept_id not in (select concept_id from concept_labels where kind = 'preferred')",
    )
    yield Rule(
        where="concept_links.target",
        what="is broader and not in concepts",
        mend="add the concept, or take the link away",
        sql=f"select {_fault('concept_id', 'target')} from concept_links "
        "where relation = 'broader' and target not in (select concept_id from concepts)",
    )
    for kind, target in (("paper", "papers.paper_id"), ("author", "authors.author_id")):
        name, _, key = target.partition(".")
        yield Rule(
            where="clusters.canonical_id",
            what=f"is no {kind} of the graph",
            mend=_AGAIN,
            sql=f"select member_id from clusters where kind = '{kind}' and canonical_id not in (select {key} from {name})",
        )


_PREFIXES = {
    "sources.source_id": "source/[0-9a-f]{16}$",
    "records.record_id": "record/.",
    "sections.section_id": "text/.",
    "papers.paper_id": "paper/(arxiv|doi|key):.",
    "authors.author_id": "author/.",
    "concepts.concept_id": "concept/.",
    "concepts.scheme": "scheme/.",
    "venues.venue_id": "venue/.",
    "digests.digest_id": "digest/.",
    "runs.run_id": "run/[0-9a-f]{8}$",
}
_CHOICES = {
    "authors.kind": ("person", "group", "ambiguous"),
    "concepts.kind": ("Task", "Method", "Model", "Dataset", "Metric", "Field"),
    "concept_labels.kind": ("preferred", "alternative", "abbreviation"),
    "concept_links.relation": ("broader", "exactMatch", "closeMatch"),
    "venues.kind": ("Periodical", "CreativeWorkSeries"),
    "judgements.verdict": ("same", "different", "unsure", "hidden", "renamed"),
}
_LIMITS = (
    ("sources.sha256", "not regexp_full_match(sha256, '[0-9a-f]{64}')", "is not 64 hexadecimal digits"),
    ("records.votes", "votes < 0", "is below 0"),
    ("records.rank", "rank < 1", "is below 1"),
    ("records.line", "line < 1", "is below 1"),
    ("records.doi", "doi <> lower(doi) or not starts_with(doi, '10.')", "is no DOI in lower case"),
    ("papers.doi", "doi <> lower(doi) or not starts_with(doi, '10.')", "is no DOI in lower case"),
    ("papers.arxiv_id", "not regexp_full_match(arxiv_id, '[0-9]{4}\\.[0-9]{4,5}|[a-z-]+/[0-9]{7}')", "is no arXiv id without version"),
    ("authors.orcid", "not regexp_full_match(orcid, '[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]')", "is no ORCID"),
    ("authorships.position", "position < 1", "is below 1"),
    ("mentions.confidence", "confidence not between 0 and 1", "is not from 0 to 1"),
    ("judgements.right_id", "(right_id is null) <> (verdict = 'hidden')", "is missing, or stands where one label is hidden"),
    ("judgements.score", "score not between 0 and 1", "is not from 0 to 1"),
    ("paper_concepts.weight", "weight not between 0 and 1", "is not from 0 to 1"),
    ("coauthorships.weight", "weight <= 0", "is not above 0"),
    ("coauthorships.papers", "papers < 1", "is below 1"),
    ("shared_topics.weight", "weight <= 0", "is not above 0"),
    ("shared_topics.concepts", "concepts < 1", "is below 1"),
    ("cooccurrences.weight", "weight <= 0", "is not above 0"),
    ("cooccurrences.papers", "papers < 1", "is below 1"),
    ("concept_months.papers", "papers < 1", "is below 1"),
    ("concept_months.share", "share <= 0 or share > 1", "is not above 0 and at most 1"),
    ("runs.max_team", "max_team < 1", "is below 1"),
)
_XML_ILLEGAL = r"[\x00-\x08\x0B\x0C\x0E-\x1F]|\x{FFFE}|\x{FFFF}"


def _each(column: str, condition: str, what: str, mend: str) -> Rule:
    """A demand on each row of a table, looked at alone."""
    name = column.partition(".")[0]
    return Rule(where=column, what=what, mend=mend, sql=f"select {_fault(*TABLES[name].key_columns)} from {name} where {condition}")


def _column(column: str) -> str:
    return column.partition(".")[2]


def _no_date(column: str, pattern: str) -> str:
    """That a text has not the form, or names a day that no calendar has, such as 30 February."""
    return f"not regexp_full_match({column}, '{pattern}') or (length({column}) = 10 and try_cast({column} as date) is null)"


def _fault(*columns: str) -> str:
    return f"concat_ws(' ', {', '.join(columns)})"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:120]} ..."


def check_rdf(nquads: Path, *, shacl_quads: int = SHACL_QUADS) -> list[Violation]:
    """What is wrong with the RDF of a graph: triples in two graphs, and what ``shapes.ttl`` demands.

    Raises:
        SchemaError: the file is no N-Quads.
    """
    with nquads.open("rb") as file:
        quads = sum(1 for _ in file)
    if quads > shacl_quads:
        what = f"the shapes were not checked: {quads:,} quads, and SHACL is for up to {shacl_quads:,}; SQL made the same demands of the tables"
        return [Violation(where="kg.nq", what=what, mend="export a part of the graph and check that, should you need SHACL's word", severity="info")]
    graph, repeated = _union(nquads)
    found = [Violation(where=f"kg.nq: {first}", what="the triple stands in two graphs, or twice", mend="correct mapping.ttl") for first in repeated]
    return found + check_shapes(graph)


def check_shapes(graph: rdflib.Graph) -> list[Violation]:
    """What ``shapes.ttl`` finds in a graph, one violation for each demand that is broken.

    The subclasses that kg.ttl states are added to the graph: a foaf:Person is a foaf:Agent.
    """
    import pyshacl
    import rdflib

    shapes = _ontology("shapes.ttl")
    terms = _ontology("kg.ttl")
    for child, parent in terms.subject_objects(rdflib.RDFS.subClassOf):
        if isinstance(child, rdflib.URIRef) and isinstance(parent, rdflib.URIRef):
            graph.add((child, rdflib.RDFS.subClassOf, parent))
    # inplace: the graph is ours, and copying it would double the memory.
    conforms, results, _ = pyshacl.validate(graph, shacl_graph=shapes, advanced=False, inference="none", inplace=True)
    if conforms:
        return []
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    faults: dict[tuple[str, str], list[str]] = {}
    for result in results.subjects(rdflib.RDF.type, sh.ValidationResult):
        message = str(results.value(result, sh.resultMessage))
        focus = results.value(result, sh.focusNode)
        value = results.value(result, sh.value)
        faults.setdefault((_shape_of(shapes, results.value(result, sh.sourceShape)), message), []).append(
            str(focus) if value is None or value == focus else f"{focus} -> {_short(str(value))}"
        )
    found = []
    for (shape, message), places in sorted(faults.items()):
        what, _, mend = message.rpartition(": ")
        count = f"{len(places):,} faults, the first: " if len(places) > 1 else ""
        found.append(Violation(where=f"shape {shape}: {count}{min(places)}", what=what, mend=mend))
    return found


def _shape_of(shapes: rdflib.Graph, node: Any) -> str:
    """The name of the node shape to which a result's shape, often a nameless property shape, belongs."""
    import rdflib

    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    if not isinstance(node, rdflib.URIRef):
        node = shapes.value(predicate=sh.property, object=node) or node
    return str(node).rpartition("#")[2]


def _ontology(name: str) -> rdflib.Graph:
    import rdflib

    return rdflib.Graph().parse(data=(files("kg") / "ontologies" / name).read_text(encoding="utf-8"), format="turtle")


def _union(nquads: Path) -> tuple[rdflib.Graph, list[str]]:
    """The union of all graphs of a file in memory, and what stands in it more than once.

    pyoxigraph reads it five times as fast as RDFLib.
    """
    import pyoxigraph
    import rdflib

    graph = rdflib.Graph()
    repeated: list[str] = []
    names: dict[str, rdflib.URIRef] = {}

    def named(iri: str) -> rdflib.URIRef:
        if iri not in names:
            names[iri] = rdflib.URIRef(iri)
        return names[iri]

    def converted(term: Any) -> rdflib.term.Node:
        if isinstance(term, pyoxigraph.NamedNode):
            return named(term.value)
        if isinstance(term, pyoxigraph.BlankNode):
            return rdflib.BNode(term.value)
        if term.language is not None:
            return rdflib.Literal(term.value, lang=term.language)
        # Plain text is an xsd:string; RDFLib compares those with a datatype and those without as different.
        datatype = term.datatype.value
        kind = None if datatype == "http://www.w3.org/2001/XMLSchema#string" else named(datatype)
        return rdflib.Literal(term.value, datatype=kind, normalize=False)

    try:
        size = 0
        for quad in pyoxigraph.parse(path=str(nquads), format=pyoxigraph.RdfFormat.N_QUADS):
            graph.add((converted(quad.subject), converted(quad.predicate), converted(quad.object)))
            size += 1
            if len(graph) < size:
                size -= 1
                repeated.append(str(quad.triple))
    except SyntaxError as error:
        raise SchemaError(f"{nquads.name}: no N-Quads ({error}); build again") from error
    return graph, repeated
