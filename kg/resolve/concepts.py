"""Which candidates are concepts, which labels name one concept, and what each paper is about.

Nothing is decided by one text alone. Surfaces are folded to keys (case, hyphens, spaces, plural); glosses and acronyms say which key stands for
which, and papers vote: the best-supported long form rules, an abbreviation with two long forms goes by the one of its own paper. What is left are
roots, one a concept; they are weighed paper by paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any

from kg.engine import Engine
from kg.resolve.concept_forms import HANGUL, JOINERS, fold, initials
from kg.resolve.concept_initials import Fit, expansions
from kg.resolve.concept_kinds import kind_of
from kg.resolve.concept_names import Form, Named, identify, name
from kg.resolve.concept_spans import best_part, without_overlap
from kg.resolve.concept_tables import cluster_rows, judgement_rows, make_tables
from kg.resolve.concept_votes import Pair, Roots, vote

LARGE_CORPUS = 1_000
"""From so many papers on, a concept of one paper is kept only if it stands in a title, a gloss or beside its abbreviation."""
MAX_CONCEPTS = 25
"""How many extracted concepts a paper keeps, at most."""
MIN_WEIGHT = 0.15
"""A concept that weighs less in a paper is left out of it."""
_PART_PAPERS = 3
_CHUNK_SECTIONS = 4_000
_FOLLOWING = 16
"""How many characters behind a mention are looked at: enough for the words of concept_statistics.sql."""
_SUBTITLE = 80


def resolve_concepts(engine: Engine) -> None:
    """Make mentions, concepts, concept_labels, concept_links and paper_concepts; add judgements and clusters of kind concept.

    Reads sections, records, papers and the temporary tables ``candidates`` (section_id, begin_index, end_index, surface, evidence, confidence,
    partner, relation) and ``subjects`` (record_id, scheme, notation, label). The order of their rows does not matter.
    """
    engine.run("create temp table concept_keys (surface varchar, key varchar, hangul boolean, words integer, initials varchar)")
    surfaces = _chunks(
        engine, "select distinct surface from (select surface from candidates union all select partner from candidates) where surface is not null"
    )
    engine.insert("concept_keys", ("surface", "key", "hangul", "words", "initials"), (_key_row(surface) for (surface,) in surfaces))
    engine.run(_sql("pairs"))
    engine.run(_sql("initials"))
    names = _forms(engine)
    pairs = [Pair(*row) for row in engine.rows("select paper_id, child, parent, relation from concept_pairs order by all")]
    fits = [
        Fit(short, long, tuple(papers), coined)
        for short, long, papers, coined in engine.rows("select short, long, papers, coined from concept_initials order by short, long")
    ]
    roots = vote(pairs, names, expansions(fits, pairs, names))
    engine.run("create temp table concept_roots (key varchar, root varchar)")
    engine.insert("concept_roots", ("key", "root"), sorted(roots.everywhere.items()))
    engine.run("create temp table concept_local_roots (paper_id varchar, key varchar, root varchar)")
    engine.insert("concept_local_roots", ("paper_id", "key", "root"), ((paper, key, root) for (paper, key), root in sorted(roots.in_paper.items())))
    engine.run(_sql("numbers"), large=engine.value("select count(*) from papers") >= LARGE_CORPUS)
    engine.run(_sql("found"))
    _add_parts(engine)
    _choose_spans(engine)
    engine.run(_sql("chosen"), most=MAX_CONCEPTS, least=MIN_WEIGHT)
    _drop(engine, "numbers", "parts", "initials", "pairs", "roots", "local_roots")
    _name(engine, roots, names)
    _drop(engine, "sections", "kept", "chosen", "named", "new_labels", "shown", "new_clusters", "new_judgements", "subjects", "notations")


def _drop(engine: Engine, *tables: str) -> None:
    for table in tables:
        engine.run(f"drop table concept_{table}")


def _sql(name: str) -> str:
    return (files("kg.resolve") / f"concept_{name}.sql").read_text(encoding="utf-8")


def _chunks(engine: Engine, select: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a SELECT whose text is read while rows are inserted: in a table first, then by ranges of its row ids."""
    engine.run(f"create temp table concept_chunks as {select}")
    total = engine.value("select count(*) from concept_chunks")
    for start in range(0, total, 100_000):
        yield from engine.rows("select * from concept_chunks where rowid >= $start and rowid < $stop", start=start, stop=start + 100_000)
    engine.run("drop table concept_chunks")


