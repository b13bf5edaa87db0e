"""Runs of Latin words in Korean text: names of models, data sets and methods stand there untranslated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from kg.annotate.korean import HANGUL
from kg.annotate.phrases import trim
from kg.annotate.spans import WORD, Found, add, is_name
from kg.annotate.words import word_list

_RUN = re.compile(rf"{WORD}(?: {WORD})*")
_CONNECTORS = frozenset("of for with in to from via by the".split())
_NUMBER = re.compile(r"[\d.,/x×-]+(?:%|st|nd|rd|th|[KMBTkmbx]|ms|s|GB|MB|fps|FPS|px|p|Hz)?|(?:v|V)\d[\d.]*")

# A score or a count behind a name is no part of it, as a version (Llama 3, Gemini 1.5) is.
_LARGE_NUMBER = re.compile(r"\d{2,}(?:\.\d+)?")


@Language.component("kg_latin")
def latin(doc: Doc) -> Doc:
    """Find Latin runs of a text that is written in Korean."""
    return add(doc, _runs(doc.text)) if HANGUL.search(doc.text) else doc


def _runs(text: str) -> Iterator[Found]:
    stop, generic, names = word_list("english_stop.txt"), word_list("english_generic.txt"), word_list("organisations.txt")
    for run in _RUN.finditer(text):
        words = [(run.start() + word.start(), word[0]) for word in re.finditer(r"\S+", run[0])]
        for words_found in _parts(words, stop):
            part = words_found
            while part and _LARGE_NUMBER.fullmatch(part[-1][1]):
                part = part[:-1]
            part = trim(part)
            if not part or len(part) > 7:
                continue
            begin, end = part[0][0], part[-1][0] + len(part[-1][1])
            surface = text[begin:end]
            if len(part) == 1:
                word = surface
                if (
                    word in names
                    or len(word) < 2
                    or _NUMBER.fullmatch(word)
                    or not re.search("[A-Za-z]", word)
                    or (word.casefold() in generic and not is_name(word))
                ):
                    continue
                if word.upper() in {"2D", "3D", "4D", "AI", "ML", "GPU", "CPU", "API", "SOTA", "OK"} or (word.casefold() in generic):
                    continue
            yield Found(begin, end, "latin" if len(part) > 1 or is_name(surface) else "latin word")


def _parts(words: list[tuple[int, str]], stop: frozenset[str]) -> Iterator[list[tuple[int, str]]]:
    """A run cut at function words and verbs; a small word between two capitalised ones stays (SGD with Momentum)."""
    part: list[tuple[int, str]] = []
    for index, (begin, word) in enumerate(words):
        joins = part and word in _CONNECTORS and index + 1 < len(words) and words[index + 1][1][0].isupper() and part[-1][1][0].isupper()
        if word.casefold() in stop and not joins and not (is_name(word) and word.isupper()):
            if part:
                yield part
            part = []
        elif _NUMBER.fullmatch(word) and not part:
            continue
        else:
            part.append((begin, word))
    if part:
        yield part
