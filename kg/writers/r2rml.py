"""Compile an R2RML mapping to SQL: a triples map becomes one SELECT whose rows are finished N-Quads lines.

Three steps, each a function: a logical table is SQL (`_logical_table`); a term map is a sequence of fixed text and SQL
expressions (`_Context.term`); four terms are one line (`_concatenated`). A line is a chain of ``||``: SQL's own rule that a null
swallows the chain is R2RML's rule that a null makes no triple, and it is three times as fast as CASE, in whose branches
DuckDB computes a shared expression anew. The lines of a row stand in one value, for `concat_ws` skips what is null.

What the standard (W3C, R2RML: RDB to RDF Mapping Language, 2012) refuses is refused here, with the name of the map;
values that make no valid IRI are refused when the statement runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb
import pyoxigraph
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kg.engine import Engine
from kg.errors import SchemaError

RR = Namespace("http://www.w3.org/ns/r2rml#")

# Characters of IRIs in RE2's syntax. A hyphen before a range is escaped: where it was not, every non-ASCII name was encoded.
_UCSCHAR = "".join(
    rf"\x{{{first:X}}}-\x{{{last:X}}}"
    for first, last in [(0xA0, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFEF)]
    + [(0xE1000 if plane == 14 else plane << 16, (plane << 16) + 0xFFFD) for plane in range(1, 15)]
)
_UNRESERVED = rf"A-Za-z0-9._~\-{_UCSCHAR}"
_IRI_CHARACTER = rf"(?:[!$&'()*+,;=:@/?{_UNRESERVED}]|%[0-9A-Fa-f]{{2}})"
_IRI_REST = rf"{_IRI_CHARACTER}*(?:#{_IRI_CHARACTER}*)?"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.\-]*:"
_SLASH_BEFORE_COLON = rf"(?:[!$&'()*+,;=@{_UNRESERVED}]|%[0-9A-Fa-f]{{2}})*/{_IRI_REST}"
_SPECIAL = r"\x00-\x1f\x22\x5c\x7f\x{FFFE}\x{FFFF}"
_ESCAPES = {8: "'b'", 9: "'t'", 10: "'n'", 12: "'f'", 13: "'r'", 34: "chr(34)", 92: "chr(92)"}

_LANGUAGE_TAG = re.compile(r"(?:[A-Za-z]{2,3}|[xX])(?:-[A-Za-z0-9]{1,8})*")
_TEMPLATE_TOKEN = re.compile(r"\\(?P<escaped>.)|\{(?P<column>(?:[^{}\\]|\\.)+)\}|(?P<text>[^\\{}]+)", re.DOTALL)
_PLAIN_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_STORED_ORDER = {"PROJECTION", "FILTER", "SEQ_SCAN", "TABLE_SCAN", "COLUMN_DATA_SCAN", "DUMMY_SCAN", "UNNEST", "INOUT_FUNCTION"}
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A SELECT of one column, ``line``: the N-Quads of one row, lines joined by line feeds. ``name`` is the triples map."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class _Sql:
    """An expression of type VARCHAR, null if and only if a column in it is."""

    text: str


_Parts: TypeAlias = tuple[str | _Sql, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relation:
    """A logical table: its SQL, its name in the statement, and its columns' types by lower-case name."""

    sql: str
    alias: str
    columns: Mapping[str, tuple[str, str]]


