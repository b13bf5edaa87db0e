"""Which names are one author: those of one identity key (`kg.ids.name_key`), never those of one surname and initial."""

from __future__ import annotations

import re

from kg.engine import Engine
from kg.ids import author_id, name_key

_GROUP_WORDS = frozenset(
    """
    agency alliance association authors center centre collaboration collaborations committee community company consortium corp
    corporation council department foundation gmbh group groups inc initiative institute institutes lab labs laboratories
    laboratory llc ltd network organisation organization project research society team teams university
    """.split()
)
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&.-]{2,}")


def is_group(name: str) -> bool:
    """Whether a name in a byline is a team's or an organisation's.

    It is when a word of it names a group ("Gemma Team"), when it has a digit ("01. AI"), or is one word in capitals.

    >>> [is_group(name) for name in ("Gemma Team", "01. AI", "NVIDIA", "Qwen2 Authors")]
    [True, True, True, True]
    >>> [is_group(name) for name in ("Ai Weiwei", "Qingyao Ai", "C. X. Lv", "Madonna", "AJ", "ANDREA ROSSI")]
    [False, False, False, False, False, False]
    """
    words = name.split()
    if any(character.isdigit() for character in name) or (len(words) == 1 and _ACRONYM.fullmatch(name)):
        return True
    # The first word of a longer name is a given name ("Ai Weiwei"), but for a group's own ("Team Seed").
    tail = words[1:] if len(words) > 1 else words
    return words[0] == "Team" or any(word.strip(".,()").lower() in _GROUP_WORDS or word == "AI" for word in tail)


def resolve_authors(engine: Engine) -> None:
    """Set signatures.author_id; add judgements and clusters. Each signature of one identity key is one author."""
    names = [name for (name,) in engine.rows("select distinct name from signatures order by name")]
    engine.run("create temp table author_names (name varchar, name_key varchar, author_id varchar, is_group boolean)")
    engine.insert(
        "author_names", ("name", "name_key", "author_id", "is_group"), ((name, name_key(name), author_id(name), is_group(name)) for name in names)
    )
    engine.run("update signatures set author_id = author_names.author_id from author_names where author_names.name = signatures.name")
    engine.append("clusters", _CLUSTERS)
    engine.append("judgements", _JUDGEMENTS)


def make_authors(engine: Engine) -> None:
    """Make authorships and authors from signatures, records and papers."""
    engine.create("authorships", _AUTHORSHIPS)
    engine.create("authors", _AUTHORS)
    engine.run("drop table author_names")


_CLUSTERS = """
select 'author' as kind, signature_id as member_id, n.author_id as canonical_id, 'name key ' || name_key as reason
from signatures join author_names n using (name)
"""

# A chain over the signatures of one key, not all pairs.
_JUDGEMENTS = """
select 'author' as kind, left_id, right_id, 'same' as verdict, case when left_name = right_name then 0.9 else 0.8 end as score,
       'rule: name key' as judge, left_name || ' and ' || right_name || ' have the key ' || name_key as reason
from (
    select signature_id as right_id, name as right_name, name_key,
           lag(signature_id) over same_key as left_id, lag(name) over same_key as left_name
    from signatures join author_names using (name)
    window same_key as (partition by name_key order by signature_id)
)
where left_id is not null
"""

# Positions come from one record of the paper whose order can be trusted, the one with most names.
_AUTHORSHIPS = """
with bylines as (
    select paper_id, record_id, row_number() over (partition by paper_id order by count(*) desc, record_id) as place
    from records join signatures using (record_id) where order_trusted group by paper_id, record_id
),
positions as (
    select paper_id, author_id, min(position) as position
    from bylines join signatures using (record_id) where place = 1 group by paper_id, author_id
),
written as (
    select paper_id, author_id, first(name order by order_trusted desc, record_id, position) as name_as_written
    from records join signatures using (record_id) group by paper_id, author_id
)
select paper_id, author_id, position, name_as_written from written left join positions using (paper_id, author_id)
"""

_AUTHORS = """
with spellings as (
    select author_id, name, count(*) as uses, bool_or(is_group) as is_group, min(orcid) as orcid
    from signatures join author_names using (name, author_id) group by author_id, name
)
select author_id, first(name order by uses desc, length(name) desc, name) as name,
       case when bool_or(is_group) then 'group' else 'person' end as kind, min(orcid) as orcid, any_value(papers) as papers
from spellings join (select author_id, count(*) as papers from authorships group by author_id) using (author_id)
group by author_id
"""