def _key_row(surface: str) -> tuple[str, str, bool, int, str | None]:
    words, hangul = JOINERS.split(surface), HANGUL.search(surface) is not None
    return surface, fold(surface), hangul, len(words), initials(words) if len(words) > 1 and not hangul else None


def _forms(engine: Engine) -> dict[str, str]:
    """The commonest surface of each key that stands in a gloss or acronym, or may have one's initials."""
    return dict(
        engine.rows(
            """
            select key, surface from (
                select key, surface, row_number() over (partition by key order by n desc, surface) as place
                from (
                    select k.key, k.surface, count(*) as n
                    from (select surface from candidates where partner is not null union all select partner from candidates where partner is not null
                          union all select c.surface from candidates c join concept_keys using (surface)
                          where key in (select short from concept_initials union all select long from concept_initials))
                    join concept_keys k using (surface) group by all
                )
            ) where place = 1
            """
        )
    )


def _add_parts(engine: Engine) -> None:
    """Where a phrase is found in one paper only, the longest part of it that is a concept of several papers takes its place."""
    known = {
        key for (key,) in engine.rows("select key from concept_numbers where papers >= $papers and words > 1 and not hangul", papers=_PART_PAPERS)
    }
    engine.run("create temp table concept_parts (surface varchar, begin_offset integer, end_offset integer, part varchar, key varchar)")
    if not known:
        return
    rows = _chunks(
        engine,
        """
        select distinct c.surface from candidates c join concept_keys k using (surface) join concept_numbers n using (key)
        where c.evidence in ('phrase', 'title', 'latin') and n.papers = 1 and k.words > 2 and not k.hangul
        """,
    )
    engine.insert(
        "concept_parts",
        ("surface", "begin_offset", "end_offset", "part", "key"),
        ((surface, begin, end, surface[begin:end], key) for (surface,) in rows for begin, end, key in best_part(surface, known)),
    )
    engine.run("delete from concept_found where evidence in ('phrase', 'title', 'latin') and surface in (select surface from concept_parts)")
    engine.run(
        """
        insert into concept_found
        select s.section, s.paper_id, s.in_title, c.begin_index + p.begin_offset, c.begin_index + p.end_offset, p.part,
               coalesce(l.root, g.root, p.key), 'part', 0.5
        from candidates c
        join concept_parts p using (surface)
        join concept_sections s using (section_id)
        left join concept_roots g on g.key = p.key
        left join concept_local_roots l on l.paper_id = s.paper_id and l.key = p.key
        where c.evidence in ('phrase', 'title', 'latin') group by all
        """
    )


