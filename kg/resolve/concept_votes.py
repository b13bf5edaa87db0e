"""Votes: every gloss and acronym is one paper's word that one key stands for another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kg.language.forms import HANGUL, JOINERS, singular

_INITIALS = 0.7
"""How sure it is that a long form is meant by its initials, if no other has them: less than a gloss, which says so."""


class Pair(NamedTuple):
    """One paper's word that the key ``child`` stands for ``parent``: an abbreviation for its long form, a Korean term for its English one."""

    paper_id: str
    child: str
    parent: str
    relation: str


class Expansion(NamedTuple):
    """The long form of an abbreviation by its initials, the papers in which it holds, and whether it holds in all others too."""

    short: str
    long: str
    papers: tuple[str, ...]
    only: bool


class Roots(NamedTuple):
    """What the votes add up to: each key's root in all papers, and in one paper where that differs; and how each pair fared."""

    everywhere: dict[str, str]
    in_paper: dict[tuple[str, str], str]
    verdicts: list[tuple[str, str, str, str, float, str]]  # child, parent, relation, verdict, score, reason


def alike(left: str, right: str) -> bool:
    """Whether two long forms are variants of one: the same last word, and at least half of the words in common.

    >>> alike("Large Language Models", "Long Language Model"), alike("super resolution", "symbolic regression")
    (True, False)
    """
    first, second = ([singular(word) for word in JOINERS.split(form.casefold()) if word] for form in (left, right))
    return bool(first) and bool(second) and first[-1] == second[-1] and 2 * len(set(first) & set(second)) >= max(len(first), len(second))


def _says_as_much(korean: str, glosses: list[str]) -> bool:
    """Whether a Korean term has as many words, of two or more, as one of its glosses has words or capitals."""
    words = len(JOINERS.split(korean))
    return words > 1 and any(words == (sum(map(str.isupper, gloss)) if gloss.isalpha() else len(JOINERS.split(gloss))) for gloss in glosses)


