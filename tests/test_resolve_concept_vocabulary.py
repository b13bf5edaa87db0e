"""What a vocabulary knows: names in English, meanings of terms that have several, what is broader; and terms read word by word."""

from __future__ import annotations

import pytest
from concept_papers import Known, Paper, concept_of, concepts, load

from kg.engine import Engine

VOCABULARY = [
    Known(label="machine learning", kind="Field", abbreviation=["ML"]),
    Known(label="sequential decisions", kind="Field", broader=["machine learning"]),
    Known(label="representations", kind="Field", broader=["machine learning"]),
    Known(
        label="reinforcement learning",
        kind="Method",
        ko=["강화 학습"],
        abbreviation=["RLX"],
        broader=["sequential decisions"],
        links=[("closeMatch", "https://example.org/rl"), ("exactMatch", "https://example.com/rl")],
    ),
    Known(label="relational learning", kind="Field", ko=["관계 학습"], abbreviation=["RLX"], broader=["representations"]),
    Known(label="policy gradient", kind="Method", ko=["정책 경사"], broader=["sequential decisions"]),
    Known(label="reward shaping", kind="Method", ko=["보상 설계"], broader=["sequential decisions"]),
    Known(label="word embedding", kind="Method", ko=["단어 임베딩"], broader=["representations"], links=[("closeMatch", "https://example.org/we")]),
    Known(label="mean rank", kind="Metric", abbreviation=["MRX"], broader=["machine learning"]),
    Known(label="magnetic resonance", kind="Field", abbreviation=["MRX"], broader=["machine learning"]),
    Known(label="object recognition", kind="Task", ko=["객체 인식", "사물 인식"], broader=["representations"]),
    Known(label="visual grounding", kind="Task", ko=["시각적 정합"], broader=["representations"]),
    Known(label="anomaly detection", kind="Task", ko=["이상 탐지"], broader=["representations"]),
]
WORDS = [
    ("물렁", False, 0, "soft"),
    ("물렁", False, 1, "squishy"),
    ("탐지", True, 0, "detection"),
    ("탐지", True, 1, "sensing"),
    ("시각", False, 0, "visual"),
]
"""A dictionary: Korean word, whether as the head of a term, place among its meanings, English."""


def test_a_term_that_papers_have_in_korean_alone_is_named_in_english_and_it_is_said_why() -> None:
    with Engine() as engine:
        load(engine, [("사물", ["이 논문은 사물 인식을 다룬다."])], vocabulary=VOCABULARY)
        label, label_ko, kind, _, scheme, papers, _ = concepts(engine)["object-recognition"]
        # The Korean name is the one that papers use, not the vocabulary's first.
        assert (label, label_ko, kind, scheme, papers) == ("object recognition", "사물 인식", "Task", "scheme/extracted", 1)
        assert engine.value("select reason from clusters where member_id = '사물 인식'") == "the vocabulary has it as a name of object recognition"
        labels = engine.rows("select language, label, kind, papers from concept_labels where concept_id = 'concept/object-recognition' order by all")
    assert labels == [
        ("en", "object recognition", "preferred", 0),
        ("ko", "객체 인식", "alternative", 0),
        ("ko", "사물 인식", "preferred", 1),
    ]


def test_an_abbreviation_with_two_meanings_goes_by_the_long_form_of_its_paper() -> None:
    papers: list[Paper] = [("A", ["We study reinforcement learning. The RLX is hard."]), ("나", ["관계 학습을 다룬다. RLX는 어렵다."])]
    with Engine() as engine:
        load(engine, papers, vocabulary=VOCABULARY)
        assert concept_of(engine, "RLX", 0) == {"reinforcement-learning"}
        assert concept_of(engine, "RLX", 1) == {"relational-learning"}
        reasons = dict(engine.rows("select member_id, reason from clusters where member_id like 'RLX in %'"))
        names = {concept[0] for concept in engine.rows("select concept_id from concept_labels where label = 'RLX'")}
    assert names == {"concept/reinforcement-learning", "concept/relational-learning"}
    assert all("in this paper" in reason for reason in reasons.values())