def compile_mapping(mapping: Graph, engine: Engine, base: str) -> list[Statement]:
    """The statements that write a mapping's quads: one a triples map, one more for each join, ordered by the maps' names.

    The engine is only asked for the names and types of columns, and whether a query gives its rows in a stable order:
    stored order (a table read through filters and projections) and the query's own ORDER BY, which must be total, are
    left as they are; whatever joins or aggregates without one is ordered by line.

    Args:
        mapping: the R2RML mapping.
        engine: the database that it maps.
        base: the IRI in front of relative IRIs, by plain concatenation, as R2RML has it.

    Raises:
        SchemaError: the mapping is not what the standard asks for, or names tables or columns that are not there.

    >>> mapping = Graph().parse(format="turtle", data='''
    ...     @prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    ...     <urn:m> rr:logicalTable [ rr:tableName "people" ] ; rr:subjectMap [ rr:template "person/{id}" ] ;
    ...       rr:predicateObjectMap [ rr:predicate foaf:name ; rr:objectMap [ rr:column "name" ] ] .''')
    >>> with Engine() as engine:
    ...     engine.run("create table people as select 7 as id, 'Ada \\"L.\\"' as name")
    ...     [statement] = compile_mapping(mapping, engine, "https://kg.example/")
    ...     print(engine.value(statement.sql))
    <https://kg.example/person/7> <http://xmlns.com/foaf/0.1/name> "Ada \\"L.\\"" .
    """
    _named_node(base, "the base")
    nodes = set(mapping.subjects(RR.logicalTable)) | set(mapping.subjects(RDF.type, RR.TriplesMap))
    if not nodes:
        raise SchemaError("the mapping holds no triples map; give it an rr:logicalTable and an rr:subjectMap")
    statements = [statement for node in nodes for statement in _triples_map(mapping, node, engine, base)]
    return sorted(statements, key=lambda statement: (statement.name, statement.sql))


def _triples_map(mapping: Graph, node: Node, engine: Engine, base: str) -> list[Statement]:
    name = _name(node)
    sql = _logical_table(mapping, node)
    relation = _Relation(sql=sql, alias="child", columns=_columns(engine, sql, name))
    context = _Context(mapping=mapping, base=base, name=name)
    subject = context.subject(node, relation)
    subject_map = _only(mapping, node, RR.subjectMap, name)
    graphs = [] if subject_map is None else context.terms(subject_map, "graph", relation)
    classes = [] if subject_map is None else list(mapping.objects(subject_map, RR["class"]))
    if not all(isinstance(class_, URIRef) for class_ in classes):
        raise SchemaError(f"{name}: rr:class takes IRIs")
    lines = _quads(subject, (_constant(RDF.type, name),), [(_constant(class_, name),) for class_ in classes], graphs)
    joins: list[Statement] = []
    for pair in mapping.objects(node, RR.predicateObjectMap):
        predicates = context.terms(pair, "predicate", relation)
        if not predicates:
            raise SchemaError(f"{name}: a predicate-object map has no predicate; give it rr:predicate or rr:predicateMap")
        own_graphs = graphs + context.terms(pair, "graph", relation)
        objects: list[_Parts] = [(_constant(constant, name),) for constant in mapping.objects(pair, RR.object)]
        object_maps = list(mapping.objects(pair, RR.objectMap))
        if not object_maps and not objects:
            raise SchemaError(f"{name}: a predicate-object map has no object; give it rr:object or rr:objectMap")
        for object_map in object_maps:
            parent = _only(mapping, object_map, RR.parentTriplesMap, name)
            if parent is None:
                objects.append(context.term(object_map, "object", relation))
            elif conditions := _join_conditions(mapping, object_map, name):
                joins.append(
                    _join(
                        context,
                        engine,
                        child=relation,
                        parent_map=parent,
                        conditions=conditions,
                        subject=subject,
                        predicates=predicates,
                        graphs=own_graphs,
                    )
                )
            elif _logical_table(mapping, parent) == sql:
                objects.append(context.subject(parent, relation))
            else:
                raise SchemaError(f"{name}: {_name(parent)} has another logical table, so rr:joinCondition must say how they join")
        for predicate in predicates:
            lines += _quads(subject, predicate, objects, own_graphs)
    if not lines:
        return joins
    return [*joins, Statement(name=name, sql=_select(lines, f"({sql}\n) as child", ordered=_has_order(engine, sql)))]


def _join(
    context: _Context,
    engine: Engine,
    *,
    child: _Relation,
    parent_map: Node,
    conditions: list[tuple[str, str]],
    subject: _Parts,
    predicates: list[_Parts],
    graphs: list[_Parts],
) -> Statement:
    """The statement of a referencing object map: its object is the subject of another triples map."""
    sql = _logical_table(context.mapping, parent_map)
    parent = _Relation(sql=sql, alias="parent", columns=_columns(engine, sql, _name(parent_map)))
    object_ = context.subject(parent_map, parent)
    on = " and ".join(f"{_column(child, left, context.name)[0]} = {_column(parent, right, context.name)[0]}" for left, right in conditions)
    lines = [line for predicate in predicates for line in _quads(subject, predicate, [object_], graphs)]
    return Statement(name=context.name, sql=_select(lines, f"({child.sql}\n) as child join ({sql}\n) as parent on {on}", ordered=False))


