"""Sentences with the pairs that must be found in them: `tests/golden/NAME.tsv`, one a line: about what, the sentence, and a column for each pair."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

Pair = tuple[str, str]


class Sentence(NamedTuple):
    """A sentence, what it is about, and the pairs that it must give."""

    about: str
    text: str
    pairs: frozenset[Pair]


def sentences(name: str) -> list[Sentence]:
    """All sentences of a file. ``\\n`` in it stands for a line break, two backslashes for one."""
    lines = (Path(__file__).parent / "golden" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Sentence(about, _unescaped(text), frozenset(_pair(_unescaped(pair)) for pair in pairs)) for about, text, *pairs in rows]


def _unescaped(text: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in text.split("\\\\"))


def _pair(text: str) -> Pair:
    left, _, right = text.partition("=")
    return left, right
