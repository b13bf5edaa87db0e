"""The digest reader: a fixture for each variant of the format, the real digests, and digests that a writer makes up."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import ReadError
from kg.readers import READERS, discover, read
from kg.readers.text import clean, clean_line
from kg.records import Record

FIXTURES = Path(__file__).parent / "readers" / "digest"
DIGEST = READERS["digest"]


def _read(name: str) -> list[Record]:
    return list(read(FIXTURES / name, DIGEST))


def _names(record: Record) -> list[str]:
    return [signature.name for signature in record.signatures]


def _texts(record: Record) -> list[tuple[str, str]]:
    return [(section.label, section.text) for section in record.sections[1:]]


def test_an_entry_is_read_whole() -> None:
    first, second = _read("plain.md")
    assert (first.line, first.title, first.arxiv_id, first.doi, first.url) == (
        3,
        "A Loss for Noise",
        "2406.00001",
        None,
        "https://arxiv.org/abs/2406.00001",
    )
    assert first.digest is not None
    assert (first.digest.date, first.digest.label, first.votes, first.rank) == ("2024-06-03", "Daily Papers (2024-06-03)", 7, 1)
    assert (first.issued, first.venue, first.language, first.byline_complete, first.order_trusted) == (None, None, "ko", True, False)
    assert [(section.label, section.language) for section in first.sections] == [
        ("title", None),
        ("What's New", "ko"),
        ("Technical Details", "ko"),
        ("Performance Highlights", "ko"),
    ]
    assert first.sections[0].text == first.title
    assert first.sections[1].text == "잡음(noise)을 줄이는 새 손실 함수를 제안합니다."
    assert (second.line, second.votes, second.rank) == (15, 12, 2)
    assert _names(second) == ["C. X. Lv", "01. AI", "Robert Downey Jr.", "José O’Neill"]


def test_under_a_heading_that_stands_twice_the_later_entry_of_a_paper_wins() -> None:
    records = _read("twin-heading.md")
    assert [(r.line, r.title, r.votes, r.rank, _names(r)) for r in records] == [
        (3, "Alpha", 1, 1, ["Ann Ace"]),
        (25, "Beta, Revised", 20, 1, ["Bo Li", "Cy Day"]),
        (35, "Gamma", 3, 2, ["Di Eve"]),
    ]
    assert {r.digest.date for r in records if r.digest} == {"2024-06-03"}


def test_a_file_can_hold_several_days_and_a_paper_be_in_each() -> None:
    assert [(r.digest.date, r.arxiv_id, r.votes, r.rank) for r in _read("several-days.md") if r.digest] == [
        ("2024-06-03", "2406.00001", 1, 1),
        ("2024-06-04", "2406.00001", 9, 1),
        ("2024-06-04", "2406.00002", 2, 2),
    ]


def test_a_heading_of_another_kind_ends_an_entry_but_not_the_day() -> None:
    records = _read("heading-forms.md")
    assert [(r.title, r.digest and r.digest.date, r.digest and r.digest.label, r.rank) for r in records] == [
        ("Alpha", "2024-06-03", "2024-06-03", 1),
        ("Beta", "2024-06-03", "2024-06-03", 2),
        ("Gamma", "2024-06-04", "Daily Papers 2024-06-04", 1),
    ]
    assert "part of an entry" not in records[0].sections[-1].text


def test_pictures_and_videos_are_no_text_and_hide_neither_votes_nor_names() -> None:
    records = _read("pictures.md")
    assert len(records) == 9
    for record in records:
        assert (record.votes, _names(record), len(record.sections)) == (1, ["Ann Ace", "Bo Li"], 4), record.title


def test_votes_are_a_number_or_unknown() -> None:
    assert [record.votes for record in _read("votes.md")] == [0, None, None, None, 300]


def test_names_can_be_a_python_list() -> None:
    records = _read("names-as-list.md")
    assert [_names(record) for record in records] == [["Ann Ace", "Moreno D'Incà", "Martin King, Jr."], ["Ann Ace", "Bo Li", "Cy Day"], []]
    assert [record.byline_complete for record in records] == [True, True, False]


def test_without_names_the_byline_is_not_complete() -> None:
    assert [(record.signatures, record.byline_complete, record.votes) for record in _read("no-names.md")] == [((), False, 1), ((), False, 1)]


def test_a_plus_marks_a_cut_byline_and_names_nobody() -> None:
    assert [(_names(record), record.byline_complete) for record in _read("cut-names.md")] == [
        (["Ann Ace", "Bo Li"], False),
        (["Ann Ace", "Bo Li"], False),
        (["Ann Ace"], False),
        (["Ann Ace"], False),
        (["Ann Ace", "Bo Li"], True),
    ]


def test_a_repeated_name_is_one_signature() -> None:
    assert [_names(record) for record in _read("repeated-names.md")] == [["Ann Ace", "Bo Li", "Cy Day"]]


def test_glued_names_come_apart_and_organisations_do_not() -> None:
    assert [_names(record) for record in _read("glued-names.md")] == [
        ["Ann Ace", "Bo Li", "Cy M. Day"],
        ["Ann Ace", "Bo Li"],
        ["Centre for Language and Speech Science", "Vision and Graphics", "Ann Ace"],
        ["Robert Downey Jr.", "Ann Ace"],
    ]


def test_a_name_cut_at_its_bracket_is_joined_where_only_one_pair_fits() -> None:
    assert [_names(record) for record in _read("bracket-names.md")] == [
        ["Yingyan (Celine) Lin", "Ann Ace"],
        ["Ann Ace", "Wei (William Bill) Chen"],
        ["Yingyan (Celine", "Wei (Will", "Lin)", "Chen)"],
        ["Yingyan (Celine) Lin", "Ann Ace"],
    ]


def test_labels_are_kept_as_printed_in_every_dress() -> None:
    (record,) = _read("labels.md")
    assert _texts(record) == [
        ("What's New", "별 셋."),
        ("What’s New", "굽은 따옴표."),
        ("결과", "콜론이 안에 있습니다."),
        ("Limits", "별 하나."),
        ("Technical Details", "별 없음."),
        ("Performance Highlights", "콜론 없음."),
        ("bullet 7", "**GPT-4** 는 라벨이 아닙니다."),
        ("Tight", "빈칸 없음."),
        ("Mark", "다른 표시."),
    ]


def test_bullets_without_label_are_numbered_by_their_place() -> None:
    first, second = _read("unlabelled.md")
    assert [label for label, _ in _texts(first)] == ["bullet 1", "bullet 2", "bullet 3", "bullet 4"]
    assert _texts(first)[0][1] == "첫째 문장: 콜론이 있어도 라벨이 아닙니다."
    assert _texts(second) == [("What's New", "라벨이 있습니다."), ("bullet 2", "라벨이 없습니다.")]


def test_one_bullet_none_and_a_plain_paragraph_are_accepted() -> None:
    one, none, paragraph = _read("one-bullet.md")
    assert [label for label, _ in _texts(one)] == ["What's New"]
    assert _texts(none) == []
    assert none.language is None
    assert _texts(paragraph) == [("text", "문단 하나로 된 요약(summary)입니다. 이어집니다.")]


def test_python_literals_become_text_and_nothing_is_executed() -> None:
    (record,) = _read("literals.md")
    assert _texts(record) == [
        ("What's New", "첫째 (first)\n둘째's"),
        ("Technical Details", "속도: 2배\n크기: 7B; 70B\nn: 3"),
        ("Performance Highlights", "[IDK] 토큰은 목록이 아닙니다."),
        ("Limits", "['닫히지 않은"),
        ("Code", "__import__('os').system('echo')"),
        ("Call", "[__import__('os').getpid()]"),
        ("Latex", "\\frac{1}{2}\nxy"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "[" * 50_000,
        "[" * 90 + "1" + "]" * 90,
        "[" + "-" * 50_000 + "1]",
        "[" + "9" * 10_000 + "]",
        "[" + "+".join(["1"] * 50_000) + "]",
        r"['\x']",
        "{[]: 1}",
        "{1: 2} + [3]",
    ],
    ids=str.__len__,
)
def test_hostile_literals_neither_fail_nor_warn(tmp_path: Path, value: str) -> None:
    path = tmp_path / "day.md"
    path.write_text(
        f"## Daily Papers (2024-06-03)\n### [A](https://arxiv.org/abs/2406.00001)\nAuthors: {value}\n- **Note**: {value}\n", encoding="utf-8"
    )
    (record,) = read(path, DIGEST)
    assert record.sections[1].text


def test_bullets_go_on_over_indented_numbered_and_plain_lines() -> None:
    first, second, third = _read("continuation.md")
    assert _texts(first) == [
        ("What's New", "첫 줄 들여 쓴 줄 그냥 줄"),
        ("Technical Details", "순서:\n1. 하나\n2. 둘 둘의 이어짐\n3) 셋\n- 안쪽 목록\n다음 문단"),
        ("Performance Highlights", "다음 줄에서 시작합니다. Authors: 이 줄은 글입니다."),
    ]
    assert _names(first) == ["Ann Ace", "Bo Li"]
    assert (second.line, second.title) == (26, "Next")
    assert _texts(third) == [("What's New", "첫 줄 Vote: 3 Authors: 이 줄도 글입니다.")]
    assert (third.votes, third.signatures) == (None, ())


def test_control_characters_are_dropped_and_end_no_line() -> None:
    (record,) = _read("control-characters.md")
    assert record.title == "Controls in Titles\x7f"
    assert _names(record) == ["Ann Ace", "Bo Li"]
    assert _texts(record) == [
        ("What's New", "비율은 rac{1}{2}이고 eta와  imes 기호와 ar와 lpha가 있습니다."),
        ("Technical Details", "줄구분\x85은 \u2028그대로 둡니다."),
    ]


def test_titles_are_text_and_never_markup() -> None:
    records = _read("titles.md")
    assert [record.arxiv_id for record in records] == [f"2406.{number:05d}" for number in range(1, 12)]
    assert [record.title for record in records] == [
        "I Don't Know: [IDK] Tokens",
        "[A] and [B]",
        "Scaling (Again)",
        "$\\mathtt{[M]}$O and $x^2_{i}$",
        "*Stars* and `ticks`",
        '<think> before >80% & "quotes"',
        "Half-Open [0, 1) Intervals",
        "See [this](https://example.org/x) Link",
        "Café à la 모드 <script>alert(1)</script>",
        "An [Inner](https://arxiv.org/abs/2406.00099) Link",
        "Code Beside",
    ]


def test_links_to_arxiv_hugging_face_and_dois_identify_the_paper() -> None:
    assert [(record.arxiv_id, record.doi) for record in _read("links.md")] == [
        ("2406.00001", None),
        ("2406.00002", None),
        ("2406.00003", None),
        (None, "10.1016/0370-2693(91)90641-8"),
        ("2406.00005", None),
        ("hep-th/9901001", None),
        ("2406.00007", None),
        ("2406.00008", None),
        ("2406.00009", None),
    ]


def test_languages_are_those_of_the_text() -> None:
    first, second, third = _read("languages.md")
    assert [section.language for section in first.sections] == ["ko", "ko", "en", None, None]
    assert [record.language for record in (first, second, third)] == ["ko", "en", None]
    assert second.sections[0].language is None


@pytest.mark.parametrize(("name", "title"), [("crlf.md", "Windows"), ("cr.md", "Old Machine")])
def test_line_ends_of_every_system_are_one(name: str, title: str) -> None:
    (record,) = _read(name)
    assert (record.line, record.title, record.votes, len(record.sections)) == (3, title, 4, 4)
    assert all("\r" not in section.text and "\n" not in section.text for section in record.sections)


def test_lines_are_counted_as_editors_count_them(tmp_path: Path) -> None:
    path = tmp_path / "day.md"
    path.write_bytes(b"## 2024-06-03\r\none\rtwo\n\n### [A](https://arxiv.org/abs/2406.00001)\r\n- x\n### [B](https://arxiv.org/abs/2406.00002)")
    assert [(record.line, record.title) for record in read(path, DIGEST)] == [(5, "A"), (7, "B")]


def test_a_literal_with_an_escape_that_python_frowns_upon_is_read_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "day.md"
    path.write_text("## 2024-06-03\n### [A](https://arxiv.org/abs/2406.00001)\n- **Note**: ['\\d', 'b']\n", encoding="utf-8")
    (record,) = read(path, DIGEST)
    assert _texts(record) == [("Note", "\\d\nb")]


def test_the_entry_that_loses_a_line_is_left_out_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "day.md"
    entry = "### [{0}](https://arxiv.org/abs/2406.0000{0})\n- **Note**: {1}\n- **More**: b\n"
    path.write_text("## 2024-06-03\n" + entry.format(1, "a") + entry.format(2, "x" * 10_000_001) + entry.format(3, "a"), encoding="utf-8")
    problems: list[ReadError] = []
    assert [(record.title, len(record.sections)) for record in read(path, DIGEST, problem=problems.append)] == [("1", 3), ("3", 3)]
    assert [(error.line, "longer than 10 MB" in error.reason) for error in problems] == [(6, True)]


def _folders() -> list[Path]:
    root = Path(__file__).parents[1]
    return [root.parent / "shared" / "seeds", root / "seeds" / "digests"]


@pytest.mark.parametrize("folder", _folders(), ids=["real", "shipped"])
def test_the_five_digests_hold_their_facts(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.glob("*.md")):
        pytest.skip(f"no digests in {folder.parent.name}/{folder.name}")
    files = discover([folder]).files
    by_file = {path.name: list(read(path, DIGEST)) for path in files}
    assert {name: len(records) for name, records in by_file.items()} == {
        "2024-10-08.md": 23,
        "2024-12-04.md": 50,
        "2024-12-23.md": 12,
        "2024-12-25.md": 11,
        "2025-02-10.md": 24,
    }
    assert all(record.digest and f"{record.digest.date}.md" == name for name, records in by_file.items() for record in records)
    records = [record for found in by_file.values() for record in found]
    bylines = [_names(record) for record in records]
    names = [name for byline in bylines for name in byline]
    votes = [record.votes for record in records if record.votes is not None]
    sizes = sorted(map(len, bylines))
    assert len({record.arxiv_id for record in records}) == 120
    assert (len(names), len(set(names))) == (1024, 959)
    on_papers = [names.count(name) for name in set(names)]
    assert (sum(count > 1 for count in on_papers), max(on_papers)) == (60, 4)
    assert len({frozenset(pair) for byline in bylines for pair in combinations(byline, 2)}) == 7293
    assert (sizes[60], sizes[-3:]) == (7, [42, 43, 59])
    assert (len(votes), min(votes), max(votes), sum(votes)) == (120, 1, 53, 1395)
    bullets = [len(record.sections) - 1 for record in records]
    if folder.name == "seeds":
        assert (sum(count >= 3 for count in bullets), sum(count == 1 for count in bullets)) == (119, 1)
    else:
        assert set(bullets) == {3}


# --- a writer of digests: what it writes, the reader gives back ---

_WORD = st.from_regex(r"[A-ZÀ-Ö][a-zà-ö]{1,7}", fullmatch=True)
_PLAIN_NAME = st.tuples(_WORD, _WORD).map(lambda parts: unicodedata.normalize("NFC", " ".join(parts)))
_ANY_LINE = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=40)
_LISTED_NAME = _ANY_LINE.map(lambda text: clean_line(f"{text} Li").replace("(", "").replace(")", "")).filter(
    lambda name: " and " not in f" {name}" and name.count(" ") > 0
)
_LABEL = st.none() | st.sampled_from(["What's New", "What’s New", "Technical Details", "한계", "Results (short)"])


@st.composite
def _entry(draw: st.DrawFn, number: int) -> tuple[str, dict[str, object]]:
    """The lines of an entry, and what a reader should make of them."""
    gap = draw(st.sampled_from(["\n", "\n\n"]))
    title = draw(_ANY_LINE.filter(lambda text: clean_line(text) != "" and "](" not in text))
    lines = [
        f"### [{clean_line(title)}](https://arxiv.org/{draw(st.sampled_from(['abs', 'pdf']))}/2406.{number:05d}{draw(st.sampled_from(['', 'v2']))})"
    ]
    lines += draw(
        st.sampled_from(
            [[], ["![](https://cdn.example/1.png)"], ["[Watch Video]https://cdn.example/v.mp4"], ["<div><video src='v.mp4'></video></div>"]]
        )
    )
    votes = draw(st.sampled_from([None, "-"]) | st.integers(min_value=0, max_value=500))
    if votes is not None:
        lines.append(f"Vote: {votes}")
    listed = draw(st.booleans())
    names = draw(st.lists(_LISTED_NAME if listed else _PLAIN_NAME, max_size=6))
    cut = draw(st.booleans())
    elements = [*names, "+"] if cut else names
    if elements or draw(st.booleans()):
        lines.append(f"Authors: {elements!r}" if listed else f"Authors: {', '.join(elements)}")
    texts = []
    for place in range(1, draw(st.integers(min_value=0, max_value=5)) + 1):
        label = draw(_LABEL)
        stars = draw(st.sampled_from(["***", "**"]))
        text = f"요약 {draw(_ANY_LINE)}".replace("\n", " ").replace("\r", " ")
        more = draw(st.lists(st.sampled_from(["  이어지는 줄", "그냥 줄", "  2. 둘째"]), max_size=2))
        lines.append("\n".join([f"- {text}" if label is None else f"- {stars}{label}{stars}: {text}", *more]))
        whole = clean(text).strip(" ")
        for line in more:
            whole += ("\n" if line.endswith("둘째") else " ") + line.strip(" ")
        texts.append((label or f"bullet {place}", whole))
    expected: dict[str, object] = {
        "title": clean_line(title),
        "arxiv_id": f"2406.{number:05d}",
        "votes": votes if isinstance(votes, int) else None,
        "names": list(dict.fromkeys(names)),
        "complete": bool(names) and not cut,
        "texts": texts,
    }
    return gap.join(lines) + "\n" * draw(st.integers(min_value=1, max_value=3)), expected


@st.composite
def _digest(draw: st.DrawFn) -> tuple[str, list[dict[str, object]]]:
    """A file of one to three days."""
    text, expected, number = "", [], 0
    for day in range(1, draw(st.integers(min_value=1, max_value=3)) + 1):
        text += f"## Daily Papers (2024-06-{day:02d})\n\n"
        for rank in range(1, draw(st.integers(min_value=0, max_value=3)) + 1):
            number += 1
            line = text.count("\n") + 1
            written, entry = draw(_entry(number))
            text += written
            expected.append({**entry, "line": line, "date": f"2024-06-{day:02d}", "rank": rank})
    return text, expected


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    path = tmp_path_factory.mktemp("written") / "day.md"

    def write(text: str) -> Path:
        path.write_bytes(text.encode("utf-8"))
        return path

    return write


@given(digest=_digest())
def test_what_a_writer_wrote_the_reader_gives_back(write: Callable[[str], Path], digest: tuple[str, list[dict[str, object]]]) -> None:
    text, expected = digest
    found = [
        {
            "title": record.title,
            "arxiv_id": record.arxiv_id,
            "votes": record.votes,
            "names": _names(record),
            "complete": record.byline_complete,
            "texts": _texts(record),
            "line": record.line,
            "date": record.digest and record.digest.date,
            "rank": record.rank,
        }
        for record in read(write(text), DIGEST)
    ]
    assert found == expected


_SHREDS = [*"#-*[]()'\",:+ \n\r\t\x0c0Aa가", "### [", "](https://arxiv.org/abs/2406.00001)", "## 2024-06-03\n", "\nAuthors: ", "\nVote: "]


@given(text=st.lists(st.sampled_from(_SHREDS)).map("".join))
def test_whatever_a_digest_holds_the_reader_ends_in_records_or_read_errors(write: Callable[[str], Path], text: str) -> None:
    problems: list[ReadError] = []
    for record in read(write(text), DIGEST, problem=problems.append):
        assert record.title == clean_line(record.title) != ""
        assert all(section.text == clean(section.text) != "" for section in record.sections)
        assert all(signature.name == clean_line(signature.name) != "" for signature in record.signatures)
    assert all(error.path.name == "day.md" for error in problems)
