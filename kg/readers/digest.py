"""Daily Papers: a Markdown file of one or more days' recommended papers, each with votes, names and a summary in bullets.

What a digest says of a paper is said by the digest: its date is not the paper's, and the order of its names means nothing, because the script
that makes digests shuffles them. ``docs/readers.md`` lists the variants of the format.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import ReadError
from kg.ids import parse_arxiv_id, parse_doi
from kg.readers.files import Report, read_lines
from kg.readers.text import clean, clean_line, has_hangul, is_visible, language_of
from kg.records import Digest, Record, Section, Signature

_MEND = "fix it, or leave such entries out with --skip-invalid"
_HEADING = re.compile(r"#{1,2}(?!#) *(?P<text>.*)")
_ENTRY = re.compile(r"###(?!#) *(?P<text>.*)")
_DATE = re.compile(r"(?<!\d)\d{4}-\d{1,2}-\d{1,2}(?!\d)", re.ASCII)
_TITLED = re.compile(r"daily +papers?\b", re.IGNORECASE)
_TARGET = re.compile(r"<?(?P<url>[^ <>]*)>?(?: +\"[^\"]*\")?\)")
_VOTE = re.compile(r"Votes?: *(?P<value>.*)")
_AUTHORS = re.compile(r"Authors?: *(?P<value>.*)")
_PICTURE = re.compile(r"!\[.*\]\(.*\) *|[^ ]+\.(?:png|jpe?g|gif|webp|svg|mp4|webm|mov)", re.IGNORECASE)
_VIDEO = re.compile(r"\[Watch Video\]|</?(?:div|video|source|img|p|br|iframe)\b", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*•] +|-(?=\*\*))(?P<text>.*)")
_LIST_MARK = re.compile(r"(?:[-*+•]|\(?\d{1,3}[.)]|#{1,6}|>) ")
_STARRED = re.compile(r"(?P<stars>\*{1,3}|__)(?P<label>[^*\n]{1,80}?) *(?P<inner>[:：]?) *(?P=stars) *(?P<outer>[:：]?) *(?P<text>.*)", re.DOTALL)
_USUAL_LABEL = re.compile(r"(?P<label>What['’]s New|Technical Details|Performance Highlights) *[:：] *(?P<text>.*)", re.DOTALL | re.IGNORECASE)
_CUT = re.compile(r"\+(?: *\d+)?(?: +more)?|et al\.?|\.\.\.|…", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_TEAM_WORDS = frozenset(
    {"of", "for", "the", "in", "on", "team", "teams", "lab", "labs", "group", "center", "centre", "institute", "department", "research"}
)
_VOTES_LIMIT = 2**31 - 1
_LITERAL_LIMIT = 200_000  # characters; a summary has a thousand


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a digest: UTF-8 text with the heading of a day, or at least of an entry.

    >>> sniff("## Daily Papers (2024-12-25)".encode()), sniff(b"\\x89PNG\\r\\n"), sniff(b"# Notes")
    (True, False, False)
    """
    for line in clean(head.decode("utf-8", errors="ignore")).split("\n"):
        heading = _HEADING.match(line)
        if _ENTRY.match(line) or (heading and (_DATE.search(line) or _TITLED.search(line))):
            return True
    return False


def read(path: Path, report: Report) -> Iterator[Record]:
    """The entries of a digest file, by line. One file is held in memory, because a later entry of a paper replaces a former one.

    Args:
        path: the file.
        report: is told of entries that cannot be used.

    Raises:
        ReadError: the file is missing, empty, not UTF-8, or has no heading with a date.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "day.md"
    ...     _ = path.write_text("## Daily Papers (2024-12-25)\\n### [ReMoE](https://arxiv.org/abs/2412.14711)\\nVote: 7\\nAuthors: Jun Zhu, +\\n")
    ...     [(record.digest.date, record.arxiv_id, record.votes, record.byline_complete) for record in read(path, print)]
    [('2024-12-25', '2412.14711', 7, False)]
    """
    entries = _entries(path, report)
    found: dict[tuple[str, str], tuple[_Entry, Record]] = {}
    for entry in entries:
        try:
            record = _record(entry, path)
            key = (entry.digest.date, record.arxiv_id or record.doi or "")
            former = found.get(key)
            if former is not None and former[0].heading == entry.heading:
                where = f"first in line {former[0].line}"
                reason = f"{key[1]} stands twice under one heading, {where}; remove one, or leave the second out with --skip-invalid"
                raise ReadError(reason, path=path, line=entry.line)
        except ReadError as error:
            report(error)
        else:
            found[key] = (entry, record)
    yield from sorted((record for _, record in found.values()), key=lambda record: record.line)


