-- concept_chosen: what each paper is about
--   weight    how likely the concept is one of the paper's, in (0, 1)
--   place     from 1, by falling points; at most $most a paper, and none less likely than $least
create temp table concept_chosen as
select paper_id, root, confidence as weight, row_number() over (partition by paper_id order by points desc, root) as place
from concept_ranked semi join concept_kept using (paper_id, root)
where confidence >= $least
qualify place <= $most
