"""People put concepts right: what is written down, what is taken back, and what the next graph makes of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kg.check import check_tables
from kg.engine import Engine
from kg.errors import KGError, LookupFailed, OutputError, ReadError
from kg.graph import Graph
from kg.judgements import different, hide, listed, rename, same, unsay
from kg.output import JUDGEMENTS, MANIFEST, locked, replacing
from kg.pipeline import Options, build, last_options
from kg.readers.judgements import Judgement, kept_judgements, write_judgements

MOE, LLM = "concept/mixture-of-experts", "concept/large-language-model"


@pytest.fixture
def small_copy(small: Path, tmp_path: Path) -> Path:
    """The small graph as the next build finds it, with a manifest, where a test may write."""
    folder = Path(shutil.copytree(small, tmp_path / "out", ignore=shutil.ignore_patterns("store")))
    options = {"inputs": [str(tmp_path / "gone")], "base": "https://kg.example/", "formats": ["nq"], "reader": None}
    (folder / MANIFEST).write_text(json.dumps({"program": "paperkg", "options": options}), encoding="utf-8")
    return folder


@pytest.fixture
def folder(small_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, with builds that change nothing: for what does not depend on them."""
    monkeypatch.setattr("kg.judgements.last_options", lambda folder: None)
    monkeypatch.setattr("kg.judgements.build", lambda folder, options, progress: None)
    return small_copy


def said(folder: Path) -> list[str]:
    return [str(one) for one in kept_judgements(folder)]


@pytest.mark.parametrize("name", ["mixture of experts", "MIXTURE-of-experts", "전문가 혼합", "MoE", MOE, "mixture-of-experts", f"<{MOE}>"])
def test_a_concept_is_written_by_its_preferred_label_whatever_it_was_called(folder: Path, name: str) -> None:
    hide(folder, name)
    assert said(folder) == ["hidden 'mixture of experts'"]


def test_each_command_says_in_a_line_what_it_did_and_what_the_graph_has(folder: Path) -> None:
    hidden = hide(folder, "MoE", because=" in every\npaper ")
    assert hidden == "hid 'mixture of experts', but the graph has concept/mixture-of-experts (3 papers) for 'mixture of experts'"
    assert b",in every paper\r\n" in (folder / JUDGEMENTS).read_bytes()
    renamed = rename(folder, "L1 regularization", "lasso")
    assert renamed == "renamed 'L1 regularization' to 'lasso', but the graph has no concept 'lasso'"
    joined = same(folder, "LLM", "MoE")
    assert joined.startswith(
        "'large language model' and 'mixture of experts' are the same, but the graph has concept/large-language-model (4 papers) for "
    )
    parted = different(folder, "L1 regularization", "LLM")
    assert parted.endswith(
        "'large language model' are different; the graph has concept/l1-regularization (1 paper) for 'L1 regularization' and "
        "concept/large-language-model (4 papers) for 'large language model'"
    )
    assert same(folder, "MoE", "전문가 혼합").endswith("the graph has one concept of both names: concept/mixture-of-experts (3 papers)")
    assert (
        unsay(folder, ["1", "2", "1"])
        == "took back 2 judgements: different 'L1 regularization' and 'large language model', renamed 'L1 regularization' to 'lasso'"
    )


def test_two_labels_of_one_concept_are_written_as_they_were_given(folder: Path) -> None:
    different(folder, "moe", "전문가  혼합")
    assert said(folder) == ["different 'MoE' and '전문가 혼합'"]
    different(folder, MOE, "moe")
    assert said(folder) == ["different 'MoE' and 'mixture of experts'", "different 'MoE' and '전문가 혼합'"]


@pytest.mark.parametrize("judge", [same, different])
def test_one_label_is_not_judged_against_itself(folder: Path, judge: Callable[[Path, str, str], str]) -> None:
    with pytest.raises(LookupFailed, match=rf"are one label of {MOE}; its labels: mixture of experts, 전문가 혼합, MoE"):
        judge(folder, "MoE", "moe")
    assert not (folder / JUDGEMENTS).exists()