# --- logical table to SQL


def _logical_table(mapping: Graph, node: Node) -> str:
    name = _name(node)
    table = _only(mapping, node, RR.logicalTable, name)
    if table is None:
        raise SchemaError(f"{name}: no rr:logicalTable")
    table_name = _only(mapping, table, RR.tableName, name)
    query = _only(mapping, table, RR.sqlQuery, name)
    if (table_name is None) == (query is None):
        raise SchemaError(f"{name}: a logical table takes either rr:tableName or rr:sqlQuery")
    for version in mapping.objects(table, RR.sqlVersion):
        if query is None or not isinstance(version, URIRef):
            raise SchemaError(f"{name}: rr:sqlVersion takes an IRI and stands beside rr:sqlQuery")
    return f"select * from {table_name}" if query is None else str(query).strip().rstrip(";").rstrip()


def _columns(engine: Engine, sql: str, name: str) -> dict[str, tuple[str, str]]:
    """Name and type of each column, by lower-case name: DuckDB's identifiers ignore case, quoted or not."""
    try:
        described = engine.rows(f"describe {sql}")
    except duckdb.Error as error:
        raise SchemaError(f"{name}: the logical table is not valid: {_first_line(error)}") from error
    columns: dict[str, tuple[str, str]] = {}
    for column, type_, *_ in described:
        if column.lower() in columns:
            raise SchemaError(f"{name}: the logical table has two columns {column!r}")
        columns[column.lower()] = (column, type_)
    return columns


def _has_order(engine: Engine, sql: str) -> bool:
    """Whether a query's rows come in one order under any number of threads."""
    plan: list[dict[str, Any]] = json.loads(engine.rows(f"explain (format json) {sql}")[0][1])
    while plan:
        node = plan.pop()
        name = node["name"].strip()
        if name in {"ORDER_BY", "TOP_N"}:
            continue
        if name not in _STORED_ORDER or len(node["children"]) > 1:
            return False
        plan += node["children"]
    return True


