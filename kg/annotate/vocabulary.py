"""Terms of a vocabulary, wherever they stand in a text: in any spelling that folds to the same key (`kg.language.forms`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.spans import Found, add
from kg.annotate.tokens import first_token
from kg.language.forms import HANGUL, JOINERS, bare, fold, singular

_MAX_KEY = 60
_STEPS = (4, 7, 11)
_PART = "\n"


class Matcher:
    """Finds the longest terms at each place, and those inside them.

    A term of one word that begins with a capital (Whisper, Phi) asks for one in the text.

    >>> import spacy
    >>> from kg.annotate.tokens import Tokenizer
    >>> matcher = Matcher(["mixture of experts", "전문가 혼합", "Whisper"])
    >>> text = "Mixture-of-Experts는 전문가 혼합을 whisper로"
    >>> [text[found.begin : found.end] for found in matcher.find(Tokenizer(spacy.blank("xx").vocab)(text))]
    ['Mixture-of-Experts', '전문가 혼합']
    """

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self.load(terms)

    def load(self, terms: Iterable[str]) -> None:
        """Take these terms in place of those before."""
        terms = list(terms)
        self._keys: dict[str, bool] = {}
        for term in terms:
            key = fold(term)
            if 1 < len(key) <= _MAX_KEY:
                proper = term[:1].isupper() and term[1:].islower() and term.isalpha()
                self._keys[key] = self._keys.get(key, True) and proper
        # The first words of all terms, and the beginnings of their keys: most places are left after one look.
        self._starts = frozenset(start for term in terms for start in _starts(term))
        self._begins = [frozenset(key[:step] for key in self._keys) for step in _STEPS]

    def __call__(self, doc: Doc) -> Doc:
        return add(doc, self.find(doc)) if self._keys else doc

    def find(self, doc: Doc) -> Iterator[Found]:
        """The terms in a document."""
        pieces = doc.user_data.get("pieces") or [(token.idx, token.text) for token in doc]
        # A break of two lines parts what stands before and after it.
        folded = [_folded(text) for _, text in pieces]
        for place in range(1, len(pieces)):
            # The s of Alzheimer's, which folds away.
            if pieces[place][1] in {"s", "S"} and pieces[place - 1][1] in {"'", "’"} and place > 1 and pieces[place - 2][1].isalpha():
                folded[place] = ""
        keys, starts, (first, second, third) = self._keys, self._starts, self._begins
        for start, key in enumerate(folded):
            begin, text = pieces[start]
            if not key or key == _PART:
                continue
            proper = keys.get(_whole(text))
            if proper is not None and not (proper and not text[0].isupper()):
                yield Found(begin, begin + len(text), "vocabulary")
            so_far = bare(key)
            if so_far not in starts:
                continue
            for place in range(start + 1, len(pieces)):
                part = folded[place]
                if not part:
                    continue
                if part == _PART:
                    break
                whole = so_far + part
                if whole in keys:
                    offset, piece = pieces[place]
                    yield Found(begin, offset + len(piece), "vocabulary")
                length = len(whole)
                if (
                    (length >= _STEPS[0] and whole[: _STEPS[0]] not in first)
                    or (length >= _STEPS[1] and whole[: _STEPS[1]] not in second)
                    or (length >= _STEPS[2] and whole[: _STEPS[2]] not in third)
                    or length > _MAX_KEY
                ):
                    break
                so_far += bare(part)


def _starts(term: str) -> Iterator[str]:
    """With what a term begins in a text: its first token; of a Korean term, which may be written together, also its first two words and three."""
    yield bare(_folded(first_token(term)))
    if HANGUL.search(term):
        words = [bare(word) for word in JOINERS.split(term.casefold()) if word][:3]
        yield from accumulate(words)


@lru_cache(maxsize=100_000)
def _whole(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=100_000)
def _folded(text: str) -> str:
    if text.isspace():
        return _PART if text.count("\n") > 1 else ""
    return "" if text == "의" or JOINERS.fullmatch(text) else singular(text.casefold())


@Language.factory("kg_vocabulary")
def vocabulary(nlp: Language, name: str) -> Matcher:
    """An empty matcher; `kg.annotate.pipeline` fills one with the terms of the vocabularies in use."""
    return Matcher()
