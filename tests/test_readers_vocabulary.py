"""Vocabularies: what is read from CSV and SKOS, how files are joined, and what is said of bad ones."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, SKOS, Graph, Literal, URIRef

from kg.engine import Engine
from kg.errors import ReadError
from kg.language.forms import fold
from kg.readers.vocabulary import SHIPPED, load_vocabularies

PREFIXES = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix kg: <https://w3id.org/paperkg#> . @prefix : <https://example.org/> .\n"
CHESS = (
    PREFIXES
    + """
:opening a skos:Concept ; skos:prefLabel "opening theory"@en , "오프닝 이론"@ko ; skos:narrower :gambit .
:gambit a skos:Concept, kg:Method ; skos:prefLabel "gambit"@en ; skos:altLabel "GB"@en , "갬빗"@ko ; kg:abbreviation "GB"@en ;
    skos:hiddenLabel "gambitt"@en ; skos:exactMatch <https://example.com/g> ; skos:closeMatch <https://example.com/h> .
:ending skos:prefLabel "Endspiel"@de , "finale"@fr ; skos:broader :opening .
:plain skos:prefLabel "zugzwang" .
:all a skos:ConceptScheme ; skos:prefLabel "chess"@en ; skos:hasTopConcept :opening .
"""
)


class Tables(NamedTuple):
    """The rows of the four tables; of all concepts, or of the user's."""

    concepts: list[tuple[Any, ...]]
    terms: list[tuple[Any, ...]]
    broader: list[tuple[Any, ...]]
    links: list[tuple[Any, ...]]


def load(folder: Path, *, everything: bool = False, **texts: str | bytes) -> Tables:
    """What is loaded from files of these contents; ``a_csv="label"`` is a file a.csv."""
    paths = []
    for name, text in texts.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(path)
    with Engine() as engine:
        load_vocabularies(engine, paths)
        own = "true" if everything else f"number in (select number from vocabulary_concepts where scheme <> '{SHIPPED}')"
        return Tables(*(engine.rows(f"select * from vocabulary_{table} where {own} order by number, rowid") for table in Tables._fields))


def label_of(tables: Tables, number: int) -> str:
    return next(row[1] for row in tables.concepts if row[0] == number)


def test_without_files_of_the_user_the_tables_hold_our_own_concepts(tmp_path: Path) -> None:
    tables = load(tmp_path, everything=True)
    assert [row[0] for row in tables.concepts] == list(range(len(tables.concepts)))
    assert {row[3] for row in tables.concepts} == {SHIPPED}
    assert tables.concepts[0][1:] == ("machine learning", "Field", SHIPPED, None)
    assert tables.terms[:2] == [(0, "en", "machine learning", "preferred"), (0, "en", "ML", "abbreviation")]


def test_a_csv_file_gives_terms_in_all_its_languages(tmp_path: Path) -> None:
    header = "label,korean,variants,abbreviation,kind,label@ja,variants@pt-BR\n"
    row = "fork attack,포크 | 양수겸장,double attack | pin fork,FA,Method,フォーク,garfo | ataque duplo\n"
    tables = load(tmp_path, games_csv=header + row)
    assert tables.concepts == [(0, "fork attack", "Method", "scheme/games", None)]
    assert set(tables.terms) == {
        (0, "en", "fork attack", "preferred"),
        (0, "en", "double attack", "alternative"),
        (0, "en", "pin fork", "alternative"),
        (0, "en", "FA", "abbreviation"),
        (0, "ko", "포크", "preferred"),
        (0, "ko", "양수겸장", "alternative"),
        (0, "ja", "フォーク", "preferred"),
        (0, "pt-br", "garfo", "alternative"),
        (0, "pt-br", "ataque duplo", "alternative"),
    }


def test_a_label_alone_is_a_vocabulary(tmp_path: Path) -> None:
    tables = load(tmp_path, a_csv="\ufefflabel\r\nzugzwang\r\n\r\nfianchetto\r\n")
    assert [row[1:4] for row in tables.concepts] == [("zugzwang", None, "scheme/a"), ("fianchetto", None, "scheme/a")]
    assert (tables.broader, tables.links) == ([], [])


