"""What a concept is called, in both languages and short, and its id."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from kg.ids import concept_id, short_hash
from kg.language.forms import HANGUL, PLURAL_CAPITALS, fold, singular
from kg.language.words import word_lines
from kg.resolve.concept_vocabulary import Entry


class Form(NamedTuple):
    """A surface of a concept, with its key and the number of papers that use it."""

    surface: str
    key: str
    papers: int


class Named(NamedTuple):
    """A concept's names: (language, label, kind) each, and as what each surface is shown: (surface, language, label)."""

    label: str | None
    label_ko: str | None
    abbreviation: str | None
    labels: tuple[tuple[str, str, str], ...]
    shown: tuple[tuple[str, str, str], ...]


@cache
def _capitalised() -> frozenset[str]:
    return frozenset(word for line in word_lines("names") for word in line)


_OF = re.compile(r"[\s-][Oo]f[\s-]")


def tidy(surface: str) -> str:
    """A surface as a label: white space made one blank, the last word singular, lower case except names.

    >>> tidy("Mixture-of-Experts"), tidy("Video  Diffusion Models"), tidy("GPT-4o"), tidy("Gaussian Splatting"), tidy("LLMs")
    ('mixture-of-experts', 'video diffusion model', 'GPT-4o', 'Gaussian splatting', 'LLM')
    """
    words = unicodedata.normalize("NFC", surface).split()
    shouting = len(words) > 1 and all(word.isupper() for word in words) and sum(map(len, words)) > 5 * len(words)
    result = [_tidy_word(word.casefold() if shouting else word) for word in words]
    last = result[-1] if result else ""
    if PLURAL_CAPITALS.search(last):
        result[-1] = PLURAL_CAPITALS.sub("", last)
    elif last.islower() and last.isascii() and not _OF.search(surface):
        head, joint, tail = last.rpartition("-")
        result[-1] = head + joint + singular(tail)
    return " ".join(result)


@lru_cache(maxsize=50_000)
def _tidy_word(word: str) -> str:
    return "-".join(part if _keeps_case(part) else part.lower() for part in word.split("-"))


def _keeps_case(part: str) -> bool:
    inner = any(character.isupper() for character in part[1:]) or any(character.isdigit() for character in part)
    return inner or part in _capitalised() or len(part) == 1


def name(root: str, forms: Iterable[Form], shorts: set[str], fallback: str, entry: Entry | None = None, coined: str | None = None) -> Named:
    """Choose a concept's names from its forms.

    The English label is the commonest spelling of the root's own key, the Korean label the commonest Korean form, the abbreviation the commonest
    form that stands for the root. A single capitalised word that nobody writes small stays capitalised.

    Args:
        root: the concept's key.
        forms: every surface that papers use for it.
        shorts: the keys that abbreviate it.
        fallback: a surface of the root, should no form have its key.
        entry: what a vocabulary says of the concept; its label rules.
        coined: the name that a paper coins for it; it rules over its long form.

    >>> forms = [Form("Mixture-of-Experts", "mixtureofexpert", 2), Form("MoE", "MOE", 3), Form("전문가 혼합", "전문가혼합", 1)]
    >>> named = name("mixtureofexpert", forms, {"MOE"}, "")
    >>> named.label, named.label_ko, named.abbreviation
    ('mixture-of-experts', '전문가 혼합', 'MoE')
    """
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    roles: list[tuple[str, str, str]] = []
    # What the vocabulary has in a third language is of that language, and as it has it.
    terms = () if entry is None else entry.terms
    others = {fold(text): (language, text) for language, text, _ in terms if language not in {"en", "ko"}}
    for form in forms:
        language = "ko" if HANGUL.search(form.surface) else "en" if re.search("[A-Za-z]", form.surface) else "und"
        language = others.get(form.key, (language,))[0]
        role = "abbreviation" if form.key in shorts else "root" if form.key == root else "variant"
        counted[language, role][" ".join(form.surface.split())] += form.papers
        roles.append((form.surface, language, role))

    def best(language: str, *roles: str) -> str | None:
        for role in roles:
            if counter := counted[language, role]:
                return min(counter, key=lambda surface: (-counter[surface], surface))
        return None

    label: str | None = None
    if not HANGUL.search(root):
        written = best("en", "root") or best("und", "root") or fallback or root
        label = tidy(written)
        if (
            written.isalpha()
            and written[:1].isupper()
            and label == written.lower()
            and counted["en", "root"][written]
            and not counted["en", "root"][label]
        ):
            label = written
    label_ko = best("ko", "root", "variant", "abbreviation")
    abbreviation = best("en", "abbreviation")
    if entry is not None:
        # Of the vocabulary's Korean terms that which most papers use; what papers gloss besides may be a slip.
        korean = [term for language, term, role in entry.terms if language == "ko" and role != "abbreviation"]
        used = Counter({fold(surface): papers for role in ("root", "variant") for surface, papers in counted["ko", role].items()})
        label_ko = max(korean, key=lambda term: (used[fold(term)], -korean.index(term)), default=label_ko)
        label, abbreviation = entry.label, abbreviation or entry.first("en", short=True)
    abbreviation = None if abbreviation is None else PLURAL_CAPITALS.sub("", abbreviation)
    if entry is None and coined is not None and abbreviation is not None and abbreviation == PLURAL_CAPITALS.sub("", coined):
        label, abbreviation = abbreviation, None
    labels: dict[tuple[str, str], str] = {}
    if label is not None:
        labels["en" if re.search("[A-Za-z]", label) else "und", label] = "preferred"
    if label_ko is not None:
        labels["ko", label_ko] = "preferred"
    if abbreviation is not None:
        labels.setdefault(("en", abbreviation), "abbreviation")
    shown: list[tuple[str, str, str]] = []
    for surface, language, role in sorted(roles):
        short = role == "abbreviation" and language == "en"
        plain = " ".join(surface.split())
        _, text = others.get(fold(surface), ("", ""))
        text = text or (plain if language == "ko" else PLURAL_CAPITALS.sub("", plain) if short else tidy(plain))
        if label is not None and text.casefold() == label.casefold():
            text = label
        labels.setdefault((language, text), "abbreviation" if short else "alternative")
        shown.append((surface, language, text))
    for language, text, role in terms:
        labels.setdefault((language, text), "abbreviation" if role == "abbreviation" else "alternative")
    return Named(label, label_ko, abbreviation, tuple((language, text, kind) for (language, text), kind in sorted(labels.items())), tuple(shown))


