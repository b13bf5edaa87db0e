"""Where a Korean term begins that a bracket behind it explains.

Word by word to the left, a word belongs to the term as long as something of the English one is left for it to say: a word of which it is the
translation, else one that no other word has said yet. What cannot stand inside a term (a particle, a verb, a determiner) ends it, unless the English
has that, too: 학습 가능한 임베딩(learnable embedding).
"""

from __future__ import annotations

import re

from kg.annotate.spelling import is_initialism
from kg.language.forms import is_name
from kg.language.korean import HANGUL, is_ending, is_generic, is_nominal, is_stop, split_ending, split_particle, syllables_are_chinese, translations

_PART = re.compile(r"[가-힣A-Za-z0-9](?:[가-힣A-Za-z0-9]|[-·/](?=[가-힣A-Za-z0-9]))*$")
_PREFIXED = re.compile(
    r"(?:pre|fine|multi|hyper|super|over|meta|auto|cross|inter|trans|down|back|time|key|zero|few|self|semi|un|up|sub|re|non)(?=[a-z]{4})"
)
"""What in English is but the beginning of a word, and in Korean may be one of its own: 사전 학습, pretraining."""
_HYPHENATED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_COUNT = re.compile(r"\d[\d,.]*[여만억천백십]*(?:개|명|종|건|가지|편|회|번|배|곳|쪽|장|권|대|년|월|일|시간|분|초)")
"""A number with its counter, 20개: it says how many, and is no part of the term."""
_SMALL = frozenset("a an the of for and in on to with by via from s".split())
_RELATIONS = frozenset("from with by via through using on for to of over".split())
_LINKS = frozenset("통한 활용한 이용한 사용한 위한 대한 의한 따른 기반한".split())
"""Verbs between two nouns of a term whose English has a preposition there: 피드백을 통한 강화 학습."""
_BASED, _ABLE = re.compile("bas(?:ed|is)|driven|ground|by|with"), re.compile(".*[ai]ble")
_INSIDE = {
    "기반": _BASED,
    "기반의": _BASED,
    "가능": _ABLE,
    "가능한": _ABLE,
    "없는": re.compile("free|without|less|un"),
    "중심의": re.compile("cent(?:er|re)d|centric|focused"),
    "및": re.compile("and"),
    "간": re.compile("cross|inter|between"),
    "대": re.compile("to|versus|vs"),
}
"""Words that stand only inside a term, and what in the English one says the same."""
_TOGETHER = frozenset(
    ("사전 학습", "사전 훈련", "미세 조정", "미세 튜닝", "파인 튜닝", "다중 모달", "멀티 모달", "잡음 제거", "노이즈 제거", "의사 결정", "자기 회귀")
)
"""Two Korean words for one English word: pretraining, fine-tuning, multimodal, denoising."""
_NO_BEGINNING = frozenset("속 내 외 간 중 후 전 위 밖 대 및".split())
"""Words that stand behind the noun that they belong to."""
_ADJECTIVE = re.compile(".*(?:ed|en|ic|al|ive|ous|ary|ent|ant|ar|ory|ful|less|ile|able|ible|ing|y)$")
_QUALIFIES = re.compile("(?:된|적인|한|은|의)$")
_WINDOW = 60
_MAX_WORDS = 7


def korean_term_begin(text: str, end: int, english: str) -> int | None:
    """Where the Korean term that ends at ``end`` begins, given what it means in English, in full or abbreviated; None if nothing there is a term.

    >>> text = "검색을 지식 그래프(Knowledge Graph)"
    >>> text[korean_term_begin(text, 10, "Knowledge Graph"):10]
    '지식 그래프'
    >>> text = "모델 자연어 처리(Natural Language Processing)"
    >>> text[korean_term_begin(text, 9, "Natural Language Processing"):9], text[korean_term_begin(text, 9, "NLP"):9]
    ('자연어 처리', '자연어 처리')
    >>> korean_term_begin("언어 모델", 5, "GPT-4") is None
    True
    """
    unsaid = _Letters(english) if is_initialism(english) else _Words(english)
    start = max(0, end - _WINDOW)
    begin: int | None = None
    linked = False
    words: list[str] = []
    said = unknown = 0
    for chunk in reversed(list(re.finditer(r"\S+", text[start:end]))):
        part = _PART.search(chunk[0])
        if part is None or len(words) == _MAX_WORDS or (chunk.start() == 0 and start > 0 and not text[start - 1].isspace()):
            break
        word = part[0]
        if begin is not None and part.start() == 0 and _is_inside(word, unsaid):
            linked = word in _LINKS
            unsaid.pass_over(word)
            continue
        last = re.search("[가-힣]+$", word)
        if last is None:
            took = unsaid.take_latin(word)
            if not took:
                break
        else:
            stem = _stem(word, last[0], unsaid, head=begin is None, linked=linked, after=part.start() > 0)
            if stem is None:
                break
            stems = translations(stem)
            took = unsaid.take(stem, stems)
            if not took and f"{stem} {words[-1] if words else None}" not in _TOGETHER:
                if begin is not None and (unsaid.remaining <= 0 or (linked and stems)):
                    break
                unsaid.guessed += _weight(stem)
                unknown += not stems
        said += took
        begin = start + chunk.start() + part.start()
        linked = False
        words.append(word)
        if part.start() > 0:
            break
    if begin is None or HANGUL.search(text, begin, end) is None or words[-1] in _NO_BEGINNING:
        return None
    meant = _is_abbreviated if isinstance(unsaid, _Letters) else _is_translated
    return begin if meant(words, english, unsaid, said=said, unknown=unknown) else None


