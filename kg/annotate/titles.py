"""Names that a paper coins, before its title's colon or where it says so; and the noun-like phrases of titles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.phrases import noun_phrases
from kg.annotate.spans import LATIN, Found, add, text_of
from kg.language.forms import HANGUL, is_name

_SPELLED = r"[^\W_]+(?:[-+.][^\W_]+)*"
_CALLED = re.compile(
    r"(?:called|named|dubbed|termed|call it|name it|introduce|propose|present|develop|release) (?:the |an? )?"
    rf"({_SPELLED})(?=[\s,.;:(]|$)"
)
_CALLED_KO = re.compile(rf"({_SPELLED})(?=(?:이라는|라는|이라고|라고|[을를] (?:제안|소개|제시|공개|개발)))")
_COINED = re.compile(rf"\s*({LATIN}[^:：\n]{{1,39}})(?::|：|\s[-–—])\s")


@Language.component("kg_titles")
def titles(doc: Doc) -> Doc:
    """Find the name that a paper coins, in its title or where its text says "we call it", and the phrases of a title."""
    return add(doc, _title(text_of(doc)) if doc.user_data.get("title") else _called(text_of(doc)))


def _called(text: str) -> Iterator[Found]:
    for pattern in (_CALLED, _CALLED_KO) if HANGUL.search(text) else (_CALLED,):
        for found in pattern.finditer(text):
            if is_name(found[1]) and found[1][0].isalpha() and len(found[1]) > 1:
                yield Found(found.start(1), found.end(1), "coined")


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
