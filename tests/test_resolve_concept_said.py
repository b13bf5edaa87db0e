"""What people say of concepts outranks every rule."""

from __future__ import annotations

from itertools import permutations

from concept_papers import Known, Paper, Saying, concept_of, concepts, load

from kg.engine import Engine
from kg.resolve.concept_said import Saying as Said
from kg.resolve.concept_said import obey
from kg.resolve.concept_votes import Roots

PAPERS: list[Paper] = [
    ("ReMoE: Mixture-of-Experts with ReLU Routing", ["ReMoE는 전문가 혼합(Mixture of Experts; MoE)을 쓴다. MoE는 빠르다."]),
    ("Sparse Layers", ["We study the mixture of experts (MoE) of the future. An expert choice layer is in the MoE."]),
    ("The MoE", ["Large language models (LLMs) are in the field."]),
]


def judged(engine: Engine, judge: str = "person") -> list[tuple[str, str | None, str, str]]:
    return [
        (left, right, verdict, reason)
        for left, right, verdict, reason in engine.rows(
            "select left_id, right_id, verdict, reason from judgements where judge = $judge order by all", judge=judge
        )
    ]


def run(*said: Saying, vocabulary: list[Known] | None = None) -> Engine:
    engine = Engine()
    load(engine, PAPERS, said=said, vocabulary=vocabulary or [])
    return engine


def test_what_is_said_to_be_the_same_is_one_concept_with_both_names() -> None:
    with run() as engine:
        assert concept_of(engine, "expert choice layer", 1) == {"expert-choice-layer"}
    with run(("MoE", "expert choice layer", "same", "they are")) as engine:
        assert concept_of(engine, "expert choice layer", 1) == concept_of(engine, "MoE", 2) == concept_of(engine, "전문가 혼합", 0)
        assert len(concept_of(engine, "MoE", 2)) == 1
        assert judged(engine) == [("MoE", "expert choice layer", "same", "they are")]
        assert "they are" in engine.value("select reason from clusters where member_id = 'mixture of experts'")


def test_what_is_said_to_be_different_is_two_concepts_in_every_paper() -> None:
    with run(("MoE", "mixture of experts", "different", None)) as engine:
        assert {paper: concept_of(engine, "MoE", paper) for paper in range(3)} == {0: {"moe"}, 1: {"moe"}, 2: {"moe"}}
        # What is joined with the one that kept the name stays joined.
        assert concept_of(engine, "전문가 혼합", 0) == concept_of(engine, "mixture of experts", 1) == {"mixture-of-experts"}
        assert [row[:3] for row in judged(engine)] == [("MoE", "mixture of experts", "different")]
        assert not [row for row in judged(engine, "rule: gloss") if "MoE" in row[:2]]


def test_a_person_outranks_the_vocabulary() -> None:
    vocabulary = [
        Known(label="mixture of experts", abbreviation=["MoE"], ko=["전문가 혼합"]),
        Known(label="large language model", abbreviation=["LLM"]),
    ]
    with run(vocabulary=vocabulary) as engine:
        assert concept_of(engine, "MoE", 2) == {"mixture-of-experts"}
    with run(("MoE", "mixture of experts", "different", None), vocabulary=vocabulary) as engine:
        assert concept_of(engine, "MoE", 2) == {"moe"}
    with run(("large language model", "mixture of experts", "same", None), vocabulary=vocabulary) as engine:
        assert concept_of(engine, "MoE", 2) == concept_of(engine, "LLMs", 2) != set()


def test_what_is_hidden_is_in_no_table_under_any_of_its_names_but_in_the_persons_judgement() -> None:
    with run(("MoE", None, "hidden", "too common")) as engine:
        assert "mixture-of-experts" not in concepts(engine)
        for surface in ("MoE", "mixture of experts", "Mixture-of-Experts", "전문가 혼합"):
            for paper in range(3):
                assert concept_of(engine, surface, paper) == set()
        for table in ("concept_labels", "paper_concepts", "mentions"):
            assert engine.value(f"select count(*) from {table} where concept_id = 'concept/mixture-of-experts'") == 0
        assert judged(engine) == [("MoE", None, "hidden", "too common")]
        assert {"remoe", "large-language-model"} <= set(concepts(engine))


