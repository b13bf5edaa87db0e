"""The tables of `kg.tables` that are about concepts, from what was chosen and named."""

from __future__ import annotations

from collections.abc import Iterator

from kg.engine import Engine
from kg.ids import encode
from kg.language.forms import fold
from kg.resolve.concept_names import Named
from kg.resolve.concept_vocabulary import Vocabulary
from kg.resolve.concept_votes import Roots

_SCHEME = "scheme/extracted"
_MAIN_WEIGHT = "0.8"
_SUBJECT_WEIGHT = "0.5"


def make_tables(engine: Engine) -> None:
    """The tables of `kg.tables`, from what was chosen and from the subjects that sources state."""
    engine.run("create temp table concept_subjects (paper_id varchar, concept_id varchar, scheme varchar, label varchar)")
    subjects = engine.rows("select distinct s.scheme, s.notation, min(s.label) as label from subjects s group by all order by all")
    engine.run("create temp table concept_notations (scheme varchar, notation varchar, concept_id varchar, label varchar)")
    engine.insert(
        "concept_notations",
        ("scheme", "notation", "concept_id", "label"),
        ((scheme, notation, f"concept/{encode(scheme)}:{encode(notation)}", label) for scheme, notation, label in subjects),
    )
    engine.run(
        """
        insert into concept_subjects
        select distinct r.paper_id, n.concept_id, 'scheme/' || n.scheme, n.label
        from subjects s join records r using (record_id) join concept_notations n on n.scheme = s.scheme and n.notation = s.notation
        """
    )
    engine.create(
        "paper_concepts",
        f"""
        select paper_id, concept_id, weight, place <= 3 or (place <= 6 and weight >= {_MAIN_WEIGHT}) as main
        from concept_chosen join concept_named using (root)
        union all select distinct paper_id, concept_id, {_SUBJECT_WEIGHT}, false from concept_subjects
        """,
    )
    engine.create(
        "concepts",
        f"""
        with counts as (
            select concept_id, count(*) as papers, min(p.issued) as first from paper_concepts join papers p using (paper_id) group by concept_id
        )
        select n.concept_id, n.label, n.label_ko, n.kind, n.abbreviation, '{_SCHEME}' as scheme, coalesce(papers, 0) as papers, first
        from concept_named n left join counts using (concept_id)
        union all
        select s.concept_id, s.label, null, 'Field', null, s.scheme, papers, first
        from (select distinct concept_id, label, scheme from concept_subjects) s join counts using (concept_id)
        """,
    )
    engine.create(
        "concept_labels",
        """
        select n.concept_id, l.language, l.label, l.kind, count(distinct c.paper_id) as papers
        from concept_new_labels l
        join concept_named n on n.root = l.root
        left join concept_shown w on w.root = l.root and w.language = l.language and w.label = l.label
        left join concept_kept k on k.root = w.root and k.form = w.surface
        left join concept_chosen c on c.paper_id = k.paper_id and c.root = k.root
        group by all
        union all
        select concept_id, 'en', label, 'preferred', papers from concepts where scheme <> 'scheme/extracted'
        union all
        select concept_id, 'und', notation, 'alternative', papers
        from concepts join (select distinct concept_id, notation from concept_notations) using (concept_id) where notation <> label
        """,
    )
    engine.create("concept_links", "select distinct concept_id, relation, target from concept_new_links")
    engine.create(
        "mentions",
        """
        select s.section_id, k.begin_index, k.end_index, n.concept_id, k.surface, k.evidence, cast(k.confidence as decimal(4, 3)) as confidence
        from concept_kept k join concept_chosen using (paper_id, root) join concept_named n using (root) join concept_sections s using (section)
        """,
    )
    engine.append("clusters", "select 'concept' as kind, member_id, canonical_id, reason from concept_new_clusters")
    engine.append(
        "judgements",
        """
        select 'concept' as kind, left_id, right_id, verdict, cast(score as decimal(4, 3)) as score, judge, reason
        from concept_new_judgements
        -- Where a person judges the same two labels, that is what holds.
        anti join said on said.kind = 'concept' and left_label = left_id and right_label = right_id and said.verdict in ('same', 'different')
        union all
        select 'concept', left_label, right_label, verdict, 1, 'person', coalesce(reason, 'a person says so')
        from said where kind = 'concept'
        """,
    )


