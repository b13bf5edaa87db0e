-- concept_sections: the sections, numbered, with their papers, whether they are about results, and whether in Korean
create temp table concept_sections as
select row_number() over (order by s.section_id) as section, s.section_id, r.paper_id, s.label = 'title' as in_title,
       regexp_matches(s.label, 'result|performance|experiment|finding|highlight|성능|결과|실험', 'i') as results,
       regexp_matches(s.text, '[가-힣]') as korean
from sections s join records r using (record_id);

-- concept_pairs: which key stands for which, by each paper's own glosses and acronyms
--   child     an abbreviation, or a Korean term
--   parent    its long form, or its English form (else its abbreviation)
create temp table concept_pairs as
select distinct paper_id, case when forward then own else other end as child, case when forward then other else own end as parent, relation
from (
    select s.paper_id, k.key as own, p.key as other,
           case when k.hangul = p.hangul then 'abbreviation' else 'translation' end as relation,
           case when k.hangul <> p.hangul then k.hangul else c.relation = 'expansion' end as forward
    from candidates c
    join concept_keys k on k.surface = c.surface
    join concept_keys p on p.surface = c.partner
    join concept_sections s using (section_id)
    where c.relation <> 'shared' and k.key <> '' and p.key <> '' and k.key <> p.key and (k.hangul <> p.hangul or c.relation in ('abbreviation', 'expansion'))
)
