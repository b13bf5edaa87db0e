-- concept_found: every candidate, with the root of its key, in its paper where that has one of its own
--   form       the term as it is read there: the surface, or in full where it shares words with another
--   evidence   what found it, without the sides; whole, head, inner: whether its run of words begins and ends with it, ends with it, or goes on at both sides
create temp table concept_found as
select s.section, s.paper_id, s.in_title, c.begin_index, c.end_index, c.surface, k.surface as form, k.key, coalesce(l.root, g.root, k.key) as root,
       regexp_replace(c.evidence, '( word)?( begin| end| inside)?$', '') as evidence,
       not regexp_matches(c.evidence, ' (begin|end|inside)$') and c.evidence <> 'vocabulary' as whole,
       not regexp_matches(c.evidence, ' (begin|inside)$') and c.evidence <> 'vocabulary' as head,
       regexp_matches(c.evidence, ' inside$') as "inner"
from candidates c
join concept_keys k on k.surface = case when c.relation = 'shared' then c.partner else c.surface end
join concept_sections s using (section_id)
left join concept_roots g using (key)
left join concept_local_roots l on l.paper_id = s.paper_id and l.key = k.key
where k.key <> ''
