"""Papers for the tests of concepts, and the tables that resolving them takes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from kg.annotate import annotate
from kg.engine import Engine
from kg.ids import short_hash
from kg.resolve.concepts import resolve_concepts

Paper = tuple[str, Sequence[str]]


def load(
    engine: Engine,
    papers: Sequence[Paper],
    *,
    subjects: Sequence[tuple[int, str, str]] = (),
    order: int | None = None,
    dates: Sequence[str | None] = (),
) -> None:
    sections: list[tuple[str, str, str, str]] = []
    paper_rows, record_rows, candidates = [], [], []
    for number, (title, texts) in enumerate(papers):
        identifier, record = f"paper/arxiv:2401.{number:05}", f"record/{short_hash(str(number))}"
        paper_rows.append((identifier, title, dates[number] if dates else f"2024-{1 + number % 12:02}", True, 1))
        record_rows.append((record, identifier))
        sections.append((f"text/{record[7:]}+title", record, "title", title))
        sections.extend((f"text/{record[7:]}+part-{part}", record, f"part {part}", text) for part, text in enumerate(texts))
    for (section, _, _, _), found in zip(sections, annotate((text, label == "title") for _, _, label, text in sections), strict=True):
        candidates.extend((section, c.begin, c.end, c.surface, c.evidence, c.confidence, c.partner, c.relation) for c in found)
    subject_rows = [(record_rows[number][0], "arxiv", notation, label) for number, notation, label in subjects]
    if order is not None:
        for rows in (sections, paper_rows, record_rows, candidates, subject_rows):
            random.Random(order).shuffle(rows)
    for table in ("papers", "sections", "clusters", "judgements"):
        engine.declare(table)
    engine.run("create table records (record_id varchar, paper_id varchar)")
    engine.run("create temp table subjects (record_id varchar, scheme varchar, notation varchar, label varchar)")
    engine.run(
        "create temp table candidates (section_id varchar, begin_index integer, end_index integer, surface varchar, evidence varchar, "
        "confidence double, partner varchar, relation varchar)"
    )
    engine.insert("papers", ("paper_id", "title", "issued", "byline_complete", "authors"), paper_rows)
    engine.insert("records", ("record_id", "paper_id"), record_rows)
    engine.insert("sections", ("section_id", "record_id", "label", "text"), sections)
    engine.insert("subjects", ("record_id", "scheme", "notation", "label"), subject_rows)
    engine.insert("candidates", ("section_id", "begin_index", "end_index", "surface", "evidence", "confidence", "partner", "relation"), candidates)
    resolve_concepts(engine)


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