def test_the_opposite_takes_the_place_of_what_was_said_before_by_whatever_label(folder: Path) -> None:
    different(folder, "LLM", "MoE")
    same(folder, "대규모 언어 모델", MOE, because="no")
    assert said(folder) == ["same 'large language model' and 'mixture of experts'"]
    write_judgements(folder / JUDGEMENTS, [Judgement(left="LLMs", right="MoE", verdict="same"), Judgement(left="LLMs", right="BERT", verdict="same")])
    different(folder, "MoE", "LLM")
    assert said(folder) == ["same 'BERT' and 'LLMs'", "different 'large language model' and 'mixture of experts'"]


def test_what_was_said_of_other_pairs_and_things_stays(folder: Path) -> None:
    before = [
        Judgement(kind="author", left="largelanguagemodel", right="mixtureofexpert", verdict="same"),
        Judgement(left="LLM", right="MoE", verdict="different"),
        Judgement(left="MoE", verdict="hidden"),
        Judgement(left="L1 regularization", right="MoE", verdict="same"),
    ]
    write_judgements(folder / JUDGEMENTS, before)
    different(folder, "LLM", "MoE")
    assert set(before) < set(kept_judgements(folder))


def test_a_concept_has_one_new_name_in_each_language(folder: Path) -> None:
    rename(folder, "MoE", "expert mixture")
    rename(folder, "MoE", "전문가들의 혼합")
    rename(folder, "MoE", "mixed experts")
    assert said(folder) == ["renamed 'mixture of experts' to 'mixed experts'", "renamed 'mixture of experts' to '전문가들의 혼합'"]


def test_the_name_that_rules_give_needs_no_judgement(folder: Path) -> None:
    assert rename(folder, "MoE", "mixture of experts") == f"{MOE} is called 'mixture of experts' already"
    assert not (folder / JUDGEMENTS).exists()
    rename(folder, "MoE", "expert mixture")
    rename(folder, "MoE", "mixture of experts")
    assert said(folder) == []
    rename(folder, "MoE", "expert mixture")
    assert unsay(folder, ["1"]).endswith(f"to 'expert mixture'; the graph has {MOE} (3 papers) for 'mixture of experts'")


def test_what_is_said_of_a_renamed_concept_is_said_of_the_label_that_rules_know(folder: Path) -> None:
    rename(folder, "MoE", "expert mixture")
    with Engine(folder / "kg.duckdb") as engine:  # what the build would have done
        engine.run("update concept_labels set label = 'expert mixture' where label = 'mixture of experts'")
        engine.run("insert into judgements values ('concept', 'mixture of experts', 'expert mixture', 'renamed', 1, 'person', 'x')")
        engine.run("insert into judgements values ('concept', 'a mixture', 'expert mixture', 'same', 1, 'rule: gloss', 'x')")
    rename(folder, "expert mixture", "mixed experts")
    assert said(folder) == ["renamed 'mixture of experts' to 'mixed experts'"]
    hide(folder, "expert mixture")
    same(folder, "expert mixture", "LLM")
    assert said(folder)[0] == "same 'large language model' and 'mixture of experts'"
    assert said(folder)[1] == "hidden 'mixture of experts'"
    rename(folder, "MoE", "expert mixture")
    assert said(folder)[2:] == ["renamed 'mixture of experts' to 'expert mixture'"]
    rename(folder, "MoE", "mixture of experts")
    assert said(folder)[2:] == []


def test_an_id_that_gave_way_to_another_still_means_its_concept_and_no_paper(folder: Path) -> None:
    with Engine(folder / "kg.duckdb") as engine:
        engine.run("insert into aliases values ('concept/expert-mixture', $moe, 'renamed')", moe=MOE)
    hide(folder, "expert-mixture")
    assert said(folder) == ["hidden 'mixture of experts'"]
    with Graph(folder) as graph, pytest.raises(LookupFailed, match="unknown paper"):
        graph.find("concept/expert-mixture", kind="paper")


def test_the_name_of_another_concept_is_refused_with_what_makes_the_two_one(folder: Path) -> None:
    with pytest.raises(LookupFailed, match=rf"'Large Language Models' is what {LLM} is called; to make the two one: kg same {MOE} {LLM}"):
        rename(folder, "MoE", "Large Language Models")
    assert not (folder / JUDGEMENTS).exists()