def test_a_renamed_concept_has_the_new_name_keeps_the_old_one_and_its_old_address_leads_to_it() -> None:
    with run(("MoE", "expert mixing", "renamed", None), ("MoE", "전문가 섞기", "renamed", None)) as engine:
        label, label_ko, _, abbreviation, _, papers, _ = concepts(engine)["expert-mixing"]
        assert (label, label_ko, abbreviation, papers) == ("expert mixing", "전문가 섞기", "MoE", 3)
        assert "mixture-of-experts" not in concepts(engine)
        assert engine.rows("select alias_id, target_id from aliases") == [("concept/mixture-of-experts", "concept/expert-mixing")]
        labels = engine.rows("select language, label, kind from concept_labels where concept_id = 'concept/expert-mixing'")
        assert {("en", "mixture of experts", "alternative"), ("ko", "전문가 혼합", "alternative")} <= set(labels)
        assert [label for language, label, kind in labels if (language, kind) == ("en", "preferred")] == ["expert mixing"]
        assert [label for language, label, kind in labels if (language, kind) == ("ko", "preferred")] == ["전문가 섞기"]
        assert [row[:3] for row in judged(engine)] == [("MoE", "expert mixing", "renamed"), ("MoE", "전문가 섞기", "renamed")]


def test_a_concept_that_gets_the_name_that_it_has_gets_no_alias_of_itself() -> None:
    with run(("MoE", "Mixture of Experts", "renamed", None)) as engine:
        assert concepts(engine)["mixture-of-experts"][0] == "Mixture of Experts"
        assert engine.rows("select * from aliases") == []


def test_a_rule_that_a_person_confirms_or_denies_leaves_one_judgement_on_the_two_labels() -> None:
    for verdict in ("same", "different"):
        with run(("Mixture of Experts", "MoE", verdict, None)) as engine:
            rows = engine.rows("select verdict, judge from judgements where (left_id, right_id) = ('Mixture of Experts', 'MoE')")
        assert rows == [(verdict, "person")]
    with run() as engine:
        rows = engine.rows("select verdict, judge from judgements where (left_id, right_id) = ('Mixture of Experts', 'MoE')")
    assert rows == [("same", "rule: gloss")]


def test_what_is_said_of_labels_that_no_paper_has_changes_nothing_but_the_judgements() -> None:
    tables = ("concepts", "concept_labels", "mentions", "paper_concepts", "clusters")
    with run() as engine:
        before = {table: engine.rows(f"select * from {table}") for table in tables}
    with run(
        ("fish", None, "hidden", None), ("bird", "tree", "same", None), ("cat", "dog", "different", None), ("cow", "ox", "renamed", None)
    ) as engine:
        assert {table: engine.rows(f"select * from {table}") for table in tables} == before
        assert len(judged(engine)) == 4


def test_the_order_in_which_things_are_said_does_not_matter() -> None:
    said = [Said("a b", "c d", "same", ""), Said("c d", "e f", "same", ""), Said("a b", "e f", "different", ""), Said("c d", "", "hidden", "")]
    results = []
    for order in permutations(said):
        roots = Roots({}, {("p", "g"): "ab"}, [])
        results.append((obey(order, roots), roots))
    assert all(result == results[0] for result in results)
    assert results[0][0].hidden


def test_a_chain_of_what_is_the_same_has_one_end() -> None:
    roots = Roots({"x": "b"}, {("p", "y"): "b"}, [])
    obey([Said("a", "b", "same", ""), Said("b", "c", "same", ""), Said("d", "a", "same", "")], roots)
    ends = {roots.everywhere.get(key, key) for key in ("a", "b", "c", "d", "x")} | {roots.in_paper["p", "y"]}
    assert len(ends) == 1
    # An English name goes before a Korean one, whichever stands first.
    for left, right in (("전문가", "expert"), ("expert", "전문가")):
        roots = Roots({}, {}, [])
        obey([Said(left, right, "same", "")], roots)
        assert roots.everywhere == {"전문가": "expert"}
