-- concept_statistics: what surrounds a concept's mentions
--   as_dataset, as_model   how many mentions are followed by "dataset" or "benchmark", and by "model", in either language
create temp table concept_statistics as
select k.root, bool_or(k.evidence = 'coined') as coined,
       count(*) filter (regexp_matches(substr(t.text, k.end_index + 1, 16), '^ ?(데이터셋|데이터 ?세트|벤치마크|코퍼스|[Dd]ataset|[Bb]enchmark|[Cc]orpus)')) as as_dataset,
       count(*) filter (regexp_matches(substr(t.text, k.end_index + 1, 16), '^ ?(모델|[Mm]odel)')) as as_model,
       count(*) as mentions
from concept_kept k
join concept_chosen using (paper_id, root)
join concept_sections s using (section)
join sections t using (section_id)
group by k.root