@dataclass(slots=True, kw_only=True)
class _Entry:
    """The lines of one entry, under the heading at line ``heading``."""

    line: int
    link: str
    digest: Digest
    heading: int
    rank: int
    body: list[str] = field(default_factory=list)


def _entries(path: Path, report: Report) -> list[_Entry]:
    """Cut a file into entries."""
    entries: list[_Entry] = []
    entry: _Entry | None = None
    digest: Digest | None = None
    headings = heading_line = rank = 0
    orphans: list[int] = []
    empty = True

    def spoil(error: ReadError) -> None:
        """Leave out the entry that has lost a line, with the rest of its lines."""
        nonlocal entry
        report(error)
        if entry is not None:
            entries.remove(entry)
        entry = None

    for number, line in _lines(path, spoil):
        empty = empty and not line.strip(" ")
        if titled := _ENTRY.match(line):
            rank += 1
            entry = None
            if digest is not None:
                entry = _Entry(line=number, link=titled["text"], digest=digest, heading=heading_line, rank=rank)
                entries.append(entry)
            elif not headings:
                orphans.append(number)
        elif heading := _HEADING.match(line):
            entry = None
            day = _DATE.search(heading["text"])
            if day is None and _TITLED.search(heading["text"]) is None:
                continue  # a heading of another kind: the day stays
            headings += 1
            heading_line, rank = number, 0
            digest = None
            if day is None:
                report(ReadError("the heading has no date; write it as '## Daily Papers (2024-12-25)'", path=path, line=number))
            elif not _is_date(day[0]):
                report(ReadError(f"{_date_fault(day[0])}, else its entries cannot be used", path=path, line=number))
            else:
                digest = Digest(date=day[0], label=clean_line(heading["text"]))
        elif entry is not None:
            entry.body.append(line)
    if empty:
        raise ReadError("the file is empty; remove it, or fetch it again", path=path)
    if not headings:
        would_do = "add one, take the file out of the input, or leave such files out with --skip-invalid"
        reason = f"no heading with a date, such as '## Daily Papers (2024-12-25)'; {would_do}"
        raise ReadError(reason, path=path)
    for number in orphans:
        report(ReadError(f"the entry stands before any heading with a date; {_MEND}", path=path, line=number))
    return entries


def _lines(path: Path, report: Report) -> Iterator[tuple[int, str]]:
    """Clean lines, ended by LF, CR LF or CR."""
    more = 0
    for number, line in read_lines(path, report, strict=True):
        parts = clean(line).split("\n")
        for place, part in enumerate(parts):
            yield number + more + place, part
        more += len(parts) - 1


def _is_date(text: str) -> bool:
    """Whether a text is a day of the calendar in the form 2024-12-25."""
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _date_fault(text: str) -> str:
    """What is wrong with a date, and what would do.

    >>> _date_fault("2024-1-5")
    '2024-1-5 is no date in full; write it as 2024-01-05'
    >>> _date_fault("2024-02-30")
    '2024-02-30 is no date of the calendar; correct the heading'
    """
    year, month, day = text.split("-")
    full = f"{year}-{month:0>2}-{day:0>2}"
    return f"{text} is no date in full; write it as {full}" if _is_date(full) else f"{text} is no date of the calendar; correct the heading"


def _record(entry: _Entry, path: Path) -> Record:
    """One entry as a record."""

    def refuse(reason: str) -> ReadError:
        return ReadError(f"{reason}; {_MEND}", path=path, line=entry.line)

    title, url = _link(entry.link)
    arxiv_id, doi = parse_arxiv_id(url), parse_doi(url)
    if arxiv_id is None and doi is None:
        raise refuse(f"no arXiv id or DOI in the link {_shorten(url)!r}" if url else "no link to the paper")
    if not title:
        raise refuse("the entry has no title")
    votes, authors, chunks = _body(entry.body)
    count = _votes(votes)
    if count is None and votes not in (None, "", "-"):
        raise refuse(f"the votes are neither a number nor '-' but {votes!r}")
    names, complete = _byline(authors or "")
    sections = _sections(chunks)
    languages = {section.language for section in sections}
    return Record(
        line=entry.line,
        title=title,
        arxiv_id=arxiv_id,
        doi=doi,
        url=url if "://" in url else None,
        language="ko" if "ko" in languages else "en" if "en" in languages else None,
        byline_complete=complete and bool(names),
        order_trusted=False,
        digest=entry.digest,
        votes=count,
        rank=entry.rank,
        signatures=tuple(Signature(name=name) for name in names),
        sections=(Section(label="title", text=title, language="ko" if has_hangul(title) else None), *sections),
    )