# --- term map to parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What every term map of a triples map is read with."""

    mapping: Graph
    base: str
    name: str

    def subject(self, triples_map: Node, relation: _Relation) -> _Parts:
        subjects = self.terms(triples_map, "subject", relation)
        if len(subjects) != 1:
            raise SchemaError(f"{_name(triples_map)}: a triples map takes one subject map, here are {len(subjects)}")
        return subjects[0]

    def terms(self, node: Node, role: str, relation: _Relation) -> list[_Parts]:
        """The terms of a role, given as constants (rr:graph) and as maps (rr:graphMap). The default graph has no parts."""
        found: list[_Parts] = [(_constant(constant, self.name, role),) for constant in self.mapping.objects(node, RR[role])]
        found += [self.term(term_map, role, relation) for term_map in self.mapping.objects(node, RR[f"{role}Map"])]
        return [() if role == "graph" and term == (f"<{RR.defaultGraph}>",) else term for term in found]

    def term(self, node: Node, role: str, relation: _Relation) -> _Parts:
        constant, column, template = (_only(self.mapping, node, kind, self.name) for kind in (RR.constant, RR.column, RR.template))
        if [constant, column, template].count(None) != 2:
            raise SchemaError(f"{self.name}: a {role} map takes exactly one of rr:constant, rr:column and rr:template")
        if constant is not None:
            return (_constant(constant, self.name, role),)
        datatype, language = (_only(self.mapping, node, kind, self.name) for kind in (RR.datatype, RR.language))
        type_ = self._term_type(node, role, literal=column is not None or datatype is not None or language is not None)
        if type_ != RR.Literal and (datatype is not None or language is not None):
            raise SchemaError(f"{self.name}: rr:datatype and rr:language are for literals")
        parts: list[str | _Column] = [_Column(str(column))] if column is not None else _parse_template(str(template), self.name)
        if type_ == RR.Literal:
            return self._literal(parts, relation, datatype, language)
        if type_ == RR.BlankNode:
            whole = _concatenated([p if isinstance(p, str) else self._lexical(p, relation)[0] for p in parts])
            return ("_:b", _Sql(f"hex({whole.text})"))
        return self._iri(parts, relation, encoded=column is None)

    def _term_type(self, node: Node, role: str, *, literal: bool) -> Node:
        given = _only(self.mapping, node, RR.termType, self.name)
        allowed = {"subject": [RR.IRI, RR.BlankNode], "object": [RR.IRI, RR.BlankNode, RR.Literal]}.get(role, [RR.IRI])
        if given is None:
            return RR.Literal if literal and role == "object" else RR.IRI
        if given not in allowed:
            raise SchemaError(f"{self.name}: a {role} cannot have rr:termType {given.n3()}")
        return given

    def _lexical(self, column: _Column, relation: _Relation) -> tuple[_Sql, URIRef | None]:
        expression, type_ = _column(relation, column.identifier, self.name)
        text, datatype = _natural_rdf_literal(expression, type_)
        return _Sql(text), datatype

    def _literal(self, parts: list[str | _Column], relation: _Relation, datatype: Node | None, language: Node | None) -> _Parts:
        if datatype is not None and language is not None:
            raise SchemaError(f"{self.name}: a literal has rr:datatype or rr:language, not both")
        if language is not None and not _LANGUAGE_TAG.fullmatch(str(language)):
            raise SchemaError(f"{self.name}: {str(language)!r} is no language tag; they look like en, ko or pt-BR")
        result: list[str | _Sql] = ['"']
        natural: URIRef | None = None
        for part in parts:
            if isinstance(part, str):
                result.append(str(pyoxigraph.Literal(part))[1:-1])
                continue
            lexical, natural = self._lexical(part, relation)
            # Numbers, dates and the like hold nothing that needs escaping.
            result.append(lexical if natural is not None else _Sql(_escaped(lexical.text)))
        natural = natural if parts and isinstance(parts[0], _Column) and len(parts) == 1 and language is None else None
        if datatype is not None and not isinstance(datatype, URIRef):
            raise SchemaError(f"{self.name}: rr:datatype takes an IRI, not {datatype.n3()}")
        suffix = f"@{str(language).lower()}" if language is not None else ""
        if (chosen := datatype or natural) not in {None, XSD.string}:
            suffix = f"^^{_constant(chosen, self.name)}"
        return (*result, f'"{suffix}')

    def _iri(self, parts: list[str | _Column], relation: _Relation, *, encoded: bool) -> _Parts:
        """An IRI; the base goes in front of a relative one. A template's columns are percent-encoded, a column of its own is not."""
        pieces: list[str | _Sql] = []
        for part in parts:
            if isinstance(part, str):
                if not re.fullmatch(_python(_IRI_REST), part):
                    raise SchemaError(f"{self.name}: {part!r} cannot stand in an IRI; percent-encode it")
                pieces.append(part)
            else:
                lexical, _ = self._lexical(part, relation)
                pieces.append(_Sql(_percent_encoded(lexical.text)) if encoded else lexical)
        head = pieces[0] if pieces and isinstance(pieces[0], str) else ""
        if re.match(_SCHEME, head):
            return ("<", *pieces, ">")
        if re.match(r"[^:]*[^:A-Za-z0-9+.\-]", head) or all(isinstance(piece, str) and ":" not in piece for piece in pieces):
            return (f"<{self.base}", *pieces, ">")
        whole = _concatenated(pieces)
        return ("<", _Sql(_resolved(whole.text, self.base, self.name)), ">")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that a term map names; an SQL identifier, quoted or not."""

    identifier: str


def _join_conditions(mapping: Graph, node: Node, name: str) -> list[tuple[str, str]]:
    conditions = []
    for condition in mapping.objects(node, RR.joinCondition):
        child, parent = (_only(mapping, condition, kind, name) for kind in (RR.child, RR.parent))
        if child is None or parent is None:
            raise SchemaError(f"{name}: a join condition takes one rr:child and one rr:parent")
        conditions.append((str(child), str(parent)))
    return sorted(conditions)


def _parse_template(template: str, name: str) -> list[str | _Column]:
    parts: list[str | _Column] = []
    end = 0
    for token in _TEMPLATE_TOKEN.finditer(template):
        if token.start() != end:
            break
        end = token.end()
        if token["column"] is not None:
            parts.append(_Column(re.sub(r"\\(.)", r"\1", token["column"])))
            continue
        text = token["escaped"] or token["text"]
        if parts and isinstance(parts[-1], str):
            parts[-1] += text
        else:
            parts.append(text)
    if end != len(template):
        raise SchemaError(
            f"{name}: the template {template!r} is not valid at character {end + 1}; braces of the text itself are written \\{{ and \\}}"
        )
    return parts


def _column(relation: _Relation, identifier: str, name: str) -> tuple[str, str]:
    """A column's expression and type."""
    bare = identifier[1:-1].replace('""', '"') if len(identifier) > 2 and identifier[0] == identifier[-1] == '"' else identifier
    if bare.lower() not in relation.columns:
        raise SchemaError(f"{name}: no column {identifier}; there are: {', '.join(column for column, _ in relation.columns.values())}")
    column, type_ = relation.columns[bare.lower()]
    quoted = column if _PLAIN_IDENTIFIER.fullmatch(column) and column.islower() else '"' + column.replace('"', '""') + '"'
    return f"{relation.alias}.{quoted}", type_


