"""The word lists beside this file."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def word_lines(name: str) -> Iterator[list[str]]:
    """The lines of ``concept_NAME.txt``, split; lines that begin with # left out.

    >>> next(word_lines("names"))[0]
    'Bayesian'
    """
    for line in (files("kg.resolve") / f"concept_{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split()