def test_an_abbreviation_with_two_meanings_goes_by_its_neighbours_and_where_nothing_tells_stays_a_concept_of_its_own() -> None:
    papers: list[Paper] = [
        ("A", ["We study the policy gradient, the reward shaping. The RLX is hard."]),
        ("B", ["We study the RLX of the field."]),
        ("C", ["We study the policy gradient, the reward shaping, the word embedding, visual grounding. The RLX is hard."]),
    ]
    with Engine() as engine:
        load(engine, papers, vocabulary=VOCABULARY)
        assert [concept_of(engine, "RLX", paper) for paper in range(3)] == [{"reinforcement-learning"}, {"rlx"}, {"rlx"}]
        label, _, _, abbreviation, *_ = concepts(engine)["rlx"]
    assert (label, abbreviation) == ("RLX", None)


def test_a_short_form_that_nothing_tells_is_marked_with_each_of_its_meanings() -> None:
    with Engine() as engine:
        load(engine, [("A", ["We like RLX a lot."])], vocabulary=VOCABULARY)
        marks = engine.rows("select left_id, right_id, verdict, judge, reason from judgements where judge = 'rule: vocabulary' order by all")
    reason = "may stand for it, or 1 other concept: only where the paper says or shows which"
    assert marks == [("RLX", label, "unsure", "rule: vocabulary", reason) for label in ("reinforcement learning", "relational learning")]


def test_a_short_form_that_stands_among_results_only_is_a_metric() -> None:
    papers: list[Paper] = [("A", ["It is of the kind.", "The MRX is high."]), ("B", ["The MRX is of the kind.", "The MRX is high."])]
    with Engine() as engine:
        load(engine, papers, vocabulary=VOCABULARY, labels=["What is New", "Results"])
        assert [concept_of(engine, "MRX", paper) for paper in range(2)] == [{"mean-rank"}, {"mrx"}]


def test_two_letters_alone_do_not_say_what_they_stand_for() -> None:
    papers: list[Paper] = [("A", ["The ML of the field."]), ("B", ["We study machine learning. The ML is hard."])]
    with Engine() as engine:
        load(engine, papers, vocabulary=VOCABULARY)
        assert [concept_of(engine, "ML", paper) for paper in range(2)] == [{"ml"}, {"machine-learning"}]


def test_a_term_in_full_with_two_meanings_has_the_first_where_nothing_tells() -> None:
    vocabulary = [Known(label="alpha search", ko=["알파 탐색"]), Known(label="beta search", ko=["베타 탐색", "알파 탐색"])]
    papers: list[Paper] = [("가", ["알파 탐색을 다룬다."]), ("나", ["알파 탐색을 다룬다. We have beta search."])]
    with Engine() as engine:
        load(engine, papers, vocabulary=vocabulary)
        assert [concept_of(engine, "알파 탐색", paper) for paper in range(2)] == [{"alpha-search"}, {"beta-search"}]


def test_a_paper_that_says_otherwise_than_the_vocabulary_is_believed_in_its_own_case() -> None:
    papers: list[Paper] = [
        ("A", ["We study the giraffe tail exchange (MRX). The MRX is hard."]),
        ("나", ["강화 학습(Reward Shaping)이다. 강화 학습은 어렵다."]),
    ]
    vocabulary = [known for known in VOCABULARY if known.label != "magnetic resonance"]
    with Engine() as engine:
        load(engine, [*papers, ("C", ["The MRX of the field."])], vocabulary=vocabulary)
        assert concept_of(engine, "MRX", 2) == {"mean-rank"}
        verdicts = engine.rows("select verdict, reason from judgements where '강화 학습' in (left_id, right_id)")
        # Both are terms of the vocabulary: the gloss is a slip, or explains something longer.
        assert concept_of(engine, "강화 학습", 1) == {"reinforcement-learning"}
    assert [verdict for verdict, _ in verdicts] == ["different"]
    assert "the vocabulary has reinforcement learning" in verdicts[0][1]
    with Engine() as engine:
        load(
            engine, [("A", ["We study the melodic robot xylophone (MRX). The MRX is hard."]), ("C", ["The MRX of the field."])], vocabulary=vocabulary
        )
        assert [concept_of(engine, "MRX", paper) for paper in range(2)] == [{"melodic-robot-xylophone"}, {"mean-rank"}]
        assert [verdict for (verdict,) in engine.rows("select verdict from judgements where 'MRX' in (left_id, right_id)")] == ["unsure"]


