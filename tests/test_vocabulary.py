"""The vocabulary that comes with the program: each concept once, under one of a dozen tops, its terms clean, its licence stated."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.engine import Engine
from kg.language.forms import fold
from kg.readers.vocabulary import KINDS, load_vocabularies

FOLDER = Path(__file__).parents[1] / "seeds" / "concepts"
FILES = sorted(path for path in FOLDER.glob("*.csv") if path.name not in ("cso.csv", "words.csv"))
COLUMNS = ["label", "abbreviation", "variants", "korean", "kind", "broader"]
HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a file, and where it stands."""

    place: str
    label: str
    abbreviation: list[str]
    variants: list[str]
    korean: list[str]
    kind: str
    broader: str

    def terms(self) -> Iterator[str]:
        yield self.label
        yield from self.abbreviation + self.variants + self.korean


def _parts(cell: str) -> list[str]:
    return cell.split(" | ") if cell else []


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    found = []
    for path in FILES:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file, strict=True)
            assert next(lines) == COLUMNS, path.name
            for cells in lines:
                place = f"{path.name}:{lines.line_num}"
                assert len(cells) == len(COLUMNS), place
                label, abbreviation, variants, korean, kind, broader = cells
                found.append(
                    Row(
                        place=place,
                        label=label,
                        abbreviation=_parts(abbreviation),
                        variants=_parts(variants),
                        korean=_parts(korean),
                        kind=kind,
                        broader=broader,
                    )
                )
    return found


def _repeated(items: list[str]) -> list[str]:
    return sorted(item for item, count in Counter(items).items() if count > 1)


def test_the_files_are_plain_csv_text(rows: list[Row]) -> None:
    for path in FILES:
        text = path.read_bytes()
        assert text.endswith(b"\n"), path.name
        assert b"\r" not in text, path.name
        assert not text.startswith(b"\xef\xbb\xbf"), path.name
    assert {row.place.partition(":")[0] for row in rows} == {path.name for path in FILES}


def test_there_are_3000_concepts_and_2500_of_them_have_korean_terms(rows: list[Row]) -> None:
    assert len(rows) >= 3_000
    assert sum(bool(row.korean) for row in rows) >= 2_500


def test_each_concept_has_a_kind_and_every_kind_has_concepts(rows: list[Row]) -> None:
    assert [row.place for row in rows if row.kind not in KINDS] == []
    assert {row.kind for row in rows} == set(KINDS)


def test_no_two_labels_are_spellings_of_one_another(rows: list[Row]) -> None:
    assert _repeated([fold(row.label) for row in rows]) == []


def test_no_variant_is_another_concepts_label(rows: list[Row]) -> None:
    labels = {fold(row.label): row.label for row in rows}
    wrong = [f"{row.place}: {variant} is a label" for row in rows for variant in row.variants if labels.get(fold(variant), row.label) != row.label]
    assert wrong == []


def test_each_broader_concept_is_a_label_of_these_files(rows: list[Row]) -> None:
    labels = {row.label for row in rows}
    assert [f"{row.place}: {row.broader}" for row in rows if row.broader and row.broader not in labels] == []


def test_all_concepts_reach_one_of_at_most_14_tops_without_going_round(rows: list[Row]) -> None:
    above = {row.label: row.broader for row in rows}
    tops = {row.label for row in rows if not row.broader}
    assert 10 <= len(tops) <= 14
    assert {row.place.partition(":")[0] for row in rows if not row.broader} == {"top.csv"}
    reached = set()
    for row in rows:
        trail = [row.label]
        while above[trail[-1]]:
            trail.append(above[trail[-1]])
            assert trail[-1] not in trail[:-1], f"{row.place}: {' -> '.join(trail)}"
        reached.add(trail[-1])
    assert reached == tops


def test_terms_are_clean_whole_and_once_a_row(rows: list[Row]) -> None:
    wrong = [
        f"{row.place}: {term!r}"
        for row in rows
        for term in row.terms()
        if not term
        or term != " ".join(term.split())
        or "|" in term
        or not term.isprintable()
        or not unicodedata.is_normalized("NFC", term)
        or not fold(term)
    ]
    assert wrong == []
    assert [row.place for row in rows if _repeated([fold(term) for term in (row.label, *row.abbreviation, *row.variants)])] == []
    assert [row.place for row in rows if _repeated([fold(term) for term in row.korean])] == []


