"""Vocabularies, ours and the user's, as four temporary tables: concepts, their terms, what is broader, and links to other vocabularies.

Ours are the CSV files of ``seeds/concepts``. A user's file is a CSV file of the same shape, or SKOS in Turtle, N-Triples, RDF/XML or JSON-LD.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import NoReturn

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat

from kg.engine import Engine
from kg.errors import ReadError, visible
from kg.ids import slug
from kg.language.forms import fold
from kg.namespaces import PREFIXES
from kg.readers.files import read_lines
from kg.readers.text import clean_line

KINDS = ("Task", "Method", "Model", "Dataset", "Metric", "Field")
"""What a concept can be; see ``ontologies/kg.ttl``."""
SHIPPED = "scheme/paperkg"
"""The scheme of the concepts that come with the program."""
_OWN_SCHEMES = frozenset((SHIPPED, "scheme/extracted", "scheme/arxiv"))
_LINKS = "cso.csv"
_WORDS = "words.csv"
_TOP = "top.csv"
_BETWEEN = re.compile(r"(?<![^ ])\|(?![^ ])")
_UNKNOWN_LANGUAGE = "und"
_TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")
_COLUMNS = {
    "label": ("en", "preferred"),
    "abbreviation": ("en", "abbreviation"),
    "variants": ("en", "alternative"),
    "korean": ("ko", "preferred"),
}
_FORMATS = {
    ".json": RdfFormat.JSON_LD,
    ".jsonld": RdfFormat.JSON_LD,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".ttl": RdfFormat.TURTLE,
    ".xml": RdfFormat.RDF_XML,
}
_ENTITY = re.compile(r"""<!ENTITY\s+[\w.-]+\s+"[^"&%]{0,200}"\s*>""")
_NESTING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]')
_MAX_DEPTH = 200
"""The parser of JSON-LD ends the whole program where some ten thousand are open."""
_XML = ("<?xml", "<!DOCTYPE", "<rdf:RDF")
_TYPE = f"{PREFIXES['rdf']}type"
_SKOS, _KG = PREFIXES["skos"], PREFIXES["kg"]
_ROLES = {
    f"{_SKOS}prefLabel": "preferred",
    f"{_SKOS}altLabel": "alternative",
    f"{_SKOS}hiddenLabel": "alternative",
    f"{_KG}abbreviation": "abbreviation",
}
_BROADER, _NARROWER = f"{_SKOS}broader", f"{_SKOS}narrower"
_MATCHES = {f"{_SKOS}{name}": name for name in ("closeMatch", "exactMatch")}
_PREDICATES = frozenset((_TYPE, _BROADER, _NARROWER, *_ROLES, *_MATCHES))
_CONCEPTS = frozenset((f"{_SKOS}Concept", *(f"{_KG}{kind}" for kind in KINDS)))
_NO_CONCEPTS = frozenset(f"{_SKOS}{name}" for name in ("ConceptScheme", "Collection", "OrderedCollection"))


@dataclass(slots=True, kw_only=True)
class _Concept:
    """A concept as one or more files have it. ``broader`` holds labels, and nodes of RDF, as they are written."""

    path: Path
    scheme: str
    line: int | None = None
    label: str = ""
    key: str = ""
    node: str | None = None
    kind: str | None = None
    iri: str | None = None
    terms: dict[tuple[str, str], str] = field(default_factory=dict)
    preferred: set[str] = field(default_factory=set)
    broader: dict[str, None] = field(default_factory=dict)
    links: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, language: str, term: str, role: str) -> None:
        """Add a term. A language has one preferred term, the first; a term that is an abbreviation, too, is one."""
        if not term:
            return
        if role == "preferred":
            if language in self.preferred:
                role = "alternative"
            self.preferred.add(language)
        known = self.terms.setdefault((language, term), role)
        if role == "abbreviation" and known == "alternative":
            self.terms[language, term] = role

    def take(self, other: _Concept) -> None:
        """Add what another file says of the concept: all terms and links, and what is not said here."""
        for (language, term), role in other.terms.items():
            self.add(language, term, role)
        self.links.update(other.links)
        self.kind = self.kind or other.kind
        self.broader = self.broader or other.broader

    def refuse(self, reason: str) -> NoReturn:
        raise ReadError(visible(reason), path=self.path, line=self.line)


