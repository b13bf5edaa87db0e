"""The shipped queries, their headers and parameters, and what can be told of a SPARQL text without parsing it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kg.errors import QueryError
from kg.namespaces import PREFIXES

_HEADER = re.compile(r"#\+ (?P<indent> *)(?P<key>[\w-]+):\s*(?P<text>.*)")
_VALUES = re.compile(
    r"^(?P<head>[ \t]*VALUES[ \t]+\?(?P<name>\w+)[ \t]*\{[ \t]*)(?P<terms>.*?)(?P<tail>[ \t]*\}[ \t]*)$", re.MULTILINE | re.IGNORECASE
)
_IRI = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]*:|[a-z][a-z-]*/)[^\x00-\x20<>\"{}|^`\\]+>")
_TAGGED = re.compile(r'"(?P<text>.*)"@(?P<tag>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)', re.DOTALL)
_TAGS = re.compile(r'"(?:[^"\\]|\\.)*"(@[A-Za-z0-9-]+)?')
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
# What a scan for words and prefixes must skip: IRIs, strings (long ones first), comments, variables. Names are told apart.
_PIECES = re.compile(
    r"<[^<>\"{}|^`\\\x00-\x20]*>"
    r'|"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|#[^\n]*"
    r"|[?$]\w+"
    r"|(?P<name>(?P<prefix>[^\W\d_][\w.-]*)?:(?:[\w.:%-]|\\.)*)",
    re.DOTALL,
)
_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
_DECLARED = re.compile(r"\bPREFIX\s+([^\s:]*):", re.IGNORECASE)
_PROLOGUE = re.compile(r"\b(?:PREFIX|BASE)\b", re.IGNORECASE)
_UPDATE = re.compile(r"\W*(?:INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE)
_BROKEN = re.compile(r"[\"']|<[\w:]")
_FORM = re.compile(r"\b(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a shipped query takes; ``example`` is the term that its file holds, as SPARQL writes it."""

    name: str
    description: str
    example: str

    @property
    def sample(self) -> str:
        """The example as a person gives it: text in quotes, without the languages.

        >>> Parameter(name="concept", description="", example='"LLM"@en "LLM"@ko "LLM"').sample
        '"LLM"'
        """
        quoted = _TAGS.match(self.example)
        return quoted[0].removesuffix(quoted[1] or "") if quoted else self.example


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedQuery:
    """A query of ``ontologies/queries``; ``text`` is the whole file, and is SPARQL as it is."""

    name: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str


@lru_cache(maxsize=1)
def _shipped() -> tuple[ShippedQuery, ...]:
    folder = files("kg") / "ontologies" / "queries"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".rq")), key=lambda entry: entry.name)
    return tuple(parse_query(entry.name.removesuffix(".rq"), entry.read_text(encoding="utf-8")) for entry in entries)


def shipped() -> dict[str, ShippedQuery]:
    """The shipped queries by name, in alphabetical order.

    >>> query = shipped()["papers-by-author"]
    >>> query.summary
    'Papers by an author, newest first'
    >>> [(parameter.name, parameter.example) for parameter in query.parameters]
    [('author', '"Aman Chadha"')]
    """
    return {query.name: query for query in _shipped()}


def parse_query(name: str, text: str) -> ShippedQuery:
    r"""Read the header of a query file: lines that begin with ``#+``, as grlc has them.

    Raises:
        QueryError: there is no summary, or a parameter has no VALUES line of its own.

    >>> parse_query("all", "#+ summary: Everything\nSELECT * { ?s ?p ?o }").summary
    'Everything'
    """
    header: dict[str, str] = {}
    described: dict[str, str] = {}
    for line in text.splitlines():
        if (found := _HEADER.fullmatch(line)) is None:
            continue
        (described if found["indent"] else header)[found["key"]] = found["text"].strip()
    if not header.get("summary"):
        raise QueryError(f"{name}.rq: no '#+ summary:' line; say in one what the query answers")
    examples = {match["name"]: match["terms"] for match in _VALUES.finditer(text)}
    for parameter in described:
        if parameter not in examples:
            raise QueryError(f"{name}.rq: no line 'VALUES ?{parameter} {{ ... }}'; each parameter needs one of its own, with an example")
    parameters = tuple(Parameter(name=key, description=value, example=examples[key]) for key, value in described.items())
    return ShippedQuery(name=name, summary=header["summary"], description=header.get("description", ""), parameters=parameters, text=text)


