"""The reader of arXiv's metadata snapshot."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import pytest

from kg.errors import ReadError
from kg.readers import READERS, read
from kg.readers.arxiv import decode_latex
from kg.readers.arxiv_categories import CATEGORIES
from kg.records import Record

FIXTURES = Path(__file__).parent / "readers" / "arxiv"
ARXIV = READERS["arxiv"]


def _read(name: str) -> list[Record]:
    return list(read(FIXTURES / name, ARXIV))


def _names(record: Record) -> list[str]:
    return [signature.name for signature in record.signatures]


def _object(number: int, **fields: object) -> str:
    plain = {
        "id": f"2406.{number:05d}",
        "title": f"Paper {number}",
        "abstract": "x" * 1000,
        "categories": "cs.CL",
        "authors_parsed": [["Ace", "Ann", ""]],
    }
    return json.dumps({**plain, **fields}) + "\n"


def _write(path: Path, lines: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    return path


def test_a_record_is_read_whole() -> None:
    first, _ = _read("plain.jsonl")
    assert (first.line, first.title, first.arxiv_id, first.doi, first.url, first.issued, first.venue) == (
        1,
        "Paper 1",
        "2406.00001",
        None,
        None,
        "2024-06-03",
        None,
    )
    assert (first.language, first.byline_complete, first.order_trusted, first.digest, first.votes, first.rank) == ("en", True, True, None, None, None)
    assert _names(first) == ["Ann Ace", "Bo Li"]
    assert [(section.label, section.text, section.language) for section in first.sections] == [
        ("title", "Paper 1", "en"),
        ("abstract", "We measure a thing.", "en"),
    ]
    assert [(subject.scheme, subject.notation, subject.label) for subject in first.subjects] == [
        ("arxiv", "cs.CL", "Computation and Language"),
        ("arxiv", "cs.AI", "Artificial Intelligence"),
    ]


def test_line_breaks_are_spaces_and_paragraphs_are_lines() -> None:
    _, second = _read("plain.jsonl")
    assert second.title == "A Title over two Lines"
    assert second.sections[1].text == "First line second line.\nA new paragraph ends here.\nA third."


@pytest.mark.parametrize("name", ["packed.jsonl.gz", "packed-in-disguise.jsonl"])
def test_gzip_is_seen_in_the_content(name: str) -> None:
    assert _read(name) == _read("plain.jsonl")


def test_ids_of_every_age_lose_version_and_subject_class() -> None:
    assert [record.arxiv_id for record in _read("ids.json")] == ["2406.00001", "0704.0001", "hep-th/9901001", "math/0309136", "2406.00005"]


def test_the_day_of_the_first_version_is_read_in_both_forms() -> None:
    assert [record.issued for record in _read("dates.jsonl")] == ["2007-04-02", "2024-06-03", None, None]


def test_names_are_put_in_order_and_decoded() -> None:
    first, second, third, fourth = _read("names.jsonl")
    assert _names(first) == [
        "Pál Erdős",
        "Kurt Gödel",
        "Jan Łukasiewicz",
        "Robert Downey Jr.",
        "Eric X. Granger",
        "Søren Østergaard",
        "Ayşe Çelik",
        "José Martínez",
        "Peter Stütz",
        "Ng",
    ]
    assert [signature.affiliation for signature in first.signatures[-2:]] == [None, "Université X; Inst. Y"]
    assert _names(second) == ["NVIDIA", "Ann Ace", "Bo Li"]
    assert _names(third) == ["Ann Ace", "Bo Li", "Cy Day"]
    assert (fourth.signatures, fourth.byline_complete) == ((), False)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\'Alvarez", "Álvarez"),
        (r"Pe\~na", "Peña"),
        (r"Mart{\'\i}nez", "Martínez"),
        (r"Mart{\'{\i}}nez", "Martínez"),
        (r"\v{S}im\v{c}\'{\i}k", "Šimčík"),
        (r"Erd\H os", "Erdős"),
        (r"Gro\ss mann", "Großmann"),
        (r"Gro{\ss}mann", "Großmann"),
        (r"\AA ngstr\"om", "Ångström"),
        (r"Tolúl\d{o}pé", "Tolúlọpé"),
        (r"Ole {\O}vretveit", "Ole Øvretveit"),
        (r"A\&B", "A&B"),
        (r"back\slash", r"back\slash"),
        (r"C:\temp", r"C:\temp"),
        (r"\"; DROP", r"\"; DROP"),
        ("no marks at all", "no marks at all"),
    ],
)
def test_latex_accents_become_letters_and_other_backslashes_stay(latex: str, expected: str) -> None:
    assert decode_latex(latex) == expected


def test_categories_have_names_and_codes_of_other_schemes_are_none() -> None:
    labels = [[(subject.notation, subject.label) for subject in record.subjects] for record in _read("categories.jsonl")]
    assert labels == [
        [("cs.CL", "Computation and Language"), ("math.IT", "Information Theory")],
        [("hep-th", "High Energy Physics - Theory"), ("cs.ZZ", "cs.ZZ")],
        [],
        [("cs.CV", "Computer Vision and Pattern Recognition"), ("cs.LG", "Machine Learning")],
    ]


def test_a_doi_is_read_where_there_is_one() -> None:
    assert [record.doi for record in _read("dois.jsonl")] == ["10.1103/physrevd.76.013009", "10.1000/a", None]


def test_escapes_in_json_pass_the_door_for_text() -> None:
    first, second = _read("escapes.jsonl")
    assert first.title == "NUL and alone, 😀 whole, é"
    assert first.sections[1].text == "a bc d"
    assert (second.line, second.title) == (3, "Paper 2")


def test_the_first_record_comes_before_the_rest_is_read(tmp_path: Path) -> None:
    records = read(_write(tmp_path / "s.jsonl", [_object(1), "{broken\n", _object(3)]), ARXIV)
    assert next(records).line == 1
    with pytest.raises(ReadError, match=r"^s\.jsonl:2: broken JSON at character 2 "):
        next(records)


def test_records_before_damaged_gzip_stay() -> None:
    problems: list[ReadError] = []
    records = list(read(FIXTURES.parent / "bad" / "cut.jsonl.gz", ARXIV, problem=problems.append))
    assert [record.line for record in records] == list(range(1, len(records) + 1))
    assert len(records) > 20
    assert [(error.line, "gzip" in error.reason) for error in problems] == [(len(records) + 1, True)]


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-9], lambda data: data[:-8] + b"12345678", lambda data: data[:20] + b"\xff" * 20 + data[40:]],
    ids=["cut", "wrong checksum", "no deflate data"],
)
def test_damaged_gzip_is_a_read_error(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "s.jsonl.gz"
    path.write_bytes(damage(gzip.compress(_object(1).encode("utf-8"))))
    with pytest.raises(ReadError, match=r"^s\.jsonl\.gz:[12]: the gzip data is cut or damaged; fetch or pack the file again$"):
        list(read(path, ARXIV))


def _peak_bytes(path: Path) -> int:
    tracemalloc.start()
    for _ in read(path, ARXIV, problem=lambda error: None):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small = _peak_bytes(_write(tmp_path / "small.jsonl", map(_object, range(100))))
    large = _peak_bytes(_write(tmp_path / "large.jsonl", map(_object, range(5000))))
    assert large < small + 100_000


def test_a_line_of_50_mb_is_refused_by_number_and_never_held(tmp_path: Path) -> None:
    path = _write(tmp_path / "s.jsonl", [_object(1), _object(2, abstract="x" * 50_000_000), _object(3)])
    problems: list[ReadError] = []
    assert [record.line for record in read(path, ARXIV, problem=problems.append)] == [1, 3]
    assert [str(error) for error in problems] == ["s.jsonl:2: the line is longer than 10 MB; cut it, or leave such lines out with --skip-invalid"]
    assert _peak_bytes(path) < 25_000_000


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_limit_of_a_line_is_ten_million_bytes(tmp_path: Path, end: str) -> None:
    spare = 10_000_000 - len(_object(1, abstract="")) + 1
    lines = [_object(1, abstract="x" * spare), _object(2, abstract="x" * (spare + 1)), _object(3)]
    path = _write(tmp_path / "s.jsonl", [line.replace("\n", end) for line in lines])
    problems: list[ReadError] = []
    assert [record.line for record in read(path, ARXIV, problem=problems.append)] == [1, 3]
    assert [error.line for error in problems] == [2]


def test_twenty_thousand_real_records_are_read(shared: Path) -> None:
    path = shared / "corpora" / "arxiv-20k.jsonl.gz"
    if not path.is_file():
        pytest.skip("the corpus is not there")
    records = list(islice(read(path, ARXIV), 3000))
    assert len(records) == 3000
    assert all(record.arxiv_id and record.issued and record.signatures and record.subjects and len(record.sections) == 2 for record in records)
    assert all(subject.notation in CATEGORIES for record in records for subject in record.subjects)
    assert not [signature.name for record in records for signature in record.signatures if signature.name == ":"]