def load_vocabularies(engine: Engine, paths: Sequence[Path]) -> None:
    """Read a user's vocabularies and ours into temporary tables.

    - vocabulary_concepts: number, label, kind, scheme, iri; numbers count from 0, the user's files first, in their order and that of their rows
    - vocabulary_terms: number, language (a BCP 47 tag in lower case, "und" where SKOS has none), term, role (preferred, alternative or abbreviation)
    - vocabulary_broader: number, broader (the number of a broader concept)
    - vocabulary_links: number, relation (closeMatch or exactMatch), target (an IRI)
    - vocabulary_words: korean (a word), head (whether it ends a term), place (from 0, the most usual meaning first), english; ours alone

    Concepts of several files whose labels have one key (`kg.language.forms.fold`) are one: the first names it, gives its scheme, and its kind and
    what is broader where it says them; the terms of all are its terms. So a user's concept takes the place of ours.

    Args:
        engine: where the tables are made.
        paths: the user's files: .csv, .json, .jsonld, .nt, .rdf, .ttl or .xml, also packed with gzip (.csv.gz).

    Raises:
        ReadError: a file cannot be read, has a fault in its form, no concept, an empty label, one label twice, an unknown kind, a broader concept
            that no file has, or concepts that are broader than themselves.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Engine() as engine:
    ...     path = Path(folder) / "chess.csv"
    ...     _ = path.write_text("label,korean,broader\\nendgame tablebase,엔드게임 테이블베이스,artificial intelligence\\n", encoding="utf-8")
    ...     load_vocabularies(engine, [path])
    ...     print(engine.rows("select label, kind, scheme, iri from vocabulary_concepts where number = 0"))
    ...     print(engine.rows("select language, term, role from vocabulary_terms where number = 0"))
    ...     print(engine.rows("select c.label from vocabulary_broader b join vocabulary_concepts c on c.number = b.broader where b.number = 0"))
    [('endgame tablebase', None, 'scheme/chess', None)]
    [('en', 'endgame tablebase', 'preferred'), ('ko', '엔드게임 테이블베이스', 'preferred')]
    [('artificial intelligence',)]
    """
    concepts, numbers = _joined([*(concept for path in dict.fromkeys(paths) for concept in _read(path)), *_shipped()])
    broader = _broader(concepts, numbers)
    _refuse_cycles(concepts, broader)
    _insert(engine, "concepts", "number integer, label varchar, kind varchar, scheme varchar, iri varchar", (
        (number, concept.label, concept.kind, concept.scheme, concept.iri) for number, concept in enumerate(concepts)
    ))  # fmt: skip
    _insert(engine, "terms", "number integer, language varchar, term varchar, role varchar", (
        (number, language, term, role) for number, concept in enumerate(concepts) for (language, term), role in concept.terms.items()
    ))  # fmt: skip
    _insert(engine, "broader", "number integer, broader integer", ((number, above) for number, found in enumerate(broader) for above in found))
    _insert(engine, "links", "number integer, relation varchar, target varchar", (
        (number, relation, target) for number, concept in enumerate(concepts) for relation, target in concept.links
    ))  # fmt: skip
    _insert(engine, "words", "korean varchar, head boolean, place integer, english varchar", _words())


def _words() -> Iterator[tuple[str, bool, int, str]]:
    """The dictionary of the words of which terms are made: word, whether as head, place among its meanings, English."""
    text = (files("kg") / "seeds" / "concepts" / _WORDS).read_text(encoding="utf-8")
    for row in csv.DictReader(text.split("\n")):
        for head, cell in ((False, row["modifier"]), (True, row["head"])):
            for place, english in enumerate(cell.split(" | ")):
                yield row["korean"], head, place, english


