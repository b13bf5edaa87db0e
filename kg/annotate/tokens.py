"""The tokenizer: runs of one script, with Korean endings split off their stems, so that every candidate is whole tokens."""

from __future__ import annotations

import re
from itertools import accumulate

from spacy.tokens import Doc
from spacy.vocab import Vocab

from kg.annotate.spans import LATIN
from kg.language.korean import split_ending

_TOKEN = re.compile(rf"([가-힣]+)|{LATIN}+|[^\S ]+| +|.", re.DOTALL)


class Tokenizer:
    """Text to Doc; ``doc.text`` is the text, whatever stands in it.

    >>> import spacy
    >>> [token.text for token in Tokenizer(spacy.blank("xx").vocab)("ReLU함수를 쓰는 L1 정규화(MoE)")]
    ['ReLU', '함수', '를', '쓰는', 'L1', '정규화', '(', 'MoE', ')']
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        spaces: list[bool] = []
        for match in _TOKEN.finditer(text):
            word = match[0]
            if word[0] == " " and words and not spaces[-1]:
                spaces[-1] = True
                word = word[1:]
                if not word:
                    continue
            elif match[1]:
                stem, ending = split_ending(word)
                if ending:
                    words.append(stem)
                    spaces.append(False)
                    word = ending
            words.append(word)
            spaces.append(False)
        doc = Doc(self.vocab, words=words, spaces=spaces)
        # What spaCy would put together anew at each question: the text, and each word with its place.
        doc.user_data["text"] = text
        doc.user_data["pieces"] = pieces(words, spaces)
        return doc


def first_token(text: str) -> str:
    """The first token of a text that begins with no blank; a Hangul word without its ending.

    >>> first_token("3차원 재구성"), first_token("C++"), first_token("모델의 크기"), first_token("")
    ('3', 'C', '모델', '')
    """
    found = _TOKEN.match(text)
    if found is None:
        return ""
    return split_ending(found[0])[0] if found[1] else found[0]


def pieces(words: list[str], spaces: list[bool]) -> list[tuple[int, str]]:
    """Words with their places in the text.

    >>> pieces(["MoE", "는", "빠르다"], [False, True, False])
    [(0, 'MoE'), (3, '는'), (5, '빠르다')]
    """
    begins = accumulate((len(word) + space for word, space in zip(words, spaces, strict=True)), initial=0)
    return list(zip(begins, words, strict=False))
