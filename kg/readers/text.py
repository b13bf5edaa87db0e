"""The one door for text: what comes out of here is NFC and legal in XML 1.0, and its lines end in LF.

The rule, for every text of every reader:

=====================================  ==============================================================================
CR LF, CR                              LF
TAB                                    one space: in digests it is a ``\\t`` of LaTeX that a script ate, elsewhere it
                                       separates words
other C0 controls (NUL, backspace,     dropped: XML 1.0 cannot hold them, not even escaped
form feed), lone surrogates,
U+FFFE, U+FFFF
then                                   Unicode normalisation form C
=====================================  ==============================================================================

All else stays, U+2028, U+202E, U+0085, emoji, quotes and backslashes included; only LF ends a line. So ``str.split``,
``str.strip`` and ``str.splitlines`` without arguments have no place in a reader: they take U+2028 and others for white space.
"""

from __future__ import annotations

import re
import unicodedata

_UNCLEAN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
_SPACES = re.compile(r"[ \n\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def clean(text: str) -> str:
    """Make a text fit for every output, by the rule above. Clean text comes back as it is.

    >>> clean("a\\r\\nb\\tc \\x0crac \\x00") == "a\\nb c rac "
    True
    >>> clean("e\\u0301") == "é"
    True
    """
    if _UNCLEAN.search(text) is not None:
        text = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """Make a title, a name or a label: clean, on one line, each run of spaces of any kind (U+00A0, U+3000 ...) one plain space.

    >>> clean_line(" Mixture\\n  of\\u00a0Experts ")
    'Mixture of Experts'
    """
    return _SPACES.sub(" ", clean(text)).strip(" ")


def is_visible(text: str) -> bool:
    """Whether a text has a character that shows: not only spaces, controls, and marks of direction or of zero width.

    >>> is_visible(":"), is_visible("\\u200b \\u202e"), is_visible("")
    (True, False, False)
    """
    return any(unicodedata.category(character) not in _INVISIBLE for character in text)


def has_hangul(text: str) -> bool:
    """Whether a text has Korean letters.

    >>> has_hangul("전문가 혼합(MoE)"), has_hangul("MoE")
    (True, False)
    """
    return not text.isascii() and _HANGUL.search(text) is not None


def language_of(text: str) -> str | None:
    """The language of a summary as a BCP 47 tag: "ko" with Hangul; "en" with Latin letters and none of another script's; else None.

    >>> language_of("전문가 혼합(MoE)을 씁니다."), language_of("It uses MoE."), language_of("混合专家 (MoE)"), language_of("42")
    ('ko', 'en', None, None)
    """
    if has_hangul(text):
        return "ko"
    return "en" if _LATIN.search(text) is not None and _OTHER_LETTERS.search(text) is None else None


_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_LATIN = re.compile(r"[A-Za-z]")
# Cyrillic to the Indic and South-East Asian scripts, kana, Han: scripts of running text. Greek is left out: it is in formulas.
_OTHER_LETTERS = re.compile(r"[\u0400-\u10ff\u1200-\u1cff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
