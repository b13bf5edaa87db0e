"""Kinds: by the vocabulary, by the words with which labels end, by what follows, by the look."""

from __future__ import annotations

import pytest
from concept_papers import Known, Paper, concepts, load

from kg.engine import Engine
from kg.readers.vocabulary import KINDS
from kg.resolve.concept_kinds import kind_of


@pytest.mark.parametrize(
    ("label", "label_ko", "kind"),
    [
        ("question answering", None, "Task"),
        ("video generation", None, "Task"),
        ("graph neural network", None, "Method"),
        ("sparse attention", None, "Method"),
        ("COCO dataset", None, "Dataset"),
        ("MMBench", None, "Dataset"),
        ("F1 score", None, "Metric"),
        ("Recall@10", None, "Metric"),
        ("Llama 3.1 8B", None, "Model"),
        ("GPT-4o", None, "Model"),
        (None, "객체 탐지", "Task"),
        (None, "강화 학습", "Method"),
        (None, "언어 모델", "Method"),
        (None, "정확도", "Metric"),
        (None, "벤치마크", "Dataset"),
        ("banana", None, "Method"),
        ("Banana", None, "Model"),
    ],
)
def test_a_kind_is_told_by_how_labels_end_and_look_in_both_languages(label: str | None, label_ko: str | None, kind: str) -> None:
    assert kind_of(label, label_ko) == kind


def test_what_the_english_label_says_is_not_overruled_by_the_korean_one() -> None:
    assert kind_of("object detection", "탐지 데이터셋") == "Task"
    assert kind_of("object detection", None) == "Task"


def test_a_vocabularys_word_for_ends_comes_before_the_words_of_the_program() -> None:
    assert kind_of("video generation", None, {"generation": "Field"}) == "Field"
    # Of one word the end is all of it.
    assert kind_of("generation", None, {"generation": "Field"}) != "Field"


def test_a_kind_is_one_of_six_for_anything() -> None:
    odd = ["", " ", "-", "@", "a", "İ", "é", "😀", "3D", "C++", "x" * 300, "1", "A B", "가", "모델", "\u202e"]
    for label in (None, *odd):
        for label_ko in (None, *odd):
            assert kind_of(label, label_ko) in KINDS
            assert kind_of(label, label_ko, coined=True, as_dataset=1, as_model=1) in KINDS


def test_the_kind_of_the_vocabulary_rules_and_where_it_has_none_the_rest_decides() -> None:
    papers: list[Paper] = [("A", ["We study video generation and sparse attention of the kind."])]
    with Engine() as engine:
        load(engine, papers, vocabulary=[Known(label="video generation", kind="Field"), Known(label="sparse attention")])
        found = concepts(engine)
    assert (found["video-generation"][2], found["sparse-attention"][2]) == ("Field", "Method")


def test_most_terms_of_a_vocabulary_say_what_a_word_at_the_end_makes() -> None:
    vocabulary = [Known(label=f"{name} soup", kind="Dataset") for name in ("pea", "bean", "onion")]
    papers: list[Paper] = [("A", ["We study the tomato soup of the field."])]
    with Engine() as engine:
        load(engine, papers, vocabulary=vocabulary)
        assert concepts(engine)["tomato-soup"][2] == "Dataset"
    with Engine() as engine:
        load(engine, papers, vocabulary=[*vocabulary, *(Known(label=f"{name} soup", kind="Task") for name in ("corn", "leek", "fish"))])
        assert concepts(engine)["tomato-soup"][2] == "Method"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("이를 Snark 데이터셋으로 본다.", "Dataset"), ("We use the Snark benchmark.", "Dataset"), ("이를 SnarkX 모델로 본다.", "Model")],
)
def test_the_word_behind_a_name_says_its_kind(text: str, kind: str) -> None:
    name = "SnarkX" if "SnarkX" in text else "Snark"
    with Engine() as engine:
        load(engine, [("A", [text])], vocabulary=[Known(label=name)])
        assert concepts(engine)[name.casefold()][2] == kind
