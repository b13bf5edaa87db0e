"""Whether a long form spells an abbreviation, and how well.

After A. S. Schwartz, M. A. Hearst, A simple algorithm for identifying abbreviation definitions in biomedical text, PSB 2003: the letters of the
short form stand in the long form in their order, the first at its beginning. They take the shortest such form; here it is the one in which most
letters begin a word and fewest words are passed over: "Proximal Policy Optimization" for PPO, not "Policy Optimization". Added to it: digits (T2I,
A3C, 3DGS), and a plural s may be left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.annotate.spans import LATIN

SHORT = rf"{LATIN}(?:{LATIN}|[-.&+/](?={LATIN})){{1,9}}(?!{LATIN})"
QUANTITY = re.compile(r"\d[\d.,]*(?:[KMBTkmbxWVhp%]|[KMGT]i?B|ms|s|[kMG]?Hz|px|fps|FPS|dB|[nmck]m|bits?)")

_ONE = re.compile(SHORT)
_VERSION = re.compile(r"[-v]?\d[\d.]*[a-z]?$")
_LOWER_RUN = re.compile("[a-z]{3}|[a-z]{2}[A-Z]{2}")
_PART = re.compile(rf"{LATIN}+(?:[.'’]{LATIN}+)*")
_FUNCTION_WORDS = frozenset(
    "a an the of for and or in on at to with by via from as is are we our this that these called named namely using through".split()
)
_MAY_BEGIN = frozenset("called named using through".split())
"""Function words with which a long form may begin if each of its words has its letter: named entity recognition, The Cancer Genome Atlas."""
_HEADS = frozenset("model models network networks".split())
"""What an abbreviation often leaves out, and means: vision-language-action models, VLA."""
_REPEATED = re.compile("([a-z])([2-5])")
"""C4 is four times C."""
_SOUNDS = dict(zip("123456789", "one two/to/too three four/for five six seven eight nine".split(), strict=True))
_MORE_WORDS = 5
"""So many more parts than letters a long form may have, and not more than twice as many; Schwartz and Hearst count words so."""
# What it costs to pass over a part of the long form, and to find a letter elsewhere than at the beginning of a part. Set by hand, so that of two
# ways to read an abbreviation the likelier is the cheaper; what counts is their order.
SKIP_HEAD = 1.5
_SKIP_SMALL, _SKIP_HYPHENED, _SKIP_WORD, _SKIP_LAST = 0.25, 1.0, 2.0, 2.4
_NEXT_LETTER, _LATER_LETTER, _NOT_FIRST, _INSIDE_WORD = 0.3, 1.0, 2.0, 1.5
_PER_LETTER = 0.8
"""The cost that each letter of an abbreviation may bring."""
_MOST_IN_PART = 7


class Fit(NamedTuple):
    """How well a long form spells its abbreviation, and where it begins: at no cost if each letter begins a word and each word has one."""

    cost: float
    begin: int


class Part(NamedTuple):
    """A part of a long form, between blanks and hyphens; whether a blank or nothing stands before it, and after it."""

    begin: int
    end: int
    text: str
    folded: str
    first: bool
    last: bool


def is_short_form(text: str) -> bool:
    """Whether a text can be an abbreviation: two to ten characters, a letter or a digit first, a capital somewhere, and no quantity.

    >>> [is_short_form(text) for text in ("MoE", "LLMs", "i", "2024", "however", "F1", "3DGS", "80GB")]
    [True, True, False, False, False, True, True, False]
    """
    return _ONE.fullmatch(text) is not None and any(map(str.isupper, text)) and QUANTITY.fullmatch(text) is None


def is_initialism(text: str) -> bool:
    """Whether a text is an abbreviation by its looks, and no name: capitals with at most two small letters in a row, and no version.

    >>> [is_initialism(text) for text in ("MoE", "LLMs", "3DGS", "SigLIP", "GPT-4", "Mistral")]
    [True, True, True, False, False, False]
    """
    return is_short_form(text) and sum(map(str.isupper, text)) >= 2 and _LOWER_RUN.search(text) is None and _VERSION.search(text) is None


def stands_for(short: str, long: str) -> bool:
    """Whether all of a text is what the short form stands for.

    >>> stands_for("MoE", "Mixture of Experts"), stands_for("MoE", "the sparse Mixture of Experts"), stands_for("GPT-4", "language model")
    (True, False, False)
    """
    return fit(short, long, 0, len(long), whole=True) is not None


def has_initials(short: str, long: str) -> bool:
    """Whether the initials of a text, all of them, are the abbreviation.

    >>> has_initials("CNNs", "convolutional neural networks"), has_initials("CNN", "deep convolutional neural network")
    (True, False)
    """
    return _initials(parts(long, 0, len(long))) == letters(short)


def fit(short: str, text: str, begin: int, end: int, *, whole: bool = False) -> Fit | None:
    """How well what ends at a place of a text spells an abbreviation, at its best; None if it does not.

    Args:
        short: the abbreviation.
        text: the text that may hold its long form.
        begin: from where on it may begin, or must, if it is to be the whole.
        end: where it ends.
        whole: whether all of it must be the long form.

    >>> text = "we train a Mixture of Experts"
    >>> text[fit("MoE", text, 0, len(text)).begin:]
    'Mixture of Experts'
    >>> [fit(short, text, 0, len(text)) is None for short in ("BERT", "EM", "ME")]
    [True, True, False]
    """
    wanted = letters(short)
    own = parts(text, begin, end)[-min(len(wanted) + _MORE_WORDS, 2 * len(wanted)) - 2 :]
    if not own or own[-1].end < end - 3 or (whole and own[0].begin != begin):
        return None
    spellings = [wanted]
    if _REPEATED.search(wanted):
        spellings.append(_REPEATED.sub(lambda found: found[1] * int(found[2]), wanted))
    if _is_plural(short):
        spellings.append(f"{wanted}s")
    best: Fit | None = None
    for spelling in spellings:
        found = _spelled(spelling, own, whole=whole)
        if found is not None and (best is None or found.cost < best.cost):
            best = found
            if not best.cost:
                break
    if best is None or best.cost > _PER_LETTER * len(wanted):
        return None
    long = text[best.begin : end]
    one_word = re.search(r"[ \n\u00a0-]", long) is None
    return None if len(long) <= len(short) + 1 or (one_word and len(wanted) > 4) or short in long.split() else best


def letters(short: str) -> str:
    """The letters and digits of an abbreviation in lower case, without the s of a plural.

    >>> letters("LLMs"), letters("k-NN")
    ('llm', 'knn')
    """
    return "".join(character for character in (short[:-1] if _is_plural(short) else short).casefold() if character.isalnum())


def parts(text: str, begin: int, end: int) -> list[Part]:
    """The parts of a stretch of text between blanks and hyphens.

    >>> [(part.text, part.first, part.last) for part in parts("text-to image", 0, 13)]
    [('text', True, False), ('to', False, True), ('image', True, True)]
    """
    found = []
    for word in _PART.finditer(text, begin, end):
        first, last = word.span()
        before = text[first - 1] if first > begin else " "
        after = text[last] if last < end else " "
        found.append(Part(first, last, word[0], word[0].casefold(), before not in "-‐‑–/.&+", after not in "-‐‑–/&+"))
    return found


def _is_plural(short: str) -> bool:
    return len(short) > 2 and short[-1] == "s" and (short[-2].isupper() or short[-2].isdigit())


def _initials(own: list[Part]) -> str:
    return "".join(part.folded[0] for part in own)


def _spelled(wanted: str, own: list[Part], *, whole: bool) -> Fit | None:
    count = len(wanted)
    if len(own) >= count and _begins(own[-count], exact=True) and (not whole or len(own) == count) and _initials(own[-count:]) == wanted:
        return Fit(0, own[-count].begin)
    if not _is_subsequence(wanted, own):
        return None
    best: Fit | None = None
    limit = _PER_LETTER * count
    # The least cost at which all but so many letters stand in the parts seen so far, from the last to the first.
    states = {count: 0.0}
    for place in range(len(own) - 1, -1, -1):
        part = own[place]
        skip = _skip(part, last=place == len(own) - 1)
        reached: dict[int, float] = {}
        for left, cost in states.items():
            if cost + skip <= limit:
                reached[left] = min(cost + skip, reached.get(left, limit))
            if wanted[left - 1] not in part.folded and wanted[left - 1] not in _SOUNDS:
                continue
            for taken in range(1, min(left, _MOST_IN_PART) + 1):
                price, at_first = _price(wanted[left - taken : left], part)
                if cost + price > limit:
                    continue
                if taken < left:
                    reached[left - taken] = min(cost + price, reached.get(left - taken, limit))
                elif at_first and (not whole or place == 0) and _begins(part, exact=cost + price == 0):
                    total = cost + price + (0 if part.first else _INSIDE_WORD)
                    if total <= limit and (best is None or total < best.cost):
                        best = Fit(total, part.begin)
        states = reached
        if not states:
            break
    return best


def _is_subsequence(wanted: str, own: list[Part]) -> bool:
    """Whether the letters stand in the parts in their order; where sounds count (2 for to, x for cross), it is taken for granted."""
    if not _SOUNDS.keys().isdisjoint(wanted) or "x" in wanted:
        return True
    folded = "".join(part.folded for part in own)
    place = len(folded)
    for letter in reversed(wanted):
        place = folded.rfind(letter, 0, place)
        if place < 0:
            return False
    return True


def _begins(part: Part, *, exact: bool) -> bool:
    """Whether a long form can begin with this part: no function word, but for in-memory."""
    return part.folded not in _FUNCTION_WORDS or not part.last or (exact and (part.folded in _MAY_BEGIN or part.text[0].isupper()))


def _skip(part: Part, *, last: bool) -> float:
    if part.folded in _FUNCTION_WORDS:
        return _SKIP_SMALL
    if not (part.first and part.last):
        return _SKIP_HYPHENED
    if last:
        return SKIP_HEAD if part.folded in _HEADS else _SKIP_LAST
    return _SKIP_WORD


def _price(wanted: str, part: Part) -> tuple[float, bool]:
    """What it costs to find some letters in one part, infinite if they are not there, and whether the first of them begins it."""
    folded = part.folded
    if wanted in _SOUNDS and folded in _SOUNDS[wanted].split("/"):
        return 0, True
    # A capital inside the word is meant: EgoSocial, eXtensible, DEtection.
    shown = part.text if len(part.text) == len(folded) else folded
    price, place, at_first = 0.0, 1, True
    if wanted[0] != folded[0]:
        if wanted[0] == "x" and folded.startswith(("ex", "cross")):
            place = 2
        else:
            place = folded.find(wanted[0]) + 1
            at_first = False
            if not place:
                return float("inf"), False
            price = _NEXT_LETTER if shown[0].islower() and shown[place - 1].isupper() else _NOT_FIRST
    for letter in wanted[1:]:
        found = folded.find(letter, place)
        if found < 0:
            return float("inf"), False
        if not shown[found].isupper():
            price += _NEXT_LETTER if found == place else _LATER_LETTER
        place = found + 1
    return price, at_first
