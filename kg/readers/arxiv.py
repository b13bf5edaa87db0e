"""The metadata snapshot of arXiv: one JSON object a line, plain or gzip.

Of each paper: id, title, abstract, names in order (``authors_parsed``), day of the first version, DOI, categories. A record's line is its
line in the file. What a paper was published in (``journal-ref``) is free text that names volumes and pages as often as venues, and is left out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import ReadError
from kg.ids import parse_arxiv_id, parse_doi
from kg.readers.arxiv_categories import CATEGORIES
from kg.readers.files import Report, read_lines
from kg.readers.text import clean, clean_line, is_visible
from kg.records import Record, Section, Signature, Subject

_MEND = "mend it, or leave such records out with --skip-invalid"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PARAGRAPH = re.compile(r"\n[ \n]+")
# Archives are a closed list, but arXiv adds classes to them: an unknown class of that shape is kept under its own notation, anything
# else in the field (MSC and ACM classes, in some copies of the snapshot) is no category.
_CATEGORY = re.compile(r"(?:astro-ph|cond-mat|cs|econ|eess|math|nlin|physics|q-bio|q-fin|stat)\.(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)*)")


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a snapshot: its first line is an object with the keys of one, or breaks off.

    >>> sniff(b'{"id": "2412.14711", "authors_parsed": []}'), sniff(b'{"DOI": "10.1000/x"}'), sniff(b'[{"id": "2412.14711"}]')
    (True, False, False)
    """
    first, _, _ = head.lstrip().partition(b"\n")
    try:
        value = json.loads(first.decode("utf-8"))
    except (ValueError, RecursionError):
        return first.startswith(b"{") and len(first.strip()) > 1
    return isinstance(value, dict) and "id" in value and ("authors_parsed" in value or {"title", "abstract", "categories"} <= value.keys())


def read(path: Path, report: Report) -> Iterator[Record]:
    """The records of a snapshot, one at a time: memory does not grow with the file.

    Args:
        path: the file.
        report: is told of records that cannot be used.

    Raises:
        ReadError: the file is no snapshot, is empty, cannot be read, or its gzip data is damaged.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "snapshot.jsonl"
    ...     _ = path.write_text('{"id": "2412.14711", "title": "ReMoE", "authors_parsed": [["Wang", "Ziteng", ""]]}')
    ...     [(record.arxiv_id, record.signatures[0].name) for record in read(path, print)]
    [('2412.14711', 'Ziteng Wang')]
    """
    first = True
    for number, line in read_lines(path, report):
        if not line.strip(" \t\r"):
            continue
        if first:
            first = False
            if not sniff(line.encode("utf-8")):
                raise ReadError(
                    "this is no record of arXiv's metadata snapshot, one JSON object a line with 'id', 'title' and 'authors_parsed'",
                    path=path,
                    line=number,
                )
        try:
            record = _record(json.loads(line), path, number)
        except ReadError as error:
            report(error)
        except json.JSONDecodeError as error:
            report(ReadError(f"broken JSON at character {error.colno} ({error.msg}); {_MEND}", path=path, line=number))
        except (ValueError, RecursionError):  # a number of thousands of digits, brackets nested by the thousand
            report(ReadError(f"JSON that no program should be asked to read; {_MEND}", path=path, line=number))
        else:
            yield record
    if first:
        raise ReadError("the file is empty; remove it, or fetch it again", path=path)


def _record(value: Any, path: Path, line: int) -> Record:
    """One object of the snapshot as a record."""

    def refuse(reason: str) -> ReadError:
        return ReadError(f"{reason}; {_MEND}", path=path, line=line)

    def text_of(key: str) -> str | None:
        found = value.get(key)
        if found is not None and not isinstance(found, str):
            raise refuse(f"{key!r} is no text but {_kind(found)}")
        return found or None

    if not isinstance(value, dict):
        raise refuse(f"a JSON object was expected, {_kind(value)} was found")
    identifier = text_of("id")
    arxiv_id = None if identifier is None else parse_arxiv_id(identifier)
    if arxiv_id is None:
        raise refuse("the record has no 'id'" if identifier is None else f"{_shorten(identifier)!r} is no arXiv id")
    title = clean_line(text_of("title") or "")
    if not title:
        raise refuse("the record has no title")
    sections = [Section(label="title", text=title, language="en")]
    abstract = _paragraphs(text_of("abstract") or "")
    if abstract:
        sections.append(Section(label="abstract", text=abstract, language="en"))
    try:
        signatures = _signatures(value.get("authors_parsed"), text_of("authors"))
        issued = _issued(value.get("versions"))
        subjects = _subjects(value.get("categories"))
    except _MalformedError as error:
        raise refuse(str(error)) from error
    doi = text_of("doi")
    return Record(
        line=line,
        title=title,
        arxiv_id=arxiv_id,
        doi=parse_doi(clean(doi).strip(" \n").partition(" ")[0]) if doi else None,  # journals' corrections follow, after a space
        issued=issued,
        language="en",
        byline_complete=bool(signatures),
        signatures=signatures,
        sections=tuple(sections),
        subjects=subjects,
    )


