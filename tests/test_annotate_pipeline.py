"""A spaCy pipeline of the user's in place of ours: what it must give, and what is said where it does not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.annotate import annotate, candidates, external, fingerprint, workers
from kg.errors import KGError, PipelineError
from kg.pipeline import Options, build, last_options
from kg.records import Candidate

PATTERNS = [
    {"label": "Model", "pattern": "GraphNet"},
    {"label": "DATASET", "pattern": "GSM8K", "id": "gsm8k"},
    {"label": "thing", "pattern": [{"LOWER": "expert"}, {"LOWER": "mixture"}]},
    {"label": "Task", "pattern": "expert"},
]
NUMBERS = count()
TEXT = "Here GraphNet is an Expert mixture that solves GSM8K ."


def toy(**config: Any) -> Language:
    """A pipeline of spaCy's own components that knows a few terms."""
    nlp = spacy.blank("en")
    ruler: Any = nlp.add_pipe("span_ruler", config={"spans_key": "concepts", **config})
    ruler.add_patterns(PATTERNS)
    return nlp


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The toy pipeline, saved."""
    toy().to_disk(tmp_path / "toy")
    return tmp_path / "toy"


def found(nlp: Language, *texts: str) -> list[list[Candidate]]:
    return candidates(nlp, [(text, False) for text in texts], name="mine")


def filled(*spans: tuple[int, int, str, str, str]) -> Language:
    """A pipeline that finds the same spans of tokens in each text, by first, last, label, kb_id and id."""
    nlp = spacy.blank("en")

    def fill(doc: Doc) -> Doc:
        doc.spans["concepts"] = [Span(doc, begin, end, label, kb_id=kb_id, span_id=span_id) for begin, end, label, kb_id, span_id in spans]
        return doc

    return with_component(nlp, fill)


def with_component(nlp: Language, component: Callable[[Doc], Doc]) -> Language:
    # spaCy keeps the first component of a name.
    name = f"kg_test_{next(NUMBERS)}"
    Language.component(name, func=component)
    nlp.add_pipe(name)
    return nlp


def test_spans_of_a_saved_pipeline_take_the_place_of_ours(folder: Path) -> None:
    result = next(annotate([(TEXT, False)], ["Expert mixture", "solves"], name=str(folder)))
    assert [(c.begin, c.end, c.surface, c.evidence, c.partner, c.relation) for c in result] == [
        (5, 13, "GraphNet", "pipeline model", None, None),
        (20, 34, "Expert mixture", "pipeline thing", None, None),
        (47, 52, "GSM8K", "pipeline dataset", None, None),
    ]


def test_several_processes_give_what_one_gives(folder: Path) -> None:
    batches = [[(TEXT, False), (f"no {n}", True)] for n in range(6)]
    alone, together = (list(workers.annotated(batches, name=str(folder), processes=processes)) for processes in (1, 2))
    assert together == alone
    assert len(alone[0][0].spans) == 3
    assert alone[0][1] == (False, [])


def test_an_error_of_a_pipeline_in_another_process_is_the_same_error(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "empty")
    messages = set()
    for processes in (1, 2):
        with pytest.raises(PipelineError) as caught:
            list(workers.annotated([[("a text", False)]], name=str(tmp_path / "empty"), processes=processes))
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_languages_are_the_affair_of_the_pipeline(folder: Path) -> None:
    german = "Wir stellen das neue Verfahren GraphNet vor, das besser lernt als alle anderen."
    (batch,) = workers.annotated([[(german, False)]], name=str(folder))
    assert batch[0].other_language is False
    (batch,) = workers.annotated([[(german, False)]])
    assert batch[0].other_language is True


def test_a_span_has_a_partner_where_partner_and_relation_are_set() -> None:
    nlp = filled((0, 3, "Method", "MoE", "abbreviation"), (4, 5, "Method", "Mixture of Experts", "expansion"), (6, 7, "", "전문가", "translation"))
    assert [(c.surface, c.evidence, c.partner, c.relation) for c in found(nlp, "Mixture of Experts or MoE for experts")[0]] == [
        ("Mixture of Experts", "pipeline method", "MoE", "abbreviation"),
        ("MoE", "pipeline method", "Mixture of Experts", "expansion"),
        ("experts", "pipeline", "전문가", "translation"),
    ]


def test_an_id_or_a_knowledge_base_alone_is_no_partner() -> None:
    nlp = filled((0, 1, "Model", "Q42", ""), (1, 2, "Model", "", "bert"))
    assert [(c.surface, c.partner, c.relation) for c in found(nlp, "GPT BERT")[0]] == [("GPT", None, None), ("BERT", None, None)]


def test_an_unknown_relation_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(PipelineError, match=r"^--pipeline mine: .*'GPT'.*'a model'.*'hypernym'.*: translation, abbreviation, expansion$"):
        found(filled((0, 1, "Model", "a model", "hypernym")), "GPT")


def test_blanks_at_the_ends_of_a_span_are_no_part_of_it_and_one_of_blanks_is_none() -> None:
    nlp = filled((0, 3, "Task", "", ""), (0, 1, "Task", "", ""))
    assert [(c.begin, c.end, c.surface) for c in found(nlp, "\n\nparsing\n\ntext")[0]] == [(2, 9, "parsing")]


def test_a_span_that_is_there_twice_is_one_candidate() -> None:
    assert len(found(filled((0, 1, "Task", "", ""), (0, 1, "Task", "", ""), (0, 1, "Model", "", "")), "parsing")[0]) == 2


def test_a_pipeline_that_sets_no_group_of_spans_is_told_what_is_missing() -> None:
    with pytest.raises(PipelineError, match=r"^--pipeline mine: sets no doc\.spans\['concepts'\] for the text 'a text' \(it has no component\); .+"):
        found(spacy.blank("en"), "a text")
    with pytest.raises(PipelineError, match=r"its components: span_ruler"):
        found(toy(spans_key="ruler"), "a text")


def test_an_empty_group_of_spans_is_no_error() -> None:
    assert found(toy(), "nothing here", "") == [[], []]


def test_a_pipeline_that_changes_the_text_is_refused() -> None:
    nlp = toy()
    nlp.tokenizer = lambda text: Doc(nlp.vocab, words=text.split())
    with pytest.raises(PipelineError, match=r"^--pipeline mine: changes the text 'two  words', .+"):
        found(nlp, "two  words")


def test_a_pipeline_that_swallows_a_text_is_refused() -> None:
    class Swallowing:
        def __call__(self, doc: Doc) -> Doc:
            return doc

        def pipe(self, docs: Iterator[Doc], **_: Any) -> Iterator[Doc]:
            next(docs)
            yield from docs

    nlp = toy()
    Language.factory("kg_swallowing", func=lambda nlp, name: Swallowing())
    nlp.add_pipe("kg_swallowing")
    with pytest.raises(PipelineError, match="changes the text 'only one'"):
        found(nlp, "only one")


def test_a_component_that_fails_is_one_line_with_its_reason() -> None:
    def fail(doc: Doc) -> Doc:
        raise RuntimeError("no\nmore \x1b[31mcredit" + "!" * 1000)

    with pytest.raises(PipelineError, match=r"^--pipeline mine: fails on a text: RuntimeError: no more \\x1b\[31mcredit!{100,300}\.\.\.$") as caught:
        found(with_component(spacy.blank("en"), fail), "a text")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_component_is_told_which_text_is_a_title() -> None:
    told: list[bool] = []

    def listen(doc: Doc) -> Doc:
        told.append(doc.user_data["title"])
        return doc

    candidates(with_component(toy(), listen), [("A title", True), ("a text", False)], name="mine")
    assert told == [True, False]


def test_a_text_may_be_longer_than_spacy_allows_by_itself(folder: Path) -> None:
    text = "x" * 1_000_001 + " GraphNet"
    with pytest.raises(ValueError, match="E088"):
        spacy.load(folder)(text)
    assert [(c.begin, c.surface) for c in next(annotate([(text, False)], name=str(folder)))] == [(1_000_002, "GraphNet")]


@given(
    st.lists(
        st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["GraphNet", " ", "\n", "expert mixture", "😀", "e\u0301"]))).map("".join),
        min_size=1,
        max_size=4,
    )
)
def test_every_candidate_is_what_its_text_holds_at_its_place(texts: list[str]) -> None:
    nlp = filled_everywhere()
    for text, result in zip(texts, found(nlp, *texts), strict=True):
        assert all(text[c.begin : c.end] == c.surface and c.surface.strip() == c.surface != "" for c in result)
        assert bool(result) == bool(text.strip())


def filled_everywhere() -> Language:
    """A pipeline whose spans are all tokens and all pairs of them."""
    nlp = spacy.blank("xx")

    def fill(doc: Doc) -> Doc:
        doc.spans["concepts"] = [doc[n : n + size] for n in range(len(doc)) for size in (1, 2) if n + size <= len(doc)]
        return doc

    return with_component(nlp, fill)


@pytest.mark.parametrize("name", ["no_such_pipeline", "", "/nowhere/at/all", "a\0b", "blank:en"])
def test_a_pipeline_that_is_not_there_says_how_to_get_one(name: str) -> None:
    for look in (external.find, external.load, lambda name: fingerprint(name=name)):
        with pytest.raises(PipelineError, match=r"^--pipeline \S+: neither an installed spaCy pipeline nor a folder .+; install it \(pip install.+"):
            look(name)


def test_a_folder_without_a_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="neither"):
        external.find(str(tmp_path))


def test_an_installed_pipeline_comes_before_a_folder_of_its_name(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(folder, tmp_path / "spacy")
    monkeypatch.chdir(tmp_path)
    assert external.find("spacy") is None
    assert external.find("toy") == Path("toy")


def test_a_pipeline_that_cannot_be_loaded_says_why(folder: Path) -> None:
    config = folder / "config.cfg"
    config.write_text(config.read_text().replace('factory = "span_ruler"', 'factory = "of_somebody"'))
    with pytest.raises(PipelineError, match=r"^--pipeline \S+: cannot be loaded: ValueError: [^\n]*of_somebody[^\n]*$"):
        external.load(str(folder))
    with pytest.raises(PipelineError, match=r"^--pipeline rdflib: cannot be loaded: [^\n]+$"):
        external.load("rdflib")


def test_the_fingerprint_of_a_folder_is_that_of_its_files_wherever_it_stands(folder: Path, tmp_path: Path) -> None:
    first = fingerprint(name=str(folder))
    assert first != fingerprint()
    moved = folder.rename(tmp_path / "elsewhere")
    assert fingerprint(name=str(moved)) == first
    (moved / "span_ruler" / "patterns").write_bytes((moved / "span_ruler" / "patterns").read_bytes() + b" ")
    second = fingerprint(name=str(moved))
    (moved / "vocab" / "more").write_bytes(b"")
    assert len({first, second, fingerprint(name=str(moved))}) == 3


def test_the_fingerprint_of_an_installed_pipeline_changes_with_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    first = fingerprint(name="rdflib")
    assert first != fingerprint(name="pyshacl")
    monkeypatch.setattr(external, "version", lambda name: "0.0.1")
    assert fingerprint(name="rdflib") != first


def test_a_changed_vocabulary_is_nothing_to_a_pipeline_of_the_users(folder: Path) -> None:
    assert fingerprint(["a"], name=str(folder)) == fingerprint(["b"], name=str(folder))


def test_the_pipeline_that_the_docs_make_finds_its_concepts(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", (root / "docs" / "commands.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(code, {})
    result = next(annotate([("Beam search on GSM8K", False)], name="my-pipeline"))
    assert [(c.surface, c.evidence) for c in result] == [("Beam search", "pipeline method"), ("GSM8K", "pipeline dataset")]


def papers(path: Path, *abstracts: str) -> Path:
    paper = {
        "title": "On Reading",
        "authors": "A. Author",
        "categories": "cs.CL",
        "update_date": "2024-12-25",
        "authors_parsed": [["Author", "A.", ""]],
    }
    path.write_text("".join(json.dumps({**paper, "id": f"2412.{n:05}", "abstract": text}) + "\n" for n, text in enumerate(abstracts, 1)))
    return path


def kg(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120, **options)


def test_a_pipeline_that_is_not_there_is_said_before_anything_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("no paper")
    done = kg("build", source, "-o", tmp_path / "out", "--pipeline", "no_such_pipeline")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"--pipeline no_such_pipeline: neither [^\n]+\n", done.stderr)
    assert not (tmp_path / "out").exists()


def test_a_build_with_a_pipeline_finds_its_concepts_and_is_repeated_with_it(folder: Path, tmp_path: Path) -> None:
    source = papers(tmp_path / "in.jsonl", TEXT, f"{TEXT} It is what we show.")
    output = tmp_path / "out"
    done = kg("build", source.name, "-o", output, "--pipeline", folder.name, "--formats", "nq", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    import kg as library

    with library.load(output) as graph:
        rows = graph.engine.rows("select surface, evidence from mentions order by all")
    assert ("GraphNet", "pipeline model") in rows
    assert {surface for surface, _ in rows} == {"GraphNet", "Expert mixture", "GSM8K"}
    assert last_options(output).pipeline == str(folder.resolve())
    assert str(folder) not in (output / "kg.nq").read_text()
    before = (output / "kg.nq").read_bytes()
    again = kg("build", "-o", output, cwd="/")
    assert "0 texts new, 4 known" in again.stderr or "0 texts new, 3 known" in again.stderr
    assert (output / "kg.nq").read_bytes() == before


def test_a_pipeline_that_fails_leaves_the_old_output_whole(folder: Path, tmp_path: Path) -> None:
    source, output = papers(tmp_path / "in.jsonl", TEXT), tmp_path / "out"
    build(output, Options(inputs=(source,), formats=("nq",), store=False))
    before = {path: path.read_bytes() for path in output.iterdir() if path.is_file()}
    spacy.blank("en").to_disk(tmp_path / "empty")
    with pytest.raises(KGError, match="sets no doc"):
        build(output, Options(inputs=(source,), formats=("nq",), store=False, pipeline=str(tmp_path / "empty")))
    assert {path: path.read_bytes() for path in output.iterdir() if path.is_file()} == before
