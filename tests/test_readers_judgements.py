"""The file of people's judgements: edited by hand and by spreadsheets, read whole or not at all."""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine import Engine
from kg.errors import ReadError
from kg.readers.judgements import KINDS, PAIRS, VERDICTS, Judgement, fault, joined, load_judgements, read_judgements, write_judgements
from kg.readers.text import clean_line

HEADER = "kind,left,right,verdict,reason\n"


def read(folder: Path, text: str | bytes) -> list[Judgement]:
    path = folder / "judgements.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_judgements(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER + "concept,LLMs,,hidden,in every paper\n", Judgement(left="LLMs", verdict="hidden", reason="in every paper")),
        ("reason,verdict,right,left,kind\n,hidden,,LLMs,concept\n", Judgement(left="LLMs", verdict="hidden")),
        ("Kind, Left ,RIGHT,verdict,Reason\nConcept, LLMs ,,HIDDEN\n", Judgement(left="LLMs", verdict="hidden")),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"concept,LLMs,,hidden,\r\n", Judgement(left="LLMs", verdict="hidden")),
        (gzip.compress((HEADER + "concept,LLMs,,hidden,\n").encode()), Judgement(left="LLMs", verdict="hidden")),
        ("kind,left,right,verdict,reason,,\nconcept,LLMs,,hidden,,,\n,,,,,,\n\n", Judgement(left="LLMs", verdict="hidden")),
        (HEADER + 'concept,"one, two",,hidden,"two\nlines"\n', Judgement(left="one, two", verdict="hidden", reason="two lines")),
        (HEADER + "concept,나,가,same,\n", Judgement(left="가", right="나", verdict="same")),
        (HEADER + "concept,b,a,renamed,\n", Judgement(left="b", right="a", verdict="renamed")),
        (HEADER + "author,Bo Li,B. Li,different,\n", Judgement(kind="author", left="B. Li", right="Bo Li", verdict="different")),
        (HEADER + "paper,B,A,same,\n", Judgement(kind="paper", left="A", right="B", verdict="same")),
    ],
)  # fmt: skip
def test_a_file_is_read_as_hands_and_spreadsheets_write_it(tmp_path: Path, text: str | bytes, expected: Judgement) -> None:
    assert read(tmp_path, text) == [expected]


def test_a_header_alone_is_no_judgement(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "judgements.csv: the file is empty"),
        ("kind,left,verdict,reason\n", "judgements.csv:1: no column 'right'; the first line names the columns, with commas between them: kind,left,"),
        ("kind,left,right,verdict,reason,who\n", "judgements.csv:1: unknown column 'who'; "),
        ("kind;left;right;verdict;reason\n", "judgements.csv:1: unknown column 'kind;left;right;verdict;reason'; .* with commas between them"),
        ("kind,left,right,left,verdict,reason\n", "judgements.csv:1: more than one column 'left'"),
        ("concept,LLMs,,hidden,\n", "judgements.csv:1: unknown column 'concept'"),
        (HEADER + "topic,LLMs,,hidden,\n", "judgements.csv:2: unknown kind 'topic'; known: concept, author, paper"),
        (HEADER + "\n\nconcept,LLMs,,deleted,\n", "judgements.csv:4: unknown verdict 'deleted'; known: same, different, hidden, renamed"),
        (HEADER + 'concept,A,,hidden,"two\nlines"\nconcept,,,hidden,\n', "judgements.csv:4: left is empty"),
        (HEADER + "concept,...,,hidden,\n", r"judgements.csv:2: the label '\.\.\.' has no letter or digit"),
        (HEADER + "concept,A,\u200b,same,\n", "judgements.csv:2: the label '\\\\u200b' has no letter or digit"),
        (HEADER + "concept,A,,same,\n", "judgements.csv:2: right is empty; write the other label"),
        (HEADER + "concept,A,,renamed,\n", "judgements.csv:2: right is empty; write the new label"),
        (HEADER + "concept,A,B,hidden,\n", "judgements.csv:2: hidden is said of one label, and right is 'B'; empty it"),
        (HEADER + "concept,A,A,same,\n", "judgements.csv:2: 'A' is one label; name two labels"),
        (HEADER + "concept,LLM,LLMs,different,\n", "judgements.csv:2: 'LLM' and 'LLMs' are two spellings of one label; name two labels"),
        (HEADER + "author,Bo Li,bo li,same,\n", "judgements.csv:2: 'Bo Li' and 'bo li' are two spellings of one label"),
        (HEADER + "author,Bo Li,,hidden,\n", "judgements.csv:2: hidden is said of concepts alone, not of authors; known for them: same, different"),
        (HEADER + "concept,A,B,same,x,y\n", "judgements.csv:2: 6 fields under 5 columns"),
        (HEADER + 'concept,A"B,,hidden,\nconcept,"A",,hidden\n"', "judgements.csv:4: no CSV: .*; mend the double quotes"),
        (HEADER + 'concept,"A,,hidden,\n', "judgements.csv:2: no CSV: .*; mend the double quotes"),
        (HEADER.encode() + b"concept,\xb0\xa1,,hidden,\n", "judgements.csv:2: byte 0xb0 is not UTF-8; save the file as UTF-8$"),
        (HEADER + "concept," + "x" * 10_000_001 + ",,hidden,\n", "judgements.csv:2: the line is longer than 10 MB; cut it$"),
        (HEADER + "concept,A,B,same,\nconcept,b,a,different,\n", "judgements.csv:3: different 'b' and 'a' contradicts line 2, same 'A' and 'B'; "),
        (HEADER + "concept,A,X,renamed,\nconcept,a,Y,renamed,\n", "judgements.csv:3: renamed 'a' to 'Y' contradicts line 2, renamed 'A' to 'X'; "),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_file_and_line_and_what_would_do(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ReadError, match=f"^{message}"):
        read(tmp_path, text)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"none\.csv: cannot be read: no such file"):
        read_judgements(tmp_path / "none.csv")


