-- coauthorships: two authors who wrote together
--   source, target  author_id, source < target
--   papers          how many papers they share
--   weight          in papers: sum of 1 / (authors - 1) over those papers, so that an author's weights add up to the
--                   papers that they did not write alone (M. E. J. Newman, Phys. Rev. E 64, 016132, 2001)
--   first, last     dates of the earliest and latest shared paper, null where unknown
-- Papers of more than max_team authors make no pairs.
select a.author_id as source, b.author_id as target,
       count(*) as papers, sum(cast(1.0 / (p.authors - 1) as decimal(18, 9))) as weight, min(p.issued) as first, max(p.issued) as last
from authorships a
join authorships b using (paper_id)
join papers p using (paper_id)
where a.author_id < b.author_id and p.authors <= $max_team
group by a.author_id, b.author_id
order by source, target
