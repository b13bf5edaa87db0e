-- shared_topics: two papers that are strong neighbours by topic
--   source, target  paper_id, source < target
--   concepts        how many concepts they share
--   weight          in nats: sum over the shared concepts of ln(N / df), N papers in all, df of them about the concept
-- Each paper's ten strongest neighbours, kept if either end ranks the other; ties by id. Concepts in more than a tenth
-- of the papers do not count once there are more than 200 papers. From topic_neighbours (which see).
select a.paper_id as source, b.paper_id as target, concepts, weight
from (select distinct least(paper, other) as paper, greatest(paper, other) as other, concepts, weight from topic_neighbours) n
join (select paper_id, row_number() over (order by paper_id) as paper from papers) a using (paper)
join (select paper_id, row_number() over (order by paper_id) as other from papers) b using (other)
order by source, target