def vote(pairs: Iterable[Pair], names: dict[str, str], initials: Iterable[Expansion] = (), known: Mapping[str, str] | None = None) -> Roots:
    """Let papers vote on what stands for what.

    An abbreviation goes to the long form of most papers, everywhere if that has three times the votes of all quite different ones, else only in
    papers that say so themselves. A variant of the winner ("Long Language Models" for LLM) with at most a third of its votes gives way to it. A
    Korean term goes the same way, over the roots of what it is glossed with; by the word of a single paper everywhere only if it has two words or
    more and as many as its gloss.

    Args:
        pairs: each paper's pairs, each once.
        names: a surface of each key.
        initials: long forms of abbreviations that no gloss explains (see `kg.resolve.concept_initials`); they say less than a gloss.
        known: the roots of keys that a vocabulary has. They hold everywhere but in a paper that says otherwise itself.

    >>> pairs = [Pair(f"p{n}", "LLM", "largelanguagemodel", "abbreviation") for n in range(3)]
    >>> pairs.append(Pair("p9", "LLM", "longlanguagemodel", "abbreviation"))
    >>> names = {"LLM": "LLM", "largelanguagemodel": "large language models", "longlanguagemodel": "Long Language Models"}
    >>> roots = vote(pairs, names)
    >>> roots.everywhere["LLM"], roots.in_paper[("p9", "longlanguagemodel")]
    ('largelanguagemodel', 'largelanguagemodel')
    """
    votes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for pair in pairs:
        votes[pair.child, pair.parent, pair.relation].add(pair.paper_id)
    known = {} if known is None else known
    everywhere = {key: root for key, root in known.items() if key != root}
    in_paper: dict[tuple[str, str], str] = {}
    verdicts: list[tuple[str, str, str, str, float, str]] = []

    def root(key: str) -> str:
        seen = [key]
        while (parent := everywhere.get(seen[-1])) is not None:
            if parent in seen:
                return min(seen[seen.index(parent) :])
            seen.append(parent)
        return seen[-1]

    # English abbreviations first: Korean terms are counted over the roots that these give.
    for korean in (False, True):
        choices: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        relations: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for (child, parent, relation), papers in votes.items():
            if (HANGUL.search(child) is not None) == korean and child != parent:
                if korean:
                    for paper in papers:
                        choices[child][in_paper.get((paper, parent), root(parent))].add(paper)
                        relations[child, in_paper.get((paper, parent), root(parent))].add((parent, relation))
                else:
                    choices[child][parent] |= papers
                    relations[child, parent].add((parent, relation))
        for child in sorted(choices):
            ranked = sorted(choices[child].items(), key=lambda item: (-len(item[1]), item[0]))
            if child in known:
                own = root(child)
                for form, papers in ranked:
                    relation = min(relation for _, relation in relations[child, form])
                    count = f"gloss in {len(papers)} paper{'s' if len(papers) > 1 else ''}"
                    said, has = names.get(form, form), names.get(own, own)
                    if root(form) == own:
                        verdicts.append((child, form, relation, "same", 1.0, f"{count}, and the vocabulary"))
                    elif form in known and korean:
                        # Two terms of the vocabulary: the gloss explains a longer term, of which this is the end.
                        verdicts.append((child, form, relation, "different", 0.5, f"{count}; but the vocabulary has {has}"))
                    elif form not in known and alike(said, has) and len(JOINERS.split(said)) <= len(JOINERS.split(has)):
                        # Another way to say what the vocabulary has, or a slip; in these papers it is meant.
                        in_paper.update({(paper, form): own for paper in papers})
                        verdicts.append((child, form, relation, "unsure", 0.5, f"{count}; the vocabulary has {has}"))
                    elif korean and len(JOINERS.split(said)) > len(JOINERS.split(names.get(child, child))):
                        verdicts.append((child, form, relation, "different", 0.5, f"{count}, of which it says less; the vocabulary has {has}"))
                    else:
                        for paper in sorted(papers):
                            in_paper.setdefault((paper, child), form)
                        verdicts.append((child, form, relation, "unsure", 0.5, f"{count}; elsewhere the vocabulary's {has}"))
                continue
            best, supporters = ranked[0]
            if root(best) == child:
                continue
            variants = {
                form for form, papers in ranked[1:] if len(papers) * 3 <= len(supporters) and alike(names.get(form, form), names.get(best, best))
            }
            rivals = set().union(*(papers for form, papers in ranked[1:] if form not in variants))
            general = len(supporters) >= 3 * len(rivals) and (
                not korean
                or len(supporters) > 1
                or _says_as_much(names.get(child, child), [names.get(parent, parent) for parent, _ in sorted(relations[child, best])])
            )
            if general:
                everywhere[child] = best
            for form, papers in ranked:
                share = len(papers) / len(set().union(*(p for _, p in ranked)))
                relation = min(relation for _, relation in relations[child, form])
                count = f"{len(papers)} paper{'s' if len(papers) > 1 else ''}"
                if form in variants:
                    in_paper.update({(paper, form): best for paper in papers})
                    verdicts.append((child, form, relation, "different", share, f"{count} against {len(supporters)} for {names.get(best, best)}"))
                    continue
                verdicts.append((child, form, relation, "same" if general and form == best else "unsure", share, f"gloss in {count}"))
                if not (general and form == best):
                    for paper in sorted(papers):
                        in_paper.setdefault((paper, child), form)
        # Korean terms must find what initials join, too: one glossed with LLM here and with large language model there has one meaning.
        for short, long, holds_in, only in () if korean else initials:
            if short in everywhere or root(long) == short:
                continue
            claim = f"{names.get(short, short)} has the initials of {' '.join(names.get(long, long).split())}"
            count = f"{len(holds_in)} papers use both" if len(holds_in) > 1 else "1 paper uses both"
            if only:
                everywhere[short] = long
                verdicts.append((short, long, "initials", "same", _INITIALS, f"{claim}, which no other concept here has; {count}"))
            else:
                in_paper.update({(paper, short): long for paper in holds_in})
                verdicts.append((short, long, "initials", "unsure", _INITIALS / 2, f"{claim}, but not everywhere; {count}"))
    # A chain (Korean to abbreviation to long form) ends at its last link.
    flat = {key: root(key) for key in everywhere}
    return Roots({key: end for key, end in flat.items() if key != end}, {place: flat.get(key, key) for place, key in in_paper.items()}, verdicts)
