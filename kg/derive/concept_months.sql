-- concept_months: a concept in a month
--   concept_id      the concept
--   month           ISO 8601, of the papers' dates (papers known by year only do not count)
--   papers          how many papers of that month are about it
--   share           of that month's papers, in [0, 1]
with dated as (select paper_id, substr(issued, 1, 7) as month from papers where length(issued) >= 7)
select concept_id, month, count(*) as papers, cast(count(*) / any_value(n) as decimal(18, 9)) as share
from paper_concepts
join dated using (paper_id)
join (select month, count(*) as n from dated group by month) using (month)
group by concept_id, month
order by concept_id, month