def test_terms_are_clean_and_on_one_line(tmp_path: Path) -> None:
    tables = load(tmp_path, a_csv='label,variants\n" zug\u00a0zwang\x00\n end",a b |  | c\nre\u0301sume\u0301,\nd  e,\n')
    assert [row[2] for row in tables.terms] == ["zug zwang end", "a b", "c", "résumé", "d e"]


def test_a_packed_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    plain, packed = load(tmp_path, a_csv="label\nzugzwang\n"), load(tmp_path, a_csv_gz=gzip.compress(b"label\nzugzwang\n"))
    assert plain == packed


def test_broader_concepts_may_stand_later_in_other_files_and_among_ours(tmp_path: Path) -> None:
    tables = load(tmp_path, everything=True, a_csv="label,broader\nx one,x two | y one\nx two,Machine-Learning\n", b_csv="label\ny one\n")
    own = [(label_of(tables, number), label_of(tables, above)) for number, above in tables.broader if number < 3]
    assert own == [("x one", "x two"), ("x one", "y one"), ("x two", "machine learning")]


def test_a_broader_concept_is_the_one_of_that_very_spelling_before_one_of_that_key(tmp_path: Path) -> None:
    assert fold("zwangs.") == "zwangs" != fold("zwangs")
    assert load(tmp_path, a_csv="label,broader\nzwangs.,\nzwangs,\nx,zwangs\n").broader == [(2, 1)]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label\nzugzwang\n", encoding="utf-8")
    with Engine() as engine:
        load_vocabularies(engine, [path, path])
        assert engine.rows("select label from vocabulary_concepts where scheme = 'scheme/a'") == [("zugzwang",)]


def test_numbers_follow_the_order_of_files_and_rows_with_the_users_first(tmp_path: Path) -> None:
    tables = load(tmp_path, everything=True, b_csv="label\nz one\na one\n", a_csv="label\nm one\n")
    assert [row[:2] for row in tables.concepts[:4]] == [(0, "z one"), (1, "a one"), (2, "m one"), (3, "machine learning")]


def test_a_users_concept_takes_the_place_of_ours_with_our_terms_and_what_the_user_left_out(tmp_path: Path) -> None:
    shipped = load(tmp_path, everything=True)
    tables = load(
        tmp_path,
        everything=True,
        a_csv="label,korean\nRobot Learning,로봇의 학습\n",
        b_csv="label,kind,broader\nrobot learning,Task,zugzwang\nzugzwang,,\n",
    )
    assert tables.concepts[0] == (0, "Robot Learning", "Task", "scheme/a", None)
    assert [row[1] for row in tables.concepts].count("robot learning") == 0
    assert len(tables.concepts) == len(shipped.concepts) + 1
    assert [row[1:] for row in tables.terms if row[0] == 0 and row[1] == "ko"][:2] == [
        ("ko", "로봇의 학습", "preferred"),
        ("ko", "로봇 학습", "alternative"),
    ]
    assert [label_of(tables, above) for number, above in tables.broader if number == 0] == ["zugzwang"]
    # what is below our concept is below the user's
    below = {label_of(shipped, number) for number, above in shipped.broader if label_of(shipped, above) == "robot learning"}
    assert below == {label_of(tables, number) for number, above in tables.broader if above == 0} != set()


def test_our_kind_and_broader_concept_hold_where_the_user_says_none(tmp_path: Path) -> None:
    tables = load(tmp_path, everything=True, a_csv="label\nrobot learning\n")
    assert tables.concepts[0] == (0, "robot learning", "Field", "scheme/a", None)
    assert [label_of(tables, above) for number, above in tables.broader if number == 0] == ["robotics"]


