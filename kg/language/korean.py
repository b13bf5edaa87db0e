"""Korean without a morphological analyser: which part of a word is its particle, and whether a word can stand inside a noun phrase.

Most wrong cuts are avoided by phonology: 이, 은, 을 and 과 follow a consonant, 가, 는, 를 and 와 a vowel, 로 a vowel or ㄹ.
So the 가 of 평가 cannot be a particle, and the 가 of 구조가 can.
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache

from kg.language.words import dictionary, word_list

HANGUL = re.compile("[가-힣]")

# Longest first. "C" asks for a final consonant before it, "V" for none, "L" for none or ㄹ, "" for nothing.
_PARTICLES = tuple(
    (particle, rule)
    for line in (
        "으로써/C 으로서/C 에서의/ 에서는/ 에서도/ 에게서/ 이라는/C 으로의/C 으로는/C 까지의/ 이라고/C 과의/C 와의/V",
        "에서/ 에게/ 까지/ 부터/ 처럼/ 보다/ 에는/ 에도/ 으로/C 로써/L 로서/L 로의/L 라는/V 이란/C 이나/C 이며/C 이자/C",
        "마다/ 에만/ 만/ 만의/ 만을/ 은/C 을/C 이/C 과/C 는/V 를/V 가/V 와/V 나/V 로/L 의/ 에/",
    )
    for particle, _, rule in (item.partition("/") for item in line.split())
)
# Words that end in one of these nouns end in no particle, though phonology would allow it.
_WHOLE_ENDS = (
    "하나",
    "불만",
    "비만",
    "대만",
    "충만",
    "제만",
    "바나나",
    "결과",
    "초과",
    "통과",
    "추가",
    "길이",
    "깊이",
    "높이",
    "전이",
    "변이",
    "놀이",
    "주의",
    "논의",
    "강의",
    "재정의",
    "몬테카를로",
)
_VERBAL = re.compile(
    "(?:하는|하여|하고|하며|하게|하기|하면|하지|하던|하도록|하였|했|한다|합니다|되는|되어|되고|되며|되던|되지|된다|됩니다|시키는|시켜|시킨|시키고|시키며|적인|적으로|스러운|로운|있는|있고|있어|없는|없이|위한|위해"
    "|통한|통해|대한|대해|관한|관해|따른|따라|의한|의해|기반한|인한|같은|등의|니다|이며|이고|려는|려고|면서|해서|어서|아서|지만|수록|다고|라고|는지|은지|지고|히|보여|붙여|높여|줄여|들여|어진|여진|려진|쳐진|가진|워진|아진|해진|빠진|멋진|높인|보인|줄인|들인|쌓인|쓰인|붙인|생긴"
    "|숨긴|남긴|담긴|옮긴|에서|으로|에게|까지|부터|처럼|에는|에도|마다|들도|없이도|라도|짜리|써서|써도)$"
)
# Verbs that lead over to the next word, by the vowel that stem and ending make together: 바꿔, 펼쳐, 늘려서, 바꿔도. Not 정확도, 이해도.
_CONNECTED = re.compile(
    "[져켜쳐펴혀춰둬줘꿔눠뤄쪄봐놔]$|(?:[져켜쳐펴혀춰둬줘꿔눠뤄쪄봐놔려워아어]|(?<!이)해|더라)도$|[져켜쳐펴혀춰둬줘꿔눠뤄쪄봐놔려워]서$"
)
# Endings that lead over to the next clause (걷어내고, 쓰면, 쓰며, 맞게, 쓰던), and the nouns that end alike.
_CLAUSE = re.compile("[고면며게던]$")
_CLAUSE_NOUNS = tuple(
    "광고 사고 창고 최고 보고 경고 재고 참고 권고 로고 중고 금고 원고 피고 신고 충고 선고 예고 회고 제고 숙고 망고 "
    "평면 화면 표면 장면 측면 단면 정면 전면 후면 국면"
    " 양면 곡면 방면 지면 이면 내면 외면 수면 가면 대면 도면 노면 계면 벽면 윗면 밑면 구면 반면 사면 다면 삼면 무게 가게 휴게 집게 모던 런던".split()
)
# 학습해, but not 특이값분해.
_DONE = re.compile("[가-힣]{2}(?<![이분저오피방침손견유재독용공무])해$")
_VERB_FINALS = frozenset({2, 5, 6, 7, 9, 15, 18, 19, 20, 22, 23, 25, 26, 27})
"""Final consonants before the 어 or 아 of a verb (섞어, 찾아) and of hardly a noun (언어, 독일어)."""
_ONE_SYLLABLE_STEM = re.compile("[가-힣][을를은는의에]|[것수점등때][이가과도로]")
_TWO_SYLLABLE_NOUNS = frozenset("정의 회의 논의 강의 주의 동의 합의 유의 창의 토의 심의 협의 임의 모의 마을 가을 노을".split())
_NOUNS_IN_DA = frozenset("바다 람다 판다 코다 소다 수다 캐나다 르완다 우간다 베란다 프로파간다 어젠다 아젠다".split())
_ADNOMINAL = frozenset("한된할될운은는")
# Syllables that no Chinese character is read as: they show a native word or a loan.
_LOAN = re.compile(
    "[까-낗따-띻빠-삫짜-찧카-쾅쾨-킿그느드르므브스으즈츠트프흐글들를블플틀슬런턴펀던번너더러머버터퍼데레메베테페네헤에텍벡렉섹넥텐렌벤센멘젠텔렐벨셀델넬엘템렘셈엔엠엑"
    "디티링팅딩닝싱밍핑빙징윙셋넷맵랩탭맷뱃벳릿잇힛믹릭틱빅픽딘틴핀딜틸릴빌램랜탠팬맨밴샌팩랙워웨쇼슈쥬뷰튜퓨뉴]"
)
_NOUN_ENDS = ("제한", "무한", "권한", "유한", "극한", "기한", "상한", "하한", "역할", "분할", "다운", "브라운", "크라운")
_GENERIC = word_list("korean_generic")
_STOP = word_list("korean_stop")


def _final(syllable: str) -> int:
    """The number of a syllable's final consonant; 0 for none, 8 for ㄹ."""
    return (ord(syllable) - 0xAC00) % 28


