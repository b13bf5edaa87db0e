"""Tables -> networkx graphs, and through networkx GraphML, GEXF and node-link JSON.

Node ids are our ids. All attributes are str, int, float or bool, each name of one type; what is unknown is left out, for
GraphML cannot say null. Text is freed of what XML 1.0 forbids, here and nowhere else in this module.

networkx's own writers hold the graph and then the whole document in memory. Here they get the graph in pieces of a few
thousand nodes or edges and the file grows by each, so memory does not depend on the graph's size. A million edges as
GraphML: 214 MB and 13 CPU s this way, some 3.6 GB and 37 CPU s by networkx alone, 687 MB and 28 CPU s where lxml happens to
be installed, for which networkx has another writer, whose bytes are others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO
from xml.etree.ElementTree import Element, indent, tostring
from xml.sax.saxutils import escape, quoteattr

import networkx as nx
from networkx.readwrite.gexf import GEXFWriter
from networkx.readwrite.graphml import GraphMLWriter

from kg.engine import Engine
from kg.errors import LookupFailed, OutputError

_PIECE = 5_000
_XML_DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"
# Okabe and Ito's palette: told apart with any kind of colour vision.
_COLOURS = {"author": (0, 114, 178), "concept": (230, 159, 0), "paper": (0, 158, 115)}
_GAP = 400
"""Pixels between the pictures of two views that stand side by side."""

# The first column of nodes, the first two of edges, are ids; the others are the attributes.
_NODES = {
    "author": (
        "people",
        """
        select author_id as id, 'author' as kind, name as label, authors.kind as author_kind, orcid, papers, span.first, span.last
        from authors
        left join (
            select author_id, min(issued) as first, max(issued) as last from authorships join papers using (paper_id) group by author_id
        ) span using (author_id)
        """,
    ),
    "concept": (
        "concepts",
        """
        select concept_id as id, 'concept' as kind, coalesce(label, label_ko, concept_id) as label, label_ko,
               kind as concept_kind, abbreviation, scheme, papers, first
        from concepts
        """,
    ),
    "paper": (
        "papers",
        """
        select paper_id as id, 'paper' as kind, title as label, issued as date, arxiv_id, doi, url, venues.name as venue, language,
               authors, byline_complete, votes.votes
        from papers
        left join venues using (venue_id)
        left join (select paper_id, max(votes) as votes from records group by paper_id) votes using (paper_id)
        """,
    ),
}
_EDGES = {
    "coauthorship": "select source, target, 'coauthorship' as kind, weight, papers, first, last from coauthorships",
    "authorship": "select author_id, paper_id, 'authorship' as kind, 1.0 as weight, position, name_as_written from authorships",
    "subject": "select concept_id, paper_id, 'subject' as kind, weight, main from paper_concepts",
    "shared-topics": "select source, target, 'shared-topics' as kind, weight, concepts from shared_topics",
    "cooccurrence": "select source, target, 'cooccurrence' as kind, weight, papers from cooccurrences",
}
_VIEWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "all": (("author", "concept", "paper"), ("coauthorship", "authorship", "subject", "shared-topics")),
    "coauthors": (("author",), ("coauthorship",)),
    "papers": (("paper",), ("shared-topics",)),
    "concepts": (("concept",), ("cooccurrence",)),
}


def networkx_graph(engine: Engine, view: str = "all") -> nx.Graph:
    """The tables as a networkx graph: undirected, simple, nodes and edges in the order of their ids.

    Each node has ``kind`` and ``label`` and, where known, ``community``, ``degree``, ``strength``, ``participation`` and its
    place in the picture, ``x`` and ``y`` in pixels; each edge has ``kind`` and ``weight``. All attributes: docs/exports.md.

    Args:
        view: "all" (authors, concepts and papers, with authorships, subjects, co-authorships and shared topics; the pictures
            of the three stand side by side), "coauthors", "papers" (by shared topics) or "concepts" (by co-occurrence).

    Raises:
        LookupFailed: there is no such view.

    >>> from kg.tables import TABLES
    >>> with Engine() as engine:
    ...     for name in TABLES:
    ...         engine.declare(name)
    ...     engine.run("insert into authors values ('author/ada', 'Ada', 'person', null, 1), ('author/bo', 'Bo', 'person', null, 1)")
    ...     engine.run("insert into coauthorships values ('author/ada', 'author/bo', 1, 0.5, '2024-12', null)")
    ...     graph = networkx_graph(engine, "coauthors")
    >>> graph.nodes["author/ada"]
    {'kind': 'author', 'label': 'Ada', 'author_kind': 'person', 'papers': 1}
    >>> graph.edges["author/ada", "author/bo"]
    {'kind': 'coauthorship', 'weight': 0.5, 'papers': 1, 'first': '2024-12'}
    """
    graph = nx.Graph()
    for select in _selects(engine, view):
        if select.ends == 1:
            graph.add_nodes_from((row[0], attributes) for row, attributes in select.items(engine))
        else:
            graph.add_edges_from((row[0], row[1], attributes) for row, attributes in select.items(engine))
    return graph


def write_graphml(engine: Engine, path: Path) -> None:
    """Write view "all" as GraphML.

    Raises:
        OutputError: the file cannot be written; a part of it may stand there.

    >>> import tempfile
    >>> from kg.tables import TABLES
    >>> with Engine() as engine, tempfile.TemporaryDirectory() as folder:
    ...     for name in TABLES:
    ...         engine.declare(name)
    ...     engine.run("insert into authors values ('author/ada', 'Ada & Co', 'group', null, 1)")
    ...     write_graphml(engine, Path(folder, "kg.graphml"))
    ...     nx.read_graphml(Path(folder, "kg.graphml")).nodes["author/ada"]
    {'kind': 'author', 'label': 'Ada & Co', 'author_kind': 'group', 'papers': 1}
    """
    selects = _selects(engine, "all")
    with _opened(path) as file:
        writer = _GraphMLStream(file, _attribute_types(selects))
        for piece in _pieces(engine, selects):
            if piece.size():
                writer.add_edges(piece, writer)
            else:
                writer.add_nodes(piece, writer)
        writer.finish()


def write_gexf(engine: Engine, path: Path) -> None:
    """Write view "all" as GEXF 1.2, with colours by kind and, where the graph has a layout, positions (y upwards, as Gephi has it).

    Raises:
        OutputError: the file cannot be written; a part of it may stand there.

    >>> import tempfile
    >>> from kg.tables import TABLES
    >>> with Engine() as engine, tempfile.TemporaryDirectory() as folder:
    ...     for name in TABLES:
    ...         engine.declare(name)
    ...     engine.run("insert into authors values ('author/ada', 'Ada & Co', 'group', null, 1)")
    ...     write_gexf(engine, Path(folder, "kg.gexf"))
    ...     nx.read_gexf(Path(folder, "kg.gexf")).nodes["author/ada"]["label"]
    'Ada & Co'
    """
    selects = _selects(engine, "all")
    writer = GEXFWriter(prettyprint=False)
    writer.add_graph(nx.Graph())
    _describe(writer, _attribute_types(selects))
    head, nodes_to_edges, tail = _split(tostring(writer.xml, encoding="unicode"), "<nodes />", "<edges />")
    with _opened(path) as file:
        file.write(f"{_XML_DECLARATION}{head}<nodes>\n")
        in_edges = False
        for piece in _pieces(engine, selects):
            holder = Element("graph")
            if piece.size():
                if not in_edges:
                    file.write(f"</nodes>{nodes_to_edges}<edges>\n")
                    in_edges = True
                writer.add_edges(piece, holder)
                writer.all_edge_ids.clear()  # ids are counted up, so this set, one text an edge, is of no use
            else:
                for _, attributes in piece.nodes(data=True):
                    _draw(attributes)
                writer.add_nodes(piece, holder)
            file.write(_inside(holder[0]))
        file.write("</edges>" if in_edges else f"</nodes>{nodes_to_edges}<edges></edges>")
        file.write(f"{tail}\n")


def write_nodelink(engine: Engine, path: Path) -> None:
    """Write view "all" as networkx's node-link JSON, a node or an edge a line; ``networkx.node_link_graph(data, edges="edges")`` reads it.

    Raises:
        OutputError: the file cannot be written; a part of it may stand there.

    >>> import tempfile
    >>> from kg.tables import TABLES
    >>> with Engine() as engine, tempfile.TemporaryDirectory() as folder:
    ...     for name in TABLES:
    ...         engine.declare(name)
    ...     engine.run("insert into authors values ('author/ada', 'Ada', 'person', null, 1)")
    ...     write_nodelink(engine, Path(folder, "kg.nodelink.json"))
    ...     nx.node_link_graph(json.loads(Path(folder, "kg.nodelink.json").read_text()), edges="edges")["author/ada"]
    AtlasView({})
    """
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    head = nx.node_link_data(nx.Graph(), edges="edges")
    with _opened(path) as file:
        file.write("{" + "".join(f"{encode(name)}:{encode(value)}," for name, value in head.items() if name not in {"nodes", "edges"}))
        file.write('"nodes":[')
        separator, in_edges = "\n", False
        for piece in _pieces(engine, _selects(engine, "all")):
            data = nx.node_link_data(piece, edges="edges")
            if data["edges"] and not in_edges:
                file.write('\n],"edges":[')
                separator, in_edges = "\n", True
            for item in data["edges"] or data["nodes"]:
                file.write(f"{separator}{encode(item)}")
                separator = ",\n"
        file.write("\n]}\n" if in_edges else '\n],"edges":[\n]}\n')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Select:
    """A SELECT of nodes (one id in front) or edges (two), and the attributes that follow, with their types."""

    ends: int
    sql: str
    attributes: tuple[tuple[str, type], ...]

    def items(self, engine: Engine) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Each row, and its attributes as far as they are known."""
        names = [name for name, _ in self.attributes]
        for row in engine.stream(self.sql, chunk=_PIECE):
            yield row, {name: value for name, value in zip(names, row[self.ends :], strict=True) if value is not None}


