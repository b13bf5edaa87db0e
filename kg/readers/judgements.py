"""What people say of concepts (later of authors and papers): a CSV file that is made to be edited in a spreadsheet.

A row is one judgement, on labels as people write them and not on ids, because ids change when labels or rules do. The columns, in any order:

=========  =================================================================================================================
kind       concept, author or paper
left       a label, in any of its spellings and languages
right      same, different: the other label; renamed: the new label, English or, where it has Hangul, Korean; hidden: empty
verdict    same, different, hidden or renamed
reason     why, in any words, or empty
=========  =================================================================================================================

A file that kg writes has no two rows on the same question, its rows are sorted, a byte order mark tells spreadsheets that it is UTF-8 (without,
Korean comes back spoilt), and a cell that a spreadsheet would run as a formula begins with an apostrophe, which is taken off when it is read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from kg.engine import Engine
from kg.errors import ReadError
from kg.language.forms import fold
from kg.output import JUDGEMENTS
from kg.readers.files import read_lines
from kg.readers.text import clean_line, has_hangul, is_visible

KINDS = ("concept", "author", "paper")
VERDICTS = ("same", "different", "hidden", "renamed")
PAIRS = ("same", "different")
"""The verdicts on two labels; their order does not matter."""
_COLUMNS = ("kind", "left", "right", "verdict", "reason")
# Cells that spreadsheets run (https://owasp.org/www-community/attacks/CSV_Injection), and cells that look like one that was guarded.
_FORMULA = re.compile(r"'*[=+\-@]")
_GUARDED = re.compile(r"'+[=+\-@]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a person said of one label or of two; ``right`` is the new label where one is renamed, and None where one is hidden."""

    kind: str = "concept"
    left: str
    right: str | None = None
    verdict: str
    reason: str | None = None

    @property
    def question(self) -> tuple[str, ...]:
        """What is being judged: of judgements with one question, one alone can hold.

        >>> same = Judgement(left="LLMs", right="대규모 언어 모델", verdict="same")
        >>> same.question == Judgement(left="대규모 언어모델", right="LLM", verdict="different").question
        True
        """
        keys = [label_key(self.kind, label) for label in (self.left, self.right) if label is not None]
        if self.verdict in PAIRS:
            return (self.kind, "pair", *sorted(keys))
        return (self.kind, self.verdict, keys[0], "ko" if self.right is not None and has_hangul(self.right) else "")

    def __str__(self) -> str:
        """The judgement in words.

        >>> print(Judgement(left="MoE", verdict="hidden"), Judgement(left="MoE", right="mixture of experts", verdict="renamed"), sep=" · ")
        hidden 'MoE' · renamed 'MoE' to 'mixture of experts'
        >>> print(Judgement(kind="author", left="Bo Li", right="B. Li", verdict="same"))
        same author 'Bo Li' and 'B. Li'
        """
        head = self.verdict if self.kind == "concept" else f"{self.verdict} {self.kind}"
        joint = "to" if self.verdict == "renamed" else "and"
        return f"{head} {self.left!r}" if self.right is None else f"{head} {self.left!r} {joint} {self.right!r}"


def label_key(kind: str, label: str) -> str:
    """The form under which two spellings are one label; empty where nothing is left of a concept's.

    >>> label_key("concept", "Mixture-of-Experts") == label_key("concept", "mixture of experts"), label_key("author", "Bo Li")
    (True, 'bo li')
    """
    return fold(label) if kind == "concept" else label.casefold()


def fault(judgement: Judgement) -> str | None:
    """What is wrong with a judgement and what would do; None if nothing is.

    >>> fault(Judgement(left="LLM", right="LLMs", verdict="different"))
    "'LLM' and 'LLMs' are two spellings of one label; name two labels"
    >>> fault(Judgement(left="LLM", right="MLLM", verdict="different")) is None
    True
    """
    kind, left, right, verdict = judgement.kind, judgement.left, judgement.right, judgement.verdict
    if kind not in KINDS:
        return f"unknown kind {kind!r}; known: {', '.join(KINDS)}"
    if verdict not in VERDICTS:
        return f"unknown verdict {verdict!r}; known: {', '.join(VERDICTS)}"
    if kind != "concept" and verdict not in PAIRS:
        return f"{verdict} is said of concepts alone, not of {kind}s; known for them: {', '.join(PAIRS)}"
    if not left:
        return "left is empty; write the label that is judged"
    if verdict == "hidden" and right is not None:
        return f"hidden is said of one label, and right is {right!r}; empty it, or give each label a row"
    if verdict != "hidden" and right is None:
        return f"right is empty; write {'the new label' if verdict == 'renamed' else 'the other label'}"
    for label in (left, right):
        if label is not None and not (label_key(kind, label) and is_visible(label)):
            return f"the label {label!r} has no letter or digit; write what the {kind} is called"
    if verdict in PAIRS and right is not None and label_key(kind, left) == label_key(kind, right):
        spelled = "is" if left == right else f"and {right!r} are two spellings of"
        return f"{left!r} {spelled} one label; name two labels"
    return None


