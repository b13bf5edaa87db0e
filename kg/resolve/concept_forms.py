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


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular of an English word in lower case, by its ending alone.

    >>> [singular(word) for word in ("models", "policies", "losses", "analysis", "bias", "images")]
    ['model', 'policy', 'loss', 'analysis', 'bias', 'image']
    """
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")) and len(word) > 4:
        return word[:-2]
    return word if word.endswith(("ss", "us", "is", "ias", "eas", "ous")) else word[:-1]


def fold(surface: str) -> str:
    """The key of a surface: surfaces with one key are spellings of one label. Empty if nothing is left.

    Short words of capitals keep them, for GAP is no gap and MATH no math.

    >>> fold("Mixture-of-Experts") == fold("mixture of expert"), fold("LLMs") == fold("LLM"), fold("C++") == fold("C"), fold("GAP") == fold("gap")
    (True, True, False, False)
    >>> fold("지식 그래프") == fold("지식그래프를")
    True
    """
    text = PLURAL_CAPITALS.sub("", _POSSESSIVE.sub("", unicodedata.normalize("NFKC", surface)))
    if len(text) <= 5 and text.isalpha() and sum(character.isupper() for character in text) > 1:
        return text.upper()
    text = text.casefold()
    return _OBJECT.sub("", "".join(singular(word) for word in JOINERS.split(text)).strip(".,:;!?()[]{}"))


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
