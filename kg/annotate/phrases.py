"""Noun-like phrases of English without a tagger: runs of words between function words, verbs, adverbs, numbers and punctuation.

After RAKE (S. Rose et al., Automatic keyword extraction from individual documents, 2010), with lists of academic verbs added to the stop words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.spans import WORD, Found, add, text_of
from kg.language.forms import is_name
from kg.language.korean import HANGUL
from kg.language.words import word_list

Word = tuple[int, str]

_PIECE = re.compile(rf"(?:https?://|www\.)[^\s)\]}}>]+|\$[^$\n]{{1,200}}\$|\\[A-Za-z]+|({WORD})|\S")
_GAP = re.compile(r"[ \t]{1,2}|[ ]?\n[ ]?")
_NOT_ADVERBS = frozenset("family anomaly assembly early supply reply poly likely-hood butterfly fly monopoly".split())
_MODIFIER = re.compile(
    "[a-z]+-(?:time|free|based|aware|level|wise|scale|sized?|quality|driven|guided|oriented|specific|agnostic|related|like|dependent|independent"
    "|efficient|effective|intensive|enhanced|inspired|trained|tuned|term|range|grained|step|stage|source|purpose|friendly|only|rich|limited)",
    re.IGNORECASE,
)
"""A hyphenated word that says something of the next one, and is no concept without it: test-time, training-free."""
_ENGLISH = frozenset("the of and to is for that with are by this from which we our it be can has these".split())
_WORD_OR_CHARACTER = re.compile(r"[぀-ヿ一-鿿]|[^\W\d_぀-ヿ一-鿿]+")
_ELIDED_WORD = re.compile(rf"(?:[^\W\d_]{{1,2}}['’])?({WORD})")
"""A word without what French and Italian put before it: d'ImageNet, l’IA."""
_DIMENSIONS = frozenset(("1d", "2d", "3d", "4d", "6d"))
_NUMBER = re.compile(r"[\d.,/%-]+[a-zA-Z]?|\d+(?:st|nd|rd|th|%)")
_MAX_WORDS = 5
_AND = re.compile(" (?:and|or|&) ")
_LAST_WORD = re.compile(rf"(?<![^\s(,]){WORD}$")
_TWO_WORDS = re.compile(rf"({WORD}) ({WORD})")


@Language.component("kg_phrases")
def phrases(doc: Doc) -> Doc:
    """Find noun-like phrases of an English text; in text of another language, whose function words are not known, only what looks like a name."""
    text = text_of(doc)
    if doc.user_data.get("title") or HANGUL.search(text):
        return doc
    return add(doc, noun_phrases(text, 0, len(text), "phrase") if is_english(text) else _names(text))


def _names(text: str) -> Iterator[Found]:
    for word in _ELIDED_WORD.finditer(text):
        if word[1][0].isalpha() and len(word[1]) > 1 and is_name(word[1]):
            yield Found(word.start(1), word.end(1), "latin")


def is_english(text: str) -> bool:
    """Whether a text seems English: at least one word in sixteen is one of its commonest, but for those that are common elsewhere (a, in, on).

    Of 20,000 abstracts of arXiv, all English, it takes 1 for something else.

    >>> is_english("We show that the method is better than the others."), is_english("Wir zeigen, dass die Methode besser ist.")
    (True, False)
    """
    words = re.findall(r"[^\W\d_]+", text[:2000].casefold())
    return sum(word in _ENGLISH for word in words) * 16 >= len(words) > 0


def is_other_language(text: str) -> bool:
    """Whether a text of eight words or more (characters, where no spaces part words) is neither Korean nor English.

    >>> [is_other_language(text) for text in ("Nous proposons une méthode qui apprend à classer des images.", "我们提出了一种新的方法。")]
    [True, True]
    >>> [is_other_language(text) for text in ("Une méthode nouvelle", "여기 한국어로 쓴 여덟 낱말이 넘는 긴 글 하나", "all of it is the best for us")]
    [False, False, False]
    """
    return not HANGUL.search(text) and not is_english(text) and sum(1 for _ in islice(_WORD_OR_CHARACTER.finditer(text), 8)) == 8


