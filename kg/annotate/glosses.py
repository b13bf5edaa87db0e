"""Glosses: Korean terms that explain themselves in brackets, ``지식 그래프(Knowledge Graph)``, and the other way round.

The bracket says where the term before it ends; where a Korean one begins, says `kg.annotate.boundaries`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.boundaries import korean_term_begin
from kg.annotate.brackets import after_lead, brackets, end_before
from kg.annotate.spans import LATIN, WORD, Found, add, text_of
from kg.annotate.spelling import QUANTITY, is_initialism, is_short_form, stands_for
from kg.language.korean import HANGUL, is_stop, translations
from kg.language.words import word_list

_EXAMPLES = re.compile(r"\s*(?:(?:예|예시|예를 들어|예컨대|가령|참고|e\.g|see|cf|vs|such as)(?![\w가-힣])|예:)", re.IGNORECASE)
_ENUMERATOR = re.compile(r"\s*(?:[ivxIVX]{1,4}|[A-Za-z]|\d+)\s*")
_PIECE = re.compile(r"(?:[^;,；，()（）\[\]:：]|[:：](?!\s))+")
_ENGLISH = re.compile(rf"{WORD}(?:[ \n]{WORD}){{0,7}}")
_KOREAN = re.compile(r"[가-힣0-9A-Z][가-힣0-9A-Za-z ·-]*")
_LATIN_RUN = re.compile(rf"(?<!{LATIN}){WORD}(?:[ \n]{WORD})*$")
_TWO_LETTERS = re.compile(rf"(?!\d){LATIN}.*(?!\d){LATIN}", re.DOTALL)
_CITATION = re.compile(r"(?:19|20)\d\d[a-z]?|.*\bet al\b.*|.* and .* (?:19|20)\d\d|\d+")
_REFERENCE = re.compile(r"(?:Table|Tab|Figure|Fig|Section|Sec|Equation|Eq|Algorithm|Alg|Appendix|Theorem|Chapter)\b.*", re.IGNORECASE)
_NUMBER = re.compile(rf"[vV]?\d[\d.,]*|{QUANTITY.pattern}")
_WINDOW = 60
_MAX_ITEM = 80
_MAX_WORDS = 6


class _Item(NamedTuple):
    """One of the things that stand in a bracket between commas."""

    text: str
    begin: int

    @property
    def span(self) -> tuple[int, int]:
        return self.begin, self.begin + len(self.text)


@Language.component("kg_glosses")
def glosses(doc: Doc) -> Doc:
    """Find both sides of each gloss between Korean and English."""
    text = text_of(doc)
    return add(doc, find_glosses(text)) if HANGUL.search(text) else doc


def find_glosses(text: str) -> Iterator[Found]:
    """Both sides of each gloss of a text, each with the other as partner.

    >>> text = "층마다 지식 그래프(Knowledge Graph, KG)를 둔다."
    >>> [(text[found.begin : found.end], found.partner, found.relation) for found in find_glosses(text)][:3]
    [('지식 그래프', 'Knowledge Graph', 'translation'), ('Knowledge Graph', '지식 그래프', 'translation'), ('지식 그래프', 'KG', 'abbreviation')]
    """
    for opening, closing in brackets(text):
        end = end_before(text, opening)
        if not end or _EXAMPLES.match(text, opening + 1, closing) or _ENUMERATOR.fullmatch(text, opening + 1, closing):
            continue
        items = _items(text, opening + 1, closing)
        korean = [item for item in items if HANGUL.search(item.text)]
        if HANGUL.match(text[end - 1]):
            # Of two items the second may be a remark in Korean.
            items = items[:1] if korean else items
            yield from _korean_outside(text, end, [item for item in items if item not in korean])
        elif korean:
            yield from _korean_inside(text, end, korean, [item for item in items if item not in korean])
        else:
            yield from _korean_outside(text, end, items)


def _items(text: str, begin: int, end: int) -> list[_Item]:
    """What stands in a bracket between commas and semicolons; nothing if one of it is no term. Examples and citations end it."""
    items: list[_Item] = []
    for piece in _PIECE.finditer(text, begin, end):
        if _EXAMPLES.match(piece[0]):
            break
        first = after_lead(text, piece.start(), piece.end())
        item = text[first : piece.end()].rstrip(" \n\"'’”*_`}")
        if not item:
            continue
        if _CITATION.fullmatch(item):
            break
        if len(item) > _MAX_ITEM or not (HANGUL.search(item) or _is_english(item)):
            return []
        items.append(_Item(item, first))
    return items


def _is_english(item: str) -> bool:
    return (
        _ENGLISH.fullmatch(item) is not None
        and _TWO_LETTERS.search(item) is not None
        and _NUMBER.fullmatch(item) is None
        and not _REFERENCE.fullmatch(item)
    )


def _long_and_short(items: list[_Item]) -> tuple[_Item | None, _Item | None]:
    """Of one or two English items, the full form and the abbreviation; two that do not say the same are a list and no gloss."""
    if len(items) == 1:
        return (None, items[0]) if is_initialism(items[0].text) else (items[0], None)
    if len(items) == 2:
        for long, short in (items, reversed(items)):
            if is_short_form(short.text) and stands_for(short.text, long.text):
                return long, short
            if " " in long.text and is_initialism(short.text):
                return long, None
    return None, None


def _korean_outside(text: str, end: int, items: list[_Item]) -> Iterator[Found]:
    """A Korean term before the bracket, also one that ends in a Latin word: 멀티모달 LLM(MLLM)."""
    long, short = _long_and_short(items)
    guide = long or short
    begin = None if guide is None else korean_term_begin(text, end, guide.text)
    if begin is None:
        return
    korean = text[begin:end]
    if long is not None and long.text.casefold() in word_list("english_stop") and (long.text.endswith(("ing", "ed")) or not translations(korean)):
        return  # "분석(Analyzing)" is a verb's translation
    if long is not None:
        yield Found(begin, end, "gloss", long.text, "translation")
        yield Found(*long.span, "gloss", korean, "translation")
    if short is not None:
        yield Found(begin, end, "gloss", short.text, "abbreviation")
        yield Found(*short.span, "gloss", korean if long is None else long.text, "expansion")
        if long is not None:
            yield Found(*long.span, "gloss", short.text, "abbreviation")


def _korean_inside(text: str, end: int, korean: list[_Item], others: list[_Item]) -> Iterator[Found]:
    """A Korean term in the bracket, and before it as many English words as it says."""
    term = korean[0].text
    if len(korean) > 1 or len(others) > 1 or not _KOREAN.fullmatch(term) or is_stop(term.split()[0]):
        return
    run = _LATIN_RUN.search(text, max(0, end - _WINDOW), end)
    if run is None or _TWO_LETTERS.search(run[0]) is None:
        return
    english = _said_by(term, run[0])
    if english is None:
        return
    short = is_initialism(english)
    yield Found(*korean[0].span, "gloss", english, "abbreviation" if short else "translation")
    yield Found(end - len(english), end, "gloss", term, "expansion" if short else "translation")
    for other in others:
        if is_short_form(other.text) and stands_for(other.text, english):
            yield Found(*korean[0].span, "gloss", other.text, "abbreviation")
            yield Found(*other.span, "gloss", english, "expansion")


def _said_by(korean: str, run: str) -> str | None:
    """The most words at the end of a run of English ones that a Korean term can say, all of it being needed for them; None if it says none."""
    latin = list(re.finditer(r"\S+", run))
    found: str | None = None
    for count in range(1, min(len(latin), _MAX_WORDS) + 1):
        if found is not None and count > len(korean.split()) + 1:
            break
        english = run[latin[-count].start() :]
        if latin[-count][0].casefold() in word_list("english_stop") or english in word_list("organisations"):
            continue
        if korean_term_begin(korean, len(korean), english) == 0:
            found = english
    return found