def read_judgements(path: Path) -> list[Judgement]:
    """The judgements of a file, sorted, each question once.

    Raises:
        ReadError: the file cannot be read, has not the columns, or a row is at fault or contradicts another.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "judgements.csv"
    ...     _ = path.write_text("kind,left,right,verdict,reason\\nconcept,LLMs,,hidden,in every paper\\nconcept,MLLM,LLM,different,\\n")
    ...     for judgement in read_judgements(path):
    ...         print(judgement, judgement.reason)
    different 'LLM' and 'MLLM' None
    hidden 'LLMs' in every paper
    """
    lines: dict[tuple[str, ...], tuple[int, Judgement]] = {}
    for line, judgement in _rows(path):
        if (reason := fault(judgement)) is not None:
            raise ReadError(reason, path=path, line=line)
        known_line, known = lines.setdefault(judgement.question, (line, judgement))
        if not _agree(known, judgement):
            raise ReadError(f"{judgement} contradicts line {known_line}, {known}; keep one of the two", path=path, line=line)
        # Of two that say the same, the one with a reason; which stands first must not matter.
        lines[judgement.question] = (known_line, min(known, judgement, key=lambda one: (one.reason is None, one.reason or "", *_place(one))))
    return joined(judgement for _, judgement in lines.values())


def kept_judgements(folder: Path) -> list[Judgement]:
    """The judgements in a graph's folder; none where it keeps no file of them.

    Raises:
        ReadError: the file is not as `read_judgements` needs it.

    >>> kept_judgements(Path("no-such-folder"))
    []
    """
    path = folder / JUDGEMENTS
    return read_judgements(path) if path.exists() or path.is_symlink() else []


def write_judgements(path: Path, judgements: Iterable[Judgement]) -> None:
    """Write judgements as `read_judgements` reads them.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "judgements.csv"
    ...     write_judgements(path, [Judgement(left="=1+1", verdict="hidden")])
    ...     path.read_text(encoding="utf-8-sig"), read_judgements(path)[0].left
    ("kind,left,right,verdict,reason\\nconcept,'=1+1,,hidden,\\n", '=1+1')
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for judgement in joined(judgements):
            cells = (judgement.kind, judgement.left, judgement.right, judgement.verdict, judgement.reason)
            writer.writerow([_guarded(cell or "") for cell in cells])


def joined(*judgements: Iterable[Judgement]) -> list[Judgement]:
    """Judgements in order, each question once: what comes later wins over what it contradicts.

    >>> print(*joined([Judgement(left="B", right="A", verdict="same")], [Judgement(left="A", right="B", verdict="different")]))
    different 'A' and 'B'
    """
    last = {one.question: one for some in judgements for one in map(_in_order, some)}
    return sorted(last.values(), key=_place)


def load_judgements(engine: Engine, judgements: Iterable[Judgement]) -> None:
    """Make the temporary table ``said``: kind, left_label, right_label, verdict, reason. What is unknown is null.

    >>> with Engine() as engine:
    ...     load_judgements(engine, [Judgement(left="MoE", verdict="hidden")])
    ...     engine.rows("select * from said")
    [('concept', 'MoE', None, 'hidden', None)]
    """
    columns = ("kind", "left_label", "right_label", "verdict", "reason")
    engine.run(f"create temp table said ({', '.join(f'{column} varchar' for column in columns)})")
    engine.insert("said", columns, ((one.kind, one.left, one.right, one.verdict, one.reason) for one in joined(judgements)))


def _in_order(judgement: Judgement) -> Judgement:
    """A pair with the lesser label on the left; all else as it is."""
    if judgement.verdict in PAIRS and judgement.right is not None and judgement.right < judgement.left:
        return replace(judgement, left=judgement.right, right=judgement.left)
    return judgement


def _place(judgement: Judgement) -> tuple[str, ...]:
    return (judgement.kind, judgement.left, judgement.right or "", judgement.verdict)


def _agree(one: Judgement, other: Judgement) -> bool:
    """Whether two judgements on one question say the same. Two spellings are two names, and a concept has one in a language."""
    return one.verdict == other.verdict and (one.verdict != "renamed" or one.right == other.right)


def _rows(path: Path) -> Iterator[tuple[int, Judgement]]:
    """Each row that is not empty, with the line on which it begins."""
    reader = csv.reader((f"{clean_line(line)}\n" for _, line in read_lines(path, _refuse, strict=True)), strict=True)
    line = 1
    try:
        places = _places(next(reader, []), path)
        line = reader.line_num + 1
        for row in reader:
            if cells := _cells(row):
                if len(cells) > len(_COLUMNS):
                    reason = f"{len(cells)} fields under {len(_COLUMNS)} columns; put a field with a comma in it between double quotes"
                    raise ReadError(reason, path=path, line=line)
                cells += [""] * (len(_COLUMNS) - len(cells))
                kind, left, right, verdict, reason = (cells[place] for place in places)
                yield line, Judgement(kind=kind.casefold(), left=left, right=right or None, verdict=verdict.casefold(), reason=reason or None)
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReadError(f"no CSV: {error}; mend the double quotes", path=path, line=line) from error


def _places(header: list[str], path: Path) -> list[int]:
    """Where each of the columns stands. Others are refused, for they would be lost when the file is written again."""
    names = [cell.casefold() for cell in _cells(header)]
    wanted = f"the first line names the columns, with commas between them: {','.join(_COLUMNS)}"
    for name in names:
        if name not in _COLUMNS:
            raise ReadError(f"unknown column {name!r}; {wanted}", path=path, line=1)
    for name in _COLUMNS:
        if names.count(name) != 1:
            raise ReadError(f"{'no column' if name not in names else 'more than one column'} {name!r}; {wanted}", path=path, line=1)
    return [names.index(name) for name in _COLUMNS]


def _cells(row: list[str]) -> list[str]:
    """The cells of a row, without the empty ones at its end that spreadsheets leave."""
    cells = [_unguarded(clean_line(cell)) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _refuse(error: ReadError) -> NoReturn:
    # Judgements are read all or not at all, so no line can be left out.
    raise ReadError(error.reason.partition(", or leave ")[0], path=error.path, line=error.line) from error


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