def test_a_label_that_shows_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(LookupFailed, match=r"the label '\.\.\.' has no letter or digit"):
        rename(folder, "MoE", "...")
    with pytest.raises(LookupFailed, match="right is empty; write the new label"):
        rename(folder, "MoE", " ")


def test_a_concept_without_a_label_of_its_own_is_refused(folder: Path) -> None:
    with Engine(folder / "kg.duckdb") as engine:
        engine.run("insert into concepts values ('concept/x~1', 'x', null, null, null, 'scheme/extracted', 0, null)")
        engine.run("insert into concepts values ('concept/x~2', 'x', null, null, null, 'scheme/extracted', 0, null)")
        engine.run("insert into concept_labels values ('concept/x~1', 'en', 'x', 'preferred', 1), ('concept/x~2', 'en', 'x', 'preferred', 1)")
    with pytest.raises(LookupFailed, match="concept/x~1 has no label that means it alone; other concepts have these, too: x"):
        hide(folder, "concept/x~1")
    with Engine(folder / "kg.duckdb") as engine:
        engine.run("insert into concept_labels values ('concept/x~1', 'ko', '엑스', 'alternative', 1)")
    hide(folder, "concept/x~1")
    assert said(folder) == ["hidden '엑스'"]


@pytest.mark.parametrize(
    ("name", "message", "ambiguous"),
    [
        ("mixture of exprts", "unknown concept 'mixture of exprts'; near: mixture of experts", False),
        ("aman chadha", r"'aman chadha' is an author \(author/aman-chadha\); judgements are on concepts found in texts alone, as yet", False),
        ("Jun Zhu", r"'Jun Zhu' is an author \(author/jun-zhu\); ", False),
        ("2412.14711", r"'2412.14711' is a paper \(paper/arxiv:2412.14711\); judgements are on concepts found in texts alone, as yet", False),
        ("cs.CL", r"'cs.CL' is a category that sources state \(concept/arxiv:cs.CL\); judgements are on concepts found", False),
        ("", "unknown concept ''", False),
        ("\udcff", "unknown concept", False),
    ],
)
def test_a_name_that_is_no_concept_is_refused_with_what_it_is_or_may_be(folder: Path, name: str, message: str, ambiguous: bool) -> None:
    for run in (
        lambda: hide(folder, name),
        lambda: rename(folder, name, "x"),
        lambda: same(folder, "MoE", name),
        lambda: different(folder, name, "MoE"),
    ):
        with pytest.raises(LookupFailed, match=f"^{message}") as caught:
            run()
        assert caught.value.ambiguous == ambiguous
    assert not (folder / JUDGEMENTS).exists()


def test_a_category_takes_no_name_from_a_concept_of_texts(folder: Path) -> None:
    rename(folder, "LLM", "Computation and Language")
    with Engine(folder / "kg.duckdb") as engine:
        engine.run("update concept_labels set label = 'Computation and Language' where label = 'mixture of experts'")
    hide(folder, "computation and language")
    assert said(folder) == ["hidden 'Computation and Language'", "renamed 'large language model' to 'Computation and Language'"]


def test_an_ambiguous_name_lists_its_concepts(folder: Path) -> None:
    with Engine(folder / "kg.duckdb") as engine:
        engine.run("insert into concept_labels values ($moe, 'en', 'AE', 'abbreviation', 1), ($llm, 'en', 'AE', 'abbreviation', 1)", moe=MOE, llm=LLM)
    with pytest.raises(LookupFailed, match=f"'AE' is ambiguous; it may be: {LLM}, {MOE}") as caught:
        hide(folder, "AE")
    assert caught.value.ambiguous


def test_what_is_hidden_already_is_said_with_what_brings_it_back(folder: Path) -> None:
    write_judgements(folder / JUDGEMENTS, [Judgement(left="knowledge graph", verdict="hidden")])
    with pytest.raises(LookupFailed, match="'Knowledge Graphs' is hidden; to have it back: kg unsay 'Knowledge Graphs'"):
        hide(folder, "Knowledge Graphs")


