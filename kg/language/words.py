"""The word lists beside this file, and the dictionary of the seeds, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def word_list(name: str) -> frozenset[str]:
    """The words of ``NAME.txt``: separated by white space, lines that begin with # left out.

    >>> "of" in word_list("english_stop"), "transformer" in word_list("english_stop")
    (True, False)
    """
    return frozenset(word for line in word_lines(name) for word in line)


@cache
def dictionary() -> str:
    """The text of ``seeds/concepts/words.csv``, the words of which Korean terms are made, with the English ones for them.

    >>> dictionary().partition("\\n")[0]
    'korean,modifier,head'
    """
    return (files("kg") / "seeds" / "concepts" / "words.csv").read_text(encoding="utf-8")


@cache
def word_lines(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of ``NAME.txt``, each as its words; empty lines and those that begin with # left out.

    >>> word_lines("names")[0][0]
    'Bayesian'
    """
    text = (files(__package__) / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(tuple(line.split()) for line in text.splitlines() if line and not line.startswith("#"))
