"""The interactive page: one HTML file that opens from disk, asks no network, and shows people, papers and concepts.

It is pyvis's Network with a template, script and style of our own (the folder ``page``). vis-network comes from the installed pyvis.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kg.engine import Engine, derivation
from kg.errors import LookupFailed, OutputError

_SCRIPTS = ("model.js", "map.js", "panel.js", "main.js")
_VIEWS = ("people", "papers", "concepts")
_KINDS = ("Task", "Method", "Model", "Dataset", "Metric", "Field")
_COLOURS = 6
_GREY = 6
_PAPERS = 2_500
"""Papers that a page knows of at most; some 400 bytes each."""
_EDGES = 5_000
"""Lines that a picture shows without thinning: fewer would lose nothing but truth, more would be a black disc."""
_TEXT = 1_500_000
"""Characters of summaries that a page holds at most: 3 MB of Korean, or 1.5 of English."""


def write_page(engine: Engine, path: Path, *, title: str | None = None, focus: str | None = None, depth: int | None = None) -> None:
    """Write the page: three pictures, search, filters and details in one file, the same bytes for the same tables.

    Args:
        engine: with the tables of a whole build (see ``kg.tables``), communities, ranks and layout among them.
        path: the file, made or overwritten.
        title: what stands in the page's head; None for the name of the focus, if any, and the months of the papers.
        focus: the id of the author, paper or concept that is selected when the page opens.
        depth: with a focus, keep only what is so many steps away: the papers of an author or a concept are one step away; the other
            papers of a paper's people, and its nearest by topic, are one more. None keeps all.

    Raises:
        LookupFailed: ``focus`` is nothing that the page holds.
        OutputError: the file cannot be written.

    >>> import tempfile
    >>> from kg.tables import TABLES
    >>> with Engine() as engine, tempfile.TemporaryDirectory() as folder:
    ...     for table in TABLES:
    ...         engine.declare(table)
    ...     write_page(engine, Path(folder, "kg.html"), title="None yet")
    ...     Path(folder, "kg.html").read_text(encoding="utf-8").count("<title>None yet</title>")
    1
    """
    text = network(engine, title=title, focus=focus, depth=depth).generate_html()
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def network(engine: Engine, *, title: str | None = None, focus: str | None = None, depth: int | None = None) -> Any:
    """The pyvis Network of the three pictures; a notebook shows it as the page.

    Nodes carry the ids of the tables (the hub of a large team ``team/...`` for its ``paper/...``) and their ``view``. Those that
    ``layout`` has no place for are not drawn; what the page leaves out it says.

    Args:
        engine, title, focus, depth: as in `write_page`.

    Raises:
        LookupFailed: ``focus`` is nothing that the page holds.

    >>> from kg.tables import TABLES
    >>> with Engine() as engine:
    ...     for table in TABLES:
    ...         engine.declare(table)
    ...     net = network(engine)
    >>> net.num_nodes(), net.num_edges()
    (0, 0)
    >>> net.add_node("author/ada", label="Ada <b>", x=0, y=0, view="people")
    >>> "Ada <b>" in net.generate_html(), "Ada \\\\u003cb\\\\u003e" in net.generate_html()
    (False, True)
    """
    _choose(engine, focus, depth)
    things = _things(engine)
    names = {thing["id"]: _name(thing) for kind in _VIEWS for thing in things[kind]}
    if focus is not None and focus not in names:
        raise LookupFailed(f"nothing on the page has the id {focus!r}")
    things["focus"] = focus
    head = _title(engine) if focus is None else f"{names[focus]} \u00b7 {_title(engine)}"
    net = _page_class()(title or head, things)
    for node in _nodes(engine, things):
        net.add_node(**node)
    for edge in _edges(engine, net.node_map, things["notes"]):
        net.add_edge(**edge)
    return net


def _name(thing: dict[str, Any]) -> str:
    """What people call an author, a paper or a concept."""
    return str(thing.get("name") or thing.get("title") or thing.get("label") or thing.get("ko") or thing["id"])


def _title(engine: Engine) -> str:
    first, last = engine.rows("select min(substr(issued, 1, 7)), max(substr(issued, 1, 7)) from papers")[0]
    if first is None:
        return "Papers"
    return f"Papers, {first}" if first == last else f"Papers, {first} to {last}"


@cache
def _page_class() -> type[Any]:
    """The class itself. Importing pyvis costs a fifth of a second (it imports IPython), which only who draws should pay."""
    from pyvis.network import Network

    class Page(Network):  # type: ignore[misc]
        """pyvis's Network, written as our page. ``things`` is what the page knows beyond nodes and edges."""

        def __init__(self, title: str, things: dict[str, Any]) -> None:
            super().__init__(height="720px", width="100%", cdn_resources="in_line")
            self.title = title
            self.things = things
            self._pairs: set[tuple[str, str]] = set()
            self.options.physics.enabled = False

        def add_node(self, n_id: str, label: str | None = None, shape: str = "dot", colour: int = _GREY, **options: Any) -> None:
            """Add a node once; ``view`` says in which picture, ``colour`` is a place in the palette, ``rank`` who is labelled first."""
            if n_id in self.node_map:
                return
            node = {
                "id": n_id,
                "label": n_id if label is None else label,
                "shape": shape,
                "colour": colour,
                "size": 9,
                "rank": 0,
                "view": "people",
            } | options
            self.nodes.append(node)
            self.node_ids.append(n_id)
            self.node_map[n_id] = node

        def add_edge(self, source: str, to: str, **options: Any) -> None:
            """Add an edge once, either way. pyvis's own looks through all edges each time, which is quadratic."""
            pair = (min(source, to), max(source, to))
            if pair in self._pairs:
                return
            self._pairs.add(pair)
            self.edges.append({"from": source, "to": to, "width": 1, "view": self.node_map[source]["view"]} | options)

        def generate_html(self, name: str = "index.html", local: bool = True, notebook: bool = False) -> str:  # noqa: FBT001, FBT002 - pyvis's
            """The page as text."""
            self.html = _render(self.title, self.things | {"nodes": self.nodes, "edges": self.edges})
            return str(self.html)

        def write_html(self, name: str, local: bool = True, notebook: bool = False, open_browser: bool = False) -> None:  # noqa: FBT001, FBT002
            """Write the page (pyvis's own writes in the locale's encoding and copies folders beside the file)."""
            Path(name).write_text(self.generate_html(), encoding="utf-8", newline="\n")

        def _repr_html_(self) -> str:
            return f'<iframe srcdoc="{html.escape(self.generate_html())}" style="width:100%;height:{self.height};border:0"></iframe>'

    return Page