@pytest.fixture
def three(folder: Path) -> Path:
    before = [
        Judgement(left="MoE", verdict="hidden", reason="no \u202econcept"),
        Judgement(left="MoE", right="L1 regularization", verdict="same"),
        Judgement(kind="author", left="Bo Li", right="B. Li", verdict="same"),
    ]
    write_judgements(folder / JUDGEMENTS, before)
    return folder


def test_judgements_are_listed_by_number_with_their_reasons(three: Path) -> None:
    assert listed(three) == [
        "1  same author 'B. Li' and 'Bo Li'",
        "2  same 'L1 regularization' and 'MoE'",
        "3  hidden 'MoE': no \\u202econcept",
    ]


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["2"], [1, 3]),
        (["3", "1", "3"], [2]),
        (["l1 Regularization"], [1, 3]),
        (["l1-regularization", "moe"], [1, 3]),
        (["moe", "L1 regularization"], [1, 3]),
        (["mixture of experts", "L1 regularization"], [1, 3]),
        (["bo li"], [2, 3]),
    ],
)
def test_a_judgement_is_taken_back_by_number_or_by_any_name_in_it(three: Path, names: list[str], left: list[int]) -> None:
    before = said(three)
    unsay(three, names)
    assert said(three) == [before[number - 1] for number in left]


@pytest.mark.parametrize(
    ("names", "message", "ambiguous"),
    [
        (["4"], "no judgement 4; there are 1 to 3; list them with: kg unsay", False),
        (["1", "0"], "no judgement 0; there are 1 to 3", False),
        (["9" * 5000], "no judgement on '9+'; list them with: kg unsay", False),
        (["BERT"], "no judgement on 'BERT'; list them with: kg unsay", False),
        (["MoE", "BERT"], "no judgement on 'MoE' and 'BERT'", False),
        (["MoE"], "2 judgements on 'MoE'; take them back by number: 2, same 'L1 regularization' and 'MoE'; 3, hidden 'MoE'", True),
        (["a", "b", "c"], "3 names; give numbers, as listed by kg unsay, or one concept or two", False),
    ],
)
def test_what_was_not_said_is_not_taken_back(three: Path, names: list[str], message: str, ambiguous: bool) -> None:
    before = (three / JUDGEMENTS).read_bytes()
    with pytest.raises(LookupFailed, match=f"^{message}") as caught:
        unsay(three, names)
    assert caught.value.ambiguous == ambiguous
    assert (three / JUDGEMENTS).read_bytes() == before


def test_a_name_that_stands_in_a_judgement_goes_before_other_names_of_its_concept(three: Path) -> None:
    write_judgements(three / JUDGEMENTS, [*kept_judgements(three), Judgement(left="전문가 혼합", right="MoD", verdict="different")])
    assert unsay(three, ["전문가 혼합"]).startswith("took back different 'MoD' and '전문가 혼합'; ")


def test_what_somebody_else_said_in_the_meantime_is_not_lost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def entered_late(folder: Path) -> Iterator[None]:
        write_judgements(folder / JUDGEMENTS, [Judgement(left="L1 regularization", verdict="hidden")])
        yield

    monkeypatch.setattr("kg.judgements.locked", entered_late)
    with pytest.raises(KGError, match=r"judgements\.csv has changed just now; nothing was done: give the command again"):
        hide(folder, "MoE")
    assert said(folder) == ["hidden 'L1 regularization'"]


def test_a_graph_without_judgements_lists_none_and_takes_none_back(folder: Path) -> None:
    assert listed(folder) == []
    with pytest.raises(LookupFailed, match="no judgement 1; there are none"):
        unsay(folder, ["1"])


def test_a_judgement_outlives_the_build_that_could_not_apply_it(small_copy: Path) -> None:
    with pytest.raises(
        KGError, match=rf"^hid 'mixture of experts'; {JUDGEMENTS} says so, and the next build applies it, for this one failed: .*name the inputs"
    ):
        hide(small_copy, "MoE")
    assert said(small_copy) == ["hidden 'mixture of experts'"]
    with pytest.raises(KGError, match=r"^took back hidden 'mixture of experts'; .* this one failed: "):
        unsay(small_copy, ["1"])
    assert said(small_copy) == []


