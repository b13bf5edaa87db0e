"""`kg check`: a right graph passes, and each demand on the tables is caught when it is broken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from small_graph import write_small_graph

from kg.check import Violation, check, check_rdf, check_tables, rules
from kg.engine import Engine
from kg.errors import SchemaError
from kg.tables import TABLES


@pytest.fixture(scope="session")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_graph(tmp_path_factory.mktemp("check"))


@pytest.fixture
def folder(right: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(right, tmp_path / "output"))


def _wrong(found: list[Violation]) -> list[Violation]:
    return [violation for violation in found if violation.severity == "violation"]


def test_a_right_graph_has_no_violations_and_is_warned_of_the_default_base(right: Path) -> None:
    found = check(right)
    assert _wrong(found) == []
    assert [(violation.severity, violation.where) for violation in found] == [("warning", "base")]


def test_the_seeds_have_no_violations(built: Path) -> None:
    found = check(built)
    assert [str(violation) for violation in _wrong(found)] == []
    assert not [violation for violation in found if violation.severity == "info"], "the shapes must have been checked, too"


# A statement that breaks something, and where it must be seen.
BREAKS = [
    ("insert into papers select * from papers where paper_id = 'paper/arxiv:2410.00001'", "papers(paper_id)", "the key stands twice"),
    ("insert into coauthorships select * from coauthorships limit 1", "coauthorships(source, target)", "the key stands twice"),
    ("update papers set title = ''", "papers.title", "4 is empty text"),
    ("update authors set orcid = '' where orcid is not null", "authors.orcid", "is empty text: author/aman-chadha"),
    ("alter table papers alter title drop not null; update papers set title = null", "papers.title", "4 is null"),
    ("update records set paper_id = 'paper/none' where line = 9", "records.paper_id", "is not in papers: record/0000000000000002"),
    ("delete from authors where author_id = 'author/ziteng-wang'", "authorships.author_id", "is not in authors: paper/arxiv:2412.14711"),
    ("update coauthorships set source = target, target = source", "coauthorships.source", "is not smaller than target"),
    ("update shared_topics set target = source", "shared_topics.source", "is not smaller than target"),
    ("update cooccurrences set source = target, target = source", "cooccurrences.source", "is not smaller than target"),
    ("insert into judgements values ('author', 'b', 'a', 'same', 1, 'a person', 'x')", "judgements.left_id", "is not smaller than right_id"),
    ("insert into judgements values ('author', 'a', 'b', 'perhaps', 1, 'a person', 'x')", "judgements.verdict", "is none of same, different, unsure"),
    ("insert into judgements values ('concept', 'a', 'b', 'hidden', 1, 'person', 'x')", "judgements.right_id", "stands where one label is hidden"),
    ("insert into judgements values ('concept', 'a', null, 'renamed', 1, 'person', 'x')", "judgements.right_id", "is missing, or stands"),
    ("insert into judgements values ('author', 'a', 'b', 'same', 2, 'a person', 'x')", "judgements.score", "is not from 0 to 1"),
    ("insert into clusters values ('paper', 'record/0000000000000001', 'paper/none', 'x')", "clusters.canonical_id", "is no paper of the graph"),
    ("insert into clusters values ('author', 'signature/1', 'author/none', 'x')", "clusters.canonical_id", "is no author of the graph"),
    ("update papers set issued = '2024-02-30' where authors = 2", "papers.issued", "is no ISO 8601 date: paper/arxiv:2410.00001"),
    ("update papers set issued = 'December 2024' where authors = 2", "papers.issued", "is no ISO 8601 date"),
    ("update records set issued = '2024-13' where line = 9", "records.issued", "is no ISO 8601 date"),
    ("update concepts set first = '24-12'", "concepts.first", "is no ISO 8601 date"),
    ("update coauthorships set first = 'once'", "coauthorships.first", "is no ISO 8601 date"),
    ("update coauthorships set last = '2024-1-1'", "coauthorships.last", "is no ISO 8601 date"),
    ("update digests set issued = '2024-12'", "digests.issued", "is no day"),
    ("update sources set issued = '2024-12-32' where issued is not null", "sources.issued", "is no day"),
    ("update concept_months set month = '2024-12-01' where month = '2024-10'", "concept_months.month", "is no month"),
    ("update authors set kind = 'Person' where name = 'Jianfei Chen'", "authors.kind", "is none of person, group, ambiguous"),
    ("update concepts set kind = 'task' where kind = 'Method'", "concepts.kind", "is none of Task"),
    ("update concept_labels set kind = 'pref' where label = 'LLMs'", "concept_labels.kind", "is none of preferred"),
    ("update concept_links set relation = 'narrower'", "concept_links.relation", "2 is none of broader"),
    ("update venues set kind = 'Journal'", "venues.kind", "is none of Periodical"),
    ("update papers set paper_id = 'arxiv:1' where authors = 2", "papers.paper_id", "is no id of the form"),
    ("update sources set sha256 = upper(sha256)", "sources.sha256", "2 is not 64 hexadecimal digits"),
    ("update sources set sha256 = repeat('0', 64) where issued is not null", "sources.source_id", "is not the beginning of its sha256"),
    ("update records set votes = -1 where votes = 7", "records.votes", "is below 0"),
    ("update records set rank = 0 where votes = 7", "records.rank", "is below 1"),
    ("update records set line = 0 where votes = 7", "records.line", "is below 1"),
    ("update records set doi = '10.1000/X' where votes = 7", "records.doi", "is no DOI in lower case"),
    ("update papers set doi = 'doi:10.1000/x' where doi is not null", "papers.doi", "is no DOI in lower case"),
    ("update papers set arxiv_id = '2412.14711v1' where authors = 2", "papers.arxiv_id", "is no arXiv id without version"),
    ("update authors set orcid = '1' where orcid is not null", "authors.orcid", "is no ORCID"),
    ("update authorships set position = 0 where position = 1", "authorships.position", "3 is below 1"),
    ("update mentions set confidence = 1.5", "mentions.confidence", "3 is not from 0 to 1"),
    ("update paper_concepts set weight = 2", "paper_concepts.weight", "is not from 0 to 1"),
    ("update coauthorships set weight = 0", "coauthorships.weight", "is not above 0"),
    ("update coauthorships set papers = 0", "coauthorships.papers", "is below 1"),
    ("update shared_topics set weight = -1", "shared_topics.weight", "is not above 0"),
    ("update shared_topics set concepts = 0", "shared_topics.concepts", "is below 1"),
    ("update cooccurrences set weight = 0", "cooccurrences.weight", "is not above 0"),
    ("update cooccurrences set papers = 0", "cooccurrences.papers", "is below 1"),
    ("update concept_months set papers = 0", "concept_months.papers", "is below 1"),
    ("update concept_months set share = 1.01 where month = '2024-10'", "concept_months.share", "is not above 0 and at most 1"),
    ("update runs set max_team = 0", "runs.max_team", "is below 1"),
    ("delete from runs", "runs", "0 rows, not 1"),
    ("update papers set title = 'a' || chr(8)", "papers.title", "4 holds characters that XML forbids"),
    ("update authors set name = 'e' || chr(769)", "authors.name", "7 is not in Unicode's form NFC"),
    # The first character of that text is outside the basic plane: in UTF-16 every later offset would be one more.
    ("update mentions set begin_index = begin_index + 1, end_index = end_index + 1 where evidence = 'gloss'", "mentions.surface", "stands at"),
    ("update mentions set surface = 'MoE ' where surface = 'MoE'", "mentions.surface", "is not what stands at"),
    ("update mentions set begin_index = end_index, surface = '' where surface = 'LLM'", "mentions.surface", "is not what stands at"),
    ("delete from authorships where author_id = 'author/gemma-team'", "papers.authors", "is not the number of its authorships"),
    ("update authors set papers = 3 where name = 'Gemma Team'", "authors.papers", "is not the number of its authorships: author/gemma-team"),
    ("update concepts set papers = 9 where label = 'L1 regularization'", "concepts.papers", "is not the number of papers about it"),
    ("update coauthorships set weight = 0.25 where weight = 1", "coauthorships.weight", "2 an author's weights do not add up"),
    ("delete from coauthorships where weight = 1", "coauthorships.weight", "2 an author's weights do not add up"),
    ("insert into concept_labels values ('concept/mixture-of-experts', 'en', 'mix', 'preferred', 1)", "concept_labels.kind", "two preferred labels"),
    ("delete from concept_labels where concept_id = 'concept/l1-regularization'", "concepts.label", "has no preferred label"),
    ("update concept_links set target = 'concept/none' where relation = 'broader'", "concept_links.target", "is broader and not in concepts"),
    ("drop table layout", "layout", "the table is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "where", "what"), BREAKS, ids=[f"{where}-{number}" for number, (_, where, _) in enumerate(BREAKS)])
def test_each_demand_on_the_tables_is_caught_when_broken(statement: str, where: str, what: str, folder: Path) -> None:
    with Engine(folder / "kg.duckdb") as engine:
        engine.run(statement)
        found = check_tables(engine)
    assert [violation for violation in found if violation.where == f"kg.duckdb: {where}" and what in violation.what], found
    assert all(violation.mend for violation in found)


def test_what_people_say_of_concepts_is_no_violation_beside_what_rules_say(folder: Path) -> None:
    with Engine(folder / "kg.duckdb") as engine:
        engine.run(
            """
            insert into judgements values
                ('concept', 'a', null, 'hidden', 1, 'person', 'x'), ('concept', 'b', 'a', 'renamed', 1, 'person', 'x'),
                ('concept', 'a', 'b', 'different', 1, 'person', 'x'), ('concept', 'a', 'b', 'same', 0.5, 'rule: gloss', 'x')
            """
        )
        assert check_tables(engine) == []


def test_every_kind_of_rule_has_a_break() -> None:
    """Nulls, empty texts, keys and references are made from the tables; every other rule must have a break of its own."""
    made = {"is null", "is empty text", "the key stands twice"} | {f"is not in {name}" for name in TABLES}
    same_for_many = ("is no id of the form", "holds characters", "is not in Unicode")
    for rule in rules():
        if rule.what in made or rule.what.startswith(same_for_many):
            continue
        assert any(where == rule.where and what.lstrip("0123456789 ").split(":")[0] in rule.what for _, where, what in BREAKS), rule


def test_every_reference_of_the_tables_is_a_rule() -> None:
    wheres = {(rule.where, rule.what) for rule in rules()}
    for table in TABLES.values():
        for column, target in table.references:
            assert (f"{table.name}.{column}", f"is not in {target.partition('.')[0]}") in wheres


def test_null_references_are_no_violation(right: Path) -> None:
    with Engine(right / "kg.duckdb", read_only=True) as engine:
        assert engine.value("select count(*) from records where digest_id is null") == 3
        assert check_tables(engine) == []


def test_a_broken_shape_is_a_violation_that_names_node_and_mend(folder: Path) -> None:
    text = (folder / "kg.nq").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(keepends=True) if not ("<https://kg.example/author/" in line.split()[0] and "foaf/0.1/name>" in line)]
    (folder / "kg.nq").write_text("".join(lines), encoding="utf-8")
    found = _wrong(check(folder))
    assert {violation.where.split(":")[0] for violation in found} == {"shape Person", "shape Organization"}
    person = next(violation for violation in found if violation.where.startswith("shape Person"))
    assert person.where == "shape Person: 5 faults, the first: https://kg.example/author/aman-chadha"
    assert person.what == "a person has exactly one foaf:name"
    assert "skos:altLabel" in person.mend


def test_a_triple_in_two_graphs_is_a_violation(folder: Path) -> None:
    first = (folder / "kg.nq").read_text(encoding="utf-8").splitlines()[0]
    triple = first[: first.rindex("<")]
    with (folder / "kg.nq").open("a", encoding="utf-8") as file:
        file.write(f"{triple}<https://kg.example/graph/elsewhere> .\n")
    found = _wrong(check(folder))
    assert len(found) == 1
    assert "stands in two graphs" in found[0].what


def test_above_a_size_it_says_that_the_shapes_were_left_out(right: Path) -> None:
    found = check_rdf(right / "kg.nq", shacl_quads=10)
    assert [violation.severity for violation in found] == ["info"]
    assert "the shapes were not checked" in found[0].what


def test_what_is_missing_or_broken_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no graph here"):
        check(tmp_path)
    (folder / "kg.nq").unlink()
    assert [violation.where for violation in _wrong(check(folder))] == ["kg.nq"]
    (folder / "kg.nq").write_text("nonsense\n")
    with pytest.raises(SchemaError, match=r"kg\.nq: no N-Quads"):
        check(folder)
    (folder / "kg.duckdb").write_bytes(b"nonsense" * 1000)
    with pytest.raises(SchemaError, match=r"kg\.duckdb: cannot be opened as tables"):
        check(folder)


def test_a_base_of_ones_own_is_not_warned_of(folder: Path) -> None:
    with Engine(folder / "kg.duckdb") as engine:
        engine.run("update runs set base = 'https://example.org/papers/'")
    assert check(folder) == []


def test_a_cut_or_empty_file_is_told_by_the_manifest(folder: Path) -> None:
    whole = (folder / "kg.nq").read_bytes()
    lines = whole.splitlines(keepends=True)
    (folder / "manifest.json").write_text(json.dumps({"counts": {"quads": len(lines)}}), encoding="utf-8")
    assert _wrong(check(folder)) == []
    for left in (b"", b"".join(lines[:-1])):
        (folder / "kg.nq").write_bytes(left)
        told = [str(violation) for violation in _wrong(check(folder)) if violation.where == "kg.nq"]
        assert told == [f"kg.nq: {left.count(b'.' + bytes([10]))} quads, not the {len(lines)} that were written; build again"]