def _fits(stem: str, rule: str) -> bool:
    final = _final(stem[-1])
    return rule == "" or (rule == "C" and final != 0) or (rule == "V" and final == 0) or (rule == "L" and final in {0, 8})


@lru_cache(maxsize=50_000)
def split_particle(word: str) -> tuple[str, str]:
    """A Hangul word as stem and particle; the particle is empty where there is none, the stem never.

    >>> split_particle("모델을"), split_particle("평가"), split_particle("학습에서의"), split_particle("추가")
    (('모델', '을'), ('평가', ''), ('학습', '에서의'), ('추가', ''))
    >>> split_particle("모델들은")
    ('모델', '들은')
    """
    if word.endswith(_WHOLE_ENDS):
        return word, ""
    for particle, rule in _PARTICLES:
        if len(word) > len(particle) + 1 and word.endswith(particle):
            stem = word[: -len(particle)]
            if _fits(stem, rule):
                if stem.endswith("들") and len(stem) > 2:
                    stem = stem[:-1]
                return stem, word[len(stem) :]
    if word.endswith("들") and len(word) > 2:
        return word[:-1], "들"
    return word, ""


@lru_cache(maxsize=50_000)
def is_nominal(word: str) -> bool:
    """Whether a Hangul word without particle can stand inside a noun phrase: no verb, no adnominal form, no particle.

    >>> [is_nominal(word) for word in ("걷어내고", "광고", "쓰면", "화면", "사람들도", "써서", "짜리")]
    [False, True, False, True, False, False, False]
    >>> [is_nominal(word) for word in ("지식", "상징적", "사용한", "제한", "검색을", "도메인", "바꿔도", "정확도", "섞어", "언어")]
    [True, True, False, True, False, True, False, True, False, True]
    """
    if _ONE_SYLLABLE_STEM.fullmatch(word) and word not in _TWO_SYLLABLE_NOUNS:
        return False
    if _CLAUSE.search(word) and len(word) > 1 and not word.endswith(_CLAUSE_NOUNS):
        return False
    # The plain form of a verb (다룬다), but not 람다, 캐나다.
    if word[-1] == "다" and len(word) > 1 and word not in _NOUNS_IN_DA:
        return False
    if word[-1] in "을를" or split_particle(word)[1] or _VERBAL.search(word) or _leads_over(word):
        return False
    return word[-1] not in _ADNOMINAL or word.endswith(_NOUN_ENDS)


def _leads_over(word: str) -> bool:
    """Whether a word is a verb that goes before the next one: 바꿔도, 학습해, 섞어."""
    if len(word) < 2:
        return False
    return _CONNECTED.search(word) is not None or _DONE.search(word) is not None or (word[-1] in "어아" and _final(word[-2]) in _VERB_FINALS)


def is_generic(word: str) -> bool:
    """Whether a Hangul word names no concept by itself.

    >>> is_generic("성능"), is_generic("임베딩")
    (True, False)
    """
    return word in _GENERIC or word in _STOP


