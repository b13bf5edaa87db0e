"""Abbreviations that no gloss explains: the one long form with these initials, where papers use both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kg.language.forms import HANGUL
from kg.resolve.concept_kinds import kind_of
from kg.resolve.concept_votes import Expansion, Pair


class Fit(NamedTuple):
    """A long form that has an abbreviation for initials, the papers that use both, and whether another paper coins the abbreviation."""

    short: str
    long: str
    papers: tuple[str, ...]
    coined: bool


def expansions(fits: Iterable[Fit], pairs: Iterable[Pair], names: Mapping[str, str]) -> list[Expansion]:
    """The long form of each abbreviation, where there is one.

    Initials alone prove nothing, for among many phrases some have them by chance. So a long form counts only where a paper uses it beside the
    abbreviation, or where a Korean term is glossed with either; and a paper with two such long forms has none. It holds everywhere if no other
    phrase of the corpus has these initials, and no other paper coins the abbreviation as a name of its own; else in those papers alone. The name
    of a data set (MATH) abbreviates nothing but a data set.

    Args:
        fits: all long forms of all abbreviations that no gloss explains.
        pairs: each paper's glosses.
        names: a surface of each key.

    >>> names = {"LLM": "LLMs", "largelanguagemodel": "large language models"}
    >>> expansions([Fit("LLM", "largelanguagemodel", ("p1", "p2"), False)], [], names)
    [Expansion(short='LLM', long='largelanguagemodel', papers=('p1', 'p2'), only=True)]
    >>> expansions([Fit("LLM", "largelanguagemodel", (), False)], [], names)
    []
    """
    glossed: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for pair in pairs:
        if HANGUL.search(pair.child):
            glossed[pair.child][pair.parent].add(pair.paper_id)
    by_gloss: dict[tuple[str, str], set[str]] = defaultdict(set)
    for parents in glossed.values():
        if len(parents) > 1:
            for short in parents:
                for long in parents:
                    by_gloss[short, long] |= parents[short]
    by_short: dict[str, list[Fit]] = defaultdict(list)
    for fit in fits:
        by_short[fit.short].append(fit)
    result: list[Expansion] = []
    for short, group in sorted(by_short.items()):
        is_dataset = kind_of(names.get(short, short), None) == "Dataset"
        used = {
            fit.long: papers
            for fit in sorted(group)
            if (papers := set(fit.papers) | by_gloss.get((short, fit.long), set()))
            and (not is_dataset or kind_of(names.get(fit.long, fit.long), None) == "Dataset")
        }
        for long, papers in used.items():
            clear = papers.difference(*(others for other, others in used.items() if other != long))
            if clear:
                only = len(group) == 1 and not group[0].coined
                result.append(Expansion(short, long, tuple(sorted(clear)), only=only))
    return result