def find(name_or_sparql: str) -> str:
    """The text of a shipped query, or what was given if it is no name but SPARQL.

    Raises:
        QueryError: it is a name that no shipped query has.

    >>> find("ASK { ?s ?p ?o }")
    'ASK { ?s ?p ?o }'
    >>> find("paper-by-author")
    Traceback (most recent call last):
        ...
    kg.errors.QueryError: no shipped query 'paper-by-author'; near: papers-by-author
    """
    name = name_or_sparql.strip()
    if not _NAME.fullmatch(name):
        return name_or_sparql
    queries = shipped()
    if name in queries:
        return queries[name].text
    near = difflib.get_close_matches(name, queries, n=3, cutoff=0.6)
    raise QueryError(f"no shipped query {name!r}; {'near' if near else 'known'}: {', '.join(near or queries)}")


def with_parameters(text: str, values: Mapping[str, str]) -> str:
    r"""A query with other values in the VALUES lines of its parameters.

    A value is text, whatever it holds, and is written as a literal: quotes, backslashes and line ends cannot leave it. But
    ``<...>`` with an IRI (or an id such as ``<author/yutao-sun>``) in it is an IRI, ``"..."@ko`` has a language, and a number
    is one where the example is one. Where the example stands there in several languages, so does the value. A query's
    parameters are those that its header describes; without a header, all variables with a VALUES line of their own.

    Raises:
        QueryError: the query has no such parameter, or a value holds half a character.

    >>> print(with_parameters("SELECT * {\n VALUES ?name { \"x\" }\n ?s ?p ?name }", {"name": '" } #'}))
    SELECT * {
     VALUES ?name { "\" } #" }
     ?s ?p ?name }
    """
    lines = {match["name"] for match in _VALUES.finditer(text)}
    described = {found["key"] for line in text.splitlines() if (found := _HEADER.fullmatch(line)) and found["indent"]}
    known = sorted(lines & described if described else lines)
    for name in values:
        if name not in known:
            raise QueryError(f"no parameter {name!r} in this query; known: {', '.join(known) or 'none'}")

    def replaced(match: re.Match[str]) -> str:
        if match["name"] not in values:
            return match[0]
        return f"{match['head'].rstrip()} {write_terms(values[match['name']], like=match['terms'])} {match['tail'].lstrip()}"

    return _VALUES.sub(replaced, text)


def write_terms(value: str, *, like: str = '"x"') -> str:
    r"""A value as SPARQL writes it, in the forms in which the terms of an example stand; see `with_parameters`.

    >>> write_terms("Ann \"A\" Lee"), write_terms("<https://example.org/a>"), write_terms("</script>")
    ('"Ann \\"A\\" Lee"', '<https://example.org/a>', '"</script>"')
    >>> write_terms("전문가 혼합", like='"LLM"@en "LLM"@ko "LLM"'), write_terms('"전문가 혼합"@ko', like='"LLM"@en "LLM"@ko "LLM"')
    ('"전문가 혼합"@en "전문가 혼합"@ko "전문가 혼합"', '"전문가 혼합"@ko')
    >>> write_terms("5", like="10"), write_terms("5", like='"2024-12"')
    ('5', '"5"')
    """
    if _IRI.fullmatch(value) or (_NUMBER.fullmatch(value) and _NUMBER.fullmatch(like.strip())):
        return value
    if tagged := _TAGGED.fullmatch(value):
        return f"{_quoted(tagged['text'])}@{tagged['tag']}"
    return " ".join(_quoted(value) + tag for tag in dict.fromkeys(_TAGS.findall(like) or [""]))


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def _quoted(text: str) -> str:
    pieces: list[str] = []
    former = ""
    for character in text:
        code = ord(character)
        if 0xD800 <= code <= 0xDFFF:
            raise QueryError(f"{text!r} holds half a character (U+{code:04X}); give whole text")
        # Some engines expand \uXXXX before they read the query, and would take "\\u0022" for a backslash and a quote: a u behind a
        # backslash is therefore written as a code itself. Eight digits, because RDFLib reads up to eight after a small u, too.
        as_code = code < 0x20 or 0x7F <= code <= 0xA0 or character in "\u2028\u2029" or (former == "\\" and character in "uU")
        pieces.append(_ESCAPES.get(character, f"\\U{code:08X}" if as_code else character))
        former = character
    return f'"{"".join(pieces)}"'