def _insert(engine: Engine, name: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    engine.run(f"create temp table vocabulary_{name} ({columns})")
    engine.insert(f"vocabulary_{name}", [column.split()[0] for column in columns.split(", ")], rows)


def _joined(found: Iterable[_Concept]) -> tuple[list[_Concept], dict[str, int]]:
    """Concepts, those of one label joined, and the number of each by label, by its key, and by its node in RDF."""
    concepts: list[_Concept] = []
    keys: dict[str, int] = {}
    names: dict[str, int] = {}
    for concept in found:
        number = keys.setdefault(concept.key, len(concepts))
        if number == len(concepts):
            concepts.append(concept)
        elif (concepts[number].path, concepts[number].scheme) == (concept.path, concept.scheme):
            known = concepts[number]
            where = f"at line {known.line}" if known.line else f"as {known.node}"
            same = "" if known.label == concept.label else f", which is written {known.label!r} there"
            concept.refuse(f"the label {concept.label!r} stands {where} already{same}; join the two, or tell them apart: {concept.label} (...)")
        else:
            concepts[number].take(concept)
        names.setdefault(concept.label, number)
        if concept.node is not None:
            names.setdefault(concept.node, number)
    return concepts, {**keys, **names}


def _broader(concepts: Sequence[_Concept], numbers: dict[str, int]) -> list[list[int]]:
    """For each concept the numbers of those that are broader."""
    broader: list[list[int]] = []
    for concept in concepts:
        above: dict[int, None] = {}
        for name in concept.broader:
            number = numbers.get(name)
            if number is None:
                number = numbers.get(fold(name))
            if number is None:
                near = get_close_matches(name, [other.label for other in concepts], n=3, cutoff=0.75)
                advice = f"near: {', '.join(near)}" if near else "add it, or take it out"
                concept.refuse(f"{concept.label!r} has the broader concept {name!r}, which no vocabulary has; {advice}")
            above[number] = None
        broader.append(list(above))
    return broader


def _refuse_cycles(concepts: Sequence[_Concept], broader: Sequence[Sequence[int]]) -> None:
    """Raise if a concept is, over any number of steps, broader than itself."""
    done: set[int] = set()
    for start in range(len(concepts)):
        trail: dict[int, Iterator[int]] = {}
        step: int | None = None if start in done else start
        while step is not None or trail:
            if step is None:
                here, rest = next(reversed(trail.items()))
                step = next(rest, None)
                if step is None:
                    del trail[here]
                    done.add(here)
                continue
            if step in trail:
                _refuse_cycle(concepts, list(trail)[list(trail).index(step) :])
            if step not in done:
                trail[step] = iter(broader[step])
            step = None


def _refuse_cycle(concepts: Sequence[_Concept], numbers: list[int]) -> NoReturn:
    # From the user's concept, if there is one: the user's have the lowest numbers.
    first = numbers.index(min(numbers))
    circle = [concepts[number] for number in (*numbers[first:], *numbers[:first])]
    labels = " -> ".join(concept.label for concept in (*circle, circle[0]))
    circle[0].refuse(f"broader concepts in a circle: {labels}; take one of these steps out")


def _shipped() -> Iterator[_Concept]:
    """Our own concepts with their links, those of the top first."""
    folder = files("kg") / "seeds" / "concepts"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv") and entry.name != _WORDS)
    topics: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (name != _LINKS, name != _TOP, name)):
        lines = enumerate((folder / name).read_text(encoding="utf-8").split("\n"), 1)
        if name == _LINKS:
            for label, topic in csv.reader(line for _, line in lines if line):
                topics.setdefault(label, []).append(topic)
            continue
        for concept in _csv(lines, Path(name), SHIPPED):
            for topic in topics.get(concept.label, ()):
                concept.links["closeMatch", topic] = None
            yield concept


