"""What the vocabularies know: which keys are terms of their concepts, and which of several concepts a paper means."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from kg.engine import Engine
from kg.language.forms import HANGUL, JOINERS, fold, words_of

_SHORT = 2
"""An abbreviation of so few letters has too many meanings to say by itself what it stands for."""


class Entry(NamedTuple):
    """A concept of a vocabulary: its number there, its root (the key of its label), its terms (language, term, role), kind, whether it is of
    a vocabulary of the user's, what is broader, and
    all that is above it but for the top.
    """

    number: int
    root: str
    label: str
    terms: tuple[tuple[str, str, str], ...]
    kind: str | None
    own: bool
    broader: tuple[int, ...]
    above: frozenset[int]

    def first(self, language: str, *, short: bool = False) -> str | None:
        """The first term of a language that is, or is not, an abbreviation."""
        return next((term for own, term, role in self.terms if own == language and (role == "abbreviation") == short), None)


class Vocabulary(NamedTuple):
    """Entries by root; the roots that each key may mean, best first, with the part that it plays there; all words of terms; and the kind that most
    terms have that end with a word.
    """

    entries: dict[str, Entry]
    meanings: dict[str, tuple[tuple[str, str], ...]]
    parts: frozenset[str]
    kinds: dict[str, str]


def load_terms(engine: Engine) -> Vocabulary:
    """Read the temporary tables ``vocabulary_*`` and make concept_terms (key, root, role), concept_known (root, kind, own), concept_tails and
    concept_firsts (word, terms: how many terms of vocabularies end, or begin, with the word).
    """
    rows = engine.rows("select number, language, term, role from vocabulary_terms order by number, role <> 'preferred', rowid")
    terms: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for number, language, term, role in rows:
        terms[number].append((language, term, role))
    above: dict[int, tuple[int, ...]] = {
        number: tuple(broader)
        for number, broader in engine.rows("select number, list(broader order by broader) from vocabulary_broader group by number")
    }
    entries: dict[str, Entry] = {}
    meanings: dict[str, dict[str, str]] = defaultdict(dict)
    for number, label, kind, own_scheme in engine.rows(
        "select number, label, kind, scheme <> 'scheme/paperkg' from vocabulary_concepts order by number"
    ):
        root = fold(label)
        if root in entries or not root:
            continue
        own = terms[number]
        entries[root] = Entry(number, root, label, tuple(own), kind, own_scheme, above.get(number, ()), _above(number, above))
        for _, term, role in own:
            key = fold(term)
            if key:
                meanings[key].setdefault(root, role)
    for table, columns in (
        ("concept_terms", "key varchar, root varchar, role varchar"),
        ("concept_known", "root varchar, kind varchar, own boolean"),
        ("concept_tails", "word varchar, terms integer"),
        ("concept_firsts", "word varchar, terms integer"),
    ):
        engine.run(f"create temp table {table} ({columns})")
    engine.insert(
        "concept_terms", ("key", "root", "role"), ((key, root, role) for key, roots in sorted(meanings.items()) for root, role in roots.items())
    )
    engine.insert("concept_known", ("root", "kind", "own"), ((entry.root, entry.kind, entry.own) for entry in entries.values()))
    tails, firsts = Counter[str](), Counter[str]()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    of = {entry.number: entry.kind for entry in entries.values()}
    for number, own in terms.items():
        for _, term, _ in own:
            words = words_of(term)
            if len(words) > 1:
                tails[words[-1]] += 1
                firsts[words[0]] += 1
                if kind := of.get(number):
                    kinds[words[-1]][kind] += 1
    engine.insert("concept_tails", ("word", "terms"), sorted(tails.items()))
    engine.insert("concept_firsts", ("word", "terms"), sorted(firsts.items()))
    return Vocabulary(
        entries,
        {key: tuple(sorted(roots.items(), key=lambda item: (item[1] != "preferred", entries[item[0]].number))) for key, roots in meanings.items()},
        frozenset(word for own in terms.values() for _, term, role in own if role != "abbreviation" for word in words_of(term)),
        {
            word: kind
            for word, counter in kinds.items()
            for kind, count in counter.most_common(1)
            if 2 * count > counter.total() and counter.total() > 2
        },
    )


def meant(engine: Engine, vocabulary: Vocabulary) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Roots of keys that candidates have, where a vocabulary says what they mean: everywhere, and in one paper.

    A term with one meaning has it everywhere, but for abbreviations of two letters. A term with several, or so short a one, means in a paper what
    another term of the same paper says; a short form that stands among results only, a metric; else the concept nearest to the paper's others, by
    what is above them. Where nothing tells, a term written in full has its first meaning, and an abbreviation none: it stays a concept of its own,
    and ambiguous.
    """
    known: dict[str, str] = {root: root for root in vocabulary.entries}
    open_keys: dict[str, tuple[tuple[str, str], ...]] = {}
    for key, roots in vocabulary.meanings.items():
        short = all(role == "abbreviation" for _, role in roots)
        if (len(roots) == 1 and not (short and len(key) <= _SHORT)) or roots[0][0] == key:
            known[key] = roots[0][0]
        else:
            open_keys[key] = roots
            if not short:
                known[key] = roots[0][0]
    engine.run("create temp table concept_open (key varchar)")
    engine.insert("concept_open", ("key",), ((key,) for key in sorted(open_keys)))
    rows = engine.rows(
        """
        with uses as (
            select s.paper_id, k.key, bool_and(s.results) as results
            from candidates c join concept_keys k using (surface) join concept_sections s using (section_id) join concept_terms using (key)
            group by s.paper_id, k.key
        )
        select paper_id, list(key order by key), list(key order by key) filter (results) from uses
        where paper_id in (select paper_id from uses where key in (select key from concept_open))
        group by paper_id order by paper_id
        """
    )
    engine.run("drop table concept_open")
    entries = vocabulary.entries
    chosen: dict[tuple[str, str], str] = {}
    for paper, keys, only_results in rows:
        sure = {known[key] for key in keys if key in known and key not in open_keys}
        near = Counter(number for root in sorted(sure) for number in (entries[root].number, *sorted(entries[root].above)))
        for key in keys:
            if key not in open_keys:
                continue
            options = [root for root, _ in open_keys[key]]
            # Among results, a short form is rather that of a metric.
            metrics = [root for root in options if entries[root].kind == "Metric"] if key in (only_results or ()) else []
            named = [root for root in options if root in sure] or metrics
            if named:
                chosen[paper, key] = named[0]
                continue
            ranked = sorted((-sum(near[number] for number in entries[root].above), place, root) for place, root in enumerate(options))
            if ranked[0][0] < -1 and (len(ranked) == 1 or ranked[0][0] < 2 * ranked[1][0]):
                chosen[paper, key] = ranked[0][2]
    return known, chosen


