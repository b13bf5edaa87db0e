-- concept_statistics: what surrounds a concept's mentions
--   coined                 the name that a paper coins for it
--   as_dataset, as_model   how many mentions are followed by "dataset" or "benchmark", and by "model", in either language;
--                          a title that says "NAME: a ... benchmark for" speaks for all of them
create temp table concept_statistics as
select k.root, min(k.form) filter (k.evidence = 'coined') as coined,
       case when bool_or(k.evidence = 'coined' and regexp_matches(
                k.following, '^ ?[:：–—-] (an? )?([\w-]+ ){0,4}(benchmark|dataset|corpus)( (for|of|on|to|in|with|from)\b|$)', 'i')) then count(*) else
       count(*) filter (regexp_matches(k.following, '^ ?(데이터셋|데이터 ?세트|벤치마크|코퍼스|[Dd]ataset|[Bb]enchmark|[Cc]orpus)')) end as as_dataset,
       count(*) filter (regexp_matches(k.following, '^ ?(모델|[Mm]odel)')) as as_model,
       count(*) as mentions
from concept_kept k
join concept_chosen using (paper_id, root)
group by k.root
