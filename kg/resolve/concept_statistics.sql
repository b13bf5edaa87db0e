-- concept_statistics: what surrounds a concept's mentions
--   said_kind              the kind that the user's own pipeline gives it
--   coined                 the name that a paper coins for it
--   as_dataset, as_model   how many mentions are followed by "dataset" or "benchmark", and by "model", in either language;
--                          a title that says "NAME: a ... benchmark for" speaks for all of them
create temp table concept_statistics as
select k.root, min(k.form) filter (k.evidence = 'coined') as coined,
       case when bool_or(k.evidence = 'coined' and regexp_matches(
                k.following, '^ ?[:：–—-] (an? )?([\w-]+ ){0,4}(benchmark|dataset|corpus)( (for|of|on|to|in|with|from)\b|$)', 'i')) then count(*) else
       count(*) filter (regexp_matches(k.following, '^ ?(데이터셋|데이터 ?세트|벤치마크|코퍼스|[Dd]ataset|[Bb]enchmark|[Cc]orpus)')) end as as_dataset,
       count(*) filter (regexp_matches(k.following, '^ ?(모델|[Mm]odel)')) as as_model,
       count(*) as mentions,
       max(case regexp_extract(k.evidence, '^pipeline (\w+)$', 1) when 'task' then 'Task' when 'method' then 'Method' when 'model' then 'Model'
           when 'dataset' then 'Dataset' when 'metric' then 'Metric' when 'field' then 'Field' end) as said_kind
from concept_kept k
join concept_chosen using (paper_id, root)
group by k.root
