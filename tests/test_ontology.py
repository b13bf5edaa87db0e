"""The ontology holds every term that the project uses; the shapes pass what is right and catch what is not, each its own fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, URIRef
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from small_graph import write_small_graph

from kg.check import Violation, _union, check_shapes
from kg.namespaces import PREFIXES
from kg.queries import shipped

KG = rdflib.Namespace(PREFIXES["kg"])
TYPES = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
OURS = URIRef("https://w3id.org/paperkg")
# Vocabularies in which the ontology, the shapes and the mapping are themselves written, not the data.
LANGUAGES = (str(OWL), str(RDF), str(RDFS), str(XSD), str(SH), "http://www.w3.org/ns/r2rml#", "https://w3id.org/paperkg/")
OWL2_DATATYPES = {XSD.string, XSD.integer, XSD.decimal, XSD.boolean, XSD.nonNegativeInteger, XSD.dateTime, RDFS.Literal}


@pytest.fixture(scope="session")
def ontology(root: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(root / "ontologies" / "kg.ttl")


def _ours(ontology: rdflib.Graph) -> list[URIRef]:
    return sorted({term for term in ontology.subjects(RDFS.isDefinedBy, OURS) if isinstance(term, URIRef)})


def test_every_term_of_ours_is_whole(ontology: rdflib.Graph) -> None:
    terms = _ours(ontology)
    assert len(terms) > 40
    assert {term for term in ontology.subjects() if str(term).startswith(str(KG))} == set(terms)
    for term in terms:
        assert str(term).startswith(str(KG))
        for predicate in (RDFS.label, SKOS.definition):
            languages = sorted(value.language for value in ontology.objects(term, predicate))  # type: ignore[union-attr]
            assert languages == ["en", "ko"], f"{term} needs one {predicate} in English and one in Korean"


def test_every_declared_term_is_of_one_type_and_says_where_it_comes_from(ontology: rdflib.Graph) -> None:
    """OWL 2 DL: a property is an object, a data or an annotation property, never two of them."""
    declared = {term for kind in TYPES for term in ontology.subjects(RDF.type, kind) if isinstance(term, URIRef)}
    assert len(declared) > 90
    for term in declared:
        assert len([kind for kind in TYPES if (term, RDF.type, kind) in ontology]) == 1, term
        assert ontology.value(term, RDFS.isDefinedBy) is not None, term


def test_axioms_speak_of_declared_terms_of_the_right_type(ontology: rdflib.Graph) -> None:
    def is_a(term: object, kind: URIRef) -> bool:
        return (term, RDF.type, kind) in ontology  # type: ignore[comparison-overlap]

    for child, parent in ontology.subject_objects(RDFS.subPropertyOf):
        assert any(is_a(child, kind) and is_a(parent, kind) for kind in TYPES[1:]), child
    for predicate in (RDFS.subClassOf, OWL.disjointWith):
        for child, parent in ontology.subject_objects(predicate):
            assert is_a(child, OWL.Class) and is_a(parent, OWL.Class), child
    for term, domain in ontology.subject_objects(RDFS.domain):
        assert is_a(domain, OWL.Class), term
    for term, target in ontology.subject_objects(RDFS.range):
        assert (target in OWL2_DATATYPES) if is_a(term, OWL.DatatypeProperty) else is_a(target, OWL.Class), term
    for members in [*ontology.objects(None, OWL.unionOf), *ontology.objects(None, OWL.members)]:
        assert all(is_a(member, OWL.Class) for member in ontology.items(members))
    # Header and definitions may use annotation properties only.
    for subject in [OURS, *_ours(ontology)]:
        for predicate in ontology.predicates(subject):
            if not str(predicate).startswith((str(OWL), str(RDF), str(RDFS))):
                assert is_a(predicate, OWL.AnnotationProperty), predicate


def test_the_ontology_names_its_version_and_licence_and_says_that_its_address_is_pending(ontology: rdflib.Graph, root: Path) -> None:
    from kg import __version__

    assert ontology.value(OURS, OWL.versionIRI) == URIRef(f"https://w3id.org/paperkg/{__version__}")
    assert str(ontology.value(OURS, OWL.versionInfo)) == __version__
    assert "pending" in str(ontology.value(OURS, RDFS.comment))
    assert ontology.value(OURS, URIRef("http://purl.org/dc/terms/license")) is not None


def _terms_of_turtle(path: Path) -> set[URIRef]:
    """IRIs of a Turtle file that belong to vocabularies of the data."""
    graph = rdflib.Graph().parse(path)
    return {term for triple in graph for term in triple if isinstance(term, URIRef)}


def _terms_of_queries() -> set[URIRef]:
    def walk(part: object) -> Iterator[URIRef]:
        if isinstance(part, URIRef):
            yield part
        elif isinstance(part, rdflib.paths.Path):
            yield from walk(getattr(part, "args", None) or getattr(part, "arg", None) or getattr(part, "path", None))
        elif isinstance(part, dict):
            for value in part.values():
                yield from walk(value)
        elif isinstance(part, list | tuple | set):
            for value in part:
                yield from walk(value)

    return {term for query in shipped().values() for term in walk(translateQuery(parseQuery(query.text)).algebra)}


@pytest.mark.parametrize("where", ["mapping.ttl", "shapes.ttl", "queries"])
def test_every_term_that_is_used_is_declared(where: str, ontology: rdflib.Graph, root: Path) -> None:
    used = _terms_of_queries() if where == "queries" else _terms_of_turtle(root / "ontologies" / where)
    namespaces = tuple(iri for iri in PREFIXES.values() if iri not in LANGUAGES)
    terms = {term for term in used if str(term).startswith(namespaces) and str(term) not in namespaces}
    assert len(terms) > 20
    declared = {term for kind in TYPES for term in ontology.subjects(RDF.type, kind)}
    assert sorted(terms - declared) == []
    foreign = {term for term in used if not str(term).startswith((*namespaces, *LANGUAGES)) and str(term) != "https://w3id.org/paperkg"}
    assert {term for term in foreign if "example.org" in term} == set()


def test_no_term_of_ours_lies_idle(ontology: rdflib.Graph, root: Path) -> None:
    used = _terms_of_queries() | _terms_of_turtle(root / "ontologies" / "shapes.ttl") | _terms_of_turtle(root / "ontologies" / "mapping.ttl")
    # kg:organization is for a later source; its shape is there.
    assert sorted(set(_ours(ontology)) - used) == []


# Shapes


@pytest.fixture(scope="session")
def conforming(tmp_path_factory: pytest.TempPathFactory) -> rdflib.Graph:
    return _union(write_small_graph(tmp_path_factory.mktemp("shapes")) / "kg.nq")[0]


DECLARED = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
PAPER, PERSON, RECORD = "<paper/arxiv:2412.14711>", "<author/ziteng-wang>", "<record/0000000000000001>"
AUTHORSHIP, TEXT = "<authorship/arxiv:2412.14711+ziteng-wang>", "<text/0000000000000001+whats-new>"
MENTION, PAIR = "<text/0000000000000001+whats-new#char=22,40>", "<coauthorship/jianfei-chen+ziteng-wang>"
TOPICS, MONTH = "<shared-topics/arxiv:2412.14711+arxiv:2502.04416>", "<concept-month/mixture-of-experts+2024-12>"
CONCEPT, SOURCE = "<concept/mixture-of-experts>", "<source/1273f2e7e6119b18>"


def _change(node: str, predicate: str, value: str) -> str:
    """An update that puts one value in the place of all."""
    return f"DELETE {{ {node} {predicate} ?o }} INSERT {{ {node} {predicate} {value} }} WHERE {{ {node} {predicate} ?o }}"


def _drop(node: str, predicate: str) -> str:
    return f"DELETE WHERE {{ {node} {predicate} ?o }}"


def _add(triples: str) -> str:
    return f"INSERT DATA {{ {triples} }}"


# Each shape with ways to break what it demands, and the beginning of what it must say. One entry a property at least.
BREAKS: list[tuple[str, str, str]] = [
    ("label", _drop(PERSON, "rdfs:label"), "needs exactly one rdfs:label"),
    ("date", _change(PAPER, "kg:date", '"December 2024"'), "kg:date is one plain"),
    ("date", _change(PAPER, "kg:date", '"2024-13"'), "kg:date is one plain"),
    ("issued", _change(PAPER, "dcterms:issued", '"2024-12"'), "dcterms:issued is one xsd:gYear"),
    ("issued", _change(PAPER, "dcterms:issued", '"2024-12-45"^^xsd:date'), "dcterms:issued is one xsd:gYear"),
    ("sameAs", _add(f'{PAPER} schema:sameAs "2412.14711"'), "schema:sameAs leads to an IRI"),
    ("Paper", _add('[] a schema:ScholarlyArticle , fabio:ScholarlyWork ; rdfs:label "x" ; dcterms:title "x"'), "a paper is named by an IRI"),
    ("Paper", f"DELETE DATA {{ {PAPER} a fabio:ScholarlyWork }}", "a paper is also a fabio:ScholarlyWork"),
    ("Paper", _drop(PAPER, "dcterms:title"), "a paper has exactly one dcterms:title"),
    ("Paper", _change(PAPER, "dcterms:title", '""'), "a paper has exactly one dcterms:title"),
    ("Paper", _add(f'{PAPER} dcterms:title "another"'), "a paper has exactly one dcterms:title"),
    ("Paper", _add(f"{PAPER} dcterms:creator <author/nobody>"), "dcterms:creator leads to"),
    ("Paper", _add(f"{PAPER} dcterms:subject <concept/none>"), "dcterms:subject leads to"),
    ("Paper", _add(f"{PAPER} kg:mainSubject <concept/none>"), "kg:mainSubject leads to"),
    ("Paper", _change(PAPER, "fabio:hasArXivId", '"2412.14711v2"'), "fabio:hasArXivId is one arXiv id"),
    ("Paper", _add(f'{PAPER} cito:cites "a paper"'), "cito:cites leads to"),
    ("Paper", _add(f"{PAPER} dcterms:isPartOf <digest/2024-12-25>"), "a paper appeared in at most one venue"),
    ("Venue", _drop("<venue/journal-of-studies>", "rdfs:label"), "a venue has a rdfs:label"),
    ("Person", f"DELETE DATA {{ {PERSON} a schema:Person }}", "a person is also a schema:Person"),
    ("Person", _drop(PERSON, "foaf:name"), "a person has exactly one foaf:name"),
    ("Person", _add(f"{PERSON} a foaf:Organization , schema:Organization"), "nobody is both a person and an organisation"),
    ("Organization", "DELETE DATA { <author/gemma-team> a schema:Organization }", "a team is also a schema:Organization"),
    ("Organization", _drop("<author/gemma-team>", "foaf:name"), "a team has exactly one foaf:name"),
    ("AmbiguousAuthor", _add("<author/jun-zhu> kg:possibleAuthor <author/nobody>"), "kg:possibleAuthor leads to"),
    ("AmbiguousAuthor", _add('<author/jun-zhu> a foaf:Person , schema:Person ; foaf:name "x"'), "a name that may be several people's is no person"),
    ("Authorship", _change(AUTHORSHIP, "kg:ofPaper", "<paper/none>"), "an authorship is of exactly one paper"),
    ("Authorship", _drop(AUTHORSHIP, "kg:author"), "an authorship is held by exactly one author"),
    ("Authorship", _change(AUTHORSHIP, "kg:nameAsWritten", '""'), "an authorship has one kg:nameAsWritten"),
    ("Authorship", _add(f'{AUTHORSHIP} kg:affiliationAsWritten ""'), "kg:affiliationAsWritten is text"),
    ("Authorship", _add(f'{AUTHORSHIP} kg:organization "a university"'), "kg:organization is a ROR IRI"),
    ("Authorship", _change(AUTHORSHIP, "kg:position", "0"), "kg:position is one whole number from 1"),
    ("CoAuthorship", _add(f"{PAIR} kg:member <author/vinija-jain>"), "a co-authorship has exactly two members"),
    ("CoAuthorship", _change(PAIR, "kg:paperCount", "0"), "a co-authorship has one kg:paperCount"),
    ("CoAuthorship", _change(PAIR, "kg:weight", "0.0"), "a co-authorship has one kg:weight"),
    ("CoAuthorship", _change(PAIR, "kg:weight", "5e-1"), "a co-authorship has one kg:weight"),
    ("CoAuthorship", _add(f"{PAIR} kg:weightIsUpperBound false"), "kg:weightIsUpperBound is stated only"),
    ("CoAuthorship", _change(PAIR, "kg:first", '"2024-12"^^xsd:gYearMonth'), "kg:first is one ISO 8601 text"),
    ("CoAuthorship", _change(PAIR, "kg:last", '"lately"'), "kg:last is one ISO 8601 text"),
    ("CoAuthorship", _drop(PAIR, "prov:wasDerivedFrom"), "a co-authorship names each shared paper"),
    ("Coauthor", "DELETE DATA { <author/jianfei-chen> kg:coauthor <author/ziteng-wang> }", "kg:coauthor is stated both ways"),
    ("Concept", _change(CONCEPT, "skos:inScheme", "<scheme/none>"), "a concept is in a skos:ConceptScheme"),
    ("Concept", _drop(CONCEPT, "skos:prefLabel"), "a concept has a skos:prefLabel"),
    ("Concept", _add(f'{CONCEPT} skos:prefLabel "experts, mixed"@en'), "a concept has a skos:prefLabel"),
    ("Concept", _add(f'{CONCEPT} skos:altLabel ""@en'), "skos:altLabel is text"),
    ("Concept", _add(f'{CONCEPT} skos:notation "a" , "b"'), "a concept has at most one skos:notation"),
    ("Concept", _add(f"{CONCEPT} a kg:Task"), "a concept is of at most one kind"),
    ("Concept", _add(f"{CONCEPT} skos:broader <concept/none>"), "skos:broader leads to"),
    ("Concept", _add(f'{CONCEPT} skos:exactMatch "x"'), "skos:exactMatch leads to an IRI"),
    ("Concept", _add(f'{CONCEPT} skos:closeMatch "x"'), "skos:closeMatch leads to an IRI"),
    (
        "ConceptScheme",
        f"DELETE DATA {{ <scheme/arxiv> a skos:ConceptScheme }} ; {_add(f'{CONCEPT} skos:inScheme <scheme/extracted>')}",
        "a scheme is a skos:ConceptScheme",
    ),
    ("ConceptMonth", _change(MONTH, "kg:concept", "<concept/none>"), "a month of a concept has exactly one concept"),
    ("ConceptMonth", _change(MONTH, "kg:date", '"2024-12-01"'), "a month of a concept has one kg:date"),
    ("ConceptMonth", _change(MONTH, "kg:paperCount", '"two"'), "a month of a concept has one kg:paperCount"),
    ("ConceptMonth", _change(MONTH, "kg:share", "1.5"), "a month of a concept has one kg:share"),
    ("SharedTopics", _add(f"{TOPICS} kg:member <paper/arxiv:2410.00001>"), "shared topics have exactly two members"),
    ("SharedTopics", _drop(TOPICS, "kg:concept"), "shared topics name each shared concept"),
    ("SharedTopics", _change(TOPICS, "kg:weight", "0.0"), "shared topics have one kg:weight"),
    ("Source", f"DELETE DATA {{ {SOURCE} a prov:Entity }}", "a source file is a prov:Entity"),
    ("Source", _change(SOURCE, "kg:sha256", '"1273F2E7"'), "a source file has one kg:sha256"),
    ("Record", _change(RECORD, "kg:describes", "<paper/none>"), "a record describes exactly one paper"),
    ("Record", _drop(RECORD, "dcterms:source"), "a record comes from exactly one source file"),
    ("Record", _change(RECORD, "kg:bylineComplete", '"yes"'), "a record has one kg:bylineComplete"),
    ("Record", _add(f'{RECORD} kg:titleAsStated ""'), "kg:titleAsStated is one title"),
    ("Record", _add(f'{RECORD} kg:dateAsStated "last week"'), "kg:dateAsStated is one ISO 8601 text"),
    ("DigestEntry", f"DELETE DATA {{ {RECORD} a kg:Record }}", "a digest entry is also a kg:Record"),
    ("DigestEntry", _drop(RECORD, "dcterms:isPartOf"), "a digest entry is part of exactly one digest"),
    ("DigestEntry", _change(RECORD, "kg:votes", "-1"), "kg:votes is one whole number from 0"),
    ("DigestEntry", _change(RECORD, "kg:rank", "0"), "kg:rank is one whole number from 1"),
    ("Digest", "DELETE DATA { <digest/2024-12-25> a fabio:PeriodicalIssue }", "a digest is also a fabio:PeriodicalIssue"),
    ("Digest", _change("<digest/2024-12-25>", "kg:date", '"2024-12"'), "a digest has one kg:date"),
    ("Digest", _change("<digest/2024-12-25>", "dcterms:issued", '"2024-12"^^xsd:gYearMonth'), "a digest has one dcterms:issued"),
    ("Text", _drop(TEXT, "nif:isString"), "a text has exactly one nif:isString"),
    ("Text", _drop(TEXT, "schema:name"), "a text has exactly one schema:name"),
    ("Text", _change(TEXT, "dcterms:isPartOf", "<record/none>"), "a text is part of exactly one record"),
    ("Mention", _change(MENTION, "nif:referenceContext", "<text/none>"), "a mention stands in exactly one text"),
    ("Mention", _change(MENTION, "nif:beginIndex", "22"), "a mention has one nif:beginIndex"),
    ("Mention", _change(MENTION, "nif:beginIndex", '"40"^^xsd:nonNegativeInteger'), "a mention has one nif:beginIndex"),
    ("Mention", _add(f'{MENTION} nif:endIndex "41"^^xsd:nonNegativeInteger'), "a mention has one nif:endIndex"),
    ("Mention", _drop(MENTION, "nif:anchorOf"), "a mention has one nif:anchorOf"),
    ("Mention", _add(f"{MENTION} itsrdf:taIdentRef <concept/l1-regularization>"), "a mention names exactly one concept"),
    ("Mention", _change(MENTION, "itsrdf:taConfidence", "1.1"), "a mention has one itsrdf:taConfidence"),
    ("Mention", _drop(MENTION, "kg:evidence"), "a mention has one kg:evidence"),
    ("Alias", _add("<paper/doi:10.1000/remoe> dcterms:isReplacedBy <paper/arxiv:2502.04416>"), "an id gave way to exactly one other"),
    ("Run", _drop("<run/5c1e0d7a>", "prov:used"), "a run names with prov:used"),
    ("Run", _drop("<run/5c1e0d7a>", "prov:wasAssociatedWith"), "a run was made by one prov:SoftwareAgent"),
    ("label", _drop("<software/paperkg-0.1.0>", "rdfs:label"), "needs exactly one rdfs:label"),
    ("NamedGraph", _add("<graph/papers> prov:wasGeneratedBy <run/none>"), "a graph was generated by exactly one run"),
    ("Dataset", _drop("<dataset>", "dcterms:title"), "the dataset has a dcterms:title"),
    ("Dataset", _drop("<dataset>", "void:uriSpace"), "the dataset has one void:uriSpace"),
    ("Dataset", _change("<dataset>", "kg:maxTeam", "0"), "kg:maxTeam is one whole number"),
]


def _copy(graph: rdflib.Graph) -> rdflib.Graph:
    copy = rdflib.Graph()
    copy += graph
    return copy


def _shapes_of(violations: list[Violation]) -> set[str]:
    return {violation.where.split(":")[0].removeprefix("shape ") for violation in violations}


def test_a_right_graph_breaks_no_shape(conforming: rdflib.Graph) -> None:
    assert check_shapes(_copy(conforming)) == []


@pytest.mark.parametrize(("shape", "update", "message"), BREAKS, ids=[f"{shape}-{number}" for number, (shape, _, _) in enumerate(BREAKS)])
def test_each_demand_is_caught_when_broken_and_no_other_says_so(shape: str, update: str, message: str, conforming: rdflib.Graph) -> None:
    graph = _copy(conforming)
    # RDFLib resolves no relative IRI that holds a colon.
    graph.update(DECLARED + re.sub(r"<(?!https?:)([^<>]+)>", r"<https://kg.example/\1>", update))
    found = check_shapes(graph)
    assert [violation for violation in found if _shapes_of([violation]) == {shape} and violation.what.startswith(message)], found
    assert all(violation.mend for violation in found)
    # A node that loses its class is missed by those that point at it, too; nothing else may complain.
    assert len(_shapes_of(found)) <= 2, found


def test_every_shape_and_every_message_has_a_break(root: Path) -> None:
    shapes = rdflib.Graph().parse(root / "ontologies" / "shapes.ttl")
    named = {str(shape).rpartition("#")[2] for shape in shapes.subjects() if isinstance(shape, URIRef)}
    broken = {shape for shape, _, _ in BREAKS} | {"SoftwareAgent"}
    assert named == broken
    for message in shapes.objects(None, SH.message):
        demand, _, mend = str(message).rpartition(": ")
        assert demand and mend, message
        assert any(demand.startswith(begins) for _, _, begins in BREAKS), message


def test_every_published_class_has_a_shape(root: Path, conforming: rdflib.Graph) -> None:
    shapes = rdflib.Graph().parse(root / "ontologies" / "shapes.ttl")
    aimed = set(shapes.objects(None, SH.targetClass))
    for instance in conforming.subjects(RDF.type):
        classes = set(conforming.objects(instance, RDF.type))
        reached = classes & aimed or {
            SH.targetSubjectsOf for path in shapes.objects(None, SH.targetSubjectsOf) if (instance, path, None) in conforming
        }
        # The configuration has a label at most; venues are reached through the superclass.
        assert reached or classes <= {
            URIRef(PREFIXES["prov"] + "Plan"),
            URIRef(PREFIXES["prov"] + "Entity"),
            URIRef(PREFIXES["schema"] + "Periodical"),
        }, instance
