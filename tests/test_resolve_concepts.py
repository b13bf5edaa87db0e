"""Candidates to concepts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from concept_papers import Paper, concept_of, concepts, load

import kg.resolve.concepts
from kg.engine import Engine
from kg.tables import TABLES

MADE = ("concepts", "concept_labels", "concept_links", "paper_concepts", "mentions", "clusters", "judgements")

PAPERS: list[Paper] = [
    ("ReMoE: Mixture-of-Experts with ReLU Routing", ["ReMoE는 전문가 혼합(Mixture of Experts; MoE)을 쓴다. MoE는 대형 언어 모델(LLMs)에 좋다."]),
    ("Sparse Language Models", ["Large language models (LLMs) with a mixture of experts (MoE) are sparse. The MoE and the LLM of the future."]),
    ("Scaling MoE", ["대형 언어 모델(Large Language Models)의 비디오 생성과 MATH 데이터셋에서 MoE와 전문가 혼합을 비교했다."]),
    ("Super-Resolution of Images", ["We study super resolution (SR) for the restoration of images. SR is hard."]),
    ("Finding Laws", ["We study symbolic regression (SR) for the discovery of laws. SR is easy."]),
    ("SR in Practice", ["SR is used in the field, and it is not said what it is."]),
]

# 48 names of equal weight.
MANY: Paper = ("모델 비교", [f"이 연구는 {', '.join(f'{a}{b}Net' for a in 'ABCDEFGH' for b in 'klmnpq')}을 비교한다."])


def test_spellings_abbreviation_and_both_languages_are_one_concept() -> None:
    with Engine() as engine:
        load(engine, PAPERS)
        label, label_ko, kind, abbreviation, scheme, papers, first = concepts(engine)["mixture-of-experts"]
        assert (label.casefold().replace("-", " "), label_ko, kind, abbreviation) == ("mixture of experts", "전문가 혼합", "Method", "MoE")
        assert (scheme, papers, first) == ("scheme/extracted", 3, "2024-01")
        assert concept_of(engine, "MoE", 2) == {"mixture-of-experts"}
        assert concept_of(engine, "전문가 혼합", 2) == {"mixture-of-experts"}
        assert concept_of(engine, "LLMs", 0) == concept_of(engine, "LLM", 1) == concept_of(engine, "대형 언어 모델", 2) == {"large-language-model"}


def test_a_label_counts_each_paper_that_uses_it_once() -> None:
    with Engine() as engine:
        load(engine, PAPERS)
        rows = engine.rows("select language, label, kind, papers from concept_labels where concept_id = 'concept/mixture-of-experts'")
    by_label = {(language, label): (kind, papers) for language, label, kind, papers in rows}
    assert by_label["en", "MoE"] == ("abbreviation", 3)
    assert by_label["ko", "전문가 혼합"] == ("preferred", 2)
    assert sum(kind == "preferred" for kind, _ in by_label.values()) == 2


def test_an_abbreviation_with_two_long_forms_stays_two_concepts_and_a_third_where_nothing_is_said() -> None:
    with Engine() as engine:
        load(engine, PAPERS)
        assert concept_of(engine, "SR", 3) == {"super-resolution"}
        assert concept_of(engine, "SR", 4) == {"symbolic-regression"}
        assert concept_of(engine, "SR", 5) == {"sr"}
        members = dict(engine.rows("select member_id, canonical_id from clusters where member_id like 'SR%'"))
        assert members["SR in paper/arxiv:2401.00004"] == "concept/symbolic-regression"
        verdicts = engine.rows("select left_id, right_id, verdict from judgements where 'SR' in (left_id, right_id)")
        assert {verdict for _, _, verdict in verdicts} == {"unsure"}


def test_a_wrong_long_form_loses_to_the_one_that_papers_agree_on() -> None:
    papers: list[Paper] = [(f"Study {n}", ["We study large language models (LLMs) in the wild."]) for n in range(4)]
    papers.append(("Study 4", ["We study long language models (LLMs) in the wild."]))
    with Engine() as engine:
        load(engine, papers)
        assert concept_of(engine, "LLMs", 4) == {"large-language-model"}
        assert concept_of(engine, "long language models", 4) == {"large-language-model"}
        assert ("different",) in engine.rows("select verdict from judgements where 'long language models' in (left_id, right_id)")


def test_a_single_gloss_of_a_plain_word_counts_in_its_own_paper_only() -> None:
    papers: list[Paper] = [("A", ["모델은 강화학습(Reinforcement Learning)을 쓴다."]), ("B", ["모델은 강화학습을 쓴다."])]
    with Engine() as engine:
        load(engine, papers)
        assert concept_of(engine, "강화학습", 0) == {"reinforcement-learning"}
        assert concept_of(engine, "강화학습", 1) == {"강화학습"}
    with Engine() as engine:
        load(engine, [*papers, ("C", ["기존의 강화학습(Reinforcement Learning)이다."])])
        assert concept_of(engine, "강화학습", 1) == {"reinforcement-learning"}


@pytest.mark.parametrize("threads", [1, 2])
def test_the_tables_do_not_depend_on_the_order_of_rows_or_on_threads(threads: int) -> None:
    results = []
    for order in (None, 1, 2):
        with Engine(threads=threads if order else 1) as engine:
            load(engine, [*PAPERS, MANY], subjects=[(0, "cs.CL", "Language"), (1, "cs.CL", "Language")], order=order)
            results.append({table: engine.rows(f"select * from {table}") for table in MADE})
    assert results[0] == results[1] == results[2]
    assert all(results[0][table] for table in MADE if table != "concept_links")


def test_keys_are_unique_and_references_hold() -> None:
    with Engine() as engine:
        load(engine, PAPERS, subjects=[(0, "cs.CL", "Computation and Language")])
        for name in MADE:
            key = ", ".join(TABLES[name].key_columns)
            assert engine.value(f"select count(*) - count(distinct ({key})) from {name}") == 0, name
        rows = engine.rows("select text, begin_index, end_index, surface from mentions join sections using (section_id)")
        assert all(text[begin:end] == surface for text, begin, end, surface in rows)
        about = set(engine.rows("select paper_id, concept_id from paper_concepts"))
        mentioned = set(
            engine.rows("select distinct paper_id, concept_id from mentions join sections using (section_id) join records using (record_id)")
        )
        assert mentioned == {(paper, concept) for paper, concept in about if not concept.startswith("concept/arxiv:")}
        assert {concept for _, concept in about} == {concept for (concept,) in engine.rows("select concept_id from concepts")}
        assert engine.value("select count(*) from concept_labels where concept_id not in (select concept_id from concepts)") == 0
        assert engine.value("select count(*) from concepts where label is null and label_ko is null") == 0
        overlaps = (
            "select count(*) from mentions a join mentions b using (section_id) where a.begin_index < b.begin_index and b.begin_index < a.end_index"
        )
        assert engine.value(overlaps) == 0
        assert engine.value("select count(*) from judgements where left_id >= right_id") == 0


def test_a_paper_has_at_most_so_many_concepts_and_three_to_six_main_ones() -> None:
    with Engine() as engine:
        load(engine, [MANY, PAPERS[0]])
        counts = engine.rows(
            "select count(*), count(*) filter (main), min(weight), max(weight) from paper_concepts group by paper_id order by paper_id"
        )
    assert counts[0][0] == kg.resolve.concepts.MAX_CONCEPTS
    for _, main, least, most in counts:
        assert 3 <= main <= 6
        assert Decimal(0) < least <= most <= Decimal(1)


def test_what_stands_in_the_title_weighs_more() -> None:
    with Engine() as engine:
        load(engine, [("Sparse Attention (SA)", ["We study linear regression (LR) in the wild."])])
        weights = dict(engine.rows("select concept_id, weight from paper_concepts"))
    assert weights["concept/sparse-attention"] > weights["concept/linear-regression"]


def test_in_a_large_corpus_what_one_paper_says_in_passing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    papers: list[Paper] = [
        ("Sparse Attention", ["We study the purple elephants of attention and a green giraffe network (GGN)."]),
        ("B", ["We study the blue whales of Rome."]),
    ]
    with Engine() as engine:
        load(engine, papers)
        assert "purple-elephant" in concepts(engine)
    monkeypatch.setattr(kg.resolve.concepts, "LARGE_CORPUS", 2)
    with Engine() as engine:
        load(engine, papers)
        left = concepts(engine)
    assert "purple-elephant" not in left
    assert {"sparse-attention", "green-giraffe-network"} <= set(left)


def test_a_long_phrase_of_one_paper_gives_way_to_the_known_concept_inside_it() -> None:
    papers: list[Paper] = [(f"T{n}", ["We study graph neural networks in the wild."]) for n in range(3)]
    papers.append(("T3", ["We study purple graph neural networks in the wild."]))
    with Engine() as engine:
        load(engine, papers)
        assert concept_of(engine, "graph neural networks", 3) == {"graph-neural-network"}
        assert engine.rows("select surface, evidence from mentions where surface like 'purple%'") == []


def test_categories_are_concepts_of_their_own_scheme() -> None:
    with Engine() as engine:
        load(engine, PAPERS, subjects=[(0, "cs.CL", "Computation and Language"), (3, "cs.CL", "Computation and Language"), (3, "cs/a b", "Odd")])
        found = concepts(engine)
        assert found["arxiv:cs.CL"] == ("Computation and Language", None, "Field", None, "scheme/arxiv", 2, "2024-01")
        assert found["arxiv:cs/a%20b"][0] == "Odd"
        labels = engine.rows("select language, label, kind, papers from concept_labels where concept_id = 'concept/arxiv:cs.CL' order by all")
        assert labels == [("en", "Computation and Language", "preferred", 2), ("und", "cs.CL", "alternative", 2)]
        assert {main for (main,) in engine.rows("select main from paper_concepts where concept_id like 'concept/arxiv:%'")} == {False}
        assert engine.value("select count(*) from mentions where concept_id like 'concept/arxiv:%'") == 0


def test_different_concepts_of_one_slug_get_ids_of_their_own() -> None:
    with Engine() as engine:
        load(engine, [("SAM: Segment", ["SAM은 빠르다."]), ("The sam", ["Sam: a sam in the wild."])])
        ids = [identifier for identifier in concepts(engine) if identifier.split("~")[0] == "sam"]
    assert len(ids) == 2
    assert all("~" in identifier for identifier in ids)


def test_the_first_date_of_a_concept_is_its_earliest_papers_and_unknown_if_none_is_known() -> None:
    papers: list[Paper] = [("Sparse Attention", []), ("Sparse Attention", []), ("Linear Regression", [])]
    with Engine() as engine:
        load(engine, papers, dates=["2024-05-02", "2023-01", None])
        found = concepts(engine)
    assert found["sparse-attention"][-1] == "2023-01"
    assert found["linear-regression"][-1] is None


@pytest.mark.parametrize("papers", [[], [("", [""])], [("!!!", ["...", "\u202e😀 “”"])]])
def test_papers_without_any_concept_make_empty_tables(papers: list[Paper]) -> None:
    with Engine() as engine:
        load(engine, papers)
        assert all(engine.rows(f"select * from {table}") == [] for table in MADE)


def test_no_temporary_table_is_left_behind() -> None:
    with Engine() as engine:
        load(engine, PAPERS)
        left = [name for (name,) in engine.rows("select table_name from duckdb_tables() where temporary")]
    assert sorted(left) == ["candidates", "subjects"]


def test_each_label_of_a_cluster_says_why() -> None:
    with Engine() as engine:
        load(engine, PAPERS)
        reasons = dict(engine.rows("select member_id, reason from clusters where canonical_id = 'concept/mixture-of-experts'"))
    assert reasons["MoE"].startswith("abbreviation of mixture")
    assert "gloss in" in reasons["전문가 혼합"]


def test_what_follows_a_mention_is_cut_from_its_text_once() -> None:
    """In SQL, substr walks each text from its beginning: 60,000 mentions of one text took 44 s."""
    assert "substr" not in kg.resolve.concepts._sql("statistics")
    with Engine() as engine:
        load(engine, [("모델 비교", ["ABNet 데이터셋과 CDNet 모델, 그리고 CDNet 모델을 쓴다."])])
        kinds = {key: row[2] for key, row in concepts(engine).items()}
    assert (kinds["abnet"], kinds["cdnet"]) == ("Dataset", "Model")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("MathHay: An Automated Benchmark for Long-Context Reasoning", "Dataset"),
        ("MathHay: A Large-Scale Dataset", "Dataset"),
        ("MathHay: Learning to Rank on a Benchmark", "Model"),
    ],
)
def test_a_title_that_calls_its_name_a_benchmark_makes_it_a_dataset(title: str, kind: str) -> None:
    with Engine() as engine:
        load(engine, [(title, ["MathHay는 추론을 다룬다. MathHay는 크다. MathHay를 쓴다. MathHay와 비교한다."])])
        assert concepts(engine)["mathhay"][2] == kind
