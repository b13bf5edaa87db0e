-- topic_neighbours: a paper's ten strongest neighbours by topic, for the papers numbered $first_paper to $last_paper
--   paper, other    numbers of two papers, in the order of their ids
--   concepts        how many concepts they share
--   weight          in nats: sum over those of ln(N / df)
-- An intermediate table of shared_topics, made slice by slice so that memory stays bounded; made from
-- counted_topics (paper, concept, weight), the concepts that count. Ties go to the smaller id.
select a.paper, b.paper as other, count(*) as concepts, sum(a.weight) as weight
from counted_topics a
join counted_topics b using (concept)
where a.paper between $first_paper and $last_paper and a.paper <> b.paper
group by a.paper, b.paper
qualify row_number() over (partition by a.paper order by sum(a.weight) desc, b.paper) <= 10
