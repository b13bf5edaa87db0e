"""How a component hands over what it found: spans of ``doc.spans["concepts"]``.

A span's label is the evidence, its ``kb_id_`` the partner (the other side of a gloss) and its ``id_`` the relation to it. Any pipeline that
fills this group so can stand in for ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from spacy.tokens import Doc

GROUP = "concepts"
LATIN = r"[^\W_ᄀ-ᇿ㄰-㆏가-힣぀-ヿ一-鿿]"
"""A letter or digit of an alphabet that puts spaces between words."""
WORD = rf"{LATIN}+(?:[-‐‑–/.+'’@&:]{LATIN}+)*(?:\+\+?|\#)?"
"""A word of such an alphabet: GPT-4o, Text-to-Image, L1, C++."""
BRACKET = re.compile(r"[(（]([^()（）\n]{1,150})[)）]")


class Found(NamedTuple):
    """A span in code points, the component that found it, and its partner in a gloss."""

    begin: int
    end: int
    evidence: str
    partner: str = ""
    relation: str = ""


def add(doc: Doc, found: Iterable[Found]) -> Doc:
    """Put what a component found into the group; what would cut a token in two is left out."""
    spans = []
    for begin, end, evidence, partner, relation in found:
        span = doc.char_span(begin, end, label=evidence, kb_id=partner, span_id=relation)
        if span is not None:
            spans.append(span)
    if spans:
        if GROUP not in doc.spans:
            doc.spans[GROUP] = []
        doc.spans[GROUP].extend(spans)
    return doc


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
