-- cooccurrences: two concepts of one paper
--   source, target  concept_id, source < target
--   papers          how many papers are about both
--   weight          association strength: papers * N / (df of source * df of target), 1 where they meet as often as by
--                   chance (N. J. van Eck, L. Waltman, JASIST 60, 1635-1651, 2009)
-- Of extracted concepts. Pairs of a single paper do not count once there are more than 200 papers.
with counted as (
    select paper_id, concept_id from paper_concepts join concepts using (concept_id) where scheme = 'scheme/extracted'
),
frequencies as (select concept_id, count(*) as df from counted group by concept_id),
pairs as (
    select a.concept_id as source, b.concept_id as target, count(*) as papers
    from counted a join counted b using (paper_id)
    where a.concept_id < b.concept_id
    group by a.concept_id, b.concept_id
)
select source, target, papers, cast(papers * n / (s.df * t.df) as decimal(18, 9)) as weight
from pairs
join (select count(*) as n from papers) on n <= 200 or papers > 1
join frequencies s on s.concept_id = source
join frequencies t on t.concept_id = target
order by source, target