def test_an_english_and_a_korean_name_for_one_concept_are_no_contradiction(tmp_path: Path) -> None:
    assert len(read(tmp_path, HEADER + "concept,MoE,mixture of experts,renamed,\nconcept,MoE,전문가 혼합,renamed,\n")) == 2


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_rows_that_say_the_same_the_one_with_a_reason_stays_in_whatever_order(tmp_path: Path, *, reverse: bool) -> None:
    rows = ["concept,LLM,MLLM,different,\n", "concept,MLLMs,LLMs,different,one sees\n", "concept,B,,hidden,\n", "concept,A,,hidden,\n"]
    found = read(tmp_path, HEADER + "".join(reversed(rows) if reverse else rows))
    assert [str(one) for one in found] == ["hidden 'A'", "hidden 'B'", "different 'LLMs' and 'MLLMs'"]
    assert found[2].reason == "one sees"


def test_what_comes_later_wins_over_what_it_contradicts() -> None:
    before = [
        Judgement(left="A", right="B", verdict="same"),
        Judgement(left="C", verdict="hidden"),
        Judgement(left="D", right="E", verdict="renamed"),
    ]
    after = [Judgement(left="b", right="a", verdict="different"), Judgement(left="d", right="F", verdict="renamed")]
    assert [str(one) for one in joined(before, after)] == ["hidden 'C'", "different 'a' and 'b'", "renamed 'd' to 'F'"]


labels = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(["=1+1", "'=x", "''", "+A", "-A", "@A", '"A"', "A,B"])
anything = st.builds(
    Judgement,
    kind=st.sampled_from(KINDS),
    left=labels.map(clean_line),
    right=st.none() | labels.map(clean_line).filter(bool),
    verdict=st.sampled_from(VERDICTS),
    reason=st.none() | labels.map(clean_line).filter(bool),
)


@given(st.lists(anything.filter(lambda one: fault(one) is None), max_size=8), st.randoms())
def test_what_is_written_is_read_back_and_the_order_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, said: list[Judgement], chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("judgements")
    unique = joined(said)
    write_judgements(folder / "one.csv", unique)
    assert read_judgements(folder / "one.csv") == unique
    shuffled = list(unique)
    chance.shuffle(shuffled)
    write_judgements(folder / "two.csv", shuffled)
    assert (folder / "two.csv").read_bytes() == (folder / "one.csv").read_bytes()
    for one in unique:
        assert one.verdict not in PAIRS or (one.right is not None and one.left < one.right)


def test_no_cell_is_run_by_a_spreadsheet_and_korean_survives_it(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    formula = "=HYPERLINK(1)"
    write_judgements(path, [Judgement(left=formula, right="지식 그래프", verdict="same", reason="@x"), Judgement(left="'+1", verdict="hidden")])
    assert path.read_bytes().startswith(b"\xef\xbb\xbfkind,left,right,verdict,reason\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "지식 그래프" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {one.left for one in read_judgements(path)} == {formula, "'+1"}


def test_the_stage_that_resolves_gets_a_table_in_one_order_even_when_nothing_is_said(tmp_path: Path) -> None:
    said = [
        Judgement(left="B", right="A", verdict="same", reason="x"),
        Judgement(left="A", verdict="hidden"),
        Judgement(kind="author", left="B", right="A", verdict="same"),
    ]
    for order in (said, said[::-1]):
        with Engine() as engine:
            load_judgements(engine, order)
            assert engine.rows("select kind, left_label, right_label, verdict, reason from said") == [
                ("author", "A", "B", "same", None),
                ("concept", "A", None, "hidden", None),
                ("concept", "A", "B", "same", "x"),
            ]
    with Engine() as engine:
        load_judgements(engine, [])
        assert engine.rows("select * from said") == []