def test_korean_terms_are_in_hangul_and_the_others_are_not(rows: list[Row]) -> None:
    assert [f"{row.place}: {term}" for row in rows for term in row.korean if HANGUL.search(term) is None] == []
    assert [row.place for row in rows for term in (row.label, *row.abbreviation, *row.variants) if HANGUL.search(term)] == []


def test_at_least_500_concepts_have_one_topic_each_of_the_computer_science_ontology(rows: list[Row]) -> None:
    with (FOLDER / "cso.csv").open(encoding="utf-8", newline="") as file:
        header, *links = csv.reader(file, strict=True)
    assert header == ["label", "topic"]
    assert len(links) >= 500
    assert links == sorted(links)
    assert {label for label, _ in links} <= {row.label for row in rows}
    assert _repeated([label for label, _ in links]) == []
    assert _repeated([topic for _, topic in links]) == []
    assert [topic for _, topic in links if re.fullmatch(r"https://cso\.kmi\.open\.ac\.uk/topics/[a-z0-9][a-z0-9_-]*", topic) is None] == []
    with Engine() as engine:
        load_vocabularies(engine, [])
        loaded = engine.rows("select label, relation, target from vocabulary_links join vocabulary_concepts using (number) order by label")
    assert loaded == [(label, "closeMatch", topic) for label, topic in links]


def test_each_korean_word_of_the_dictionary_has_its_english_as_modifier_and_as_head() -> None:
    with (FOLDER / "words.csv").open(encoding="utf-8", newline="") as file:
        header, *words = csv.reader(file, strict=True)
    assert header == ["korean", "modifier", "head"]
    assert _repeated([word[0] for word in words]) == []
    for word in words:
        korean, modifier, head = word
        assert HANGUL.search(korean), word
        for term in (korean, *modifier.split(" | "), *head.split(" | ")):
            assert term, word
            assert term == " ".join(term.split()), word
            assert "|" not in term, word
            assert unicodedata.is_normalized("NFC", term), word


def test_what_is_loaded_is_what_the_files_say(rows: list[Row]) -> None:
    with Engine() as engine:
        load_vocabularies(engine, [])
        concepts = dict(engine.rows("select label, number from vocabulary_concepts"))
        terms = engine.rows("select c.label, language, term, role from vocabulary_terms join vocabulary_concepts c using (number)")
        joins = "join vocabulary_concepts c using (number) join vocabulary_concepts b on b.number = broader"
        broader = engine.rows(f"select c.label, b.label from vocabulary_broader {joins}")
    assert concepts.keys() == {row.label for row in rows}
    assert concepts["machine learning"] == 0
    wanted = set()
    for row in rows:
        wanted |= {(row.label, "en", row.label, "preferred")}
        wanted |= {(row.label, "en", term, "abbreviation") for term in row.abbreviation}
        wanted |= {(row.label, "en", term, "alternative") for term in row.variants}
        wanted |= {(row.label, "ko", term, "preferred" if place == 0 else "alternative") for place, term in enumerate(row.korean)}
    assert set(terms) == wanted
    assert len(terms) == len(wanted)
    assert sorted(broader) == sorted((row.label, row.broader) for row in rows if row.broader)


def test_the_dictionary_is_loaded_word_by_word() -> None:
    with (FOLDER / "words.csv").open(encoding="utf-8", newline="") as file:
        words = list(csv.DictReader(file))
    with Engine() as engine:
        load_vocabularies(engine, [])
        loaded = engine.rows("select korean, head, place, english from vocabulary_words")
    cells = [(word["korean"], head, word["head" if head else "modifier"]) for word in words for head in (False, True)]
    assert sorted(loaded) == sorted((korean, head, place, english) for korean, head, cell in cells for place, english in enumerate(cell.split(" | ")))


def test_the_readme_says_where_it_comes_from_and_under_which_licences() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for words in (
        "written for this project",
        "CC0 1.0",
        "Computer Science Ontology",
        "CC BY 4.0",
        "The Open University",
        "Salatino",
        "10.1007/978-3-030-00668-6_12",
    ):
        assert words in text
    assert all(f"| {column} |" in text for column in COLUMNS)
