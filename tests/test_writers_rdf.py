"""kg.nq against what the tables say, the other formats and the store against kg.nq."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import RdfFormat
from rdflib import RDF, Dataset, Graph, URIRef

from kg.engine import Engine, derivation
from kg.errors import LookupFailed, OutputError, ReadError, SchemaError
from kg.namespaces import PREFIXES
from kg.store import ensure_store
from kg.tables import TABLES
from kg.writers.r2rml import RR, compile_mapping
from kg.writers.rdf import FORMATS, GRAPHS, convert, write_nquads

MAPPING = Path(__file__).parents[1] / "ontologies" / "mapping.ttl"
KG = "https://w3id.org/paperkg#"
BASE = "https://kg.example/"

HOSTILE = [
    "<script>alert(1)</script>",
    "\"; DROP TABLE papers; --'",
    "back\\slash \\n \\u0041 line\nfeed tab\t]]>",
    "\u202egnp.exe\u202c \u2028 \u00a0 \ue000 \ufeff",
    "😀 é 中 한 \U0010fffd",
    "100% + * ~ : {id} $x ?#[]",
    "x" * 10_000,
]

OTHER = "paper/arxiv:2502.04416"
THIRD = "paper/doi:10.1000/a%3Cb%3E"
TEXT = "text/0a1e7e193731be60"
GOLDEN = Path(__file__).parent / "golden" / "remoe"
ROWS: dict[str, list[dict[str, Any]]] = json.loads((GOLDEN / "tables.json").read_text(encoding="utf-8"))


def fill(engine: Engine, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Every table of the program, with these rows; columns that are not given are null."""
    for name, table in TABLES.items():
        engine.declare(name)
        columns = tuple(column.name for column in table.columns)
        assert all(set(row) <= set(columns) for row in rows.get(name, ()))
        engine.insert(name, columns, [tuple(row.get(column) for column in columns) for row in rows.get(name, ())])


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        fill(engine, ROWS)
        yield engine


@pytest.fixture(scope="module")
def nquads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kg.nq of the golden tables; only to be read."""
    path = tmp_path_factory.mktemp("golden") / "kg.nq"
    with Engine() as engine:
        fill(engine, ROWS)
        write_nquads(engine, path)
    return path


def quads(path: Path) -> list[pyoxigraph.Quad]:
    return list(pyoxigraph.parse(path=str(path), format=RdfFormat.N_QUADS))


def by_rdflib(data: str, format: str) -> Dataset:
    """RDFLib's reading. Its parsers use what RDFLib deprecates, which is no warning to us."""
    dataset = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.parse(data=data, format=format)
    return dataset


def with_rows(rows: dict[str, list[dict[str, Any]]], folder: Path, **options: Any) -> list[pyoxigraph.Quad]:
    with Engine() as engine:
        fill(engine, rows)
        write_nquads(engine, folder / "other.nq", **options)
    return quads(folder / "other.nq")


# --- kg.nq


def test_the_tables_become_exactly_the_graph_of_the_design(nquads: Path) -> None:
    trig = (GOLDEN / "graph.trig").read_text(encoding="utf-8")
    expected = sorted(map(str, pyoxigraph.parse(trig, format=RdfFormat.TRIG)))
    assert sorted(map(str, quads(nquads))) == expected
    assert set(by_rdflib(nquads.read_text(encoding="utf-8"), "nquads").quads()) == set(by_rdflib(trig, "trig").quads())


def test_the_number_of_quads_is_given_and_each_line_is_one(engine: Engine, tmp_path: Path) -> None:
    number = write_nquads(engine, tmp_path / "kg.nq")
    lines = (tmp_path / "kg.nq").read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert number == len(lines) == len(quads(tmp_path / "kg.nq")) > 100
    assert all(lines)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kg.nq"]


def test_each_quad_stands_once_and_each_triple_in_one_graph(nquads: Path) -> None:
    lines = Counter(nquads.read_text(encoding="utf-8").splitlines())
    assert [line for line, times in lines.items() if times > 1] == []
    triples = Counter(str(quad.triple) for quad in quads(nquads))
    assert [triple for triple, times in triples.items() if times > 1] == []


def test_one_author_twice_on_one_paper_makes_no_quad_twice(tmp_path: Path) -> None:
    again = {**ROWS["signatures"][0], "signature_id": "signature/1111111111111111+2", "position": 2}
    record = {**ROWS["records"][1], "record_id": "record/2222222222222222"}
    third = {**again, "signature_id": "signature/2222222222222222+1", "record_id": "record/2222222222222222"}
    rows = {**ROWS, "signatures": [*ROWS["signatures"], again, third], "records": [*ROWS["records"], record]}
    found = Counter(map(str, with_rows(rows, tmp_path)))
    assert [quad for quad, times in found.items() if times > 1] == []