def _above(number: int, above: Mapping[int, tuple[int, ...]]) -> frozenset[int]:
    seen: set[int] = set()
    waiting = [number]
    while waiting:
        for broader in above.get(waiting.pop(), ()):
            if broader not in seen and above.get(broader):
                seen.add(broader)
                waiting.append(broader)
    return frozenset(seen)


_COMPOSITIONS = 24


def ambiguous(vocabulary: Vocabulary, everywhere: Mapping[str, str]) -> Iterator[tuple[str, str, str, str, float, str]]:
    """A verdict (child, parent, relation, verdict, score, reason) on each meaning of a short form that by itself means none of them."""
    for key, roots in sorted(vocabulary.meanings.items()):
        if key in everywhere or key in vocabulary.entries or not all(role == "abbreviation" for _, role in roots):
            continue
        for root, _ in roots:
            others = len(roots) - 1
            also = f", or {others} other concept{'s' if others > 1 else ''}" if others else ""
            yield key, root, "meaning", "unsure", round(1 / (len(roots) + 1), 3), f"may stand for it{also}: only where the paper says or shows which"


class Words(NamedTuple):
    """What a Korean word is in English, where it qualifies another (False) and where it is the head (True), the most usual first."""

    table: dict[tuple[str, bool], tuple[str, ...]]

    def meanings(self, word: str, *, head: bool) -> tuple[tuple[bool, str], ...]:
        """Each with whether it is a rare one, the third and later; none for a word that is not there.

        >>> Words({("변환", True): ("transformation", "conversion", "translation")}).meanings("변환", head=True)
        ((False, 'transformation'), (False, 'conversion'), (True, 'translation'))
        """
        forms = (word, word[:-1]) if word[-1] in "의적" and len(word) > 2 else (word,)
        found = next((found for form in forms for place in (head, not head) if (found := self.table.get((form, place)))), ())
        return tuple((place > 1, english) for place, english in enumerate(found))


def load_words(engine: Engine) -> Words:
    """The dictionary of words of which terms are made, from the temporary table vocabulary_words."""
    table: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for word, head, english in engine.rows("select korean, head, english from vocabulary_words order by korean, head, place"):
        table[word, head].append(english)
    return Words({key: tuple(found) for key, found in table.items()})


def compositions(korean: str, words: Words) -> list[tuple[bool, str]]:
    """A Korean term in English, word by word, the likeliest first, each with whether it takes a word in a rare meaning; none if a word is not known.

    >>> table = Words({("시각", False): ("visual",), ("인식", True): ("recognition", "perception")})
    >>> compositions("시각적 인식", table), compositions("시각적 감지", table)
    ([(False, 'visual recognition'), (False, 'visual perception')], [])
    """
    parts = [part for part in JOINERS.split(korean) if part]
    choices: list[tuple[tuple[bool, str], ...]] = []
    for place, part in enumerate(parts, 1):
        found = words.meanings(part, head=place == len(parts)) if HANGUL.search(part) else ((False, part),)
        if not found:
            return []
        choices.append(found)
    ranked = sorted(product(*(enumerate(choice) for choice in choices)), key=lambda item: (sum(rank for rank, _ in item), item))
    return [(any(rare for _, (rare, _) in item), " ".join(word for _, (_, word) in item)) for item in ranked[:_COMPOSITIONS]]