def without(named: Named, keys: set[str]) -> Named:
    """Names without those of some keys, that people say are another concept's; the preferred English label always stays.

    >>> without(name("moe", [Form("MoE", "moe", 1), Form("gate", "gate", 1)], set(), ""), {"gate"}).labels
    (('en', 'MoE', 'preferred'),)
    """
    labels = tuple(label for label in named.labels if fold(label[1]) not in keys or label[1] == named.label)
    korean = named.label_ko if named.label_ko is None or fold(named.label_ko) not in keys else None
    return Named(named.label, korean, named.abbreviation, labels, named.shown)


def call(named: Named, english: str | None, korean: str | None) -> Named:
    """Names with another English or Korean label; the one before stays as an alternative.

    >>> call(name("moe", [Form("MoE", "moe", 1)], set(), ""), "mixture of experts", None).labels
    (('en', 'MoE', 'alternative'), ('en', 'mixture of experts', 'preferred'))
    """
    labels = {(language, text): kind for language, text, kind in named.labels}
    for language, text in (("en", english), ("ko", korean)):
        if text is not None:
            labels = {place: "alternative" if kind == "preferred" and place[0] == language else kind for place, kind in labels.items()}
            labels[language, text] = "preferred"
    abbreviation = None if named.abbreviation is not None and labels.get(("en", named.abbreviation)) == "preferred" else named.abbreviation
    return Named(
        english or named.label, korean or named.label_ko, abbreviation, tuple((*place, kind) for place, kind in sorted(labels.items())), named.shown
    )


def identify(concepts: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
    """Ids of concepts (root, name, kind), each its own: of several with one slug each gets its kind behind it, or 6 hex digits of its root.

    >>> identify([("a", "Graph", "Field"), ("b", "graph", "Method"), ("c", "tree", None)])
    {'a': 'concept/graph~field', 'b': 'concept/graph~method', 'c': 'concept/tree'}
    """
    by_slug: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for root, label, kind in concepts:
        by_slug[concept_id(label)].append((root, kind))
    ids: dict[str, str] = {}
    for slug, group in by_slug.items():
        kinds = Counter(kind for _, kind in group)
        for root, kind in group:
            if len(group) == 1:
                ids[root] = slug
            elif kind is not None and kinds[kind] == 1:
                ids[root] = f"{slug}~{kind.lower()}"
            else:
                ids[root] = f"{slug}~{short_hash(root, 6)}"
    return dict(sorted(ids.items()))