def test_skos_gives_labels_kinds_links_and_what_is_broader(tmp_path: Path) -> None:
    tables = load(tmp_path, chess_ttl=CHESS)
    base = "https://example.org/"
    assert tables.concepts == [
        (0, "opening theory", None, "scheme/chess", f"{base}opening"),
        (1, "gambit", "Method", "scheme/chess", f"{base}gambit"),
        (2, "Endspiel", None, "scheme/chess", f"{base}ending"),
        (3, "zugzwang", None, "scheme/chess", f"{base}plain"),
    ]
    assert set(tables.terms) == {
        (0, "en", "opening theory", "preferred"),
        (0, "ko", "오프닝 이론", "preferred"),
        (1, "en", "gambit", "preferred"),
        (1, "en", "GB", "abbreviation"),
        (1, "ko", "갬빗", "alternative"),
        (1, "en", "gambitt", "alternative"),
        (2, "de", "Endspiel", "preferred"),
        (2, "fr", "finale", "preferred"),
        (3, "und", "zugzwang", "preferred"),
    }
    assert tables.broader == [(1, 0), (2, 0)]
    assert tables.links == [(1, "exactMatch", "https://example.com/g"), (1, "closeMatch", "https://example.com/h")]


@pytest.mark.parametrize(("suffix", "form"), [("nt", "nt"), ("rdf", "pretty-xml"), ("xml", "xml"), ("jsonld", "json-ld"), ("json", "json-ld")])
def test_another_librarys_skos_reads_the_same_in_every_format(tmp_path: Path, suffix: str, form: str) -> None:
    text = Graph().parse(data=CHESS, format="turtle").serialize(format=form)
    found, wanted = load(tmp_path, **{f"chess_{suffix}": text}), load(tmp_path, chess_ttl=CHESS)

    def facts(tables: Tables) -> list[set[tuple[Any, ...]]]:
        iri = {row[0]: row[4] for row in tables.concepts}
        return [
            {row[2:] for row in tables.concepts},
            {(iri[row[0]], *row[1:]) for row in tables.terms},
            {(iri[number], iri[above]) for number, above in tables.broader},
            {(iri[row[0]], *row[1:]) for row in tables.links},
        ]

    assert facts(found) == facts(wanted)


