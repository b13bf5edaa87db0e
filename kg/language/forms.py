"""Surfaces and their keys: which spellings are of one label."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HANGUL = re.compile("[가-힣]")
JOINERS = re.compile(r"[\s\-‐‑–—_/·'’\"“”`]+")
"""What may stand between the words of a term."""
PLURAL_CAPITALS = re.compile(r"(?<=[A-Z0-9])s\b")
"""The s of LLMs."""
_SMALL = frozenset("of and or for the a an in on to with by from via".split())
_POSSESSIVE = re.compile(r"['’]s\b")
_OBJECT = re.compile("(?<=[가-힣]{2})(?:을|를)$")


_SAME = frozenset("series species lens physics dynamics mathematics statistics genomics robotics kinematics mechanics economics ethics atlas".split())
"""Words that end in s and are no plurals."""


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular of an English word in lower case, by its ending alone.

    >>> [singular(word) for word in ("models", "policies", "losses", "analysis", "bias", "matrices")]
    ['model', 'policy', 'loss', 'analysis', 'bias', 'matrix']
    """
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith(("trices", "rtices")):
        return f"{word[:-4]}ix" if word.endswith("trices") else f"{word[:-4]}ex"
    if word.endswith("ies") and len(word) > 4 and word not in _SAME:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")) and len(word) > 4:
        return word[:-2]
    return word if word.endswith(("ss", "us", "is", "ias", "eas", "ous")) or word in _SAME else word[:-1]


def bare(word: str) -> str:
    """A Korean word inside a term without what says that it qualifies the next: 적 (of kind) and 의 (of).

    >>> [bare(word) for word in ("수학적", "사람의", "주의", "목적", "visual")]
    ['수학', '사람', '주의', '목적', 'visual']
    """
    return word[:-1] if len(word) > 2 and word[-1] in "적의" and HANGUL.match(word[-2]) else word


@lru_cache(maxsize=65_536)
def fold(surface: str) -> str:
    """The key of a surface: surfaces with one key are spellings of one label. Empty if nothing is left.

    Short words of capitals keep them, for GAP is no gap and MATH no math.

    >>> fold("Mixture-of-Experts") == fold("mixture of expert"), fold("LLMs") == fold("LLM"), fold("C++") == fold("C"), fold("GAP") == fold("gap")
    (True, True, False, False)
    >>> fold("지식 그래프") == fold("지식그래프를"), fold("수학적 추론") == fold("수학 추론"), fold("사람의 평가") == fold("사람 평가")
    (True, True, True)
    """
    text = PLURAL_CAPITALS.sub("", _POSSESSIVE.sub("", unicodedata.normalize("NFKC", surface)))
    if len(text) <= 5 and text.isalpha() and sum(character.isupper() for character in text) > 1:
        return text.upper()
    words = [singular(word) for word in JOINERS.split(text.casefold())]
    if HANGUL.search(text):
        words[:-1] = [bare(word) for word in words[:-1]]
    return _OBJECT.sub("", "".join(words).strip(".,:;!?()[]{}"))


def words_of(term: str) -> list[str]:
    """The words of a term, folded.

    >>> words_of("Vision-Language Models"), words_of("시각적 인식")
    (['vision', 'language', 'model'], ['시각적', '인식'])
    """
    return [singular(word) for word in JOINERS.split(term.casefold()) if word]


def initials(words: list[str]) -> str:
    """The initials of a term's words; a word of capitals counts with all of them, a small word with a small letter.

    >>> [initials(term.split()) for term in ("mixture of experts", "multimodal LLMs", "LLaMA model")]
    ['MoE', 'MLLM', 'LM']
    """
    letters = []
    for word in words:
        whole = word[:-1] if word.endswith("s") else word
        if len(whole) > 1 and whole.isupper():
            letters.append(whole)
        elif word in _SMALL:
            letters.append(word[0])
        else:
            letters.append(word[:1].upper())
    return "".join(letters)


def is_name(word: str) -> bool:
    """Whether a word looks like a name or an abbreviation: capitals inside, or letters with digits.

    >>> [is_name(word) for word in ("ReMoE", "GPT-4o", "BERT", "Diffusion", "learning", "Image-to-Video", "2024")]
    [True, True, True, False, False, False, False]
    """
    for part in re.split(r"[-‐‑–/]", word):
        letters = sum(character.isalpha() for character in part)
        if letters and (sum(character.isupper() for character in part[1:]) > 0 or letters < len(part.rstrip("'’."))):
            return True
    return False