_JUDGES = {"initials": "initials", "composition": "composition", "meaning": "vocabulary"}
_RELATIONS = {
    "translation": "Korean",
    "composition": "Korean",
    "abbreviation": "abbreviation",
    "initials": "abbreviation",
    "said": "another name",
    "meaning": "abbreviation",
}


def link_rows(engine: Engine, ids: dict[str, str], vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
    """What the vocabularies say of the concepts in the graph: broader concepts of them, and links to concepts elsewhere."""
    by_number = {entry.number: ids[entry.root] for entry in vocabulary.entries.values() if entry.root in ids}
    for entry in vocabulary.entries.values():
        for number in entry.broader if entry.root in ids else ():
            if number in by_number:
                yield ids[entry.root], "broader", by_number[number]
    for number, relation, target in engine.rows(
        """
        select number, relation, target from vocabulary_links
        union select number, 'exactMatch', iri from vocabulary_concepts where iri is not null order by all
        """
    ):
        if number in by_number:
            yield by_number[number], relation, target


def cluster_rows(
    named: list[tuple[str, str | None, Named]], ids: dict[str, str], roots: Roots, names: dict[str, str], vocabulary: Vocabulary
) -> Iterator[tuple[str, str, str]]:
    """Each label that stands for one concept everywhere; and those that stand for one in some papers only, with the paper."""
    best: dict[str, tuple[int, str, str]] = {}
    reasons = {(child, parent): (relation, reason) for child, parent, relation, _, _, reason in roots.verdicts}
    for root, _, result in named:
        main = result.label or result.label_ko or root
        for _, label, kind in result.labels:
            key = fold(label)
            if label == main:
                reason = "its own label"
            elif key == fold(main):
                reason = f"another spelling of {main}"
            elif (key, root) in reasons:
                relation, why = reasons[key, root]
                reason = f"{_RELATIONS[relation]} of {main}: {why}"
            elif any(meaning == root for meaning, _ in vocabulary.meanings.get(key, ())):
                reason = f"the vocabulary has it as a name of {main}"
            else:
                reason = f"{'abbreviation' if kind == 'abbreviation' else 'another name'} of {main}"
            candidate = (0 if roots.everywhere.get(key, key) == root else 1, ids[root], reason)
            if label not in best or candidate < best[label]:
                best[label] = candidate
    for label, (_, identifier, reason) in sorted(best.items()):
        yield label, identifier, reason
    for (paper, key), root in sorted(roots.in_paper.items()):
        if root in ids and key in names:
            yield f"{names[key]} in {paper}", ids[root], f"{names[key]} stands for {names.get(root, root)} in this paper"


def judgement_rows(roots: Roots, names: dict[str, str], used: frozenset[str]) -> Iterator[tuple[str, str, str, float, str, str]]:
    """Each pair of labels, the lesser first: verdict, score, judge and reason. What is named word by word is told of the keys in use alone."""
    rows: dict[tuple[str, str], tuple[str, float, str, str]] = {}
    for child, parent, relation, verdict, score, reason in sorted(roots.verdicts):
        if relation == "said" or (relation in {"composition", "meaning"} and child not in used):
            continue
        left, right = sorted((names.get(child, child), names.get(parent, parent)))
        if left != right:
            rows.setdefault((left, right), (verdict, round(score, 3), f"rule: {_JUDGES.get(relation, 'gloss')}", reason))
    for (left, right), (verdict, score, judge, reason) in sorted(rows.items()):
        yield left, right, verdict, score, judge, reason