def test_the_graphs_are_those_of_the_design(nquads: Path) -> None:
    assert {quad.graph_name.value for quad in quads(nquads)} == {f"{BASE}graph/{name}" for name in GRAPHS}  # type: ignore[union-attr]


def test_the_base_stands_in_front_of_every_id(engine: Engine, tmp_path: Path) -> None:
    write_nquads(engine, tmp_path / "kg.nq")
    write_nquads(engine, tmp_path / "other.nq", base="http://localhost:8000/내/")
    text = (tmp_path / "kg.nq").read_text(encoding="utf-8")
    # The dataset states its base as the table runs has it.
    assert (tmp_path / "other.nq").read_text(encoding="utf-8") == text.replace(f"<{BASE}", "<http://localhost:8000/내/")


def test_a_changed_predicate_in_the_mapping_changes_the_graph_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    text = MAPPING.read_text(encoding="utf-8")
    assert text.count("rr:predicate kg:votes ;") == 1
    changed = tmp_path / "mapping.ttl"
    changed.write_text(text.replace("rr:predicate kg:votes ;", "rr:predicate kg:applause ;"), encoding="utf-8")
    write_nquads(engine, tmp_path / "before.nq")
    write_nquads(engine, tmp_path / "after.nq", mapping=changed)
    before, after = (set((tmp_path / name).read_text(encoding="utf-8").splitlines()) for name in ("before.nq", "after.nq"))
    assert {line.replace("#votes>", "#applause>") for line in before} == after
    assert len(before - after) == 1


def test_every_map_of_the_mapping_makes_quads(nquads: Path, engine: Engine) -> None:
    """So that the test of the whole graph covers the whole mapping."""
    mapping = Graph().parse(MAPPING)
    silent = [statement.name for statement in compile_mapping(mapping, engine, BASE) if not engine.rows(statement.sql)]
    assert silent == []
    predicates = {str(value) for name in (RR.predicate, RR["class"]) for value in mapping.objects(None, name)}
    written = {quad.predicate.value for quad in quads(nquads)} | {
        quad.object.value for quad in quads(nquads) if quad.predicate.value == str(RDF.type)
    }  # type: ignore[union-attr]
    assert predicates - written == {"http://www.w3.org/2004/02/skos/core#exactMatch"}


def test_prefixes_are_those_of_the_mapping() -> None:
    declared = {prefix: str(iri) for prefix, iri in Graph(bind_namespaces="none").parse(MAPPING).namespaces()}
    assert declared.items() - {("rr", str(RR)), ("m", f"{KG.removesuffix('#')}/mapping#")} <= PREFIXES.items()


def test_papers_above_the_largest_team_make_no_evidence_of_co_authorship(tmp_path: Path) -> None:
    rows = {**ROWS, "runs": [{**ROWS["runs"][0], "max_team": 2}], "coauthorships": ROWS["coauthorships"][1:2]}
    found = with_rows(rows, tmp_path)
    derived = {(quad.subject.value, quad.object.value) for quad in found if quad.predicate.value == f"{PREFIXES['prov']}wasDerivedFrom"}  # type: ignore[union-attr]
    assert derived == {(f"{BASE}coauthorship/jianfei-chen+nvidia", BASE + OTHER)}


@pytest.mark.parametrize(("papers", "about", "counted"), [(200, 21, True), (201, 20, True), (210, 21, True), (201, 21, False), (5, 5, False)])
def test_shared_concepts_are_those_that_count(tmp_path: Path, papers: int, about: int, counted: bool) -> None:
    ids = [f"paper/arxiv:2401.{number:05d}" for number in range(papers)]
    rows: dict[str, list[dict[str, Any]]] = {
        "papers": [{"paper_id": paper, "title": paper, "authors": 0, "byline_complete": True} for paper in ids],
        "paper_concepts": [{"paper_id": paper, "concept_id": "concept/wide", "weight": 1, "main": False} for paper in ids[:about]]
        + [{"paper_id": paper, "concept_id": "concept/narrow", "weight": 1, "main": False} for paper in ids[:2]],
        "shared_topics": [{"source": ids[0], "target": ids[1], "concepts": 2, "weight": 1}],
    }
    found = with_rows(rows, tmp_path, base=BASE)
    shared = {quad.object.value for quad in found if quad.predicate.value == f"{KG}concept"}  # type: ignore[union-attr]
    assert shared == {f"{BASE}concept/narrow"} | ({f"{BASE}concept/wide"} if counted else set())