def _selects(engine: Engine, view: str) -> list[_Select]:
    """What a view is made of: its nodes first, each kind in the order of its ids."""
    try:
        nodes, edges = _VIEWS[view]
    except KeyError:
        raise LookupFailed(f"no view {view!r}; known: {', '.join(_VIEWS)}", choices=tuple(_VIEWS)) from None
    pictures = [_NODES[kind][0] for kind in nodes]
    extents = {name: (left, right) for name, left, right in engine.rows("select view, min(x), max(x) from layout group by view")}
    selects = []
    edge_of_last: int | None = None
    for kind, picture in zip(nodes, pictures, strict=True):
        shift = 0
        if picture in extents:
            left, right = extents[picture]
            if edge_of_last is not None:
                shift = edge_of_last + _GAP - left
            edge_of_last = right + shift
        placed = f"""
            select n.*, c.community, r.degree, r.strength, r.participation, l.x + {shift} as x, l.y
            from ({_NODES[kind][1]}) n
            left join communities c on c.view = '{picture}' and c.node_id = n.id
            left join ranks r on r.view = '{picture}' and r.node_id = n.id
            left join layout l on l.view = '{picture}' and l.node_id = n.id
        """
        selects.append(_select(engine, placed, ends=1))
    selects += [_select(engine, _EDGES[kind], ends=2) for kind in edges]
    return selects