def _read(path: Path) -> list[_Concept]:
    """The concepts of a user's file.

    >>> _read(Path("words.docx"))
    Traceback (most recent call last):
    kg.errors.ReadError: words.docx: no vocabulary in '.docx' can be read; known: .csv, .json, .jsonld, .nt, .rdf, .ttl, .xml
    """
    name = Path(path.name.removesuffix(".gz"))
    suffix = name.suffix.lower()
    form = _FORMATS.get(suffix)
    if form is None and suffix != ".csv":
        known = ", ".join(sorted((".csv", *_FORMATS)))
        raise ReadError(f"no vocabulary in {suffix or path.name!r} can be read; known: {known}", path=path)
    scheme = f"scheme/{slug(name.stem)}"
    if scheme in _OWN_SCHEMES:
        raise ReadError(f"{name.stem!r} is the name of a scheme of the program's own; give the file another name", path=path)
    lines = read_lines(path, _refuse_line, strict=True)
    concepts = list(_csv(lines, path, scheme) if form is None else _skos("\n".join(line for _, line in lines), form, path, scheme))
    if not concepts:
        needed = "a row below the header for each" if form is None else "each needs a skos:prefLabel"
        raise ReadError(f"no concept in it; {needed}", path=path)
    return concepts


def _refuse_line(error: ReadError) -> NoReturn:
    # A vocabulary is read whole or not at all, so no line can be left out.
    raise ReadError(error.reason.partition(", or leave ")[0], path=error.path, line=error.line) from error


def _csv(lines: Iterable[tuple[int, str]], path: Path, scheme: str) -> Iterator[_Concept]:
    """The concepts of a CSV file, a row each."""
    reader = csv.reader((f"{_tidy(line)}\n" for _, line in lines), strict=True)
    line = 1
    try:
        columns = _columns(next(reader, []), path)
        labels = [(place, *use) for place, (name, use) in enumerate(columns) if use is not None and name != "label"]
        names = [name for name, _ in columns]
        label, kind, broader = (names.index(name) if name in names else len(names) for name in ("label", "kind", "broader"))
        line = reader.line_num + 1
        for row in reader:
            if any(row):
                if len(row) > len(names):
                    raise ReadError(
                        f"{len(row)} fields under {len(names)} columns; put a field with a comma between double quotes", path=path, line=line
                    )
                cells = [*(cell.replace("\n", " ").strip(" ") for cell in row), *("" for _ in range(len(names) - len(row) + 1))]
                concept = _Concept(path=path, scheme=scheme, line=line, label=cells[label])
                _set_kind(concept, cells[kind])
                concept.add("en", concept.label, "preferred")
                for place, language, role in labels:
                    if cells[place]:
                        for term in _BETWEEN.split(cells[place]):
                            concept.add(language, term.strip(" "), role)
                concept.broader.update((name.strip(" "), None) for name in _BETWEEN.split(cells[broader]) if name)
                yield _checked(concept)
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReadError(f"no CSV: {error}; mend the double quotes", path=path, line=line) from error


def _tidy(line: str) -> str:
    """What `clean_line` makes of a line of CSV, but for spaces at its ends; four times as fast where nothing is to be done.

    >>> _tidy("zug\u00a0 zwang")
    'zug zwang'
    """
    return line if line.isprintable() and "  " not in line and unicodedata.is_normalized("NFC", line) else clean_line(line)


def _columns(header: list[str], path: Path) -> list[tuple[str, tuple[str, str] | None]]:
    """The name of each column, with the language and role of the terms in it, if they are terms."""
    columns: list[tuple[str, tuple[str, str] | None]] = []
    for cell in header:
        name = cell.strip(" ").casefold()
        what, _, tag = name.partition("@")
        if name in ("kind", "broader"):
            use = None
        elif name in _COLUMNS:
            use = _COLUMNS[name]
        elif what in ("label", "variants") and _TAG.fullmatch(tag):
            use = (tag, _COLUMNS[what][1])
        else:
            known = ", ".join((*_COLUMNS, "kind", "broader", "label@xx", "variants@xx (xx a language: ja, pt-br)"))
            raise ReadError(f"unknown column {cell[:80]!r}; known, with a comma between them: {known}", path=path, line=1)
        if any(name == other for other, _ in columns):
            raise ReadError(f"the column {name!r} comes twice; join the two", path=path, line=1)
        columns.append((name, use))
    if all(name != "label" for name, _ in columns):
        raise ReadError("no column 'label'; the first line names the columns, and that one must be there", path=path, line=1)
    return columns


