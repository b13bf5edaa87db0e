"""Which candidates are concepts, which labels name one concept, and what each paper is about.

Nothing is decided by one text alone. Surfaces are folded to keys (case, hyphens, spaces, plural); glosses and acronyms say which key stands for
which, and papers vote: the best-supported long form rules, an abbreviation with two long forms goes by the one of its own paper. What is left are
roots, one a concept; they are weighed paper by paper.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

from kg.engine import Engine
from kg.ids import concept_id
from kg.language.forms import HANGUL, JOINERS, fold, initials, is_name, words_of
from kg.language.korean import is_generic
from kg.language.words import word_list
from kg.resolve.concept_initials import Fit, expansions
from kg.resolve.concept_kinds import kind_of
from kg.resolve.concept_names import Form, Named, call, identify, name, without
from kg.resolve.concept_ranker import Ranker, rank, shipped
from kg.resolve.concept_said import Obeyed, Saying, obey
from kg.resolve.concept_spans import without_overlap
from kg.resolve.concept_tables import cluster_rows, judgement_rows, link_rows, make_tables
from kg.resolve.concept_vocabulary import Entry, Vocabulary, ambiguous, compositions, load_terms, load_words, meant
from kg.resolve.concept_votes import Pair, Roots, vote

MAX_CONCEPTS = 25
"""How many extracted concepts a paper keeps, at most."""
MIN_CONFIDENCE = 0.25
"""A concept that is less likely right than this is left out."""
_CHUNK_SECTIONS = 4_000
_FOLLOWING = 16
"""How many characters behind a mention are looked at: enough for the words of concept_statistics.sql."""
_SUBTITLE = 80
_COMPOSED = 0.6
"""How sure it is that a term composed word by word means what its parts mean."""
_KEY_COLUMNS = {
    "surface": "varchar",
    "key": "varchar",
    "hangul": "boolean",
    "words": "integer",
    "initials": "varchar",
    "letters": "integer",
    "mixed": "boolean",
    "name": "boolean",
    "digit": "boolean",
    "generic": "boolean",
    "weak": "boolean",
    "tail": "varchar",
    "first": "varchar",
    "known": "double",
}
_LATIN = re.compile("[A-Za-z]")
_DIGIT = re.compile("[0-9]")


class Found(NamedTuple):
    """Which keys are one concept, a surface of each key, what vocabularies know, and what people said."""

    roots: Roots
    names: dict[str, str]
    vocabulary: Vocabulary
    obeyed: Obeyed


def resolve_concepts(engine: Engine, ranker: Ranker | None = None) -> None:
    """Make mentions, concepts, concept_labels, concept_links and paper_concepts; add judgements and clusters of kind concept.

    Reads sections, records, papers and the temporary tables ``candidates`` (section_id, begin_index, end_index, surface, evidence, partner,
    relation), ``subjects`` (record_id, scheme, notation, label), ``vocabulary_*`` (`kg.readers.vocabulary`) and ``said`` (people's judgements). The
    order of their rows does not matter.

    Args:
        engine: where the tables are.
        ranker: how candidates are ranked; None for the ranker that comes with the program.
    """
    found = find_concepts(engine)
    rank(engine, shipped() if ranker is None else ranker)
    _choose_spans(engine)
    if found.obeyed.hidden:
        # Only now, so that what is hidden leaves its words to no part of it.
        engine.run("delete from concept_kept where root in (select unnest($hidden))", hidden=sorted(found.obeyed.hidden))
    engine.run(_sql("chosen"), most=MAX_CONCEPTS, least=MIN_CONFIDENCE)
    _drop(engine, "terms", "known", "tails", "firsts", "features", "ranked")
    _name(engine, found)
    _drop(
        engine, "sections", "kept", "chosen", "named", "new_labels", "shown", "new_clusters", "new_judgements", "new_links", "subjects", "notations"
    )


def find_concepts(engine: Engine) -> Found:
    """The first half: which keys are one concept, and what is known of each concept that a paper may be about (concept_features)."""
    vocabulary = load_terms(engine)
    engine.run(f"create temp table concept_keys ({', '.join(f'{name} {kind}' for name, kind in _KEY_COLUMNS.items())})")
    surfaces = _chunks(
        engine, "select distinct surface from (select surface from candidates union all select partner from candidates) where surface is not null"
    )
    engine.insert("concept_keys", tuple(_KEY_COLUMNS), (_key_row(surface, vocabulary.parts) for (surface,) in surfaces))
    engine.run(_sql("pairs"))
    engine.run(_sql("initials"))
    names = _forms(engine)
    names.update({root: entry.label for root, entry in vocabulary.entries.items()})
    pairs = [Pair(*row) for row in engine.rows("select paper_id, child, parent, relation from concept_pairs order by all")]
    fits = [
        Fit(short, long, tuple(papers), coined)
        for short, long, papers, coined in engine.rows("select short, long, papers, coined from concept_initials order by short, long")
    ]
    known, chosen = meant(engine, vocabulary)
    roots = vote(pairs, names, expansions(fits, pairs, names), known)
    for place, root in chosen.items():
        roots.in_paper.setdefault(place, root)
    _add_composed(engine, roots, vocabulary, names)
    roots.verdicts.extend(ambiguous(vocabulary, roots.everywhere))
    said = engine.rows("select left_label, coalesce(right_label, ''), verdict, coalesce(reason, '') from said where kind = 'concept' order by all")
    obeyed = obey([Saying(*row) for row in said], roots)
    engine.run("create temp table concept_roots (key varchar, root varchar)")
    engine.insert("concept_roots", ("key", "root"), sorted(roots.everywhere.items()))
    engine.run("create temp table concept_local_roots (paper_id varchar, key varchar, root varchar)")
    engine.insert("concept_local_roots", ("paper_id", "key", "root"), ((paper, key, root) for (paper, key), root in sorted(roots.in_paper.items())))
    engine.run(_sql("found"))
    engine.run(_sql("features"))
    _drop(engine, "initials", "pairs", "roots", "local_roots")
    return Found(roots, names, vocabulary, obeyed)


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


def _key_row(surface: str, parts: frozenset[str]) -> tuple[Any, ...]:
    words, hangul = JOINERS.split(surface), HANGUL.search(surface) is not None
    plain = words_of(surface)
    tail, first = (plain[-1], plain[0]) if plain else ("", "")
    return (
        surface,
        fold(surface),
        hangul,
        len(words),
        initials(words) if len(words) > 1 and not hangul else None,
        len(surface),
        hangul and _LATIN.search(surface) is not None,
        not hangul and any(is_name(word) for word in words),
        _DIGIT.search(surface) is not None,
        all(_is_generic(word) for word in plain),
        _is_generic(tail) or tail in word_list("english_weak"),
        tail,
        first,
        round(sum(word in parts for word in plain) / len(plain), 3) if plain else 0.0,
    )


def _is_generic(word: str) -> bool:
    return is_generic(word) if HANGUL.search(word) else word in word_list("english_generic")


def _add_composed(engine: Engine, roots: Roots, vocabulary: Vocabulary, names: dict[str, str]) -> None:
    """Join Korean terms that nobody glosses with what they are in English, word by word.

    A paper that has it in English itself has it that way; else a vocabulary's term comes before the likeliest.
    """
    rows = list(_chunks(engine, "select key, min(surface) as surface from concept_keys where hangul and key <> '' group by key order by key"))
    if not rows:
        return
    words = load_words(engine)
    composed = {key: (surface, [(fold(english), english, rare) for rare, english in compositions(surface, words)]) for key, surface in rows}
    composed = {key: (surface, english) for key, (surface, english) in composed.items() if english}
    engine.run("create temp table concept_composed (key varchar, english varchar, place integer)")
    engine.insert(
        "concept_composed",
        ("key", "english", "place"),
        ((key, english, place) for key, (_, options) in composed.items() for place, (english, _, _) in enumerate(options)),
    )
    together = engine.rows(
        """
        with uses as (
            select distinct s.paper_id, k.key from candidates c
            join concept_keys k on k.surface = case when c.relation = 'shared' then c.partner else c.surface end
            join concept_sections s using (section_id)
            where k.key in (select key from concept_composed union all select english from concept_composed)
        )
        select k.paper_id, k.key, arg_min(e.key, place) from uses k
        join concept_composed c using (key) join uses e on e.paper_id = k.paper_id and e.key = c.english
        group by k.paper_id, k.key order by k.paper_id, k.key
        """
    )
    engine.run("drop table concept_composed")
    glossed = {child for child, *_ in roots.verdicts}
    for paper, key, english in together:
        root = roots.everywhere.get(english, english)
        if key not in glossed and roots.everywhere.get(key, key) != root:
            roots.in_paper.setdefault((paper, key), root)
            names.setdefault(key, composed[key][0])
    in_paper = {(key, english) for _, key, english in together}
    for key, (surface, options) in composed.items():
        if key in roots.everywhere or key in vocabulary.meanings:
            continue
        likely = [option[:2] for option in options if not option[2]] or [options[0][:2]]
        target, english = next((option for option in likely if option[0] in vocabulary.meanings), None) or next(
            (option for option in likely if (key, option[0]) in in_paper), likely[0]
        )
        root = roots.everywhere.get(target, target)
        roots.everywhere[key] = root
        names.setdefault(key, surface)
        names.setdefault(root, english)
        roots.verdicts.append((key, root, "composition", "same", _COMPOSED, f"word by word, {surface} is {english}"))


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


def _choose_spans(engine: Engine) -> None:
    """Of spans that overlap the likelier concept stays, of equals the longer."""
    engine.run(
        """
        create temp table concept_kept (
            section integer, paper_id varchar, in_title boolean, begin_index integer, end_index integer, surface varchar, form varchar, root varchar,
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
            select section, begin_index, end_index, paper_id, in_title, surface, form, root,
                   arg_min(evidence, coalesce(list_position(['gloss', 'acronym', 'coined', 'vocabulary'], evidence), 9)), confidence
            from concept_found join concept_ranked using (paper_id, root)
            where section >= $start and section < $stop and confidence >= $least
            group by section, begin_index, end_index, paper_id, in_title, surface, form, root, confidence, points
            order by section, points desc, end_index - begin_index desc, begin_index, root, form
            """,
            start=start,
            stop=start + _CHUNK_SECTIONS,
            least=MIN_CONFIDENCE,
        )
        engine.insert(
            "concept_kept",
            ("section", "paper_id", "in_title", "begin_index", "end_index", "surface", "form", "root", "evidence", "confidence", "following"),
            (
                (
                    section,
                    paper_id,
                    in_title,
                    begin,
                    end,
                    surface,
                    form,
                    root,
                    evidence,
                    confidence,
                    texts[section][end : end + (_SUBTITLE if evidence == "coined" else _FOLLOWING)],
                )
                for _, group in groupby(rows, key=lambda row: row[0])
                for section, begin, end, paper_id, in_title, surface, form, root, evidence, confidence in without_overlap(group)
            ),
        )
    engine.run("drop table concept_found")


def _above(vocabulary: Vocabulary, used: set[str], hidden: frozenset[str]) -> Iterator[Entry]:
    """What stands above concepts that papers use, up to the top, is not used itself, and not hidden."""
    by_number = {entry.number: entry for entry in vocabulary.entries.values()}
    seen = used | hidden
    waiting = sorted(root for root in used if root in vocabulary.entries)
    while waiting:
        for number in vocabulary.entries[waiting.pop()].broader:
            entry = by_number.get(number)
            if entry is not None and entry.root not in seen:
                seen.add(entry.root)
                waiting.append(entry.root)
                yield entry


def _kind(vocabulary: Vocabulary, root: str) -> str | None:
    entry = vocabulary.entries.get(root)
    return None if entry is None else entry.kind


def _name(engine: Engine, found: Found) -> None:
    """Name the chosen concepts, give them ids, and make all tables."""
    roots, names, vocabulary, obeyed = found
    shorts: dict[str, set[str]] = defaultdict(set)
    for child, parent, relation, verdict, _, _ in roots.verdicts:
        if relation in {"abbreviation", "initials"} and verdict != "different" and not HANGUL.search(child):
            shorts[roots.everywhere.get(parent, parent)].add(child)
    engine.run(_sql("statistics"))
    rows = _chunks(
        engine,
        """
        select c.root, c.form, k.key, count(distinct c.paper_id) as papers
        from concept_kept c join concept_chosen using (paper_id, root) join concept_keys k on k.surface = c.form
        group by all order by all
        """,
    )
    facts = {root: tuple(of_root) for root, *of_root in engine.rows("select * from concept_statistics")}
    named: list[tuple[str, str | None, Named]] = []
    old: dict[str, str] = {}
    used: set[str] = set()
    for root, group in groupby(rows, key=lambda row: row[0]):
        coined, as_dataset, as_model, mentions, said_kind = facts[root]
        forms = [Form(surface, key, papers) for _, surface, key, papers in group]
        used.update(form.key for form in forms)
        result = name(root, forms, shorts[root], names.get(root, ""), vocabulary.entries.get(root), coined)
        if obeyed.apart:
            result = without(result, {key for key in obeyed.apart if key != root})
        if root in obeyed.renamed:
            old[root] = result.label or result.label_ko or root
            result = call(result, *obeyed.renamed[root])
        named.append(
            (
                root,
                said_kind
                or _kind(vocabulary, root)
                or kind_of(
                    result.label,
                    result.label_ko,
                    vocabulary.kinds,
                    coined=coined is not None,
                    as_dataset=as_dataset,
                    as_model=as_model,
                    mentions=mentions,
                ),
                result,
            )
        )
    _drop(engine, "keys", "statistics")
    named.extend(
        (entry.root, entry.kind, name(entry.root, [], set(), "", entry))
        for entry in _above(vocabulary, {root for root, _, _ in named}, obeyed.hidden)
    )
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
    engine.insert("concept_new_clusters", ("member_id", "canonical_id", "reason"), cluster_rows(named, ids, roots, names, vocabulary))
    engine.run(
        "create temp table concept_new_judgements (left_id varchar, right_id varchar, verdict varchar, score double, judge varchar, reason varchar)"
    )
    engine.insert(
        "concept_new_judgements", ("left_id", "right_id", "verdict", "score", "judge", "reason"), judgement_rows(roots, names, frozenset(used))
    )
    engine.run("create temp table concept_new_links (concept_id varchar, relation varchar, target varchar)")
    engine.insert("concept_new_links", ("concept_id", "relation", "target"), link_rows(engine, ids, vocabulary))
    taken = set(ids.values())
    engine.insert(
        "aliases",
        ("alias_id", "target_id", "reason"),
        ((concept_id(label), ids[root], "renamed by a person") for root, label in sorted(old.items()) if concept_id(label) not in taken),
    )
    make_tables(engine)
