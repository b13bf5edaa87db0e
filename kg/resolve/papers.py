"""Which records are one paper: by arXiv id, else DOI, else title, year and the smallest surname."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.engine import Engine
from kg.ids import arxiv_month, encode, local_part, paper_id, slug

_RULE = "rule: identifier"
_MEETING = re.compile(r"proceeding|conference|workshop|symposium|meeting", re.IGNORECASE)


def earliest(dates: Iterable[str]) -> str | None:
    """The earliest of dates of mixed precision; where one only says less than another, the one that says more.

    >>> earliest(["2024", "2024-12", "2025-03-01"]), earliest([])
    ('2024-12', None)
    """
    known = sorted(dates)
    if not known:
        return None
    best = known[0]
    for date in known:
        if date.startswith(best) and len(date) > len(best):
            best = date
    return best


def identifiers(arxiv_id: str | None, doi: str | None, title: str, issued: str | None, names: Iterable[str]) -> list[str]:
    """The ids under which a record's paper could be known, the ruling one first.

    >>> identifiers("2412.14711", "10.1000/x", "ReMoE", "2024-12", ["Jun Zhu"])
    ['paper/arxiv:2412.14711', 'paper/doi:10.1000/x']
    """
    known = []
    if arxiv_id is not None:
        known.append(f"paper/arxiv:{encode(arxiv_id)}")
    if doi is not None:
        known.append(f"paper/doi:{encode(doi)}")
    return known or [paper_id(arxiv_id=None, doi=None, title=title, year=issued and issued[:4], names=tuple(names))]


class _Components:
    """Sets of ids that are joined step by step; the smallest id of a set by `_rank` stands for it (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, member: str) -> str:
        root = member
        while (parent := self._parent.setdefault(root, root)) != root:
            root = parent
        while member != root:
            self._parent[member], member = root, self._parent[member]
        return root

    def join(self, left: str, right: str) -> None:
        first, second = sorted((self.find(left), self.find(right)), key=_rank)
        self._parent[second] = first

    def __iter__(self) -> Iterator[str]:
        return iter(self._parent)


def _rank(identifier: str) -> tuple[int, str]:
    """arXiv ids rule DOIs, which rule keys; among equals the smallest."""
    scheme = local_part(identifier).partition(":")[0]
    return ("arxiv", "doi", "key").index(scheme), identifier


def resolve_papers(engine: Engine) -> None:
    """Make papers, venues and aliases from records and signatures; set records.paper_id; add judgements and clusters.

    All records that share an identifier are one paper, however long the chain.
    """
    rows = engine.rows(
        """
        select record_id, arxiv_id, doi, title, issued, coalesce(names, [])
        from records left join (select record_id, list(name order by name) as names from signatures group by record_id) using (record_id)
        order by record_id
        """
    )
    components = _Components()
    known_as: dict[str, list[str]] = {}
    for record, arxiv_id, doi, title, issued, names in rows:
        known_as[record] = ids = identifiers(arxiv_id, doi, title, issued, names)
        for other in ids:
            components.join(ids[0], other)

    last: dict[str, str] = {}  # the record before, of each paper: the judgements of a paper are a chain, not all pairs
    clusters, judgements = [], []
    dates: dict[str, list[str]] = {}
    for record, arxiv_id, _, _, issued, _ in rows:
        paper = components.find(known_as[record][0])
        reason = " and ".join(_reason(identifier) for identifier in known_as[record])
        clusters.append(("paper", record, paper, reason))
        if paper in last:
            judgements.append(("paper", last[paper], record, "same", 1, _RULE, f"both are {paper}: {reason}"))
        last[paper] = record
        stated = dates.setdefault(paper, [])
        if issued is not None:
            stated.append(issued)
        if arxiv_id is not None:
            stated.append(arxiv_month(arxiv_id))

    engine.insert("clusters", ("kind", "member_id", "canonical_id", "reason"), clusters)
    engine.insert("judgements", ("kind", "left_id", "right_id", "verdict", "score", "judge", "reason"), judgements)
    engine.run("create temp table paper_dates (paper_id varchar, issued varchar)")
    engine.insert("paper_dates", ("paper_id", "issued"), ((paper, earliest(stated)) for paper, stated in sorted(dates.items())))
    aliases = [
        (alias, components.find(alias), "another identifier of the same paper") for alias in sorted(components) if components.find(alias) != alias
    ]
    engine.insert("aliases", ("alias_id", "target_id", "reason"), aliases)
    engine.run("update records set paper_id = canonical_id from clusters where clusters.kind = 'paper' and member_id = record_id")
    engine.run("create temp table venue_names (venue varchar, venue_id varchar, kind varchar)")
    venues = [venue for (venue,) in engine.rows("select distinct venue from records where venue is not null order by venue")]
    engine.insert("venue_names", ("venue", "venue_id", "kind"), ((venue, f"venue/{slug(venue)}", _venue_kind(venue)) for venue in venues))
    engine.create("venues", "select venue_id, min(venue) as name, min(kind) as kind from venue_names group by venue_id")
    engine.create("papers", _PAPERS)
    engine.run("drop table paper_dates")
    engine.run("drop table venue_names")


def _venue_kind(venue: str) -> str:
    return "CreativeWorkSeries" if _MEETING.search(venue) else "Periodical"


def _reason(identifier: str) -> str:
    scheme, _, value = local_part(identifier).partition(":")
    return {"arxiv": f"arXiv id {value}", "doi": f"DOI {value}", "key": "title, year and smallest surname"}[scheme]


# A paper's facts, each chosen from what its records state by a rule that does not depend on their order. A title: the
# commonest, among equals a bibliographic source's rather than a digest's, then the newest digest's.
_PAPERS = """
with stated as (
    select r.*, coalesce(d.issued, '') as listed, count(*) over (partition by r.paper_id, r.title) as votes_for_title
    from records r left join digests d using (digest_id)
),
chosen as (
    select paper_id, first(title order by votes_for_title desc, order_trusted desc, listed desc, title) as title,
           min(arxiv_id) as arxiv_id, min(doi) as doi, min(url order by order_trusted desc, url) as url,
           min(venue) as venue
    from stated group by paper_id
),
languages as (
    select paper_id, min(s.language) as language from sections s join records using (record_id) where s.label = 'title' group by paper_id
),
bylines as (
    select paper_id, count(distinct author_id) as authors, bool_or(byline_complete) as byline_complete
    from records join signatures using (record_id) group by paper_id
)
select c.paper_id, c.title, d.issued, c.arxiv_id, c.doi,
       coalesce('https://arxiv.org/abs/' || c.arxiv_id, 'https://doi.org/' || c.doi, c.url) as url, v.venue_id, l.language,
       coalesce(b.authors, 0) as authors, coalesce(b.byline_complete, false) as byline_complete
from chosen c
join paper_dates d using (paper_id)
left join venue_names v using (venue)
left join languages l using (paper_id)
left join bylines b using (paper_id)
"""