def test_xml_under_the_suffix_of_turtle_is_known_by_how_it_begins(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?>\n' + Graph().parse(data=CHESS, format="turtle").serialize(format="pretty-xml").partition("?>")[2]
    assert {row[1] for row in load(tmp_path, a_ttl=text).concepts} == {"opening theory", "gambit", "Endspiel", "zugzwang"}


def test_a_concept_without_an_iri_has_none_and_keeps_its_place(tmp_path: Path) -> None:
    tables = load(tmp_path, a_ttl=f'{PREFIXES} [] skos:prefLabel "zugzwang" ; skos:broader [ skos:prefLabel "chess move" ] .')
    assert [(row[1], row[4]) for row in sorted(tables.concepts)] in (
        [("zugzwang", None), ("chess move", None)],
        [("chess move", None), ("zugzwang", None)],
    )
    assert [(label_of(tables, number), label_of(tables, above)) for number, above in tables.broader] == [("zugzwang", "chess move")]


def test_a_skos_concept_may_stand_under_one_of_another_file(tmp_path: Path) -> None:
    tables = load(
        tmp_path, a_ttl=f'{PREFIXES} :a skos:prefLabel "pinned piece" ; skos:broader :b .', b_ttl=f'{PREFIXES} :b skos:prefLabel "chess motif" .'
    )
    assert tables.broader == [(0, 1)]


def test_american_english_is_english_and_plain_english_comes_first(tmp_path: Path) -> None:
    text = f'{PREFIXES} :a skos:prefLabel "가"@ko , "colour play"@en-GB , "color play"@en . :b skos:prefLabel "나"@ko , "gray play"@en-US .'
    assert [row[1] for row in load(tmp_path, a_ttl=text).concepts] == ["color play", "gray play"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term\nx\n", "a.csv:1: unknown column 'term'; known, with a comma between them: label, abbreviation, variants, korean, kind, broader,"),
        ("korean\n가\n", "a.csv:1: no column 'label'"),
        ("label,label@\nx,y\n", "a.csv:1: unknown column 'label@'"),
        ("label,LABEL\nx,y\n", "a.csv:1: the column 'label' comes twice"),
        ("label\nx\ny\nx\n", "a.csv:4: the label 'x' stands at line 2 already; join the two, or tell them apart: x (...)"),
        ("label\nfork attack\n\nFork-Attacks\n", "a.csv:4: the label 'Fork-Attacks' stands at line 2 already, which is written 'fork attack' there"),
        ("label,kind\nx,Idea\n", "a.csv:2: unknown kind 'Idea'; known: Task, Method, Model, Dataset, Metric, Field"),
        (
            "label,broader\nx,machine lerning\n",
            "a.csv:2: 'x' has the broader concept 'machine lerning', which no vocabulary has; near: machine learning",
        ),
        ("label,broader\nx,qqqq\n", "a.csv:2: 'x' has the broader concept 'qqqq', which no vocabulary has; add it, or take it out"),
        ("label,broader\nz,b\na,b\nb,c\nc,a\n", "a.csv:3: broader concepts in a circle: a -> b -> c -> a; take one of these steps out"),
        ("label,broader\na,a\n", "a.csv:2: broader concepts in a circle: a -> a; take"),
        ("label,broader\nmachine learning,robot learning | diffusion model\n", "a.csv:2: broader concepts in a circle: machine learning -> "),
        ("label,kind\nx,\n ,Task\n", "a.csv:3: the label is empty; write what the concept is called"),
        ("label\n...\n", "a.csv:2: the label '...' has no letter or digit"),
        ("label,kind\n", "a.csv: no concept in it; a row below the header for each"),
        ("", "a.csv: the file is empty"),
        (b"label\nx\ncaf\xe9\n", "a.csv:3: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("label\nx\n" + "y" * 10_000_001, "a.csv:3: the line is longer than 10 MB; cut it"),
        ("label,kind\nx,Task,y\n", "a.csv:2: 3 fields under 2 columns"),
        ('label\nx\n"y\nz\n', "a.csv:3: no CSV: unexpected end of data"),
        ('label\n"x\nx"\n"y" z\n', "a.csv:4: no CSV: ',' expected after '\"'"),
    ],
)
def test_a_bad_csv_file_is_refused_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ReadError) as caught:
        load(tmp_path, a_csv=text)
    assert str(caught.value).startswith(message)
    assert "--skip-invalid" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":a a skos:Concept .", "a.ttl: <https://example.org/a> has no skos:prefLabel; write what the concept is called"),
        (':a skos:altLabel "a" .', "a.ttl: no concept in it; each needs a skos:prefLabel"),
        (":a skos:prefLabel :b .", "a.ttl: a label of <https://example.org/a> is no text but <https://example.org/b>"),
        (':a skos:prefLabel "a" ; a kg:Idea .', "a.ttl: unknown kind 'Idea'; known: Task, Method"),
        (':a skos:prefLabel "a" ; a kg:Task , kg:Model .', "a.ttl: two kinds, Task and Model; choose one"),
        (
            ':a skos:prefLabel "a" . :b skos:prefLabel "A" .',
            "a.ttl: the label 'A' stands as <https://example.org/a> already, which is written 'a' there",
        ),
        (':a skos:prefLabel "a" ; skos:broader :b .', "a.ttl: 'a' has the broader concept '<https://example.org/b>', which no vocabulary has"),
        (
            ':a skos:prefLabel "a" ; skos:narrower :b .',
            "a.ttl: <https://example.org/a> has the narrower concept <https://example.org/b>, which is not",
        ),
        (':a skos:prefLabel "a" ; skos:closeMatch "b" .', 'a.ttl: <https://example.org/a> has the text "b" where SKOS has an IRI'),
        (':a skos:prefLabel "a" ; skos:broader :b . :b skos:prefLabel "b" ; skos:broader :a .', "a.ttl: broader concepts in a circle: a -> b -> a"),
        ('\n:a skos:prefLabel "a" skos:broader', "a.ttl:3: no Turtle: "),
    ],
)
def test_a_bad_skos_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ReadError) as caught:
        load(tmp_path, a_ttl=PREFIXES + text)
    assert str(caught.value).startswith(message)


