-- concept_numbers: in how many papers a key was found, and whether it stays
--   strong    in how many of them in a title, in a gloss, or beside its abbreviation
-- In a large corpus what one paper says once, and not strongly, is no concept.
create temp table concept_numbers as
with occurrences as (
    select k.key, count(distinct s.paper_id) as papers,
           count(distinct s.paper_id) filter (s.in_title and c.evidence <> 'title word' or c.confidence >= 0.85) as strong,
           count(distinct s.paper_id) filter (s.in_title or c.confidence >= 0.85) as titles
    from candidates c join concept_keys k using (surface) join concept_sections s using (section_id)
    where k.key <> '' group by k.key
),
words as (
    select key, min(words) as words, bool_or(hangul) as hangul from concept_keys group by key
)
select key, papers, strong, titles, words, hangul, not $large or strong > 0 or papers > 1 as kept
from occurrences join words using (key)