def _set_kind(concept: _Concept, kind: str) -> None:
    if kind and kind not in KINDS:
        concept.refuse(f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
    if concept.kind not in (None, kind):
        concept.refuse(f"two kinds, {concept.kind} and {kind}; choose one")
    concept.kind = kind or None


def _checked(concept: _Concept) -> _Concept:
    """The concept with the key of its label, if it has one."""
    concept.key = fold(concept.label)
    if not concept.key:
        which = f"{concept.node} has no skos:prefLabel" if concept.node else "the label is empty"
        concept.refuse(f"{f'the label {concept.label!r} has no letter or digit' if concept.label else which}; write what the concept is called")
    return concept


def _skos(text: str, form: RdfFormat, path: Path, scheme: str) -> Iterator[_Concept]:
    """The concepts of an RDF file: what is a skos:Concept or has a skos:prefLabel, but for schemes and collections."""
    if text.lstrip().startswith(_XML):
        form = RdfFormat.RDF_XML
    if form == RdfFormat.RDF_XML and "<!ENTITY" in _ENTITY.sub("", text):
        raise ReadError("an entity that is long, or made of others, could fill the memory; write out what it stands for", path=path)
    if form == RdfFormat.JSON_LD and _depth(text) > _MAX_DEPTH:
        raise ReadError(f"nested more than {_MAX_DEPTH} deep; write the concepts beside each other", path=path)
    facts: dict[NamedNode | BlankNode, list[tuple[str, object]]] = {}
    try:
        for quad in pyoxigraph.parse(text, format=form, rename_blank_nodes=True):
            if quad.predicate.value in _PREDICATES and isinstance(quad.subject, NamedNode | BlankNode):
                facts.setdefault(quad.subject, []).append((quad.predicate.value, quad.object))
    except SyntaxError as error:
        raise ReadError(f"no {form.name}: {visible(error.msg)}", path=path, line=error.lineno) from error
    concepts = {
        node: _Concept(path=path, scheme=scheme, node=str(node), iri=node.value if isinstance(node, NamedNode) else None)
        for node in facts
        if _is_concept(facts[node])
    }
    for node, concept in concepts.items():
        for predicate, value in facts[node]:
            if predicate in _ROLES:
                if not isinstance(value, Literal):
                    concept.refuse(f"a label of {node} is no text but {value}; SKOS has labels as literals")
                concept.add(value.language or _UNKNOWN_LANGUAGE, clean_line(value.value), _ROLES[predicate])
            elif predicate == _TYPE:
                if isinstance(value, NamedNode) and value.value.startswith(_KG):
                    _set_kind(concept, value.value.removeprefix(_KG))
            elif not isinstance(value, NamedNode | BlankNode):
                concept.refuse(f"{node} has the text {value} where SKOS has an IRI; give the IRI itself")
            elif predicate == _BROADER:
                concept.broader[str(value)] = None
            elif predicate == _NARROWER:
                if value not in concepts:
                    concept.refuse(f"{node} has the narrower concept {value}, which is not in the file; add it, or take it out")
                concepts[value].broader[str(node)] = None
            elif isinstance(value, NamedNode):
                concept.links[_MATCHES[predicate], value.value] = None
    for concept in concepts.values():
        preferred = {language: term for (language, term), role in concept.terms.items() if role == "preferred"}
        english = [language for language in preferred if language == "en" or language.startswith("en-")]
        languages = sorted(english, key=len) or list(preferred)
        concept.label = preferred[languages[0]] if languages else ""
        yield _checked(concept)


def _depth(text: str) -> int:
    """How many brackets and braces of a JSON text are open at the most.

    >>> _depth('{"a": ["[[[", {}]}')
    3
    """
    steps = (1 if found[0] in "[{" else -1 if found[0] in "]}" else 0 for found in _NESTING.finditer(text))
    return max(accumulate(steps), default=0)


def _is_concept(facts: Iterable[tuple[str, object]]) -> bool:
    types = {value.value for predicate, value in facts if predicate == _TYPE and isinstance(value, NamedNode)}
    if types & _NO_CONCEPTS:
        return False
    return not types.isdisjoint(_CONCEPTS) or any(predicate == f"{_SKOS}prefLabel" for predicate, _ in facts)
