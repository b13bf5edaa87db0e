"""Titles: the name that a paper coins before the colon, and the noun-like phrases of the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.phrases import noun_phrases
from kg.annotate.spans import LATIN, Found, add, is_name

_COINED = re.compile(rf"\s*({LATIN}[^:：\n]{{1,39}})(?::|：|\s[-–—])\s")


@Language.component("kg_titles")
def titles(doc: Doc) -> Doc:
    """Find the coined name and the phrases of a text that is a title."""
    return add(doc, _title(doc.text)) if doc.user_data.get("title") else doc


def _title(text: str) -> Iterator[Found]:
    start = 0
    coined = _COINED.match(text)
    if coined is not None:
        name = coined[1].rstrip()
        words = name.split()
        if len(words) == 1 or (len(words) <= 3 and is_name(words[0])):
            yield Found(coined.start(1), coined.start(1) + len(name), "coined")
            start = coined.end()
    yield from noun_phrases(text, start, len(text), "title")
