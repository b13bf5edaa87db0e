"""Glosses between Korean and English."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import spacy
from golden_sentences import Pair, Sentence, sentences

from kg.annotate.boundaries import korean_term_begin
from kg.annotate.glosses import find_glosses, glosses
from kg.annotate.spans import GROUP
from kg.annotate.tokens import Tokenizer
from kg.language.korean import HANGUL, syllables_are_chinese, translations

CASES = sentences("glosses")
TOKENIZER = Tokenizer(spacy.blank("xx").vocab)


def glosses_of(text: str) -> set[Pair]:
    """Korean terms and what stands for them, as they are put into a document."""
    doc = glosses(TOKENIZER(text))
    spans = doc.spans[GROUP] if GROUP in doc.spans else []  # noqa: SIM401 - SpanGroups.get makes no default of a list
    return {(span.text, span.kb_id_) for span in spans if HANGUL.search(span.text)}


def test_of_our_sentences_95_in_100_give_exactly_their_glosses() -> None:
    wrong = [(case.about, case.text, sorted(case.pairs), sorted(found)) for case in CASES if (found := glosses_of(case.text)) != case.pairs]
    assert len(wrong) <= 0.05 * len(CASES), "\n".join(f"{about}: {text}\n  wanted {wanted}, found {found}" for about, text, wanted, found in wrong)


@pytest.mark.parametrize("case", [case for case in CASES if case.about == "none"], ids=lambda case: case.text[:30])
def test_a_bracket_that_explains_nothing_is_no_gloss(case: Sentence) -> None:
    assert glosses_of(case.text) == set()


@pytest.mark.parametrize("case", [case for case in CASES if case.about in {"form", "list"}], ids=lambda case: case.text[:30])
def test_both_sides_of_a_gloss_point_at_each_other(case: Sentence) -> None:
    found = [(case.text[one.begin : one.end], one.partner) for one in find_glosses(case.text)]
    # In "전문가 혼합(Mixture of Experts; MoE)" MoE points at its English long form, and that back.
    assert {partner for _, partner in found} <= {surface for surface, _ in found}


def test_a_bracket_with_full_form_and_abbreviation_says_that_of_both() -> None:
    text = "전문가 혼합(Mixture of Experts; MoE)을"
    found = {(text[one.begin : one.end], one.partner, one.relation) for one in find_glosses(text)}
    assert ("MoE", "Mixture of Experts", "expansion") in found
    assert ("Mixture of Experts", "MoE", "abbreviation") in found
    assert ("전문가 혼합", "MoE", "abbreviation") in found


def test_an_abbreviation_that_does_not_spell_the_full_form_is_not_taken() -> None:
    assert glosses_of("음성 인식(speech recognition; GPT)을") == {("음성 인식", "speech recognition")}


def vocabulary(root: Path) -> list[Pair]:
    """Korean terms of the vocabulary in the repository with their English labels."""
    terms = []
    for path in sorted((root / "seeds" / "concepts").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines) if path.name != "words.csv" else ():
                terms.extend((korean, row["label"]) for korean in row.get("korean", "").split(" | ") if re.search("[가-힣]$", korean))
    return terms[::4]


def test_of_the_terms_of_the_vocabulary_85_in_100_are_found_from_their_first_word(root: Path) -> None:
    terms = vocabulary(root)
    assert len(terms) > 1_000
    # Many a Korean term there says something else than the label, or more: "AI 칩" for "hardware accelerator".
    right = sum(korean_term_begin(korean, len(korean), label) == 0 for korean, label in terms)
    assert right >= 0.85 * len(terms)


@pytest.mark.parametrize("before", ["새로운", "논문이 다루는", "모델의", "텍스트와", "기존", "정보를", "데이터에 대한", "총 20개"])
def test_of_words_that_belong_to_no_term_hardly_one_in_a_hundred_gets_into_one(before: str, root: Path) -> None:
    terms = vocabulary(root)
    longer = sum(
        (begin := korean_term_begin(f"{before} {korean}", len(before) + 1 + len(korean), label)) is not None and begin <= len(before)
        for korean, label in terms
    )
    assert longer <= 0.015 * len(terms)


def test_a_word_is_known_by_its_parts_and_without_its_ending() -> None:
    assert {"reinforc", "learn"} <= set(translations("강화학습"))
    assert translations("전문가그래프") == translations("전문가-그래프") == translations("전문가") + translations("그래프") != ()
    assert "3d" in translations("3차원")
    assert translations("확률적인") == translations("확률적") == translations("확률")
    assert translations("렁쁩") == translations("") == translations("12") == ()


def test_loan_words_have_syllables_that_no_chinese_character_has() -> None:
    assert [word for word in ("전이학습", "지식증류", "신경망", "최적화") if not syllables_are_chinese(word)] == []
    assert [word for word in ("트랜스포머", "벤치마크", "프레임워크", "데이터셋", "토크나이저") if syllables_are_chinese(word)] == []