def _render(title: str, data: dict[str, Any]) -> str:
    """Fill the template. The policy names each script and style by its hash: nothing else runs, nothing is fetched."""
    from jinja2 import Environment

    folder = files("kg.writers") / "page"
    scripts = [_vis_network(), *((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)]
    style = (folder / "style.css").read_text(encoding="utf-8")
    hashes = " ".join(f"'{_sha256(script)}'" for script in scripts)
    policy = f"default-src 'none'; script-src {hashes}; style-src '{_sha256(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    template = Environment(autoescape=True, keep_trailing_newline=True).from_string((folder / "template.html.j2").read_text(encoding="utf-8"))
    return template.render(title=title, policy=policy, style=style, data=_json(data), scripts=scripts)


def _vis_network() -> str:
    """vis-network as the installed pyvis brings it, the newest of its versions, without the reference to its source map."""
    folder = files("pyvis") / "templates" / "lib"
    versions = sorted(
        (entry.name for entry in folder.iterdir() if entry.name.startswith("vis-")), key=lambda name: [int(part) for part in name[4:].split(".")]
    )
    text = (folder / versions[-1] / "vis-network.min.js").read_text(encoding="utf-8")
    return text.partition("\n//# sourceMappingURL=")[0]


def _sha256(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def _json(data: dict[str, Any]) -> str:
    """JSON that can stand in a script element: nothing in it ends the element, opens a comment or breaks a line.

    >>> _json({"title": "</script><!-- \\u2028"})
    '{"title":"\\\\u003c/script\\\\u003e\\\\u003c!-- \\\\u2028"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _compact(thing: dict[str, Any]) -> dict[str, Any]:
    """Without what is unknown."""
    return {name: value for name, value in thing.items() if value is not None}


def _choose(engine: Engine, focus: str | None, depth: int | None) -> None:
    """Temporary tables of what the page knows: page_papers, page_authors, page_concepts; and page_layout, of what it draws."""
    engine.run("create or replace temp table page_near as select paper_id, 0 as step from papers where false")
    whole = focus is None or depth is None
    if focus is not None and depth is not None:
        steps = depth if focus.startswith("paper/") else depth - 1
        engine.run(
            """insert into page_near select distinct paper_id, 0 from (
            select paper_id from papers where paper_id = $focus union all select paper_id from authorships where author_id = $focus
            union all select paper_id from paper_concepts where concept_id = $focus)""",
            focus=focus,
        )
        for step in range(steps):
            engine.run(
                """insert into page_near select distinct paper_id, $step + 1 from (
                select b.paper_id from authorships a join authorships b using (author_id) where a.paper_id in (select paper_id from page_near)
                union all select target from shared_topics where source in (select paper_id from page_near)
                union all select source from shared_topics where target in (select paper_id from page_near))
                where paper_id not in (select paper_id from page_near)""",
                step=step,
            )
    engine.run(
        """create or replace temp table page_papers as
        select paper_id, votes, authors as team from papers
        left join (select paper_id, max(votes) as votes from records group by paper_id) using (paper_id)
        left join page_near n using (paper_id)
        left join ranks on view = 'papers' and node_id = paper_id
        where $whole or n.step is not null
        order by n.step, paper_id in (select node_id from layout where view = 'papers') desc,
            votes desc nulls last, coalesce(strength, 0) desc, paper_id
        limit $most""",
        whole=whole,
        most=_PAPERS,
    )
    engine.run(
        """create or replace temp table page_authors as
        select author_id from authors
        where ($whole and author_id in (select node_id from layout where view = 'people'))
            or author_id in (select author_id from authorships semi join page_papers using (paper_id))""",
        whole=whole,
    )
    engine.run(
        """create or replace temp table page_concepts as
        select concept_id from concepts
        where ($whole and concept_id in (select node_id from layout where view = 'concepts'))
            or concept_id in (select concept_id from paper_concepts semi join page_papers using (paper_id))""",
        whole=whole,
    )
    engine.run(
        """create or replace temp table page_layout as
        select * from layout
        where $whole or node_id in (select author_id from page_authors union all select concept_id from page_concepts)
            or node_id in (select paper_id from page_papers where view = 'papers' or team > 15)""",
        whole=whole,
    )


def _things(engine: Engine) -> dict[str, Any]:
    """What the page knows of papers, people and concepts, and the ties that its details list."""
    people = [
        _compact({"id": author, "name": name, "kind": kind, "orcid": orcid, "papers": papers})
        for author, name, kind, orcid, papers in engine.rows(
            "select author_id, name, kind, orcid, papers from authors semi join page_authors using (author_id) order by author_id"
        )
    ]
    labels: dict[str, list[str]] = defaultdict(list)
    for concept, label in engine.rows(
        """select concept_id, label from concept_labels semi join page_concepts using (concept_id) where kind <> 'preferred'
        order by concept_id, papers desc, label"""
    ):
        if len(labels[concept]) < 6 and label not in labels[concept]:
            labels[concept].append(label)
    concepts = [
        _compact(
            {
                "id": concept,
                "label": label,
                "ko": label_ko,
                "kind": kind,
                "short": short,
                "papers": papers,
                "first": first,
                "labels": labels.get(concept),
            }
        )
        for concept, label, label_ko, kind, short, papers, first in engine.rows(
            """select concept_id, label, label_ko, kind, abbreviation, papers, first from concepts semi join page_concepts using (concept_id)
            order by concept_id"""
        )
    ]
    papers, left_texts = _papers(
        engine, {person["id"]: place for place, person in enumerate(people)}, {concept["id"]: place for place, concept in enumerate(concepts)}
    )
    near = engine.value("select count(*) from page_near")
    of = "page_" if near else ""
    totals = {
        view: engine.value(f"select count(*) from {of}{table}")
        for view, table in (("people", "authors"), ("papers", "papers"), ("concepts", "concepts"))
    }
    return {
        "people": people,
        "papers": papers,
        "concepts": concepts,
        "coauthors": _ties(engine, "coauthorships", "papers", [person["id"] for person in people]),
        "topics": _ties(engine, "shared_topics", "concepts", [paper["id"] for paper in papers]),
        "totals": totals,
        "voted": any("votes" in paper for paper in papers),
        "kinds": _legend(engine),
        "notes": _notes(engine, totals, len(people), len(papers), left_texts),
    }


def _papers(engine: Engine, person: dict[str, int], concept: dict[str, int]) -> tuple[list[dict[str, Any]], int]:
    """The page's papers in the order of their ids, and of how many the summary is left out."""
    authors: dict[str, list[int]] = defaultdict(list)
    for paper, author in engine.rows(
        "select paper_id, author_id from authorships semi join page_papers using (paper_id) order by paper_id, position nulls last, author_id"
    ):
        authors[paper].append(person[author])
    about: dict[str, list[int]] = defaultdict(list)
    main: Counter[str] = Counter()
    for paper, topic, is_main in engine.rows(
        """select paper_id, concept_id, main from paper_concepts semi join page_papers using (paper_id)
        order by paper_id, main desc, weight desc, concept_id"""
    ):
        about[paper].append(concept[topic])
        main[paper] += bool(is_main)
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for paper, label, issued, votes, rank in engine.rows(
        """select paper_id, d.label, d.issued, votes, rank from records semi join page_papers using (paper_id) join digests d using (digest_id)
        order by paper_id, d.issued, record_id"""
    ):
        entries[paper].append({"digest": label or issued, "votes": votes, "rank": rank})
    texts: dict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    cut: set[str] = set()
    room = _TEXT
    for paper, label, text, language in engine.rows(
        """select p.paper_id, s.label, s.text, s.language from page_papers p join records using (paper_id) join sections s using (record_id)
        where lower(s.label) <> 'title' order by p.votes desc nulls last, p.paper_id, s.record_id, s.section_id"""
    ):
        if paper in cut or len(text) > room:
            cut.add(paper)
            texts.pop(paper, None)
            continue
        room -= len(text)
        texts[paper].append((label, text, language))
    found = []
    for paper, title, issued, arxiv, doi, url, known, complete, votes in engine.rows(
        """select paper_id, title, issued, arxiv_id, doi, url, p.authors, byline_complete, votes from papers p join page_papers using (paper_id)
        order by paper_id"""
    ):
        row = {
            "id": paper,
            "title": title,
            "issued": issued,
            "arxiv": arxiv,
            "doi": doi,
            "url": url,
            "known": known,
            "complete": complete,
            "votes": votes,
        }
        row |= {
            "authors": authors[paper],
            "concepts": about[paper],
            "main": main[paper],
            "entries": entries[paper],
            "sections": _ordered(texts[paper]),
        }
        found.append(_compact(row | ({"cut": True} if paper in cut else {})))
    return found, len(cut)


def _ordered(sections: list[tuple[str, str, str | None]]) -> list[tuple[str, str, str | None]]:
    """A digest's sections in the order in which people read them; others after, as they come."""
    reading = {"what's new": 0, "technical details": 1, "performance highlights": 2}
    return sorted(sections, key=lambda section: reading.get(section[0].lower().replace("\u2019", "'"), 3))


def _ties(engine: Engine, table: str, counted: str, ids: list[str]) -> list[tuple[int, int, int, float]]:
    """Rows of a pair table both of whose ends the page knows, as places in its lists."""
    place = {name: number for number, name in enumerate(ids)}
    rows = engine.rows(f"select source, target, {counted}, weight from {table} order by source, target")
    return [
        (place[source], place[target], number, round(float(weight), 3))
        for source, target, number, weight in rows
        if source in place and target in place
    ]


def _legend(engine: Engine) -> list[tuple[str | None, int]]:
    kinds = {kind for (kind,) in engine.rows("select distinct kind from concepts join page_layout on view = 'concepts' and node_id = concept_id")}
    known = [(kind, _KINDS.index(kind)) for kind in _KINDS if kind in kinds]
    return [*known, (None, _GREY)] if kinds - set(_KINDS) else [*known]


def _notes(engine: Engine, totals: dict[str, int], people: int, papers: int, left_texts: int) -> dict[str, list[str]]:
    """What each picture leaves out, in words."""
    drawn = dict(engine.rows("select view, count(*) from page_layout where view <> 'people' or node_id like 'author/%' group by view"))
    notes: dict[str, list[str]] = {view: [] for view in _VIEWS}
    if drawn.get("people", 0) < totals["people"]:
        notes["people"].append(f"Drawn are the {drawn.get('people', 0):,} people with most papers, of {totals['people']:,}. Search finds {people:,}.")
    if drawn.get("papers", 0) < totals["papers"]:
        notes["papers"].append(
            f"Drawn are the {drawn.get('papers', 0):,} papers with most shared topics, of {totals['papers']:,}. Search finds {papers:,}."
        )
    if drawn.get("concepts", 0) < totals["concepts"]:
        notes["concepts"].append(
            f"Drawn are {drawn.get('concepts', 0):,} of {totals['concepts']:,} concepts: those that several papers take up, the most frequent first."
        )
    if left_texts:
        notes["papers"].append(f"The summaries of {left_texts:,} papers are left out to keep the page small.")
    return notes


def _nodes(engine: Engine, things: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that have a place, in the order of view and id. People are at most 14 pixels in radius, others 20: the layout counts on it."""
    communities: dict[str, dict[str, int]] = {view: {} for view in _VIEWS}
    for view, node, community in engine.rows("select view, node_id, community from communities order by all"):
        communities[view][node] = community
    colour = {view: _colours(engine, view, communities[view]) for view in ("people", "papers")}
    importance = {(view, node): float(participation) for view, node, participation in engine.rows("select view, node_id, participation from ranks")}
    degree = {(view, node): number for view, node, number in engine.rows("select view, node_id, degree from ranks")}
    by_id = {thing["id"]: thing for kind in _VIEWS for thing in things[kind]}
    titles = dict(engine.rows("select paper_id, title from papers where paper_id in (select node_id from page_layout where view = 'people')"))
    nodes: list[dict[str, Any]] = []
    for view, node, x, y in engine.rows("select view, node_id, x, y from page_layout order by view, node_id"):
        common: dict[str, Any] = {"n_id": node, "x": x, "y": y, "view": view}
        thing = by_id.get(node, {})
        share = importance.get((view, node), 0.0)
        if view == "people" and node in titles:
            nodes.append(common | {"n_id": f"team/{node.partition('/')[2]}", "label": titles[node], "shape": "square", "size": 7, "rank": -1})
        elif view == "people":
            size = min(14.0, 4 + 4.5 * math.sqrt(thing["papers"]))
            nodes.append(
                common
                | {"label": thing["name"], "size": round(size, 1), "rank": round(thing["papers"] + share, 3), "colour": colour[view].get(node, _GREY)}
            )
        elif view == "papers":
            votes = thing.get("votes")
            strength = degree.get((view, node), 0) if votes is None else votes
            nodes.append(
                common
                | {
                    "label": thing["title"],
                    "size": round(min(20.0, 7 + 1.8 * math.sqrt(strength)), 1),
                    "rank": strength,
                    "colour": colour[view].get(node, _GREY),
                }
            )
        else:
            kind = thing.get("kind")
            place = _KINDS.index(kind) if kind in _KINDS else _GREY
            nodes.append(
                common
                | {
                    "label": _name({"id": node} | thing),
                    "size": round(min(20.0, 5 + 3.5 * math.sqrt(thing["papers"])), 1),
                    "rank": thing["papers"],
                    "colour": place,
                }
            )
    return nodes


def _colours(engine: Engine, view: str, community: dict[str, int]) -> dict[str, int]:
    """A place in the palette for each node: one for a community, another for those tied to it, as far as six go."""
    ties: dict[int, Counter[int]] = defaultdict(Counter)
    table = {"people": "coauthorships", "papers": "shared_topics"}[view]
    for source, target in engine.rows(f"select source, target from {table}"):
        one, other = community.get(source), community.get(target)
        if one is not None and other is not None and one != other:
            ties[one][other] += 1
            ties[other][one] += 1
    chosen: dict[int, int] = {}
    for number in sorted(set(community.values())):
        used: Counter[int] = Counter()
        for other, weight in ties[number].items():
            if other in chosen:
                used[chosen[other]] += weight
        chosen[number] = min(range(_COLOURS), key=lambda place: (used[place], (place - number) % _COLOURS))
    return {node: chosen[number] for node, number in community.items()}


def _edges(engine: Engine, drawn: dict[str, Any], notes: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The drawn edges both of whose ends have a place, stronger ones wider. Of very many, each node's strongest."""
    found: dict[str, list[tuple[float, str, str]]] = {view: [] for view in _VIEWS}
    for view, source, target, weight in engine.rows(derivation("drawn")):
        end = f"team/{target.partition('/')[2]}" if view == "people" and target.startswith("paper/") else target
        if source in drawn and end in drawn:
            found[view].append((float(weight), source, end))
    edges: list[dict[str, Any]] = []
    for view, ties in found.items():
        shown = ties
        if len(ties) > _EDGES:
            number: Counter[str] = Counter()
            shown = []
            for tie in sorted(ties, key=lambda tie: (-tie[0], tie[1], tie[2])):
                if min(number[tie[1]], number[tie[2]]) < 3:
                    shown.append(tie)
                    number.update(tie[1:])
            shown.sort(key=lambda tie: tie[1:])
            notes[view].append(f"Drawn are each one's strongest ties, {len(shown):,} of {len(ties):,} lines.")
        for weight, source, end in shown:
            width = 1 + min(3.0, weight) if view == "people" and not end.startswith("team/") else 1 + min(1.5, weight / 12)
            edges.append({"source": source, "to": end, "width": round(width, 1)})
    return edges
