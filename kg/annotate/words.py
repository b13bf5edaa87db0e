"""The word lists beside this file, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def word_list(name: str) -> frozenset[str]:
    """The words of a list: separated by white space, lines that begin with # left out.

    >>> "of" in word_list("english_stop.txt"), "transformer" in word_list("english_stop.txt")
    (True, False)
    """
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
