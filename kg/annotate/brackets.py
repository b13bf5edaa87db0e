"""Brackets, and what in them explains what stands before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BRACKET = re.compile(r"[()（）\[\]]")
_LONGEST = 200
"""Characters in a bracket; in a longer one is a sentence, and no name."""
_CLOSING = frozenset(" \n\u00a0~'’\"”*_`}([（")
_MAX_CLOSING = 4
_LEAD_WORDS = "|".join(
    (
        r"i\.?e\.?|that is|namely|simply|in short|hereafter|henceforth|hereinafter|also|called|termed|dubbed|abbr\.?|abbrev\.?|a\.?k\.?a\.?",
        r"(?:abbreviated|shortened|denoted|referred to|known|also known|also called|also referred to)(?: as| to| by)?|or(?: simply| just)?",
        r"short for|(?:which |that )?(?:stands?|standing) for|acronym(?: for| of)?|(?-i:the|an?)",
        "이하에서는|이하|약칭|줄여서|일명|약어|약자|즉|이른바",
    )
)
_LEAD = re.compile(rf"[ \n]*(?:(?:{_LEAD_WORDS})(?![\w가-힣])[\s,:]*|[\"“”‘’'*_`\[{{]+|\\[a-z]+\{{)*", re.IGNORECASE)


def brackets(text: str) -> Iterator[tuple[int, int]]:
    """Where brackets of a text open and close, in the order in which they close; such as hold more than 200 characters are left out.

    >>> list(brackets("GAT (Veličković [7]) (ours"))
    [(16, 18), (4, 19)]
    """
    opened: dict[bool, list[int]] = {True: [], False: []}
    for found in _BRACKET.finditer(text):
        place = found.start()
        kind = text[place] in "[]"
        if text[place] in "([（":
            opened[kind].append(place)
        elif opened[kind]:
            begin = opened[kind].pop()
            if 1 < place - begin <= _LONGEST + 1:
                yield begin, place


def end_before(text: str, place: int) -> int:
    """Where ends what stands before a bracket that opens at ``place``, without blanks, closing quotes and mark-up; 0 if nothing stands there.

    >>> end_before("**MoE** (", 8)
    5
    """
    end = place
    while end > 0 and place - end < _MAX_CLOSING and text[end - 1] in _CLOSING:
        end -= 1
    return end


def after_lead(text: str, begin: int, end: int) -> int:
    """Where what a bracket says begins, behind "hereafter", "i.e.", "short for", 이하 and opening quotes.

    >>> after_lead('(i.e., "MoE")', 1, 12)
    8
    """
    found = _LEAD.match(text, begin, end)
    return found.end() if found else begin