def _link(text: str) -> tuple[str, str]:
    """Title and target of ``[TITLE](URL)``, where the title may hold brackets and the target parentheses.

    Of the places where the title could end, the best is one that leaves a paper's link behind it and balanced brackets before it.

    >>> _link("[On [IDK](x) tokens](https://doi.org/10.1000/a(b)c) !")
    ('On [IDK](x) tokens', 'https://doi.org/10.1000/a(b)c')
    """
    best: tuple[tuple[bool, bool], str, str] | None = None
    if text.startswith("["):
        for found in re.finditer(r"\]\(", text):
            title, url = text[1 : found.start()], _target(text[found.end() :])
            if url is not None:
                rank = (parse_arxiv_id(url) is not None or parse_doi(url) is not None, title.count("[") == title.count("]"))
                if best is None or rank > best[0]:
                    best = (rank, title, url)
    return ("", "") if best is None else (clean_line(best[1]), clean_line(best[2]))


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


def _target(text: str) -> str | None:
    """The target of a link, from what follows ``](``: up to the last parenthesis before a space."""
    found = _TARGET.match(text)
    return None if found is None else found["url"]


def _votes(text: str | None) -> int | None:
    """The votes as a number; None if they are none."""
    if text is None or re.fullmatch(r"\d{1,10}", text, re.ASCII) is None or int(text) > _VOTES_LIMIT:
        return None
    return int(text)


def _body(lines: Sequence[str]) -> tuple[str | None, str | None, list[tuple[bool, list[str]]]]:
    """Votes, names and pieces of text of an entry's lines; a piece is (is it a bullet, its lines)."""
    votes: str | None = None
    authors: str | None = None
    pieces: list[tuple[bool, list[str]]] = []
    for line in lines:
        if _PICTURE.fullmatch(line):
            continue
        before_bullets = not (pieces and pieces[-1][0])
        bullet = _BULLET.match(line)
        if bullet is not None:
            pieces.append((True, [bullet["text"]]))
        elif before_bullets and votes is None and (vote := _VOTE.fullmatch(line)):
            votes = vote["value"].strip(" ")
        elif before_bullets and authors is None and (byline := _AUTHORS.fullmatch(line)):
            authors = byline["value"].strip(" ")
        elif pieces:
            pieces[-1][1].append(line)
        elif line.strip(" ") and not _VIDEO.match(line.strip(" ")):
            pieces.append((False, [line]))
    return votes, authors, pieces


def _sections(pieces: Sequence[tuple[bool, list[str]]]) -> list[Section]:
    """The bullets as sections, labelled as printed; "bullet 1" (its place) without a label, "text" for what is no bullet."""
    sections = []
    place = 0
    for is_bullet, lines in pieces:
        place += is_bullet
        label, text = _label(_joined(lines))
        text = _plain(text)
        if text:
            sections.append(Section(label=label or (f"bullet {place}" if is_bullet else "text"), text=text, language=language_of(text)))
    return sections


def _joined(lines: Sequence[str]) -> str:
    """The lines of a bullet as one text: a blank line and a list's mark keep their line break, any other is a space.

    >>> _joined(["one", "  two", "1. three", "", "four"])
    'one two\\n1. three\\nfour'
    """
    text = ""
    blank = False
    for line in lines:
        stripped = line.strip(" ")
        if not stripped:
            blank = True
            continue
        if text:
            text += "\n" if blank or _LIST_MARK.match(stripped) else " "
        text += stripped
        blank = False
    return text


