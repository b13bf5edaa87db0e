-- concept_found: the candidates that stay, each with the root of its key, in its paper where that has one of its own
-- A plain English word inside a text stays only if at least one in fifteen of its papers has it in the title, or in a gloss.
create temp table concept_found as
select s.section, s.paper_id, s.in_title, c.begin_index, c.end_index, c.surface, coalesce(l.root, g.root, k.key) as root, c.evidence, max(c.confidence) as confidence
from candidates c
join concept_keys k using (surface)
join concept_numbers n using (key)
join concept_sections s using (section_id)
left join concept_roots g using (key)
left join concept_local_roots l on l.paper_id = s.paper_id and l.key = k.key
where (n.kept or g.root is not null or l.root is not null) and (c.evidence <> 'word' or 15 * n.titles >= n.papers)
group by all