def test_what_stands_above_a_concept_is_in_the_graph_up_to_the_top_though_no_paper_uses_it() -> None:
    with Engine() as engine:
        load(engine, [("A", ["We study reinforcement learning of the kind."])], vocabulary=VOCABULARY)
        found = concepts(engine)
        links = set(engine.rows("select * from concept_links"))
        assert engine.value("select count(*) from paper_concepts where concept_id = 'concept/machine-learning'") == 0
    assert {"reinforcement-learning", "sequential-decisions", "machine-learning"} <= found.keys()
    assert found["machine-learning"] == ("machine learning", None, "Field", "ML", "scheme/extracted", 0, None)
    assert "representations" not in found
    assert links == {
        ("concept/reinforcement-learning", "broader", "concept/sequential-decisions"),
        ("concept/sequential-decisions", "broader", "concept/machine-learning"),
        ("concept/reinforcement-learning", "closeMatch", "https://example.org/rl"),
        ("concept/reinforcement-learning", "exactMatch", "https://example.com/rl"),
    }


def test_a_concept_that_no_paper_uses_and_that_is_above_none_is_not_in_the_graph() -> None:
    with Engine() as engine:
        load(engine, [("A", ["We study elephants of the kind."])], vocabulary=VOCABULARY)
        assert list(concepts(engine)) == ["elephant"]
        assert engine.rows("select * from concept_links") == []


FOREIGN = pytest.mark.parametrize(
    ("language", "term", "text"),
    [
        ("fr", "apprentissage par renforcement", "Nous utilisons l'apprentissage par renforcement pour tout faire avec les autres."),
        ("de", "bestärkendes Lernen", "Wir verwenden ein bestärkendes Lernen, mit dem alles besser wird als zuvor."),
    ],
)


@FOREIGN
def test_a_term_in_a_language_of_the_users_vocabulary_is_its_concept(language: str, term: str, text: str) -> None:
    with Engine() as engine:
        load(engine, [("A", [text])], vocabulary=[Known(label="reinforcement learning", others=[(language, term)])])
        assert concept_of(engine, term, 0) == {"reinforcement-learning"}
        assert concepts(engine)["reinforcement-learning"][0] == "reinforcement learning"


@FOREIGN
def test_a_label_in_a_language_of_the_users_vocabulary_is_of_that_language_and_counts_its_papers(language: str, term: str, text: str) -> None:
    with Engine() as engine:
        load(engine, [("A", [text])], vocabulary=[Known(label="reinforcement learning", others=[(language, term)])])
        assert engine.rows("select language, papers from concept_labels where label = $term", term=term) == [(language, 1)]
        assert engine.value("select count(*) from concept_labels where concept_id = 'concept/reinforcement-learning'") == 2


def test_a_concept_of_the_users_with_an_address_has_it_as_an_exact_match() -> None:
    with Engine() as engine:
        load(engine, [("A", ["We study elephants of the kind."])], vocabulary=[Known(label="elephant", iri="https://example.org/elephant")])
        assert engine.rows("select * from concept_links") == [("concept/elephant", "exactMatch", "https://example.org/elephant")]


def test_a_korean_term_that_nobody_glosses_is_named_word_by_word_and_it_is_said_so() -> None:
    with Engine() as engine:
        load(engine, [("가", ["이 논문은 시각적 탐지를 다룬다."])], vocabulary=VOCABULARY, words=WORDS)
        assert concepts(engine)["visual-detection"][:2] == ("visual detection", "시각적 탐지")
        reason = engine.value("select reason from clusters where member_id = '시각적 탐지'")
        judgements = engine.rows("select left_id, right_id, verdict, judge, reason from judgements where '시각적 탐지' in (left_id, right_id)")
    assert reason == "Korean of visual detection: word by word, 시각적 탐지 is visual detection"
    assert judgements == [("visual detection", "시각적 탐지", "same", "rule: composition", "word by word, 시각적 탐지 is visual detection")]