def test_nothing_is_said_while_another_build_holds_the_folder(folder: Path) -> None:
    with locked(folder), pytest.raises(OutputError, match="another build is writing here"):
        hide(folder, "MoE")
    assert not (folder / JUDGEMENTS).exists()


def test_a_broken_file_is_named_and_left_as_it_is(folder: Path) -> None:
    (folder / JUDGEMENTS).write_text("kind,left,right,verdict,reason\nconcept,A,,gone,\n", encoding="utf-8")
    before = (folder / JUDGEMENTS).read_bytes()
    for run in (lambda: hide(folder, "MoE"), lambda: unsay(folder, ["1"]), lambda: listed(folder)):
        with pytest.raises(ReadError, match=r"judgements\.csv:2: unknown verdict 'gone'"):
            run()
    assert (folder / JUDGEMENTS).read_bytes() == before


def test_a_file_elsewhere_that_a_link_leads_to_is_written_and_the_link_stays(folder: Path, tmp_path: Path) -> None:
    write_judgements(tmp_path / "ours.csv", [])
    (folder / JUDGEMENTS).symlink_to(tmp_path / "ours.csv")
    hide(folder, "MoE")
    assert (folder / JUDGEMENTS).is_symlink()
    assert "mixture of experts" in (tmp_path / "ours.csv").read_text(encoding="utf-8")


def test_a_new_build_takes_the_judgements_along_and_one_that_dies_leaves_them(folder: Path) -> None:
    hide(folder, "MoE")
    before = (folder / JUDGEMENTS).read_bytes()
    with pytest.raises(RuntimeError), replacing(folder):
        raise RuntimeError
    assert (folder / JUDGEMENTS).read_bytes() == before
    with replacing(folder) as new:
        (new / "kg.nq").write_text("new")
    assert (folder / "kg.nq").read_text() == "new"
    assert (folder / JUDGEMENTS).read_bytes() == before


