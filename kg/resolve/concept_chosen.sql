-- concept_chosen: what each paper is about
--   weight    in (0, 1): a logistic of what speaks for it, see below
--   place     from 1, by falling weight; at most $most a paper, and none under $least
create temp table concept_chosen as
with evidence as (
    select paper_id, root, count(*) as mentions, bool_or(in_title) as in_title, max(confidence) as confidence,
           bool_or(evidence = 'coined') as coined, max(length(surface) - length(replace(surface, ' ', '')) + 1) as words
    from concept_kept group by all
),
spread as (
    select root, count(*) as papers from evidence group by root
),
scored as (
    select paper_id, root,
           -3.5 + 4.0 * confidence + 1.2 * in_title::integer + 0.8 * coined::integer + 1.2 * ln(mentions) + 0.3 * ln(papers)
           + 0.2 * (words = 2)::integer - 0.5 * (words > 3)::integer as score
    from evidence join spread using (root)
),
placed as (
    select paper_id, root, cast(1 / (1 + exp(-score)) as decimal(18, 9)) as weight from scored
)
select paper_id, root, weight, row_number() over (partition by paper_id order by weight desc, root) as place
from placed
where weight >= $least
qualify place <= $most
