"""Candidates to concepts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from concept_papers import OPEN, Known, Paper, concept_of, concepts, load
from hypothesis import given, settings
from hypothesis import strategies as st

import kg.resolve.concepts
from kg.engine import Engine
from kg.resolve.concept_ranker import Ranker
from kg.resolve.concept_spans import without_overlap
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

VOCABULARY = [
    Known(label="machine learning", kind="Field"),
    Known(label="sparse computation", kind="Field", broader=["machine learning"]),
    Known(label="mixture of experts", kind="Method", ko=["전문가 혼합"], abbreviation=["MoE"], broader=["sparse computation"]),
    Known(label="video generation", kind="Task", ko=["비디오 생성"], broader=["machine learning"]),
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


@pytest.mark.parametrize(("threads", "ranker"), [(1, OPEN), (2, OPEN), (2, None)], ids=["1", "2", "2, as shipped"])
def test_the_tables_do_not_depend_on_the_order_of_rows_or_on_threads(threads: int, ranker: Ranker | None) -> None:
    results = []
    for order in (None, 1, 2):
        with Engine(threads=threads if order else 1) as engine:
            load(
                engine,
                [*PAPERS, MANY],
                subjects=[(0, "cs.CL", "Language"), (1, "cs.CL", "Language")],
                order=order,
                vocabulary=VOCABULARY,
                words=[("언어", False, 0, "language"), ("모델", True, 0, "model"), ("비교", True, 0, "comparison"), ("데이터셋", True, 0, "dataset")],
                said=[("SR", "SR in the field", "same", None), ("MATH", None, "hidden", None), ("MoE", "mixture of experts", "renamed", None)],
                ranker=ranker,
            )
            results.append({table: engine.rows(f"select * from {table}") for table in (*MADE, "aliases")})
    assert results[0] == results[1] == results[2]
    assert all(results[0][table] for table in MADE)


# A gloss, and a term of the vocabulary, with the very span of two terms that share a word.
SHARED: list[Paper] = [
    ("Question and answer generation", ["객체 및 카메라 제어(Object and Camera Control)를 다룬다. We study image and video generation."]),
    ("이미지 및 비디오 생성", ["We study large and small language models (LLMs)."]),
]


@pytest.mark.parametrize("papers", [PAPERS, SHARED], ids=["papers", "shared words"])
def test_keys_are_unique_and_references_hold(papers: list[Paper]) -> None:
    vocabulary = [*VOCABULARY, Known(label="question and answer generation")]
    with Engine() as engine:
        load(
            engine,
            papers,
            subjects=[(0, "cs.CL", "Computation and Language")],
            vocabulary=vocabulary,
            said=[("Mixture of Experts", "MoE", "same", None), ("LLMs", "ReMoE", "different", None), ("LLM", None, "hidden", None)],
        )
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
        assert {concept for _, concept in about} == {concept for (concept,) in engine.rows("select concept_id from concepts where papers > 0")}
        assert engine.value("select count(*) from concept_labels where concept_id not in (select concept_id from concepts)") == 0
        assert engine.value("select count(*) from concepts where label is null and label_ko is null") == 0
        assert engine.value("select count(*) from judgements where left_id >= right_id") == 0
        assert _overlaps(engine) == 0
        assert _overlaps(engine, "x.evidence = 'coordination' or y.evidence = 'coordination'") > 0


def _overlaps(engine: Engine, where: str = "x.evidence <> 'coordination' and y.evidence <> 'coordination'") -> int:
    """How many pairs of mentions overlap."""
    return int(
        engine.value(
            f"""
            select count(*) from mentions x join mentions y using (section_id)
            where (x.begin_index, x.end_index) < (y.begin_index, y.end_index) and y.begin_index < x.end_index and ({where})
            """
        )
    )


def test_two_terms_that_share_a_word_are_two_concepts_and_only_they_lie_over_each_other() -> None:
    with Engine() as engine:
        load(engine, [("제어", ["이 논문은 객체 및 카메라 제어를 다룬다."]), ("A", ["We study object and camera control for it."])])
        for paper, first, second in ((0, "객체-제어", "카메라-제어"), (1, "object-control", "camera-control")):
            rows = engine.rows(
                "select concept_id, surface from mentions join sections using (section_id) join records using (record_id) where paper_id = $paper",
                paper=f"paper/arxiv:2401.{paper:05}",
            )
            found = dict(rows)
            assert found[f"concept/{second}"] in found[f"concept/{first}"]
            assert found[f"concept/{first}"] in {"객체 및 카메라 제어", "object and camera control"}
        assert concepts(engine)["객체-제어"][1] == "객체 제어"
        assert concepts(engine)["object-control"][0] == "object control"


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), st.booleans())))
def test_of_spans_that_overlap_one_stays_and_no_span_stands_twice(spans: list[tuple[int, int, bool]]) -> None:
    rows = [(0, begin, begin + length, "", "", "surface", "form" if shared else "surface") for begin, length, shared in spans]
    taken = without_overlap(rows)
    for one in taken:
        for other in taken:
            if one is not other and (one[6] == other[6] or one[1:3] == other[1:3]):
                assert one[2] <= other[1] or other[2] <= one[1]
    # What was left out has something before it that is in its way.
    for place, row in enumerate(rows):
        if not any(row is one for one in taken):
            assert any(one[1] < row[2] and row[1] < one[2] for one in taken if any(one is before for before in rows[:place]))


def test_a_paper_has_at_most_so_many_concepts_the_likeliest() -> None:
    # Of names, those that come late in the text.
    late: Ranker = {"start": 0, "trees": [["place", 202, 0, 100]], "confidence": {"intercept": 0, "slope": 0.005}}
    with Engine() as engine:
        load(engine, [MANY], ranker=late)
        rows = engine.rows("select concept_id, weight from paper_concepts order by weight desc")
        most = engine.rows("select concept_id from mentions where begin_index >= 202")
    assert len(rows) == kg.resolve.concepts.MAX_CONCEPTS
    assert len(set(most)) == 20
    assert {(concept,) for concept, _ in rows[: len(set(most))]} == set(most)
    assert all(0 < weight < 1 for _, weight in rows)


@pytest.mark.parametrize(("points", "main"), [(0, 3), (1000, 6)])
def test_the_first_three_are_main_ones_and_up_to_six_that_are_as_good_as_sure(points: int, main: int) -> None:
    with Engine() as engine:
        load(engine, [MANY], ranker={"start": points, "trees": [], "confidence": {"intercept": 0, "slope": 0.01}})
        assert engine.value("select count(*) from paper_concepts where main") == main


def test_what_stands_in_the_title_weighs_more() -> None:
    with Engine() as engine:
        load(engine, [("Sparse Attention (SA)", ["We study linear regression (LR) in the wild."])], ranker=None)
        weights = dict(engine.rows("select concept_id, weight from paper_concepts"))
    assert weights["concept/sparse-attention"] > weights["concept/linear-regression"]


def test_what_is_less_likely_than_a_quarter_is_left_out_with_its_mentions() -> None:
    papers: list[Paper] = [("Laws", ["We study the purple elephants of attention and a green giraffe network (GGN)."])]
    glossed: Ranker = {"start": -300, "trees": [["acronym", 0.5, 0, 600]], "confidence": {"intercept": 0, "slope": 0.005}}
    with Engine() as engine:
        load(engine, papers)
        assert {"purple-elephant", "green-giraffe-network"} <= set(concepts(engine))
    with Engine() as engine:
        load(engine, papers, ranker=glossed)
        assert list(concepts(engine)) == ["green-giraffe-network"]
        assert {surface for (surface,) in engine.rows("select surface from mentions")} == {"green giraffe network", "GGN"}


def test_of_spans_that_overlap_the_likelier_concept_stays_and_of_equals_the_longer() -> None:
    papers: list[Paper] = [(f"T{n}", ["We study graph neural networks in the wild."]) for n in range(3)]
    papers.append(("T3", ["We study purple graph neural networks in the wild."]))
    frequent: Ranker = {"start": 300, "trees": [["c_rarity", 0.5, 100, 0]], "confidence": {"intercept": 0, "slope": 0.005}}
    with Engine() as engine:
        load(engine, papers, ranker=frequent)
        assert concept_of(engine, "graph neural networks", 3) == {"graph-neural-network"}
        assert engine.rows("select surface, evidence from mentions where surface like 'purple%'") == []
    with Engine() as engine:
        load(engine, papers, ranker={**frequent, "trees": []})
        assert concept_of(engine, "purple graph neural networks", 3) == {"purple-graph-neural-network"}
        assert concept_of(engine, "graph neural networks", 3) == set()


@pytest.mark.parametrize("ranker", [OPEN, None], ids=["open", "as shipped"])
def test_a_confidence_is_one_and_the_same_for_a_concept_and_its_mentions_in_a_paper(ranker: Ranker | None) -> None:
    with Engine() as engine:
        load(engine, PAPERS, ranker=ranker)
        rows = engine.rows(
            """
            select distinct paper_id, concept_id, weight, confidence
            from mentions join sections using (section_id) join records using (record_id) join paper_concepts using (paper_id, concept_id)
            """
        )
        assert len(rows) == engine.value("select count(*) from paper_concepts") > 6
    assert all(weight == confidence >= Decimal("0.25") for _, _, weight, confidence in rows)


HOSTILE = st.sampled_from(
    "( ) （ ； , : - / $ \\ \" ' 😀 \u202e \u0301 \0 İ ß ﬁ <script> ]]> 지식그래프 지식 그래프(Knowledge Graph)를 Mixture of Experts (MoE) 및 와 and "
    "image video 비디오 생성 generation 생성을 \u2028 LLMs 3D C++ MATH 데이터셋".split(" ")
)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.lists(HOSTILE, max_size=12).map(" ".join), st.lists(HOSTILE, max_size=25).map(" ".join)), min_size=1, max_size=3))
def test_every_mention_of_any_text_points_at_its_words_and_each_key_is_there_once(texts: list[tuple[str, str]]) -> None:
    with Engine(threads=1) as engine:
        load(engine, [(title, [text]) for title, text in texts], vocabulary=VOCABULARY)
        rows = engine.rows("select text, begin_index, end_index, surface from mentions join sections using (section_id)")
        assert all(text[begin:end] == surface and surface for text, begin, end, surface in rows)
        assert _overlaps(engine) == 0
        for name in MADE:
            key = ", ".join(TABLES[name].key_columns)
            assert engine.value(f"select count(*) - count(distinct ({key})) from {name}") == 0, name


def test_the_sample_has_no_mentions_over_each_other_but_where_terms_share_words(built: Path) -> None:
    with Engine(built / "kg.duckdb", read_only=True) as engine:
        assert engine.value("select count(*) from mentions") > 1000
        assert _overlaps(engine) == 0
        assert engine.value("select max(n) from (select count(*) as n from paper_concepts group by paper_id)") <= kg.resolve.concepts.MAX_CONCEPTS
        assert engine.value("select count(*) from mentions where confidence < 0.25") == 0


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
    assert sorted(left) == [
        "candidates",
        "said",
        "subjects",
        "vocabulary_broader",
        "vocabulary_concepts",
        "vocabulary_links",
        "vocabulary_terms",
        "vocabulary_words",
    ]


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
        load(
            engine,
            [("모델 비교", ["ABNet 데이터셋과 CDNet 모델, 그리고 CDNet 모델을 쓴다."])],
            vocabulary=[Known(label="ABNet"), Known(label="CDNet")],
        )
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


def test_the_command_for_measuring_writes_what_scorers_read_best_first_and_a_paper_that_is_its_own_context_counts_once(
    root: Path, shared: Path, tmp_path: Path
) -> None:
    papers = (shared / "eval" / "keywords" / "dev.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    given = tmp_path / "papers.jsonl"
    given.write_text("\n".join(papers) + "\n", encoding="utf-8")
    command = [sys.executable, str(root / "benchmarks" / "extract_concepts.py"), str(given)]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    alone, in_context = (
        subprocess.run([*command, *options], capture_output=True, encoding="utf-8", check=True, env=environment).stdout
        for options in ([], ["--context", str(given)])
    )
    assert in_context == alone
    rows = [json.loads(line) for line in alone.splitlines()]
    texts = {row["id"]: f"{row['title']}\n{row['abstract']}" for row in map(json.loads, papers)}
    assert [row["id"] for row in rows] == list(texts)
    for row in rows:
        assert row.keys() == {"id", "concepts"}
        scores = [concept["score"] for concept in row["concepts"]]
        assert 3 <= len(scores) <= 15
        assert scores == sorted(scores, reverse=True)
        assert all(0.25 <= score <= 1 for score in scores)
        assert len({concept["label"] for concept in row["concepts"]}) == len(scores)
        for concept in row["concepts"]:
            assert concept.keys() == {"label", "ko", "abbr", "kind", "surfaces", "score", "main"}
            assert concept["label"]
            assert concept["kind"] in {"Task", "Method", "Model", "Dataset", "Metric", "Field/Other"}
            assert concept["surfaces"]
            assert all(surface in texts[row["id"]] for surface in concept["surfaces"])
        assert 3 <= sum(concept["main"] for concept in row["concepts"]) <= 6
