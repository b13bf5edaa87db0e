"""Glosses: Korean terms that explain themselves in brackets, ``지식 그래프(Knowledge Graph)``, and the other way round.

The bracket says where the Korean term ends; where it begins is guessed from the number of English words (or of capitals in an abbreviation)
and from what cannot stand inside a term: a particle, a verb, a determiner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.korean import HANGUL, is_ending, is_generic, is_nominal, is_stop, split_ending
from kg.annotate.spans import BRACKET, WORD, Found, add, is_name
from kg.annotate.words import word_list

_EXAMPLES = re.compile(r"\s*(?:예|예시|예를 들어|예컨대|가령|즉|참고|e\.g|i\.e|see|cf|vs)(?![\w가-힣])|\s*예:", re.IGNORECASE)
_ENUMERATOR = re.compile(r"\s*(?:[ivxIVX]{1,4}|[A-Za-z]|\d+)\s*")
_ENGLISH = re.compile(rf"{WORD}(?:[ ]{WORD}){{0,6}}")
_PART = re.compile(r"[가-힣A-Za-z0-9](?:[가-힣A-Za-z0-9]|[-·/](?=[가-힣A-Za-z0-9]))*$")
_PAIRED = re.compile(
    "(?:pre|fine|multi|hyper|super|over|meta|auto|cross|inter|trans|down|back|time|key|zero|few|self|semi|co)[a-z]{4,}", re.IGNORECASE
)
_PREFIXES = {"사전": "pre", "미세": "fine"}
"""Korean words for what in English is but the beginning of one: 사전 학습, pretraining."""
_COUNT = re.compile(r"\d[\d,.]*[여만억천백십]*(?:개|명|종|건|가지|편|회|번|배|곳|쪽|장|권|대|년|월|일|시간|분|초)")
"""A number with its counter, 20개: it says how many, and is no part of the term."""
_SMALL = frozenset("a an the of for and in on to with by via from".split())
_WINDOW = 60


@Language.component("kg_glosses")
def glosses(doc: Doc) -> Doc:
    """Find both sides of each gloss between Korean and English."""
    return add(doc, _glosses(doc.text)) if "(" in doc.text or "（" in doc.text else doc


def _glosses(text: str) -> Iterator[Found]:
    for bracket in BRACKET.finditer(text):
        inside = bracket[1]
        if _EXAMPLES.match(inside) or _ENUMERATOR.fullmatch(inside):
            continue
        end = bracket.start() - _closing(text[max(0, bracket.start() - 3) : bracket.start()])
        if end <= 0 or bracket.start() - end > 2:
            continue
        if HANGUL.fullmatch(text[end - 1]):
            yield from _korean_outside(text, end, inside, bracket.start(1))
        elif HANGUL.search(inside) and not re.search("[A-Za-z]{2}", inside):
            yield from _korean_inside(text, end, inside, bracket.start(1))


def _closing(text: str) -> int:
    """How many blanks and closing quotes a text ends in."""
    return len(text) - len(text.rstrip(" '’\"”*"))


def _korean_outside(text: str, end: int, inside: str, offset: int) -> Iterator[Found]:
    items = _items(inside, offset)
    if not items:
        return
    long, short = _long_and_short(items)
    if long is None and short is None:
        return
    if long is not None and long[0].casefold() in word_list("english_stop.txt"):
        return  # "분석(Analyzing)" is a verb's translation
    guide = (long or short or ("", 0))[0]
    begin = korean_term_begin(text, end, guide)
    if begin is None:
        return
    korean = text[begin:end]
    if long is None and short is not None and all(is_generic(word) for word in korean.split()) and not _spells(short[0], korean):
        return  # "모델(LLaMA)" gives an example, not a name
    if long is not None:
        yield Found(begin, end, "gloss", long[0], "translation")
        yield Found(long[1], long[1] + len(long[0]), "gloss", korean, "translation")
    if short is not None:
        yield Found(begin, end, "gloss", short[0], "abbreviation")
        yield Found(short[1], short[1] + len(short[0]), "gloss", korean if long is None else long[0], "expansion")
        if long is not None:
            yield Found(long[1], long[1] + len(long[0]), "gloss", short[0], "abbreviation")


def _spells(short: str, korean: str) -> bool:
    """Whether an abbreviation has a capital for each of several Korean words: KG for 지식 그래프."""
    words = len(korean.split())
    return words > 1 and words == sum(character.isupper() for character in short)


def _korean_inside(text: str, end: int, inside: str, offset: int) -> Iterator[Found]:
    korean = inside.strip()
    words = korean.split()
    if not 1 <= len(words) <= 5 or not re.fullmatch(r"[가-힣0-9A-Z ·-]+", korean) or not all(is_nominal(word) for word in words) or is_stop(words[0]):
        return
    runs = list(_ENGLISH.finditer(text[max(0, end - _WINDOW) : end]))
    if not runs or runs[-1].end() != min(end, _WINDOW):
        return
    english = " ".join(runs[-1][0].split(" ")[-(len(words) + 1) :])
    if english.casefold() in word_list("english_stop.txt") or len(english) < 2:
        return
    begin = offset + inside.index(korean)
    yield Found(begin, begin + len(korean), "gloss", english, "translation")
    yield Found(end - len(english), end, "gloss", korean, "translation")


def _items(inside: str, offset: int) -> list[tuple[str, int]]:
    """What stands in a bracket between commas and semicolons, with offsets; nothing if one of it is no English term."""
    items = []
    for piece in re.finditer("[^;,；，]+", inside):
        item = piece[0].strip()
        if not _ENGLISH.fullmatch(item) or not re.search("[A-Za-z]{2}|[A-Z]", item) or len(item) > 80:
            return []
        items.append((item, offset + piece.start() + piece[0].index(item)))
    return items


def _is_short(item: str) -> bool:
    return " " not in item and len(item) <= 10 and sum(character.isupper() for character in item) >= 2


def _long_and_short(items: list[tuple[str, int]]) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
    """Of one or two items, the full English form and the abbreviation; more, or two full forms, are a list and no gloss."""
    shorts = [item for item in items if _is_short(item[0])]
    longs = [item for item in items if not _is_short(item[0])]
    if len(items) > 2 or len(longs) > 1 or len(shorts) > 1:
        return None, None
    return (longs[0] if longs else None), (shorts[0] if shorts else None)


def korean_term_begin(text: str, end: int, english: str) -> int | None:
    """Where the Korean term that ends at ``end`` begins, given what it means in English; None if nothing there is a term.

    >>> text = "검색을 지식 그래프(Knowledge Graph)"
    >>> text[korean_term_begin(text, 10, "Knowledge Graph"):10]
    '지식 그래프'
    """
    limit = _words_expected(english)
    known = set(re.findall("[a-z0-9]+", english.casefold()))
    start = max(0, end - _WINDOW)
    chunks = list(re.finditer(r"\S+", text[start:end]))
    begin: int | None = None
    for taken, chunk in enumerate(reversed(chunks)):
        part = _PART.search(chunk[0])
        if part is None or taken == limit or (chunk.start() == 0 and start > 0 and not text[start - 1].isspace()):
            break
        word = part[0]
        last = re.findall("[가-힣]+$", word)
        if last:
            before = word[: -len(last[0])]
            # The particle of DeafTest가, or of the bracket before it: (T2I)와.
            particle = is_ending(last[0]) and ((begin is not None and re.search("[A-Za-z]", before) is not None) if before else part.start() > 0)
            if (
                particle
                or _COUNT.fullmatch(word)
                or not is_nominal(last[0])
                or (split_ending(last[0])[1] and not begin)
                or (begin is not None and is_stop(word))
            ):
                break
        elif begin is None or word.casefold() not in known:
            break
        begin = start + chunk.start() + part.start()
        if word in _PREFIXES and re.search(rf"\b{_PREFIXES[word]}[a-z]{{4}}", english, re.IGNORECASE):
            limit += 1
        if part.start() > 0:
            break
    return begin


def _words_expected(english: str) -> int:
    if _is_short(english):
        return min(5, max(1, sum(character.isupper() for character in english)))
    words = [word for word in re.findall(r"[^\W_]+", english) if word.casefold() not in _SMALL]
    if len(words) == 1 and _PAIRED.fullmatch(words[0]) and not is_name(words[0]):
        return 2
    return min(5, max(1, len(words)))