def with_prefixes(query: str) -> str:
    """A query with declarations of the `PREFIXES` that it uses and does not declare, for engines that do not know them.

    They stand in front of the first line, so that lines keep their numbers.

    >>> with_prefixes("SELECT * { ?s a foaf:Person }")
    'PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT * { ?s a foaf:Person }'
    >>> with_prefixes("PREFIX foaf: <urn:x:> ASK { ?s a foaf:Person ; ?p 'kg:Person' }")
    "PREFIX foaf: <urn:x:> ASK { ?s a foaf:Person ; ?p 'kg:Person' }"
    """
    undeclared = _undeclared(query)
    return "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items() if name in undeclared) + query


def _undeclared(query: str) -> tuple[str, ...]:
    """The prefixes that a query uses and does not declare, in the order in which they come; "" for a bare colon."""
    used = [found["prefix"] or "" for found in _PIECES.finditer(query) if found["name"]]
    declared = set(_DECLARED.findall(_PIECES.sub(lambda found: found["name"] or " ", query)))
    return tuple(name for name in dict.fromkeys(used) if name not in declared)


def unknown_prefix(query: str) -> str | None:
    """The first prefix, with its colon, that a query uses and neither it nor `PREFIXES` declares.

    None, too, where a string or an IRI is broken: what looks like a prefix may be a part of it.

    >>> unknown_prefix("SELECT * { ?s a foaf:Person ; foo:bar ?o }"), unknown_prefix("PREFIX foo: <urn:x:> ASK { ?s foo:bar ?o }")
    ('foo:', None)
    """
    if _BROKEN.search(_PIECES.sub(lambda found: found["name"] or " ", query)):
        return None
    return next((f"{name}:" for name in _undeclared(query) if name not in PREFIXES), None)


def require_question(query: str) -> None:
    """Nothing, where a text may be a query; whether it is one, an engine says.

    Raises:
        QueryError: it is empty, or an update.

    >>> require_question("ASK { ?s ?p 'DROP ALL' }")
    >>> require_question("PREFIX a: <urn:a> DROP ALL")
    Traceback (most recent call last):
        ...
    kg.errors.QueryError: this is an update; kg only reads: ask with SELECT, ASK, CONSTRUCT or DESCRIBE
    """
    words = _PROLOGUE.sub(" ", _PIECES.sub(" ", query))
    if not words.strip():
        raise QueryError("the query is empty; give SPARQL, or a name from the list of: kg query")
    if _UPDATE.match(words):
        raise QueryError("this is an update; kg only reads: ask with SELECT, ASK, CONSTRUCT or DESCRIBE")


def chooses_graphs(query: str) -> bool:
    """Whether a query has a FROM of its own.

    >>> chooses_graphs("SELECT * FROM <urn:x> { ?s ?p ?o }"), chooses_graphs("SELECT ?from { ?from ?p 'FROM' } # FROM")
    (True, False)
    """
    return _FROM.search(_PIECES.sub(" ", query)) is not None


def gives_triples(query: str) -> bool:
    """Whether a query is a CONSTRUCT or a DESCRIBE, by the first word that says so; what is no query is none.

    >>> gives_triples("PREFIX select: <urn:x> CONSTRUCT WHERE { ?s ?p ?o }"), gives_triples("ASK { ?s ?p 'DESCRIBE' }")
    (True, False)
    """
    found = _FORM.search(_PIECES.sub(" ", query))
    return found is not None and found[0].upper() in ("CONSTRUCT", "DESCRIBE")