def test_where_the_dictionary_has_not_every_word_nothing_is_named() -> None:
    with Engine() as engine:
        load(engine, [("가", ["이 논문은 물렁 탐지를 다룬다."])], vocabulary=VOCABULARY, words=[word for word in WORDS if word[0] != "물렁"])
        assert concepts(engine)["물렁-탐지"][:2] == (None, "물렁 탐지")
        assert engine.rows("select * from judgements") == []
    with Engine() as engine:
        load(engine, [("가", ["이 논문은 물렁 탐지를 다룬다."])], vocabulary=VOCABULARY, words=WORDS)
        assert concepts(engine)["soft-detection"][:2] == ("soft detection", "물렁 탐지")


def test_word_by_word_a_term_is_first_of_all_what_the_same_paper_has_in_english() -> None:
    papers: list[Paper] = [
        ("가", ["이 논문은 물렁 탐지를 다룬다. This is squishy sensing, and hard."]),
        ("나", ["이 논문은 물렁 탐지를 다룬다. This is soft sensing, and hard."]),
        ("다", ["이 논문은 물렁 탐지를 다룬다."]),
    ]
    with Engine() as engine:
        load(engine, papers[:1], words=WORDS)
        assert concept_of(engine, "물렁 탐지", 0) == concept_of(engine, "squishy sensing", 0) == {"squishy-sensing"}
    with Engine() as engine:
        load(engine, papers[2:], words=WORDS)
        assert concept_of(engine, "물렁 탐지", 0) == {"soft-detection"}
    with Engine() as engine:
        load(engine, papers, words=WORDS)
        assert concept_of(engine, "물렁 탐지", 0) == {"squishy-sensing"}
        assert concept_of(engine, "물렁 탐지", 1) == {"soft-sensing"}
        # Elsewhere, the likeliest of those that a paper has.
        assert concept_of(engine, "물렁 탐지", 2) == {"soft-sensing"}


def test_a_gloss_comes_before_what_is_read_word_by_word() -> None:
    papers: list[Paper] = [("가", ["물렁 탐지(Jelly Finding)를 다룬다. This is soft detection, and hard."]), ("나", ["물렁 탐지를 다룬다."])]
    with Engine() as engine:
        load(engine, papers, words=WORDS)
        assert concept_of(engine, "물렁 탐지", 0) == concept_of(engine, "물렁 탐지", 1) == {"jelly-finding"}


def test_the_vocabularys_term_comes_before_the_likeliest_word() -> None:
    with Engine() as engine:
        load(engine, [("다", ["이 논문은 물렁 탐지를 다룬다."])], words=WORDS, vocabulary=[Known(label="soft sensing")])
        assert concept_of(engine, "물렁 탐지", 0) == {"soft-sensing"}


def test_multimodal_llms_and_mllms_are_one_and_3d_and_3d_reconstruction_are_two() -> None:
    vocabulary = [
        Known(label="multimodal large language model", abbreviation=["MLLM"], variants=["multimodal LLM"], ko=["멀티모달 LLM"]),
        Known(label="3D reconstruction", ko=["3D 재구성"]),
    ]
    papers: list[Paper] = [
        ("Multimodal LLMs in the Wild", ["MLLM은 그림을 본다. 멀티모달 LLM은 크다."]),
        ("3D Reconstruction", ["3D로 복원한다. 3D 재구성은 어렵다."]),
    ]
    for known in (vocabulary, []):
        with Engine() as engine:
            load(engine, papers, vocabulary=known)
            assert concept_of(engine, "MLLM", 0) == concept_of(engine, "Multimodal LLMs", 0)
            assert len(concept_of(engine, "MLLM", 0)) == 1
            assert concept_of(engine, "3D", 1).isdisjoint(concept_of(engine, "3D Reconstruction", 1))
            assert concept_of(engine, "3D Reconstruction", 1) == {"3d-reconstruction"}
