"""What every reader promises. A new reader adds its `Sample` here and passes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

from kg.errors import ReadError
from kg.ids import author_id, paper_id
from kg.readers import READERS, Reader, find_reader, read
from kg.readers.text import clean, clean_line
from kg.records import Record

FIXTURES = Path(__file__).parent / "readers"
LIMIT_BYTES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a test has a reader's format say of a paper."""

    number: int
    title: str = "A Title"
    names: tuple[str, ...] = ("Ann Ace",)
    text: str = "A text."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How to write a reader's format, and what is wrong with each of its bad files.

    ``bad`` maps a file of tests/readers/bad to the start of the message (after the file's name) and the lines of the records that are good.
    """

    suffix: str
    write: Callable[[Sequence[Fact]], str]
    bad: dict[str, tuple[str, list[int]]]


def _digest(facts: Sequence[Fact]) -> str:
    text = "## Daily Papers (2024-06-03)\n\n"
    for fact in facts:
        text += f"### [{fact.title}](https://arxiv.org/abs/2406.{fact.number:05d})\n\nVote: 1\n\n"
        text += f"Authors: {list(fact.names)!r}\n\n- ***Note***: {fact.text}\n\n"
    return text


def _snapshot(facts: Sequence[Fact]) -> str:
    return "".join(
        json.dumps(
            {
                "id": f"2406.{fact.number:05d}",
                "title": fact.title,
                "abstract": fact.text,
                "categories": "cs.CL",
                "versions": [{"version": "v1", "created": "2024-06-03"}],
                "authors_parsed": [[name, "", ""] for name in fact.names],
            }
        )
        + "\n"
        for fact in facts
    )


SAMPLES = {
    "digest": Sample(
        suffix=".md",
        write=_digest,
        bad={
            "empty.md": (": the file is empty;", []),
            "blank.md": (": the file is empty;", []),
            "picture.md": (":1: byte 0x89 is not UTF-8: no text,", []),
            "latin-1.md": (":11: byte 0xe9 is not UTF-8;", []),
            "no-date.md": (
                ": no heading with a date, such as '## Daily Papers (2024-12-25)'; "
                "add one, take the file out of the input, or leave such files out with --skip-invalid",
                [],
            ),
            "undated.md": (":1: the heading has no date;", [13]),
            "impossible-date.md": (":1: 2024-02-30 is no date of the calendar;", [13]),
            "short-date.md": (":1: 2024-1-5 is no date in full; write it as 2024-01-05, else", [13]),
            "before-heading.md": (":1: the entry stands before any heading with a date;", [11]),
            "no-link.md": (":11: no link to the paper; fix it, or leave such entries out with --skip-invalid", [3, 15]),
            "empty-link.md": (":11: no link to the paper;", [3, 15]),
            "other-link.md": (":11: no arXiv id or DOI in the link 'https://example.org/2406.00001';", [3, 19]),
            "no-title.md": (":11: the entry has no title;", [3, 19]),
            "twice.md": (":11: 2406.00090 stands twice under one heading, first in line 3;", [3, 19]),
            "votes.md": (":11: the votes are neither a number nor '-' but 'seven';", [3, 21]),
            "too-many-votes.md": (":11: the votes are neither a number nor '-' but '9999999999';", [3, 21]),
        },
    ),
    "arxiv": Sample(
        suffix=".jsonl",
        write=_snapshot,
        bad={
            "empty.jsonl": (": the file is empty;", []),
            "blank.jsonl": (": the file is empty;", []),
            "empty.jsonl.gz": (": the file is empty;", []),
            "picture.jsonl": (":1: byte 0x89 is not UTF-8: no text,", []),
            "latin-1.jsonl": (":2: byte 0xe9 is not UTF-8;", [1, 3]),
            "other-records.jsonl": (":1: this is no record of arXiv's metadata snapshot,", []),
            "pretty-object.json": (":1: this is no record of arXiv's metadata snapshot,", []),
            "pretty.json": (":1: this is no record of arXiv's metadata snapshot,", []),
            "broken-line-1.jsonl": (":1: broken JSON at character", [2]),
            "broken-line-7.jsonl": (":7: broken JSON at character", [1, 2, 3, 4, 5, 6, 8]),
            "not-an-object.jsonl": (":2: a JSON object was expected, an array was found;", [1, 3]),
            "deep.jsonl": (":2: JSON that no program should be asked to read;", [1, 3]),
            "digits.jsonl": (":2: JSON that no program should be asked to read;", [1, 3]),
            "no-id.jsonl": (":2: the record has no 'id';", [1, 3]),
            "odd-id.jsonl": (":2: 'seven' is no arXiv id;", [1, 3]),
            "number-id.jsonl": (":2: 'id' is no text but a number;", [1, 3]),
            "no-title.jsonl": (":2: the record has no title;", [1, 3]),
            "list-title.jsonl": (":2: 'title' is no text but an array;", [1, 3]),
            "odd-date.jsonl": (":2: '2024-02-30' is no date of a version;", [1, 3]),
            "odd-versions.jsonl": (":2: 'versions' does not begin with an object that has 'created';", [1, 3]),
            "odd-names.jsonl": (":2: author 1 is no array of texts;", [1, 3]),
            "odd-byline.jsonl": (":2: 'authors_parsed' is no array but a text;", [1, 3]),
            "odd-categories.jsonl": (":2: 'categories' is no text but a number;", [1, 3]),
        },
    ),
}
READER_NAMES = sorted(READERS)
HOSTILE = [
    "<script>alert(1)</script>",
    "\"double\" and 'single'",
    "back\\slash \\n \\",
    "]]> and <![CDATA[",
    "\u202eright to left",
    "line\u2028and\u2029paragraph",
    "emoji 😀 👩‍🔬",
    "NUL \x00 and \x08 and \x0c and \x1b",
    '"; DROP TABLE papers; --',
    "../../x",
    ":",
    "x" * 10_000,
    "=HYPERLINK(1)",
    "{{ 7 * 7 }} ${x} %s",
    "[a](b) c] (d) [e",
    "e\u0301 \u1100\u1161 ﬁ",
    "\ufeffmark \x85 next",
    "'; '''; \"\"\"",
]


@pytest.fixture(params=READER_NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(name: str) -> Reader:
    return READERS[name]


@pytest.fixture
def sample(name: str) -> Sample:
    return SAMPLES[name]


def _put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def _strings(value: object) -> list[str]:
    """All texts in a record."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for item in value for text in _strings(item)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in _strings(getattr(value, field.name))]
    return []


def _ids(records: Sequence[Record]) -> list[tuple[str, list[str]]]:
    return [
        (
            paper_id(arxiv_id=r.arxiv_id, doi=r.doi, title=r.title, year=r.issued and r.issued[:4], names=tuple(s.name for s in r.signatures)),
            [author_id(s.name) for s in r.signatures],
        )
        for r in records
    ]


def _bad() -> list[tuple[str, str]]:
    return [(name, file) for name, sample in SAMPLES.items() for file in sample.bad]


def test_every_reader_has_a_sample_and_every_bad_file_a_reader() -> None:
    assert sorted(SAMPLES) == READER_NAMES
    known = {file for sample in SAMPLES.values() for file in sample.bad} | {"cut.jsonl.gz"}
    assert known == {path.name for path in (FIXTURES / "bad").iterdir()}


def test_fixtures_give_the_same_records_twice(name: str, reader: Reader) -> None:
    paths = sorted((FIXTURES / name).iterdir())
    assert paths
    for path in paths:
        assert find_reader(path) is reader
        first = list(read(path, reader))
        assert first
        assert list(read(path, reader)) == first


def test_records_and_ids_depend_on_content_only(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    facts = [Fact(number=number, title=f"T {number}", names=(f"Ann Ace{number}", "Bo Li")) for number in (3, 1, 2)]
    here = list(read(_put(tmp_path / f"a{sample.suffix}", sample.write(facts)), reader))
    there = list(read(_put(tmp_path / "deep" / "er" / f"b{sample.suffix}", sample.write(facts)), reader))
    assert here == there
    turned = list(read(_put(tmp_path / f"c{sample.suffix}", sample.write(facts[::-1])), reader))
    assert _ids(here) == _ids(turned)[::-1]
    assert [paper for paper, _ in _ids(here)] == ["paper/arxiv:2406.00003", "paper/arxiv:2406.00001", "paper/arxiv:2406.00002"]


def test_a_name_of_which_nothing_shows_is_nobodys(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    names = ("\u200b", "\u202e \u2066", "\u2028", "\u00b7", "Ann Ace", ":")
    (record,) = read(_put(tmp_path / f"a{sample.suffix}", sample.write([Fact(number=1, names=names)])), reader)
    assert [signature.name for signature in record.signatures] == ["\u00b7", "Ann Ace", ":"]


def test_lines_are_where_records_begin(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    text = sample.write([Fact(number=number, title=f"Numbered {number}") for number in range(1, 6)])
    records = list(read(_put(tmp_path / f"a{sample.suffix}", text), reader))
    assert len(records) == 5
    for record in records:
        assert record.title in text.split("\n")[record.line - 1]


@pytest.mark.parametrize(("name", "file"), _bad())
def test_bad_input_raises_and_names_file_and_line(name: str, file: str) -> None:
    message, _ = SAMPLES[name].bad[file]
    with pytest.raises(ReadError) as failed:
        list(read(FIXTURES / "bad" / file, READERS[name]))
    assert str(failed.value).startswith(f"{file}{message}")
    assert failed.value.path == FIXTURES / "bad" / file
    assert (failed.value.line is not None) == message[1].isdigit()
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(("name", "file"), _bad())
def test_bad_input_is_reported_and_passed_over(name: str, file: str) -> None:
    message, good = SAMPLES[name].bad[file]
    problems: list[ReadError] = []
    records = list(read(FIXTURES / "bad" / file, READERS[name], problem=problems.append))
    assert [record.line for record in records] == good
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"{file}{message}")


def test_a_file_that_is_missing_or_a_folder_is_a_read_error(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    (tmp_path / f"folder{sample.suffix}").mkdir()
    for stem, reason in (("missing", "no such file"), ("folder", "it is not a file")):
        path = tmp_path / f"{stem}{sample.suffix}"
        with pytest.raises(ReadError, match=rf": cannot be read: {reason}$"):
            list(read(path, reader))
        problems: list[ReadError] = []
        assert list(read(path, reader, problem=problems.append)) == []
        assert [error.path for error in problems] == [path]


def test_a_line_over_10_mb_is_refused_by_number(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    text = sample.write([Fact(number=1), Fact(number=2, text="x" * LIMIT_BYTES), Fact(number=3)])
    number = next(number for number, line in enumerate(text.split("\n"), 1) if len(line) > LIMIT_BYTES)
    path = _put(tmp_path / f"a{sample.suffix}", text)
    with pytest.raises(ReadError, match=rf"^a{sample.suffix}:{number}: the line is longer than 10 MB; "):
        list(read(path, reader))
    problems: list[ReadError] = []
    assert [record.arxiv_id for record in read(path, reader, problem=problems.append)] == ["2406.00001", "2406.00003"]
    assert [error.line for error in problems] == [number]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_survives(reader: Reader, sample: Sample, tmp_path: Path, hostile: str) -> None:
    fact = Fact(number=1, title=hostile, names=("Ann Ace", hostile), text=f"Text {hostile} ends.")
    (record,) = read(_put(tmp_path / f"a{sample.suffix}", sample.write([fact])), reader)
    assert record.title == clean_line(hostile)
    # LaTeX's braces in names are no text to arXiv's reader: its own tests say what becomes of them
    if "{" not in hostile:
        assert [signature.name for signature in record.signatures] == ["Ann Ace", clean_line(hostile)]
    assert [section.text for section in record.sections] == [clean_line(hostile), clean(f"Text {hostile} ends.")]


def test_text_is_nfc_and_legal_in_xml(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    facts = [Fact(number=number, title=f"T {text}", names=(f"N {text}",), text=f"X {text}") for number, text in enumerate(HOSTILE, 1)]
    records = list(read(_put(tmp_path / f"a{sample.suffix}", sample.write(facts)), reader))
    texts = [text for record in records for text in _strings(record)]
    assert len(texts) > 5 * len(HOSTILE)
    for text in texts:
        assert text
        assert unicodedata.is_normalized("NFC", text)
        assert ElementTree.fromstring(f"<t>{escape(text)}</t>").text == text


def test_nothing_is_read_before_it_is_asked_for(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / f"late{sample.suffix}"
    records = read(path, reader)
    _put(path, sample.write([Fact(number=1), Fact(number=2)]))
    assert next(records).arxiv_id == "2406.00001"
    records.close()  # type: ignore[attr-defined]


def test_a_reading_that_is_broken_off_leaves_no_open_file(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    # pytest turns the ResourceWarning of a file that nobody closed into an error
    path = _put(tmp_path / f"a{sample.suffix}", sample.write([Fact(number=number) for number in range(1, 100)]))
    assert next(read(path, reader)).arxiv_id == "2406.00001"


def test_a_file_may_be_gzip_whatever_its_name(reader: Reader, sample: Sample, tmp_path: Path) -> None:
    import gzip

    text = sample.write([Fact(number=1), Fact(number=2)])
    packed = tmp_path / f"a{sample.suffix}"
    packed.write_bytes(gzip.compress(text.encode("utf-8")))
    assert list(read(packed, reader)) == list(read(_put(tmp_path / f"b{sample.suffix}", text), reader))