class _Words:
    """What of an English term is still to be said by Korean words, and how much other Korean words are guessed to have said of it."""

    def __init__(self, english: str) -> None:
        self.words = [word.casefold() for word in re.findall(r"[^\W_]+", english)]
        self.left = [word for word in self.words if word not in _SMALL]
        self.count = len(self.left)
        self.guessed = 0
        self._prefixes = [prefix[0] for word in self.left if (prefix := _PREFIXED.match(word))]
        self._joined = {found.replace("-", ""): found.split("-") for found in _HYPHENATED.findall(english.casefold())}

    @property
    def remaining(self) -> int:
        """How much no word is known, or guessed, to say."""
        return len(self.left) - self.guessed

    def says(self, word: str) -> bool:
        """Whether a Korean word says something that is still to be said."""
        return any(_same(stem, own) for stem in translations(word) for own in self.left)

    def can_say(self, word: str) -> bool:
        """Whether a Korean word with a particle may belong to the term, if a verb like 통한 leads over from it."""
        return bool(word)

    def pass_over(self, word: str) -> None:
        """Strike out what a word says that stands only inside a term: "based" for 기반."""
        if word in _INSIDE and _INSIDE[word] is not _ABLE:
            self.left = [own for own in self.left if not _INSIDE[word].fullmatch(own)]

    def take(self, word: str, stems: tuple[str, ...]) -> int:
        """Strike out what a Korean word says; how much that is."""
        said = [own for own in self.left if any(_same(stem, own) for stem in stems)]
        if not said:
            said = next(
                (own for joined, own in self._joined.items() if set(own) <= set(self.left) and any(_same(stem, joined) for stem in stems)), []
            )
        for own in said:
            self.left.remove(own)
        prefixes = [own for own in self._prefixes if own in stems]
        for own in prefixes:
            self._prefixes.remove(own)
        return len(said) + len(prefixes)

    def take_latin(self, word: str) -> int:
        """Strike out a Latin word that both have, or the words of which it is the abbreviation: KV for key-value."""
        own = word.casefold().split("-")
        if set(own) <= set(self.words):
            self.left = [other for other in self.left if other not in own]
            return len(own)
        place = "".join(other[0] for other in self.left).find(word.casefold()) if word.isupper() else -1
        if place < 0:
            return 0
        del self.left[place : place + len(word)]
        return len(word)