def test_every_character_that_a_doi_may_hold_makes_a_valid_link(tmp_path: Path) -> None:
    doi = "10.1002/(sici)1096<1::aid>3.0.co;2-#?%\"{}[]|\\^`é+_~!'*,=@&$"
    rows = {"papers": [{"paper_id": "paper/key:0", "title": "x", "doi": doi, "authors": 0, "byline_complete": True}]}
    [link] = [quad.object.value for quad in with_rows(rows, tmp_path, base=BASE) if quad.predicate.value == "https://schema.org/sameAs"]  # type: ignore[union-attr]
    assert link == "https://doi.org/10.1002/(sici)1096%3C1::aid%3E3.0.co;2-%23%3F%25%22%7B%7D%5B%5D%7C%5C%5E%60é+_~!'*,=@&$"


def test_an_id_that_is_no_iri_stops_the_writing(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="mapping#Paper: no valid IRI: paper/a b"):
        with_rows({"papers": [{"paper_id": "paper/a b", "title": "x", "authors": 0, "byline_complete": True}]}, tmp_path, base=BASE)


def test_a_mapping_that_is_no_turtle_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("@prefix rr: <", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"^broken\.ttl: is not Turtle"):
        write_nquads(engine, tmp_path / "kg.nq", mapping=tmp_path / "broken.ttl")


def test_the_engine_has_its_threads_back_after_writing(tmp_path: Path) -> None:
    with Engine(threads=3) as engine:
        fill(engine, ROWS)
        write_nquads(engine, tmp_path / "kg.nq")
        assert engine.value("select current_setting('threads')") == 3


# --- the same twice


def fill_large(engine: Engine, papers: int) -> None:
    """Papers with teams of four and what follows from them; with 40,000, DuckDB works on them in parallel."""
    fill(engine, {name: ROWS[name] for name in ("runs", "sources")})
    engine.append(
        "papers",
        f"""select 'paper/key:' || lpad(cast(i as varchar), 16, '0') as paper_id, 'Title ' || i as title, '2024' as issued, null as arxiv_id,
        null as doi, null as url, null as venue_id, 'en' as language, 4 as authors, i % 9 > 0 as byline_complete from range({papers}) as r (i)""",
    )
    engine.append(
        "authorships",
        """select distinct paper_id, 'author/a' || (cast(substr(paper_id, 11) as integer) * k + k) % 5003 as author_id, null as position,
        'A ' || right(paper_id, 1) as name_as_written from papers cross join (values (1), (4), (7), (11)) as t (k)""",
    )
    engine.append("authors", "select distinct author_id, 'A 0' as name, 'person' as kind, null as orcid, 1 as papers from authorships")
    engine.append("coauthorships", derivation("coauthorships"), max_team=100)


def test_every_map_gives_one_order_under_one_and_two_threads() -> None:
    answers = []
    with Engine() as engine:
        fill_large(engine, 40_000)
        statements = compile_mapping(Graph().parse(MAPPING), engine, BASE)
        for threads in (1, 2):
            engine.run(f"set threads = {threads}")
            answers.append({statement.name: engine.rows(statement.sql) for statement in statements})
    assert sum(map(len, answers[0].values())) > 500_000
    assert [name for name, rows in answers[0].items() if rows != answers[1][name]] == []


def test_one_and_two_threads_write_the_same_bytes(tmp_path: Path) -> None:
    for threads in (1, 2):
        with Engine(threads=threads) as engine:
            fill_large(engine, 2_000)
            assert write_nquads(engine, tmp_path / f"{threads}.nq") > 50_000
    assert (tmp_path / "1.nq").read_bytes() == (tmp_path / "2.nq").read_bytes()


def test_every_hash_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from kg.engine import Engine
from kg.writers.rdf import convert, write_nquads
from test_writers_rdf import fill_large
folder = Path(sys.argv[1])
with Engine() as engine:
    fill_large(engine, 400)
    write_nquads(engine, folder / "kg.nq")