PAPERS = [
    (
        "ReMoE: Mixture of Experts with ReLU Routing",
        "ReMoE는 전문가 혼합(Mixture of Experts; MoE)을 쓴다. MoE는 지식 그래프(Knowledge Graph; KG)에 좋다.",
    ),
    ("Mixture of Experts for Knowledge Graphs", "이 연구는 전문가 혼합(Mixture of Experts; MoE)과 지식 그래프(Knowledge Graph)를 다룬다."),
    ("Zorbing of Quux Lattices", "이 연구는 쿽스 격자(Quux Lattice; QXL)와 전문가 혼합(Mixture of Experts)을 다룬다. QXL은 새롭다."),
    ("Quux Lattices for Knowledge Graphs", "쿽스 격자(Quux Lattice; QXL)를 지식 그래프(Knowledge Graph; KG)에 쓴다."),
]


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "2024-12-25.md"
    lines = ["## Daily Papers (2024-12-25)", ""]
    for number, (title, text) in enumerate(PAPERS, 1):
        lines += [f"### [{title}](https://arxiv.org/abs/2412.0000{number})", "", "Authors: Ann Ace, Bo Li", "", f"- **What's New**: {text}", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def once(digest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("once") / "out"
    build(folder, Options(inputs=(digest,), formats=("nq",), store=False))
    return folder


@pytest.fixture
def real(once: Path, tmp_path: Path) -> Path:
    """A graph that was really built, and can be built again."""
    return Path(shutil.copytree(once, tmp_path / "real"))


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with Engine(folder / "kg.duckdb", read_only=True) as engine:
        return engine.rows(sql)


def parts(folder: Path, concept: str) -> int:
    """In how many rows, of papers, mentions, labels and concepts, a concept stands."""
    tables = ("concepts", "paper_concepts", "mentions", "concept_labels")
    with Engine(folder / "kg.duckdb", read_only=True) as engine:
        return sum(engine.value(f"select count(*) from {table} where concept_id = $concept", concept=concept) for table in tables)


def by_people(folder: Path) -> list[tuple[object, ...]]:
    return rows(folder, "select left_id, right_id, verdict, reason from judgements where judge = 'person' order by all")


def test_what_is_hidden_is_nowhere_and_what_is_unsaid_leaves_no_trace(real: Path) -> None:
    before = (real / "kg.nq").read_bytes()
    assert parts(real, "concept/quux-lattice") > 5
    assert hide(real, "쿽스 격자", because="no word") == "hid 'quux lattice'; the graph has no concept 'quux lattice'"
    assert parts(real, "concept/quux-lattice") == 0
    assert b"concept/quux-lattice" not in (real / "kg.nq").read_bytes()
    assert by_people(real) == [("quux lattice", None, "hidden", "no word")]
    with Engine(real / "kg.duckdb", read_only=True) as engine:
        assert check_tables(engine) == []
    assert unsay(real, ["quux lattice"]) == "took back hidden 'quux lattice'; the graph has concept/quux-lattice (2 papers) for 'quux lattice'"
    assert (real / "kg.nq").read_bytes() == before


def test_a_new_name_gives_a_new_id_to_which_the_old_one_leads(real: Path) -> None:
    before = (real / "kg.nq").read_bytes()
    mentions = rows(real, "select count(*) from mentions where concept_id = 'concept/quux-lattice'")
    assert rename(real, "QXL", "foo grid") == "renamed 'quux lattice' to 'foo grid'; the graph has concept/foo-grid (2 papers) for 'foo grid'"
    rename(real, "foo grid", "푸 격자")
    assert said(real) == ["renamed 'quux lattice' to 'foo grid'", "renamed 'quux lattice' to '푸 격자'"]
    assert rows(real, "select label, label_ko, papers from concepts where concept_id = 'concept/foo-grid'") == [("foo grid", "푸 격자", 2)]
    assert rows(real, "select count(*) from mentions where concept_id = 'concept/foo-grid'") == mentions
    assert parts(real, "concept/quux-lattice") == 0
    assert rows(real, "select alias_id, target_id from aliases") == [("concept/quux-lattice", "concept/foo-grid")]
    assert [row[:3] for row in by_people(real)] == [("quux lattice", "foo grid", "renamed"), ("quux lattice", "푸 격자", "renamed")]
    with Engine(real / "kg.duckdb", read_only=True) as engine:
        assert check_tables(engine) == []
    unsay(real, ["1", "2"])
    assert (real / "kg.nq").read_bytes() == before


def test_what_is_said_to_be_one_is_one_until_it_is_said_to_be_two(real: Path) -> None:
    before = (real / "kg.nq").read_bytes()
    line = same(real, "zorbing", "QXL")
    assert line.startswith("'Zorbing' and 'quux lattice' are the same; the graph has one concept of both names: ")
    assert line.endswith(" (2 papers)")
    with Engine(real / "kg.duckdb", read_only=True) as engine:
        assert check_tables(engine) == []
    # The label of a concept that was joined to another is tidied as one of its many: in small letters.
    line = different(real, "Zorbing", "quux lattice").replace("zorbing'", "Zorbing'")
    assert line.startswith(
        "'Zorbing' and 'quux lattice' are different; the graph has concept/zorbing (1 paper) for 'Zorbing' and concept/quux-lattice (2"
    )
    assert [one.verdict for one in kept_judgements(real)] == ["different"]
    assert (real / "kg.nq").read_bytes() == before
    unsay(real, ["zorbing", "QXL"])
    assert (said(real), by_people(real)) == ([], [])


def test_two_labels_that_a_gloss_made_one_are_two_when_a_person_says_so(real: Path) -> None:
    line = different(real, "QXL", "quux lattice")
    assert line.startswith("'QXL' and 'quux lattice' are different; the graph has ")
    assert line.endswith(" has concept/qxl (2 papers) for 'QXL' and concept/quux-lattice (2 papers) for 'quux lattice'")
    with Engine(real / "kg.duckdb", read_only=True) as engine:
        assert check_tables(engine) == []


def test_a_file_given_to_a_build_wins_over_what_was_said_and_is_kept_from_then_on(digest: Path, tmp_path: Path) -> None:
    out, given = tmp_path / "out", tmp_path / "theirs.csv"
    options = Options(inputs=(digest,), formats=("nq",), store=False)
    write_judgements(given, [Judgement(left="Zorbing", verdict="hidden"), Judgement(left="QXL", right="knowledge graph", verdict="different")])
    build(out, replace(options, judgements=given))
    assert said(out) == ["different 'QXL' and 'knowledge graph'", "hidden 'Zorbing'"]
    assert parts(out, "concept/zorbing") == 0
    assert last_options(out) == options
    first = (out / JUDGEMENTS).read_bytes(), (out / "kg.nq").read_bytes()

    given.write_text("kind,left,right,verdict,reason\nconcept,Knowledge Graph,QXL,same,\n", encoding="utf-8")
    build(out, replace(last_options(out), judgements=given))
    assert said(out) == ["same 'Knowledge Graph' and 'QXL'", "hidden 'Zorbing'"]
    given.write_text("kind,left,right,verdict,reason\nconcept,QXL,,same,\n", encoding="utf-8")
    second = (out / JUDGEMENTS).read_bytes(), (out / "kg.nq").read_bytes()
    with pytest.raises(ReadError, match=r"theirs\.csv:2: right is empty"):
        build(out, replace(last_options(out), judgements=given))
    assert ((out / JUDGEMENTS).read_bytes(), (out / "kg.nq").read_bytes()) == second

    # By hand, in another order: the file stays as it was saved, and the graph is the one of before.
    by_hand = "kind,right,left,verdict,reason\n\nconcept,,Zorbings,hidden,\nconcept,QXL,Knowledge graphs,different,\n"
    (out / JUDGEMENTS).write_text(by_hand, encoding="utf-8")
    build(out, last_options(out))
    assert (out / JUDGEMENTS).read_text(encoding="utf-8") == by_hand
    assert (out / "kg.nq").read_bytes() == first[1]


def kg(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "kg", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)


def test_the_commands_print_one_line_and_their_exit_status_says_how_it_went(digest: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "2024-12-25.md", tmp_path / "out"
    shutil.copy(digest, source)
    assert kg("build", source, "-o", out, "-q", "--formats", "nq", "--no-store").returncode == 0
    nothing = kg("unsay", "-g", out)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (
        0,
        "",
        "nothing was said as yet; see: kg hide, kg rename, kg same, kg different\n",
    )
    source.rename(tmp_path / "away.md")
    failed = kg("hide", "Zorbing", "--because", "no word", "-g", out)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == (
        "hid 'Zorbing'; judgements.csv says so, and the next build applies it, for this one failed: 2024-12-25.md: no such file or folder\n"
    )
    assert parts(out, "concept/zorbing") > 0
    assert kg("unsay", "-g", out).stdout == "1  hidden 'Zorbing': no word\n"
    (tmp_path / "away.md").rename(source)
    done = kg("hide", "REMOE", "-g", out)
    assert (done.returncode, done.stdout, done.stderr) == (0, "hid 'ReMoE'; the graph has no concept 'ReMoE'\n", "")
    assert parts(out, "concept/zorbing") == parts(out, "concept/remoe") == 0
    for arguments, status, message in (
        (("hide", "Ann Ace"), 1, "'Ann Ace' is an author (author/ann-ace); judgements are on concepts found in texts alone, as yet\n"),
        (("same", "quux lattice", "quux latice"), 1, "unknown concept 'quux latice'; near: quux lattice\n"),
        (("rename", "QXL", "knowledge graph"), 1, "'knowledge graph' is what concept/knowledge-graph is called; to make the two one: "),
        (("unsay", "3"), 1, "no judgement 3; there are 1 to 2; list them with: kg unsay\n"),
        (("unsay", "a", "b", "c"), 1, "3 names; give numbers, as listed by kg unsay, or one concept or two\n"),
        (("different", "QXL"), 2, "Usage: "),
    ):
        refused = kg(*arguments, "-g", out)
        assert (refused.returncode, refused.stdout) == (status, "")
        assert refused.stderr.startswith(message), refused.stderr
    assert kg("hide", "x", "-g", tmp_path / "none").stderr.startswith(f"{tmp_path / 'none'}: no graph there; make one with: kg build")
    back = kg("unsay", "1", "2", "-g", out)
    assert (back.returncode, back.stdout) == (0, "took back 2 judgements: hidden 'ReMoE', hidden 'Zorbing'\n")
