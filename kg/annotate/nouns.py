"""Runs of nouns in Korean text, with the Latin words in them, and every part of such a run that might be a term.

What can stand in a term is decided word by word (`kg.language.korean`); where in the run the term begins and ends is left to the choice
(`kg.resolve.concepts`), which knows the whole corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.spans import LATIN, WORD, Found, add, text_of
from kg.language.forms import is_name
from kg.language.korean import HANGUL, is_ending, is_generic, is_nominal, is_stop, split_ending
from kg.language.words import word_list

MAX_WORDS = 4
_MAX_LATIN_WORDS = 6
_CORE = re.compile(rf"{WORD}[가-힣]*|[가-힣]+(?:[-‐‑–·/][가-힣]+)*|[가-힣]*{LATIN}[가-힣]*")
_VERB = re.compile("[하한할해되된될됐시입이인]")
"""How the endings of verbs begin: 생성하는 is an action, and seldom a term."""
_TAIL = re.compile("[가-힣]+$")
_CONNECTORS = frozenset("of for with in to from via by the and".split())
_QUOTED = re.compile("[‘'\"“「『<]([^‘'\"“”’「」『』<>\n]{2,40})['\"”’」』>]")
_NUMBER = re.compile(r"[\d.,/x×-]+(?:%|st|nd|rd|th|[KMBTkmbx]|ms|s|GB|MB|fps|FPS|px|p|Hz)?|(?:v|V)\d[\d.]*")
# A score or a count behind a name is no part of it, as a version (Llama 3, Gemini 1.5) is.
_LARGE_NUMBER = re.compile(r"\d{2,}(?:\.\d+)?%?|\d+%")
_COUNTED = re.compile(r"\d[\d,.]*(?!차원|단계)[가-힣]")
_GAPS = frozenset(" -")
_SYLLABLES = frozenset("표 점 손 눈 뇌 암 글 색 빛 열 힘 법 침 폐 약 말 몸 옷 물 불 별".split())
"""Nouns of one syllable with which a term may begin: 점 구름, 손 자세."""
_INNER = frozenset("기반 가능한".split())
"""What stands inside a term only: 플로우 기반 훈련, 학습 가능한 임베딩."""
_FUNCTION_WORDS = frozenset("a an the this that these those we it is are was be and or but if as at on our their its using based than not no".split())
_AND = frozenset("및 또는 그리고 혹은".split())


class Word(NamedTuple):
    """The part of a word that can stand in a term: its place, itself, the ending glued behind it, and whether it is Latin."""

    begin: int
    end: int
    noun: str
    ending: str = ""
    latin: bool = False


@Language.component("kg_nouns")
def nouns(doc: Doc) -> Doc:
    """Find what may be a term in a text that is written in Korean."""
    text = text_of(doc)
    if not HANGUL.search(text):
        return doc
    return add(doc, [*_terms(text), *(Found(found.start(1), found.end(1), "quoted") for found in _QUOTED.finditer(text))])


def _terms(text: str) -> Iterator[Found]:
    before: Word | None = None
    for run, joined in _runs(text):
        yield from _parts(text, run)
        if joined and before is not None and 2 <= len(run) <= 3 and not run[0].ending and before.noun not in {word.noun for word in run}:
            # 객체 및 카메라 제어: what the two share is said once.
            for last in run[1:]:
                yield Found(
                    before.begin, last.end, "coordination", " ".join([before.noun, *(word.noun for word in run[1 : run.index(last) + 1])]), "shared"
                )
        before = run[-1]


def _runs(text: str) -> Iterator[tuple[list[Word], bool]]:
    """Runs of words that may stand in one term, and whether 'and' joins a run to the one before it."""
    run: list[Word] = []
    joined = pending = False
    previous = 0
    for core in _CORE.finditer(text):
        gap = text[previous : core.start()]
        if run and gap not in _GAPS:
            yield run, joined
            # A comma or a dot in the middle lists; anything else parts.
            run, joined, pending = [], False, gap in {", ", "·", "/"}
        previous = core.end()
        if not run and pending is False and gap not in {" ", ""}:
            joined = False
        word = _word(text, core)
        if word is None:
            if run:
                yield run, joined
            run, joined, pending = [], False, core[0] in _AND
            continue
        if not run:
            if word.latin and (word.noun.casefold() in _CONNECTORS or _NUMBER.fullmatch(word.noun)):
                pending = False
                continue
            joined, pending = pending, False
        run.append(word)
        if word.ending and word.ending != "의":
            yield run, joined
            run, joined, pending = [], False, word.ending in {"와", "과"}
    if run:
        yield run, joined


def _word(text: str, core: re.Match[str]) -> Word | None:
    whole = core[0]
    begin, end = core.span()
    tail = _TAIL.search(whole)
    if tail is None:
        small = whole.casefold()
        # A verb with a capital is part of a name: Interaction Trigger.
        stops = word_list("english_stop") if whole.islower() else _FUNCTION_WORDS
        if small in stops and small not in _CONNECTORS and not (len(whole) > 1 and whole.isupper()):
            return None
        return Word(begin, end, whole, latin=True)
    if _COUNTED.match(whole):
        return None
    if tail.start():
        if is_ending(tail[0]):
            bare = whole[: tail.start()].rstrip("-‐‑–·/+.&@'’:")
            return Word(begin, begin + len(bare), bare, tail[0], latin=True)
        stem, ending = split_ending(tail[0])
        if not is_nominal(stem):
            return None
        return Word(begin, end - len(ending), whole[: tail.start()] + stem, ending)
    stem, ending = split_ending(whole)
    if whole in _SYLLABLES or whole in _INNER:
        return Word(begin, end, whole)
    if is_stop(whole) or is_stop(stem) or not is_nominal(stem) or (len(stem) < 2 and not ending):
        return None
    return Word(begin, end - len(ending), stem, ending)


def _parts(text: str, run: list[Word]) -> Iterator[Found]:
    """Every part of a run that may be a term; the evidence says at which sides the run goes on."""
    while run and (run[-1].noun in _INNER or (run[-1].latin and (run[-1].noun.casefold() in _CONNECTORS or _LARGE_NUMBER.fullmatch(run[-1].noun)))):
        run = run[:-1]
    last = len(run) - 1
    for stop, tail in enumerate(run):
        if (len(tail.noun) < 2 and not tail.latin) or tail.noun in _INNER:
            continue
        if tail.latin and (tail.noun.casefold() in _CONNECTORS or (_NUMBER.fullmatch(tail.noun) and _LARGE_NUMBER.fullmatch(tail.noun))):
            continue
        latin, of = True, 0
        for start in range(stop, -1, -1):
            head = run[start]
            latin = latin and head.latin
            if start < stop:
                of += head.ending == "의"
            if of > 1 or stop - start >= (_MAX_LATIN_WORDS if latin else MAX_WORDS):
                break
            if head.noun in _INNER or (head.latin and (head.noun.casefold() in _CONNECTORS or _NUMBER.fullmatch(head.noun))):
                continue
            words = run[start : stop + 1]
            if len(words) == 1 and not _stands_alone(head):
                continue
            if latin and len(words) > 1 and all(_is_generic(word) for word in words):
                continue
            evidence = "latin" if latin else "action" if stop == last and _VERB.match(tail.ending) else "term"
            if latin and len(words) == 1 and not is_name(head.noun):
                evidence = "latin word"
            side = ("" if stop == last else " begin") if start == 0 else (" end" if stop == last else " inside")
            yield Found(head.begin, tail.end, evidence + side)


def _is_generic(word: Word) -> bool:
    return word.noun.casefold() in word_list("english_generic")


def _stands_alone(word: Word) -> bool:
    if not word.latin:
        return len(word.noun) >= 2 and not is_generic(word.noun)
    small = word.noun.casefold()
    return (
        len(word.noun) > 1
        and re.search("[A-Za-z]", word.noun) is not None
        and not _NUMBER.fullmatch(word.noun)
        and word.noun not in word_list("organisations")
        and small not in {"2d", "3d", "4d"}
        and (small not in word_list("english_generic") or (is_name(word.noun) and not word.noun.isupper()))
    )