def is_stop(word: str) -> bool:
    """Whether a noun phrase ends before this Hangul word and cannot begin with it.

    >>> is_stop("기존"), is_stop("임베딩")
    (True, False)
    """
    return word in _STOP


_DERIVED = re.compile("(?:적인|적으로|적|의|화된|화|된|한|형|성|식|용|간|들)$")
_ENGLISH_ENDING = re.compile(
    "(?:i[zs]ations?|(?<!gener)ations?|itions?|(?<!genera)tions?|sions?|(?<=generat)ions?|ments?|ities|ity|ness|ances?|ences?|ings?|ives?|ical|ics?|als?|ed|ers?|ors?|ly|ies|sis|es|s|e|y|ous|able|ible)$"
)
_ADJECTIVES = {"깊은": "deep", "높은": "high", "낮은": "low", "강한": "strong", "느린": "slow", "좁은": "narrow", "넓은": "wide", "성긴": "sparse"}
"""What the dictionary, which is of nouns, does not have."""


@cache
def _dictionary() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {word: (english,) for word, english in _ADJECTIVES.items()}
    for row in csv.DictReader(dictionary().split("\n")):
        english = re.findall(r"[^\W_]+", f"{row['modifier']} {row['head']}".casefold())
        words[row["korean"]] = tuple(dict.fromkeys(_beginning(word) for word in english if word not in {"of", "the", "in", "and"}))
    return words


def _beginning(word: str) -> str:
    """What an English word has in common with those of its family: generat- for generation."""
    ending = _ENGLISH_ENDING.search(word)
    return word[: ending.start()].rstrip("e") if ending is not None and ending.start() >= 4 else word


@lru_cache(maxsize=50_000)
def translations(word: str) -> tuple[str, ...]:
    """Beginnings of the English words that a Korean word is a translation of, in lower case; none if the word is not known.

    >>> translations("강화"), translations("그래프"), translations("시맨틱스-그래프"), translations("렁")
    (('reinforc', 'enhanc'), ('graph',), ('semant', 'graph'), ())
    """
    words = _dictionary()
    derived = _DERIVED.search(word)
    bare = word[: derived.start()] if derived is not None and derived.start() > 1 else ""
    if word in words:
        return words[word] + words.get(bare, ())
    if "-" in word:
        return tuple(stem for part in word.split("-") for stem in translations(part))
    if bare and (found := words.get(f"{bare}적") or translations(bare)):
        return found
    word = word.lstrip("0123456789")
    for place in range(len(word) - 2, 1, -1):
        if word[:place] in words and (rest := translations(word[place:])):
            return words[word[:place]] + rest
    return ()


def syllables_are_chinese(word: str) -> bool:
    """Whether each syllable can be the Korean reading of a Chinese character, so that four of them are two words written as one.

    >>> syllables_are_chinese("전이학습"), syllables_are_chinese("트랜스포머")
    (True, False)
    """
    return _LOAN.search(word) is None


_CONJUGATION = re.compile(
    "(?:하는|하여|하고|하며|하기|하면|하던|하도록|하게|하였습니다|했습니다|했으며|했다|합니다|한다|하지|한|할|해|함으로써|되는|되어|되고|되며|되도록|되었습니다|됐습니다|됩니다|된다|된|될"
    "|시키는|시켜|시키고|시키며|시킨|시킵니다|시켰습니다|입니다|이다|이며|이고)$"
)


@lru_cache(maxsize=50_000)
def split_ending(word: str) -> tuple[str, str]:
    """A Hangul word as stem and ending, a particle or a conjugation of 하다, 되다, 시키다, 이다.

    >>> split_ending("모델을"), split_ending("추적하는"), split_ending("제한")
    (('모델', '을'), ('추적', '하는'), ('제한', ''))
    """
    found = _CONJUGATION.search(word)
    if found is not None and found.start() >= 2 and not word.endswith(_NOUN_ENDS):
        return word[: found.start()], found[0]
    return split_particle(word)


_AFTER_LATIN = frozenset(particle for particle, _ in _PARTICLES) | frozenset(
    "도 만 로부터 으로부터 에서만 랑 이랑 등 들 들의 들을 들은 들이 들과 들로 들에 에의 이다 인 하는 하여 하고 한 된 란 입니다 이고 및 "
    "식 형 급 상 별 용".split()
)


def is_ending(word: str) -> bool:
    """Whether what is glued behind a Latin word is a particle and no noun.

    >>> is_ending("로부터"), is_ending("함수")
    (True, False)
    """
    return word in _AFTER_LATIN