class _Letters(_Words):
    """The same, where of the English only the capitals of an abbreviation are known, and a translation is one by its initial."""

    def __init__(self, english: str) -> None:
        super().__init__("")
        self.left = [letter.casefold() for letter in english if letter.isupper()]
        self.count = len(self.left)

    def says(self, word: str) -> bool:
        """Whether a Korean word can say the one letter that is left; an initial alone is not enough for more."""
        return self.remaining == 1 and self.can_say(word)

    def can_say(self, word: str) -> bool:
        return any(stem[0] in self.left for stem in translations(word))

    def pass_over(self, word: str) -> None:
        pass  # RLHF has no letter for 기반

    def take(self, word: str, stems: tuple[str, ...]) -> int:
        taken, most = 0, sum((len(part) + 1) // 2 for part in word.split("-"))
        # The words of both languages stand in the same order: the last letter first.
        for place in range(len(self.left) - 1, -1, -1):
            if taken < most and any(stem[0] == self.left[place] for stem in stems):
                del self.left[place]
                taken += 1
        return taken

    def take_latin(self, word: str) -> int:
        own = [letter for letter in word.casefold() if letter.isalpha()]
        if not own or own != self.left[-len(own) :]:
            return 0
        del self.left[-len(own) :]
        return len(own)


def _same(stem: str, word: str) -> bool:
    return word == stem if len(stem) < 3 else word.startswith(stem) or (len(stem) > 3 and stem in word)


def _is_inside(word: str, unsaid: _Words) -> bool:
    """Whether a word stands between the parts of the term, because the English has it there, too."""
    abbreviated = isinstance(unsaid, _Letters)
    if word in _INSIDE:
        # Between two nouns 기반 can only be inside of a term.
        between = unsaid.remaining > 0 and _INSIDE[word] is _BASED
        return (abbreviated and word != "및") or between or any(map(_INSIDE[word].fullmatch, unsaid.words))
    return word in _LINKS and (abbreviated or not _RELATIONS.isdisjoint(unsaid.words))


def _stem(word: str, last: str, unsaid: _Words, *, head: bool, linked: bool, after: bool) -> str | None:
    """What of a word can be part of the term: all of it, or its noun where the English has what its ending says; None if it is no part.

    Args:
        word: letters and digits up to a blank, or to where the bracket opens.
        last: the Hangul in which it ends.
        unsaid: what is left of the English term.
        head: whether the term would end with it.
        linked: whether a verb like 통한 follows.
        after: whether it is glued to something before it, such as a bracket.
    """
    before = word[: -len(last)]
    if _COUNT.fullmatch(word):
        return None
    if linked:
        noun = split_particle(last)[0]
        return before + noun if len(noun) > 1 and not is_stop(last) and unsaid.can_say(noun) else None
    # The particle of DeafTest가, or of the bracket before it: (T2I)와.
    if is_ending(last) and ((not head and re.search("[A-Za-z]", before)) if before else after):
        return None
    if head:
        return None if split_ending(last)[1] or not is_nominal(last) else before + last
    qualifies = _QUALIFIES.search(last)
    if qualifies is not None and len(last) > 1 and not is_stop(word):
        bare = last if qualifies[0] in {"한", "은"} else last[: qualifies.start()]
        if translations(bare):
            if unsaid.says(bare):
                return bare
        elif qualifies[0] == "의" and "of" in unsaid.words and unsaid.remaining > 0:
            return bare
        elif qualifies[0] in {"적인", "된"} and unsaid.remaining == 1 and unsaid.words and _ADJECTIVE.match(unsaid.words[0]):
            # The one word that is left: 이질적인 그래프(heterogeneous graph).
            return bare
    if last[-1] in "와과" and "and" in unsaid.words and unsaid.says(last[:-1]):
        return last[:-1]
    return before + last if (is_nominal(last) and not is_stop(word)) or unsaid.says(last) else None


def _weight(word: str) -> int:
    """How many English words a Korean word stands for, if nothing is known of it: 전이학습 two, 트랜스포머 one."""
    return sum(len(part) // 2 if len(part) > 3 and syllables_are_chinese(part) else 1 for part in word.split("-"))


def _is_abbreviated(words: list[str], english: str, unsaid: _Words, *, said: int, unknown: int) -> bool:
    """Whether an abbreviation can be one of a Korean term; else it is an example, 언어 모델(BERT)."""
    if len(words) == 1 and english.casefold() in translations(words[0]):
        return True  # 라이다(LiDAR)
    if all(map(is_generic, words)) and (len(words) != unsaid.count or len(words) == 1):
        return False
    if len(words) == 1 and unknown and not english.isupper():
        return True  # 레스넷(ResNet)
    return unsaid.remaining <= (unsaid.count > 2) and 2 * (said + unknown) >= unsaid.count


def _is_translated(words: list[str], english: str, unsaid: _Words, *, said: int, unknown: int) -> bool:
    """Whether both sides can mean the same; else the bracket gives an example, 언어 모델(Mistral), or says something of the term."""
    if 2 * (unsaid.count - unsaid.remaining) < unsaid.count:
        return False
    if said:
        return True
    one_word = " " not in english
    if unknown < len(words):
        return not all(map(is_generic, words)) and not (one_word and english[0].isupper())
    return not is_generic(words[0]) if len(words) == 1 else not (one_word and is_name(english))
