"""Papers for the tests of concepts, and the tables that resolving them takes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kg.annotate import annotate
from kg.engine import Engine
from kg.ids import short_hash
from kg.resolve.concept_ranker import Ranker
from kg.resolve.concepts import resolve_concepts

Paper = tuple[str, Sequence[str]]
Saying = tuple[str, str | None, str, str | None]
"""What a person says: left label, right label, verdict, reason."""

OPEN: Ranker = {
    "about": "What somebody says is a term comes first, then what a vocabulary has; of equals the longer; nothing is dropped.",
    "start": 300,
    "trees": [[name, 0.5, 0, more] for name, more in (("gloss", 100), ("acronym", 100), ("coined", 100), ("v_known", 50))],
    "confidence": {"intercept": 0, "slope": 0.005},
}
"""A ranker for tests of what is joined and how it is called: no score decides in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A concept of a vocabulary: its terms by language, the first the preferred one, abbreviations apart."""

    label: str
    kind: str | None = None
    ko: Sequence[str] = ()
    abbreviation: Sequence[str] = ()
    variants: Sequence[str] = ()
    others: Sequence[tuple[str, str]] = ()
    """Terms of other languages: language, term."""
    broader: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    iri: str | None = None
    scheme: str = "scheme/paperkg"

    def terms(self) -> list[tuple[str, str, str]]:
        """Language, term and role, each once."""
        roles = ("preferred", *["alternative"] * len(self.ko))
        return [
            ("en", self.label, "preferred"),
            *(("en", term, "abbreviation") for term in self.abbreviation),
            *(("en", term, "alternative") for term in self.variants),
            *(("ko", term, role) for term, role in zip(self.ko, roles, strict=False)),
            *((language, term, "preferred") for language, term in self.others),
        ]


def load(
    engine: Engine,
    papers: Sequence[Paper],
    *,
    subjects: Sequence[tuple[int, str, str]] = (),
    order: int | None = None,
    dates: Sequence[str | None] = (),
    labels: Sequence[str] = (),
    vocabulary: Sequence[Known] = (),
    words: Sequence[tuple[str, bool, int, str]] = (),
    said: Sequence[Saying] = (),
    ranker: Ranker | None = OPEN,
    resolve: bool = True,
) -> None:
    """Make the tables of these papers and resolve their concepts.

    Args:
        engine: where the tables are made.
        papers: each a title and its other texts.
        subjects: categories: number of the paper, notation, label.
        order: a seed by which the rows of all tables are shuffled.
        dates: when each paper was issued.
        labels: what the texts behind the title are called, in all papers.
        vocabulary: what is in the vocabulary, in place of the shipped one, which takes a second to read.
        words: the dictionary: Korean word, whether as head, place, English.
        said: what people say.
        ranker: None for the one that is shipped.
        resolve: whether to go on to the concepts.
    """
    sections: list[tuple[str, str, str, str]] = []
    paper_rows: list[tuple[Any, ...]] = []
    record_rows: list[tuple[Any, ...]] = []
    candidates: list[tuple[Any, ...]] = []
    for number, (title, texts) in enumerate(papers):
        identifier, record = f"paper/arxiv:2401.{number:05}", f"record/{short_hash(str(number))}"
        paper_rows.append((identifier, title, dates[number] if dates else f"2024-{1 + number % 12:02}", True, 1))
        record_rows.append((record, identifier))
        sections.append((f"text/{record[7:]}+title", record, "title", title))
        sections.extend(
            (f"text/{record[7:]}+part-{part}", record, labels[part] if labels else f"part {part}", text) for part, text in enumerate(texts)
        )
    terms = sorted({term for known in vocabulary for _, term, _ in known.terms()})
    for (section, _, _, _), found in zip(sections, annotate(((text, label == "title") for _, _, label, text in sections), terms), strict=True):
        candidates.extend((section, c.begin, c.end, c.surface, c.evidence, c.partner, c.relation) for c in found)
    subject_rows = [(record_rows[number][0], "arxiv", notation, label) for number, notation, label in subjects]
    said_rows = [("concept", *saying) for saying in said]
    if order is not None:
        rows: list[Any]
        for rows in (sections, paper_rows, record_rows, candidates, subject_rows, said_rows):
            random.Random(order).shuffle(rows)
    for table in ("papers", "sections", "clusters", "judgements", "aliases"):
        engine.declare(table)
    engine.run("create table records (record_id varchar, paper_id varchar)")
    engine.insert("papers", ("paper_id", "title", "issued", "byline_complete", "authors"), paper_rows)
    engine.insert("records", ("record_id", "paper_id"), record_rows)
    engine.insert("sections", ("section_id", "record_id", "label", "text"), sections)
    _temporary(engine, "subjects", "record_id varchar, scheme varchar, notation varchar, label varchar", subject_rows)
    _temporary(
        engine,
        "candidates",
        "section_id varchar, begin_index integer, end_index integer, surface varchar, evidence varchar, partner varchar, relation varchar",
        candidates,
    )
    _temporary(engine, "said", "kind varchar, left_label varchar, right_label varchar, verdict varchar, reason varchar", said_rows)
    _load_vocabulary(engine, vocabulary, words)
    if resolve:
        resolve_concepts(engine, ranker)


def _load_vocabulary(engine: Engine, vocabulary: Sequence[Known], words: Sequence[tuple[str, bool, int, str]]) -> None:
    """The tables of `kg.readers.vocabulary`."""
    numbers = {known.label: number for number, known in enumerate(vocabulary)}
    _temporary(
        engine,
        "vocabulary_concepts",
        "number integer, label varchar, kind varchar, scheme varchar, iri varchar",
        [(number, known.label, known.kind, known.scheme, known.iri) for number, known in enumerate(vocabulary)],
    )
    _temporary(
        engine,
        "vocabulary_terms",
        "number integer, language varchar, term varchar, role varchar",
        [(numbers[known.label], *term) for known in vocabulary for term in known.terms()],
    )
    broader = [(numbers[known.label], numbers[above]) for known in vocabulary for above in known.broader]
    _temporary(engine, "vocabulary_broader", "number integer, broader integer", broader)
    links = [(numbers[known.label], *link) for known in vocabulary for link in known.links]
    _temporary(engine, "vocabulary_links", "number integer, relation varchar, target varchar", links)
    _temporary(engine, "vocabulary_words", "korean varchar, head boolean, place integer, english varchar", words)


def _temporary(engine: Engine, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    engine.run(f"create temp table {name} ({columns})")
    engine.insert(name, tuple(column.split()[0] for column in columns.split(", ")), rows)


def concepts(engine: Engine) -> dict[str, tuple[Any, ...]]:
    rows = engine.rows("select concept_id, label, label_ko, kind, abbreviation, scheme, papers, first from concepts")
    return {row[0].removeprefix("concept/"): row[1:] for row in rows}


def concept_of(engine: Engine, surface: str, paper: int) -> set[str]:
    """The concepts of a paper's mentions with that surface."""
    rows = engine.rows(
        """
        select distinct concept_id from mentions join sections using (section_id) join records using (record_id)
        where surface = $surface and paper_id = $paper
        """,
        surface=surface,
        paper=f"paper/arxiv:2401.{paper:05}",
    )
    return {identifier.removeprefix("concept/") for (identifier,) in rows}
