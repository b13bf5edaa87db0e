"""Texts for the concept benchmarks: the stages of ``kg build`` that concepts come from, over papers that need be in no reader's format."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kg.annotate.stage import annotate_sections
from kg.engine import Engine
from kg.ids import short_hash, slug
from kg.language.forms import PLURAL_CAPITALS, fold
from kg.readers import discover, find_reader, read
from kg.readers.vocabulary import load_vocabularies
from kg.resolve.concept_names import tidy

Paper = tuple[str, list[tuple[str, str]]]
"""A paper's id, and its sections: label and text, the title first."""


def papers_of(path: Path) -> Iterator[Paper]:
    """Papers of a JSONL file (id, title, and sections or abstract), or of a file or folder that ``kg build`` reads (ids of arXiv, else of DOI)."""
    if path.suffix == ".jsonl" and path.is_file() and {"sections", "abstract"} & json.loads(path.open(encoding="utf-8").readline()).keys():
        with path.open(encoding="utf-8") as file:
            for row in map(json.loads, filter(str.strip, file)):
                sections = row.get("sections") or {"abstract": row.get("abstract") or ""}
                yield row["id"], [("title", row["title"]), *sections.items()]
        return
    for found in discover([path]).files:
        for record in read(found, find_reader(found)):
            yield record.arxiv_id or record.doi or record.title, [(section.label, section.text) for section in record.sections]


@contextmanager
def annotated(papers: Iterable[Paper], *, threads: int | None = None) -> Iterator[Engine]:
    """An engine with the tables that `kg.resolve.concepts.resolve_concepts` reads. Of papers with one id the first counts."""
    with TemporaryDirectory() as folder, Engine(threads=threads, memory_mb=2_000, spill=Path(folder, "spill")) as engine:
        for name in ("papers", "records", "sections", "judgements", "clusters", "aliases"):
            engine.declare(name)
        engine.run("create temp table subjects (record_id varchar, scheme varchar, notation varchar, label varchar)")
        engine.run("create temp table said (kind varchar, left_label varchar, right_label varchar, verdict varchar, reason varchar)")
        known: set[str] = set()
        rows: dict[str, list[tuple[Any, ...]]] = {"papers": [], "records": [], "sections": []}
        for identifier, sections in papers:
            if identifier in known:
                continue
            known.add(identifier)
            record = f"record/{short_hash(identifier)}"
            rows["papers"].append((identifier, sections[0][1], 1, True))
            rows["records"].append((record, "source/0", identifier, 1, sections[0][1], True, True))
            labels: list[str] = []
            for label, text in sections:
                labels.append(slug(label))
                rows["sections"].append((f"text/{record[7:]}+{labels[-1]}-{labels.count(labels[-1])}", record, label, text))
        engine.insert("papers", ("paper_id", "title", "authors", "byline_complete"), rows["papers"])
        columns = ("record_id", "source_id", "paper_id", "line", "title", "byline_complete", "order_trusted")
        engine.insert("records", columns, rows["records"])
        engine.insert("sections", ("section_id", "record_id", "label", "text"), rows["sections"])
        load_vocabularies(engine, [])
        terms = [term for (term,) in engine.rows("select distinct term from vocabulary_terms order by term")]
        annotate_sections(engine, kept=Path(folder), keep=Path(folder), terms=terms, jobs=1)
        yield engine


def predictions(engine: Engine, ids: Sequence[str], *, most: int = 15, least: float = 0.0) -> Iterator[dict[str, Any]]:
    """What a resolved engine says of each paper, in the format of the scorers, best first. The label is as the paper words it, if in English."""
    short = {(concept, label) for concept, label in engine.rows("select concept_id, label from concept_labels where kind = 'abbreviation'")}
    found: dict[str, list[dict[str, Any]]] = {}
    for paper, concept, label, korean, abbreviation, kind, weight, main, surfaces, mentions in engine.rows(
        """
        with counted as (
            select r.paper_id, m.concept_id, m.surface, count(*) as mentions
            from mentions m join sections s using (section_id) join records r using (record_id) group by all
        ),
        surfaces as (
            select paper_id, concept_id, list(surface order by mentions desc, surface) as surfaces,
                   list(mentions order by mentions desc, surface) as mentions
            from counted group by all
        )
        select p.paper_id, p.concept_id, coalesce(c.label, c.label_ko), c.label_ko, c.abbreviation, c.kind, p.weight, p.main, s.surfaces, s.mentions
        from paper_concepts p join concepts c using (concept_id) join surfaces s using (paper_id, concept_id)
        where c.scheme = 'scheme/extracted' and p.weight >= $least order by p.paper_id, p.weight desc, p.concept_id
        """,
        least=least,
    ):
        shown = worded(
            label, kind, {tidy(surface): (count, (concept, bare_plural(surface)) in short) for surface, count in zip(surfaces, mentions, strict=True)}
        )
        found.setdefault(paper, []).append(
            {
                "label": shown,
                "ko": korean,
                "abbr": abbreviation,
                "kind": "Field/Other" if kind in {"Field", None} else kind,
                "surfaces": surfaces,
                "score": float(weight),
                "main": main,
            }
        )
    for paper in ids:
        yield {"id": paper, "concepts": found.get(paper, [])[:most]}


def bare_plural(surface: str) -> str:
    """A short form without the s of its plural."""
    return PLURAL_CAPITALS.sub("", surface)


def worded(label: str, kind: str | None, forms: dict[str, tuple[int, bool]]) -> str:
    """The label as a paper words it: in English, in full; short where it names a thing of its own only so (FID); else as the graph has it.

    Args:
        label: the graph's label.
        kind: the concept's kind.
        forms: how often the paper uses each form, and whether it is a short one.
    """
    english = {form: use for form, use in forms.items() if form.isascii() and any(map(str.isalpha, form)) and " and " not in form}
    full = {form: count for form, (count, is_short) in english.items() if not is_short}
    short = {form: count for form, (count, is_short) in english.items() if is_short}
    choice = full or (short if kind in {"Metric", "Dataset", "Model"} else {})
    # "multimodal LLM" says less than "multimodal large language model".
    choice = {
        form: count for form, count in choice.items() if form in short or not any(word.isupper() and len(word) > 1 for word in form.split()[1:])
    }
    if not choice or fold(label) in map(fold, choice):
        return label
    return bare_plural(min(choice, key=lambda form: (-choice[form], len(form), form)))


def write(rows: Iterable[dict[str, Any]]) -> None:
    """JSON lines to standard output."""
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
