"""Abbreviations beside their long forms, in both directions: ``Mixture of Experts (MoE)`` and ``MoE (Mixture of Experts)``.

Source: A. S. Schwartz, M. A. Hearst, A simple algorithm for identifying abbreviation definitions in biomedical text, PSB 2003. Added to it: the
short form must hold a capital; a plural s may be left out of the comparison; the long form begins with no function word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.spans import BRACKET, LATIN, Found, add

_SHORT = re.compile(rf"{LATIN}(?:{LATIN}|[-.&+/]){{1,9}}")
_LEFT = re.compile(rf"(?:{LATIN}|[-‐‑–/'’.&+ \n])+$")
_BEFORE = re.compile(rf"{LATIN}(?:{LATIN}|[-.&+/])*$")
_FUNCTION_WORDS = frozenset(
    "a an the of for and or in on at to with by via from as is are we our this that these called named namely using through".split()
)
_WINDOW = 120


@Language.component("kg_acronyms")
def acronyms(doc: Doc) -> Doc:
    """Find short and long forms, each with the other as partner."""
    return add(doc, _acronyms(doc.text)) if "(" in doc.text or "（" in doc.text else doc


def _acronyms(text: str) -> Iterator[Found]:
    for bracket in BRACKET.finditer(text):
        content = re.split("[;,；，]", bracket[1], maxsplit=1)[0]
        inside, begin = content.strip(), bracket.start(1) + len(content) - len(content.lstrip())
        end = bracket.start()
        if end > 0 and text[end - 1] in " \n":
            end -= 1
        if end == 0 or text[end - 1].isspace() or not inside:
            continue
        pair = None
        if is_short_form(inside):
            left = _LEFT.search(text, max(0, end - _WINDOW), end)
            if left is not None:
                long = long_form(inside, left[0])
                if long is not None:
                    pair = (end - len(long), end, begin, begin + len(inside))
        if pair is None:
            before = _BEFORE.search(text, max(0, end - 12), end)
            if (
                before is not None
                and is_short_form(before[0])
                and (before.start() == 0 or not text[before.start() - 1].isalnum() or ord(text[before.start() - 1]) > 0x1100)
            ):
                long = long_form(before[0], inside)
                if long == inside:
                    pair = (begin, begin + len(inside), before.start(), end)
        if pair is not None:
            long_begin, long_end, short_begin, short_end = pair
            yield Found(long_begin, long_end, "acronym", text[short_begin:short_end], "abbreviation")
            yield Found(short_begin, short_end, "acronym", text[long_begin:long_end], "expansion")


def is_short_form(text: str) -> bool:
    """Whether a text can be an abbreviation: two to ten characters, a letter first or a digit, a capital somewhere.

    >>> [is_short_form(text) for text in ("MoE", "LLMs", "i", "2024", "however", "F1")]
    [True, True, False, False, False, True]
    """
    return _SHORT.fullmatch(text) is not None and any(character.isupper() for character in text) and any(character.isalpha() for character in text)


def long_form(short: str, text: str) -> str | None:
    """The shortest end of a text that can be what the short form stands for; None if there is none.

    >>> long_form("MoE", "we train a Mixture of Experts")
    'Mixture of Experts'
    >>> long_form("LLMs", "with large language models")
    'large language models'
    >>> long_form("BERT", "we train a model") is None
    True
    """
    for form in [short, short[:-1]] if short.endswith("s") and short[:-1].isupper() else [short]:
        letters = sum(character.isalnum() for character in form)
        words = text.split()
        if not words:
            return None
        keep = min(letters + 5, letters * 2)
        start = len(text)
        for word in reversed(words[-keep:]):
            start = text.rindex(word, 0, start)
        found = _match(form, text[start:])
        if found is None:
            continue
        first = re.split(r"[\s-]", found, maxsplit=1)[0].casefold()
        if (
            first not in _FUNCTION_WORDS
            and len(found) > len(short) + 1
            and (" " in found or "\n" in found or "-" in found or letters <= 4)
            and short not in found.split()
        ):
            return found
    return None


def _match(short: str, text: str) -> str | None:
    position = len(text) - 1
    for index in range(len(short) - 1, -1, -1):
        wanted = short[index].casefold()
        if not wanted.isalnum():
            continue
        while position >= 0 and (text[position].casefold() != wanted or (index == 0 and position > 0 and text[position - 1].isalnum())):
            position -= 1
        if position < 0:
            return None
        position -= 1
    begin = max(text.rfind(" ", 0, position + 1), text.rfind("\n", 0, position + 1)) + 1
    return text[begin:].lstrip("-‐‑–/'’.&+")