class _MalformedError(Exception):
    """A field is not what the snapshot has there."""


def _kind(value: object) -> str:
    """What JSON calls a value."""
    kinds = {type(None): "null", bool: "a boolean", str: "a text", list: "an array", dict: "an object"}
    return kinds.get(type(value), "a number")


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


def _paragraphs(text: str) -> str:
    """An abstract without its line breaks: a paragraph begins after a blank line or with two spaces, and is one line here."""
    text = clean(text).strip(" \n")
    if "\n " in text or "\n\n" in text:
        return "\n".join(paragraph.replace("\n", " ") for paragraph in _PARAGRAPH.split(text))
    return text.replace("\n", " ")


def _issued(versions: Any) -> str | None:
    """The day of the first version; None where the record lists none."""
    if not versions:
        return None
    created = versions[0].get("created") if isinstance(versions, list) and isinstance(versions[0], dict) else None
    if not isinstance(created, str):
        raise _MalformedError("'versions' does not begin with an object that has 'created'")
    from email.utils import parsedate_to_datetime  # 20 ms that only the older form of the snapshot needs

    try:
        day = date.fromisoformat(created) if _DAY.fullmatch(created) else parsedate_to_datetime(created).date()
    except (ValueError, TypeError, OverflowError) as error:
        raise _MalformedError(f"{_shorten(created)!r} is no date of a version") from error
    return day.isoformat()


def _subjects(categories: Any) -> tuple[Subject, ...]:
    """arXiv's categories as concepts of their own scheme, in the order given, each once."""
    if isinstance(categories, list) and all(isinstance(item, str) for item in categories):
        categories = " ".join(categories)
    if categories is None:
        return ()
    if not isinstance(categories, str):
        raise _MalformedError(f"'categories' is no text but {_kind(categories)}")
    notations = dict.fromkeys(clean_line(categories).split(" "))
    return tuple(
        Subject(scheme="arxiv", notation=notation, label=CATEGORIES.get(notation, notation))
        for notation in notations
        if notation in CATEGORIES or _CATEGORY.fullmatch(notation) is not None
    )


def _signatures(parsed: Any, authors: str | None) -> tuple[Signature, ...]:
    """The byline in its order. Without ``authors_parsed``, which some copies of the snapshot lack, the names of ``authors``."""
    if parsed is None:
        names = re.split(r",|\band\b", re.sub(r"\([^()]*\)", "", authors or ""))
        return tuple(Signature(name=name) for name in map(_name, names) if is_visible(name))
    if not isinstance(parsed, list):
        raise _MalformedError(f"'authors_parsed' is no array but {_kind(parsed)}")
    signatures = []
    for position, parts in enumerate(parsed):
        if not isinstance(parts, list) or not all(part is None or isinstance(part, str) for part in parts):
            raise _MalformedError(f"author {position + 1} is no array of texts")
        family, given, suffix, *affiliations = [part or "" for part in (*parts, "", "", "")]
        # "NVIDIA: Ann Ace, Bo Li": arXiv's own parser leaves the colon after a team as a name of its own.
        if (family, given) == (":", "") and 0 < position < len(parsed) - 1:
            continue
        name = _name(f"{given} {family} {suffix}")
        if is_visible(name):
            affiliation = "; ".join(filter(None, (clean_line(decode_latex(part)) for part in affiliations)))
            signatures.append(Signature(name=name, affiliation=affiliation or None))
    return tuple(signatures)


def _name(text: str) -> str:
    return clean_line(decode_latex(text))


_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "r": "\u030a", "c": "\u0327", "k": "\u0328", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ",
    "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip
_ACCENT = re.compile(r"""\\(?:(['"`^~=.])\s*|([uvHrckdb])(?:\s+|(?=\{)))(?:\{\s*(\\[ij]|[^\W\d_])\s*\}|(\\[ij](?![A-Za-z])|[^\W\d_]))""")
_LETTER = re.compile(rf"\\({'|'.join(sorted(_LETTERS, key=lambda letter: (-len(letter), letter)))})(?:\{{\}}|[ ]+(?=[^\W\d_])|(?![A-Za-z]))")
_LOST = re.compile(r"\\(?=[^\x00-\x7f]|[&%#$_-])")


def decode_latex(name: str) -> str:
    """Turn LaTeX's accents and letters in a name into Unicode; a command that is not known stays as it is.

    >>> decode_latex("Erd\\\\H{o}s"), decode_latex('G{\\\\"o}del'), decode_latex("\\\\L{}ukasz")
    ('Erdős', 'Gödel', 'Łukasz')
    >>> decode_latex("Eric~Granger"), decode_latex("a\\\\slash")
    ('Eric Granger', 'a\\\\slash')
    """
    if not any(mark in name for mark in "\\{}~"):
        return name

    def accent(found: re.Match[str]) -> str:
        letter = (found[3] or found[4]).replace("\\", "")
        return unicodedata.normalize("NFC", letter + _ACCENTS[found[1] or found[2]])

    decoded = _LETTER.sub(lambda found: _LETTERS[found[1]], _ACCENT.sub(accent, name))
    return _LOST.sub("", decoded).replace("~", " ").replace("{", "").replace("}", "")