def _label(text: str) -> tuple[str | None, str]:
    """Label and rest of a bullet.

    >>> _label("***What's New***: ReMoE"), _label("**결과:** 좋다"), _label("**GPT-4** is used"), _label("Technical Details: x")
    (("What's New", 'ReMoE'), ('결과', '좋다'), (None, '**GPT-4** is used'), ('Technical Details', 'x'))
    """
    found = _STARRED.fullmatch(text)
    if found is not None and (found["inner"] or found["outer"] or _USUAL_LABEL.fullmatch(f"{found['label']}:")):
        return clean_line(found["label"]) or None, found["text"]
    usual = _USUAL_LABEL.fullmatch(text)
    return (None, text) if usual is None else (usual["label"], usual["text"])


def _plain(text: str) -> str:
    """A value that is a Python list or dict as readable text, an item a line; any other as it is.

    >>> _plain("['one', 'two']"), _plain("{'speed': '2x', 'sizes': [1, 2]}"), _plain("[1] shows")
    ('one\\ntwo', 'speed: 2x\\nsizes: 1; 2', '[1] shows')
    """
    value = _literal(text)
    if isinstance(value, dict):
        text = "\n".join(f"{_inline(key)}: {_inline(item)}" for key, item in value.items())
    elif isinstance(value, list | tuple):
        text = "\n".join(map(_inline, value))
    return clean(text).strip(" \n")


def _inline(value: Any) -> str:
    """A value inside a list or dict, on one line."""
    if isinstance(value, dict):
        return "; ".join(f"{_inline(key)}: {_inline(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(_inline, value))
    return str(value)


def _literal(text: str) -> Any:
    """The list, tuple or dict that a text writes in Python; None if it writes none. Nothing is executed."""
    if not (text.startswith(("[", "{", "(")) and text.endswith(("]", "}", ")")) and len(text) <= _LITERAL_LIMIT):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a text makes Python's parser warn
            value = ast.literal_eval(text)
            str(value)  # a number of thousands of digits has no text
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, list | tuple | dict) else None


def _byline(text: str) -> tuple[list[str], bool]:
    """The names of an ``Authors:`` line, each once, and whether they are all.

    >>> _byline("Yingyan (Celine, Ann Ace and Bo Li, Lin), Ann Ace, +")
    (['Yingyan (Celine) Lin', 'Ann Ace', 'Bo Li'], False)
    >>> _byline("['Ann Ace', 'Martin King, Jr.']")
    (['Ann Ace', 'Martin King, Jr.'], True)
    """
    value = _literal(text)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        elements = list(value)
    else:
        if text.startswith("[") and text.endswith("]"):  # a list that lost a quote
            text = ",".join(part.strip(" '\"") for part in text[1:-1].split(","))
        elements = text.split(",")
    names: list[str] = []
    complete = True
    for name in map(clean_line, elements):
        if _CUT.fullmatch(name):
            complete = False
        elif names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]} {name}"
        elif name != "-" and is_visible(name):
            names.extend(_unglued(name))
    return list(dict.fromkeys(_rejoined(names))), complete


def _unglued(name: str) -> list[str]:
    """The names of "A and B", where both sides look like people's names and not like parts of one organisation's.

    >>> _unglued("Ann Ace and Bo Li"), _unglued("Institute of Mind and Machine Science"), _unglued("and Bo Li")
    (['Ann Ace', 'Bo Li'], ['Institute of Mind and Machine Science'], ['Bo Li'])
    """
    name = name.removeprefix("and ")
    parts = name.split(" and ")
    words = [part.split(" ") for part in parts]
    if len(parts) > 1 and all(2 <= len(side) <= 4 and _TEAM_WORDS.isdisjoint(map(str.lower, side)) for side in words):
        return parts
    return [name]


def _rejoined(names: Sequence[str]) -> list[str]:
    """Make one of the two pieces of a name that was cut at its bracket, "Yingyan (Celine" and "Lin)", if there is just one of each."""
    opening = [name for name in dict.fromkeys(names) if name.count("(") == name.count(")") + 1]
    closing = [name for name in dict.fromkeys(names) if name.count(")") == name.count("(") + 1]
    if len(opening) != 1 or len(closing) != 1:
        return list(names)
    left, right = opening[0], closing[0]
    if left.endswith("(") or right.startswith(")"):
        whole = left + right
    elif right.endswith(")"):
        whole = f"{left}) {right[:-1]}"
    else:
        whole = f"{left} {right}"
    return [whole if name == left else name for name in names if name != right]
