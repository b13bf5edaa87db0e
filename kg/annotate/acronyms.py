"""Abbreviations beside their long forms, in both directions: ``Mixture of Experts (MoE)`` and ``MoE (Mixture of Experts)``.

Also such as share words ("convolutional and recurrent neural networks (CNNs and RNNs)"), and what words say ("MoE is short for mixture of
experts"). What a long form is, says `kg.annotate.spelling`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.brackets import after_lead, brackets, end_before
from kg.annotate.spans import LATIN, Found, add, text_of
from kg.annotate.spelling import SHORT, SKIP_HEAD, Fit, fit, has_initials, is_short_form, letters, parts, stands_for

Span = tuple[int, int]

_ONE = re.compile(SHORT)
_TWO = re.compile(rf"(?:\d[A-Z]|{SHORT}) {SHORT}")
_CAPITALISED = re.compile(rf"(?=[^\s,;]*[A-Z])(?:{SHORT}|{LATIN}+)")
_DOTTED = re.compile(r"(?:[a-z]\.){3,}")
_NOT_SHORT = frozenset("a.k.a. w.r.t. s.t.".split())
_BEFORE = re.compile(rf"(?:(?<=^)|(?<=[\s(（\[\"“”‘'*_{{가-힣])){SHORT}(?: {SHORT})?$")
_NO_WORD = rf"[.?!:][ \n]|\n[ ]*\n|(?!{LATIN}|[-‐‑–/'’.&+ \n\u00a0])."
"""What no long form goes over."""
_BREAK = re.compile(f".*(?:{_NO_WORD})", re.DOTALL)
_BREAK_OF_LIST = re.compile(f".*(?:{_NO_WORD.replace('+ ', '+, ')})", re.DOTALL)
_STOP = re.compile(_NO_WORD, re.DOTALL)
_TAIL = re.compile(r"['’]s\b|[\"”’'*_`}\]\s~]*(?:$|[,;:=，；@]|[(\[（]|\\cite|such as\b|e\.g|for short\b|in short\b|(?:19|20)\d\d\b)")
"""What may come after an abbreviation in its bracket; anything else makes it the beginning of something else."""
_COMMAS = re.compile("[;,；，]")
_PARTED = re.compile("[;,:；，：][ \n]*")
_JOINED = re.compile(r"[ \n]*(?:,?[ \n]+(?:and|or)[ \n]+|[,/&][ \n]*)")
_JOINED_BEFORE = re.compile(r"(?:[ \n]+(?:and|or|as[ \n]+well[ \n]+as)[ \n]*|[ \n]*[,/&][ \n]*|[ \n]+)$")
_FOLLOWING = re.compile(rf"(?:[ \n]+(and|or)|(,))?((?:[ \n]+{LATIN}[^\s()\[\],;:.]*){{1,6}})")
_ASIDE = re.compile(r"[ \n]*\([^()]*\)")
_AND = re.compile(r",[ \n](?:and|or|&)[ \n]")
_KINDS = re.compile(r"[ \n](?:framework|methods?|approach|algorithms?|systems?|datasets?|benchmarks?|techniques?|modules?|strategy|mechanism)$")
"""What says of which kind is what stands before it: federated learning framework (FL)."""
_WINDOW = 120
_CHEAP, _DEAR = 0.9, 1.5
_HINTS = ("short", "stands for", "stand for", "abbreviat", "hereafter", "henceforth", "acronym", ", or ")
"""A text without any of these is not searched for words that say what is short for what."""
# No more blanks in a row than that: else a text of blanks would be searched from each of them to the last.
_GAP = r"[ \n]{1,3}"
_SAYS_LONG = re.compile(
    rf"(?<!\w)({SHORT})[\"”’'*]*(?:,?{_GAP}(?:which|that)|,)?{_GAP}(?:(?:is|are){_GAP})?(?:short{_GAP}for|(?:an|the){_GAP}(?:acronym|abbreviation)"
    rf"{_GAP}(?:for|of)|stands?{_GAP}for|abbreviates){_GAP}(?:the{_GAP}|an?{_GAP})?[\"“‘'*]*"
)
_SAYS_SHORT = re.compile(
    rf",?{_GAP}(?:(?:which{_GAP}is{_GAP})?abbreviated(?:{_GAP}(?:as|to|by))?|hereafter(?:{_GAP}(?:referred{_GAP}to{_GAP})?as)?|henceforth),?{_GAP}"
    rf"[\"“‘'*]*({SHORT})|(?:,{_GAP}|,?{_GAP}or{_GAP})[\"“‘'*]*({SHORT})[\"”’'*]*{_GAP}for{_GAP}short(?!\w)|,{_GAP}or{_GAP}({SHORT})(?=[,.;])"
)


@Language.component("kg_acronyms")
def acronyms(doc: Doc) -> Doc:
    """Find short and long forms, each with the other as partner."""
    return add(doc, find_acronyms(text_of(doc)))


def find_acronyms(text: str) -> Iterator[Found]:
    """Both sides of each abbreviation that a text explains; only the short side of one whose long form shares words with another.

    >>> text = "A vision transformer (ViT) is no CNN (convolutional neural network)."
    >>> [(text[found.begin : found.end], found.partner, found.relation) for found in find_acronyms(text)][1:3]
    [('ViT', 'vision transformer', 'expansion'), ('convolutional neural network', 'CNN', 'abbreviation')]
    """
    for opening, closing in brackets(text):
        end = end_before(text, opening)
        if not end:
            continue
        begin = after_lead(text, opening + 1, closing)
        shorts = _short_forms(text, begin, closing)
        found = _listed(text, shorts, end) if len(shorts) > 1 else _explained(text, shorts[0], end, closing + 1) if shorts else []
        yield from found or _reversed(text, end, begin, closing) or _inside(text, begin, closing)
    if any(hint in text for hint in _HINTS):
        yield from _said(text)


def _pair(text: str, long: Span, short: Span) -> list[Found]:
    return [Found(*long, "acronym", text[slice(*short)], "abbreviation"), Found(*short, "acronym", text[slice(*long)], "expansion")]


def _short_forms(text: str, begin: int, end: int) -> list[Span]:
    """The short forms that a bracket holds: one, whatever is said of it behind a comma, or a list of them; none if it holds something else."""
    dotted = _DOTTED.match(text, begin, end)
    if dotted is not None:
        return [dotted.span()] if dotted.end() == end and dotted[0] not in _NOT_SHORT else []
    found = _ONE.match(text, begin, end)
    if found is None:
        return []
    two = _TWO.match(text, begin, end)
    if two is not None and all(sum(map(str.isupper, word)) + word[0].isdigit() > 1 for word in two[0].split(" ")):
        found = two
    elif not is_short_form(found[0]):
        return _parted(text, found)
    shorts = [found.span()]
    place = found.end()
    while (joined := _JOINED.match(text, place, end)) is not None:
        following = _CAPITALISED.match(text, joined.end(), end)
        if following is None:
            break
        shorts.append(following.span())
        place = following.end()
    if len(shorts) > 1 and _TAIL.match(text[place:end]):
        return shorts
    return (_parted(text, found) or shorts[:1]) if _TAIL.match(text[found.end() : end]) else []


def _parted(text: str, found: re.Match[str]) -> list[Span]:
    """NER/RE as two."""
    spans = [(found.start() + word.start(), found.start() + word.end()) for word in re.finditer("[^/]+", found[0])]
    return spans if len(spans) > 1 and all(is_short_form(text[slice(*span)]) for span in spans) else []


def _explained(text: str, short: Span, end: int, after: int) -> list[Found]:
    """An abbreviation in a bracket, and its long form before it, or around it: "convolutional (CNN) and recurrent (RNN) neural networks"."""
    name = text[slice(*short)]
    begin = _left(text, end)
    best = fit(name, text, begin, end)
    kind = _KINDS.search(text, max(begin, end - 12), end)
    if kind is not None and (best is None or best.cost >= SKIP_HEAD):
        bare = fit(name, text, begin, kind.start())
        if bare is not None and (best is None or bare.cost <= best.cost - SKIP_HEAD):
            best, end = bare, kind.start()
    if best is None:
        # What is listed may be abbreviated as a whole: banking, financial services, and insurance (BFSI).
        listed = fit(name, text, _left(text, end, _BREAK_OF_LIST), end)
        best = listed if listed is not None and listed.cost <= _CHEAP and _AND.search(text, listed.begin, end) else None
    if best is None or best.cost > _DEAR:
        long = _around(name, text[begin:end], text[after : after + _WINDOW])
        if long is not None:
            return [Found(*short, "acronym", long, "expansion")]
    return [] if best is None else _pair(text, (best.begin, end), short)


def _around(short: str, before: str, after: str) -> str | None:
    """The long form that begins before a bracket and goes on behind it, or with what the next shares with it; None if there is none."""
    following = _FOLLOWING.match(_ASIDE.sub("", after))
    count = len(letters(short))
    if following is None or count < 3:
        return None
    left, right = before[-40:].split(), following[3].split()
    starts = range(1, len(right)) if following[1] or (following[2] and "(" in after) else [0]
    for own in range(1, min(len(left), count - 1) + 1):
        for start in starts:
            for stop in range(start + 1, len(right) + 1):
                long = " ".join([*left[-own:], *right[start:stop]])
                if has_initials(short, long):
                    return long
    return None


def _listed(text: str, shorts: list[Span], end: int) -> list[Found]:
    """Several abbreviations in a bracket, for as many long forms in the same order; if they do not fit, the first alone, as in "LLMs, VLMs"."""
    found: list[Found] = []
    stop, later = end, ""
    for short in reversed(shorts):
        name = text[slice(*short)]
        begin = _left(text, stop)
        same = re.search(rf"(?<!\w){re.escape(name)}$", text[begin:stop], re.IGNORECASE)
        best = Fit(0, begin + same.start()) if same else fit(name, text, begin, stop)
        shared = None if best is not None and best.cost <= _CHEAP else _sharing(name, text, begin, stop, later)
        if shared is not None:
            begin, later = shared
            found.append(Found(*short, "acronym", later, "expansion"))
            found.append(Found(begin, end, "coordination", later, "shared"))
        elif best is not None:
            begin, later = best.begin, text[best.begin : stop]
            if not same:
                found.extend(_pair(text, (begin, stop), short))
        else:
            break
        joined = _JOINED_BEFORE.search(text, max(0, begin - 24), begin)
        stop = joined.start() if joined else begin
    else:
        return found
    best = fit(text[slice(*shorts[0])], text, _left(text, end), end)
    return [] if best is None else _pair(text, (best.begin, end), shorts[0])


def _sharing(short: str, text: str, begin: int, end: int, later: str) -> tuple[int, str] | None:
    """Where a long form begins that shares its last words with the next one, and itself: "convolutional and recurrent neural networks"."""
    words = later.split()
    own = list(re.finditer(r"\S+", text[begin:end]))
    for count in range(1, min(len(own), len(letters(short))) + 1):
        for start in range(1, len(words)):
            long = " ".join([*(word[0] for word in own[-count:]), *words[start:]])
            if has_initials(short, long):
                return begin + own[-count].start(), long
    return None


def _reversed(text: str, end: int, begin: int, closing: int) -> list[Found]:
    """A long form in a bracket, and its abbreviation before it."""
    before = _BEFORE.search(text, max(0, end - 22), end)
    if before is None:
        return []
    whole, last = before.span(), (before.start() + before[0].rfind(" ") + 1, end)
    for short in (whole, last) if whole != last else (whole,):
        if not is_short_form(text[slice(*short)].replace(" ", "")):
            continue
        for stop in (closing, *(found.start() for found in _COMMAS.finditer(text, begin, closing))):
            long = text[begin:stop].rstrip(" \n\"”’'*_`}]")
            if long and stands_for(text[slice(*short)], long):
                return _pair(text, (begin, begin + len(long)), short)
    return []


def _inside(text: str, begin: int, closing: int) -> list[Found]:
    """Both in one bracket: 전문가 혼합(Mixture of Experts; MoE), 시각 언어 모델(VLM: Vision-Language Model)."""
    joined = _PARTED.search(text, begin, closing)
    if joined is None:
        return []
    first, second = (begin, joined.start()), (after_lead(text, joined.end(), closing), closing)
    for long, short in ((first, second), (second, first)):
        if is_short_form(text[slice(*short)]) and stands_for(text[slice(*short)], text[slice(*long)]):
            return _pair(text, long, short)
    return []


def _said(text: str) -> Iterator[Found]:
    """What words say: MoE is short for mixture of experts; mixture of experts, or MoE for short."""
    for found in _SAYS_LONG.finditer(text):
        if is_short_form(found[1]):
            begin = found.end()
            ends = [part.end for part in parts(text, begin, _right(text, begin))[: 2 * len(found[1])] if part.last]
            fits = [(best.cost, end) for end in ends if (best := fit(found[1], text, begin, end, whole=True)) is not None]
            if fits:
                yield from _pair(text, (begin, min(fits)[1]), found.span(1))
    for found in _SAYS_SHORT.finditer(text):
        group = found.lastindex or 1
        end = end_before(text, found.start())
        if end and is_short_form(found[group]):
            best = fit(found[group], text, _left(text, end), end)
            if best is not None and best.cost <= _CHEAP:
                yield from _pair(text, (best.begin, end), found.span(group))


def _left(text: str, end: int, pattern: re.Pattern[str] = _BREAK) -> int:
    """Where the words begin that a long form before ``end`` can be made of."""
    start = max(0, end - _WINDOW)
    window = text[start:end]
    broken = pattern.match(window)
    if broken is not None:
        return start + broken.end()
    # A word that the window cuts in two is none.
    return start + window.find(" ") + 1 if start else 0


def _right(text: str, begin: int) -> int:
    """Where the words end that a long form after ``begin`` can be made of."""
    found = _STOP.search(text, begin, begin + _WINDOW)
    return found.start() if found else min(len(text), begin + _WINDOW)
