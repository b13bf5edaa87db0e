"""How a component hands over what it found: spans of ``doc.spans["concepts"]``.

A span's label is the evidence, its ``kb_id_`` the partner (the other side of a gloss) and its ``id_`` the relation to it. Any pipeline that
fills this group so can stand in for ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from spacy.tokens import Doc, Span

GROUP = "concepts"
LATIN = r"[^\W_ᄀ-ᇿ㄰-㆏가-힣぀-ヿ一-鿿]"
"""A letter or digit of an alphabet that puts spaces between words."""
WORD = rf"{LATIN}+(?:[-‐‑–/.+'’@&:]{LATIN}+)*(?:\+\+?|\#)?"
"""A word of such an alphabet: GPT-4o, Text-to-Image, L1, C++."""


class Found(NamedTuple):
    """A span in code points, the component that found it, and its partner in a gloss."""

    begin: int
    end: int
    evidence: str
    partner: str = ""
    relation: str = ""


def text_of(doc: Doc) -> str:
    """The text of a document, which spaCy puts together from its tokens at each question."""
    text = doc.user_data.get("text")
    return doc.text if text is None else text


def add(doc: Doc, found: Iterable[Found]) -> Doc:
    """Put what a component found into the group; what would cut a token in two is left out."""
    found = list(found)
    if not found:
        return doc
    edges = doc.user_data.get("edges")
    if edges is None:
        places = doc.user_data.get("pieces") or [(token.idx, token.text) for token in doc]
        edges = (
            {begin: number for number, (begin, _) in enumerate(places)},
            {begin + len(word): number + 1 for number, (begin, word) in enumerate(places)},
        )
        doc.user_data["edges"] = edges
    begins, ends = edges
    spans = [
        Span(doc, begins[begin], ends[end], label=evidence, kb_id=partner, span_id=relation)
        for begin, end, evidence, partner, relation in found
        if begin in begins and end in ends and begin < end
    ]
    if spans:
        if GROUP not in doc.spans:
            doc.spans[GROUP] = []
        doc.spans[GROUP].extend(spans)
    return doc