def noun_phrases(text: str, start: int, stop: int, evidence: str) -> Iterator[Found]:
    """The noun-like phrases of a stretch of English text, as spans of the whole text.

    >>> [(found.begin, found.end) for found in noun_phrases("We use sparse attention for long documents.", 0, 43, "phrase")]
    [(7, 23), (28, 42)]
    """
    for run in _runs(text, start, stop):
        whole = trim(run)
        for begin, end in _parts(whole):
            side = ("" if end == len(whole) else " begin") if begin == 0 else (" end" if end == len(whole) else " inside")
            first, word = whole[begin]
            if end - begin > 1:
                yield Found(first, whole[end - 1][0] + len(whole[end - 1][1]), evidence + side)
            elif is_name(word):
                yield Found(first, first + len(word), evidence + side)
            elif len(word) > 2:
                yield Found(first, first + len(word), f"{evidence} word{side}")
    # Text and image generation: what the two share is said once.
    for joint in _AND.finditer(text, start, stop):
        left = _LAST_WORD.search(text, max(start, text.rfind(" ", 0, joint.start()) + 1), joint.start())
        right = _TWO_WORDS.match(text, joint.end(), stop)
        if left is not None and right is not None:
            stops = word_list("english_stop")
            if not any(_is_cut(word, stops) for word in (left[0], right[1], right[2])):
                yield Found(left.start(), right.end(), "coordination", f"{left[0]} {right[2]}", "shared")


def _parts(words: list[Word]) -> Iterator[tuple[int, int]]:
    """The parts of a run that may be a term: the whole, and what two words or more of it make; a single word only if it looks like a name."""
    count = len(words)
    if count == 1:
        yield 0, 1
        return
    small = [word.casefold() for _, word in words]
    generic, tails = ([word in word_list(name) for word in small] for name in ("english_generic", "english_tails"))
    for begin in range(count):
        plain = False
        for end in range(begin + 1, min(count, begin + _MAX_WORDS) + 1):
            plain = plain or not generic[end - 1]
            if plain and not (tails[end - 1] and end - begin > 2) and (end - begin > 1 or (is_name(words[begin][1]) and trim(words[begin:end]))):
                yield begin, end


def trim(words: list[Word]) -> list[Word]:
    """A run without what adds nothing: a generic end of a long one; all of it, if it is one weak word or only generic ones.

    >>> trim([(0, "sparse"), (7, "attention"), (17, "framework")])
    [(0, 'sparse'), (7, 'attention')]
    >>> trim([(0, "experimental"), (13, "results")]), trim([(0, "language")]), trim([(0, "language"), (9, "models")])
    ([(0, 'experimental'), (13, 'results')], [], [(0, 'language'), (9, 'models')])
    >>> trim([(0, "test-time")]), trim([(0, "test-time"), (10, "compute")])
    ([], [(0, 'test-time'), (10, 'compute')])
    """
    generic, weak = word_list("english_generic"), word_list("english_weak")
    if len(words) > 2 and words[-1][1].casefold() in word_list("english_tails"):
        words = words[:-1]
    if len(words) == 1 and (words[0][1].casefold() in weak or (_MODIFIER.fullmatch(words[0][1]) and not is_name(words[0][1]))):
        return []
    return words if any(word.casefold() not in generic for _, word in words) else []


def _runs(text: str, start: int, stop: int) -> Iterator[list[Word]]:
    stops = word_list("english_stop")
    run: list[Word] = []
    previous = start
    for piece in _PIECE.finditer(text, start, stop):
        word = piece[1]
        if run and not _GAP.fullmatch(text, previous, piece.start()):
            yield run
            run = []
        previous = piece.end()
        if word is None or _is_cut(word, stops):
            if run:
                yield run
            run = []
        else:
            run.append((piece.start(), word))
            if word.casefold() in word_list("english_either"):
                yield run
                run = []
    if run:
        yield run


@lru_cache(maxsize=50_000)
def _is_cut(word: str, stops: frozenset[str]) -> bool:
    small = word.casefold()
    if small in word_list("english_either") or small in _DIMENSIONS:
        return False
    if small in stops:
        return not (len(word) > 1 and word.isupper())
    return (
        (small.endswith("ly") and small not in _NOT_ADVERBS and len(small) > 4)
        or _NUMBER.fullmatch(word) is not None
        or len(word) < 2
        or small.endswith(("'s", "’s"))
    )
