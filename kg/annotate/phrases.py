"""Noun-like phrases of English without a tagger: runs of words between function words, verbs, adverbs, numbers and punctuation.

After RAKE (S. Rose et al., Automatic keyword extraction from individual documents, 2010), with lists of academic verbs added to the stop words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.korean import HANGUL
from kg.annotate.spans import WORD, Found, add, is_name
from kg.annotate.words import word_list

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
_NUMBER = re.compile(r"[\d.,/%-]+[a-zA-Z]?|\d+(?:st|nd|rd|th|%)")
_MAX_WORDS = 4


@Language.component("kg_phrases")
def phrases(doc: Doc) -> Doc:
    """Find noun-like phrases of an English text; in text of another language few words are function words, and nothing is taken."""
    text = doc.text
    if doc.user_data.get("title") or HANGUL.search(text) or not is_english(text):
        return doc
    return add(doc, noun_phrases(text, 0, len(text), "phrase"))


def is_english(text: str) -> bool:
    """Whether a text seems English: at least one word in eight is one of its commonest.

    >>> is_english("We show that the method is better than the others."), is_english("Wir zeigen, dass die Methode besser ist.")
    (True, False)
    """
    words = re.findall(r"[^\W\d_]+", text[:2000].casefold())
    return (
        sum(word in {"the", "of", "and", "to", "a", "in", "is", "for", "that", "we", "with", "on", "are", "by", "this"} for word in words) * 8
        >= len(words)
        > 0
    )


def noun_phrases(text: str, start: int, stop: int, evidence: str) -> Iterator[Found]:
    """The noun-like phrases of a stretch of English text, as spans of the whole text.

    >>> [(found.begin, found.end) for found in noun_phrases("We use sparse attention for long documents.", 0, 43, "phrase")]
    [(7, 23), (28, 42)]
    """
    for run in _runs(text, start, stop):
        words = trim(run)
        if not words:
            continue
        words = trim(words[-_MAX_WORDS:])
        if not words:
            continue
        begin, end = words[0][0], words[-1][0] + len(words[-1][1])
        if len(words) > 1:
            yield Found(begin, end, evidence)
        elif len(words[0][1]) > 2 or is_name(words[0][1]):
            yield Found(begin, end, evidence if is_name(words[0][1]) else ("word" if evidence == "phrase" else "title word"))


def trim(words: list[Word]) -> list[Word]:
    """A run without what adds nothing: a generic end of a long one; all of it, if it is one weak word or only generic ones.

    >>> trim([(0, "sparse"), (7, "attention"), (17, "framework")])
    [(0, 'sparse'), (7, 'attention')]
    >>> trim([(0, "experimental"), (13, "results")]), trim([(0, "language")]), trim([(0, "language"), (9, "models")])
    ([(0, 'experimental'), (13, 'results')], [], [(0, 'language'), (9, 'models')])
    >>> trim([(0, "test-time")]), trim([(0, "test-time"), (10, "compute")])
    ([], [(0, 'test-time'), (10, 'compute')])
    """
    generic, weak = word_list("english_generic.txt"), word_list("english_weak.txt")
    if len(words) > 2 and words[-1][1].casefold() in word_list("english_tails.txt"):
        words = words[:-1]
    if len(words) == 1 and (words[0][1].casefold() in weak or (_MODIFIER.fullmatch(words[0][1]) and not is_name(words[0][1]))):
        return []
    return words if any(word.casefold() not in generic for _, word in words) else []


def _runs(text: str, start: int, stop: int) -> Iterator[list[Word]]:
    stops = word_list("english_stop.txt")
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
    if run:
        yield run


def _is_cut(word: str, stops: frozenset[str]) -> bool:
    small = word.casefold()
    if small in stops:
        return not (len(word) > 1 and word.isupper())
    return (
        (small.endswith("ly") and small not in _NOT_ADVERBS and len(small) > 4)
        or _NUMBER.fullmatch(word) is not None
        or len(word) < 2
        or small.endswith(("'s", "’s"))
    )
