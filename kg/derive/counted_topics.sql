-- counted_topics: the concepts of papers that count for shared topics
--   paper           number of the paper, in the order of the ids
--   concept         number of the concept, in the order of the ids
--   weight          in nats: ln(N / df), N papers in all, df of them about the concept (K. Sparck Jones, Journal of
--                   Documentation 28, 11-21, 1972)
-- Concepts in more than a tenth of the papers do not count once there are more than 200 papers; nor do those of every
-- paper, which weigh nothing, and those of a single one, which join nothing.
select paper, dense_rank() over (order by concept_id) as concept, cast(ln(n / df) as decimal(18, 9)) as weight
from (select concept_id, count(*) as df from paper_concepts group by concept_id)
join (select count(*) as n from papers) on df > 1 and df < n and (n <= 200 or df <= n / 10)
join paper_concepts using (concept_id)
join (select paper_id, row_number() over (order by paper_id) as paper from papers) using (paper_id)
