"""Korean terms without a gloss: runs of nouns that end in a word with which terms of the field end (학습, 생성, 최적화 ...)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.korean import HANGUL, is_ending, is_generic, is_nominal, is_stop, split_ending
from kg.annotate.spans import Found, add
from kg.annotate.words import word_list

_CHUNK = re.compile(r"\S+")
_CORE = re.compile(r"[가-힣A-Za-z0-9]+(?:[-·/+.][가-힣A-Za-z0-9]+)*")
_MODIFIER = re.compile("[234]D|RGB|RGB-D|L[012]|AI|AR|VR|QA|BEV|KV|ReLU|XR", re.IGNORECASE)
_COUNTED = re.compile(r"\d[\d,.]*(?!차원)[가-힣]")
_MAX_WORDS = 3

Noun = tuple[int, int, str]


@Language.component("kg_terms")
def terms(doc: Doc) -> Doc:
    """Find Korean noun phrases that look like terms."""
    return add(doc, _terms(doc.text)) if HANGUL.search(doc.text) else doc


def _terms(text: str) -> Iterator[Found]:
    run: list[Noun] = []
    for chunk in _CHUNK.finditer(text):
        core = _CORE.search(chunk[0])
        if core is None:
            run = []
            continue
        if core.start() > 0:
            run = []
        begin = chunk.start() + core.start()
        word = core[0]
        noun, ending = _noun(word)
        if noun is None:
            run = []
            continue
        run.append((begin, begin + len(noun), noun))
        if ending or core.end() != len(chunk[0]) or not _goes_on(text, chunk.end()):
            yield from _term(run)
            run = []


def _noun(word: str) -> tuple[str | None, str]:
    """The part of a word that can stand in a noun phrase, and its ending; None if it cannot."""
    if _COUNTED.match(word):
        return None, ""
    hangul = re.search("[가-힣]+$", word)
    if hangul is None:
        return (word, "") if _MODIFIER.fullmatch(word) else (None, "")
    if hangul.start() and is_ending(hangul[0]):
        return None, hangul[0]
    stem, ending = split_ending(hangul[0])
    noun = word[: hangul.start()] + stem
    if is_stop(word) or is_stop(noun) or not is_nominal(stem) or (len(stem) < 2 and not hangul.start() and not ending):
        return None, ending
    return noun, ending


def _goes_on(text: str, end: int) -> bool:
    following = _CHUNK.search(text, end)
    core = None if following is None else _CORE.match(following[0])
    return core is not None and HANGUL.search(core[0]) is not None and _noun(core[0])[0] is not None


def _term(run: list[Noun]) -> Iterator[Found]:
    while run and (run[-1][2] in _TAILS or not ends_in_head(run[-1][2])):
        run = run[:-1]
    words = run[-_MAX_WORDS:]
    if not words:
        return
    last = words[-1][2]
    if len(words) == 1:
        if len(last) >= 4 and not is_generic(last):
            yield Found(words[0][0], words[0][1], "term word")
        return
    if last in _WEAK and all(is_generic(word) and word not in _MODALITIES for _, _, word in words):
        return
    yield Found(words[0][0], words[-1][1], "term")


# Generic alone, but not before a generic word: 언어 모델.
_MODALITIES = frozenset("언어 보상".split())
# Words that may follow a term and are no part of it.
_TAILS = frozenset(
    "방법 방법론 방식 기법 기술 접근 접근법 과정 성능 효율 효율성 능력 문제 작업 태스크 과제 분야 영역 결과 단계 시 간 중 내 등 향상 개선".split()
)
_WEAK = frozenset("모델 데이터 데이터셋 벤치마크 시스템 알고리즘 네트워크 정보 분석 평가 결정 이해 공간 점수 테스트 향상 이론 작업 과제 방법".split())


def ends_in_head(word: str) -> bool:
    """Whether a word is, or ends in, one with which terms end.

    >>> ends_in_head("강화학습"), ends_in_head("오늘")
    (True, False)
    """
    heads = word_list("korean_heads.txt")
    return any(word[-length:] in heads for length in range(2, min(len(word), 6) + 1))