def _select(engine: Engine, sql: str, *, ends: int) -> _Select:
    """A SELECT whose text is legal in XML 1.0, whose numbers are int and float, ordered by its ids: the one door of this module."""
    columns: list[str] = []
    attributes: list[tuple[str, type]] = []
    for position, (name, kind, *_) in enumerate(engine.rows(f"describe {sql}")):
        if position < ends:
            columns.append(name)
            continue
        if kind == "VARCHAR":
            columns.append(f"{_legal(name)} as {name}")
            attributes.append((name, str))
        elif kind.startswith("DECIMAL"):
            columns.append(f"cast({name} as double) as {name}")
            attributes.append((name, float))
        else:
            columns.append(name)
            attributes.append((name, bool if kind == "BOOLEAN" else int))
    order = ", ".join(str(position + 1) for position in range(ends))
    return _Select(ends=ends, sql=f"select {', '.join(columns)} from ({sql}) order by {order}", attributes=tuple(attributes))


def _legal(column: str) -> str:
    """SQL for a column's text without what XML 1.0 forbids, and with LF for CR, which XML readers would put there.

    networkx writes a backspace as it is, and no parser reads that file. Where nothing is left, the text is unknown.
    """
    forbidden = r"[\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{FFFE}\x{FFFF}]"
    return (
        rf"case when regexp_matches({column}, '{forbidden}|\r') "
        rf"then nullif(regexp_replace(regexp_replace({column}, '{forbidden}', '', 'g'), '\r\n?', chr(10), 'g'), '') else {column} end"
    )


def _attribute_types(selects: Sequence[_Select]) -> dict[tuple[str, str], type]:
    """The type of each attribute, by scope ("node" or "edge") and name."""
    return {("node" if select.ends == 1 else "edge", name): kind for select in selects for name, kind in select.attributes}


