"""Abbreviations that no gloss explains."""

from __future__ import annotations

import pytest
from concept_papers import Paper, concept_of, concepts, load

from kg.engine import Engine
from kg.language.forms import initials
from kg.resolve.concept_initials import Fit, expansions
from kg.resolve.concept_votes import Pair

LLM: list[Paper] = [
    ("Routing in Large Language Models", ["LLM의 경로를 고른다. 거대 언어 모델(LLM)은 크다."]),
    ("경로", ["LLM은 크고 느리다."]),
]


def test_an_abbreviation_and_the_one_long_form_with_its_initials_are_one_concept_and_it_is_said_why() -> None:
    with Engine() as engine:
        load(engine, LLM)
        label, label_ko, _, abbreviation, _, papers, _ = concepts(engine)["large-language-model"]
        assert (label, label_ko, abbreviation, papers) == ("large language model", "거대 언어 모델", "LLM", 2)
        assert concept_of(engine, "LLM", 1) == {"large-language-model"}
        rows = engine.rows("select left_id, right_id, verdict, judge, reason from judgements where judge = 'rule: initials'")
        assert rows == [
            (
                "LLM",
                "Large Language Models",
                "same",
                "rule: initials",
                "LLM has the initials of Large Language Models, which no other concept here has; 1 paper uses both",
            )
        ]
        reason = engine.value("select reason from clusters where member_id = 'LLM'")
    assert reason.startswith("abbreviation of large language model: LLM has the initials of")


def test_a_word_of_capitals_inside_the_long_form_counts_with_all_of_them() -> None:
    with Engine() as engine:
        load(engine, [("Multimodal LLMs in the Wild", ["MLLM은 그림을 본다."])])
        assert concept_of(engine, "MLLM", 0) == {"multimodal-llm"}


def test_initials_alone_join_nothing_if_no_paper_uses_both() -> None:
    with Engine() as engine:
        load(engine, [("Large Language Models", []), ("경로", ["LLM은 크고 느리다."])])
        assert {"large-language-model", "llm"} <= set(concepts(engine))


def test_two_long_forms_with_the_initials_hold_in_their_own_papers_only() -> None:
    papers: list[Paper] = [
        ("Residual Alignment Models", ["RAM은 작다."]),
        ("Random Access Memories", ["RAM은 빠르다."]),
        ("기억", ["RAM이 모자란다."]),
    ]
    with Engine() as engine:
        load(engine, papers)
        assert [concept_of(engine, "RAM", paper) for paper in range(3)] == [{"residual-alignment-model"}, {"random-access-memory"}, {"ram"}]


def test_a_paper_with_two_long_forms_of_the_initials_has_none() -> None:
    with Engine() as engine:
        load(engine, [("Residual Alignment Models or Random Access Memories", ["RAM은 작다."])])
        assert concept_of(engine, "RAM", 0) == {"ram"}


def test_a_gloss_with_another_meaning_keeps_the_initials_apart() -> None:
    papers: list[Paper] = [*LLM, ("Laws", ["We study the logical language machine (LLM) for the discovery of laws."])]
    with Engine() as engine:
        load(engine, papers)
        assert concept_of(engine, "Large Language Models", 0) == {"large-language-model"}
        assert concept_of(engine, "LLM", 0) != {"large-language-model"}


def test_a_name_that_another_paper_coins_means_the_long_form_in_its_own_paper_only() -> None:
    with Engine() as engine:
        load(engine, [("Geometric Random Attention Codes", ["GRAC은 작다."]), ("GRAC: a Grand Idea", ["GRAC은 크다."])])
        assert concept_of(engine, "GRAC", 0) == {"geometric-random-attention-code"}
        assert concept_of(engine, "GRAC", 1) == {"grac"}


@pytest.mark.parametrize(
    ("title", "text", "short"),
    [
        ("3D Reconstruction", "3D로 복원한다.", "3D"),
        ("Vector Relations", "VR로 본다.", "VR"),
        ("LLaMA-MoE in the Wild", "LLM으로 잰다.", "LLM"),
    ],
)
def test_what_only_looks_like_initials_is_not_joined(title: str, text: str, short: str) -> None:
    with Engine() as engine:
        load(engine, [(title, [text])])
        assert engine.rows("select * from judgements where judge = 'rule: initials'") == []
        assert concept_of(engine, short, 0) in ({short.lower()}, set())


def test_a_data_set_abbreviates_nothing_but_a_data_set() -> None:
    assert expansions([Fit("MATH", "multiagenttrusthierarchy", ("p1",), coined=False)], [], {}) == []
    assert expansions([Fit("MATH", "multiagenttrusthierarchydataset", ("p1",), coined=False)], [], {}) != []


def test_an_abbreviation_that_papers_explain_in_two_ways_is_not_joined_to_a_third() -> None:
    papers: list[Paper] = [
        ("A", ["We study the residual alignment model (RAM) of the field."]),
        ("B", ["We study the random access memory (RAM) of the field."]),
        ("Random Attention Maps", ["RAM은 작다."]),
    ]
    with Engine() as engine:
        load(engine, papers)
        assert concept_of(engine, "RAM", 2) == {"ram"}


def test_a_korean_term_glossed_with_both_speaks_for_the_join() -> None:
    pairs = [Pair("p1", "거대언어모델", "LLM", "translation"), Pair("p2", "거대언어모델", "largelanguagemodel", "translation")]
    fits = [Fit("LLM", "largelanguagemodel", (), coined=False)]
    assert [(found.long, found.only) for found in expansions(fits, pairs, {})] == [("largelanguagemodel", True)]
    assert expansions(fits, pairs[:1], {}) == []


def test_small_words_count_or_not() -> None:
    assert initials("reinforcement learning from human feedback".split()) == "RLfHF"
    texts = ["강화 학습(Reinforcement Learning from Human Feedback)과 전문가 혼합(Mixture of Experts Team)을 쓴다.", "RLHF는 느리고 MOET은 빠르다."]
    with Engine() as engine:
        load(engine, [("학습", texts)])
        found = engine.rows("select left_id, right_id from judgements where judge = 'rule: initials'")
    assert found == [("MOET", "Mixture of Experts Team"), ("RLHF", "Reinforcement Learning from Human Feedback")]