def test_an_unknown_suffix_lists_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(
        ReadError, match=r"^a\.docx: no vocabulary in '\.docx' can be read; known: \.csv, \.json, \.jsonld, \.nt, \.rdf, \.ttl, \.xml$"
    ):
        load(tmp_path, a_docx="label")


@pytest.mark.parametrize("name", ["paperkg", "extracted", "ArXiv"])
def test_a_file_cannot_take_the_name_of_a_scheme_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError, match="is the name of a scheme of the program's own"):
        load(tmp_path, **{f"{name}_csv": "label\nx\n"})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with Engine() as engine, pytest.raises(ReadError, match=r"^gone\.csv: cannot be read: no such file$"):
        load_vocabularies(engine, [tmp_path / "gone.csv"])


def test_entities_that_would_fill_the_memory_are_refused_and_those_of_namespaces_read(tmp_path: Path) -> None:
    rdf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">{}</rdf:RDF>'
    concept = rdf.format('<skos:Concept rdf:about="https://example.org/a"><skos:prefLabel>zug &last;</skos:prefLabel></skos:Concept>')
    plain = f'<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY last "zwang">]>{concept}'
    assert [row[1] for row in load(tmp_path, a_rdf=plain).concepts] == ["zug zwang"]
    for entities in ('<!ENTITY x "ha"><!ENTITY last "&x;&x;">', f'<!ENTITY last "{"ha" * 1000}">', "<!ENTITY last SYSTEM 'file:///etc/passwd'>"):
        with pytest.raises(ReadError, match=r"^a\.rdf: an entity that is long, or made of others"):
            load(tmp_path, a_rdf=f'<?xml version="1.0"?><!DOCTYPE rdf:RDF [{entities}]>{concept}')


def test_json_that_is_nested_without_end_is_refused_and_fetches_nothing(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"^a\.json: nested more than 200 deep"):
        load(tmp_path, a_json='{"http://example.org/p":' * 30_000 + "1" + "}" * 30_000)
    with pytest.raises(ReadError, match=r"^a\.json: no JSON-LD: .*remote"):
        load(tmp_path, a_json='{"@context": "https://example.org/context", "@id": "https://example.org/a"}')


def test_a_message_steers_no_terminal(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        load(tmp_path, a_csv="label,broader\na\u202e\u009b,b\nb,a\u202e\u009b\n")
    assert str(caught.value).isprintable()


def test_hostile_labels_come_through_unchanged(tmp_path: Path) -> None:
    labels = ["<script>alert(1)</script>", "back\\slash", "right\u202eleft", "emoji 🤖", "O'Neill's; drop table", '"quoted"', "{{x}} %s"]
    graph = Graph()
    for number, label in enumerate(labels):
        graph.add((URIRef(f"https://example.org/{number}"), RDF.type, SKOS.Concept))
        graph.add((URIRef(f"https://example.org/{number}"), SKOS.prefLabel, Literal(label, "en")))
    found = load(tmp_path, a_ttl=graph.serialize(format="turtle"))
    assert sorted(row[1] for row in found.concepts) == sorted(labels)
    rows = "".join('"{}"\n'.format(label.replace('"', '""')) for label in labels)
    assert [row[1] for row in load(tmp_path, a_csv=f"label\n{rows}").concepts] == labels


@settings(max_examples=40)
@given(text=st.binary(max_size=300), suffix=st.sampled_from(["csv", "ttl", "nt", "rdf", "json"]))
def test_no_bytes_raise_anything_but_a_read_error(tmp_path_factory: pytest.TempPathFactory, text: bytes, suffix: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"fuzz.{suffix}"
    path.write_bytes(text if suffix != "csv" else b"label,broader\n" + text)
    with Engine() as engine:
        try:
            load_vocabularies(engine, [path])
        except ReadError as error:
            assert str(error).startswith(path.name)
        else:
            labels = [row[0] for row in engine.rows("select label from vocabulary_concepts")]
            assert len({fold(label) for label in labels}) == len(labels)