def _natural_rdf_literal(column: str, type_: str) -> tuple[str, URIRef | None]:
    """R2RML's natural mapping of SQL values (section 10.2): the canonical lexical form, and the datatype."""
    text = f"cast({column} as varchar)"
    kind = type_.partition("(")[0]
    if type_.endswith("]"):
        return text, None
    if kind == "VARCHAR":
        return column, None
    if kind in _INTEGERS:
        return text, XSD.integer
    if kind == "DECIMAL":
        return (text if type_.endswith(",0)") else f"rtrim(rtrim({text}, '0'), '.')"), XSD.decimal
    if kind in {"FLOAT", "DOUBLE"}:
        return _canonical_double(column), XSD.double
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Cast as it is, the offset would come out as "+00", which is no xsd:dateTime.
        return f"replace(cast({column} at time zone 'UTC' as varchar), ' ', 'T') || 'Z'", XSD.dateTime
    if kind.startswith("TIMESTAMP"):
        return f"replace({text}, ' ', 'T')", XSD.dateTime
    if kind == "BLOB":
        return f"hex({column})", XSD.hexBinary
    return text, {"BOOLEAN": XSD.boolean, "DATE": XSD.date, "TIME": XSD.time}.get(kind)


def _canonical_double(column: str) -> str:
    """XSD's canonical form (3.0E1), from DuckDB's shortest one (30.0, 1e+22): digits, and the place of the point."""
    text = f"cast(abs({column}) as varchar)"
    mantissa = f"split_part({text}, 'e', 1)"
    integer = f"split_part({mantissa}, '.', 1)"
    all_digits = f"replace({mantissa}, '.', '')"
    digits = f"rtrim(ltrim({all_digits}, '0'), '0')"
    zeros = f"(length({all_digits}) - length(ltrim({all_digits}, '0')))"
    exponent = f"(coalesce(try_cast(split_part({text}, 'e', 2) as integer), 0) + length({integer}) - 1 - {zeros})"
    return (
        f"case when {column} is null then null when isnan({column}) then 'NaN' "
        f"when abs({column}) = cast('Infinity' as double) then case when {column} < 0 then '-INF' else 'INF' end "
        f"when {column} = 0 then '0.0E0' else concat(case when {column} < 0 then '-' else '' end, substr({digits}, 1, 1), '.', "
        f"case when length({digits}) > 1 then substr({digits}, 2) else '0' end, 'E', cast({exponent} as varchar)) end"
    )


# --- parts to SQL


def _escaped(text: str) -> str:
    """N-Quads' escapes, in the canonical form. A test first, for few texts need any; then each character that does, for itself.

    Backslash and the controls are written as chr(92) and so on, so that no dialect's own escaping can bite.
    """
    short = " ".join(f"when chr({character}) then chr(92) || {letter}" for character, letter in _ESCAPES.items())
    pieces = f"regexp_extract_all({text}, {_quoted(f'[{_SPECIAL}]|[^{_SPECIAL}]+')})"
    escape = f"case when regexp_full_match(x, {_quoted(f'[{_SPECIAL}]')}) then case x {short} else chr(92) || printf('u%04X', ord(x)) end else x end"
    return (
        f"case when not regexp_matches({text}, {_quoted(f'[{_SPECIAL}]')}) then {text} "
        f"else array_to_string(list_transform({pieces}, lambda x: {escape}), '') end"
    )