def _pieces(engine: Engine, selects: Sequence[_Select]) -> Iterator[nx.DiGraph]:
    """The graph in pieces that share no node (those without edges) and no edge (those with).

    They are directed so that networkx gives each edge back as it was put in, the smaller id first.
    """
    for select in selects:
        items = select.items(engine)
        while rows := list(islice(items, _PIECE)):
            piece = nx.DiGraph()
            if select.ends == 1:
                piece.add_nodes_from((row[0], attributes) for row, attributes in rows)
            else:
                piece.add_edges_from((row[0], row[1], attributes) for row, attributes in rows)
            yield piece
            piece.clear()  # a graph and its views refer to each other, so it would stay until the garbage collector comes by


class _GraphMLStream(GraphMLWriter):  # type: ignore[misc] # networkx has no types
    """networkx's GraphML writer, with elements that are text and are written as soon as they are whole.

    It overrides what networkx's own lxml writer overrides.
    """

    def __init__(self, file: TextIO, types: dict[tuple[str, str], type]) -> None:
        super().__init__(prettyprint=False)
        for (scope, name), kind in types.items():
            self.get_key(name, self.get_xml_type(kind), scope, None)
        self._file = file
        self._open = {(scope, name): f'<data key="{key}">' for (name, _, scope), key in self.keys.items()}
        self.myElement = _start
        self.xml.append(Element("graph", edgedefault="undirected"))
        indent(self.xml)
        head, self._tail = _split(tostring(self.xml, encoding="unicode"), '<graph edgedefault="undirected" />')
        file.write(f'{_XML_DECLARATION}{head}<graph edgedefault="undirected">\n')

    def add_attributes(self, scope: str, xml_obj: list[str], data: dict[str, Any], default: object) -> None:
        """Add the attributes of a node or an edge."""
        opening = self._open
        for name, value in data.items():
            if isinstance(value, str):
                text = escape(value)
            elif isinstance(value, bool):
                text = "true" if value else "false"  # as XML Schema writes it; networkx would write True
            else:
                text = repr(value)
            xml_obj.append(f"{opening[scope, name]}{text}</data>")

    def append(self, element: list[str]) -> None:
        """Write a node or an edge, to which nothing will be added."""
        name = element[0][1:5]
        self._file.write(f"{''.join(element)}</{name}>\n")

    def finish(self) -> None:
        """Write what closes the document."""
        self._file.write(f"</graph>{self._tail}\n")


def _start(name: str, **attributes: str) -> list[str]:
    """An element of GraphML, as parts of text: for now its start tag. Both names that occur, node and edge, have four letters."""
    return [f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>"]


def _describe(writer: GEXFWriter, types: dict[tuple[str, str], type]) -> None:
    """Put into the head of a GEXF document what networkx puts there as it meets it, and take out the day of writing."""
    for (scope, name), kind in types.items():
        # Positions stand in viz:position, weights in an attribute of their own.
        if (scope, name) not in {("node", "x"), ("node", "y"), ("node", "label"), ("edge", "weight")}:
            writer.get_attr_id(name, writer.xml_type[kind], scope, {}, "static")
    writer.xml.set("xmlns:viz", writer.NS_VIZ)
    meta = writer.xml.find("meta")
    del meta.attrib["lastmodifieddate"]
    meta.find("creator").text = "paperkg"


def _inside(parent: Element) -> str:
    """What stands in an element, a child a line. Namespaces that its start tag declares are declared at the root."""
    for child in parent:
        child.tail = "\n"
    text = tostring(parent, encoding="unicode")
    return text[text.index(">") + 1 : text.rindex("<")]


def _draw(attributes: dict[str, Any]) -> None:
    """Turn a node's place into what networkx writes as GEXF's viz elements, and add a colour."""
    red, green, blue = _COLOURS[attributes["kind"]]
    viz: dict[str, Any] = {"color": {"r": red, "g": green, "b": blue}}
    if "x" in attributes and "y" in attributes:
        viz["position"] = {"x": float(attributes.pop("x")), "y": float(-attributes.pop("y")), "z": 0.0}
    attributes["viz"] = viz


def _split(text: str, *separators: str) -> list[str]:
    """What stands before, between and after texts that each occur once."""
    parts = []
    for separator in separators:
        before, _, text = text.partition(separator)
        parts.append(before)
    return [*parts, text]


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A text file for writing."""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
    except OSError as error:
        raise OutputError(f"cannot write {path.name}: {error.strerror or error}") from error
