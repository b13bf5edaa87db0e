"""Records as tables: what is one source, what is kept apart, what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.engine import Engine
from kg.errors import ReadError
from kg.readers.load import load_records

DIGEST = """## Daily Papers (2024-12-25)

### [{title}](https://arxiv.org/abs/{arxiv})

Vote: 1

Authors: Ann Ace, Bo Li

- **A**: one
- **A**: two
- **A 2**: three
"""


def test_labels_that_come_twice_get_ids_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(DIGEST.format(title="T", arxiv="2412.00001"), encoding="utf-8")
    with Engine() as engine:
        assert load_records(engine, [path]) == 1
        labels = [identifier.partition("+")[2] for (identifier,) in engine.rows("select section_id from sections order by 1")]
    assert labels == ["a", "a-2", "a-2-2", "title"]


def test_one_paper_twice_in_a_snapshot_is_an_error_that_names_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = '{"id": "2412.00001", "title": "A", "abstract": "a", "authors_parsed": [["Ace", "Ann", ""]], "categories": "cs.CL"}\n'
    path.write_text(line * 2, encoding="utf-8")
    with Engine() as engine, pytest.raises(ReadError, match=r"a\.jsonl:2: the same paper stands at line 1 already"):
        load_records(engine, [path])


def test_a_file_that_cannot_be_opened_is_a_problem_like_others(tmp_path: Path) -> None:
    good = tmp_path / "good.md"
    good.write_text(DIGEST.format(title="T", arxiv="2412.00001"), encoding="utf-8")
    problems: list[ReadError] = []
    with Engine() as engine:
        assert load_records(engine, [tmp_path / "gone.md", good], problem=problems.append) == 1
    assert [str(problem) for problem in problems] == ["gone.md: cannot be read (No such file or directory); check its permissions, or leave it out"]
    with Engine() as engine, pytest.raises(ReadError, match=r"gone\.md: cannot be read"):
        load_records(engine, [tmp_path / "gone.md", good])


def test_the_same_paper_of_two_days_is_two_records(tmp_path: Path) -> None:
    for day in ("2024-12-25", "2024-12-26"):
        (tmp_path / f"{day}.md").write_text(DIGEST.format(title="T", arxiv="2412.00001").replace("2024-12-25", day), encoding="utf-8")
    with Engine() as engine:
        assert load_records(engine, sorted(tmp_path.iterdir())) == 2
        assert engine.rows("select count(distinct paper_id), count(distinct digest_id) from records") == [(1, 2)]