convert(folder / "kg.nq", folder / "kg.ttl", format="ttl")
"""
    for seed in ("0", "1", "2"):
        (tmp_path / seed).mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(map(str, (MAPPING.parents[1], Path(__file__).parent)))}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / seed)], check=True, env=environment)
    for name in ("kg.nq", "kg.ttl"):
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
        assert (tmp_path / "0" / name).stat().st_size > 10_000


# --- hostile text


def hostile_rows() -> dict[str, list[dict[str, Any]]]:
    papers = [f"paper/key:{number:016x}" for number in range(len(HOSTILE))]
    languages = [None, "en", "ko", "fr"]
    return {
        "papers": [
            {"paper_id": paper, "title": text, "language": languages[n % 4], "authors": 0, "byline_complete": True}
            for n, (paper, text) in enumerate(zip(papers, HOSTILE, strict=True))
        ],
        "authors": [{"author_id": f"author/{n}", "name": text, "kind": "person", "papers": 0} for n, text in enumerate(HOSTILE)],
        "runs": ROWS["runs"],
    }


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_text_comes_through_every_format(tmp_path: Path, format: str) -> None:
    with Engine() as engine:
        fill(engine, hostile_rows())
        write_nquads(engine, tmp_path / "kg.nq")
    convert(tmp_path / "kg.nq", tmp_path / "out", format=format)
    data = (tmp_path / "out").read_text(encoding="utf-8")
    read = list(pyoxigraph.parse(data, format=FORMATS[format]))
    titles = {quad.object.value for quad in read if quad.predicate.value == "http://purl.org/dc/terms/title"}
    assert titles == {*HOSTILE, "Papers, their authors and their concepts"}
    names = sorted(quad.object.value for quad in read if quad.predicate.value == "http://xmlns.com/foaf/0.1/name")
    assert names == sorted(HOSTILE)
    rdflib_names = {"nt": "nt", "nq": "nquads", "ttl": "turtle", "trig": "trig", "jsonld": "json-ld", "rdfxml": "xml"}
    dataset = by_rdflib(data, rdflib_names[format])
    assert sorted(str(value) for _, _, value, _ in dataset.quads((None, URIRef("http://xmlns.com/foaf/0.1/name"), None, None))) == sorted(HOSTILE)


# --- other formats


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_read_back_is_the_graph(nquads: Path, tmp_path: Path, format: str) -> None:
    number = convert(nquads, tmp_path / "out", format=format)
    read = list(pyoxigraph.parse(path=str(tmp_path / "out"), format=FORMATS[format]))
    if FORMATS[format].supports_datasets:
        assert set(map(str, read)) == set(map(str, quads(nquads)))
    else:
        assert {str(quad.triple) for quad in read} == {str(quad.triple) for quad in quads(nquads)}
    assert number == len(read) == len(quads(nquads))


@pytest.mark.parametrize(
    ("format", "name"), [("ttl", "turtle"), ("trig", "trig"), ("jsonld", "json-ld"), ("rdfxml", "xml"), ("nt", "nt"), ("nq", "nquads")]
)
def test_rdflib_reads_the_same_triples_from_every_format(nquads: Path, tmp_path: Path, format: str, name: str) -> None:
    convert(nquads, tmp_path / "out", format=format)
    read = by_rdflib((tmp_path / "out").read_text(encoding="utf-8"), name)
    expected = by_rdflib(nquads.read_text(encoding="utf-8"), "nquads")
    assert {quad[:3] for quad in read.quads()} == {quad[:3] for quad in expected.quads()}


def test_turtle_names_things_by_prefixes(nquads: Path, tmp_path: Path) -> None:
    convert(nquads, tmp_path / "kg.ttl", format="ttl")
    text = (tmp_path / "kg.ttl").read_text(encoding="utf-8")
    assert "\nauthor:nvidia a foaf:Organization , schema:Organization .\n" in text
    assert "\npaper:arxiv:2412.14711 a fabio:ScholarlyWork , schema:ScholarlyArticle ;\n" in text
    body = "\n".join(line for line in text.splitlines() if not line.startswith("@prefix"))
    full = {
        iri for iri in re.findall(r"<([^>]*)>", body) if not re.match(r"https://(arxiv|doi|orcid|openalex)\.org/|http://www\.wikidata\.org/", iri)
    }
    assert full <= {
        f"{BASE}dataset",
        *(f"{BASE}{TEXT}+{label}#char={span}" for label, span in [("title", "28,46"), ("whats-new", "0,6")]),
        BASE + THIRD,
    }


def test_graphs_and_texts_can_be_left_out(nquads: Path, tmp_path: Path) -> None:
    everything = {str(quad) for quad in quads(nquads)}
    number = convert(nquads, tmp_path / "some.nq", format="nq", without=["mentions", "coauthorships", "texts"])
    some = {str(quad) for quad in quads(tmp_path / "some.nq")}
    left_out = [quad for quad in quads(nquads) if str(quad) not in some]
    assert number == len(some)
    assert some < everything
    mentions, pairs, sources = (f"{BASE}graph/{name}" for name in ("mentions", "coauthorships", "sources"))
    assert {quad.graph_name.value for quad in left_out} == {mentions, pairs, sources}  # type: ignore[union-attr]
    assert not any(f"<{mentions}>" in quad.rpartition(" ")[2] or f"<{pairs}>" in quad.rpartition(" ")[2] for quad in some)
    assert {quad.subject.value for quad in left_out if quad.graph_name.value == sources} == {f"{BASE}{TEXT}+title", f"{BASE}{TEXT}+whats-new"}  # type: ignore[union-attr]


def test_unknown_formats_and_graphs_name_the_known(nquads: Path, tmp_path: Path) -> None:
    with pytest.raises(LookupFailed, match="no RDF format 'docx'; known: nt, nq, ttl"):
        convert(nquads, tmp_path / "out", format="docx")
    with pytest.raises(LookupFailed, match="no graph 'pairs' to leave out; known: about, authors"):
        convert(nquads, tmp_path / "out", format="ttl", without=["pairs"])
    assert not (tmp_path / "out").exists()


def test_the_file_that_is_read_is_not_written_over(nquads: Path) -> None:
    before = nquads.read_bytes()
    with pytest.raises(OutputError, match="is the file that is read"):
        convert(nquads, nquads.parent / "." / "kg.nq", format="nq")
    assert nquads.read_bytes() == before


def test_a_file_that_is_no_nquads_names_its_line(tmp_path: Path) -> None:
    bad = tmp_path / "kg.nq"
    bad.write_text('<http://a/b> <http://a/b> "c" .\n<http://a/b> oops\n', encoding="utf-8")
    with pytest.raises(ReadError, match=r"^kg\.nq:2: is not N-Quads"):
        convert(bad, tmp_path / "kg.ttl", format="ttl")


def test_an_empty_graph_is_an_empty_file_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "kg.nq").write_text("", encoding="utf-8")
    for format, kind in FORMATS.items():
        assert convert(tmp_path / "kg.nq", tmp_path / "out", format=format) == 0
        assert list(pyoxigraph.parse(path=str(tmp_path / "out"), format=kind)) == []


# --- the store


def test_the_store_s_dump_is_the_file_but_for_the_types_that_oxigraph_folds(nquads: Path, tmp_path: Path) -> None:
    (tmp_path / "kg.nq").write_bytes(nquads.read_bytes())
    dump = pyoxigraph.Store.read_only(str(ensure_store(tmp_path))).dump(format=RdfFormat.N_QUADS)
    assert dump is not None
    xsd = PREFIXES["xsd"]
    expected = nquads.read_text(encoding="utf-8").replace(f"<{xsd}nonNegativeInteger>", f"<{xsd}integer>")
    assert sorted(dump.decode("utf-8").split("\n")) == sorted(expected.split("\n"))


def test_the_store_of_a_built_graph_is_its_kg_nq(built: Path) -> None:
    xsd = PREFIXES["xsd"]
    dump = pyoxigraph.Store.read_only(str(built / "store")).dump(format=RdfFormat.N_QUADS)
    assert dump is not None
    expected = (built / "kg.nq").read_bytes().replace(f"<{xsd}nonNegativeInteger>".encode(), f"<{xsd}integer>".encode())
    assert sorted(dump.split(b"\n")) == sorted(expected.split(b"\n"))


def test_a_built_graph_has_each_triple_once(built: Path) -> None:
    triples = Counter(line.rpartition(b" <")[0] for line in (built / "kg.nq").read_bytes().splitlines())
    assert [triple for triple, times in triples.items() if times > 1] == []


def test_every_spelling_of_an_author_is_another_label(tmp_path: Path) -> None:
    """Two records of one paper spell a name in two ways; its one authorship has only one of them."""
    signature = {**ROWS["signatures"][1], "signature_id": "signature/0a1e7e193731be60+2", "record_id": "record/0a1e7e193731be60", "name": "Zhu, Jun"}
    labels = [
        str(quad.object)
        for quad in with_rows({**ROWS, "signatures": [*ROWS["signatures"], signature]}, tmp_path)
        if str(quad.subject) == f"<{BASE}author/jun-zhu~688e0ea9>" and quad.predicate.value.endswith("#altLabel")
    ]
    assert labels == ['"J. Zhu"', '"Zhu, Jun"']


def test_a_concept_of_another_scheme_has_its_notation(tmp_path: Path) -> None:
    odd = {"concept_id": "concept/arxiv:cs/a%20%2Bb", "label": "Odd", "scheme": "scheme/arxiv", "papers": 0}
    notations = [
        str(quad.object)
        for quad in with_rows({**ROWS, "concepts": [*ROWS["concepts"], odd]}, tmp_path)
        if quad.predicate.value.endswith("core#notation")
    ]
    assert sorted(notations) == ['"cs.LG"', '"cs/a +b"']