def _percent_encoded(text: str) -> str:
    """R2RML's IRI-safe form: all but unreserved characters is percent-encoded, and letters of every script are unreserved."""
    safe, other = _quoted(f"[{_UNRESERVED}]+|[^{_UNRESERVED}]+"), _quoted(f"[{_UNRESERVED}]+")
    runs = f"list_transform(regexp_extract_all({text}, {safe}), lambda x: case when regexp_full_match(x, {other}) then x else url_encode(x) end)"
    plain = _quoted(r"[A-Za-z0-9._~\-]*")
    return f"case when regexp_full_match({text}, {plain}) then {text} else array_to_string({runs}, '') end"


def _resolved(text: str, base: str, name: str) -> str:
    """An IRI as it is, a relative one behind the base; an error where neither is valid. Our own ids meet the first test."""
    message = _quoted(f"{name}: no valid IRI: ")
    return (
        f"case when regexp_full_match({text}, {_quoted(_SLASH_BEFORE_COLON)}) then {_quoted(base)} || {text} "
        f"when regexp_full_match({text}, {_quoted(_SCHEME + _IRI_REST)}) then {text} "
        f"when regexp_full_match({text}, {_quoted(_IRI_REST)}) then {_quoted(base)} || {text} "
        f"when {text} is not null then error({message} || {text}) end"
    )


def _concatenated(parts: Iterable[str | _Sql]) -> _Sql:
    """Fixed text and expressions as one expression."""
    merged: list[str | _Sql] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if len(merged) == 1 and isinstance(merged[0], _Sql):
        return merged[0]
    return _Sql(" || ".join(_quoted(part) if isinstance(part, str) else f"({part.text})" for part in merged) or "''")


def _quads(subject: _Parts, predicate: _Parts, objects: Iterable[_Parts], graphs: list[_Parts]) -> list[_Parts]:
    """The lines of a subject and a predicate: each object in each graph."""
    return [(*subject, " ", *predicate, " ", *object_, " ", *graph, " ." if graph else ".") for object_ in objects for graph in graphs or [()]]


def _select(lines: Iterable[_Parts], source: str, *, ordered: bool) -> str:
    """The SELECT of a triples map: types first, then by text. A row without quads gives none, where COPY would write a blank line."""
    type_text = f"> <{RDF.type}> "
    compiled = sorted({_concatenated(line).text for line in lines}, key=lambda text: (type_text not in text, text))
    # The test stands outside: inside, it would be one on columns, which the optimiser moves below joins and misjudges there.
    return f"select line from (select concat_ws(chr(10),\n  {(',' + chr(10) + '  ').join(compiled)}) as line\nfrom {source}) where line <> ''" + (
        "" if ordered else "\norder by line"
    )


# --- small helps


def _constant(node: Node, name: str, role: str = "object") -> str:
    """A constant as N-Quads."""
    if isinstance(node, URIRef):
        return str(_named_node(str(node), name))
    if isinstance(node, Literal) and role == "object":
        if node.language:
            return str(pyoxigraph.Literal(str(node), language=node.language))
        datatype = _named_node(str(node.datatype), name) if node.datatype else None
        return str(pyoxigraph.Literal(str(node), datatype=datatype))
    raise SchemaError(f"{name}: {node.n3()} cannot be a constant {role}")


def _named_node(iri: str, name: str) -> pyoxigraph.NamedNode:
    try:
        return pyoxigraph.NamedNode(iri)
    except ValueError as error:
        raise SchemaError(f"{name}: {iri!r} is no absolute IRI: {error}") from error


def _only(mapping: Graph, node: Node, predicate: URIRef, name: str) -> Node | None:
    values = list(mapping.objects(node, predicate))
    if len(values) > 1:
        raise SchemaError(f"{name}: rr:{predicate.removeprefix(RR)} stands {len(values)} times where once is allowed")
    return values[0] if values else None


def _name(node: Node) -> str:
    return str(node) if isinstance(node, URIRef) else "a triples map without a name"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _python(pattern: str) -> str:
    """RE2's ``\\x{E000}`` in Python's syntax."""
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: rf"\U{int(found[1], 16):08X}", pattern)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