def _choose_spans(engine: Engine) -> None:
    """Of spans that overlap the better one stays: a gloss before others, then the longer, then the more trusted."""
    engine.run(
        """
        create temp table concept_kept (
            section integer, paper_id varchar, in_title boolean, begin_index integer, end_index integer, surface varchar, root varchar,
            evidence varchar, confidence double, following varchar
        )
        """
    )
    sections = engine.value("select count(*) from concept_sections")
    for start in range(0, sections + 1, _CHUNK_SECTIONS):
        # Python slices a text at once; SQL's substr counts code points from the beginning, for each of its mentions.
        texts = dict(
            engine.rows(
                "select section, text from concept_sections join sections using (section_id) where section >= $start and section < $stop",
                start=start,
                stop=start + _CHUNK_SECTIONS,
            )
        )
        rows = engine.rows(
            """
            select section, begin_index, end_index, paper_id, in_title, surface, root, evidence, confidence from concept_found
            where section >= $start and section < $stop
            order by section, confidence >= 0.85 desc, end_index - begin_index desc, confidence desc, begin_index, root, evidence, surface
            """,
            start=start,
            stop=start + _CHUNK_SECTIONS,
        )
        engine.insert(
            "concept_kept",
            ("section", "paper_id", "in_title", "begin_index", "end_index", "surface", "root", "evidence", "confidence", "following"),
            (
                (
                    section,
                    paper_id,
                    in_title,
                    begin,
                    end,
                    surface,
                    root,
                    evidence,
                    confidence,
                    texts[section][end : end + (_SUBTITLE if evidence == "coined" else _FOLLOWING)],
                )
                for _, group in groupby(rows, key=lambda row: row[0])
                for section, begin, end, paper_id, in_title, surface, root, evidence, confidence in without_overlap(group)
            ),
        )
    engine.run("drop table concept_found")


def _name(engine: Engine, roots: Roots, names: dict[str, str]) -> None:
    """Name the chosen concepts, give them ids, and make all tables."""
    shorts: dict[str, set[str]] = defaultdict(set)
    for child, parent, relation, verdict, _, _ in roots.verdicts:
        if relation in {"abbreviation", "initials"} and verdict != "different" and not HANGUL.search(child):
            shorts[roots.everywhere.get(parent, parent)].add(child)
    engine.run(_sql("statistics"))
    rows = _chunks(
        engine,
        """
        select c.root, c.surface, k.key, count(distinct c.paper_id) as papers
        from concept_kept c join concept_chosen using (paper_id, root) join concept_keys k using (surface)
        group by all order by all
        """,
    )
    facts = {
        root: (coined, as_dataset, as_model, mentions)
        for root, coined, as_dataset, as_model, mentions in engine.rows("select * from concept_statistics")
    }
    named: list[tuple[str, str | None, Named]] = []
    for root, group in groupby(rows, key=lambda row: row[0]):
        result = name(root, [Form(surface, key, papers) for _, surface, key, papers in group], shorts[root], names.get(root, ""))
        coined, as_dataset, as_model, mentions = facts[root]
        named.append(
            (root, kind_of(result.label, result.label_ko, coined=coined, as_dataset=as_dataset, as_model=as_model, mentions=mentions), result)
        )
    _drop(engine, "keys", "statistics")
    ids = identify([(root, result.label or result.label_ko or root, kind) for root, kind, result in named])
    engine.run(
        "create temp table concept_named (root varchar, concept_id varchar, label varchar, label_ko varchar, kind varchar, abbreviation varchar)"
    )
    engine.insert(
        "concept_named",
        ("root", "concept_id", "label", "label_ko", "kind", "abbreviation"),
        ((root, ids[root], result.label, result.label_ko, kind, result.abbreviation) for root, kind, result in named),
    )
    engine.run("create temp table concept_new_labels (root varchar, language varchar, label varchar, kind varchar)")
    engine.run("create temp table concept_shown (root varchar, surface varchar, language varchar, label varchar)")
    engine.insert("concept_shown", ("root", "surface", "language", "label"), ((root, *shown) for root, _, result in named for shown in result.shown))
    engine.insert(
        "concept_new_labels", ("root", "language", "label", "kind"), ((root, *label) for root, _, result in named for label in result.labels)
    )
    engine.run("create temp table concept_new_clusters (member_id varchar, canonical_id varchar, reason varchar)")
    engine.insert("concept_new_clusters", ("member_id", "canonical_id", "reason"), cluster_rows(named, ids, roots, names))
    engine.run(
        "create temp table concept_new_judgements (left_id varchar, right_id varchar, verdict varchar, score double, judge varchar, reason varchar)"
    )
    engine.insert("concept_new_judgements", ("left_id", "right_id", "verdict", "score", "judge", "reason"), judgement_rows(roots, names))
    make_tables(engine)
