"""What people say of concepts: it outranks every rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.language.forms import HANGUL, fold
from kg.resolve.concept_votes import Roots


class Saying(NamedTuple):
    """One judgement of a person on concepts, by their labels."""

    left: str
    right: str
    verdict: str
    reason: str


class Obeyed(NamedTuple):
    """The roots that are hidden, the labels (English, Korean) that people gave to roots, and the keys that they cut off from others."""

    hidden: frozenset[str]
    renamed: dict[str, tuple[str | None, str | None]]
    apart: frozenset[str]


def obey(said: Iterable[Saying], roots: Roots) -> Obeyed:
    """Change the roots of keys as people say: first what is one, then what is not; a key that is cut off has no other root in any paper.

    >>> roots = Roots({"moe": "mixtureofexpert"}, {}, [])
    >>> obey([Saying("MoE layer", "mixture of experts", "same", ""), Saying("moe", "mixture of experts", "different", "")], roots)
    Obeyed(hidden=frozenset(), renamed={}, apart=frozenset({'moe'}))
    >>> roots.everywhere
    {'moelayer': 'mixtureofexpert'}
    """
    everywhere, in_paper = roots.everywhere, roots.in_paper

    def root(key: str) -> str:
        return everywhere.get(key, key)

    said = sorted(said)
    for left, right, verdict, reason in said:
        if verdict != "same":
            continue
        ends = sorted({root(fold(left)), root(fold(right))}, key=lambda key: (HANGUL.search(key) is not None, key != fold(right), key))
        if len(ends) == 2:
            winner, loser = ends
            everywhere.update({key: winner for key, end in everywhere.items() if end == loser})
            in_paper.update({place: winner for place, end in in_paper.items() if end == loser})
            everywhere[loser] = winner
            roots.verdicts.append((loser, winner, "said", "same", 1.0, reason or "a person says so"))
    apart: set[str] = set()
    for left, right, verdict, _ in said:
        if verdict != "different" or root(fold(left)) != root(fold(right)):
            continue
        # The one that gave its name to both stays.
        off = fold(left) if fold(right) == root(fold(right)) else fold(right)
        everywhere.pop(off, None)
        apart.add(off)
        for place in [place for place in in_paper if place[1] == off]:
            del in_paper[place]
        roots.verdicts[:] = [row for row in roots.verdicts if row[0] != off]
    renamed: dict[str, tuple[str | None, str | None]] = {}
    for left, right, verdict, _ in said:
        if verdict == "renamed":
            if fold(right) != root(fold(left)):
                everywhere.setdefault(fold(right), root(fold(left)))
            english, korean = renamed.get(root(fold(left)), (None, None))
            renamed[root(fold(left))] = (english, right) if HANGUL.search(right) else (right, korean)
    return Obeyed(frozenset(root(fold(left)) for left, _, verdict, _ in said if verdict == "hidden"), renamed, frozenset(apart))
