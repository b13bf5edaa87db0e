-- ranks: how central a node of a view is
--   view, node_id   people (authors), papers or concepts; nodes without an edge are left out
--   degree          how many neighbours
--   strength        sum of the weights of its edges, in the unit of the edge table (coauthorships, shared_topics, cooccurrences)
--   participation   1 - sum over communities of (weight into the community / strength)^2: 0 where all edges end in one community,
--                   near 1 where they spread (R. Guimerà and L. A. N. Amaral, Nature 433, 895, 2005)
-- Neighbours without a community (concepts of one paper) count as one more community.
with
edges as (
    select 'people' as view, source, target, weight from coauthorships
    union all
    select 'papers', source, target, weight from shared_topics
    union all
    select 'concepts', source, target, weight from cooccurrences
),
ends as (
    select view, source as node_id, target as neighbour, weight from edges
    union all
    select view, target, source, weight from edges
),
shares as (
    select e.view, e.node_id, count(*) as neighbours, sum(e.weight) as weight
    from ends e
    left join communities c on c.view = e.view and c.node_id = e.neighbour
    group by e.view, e.node_id, c.community
),
totals as (
    select *, sum(weight) over (partition by view, node_id) as strength from shares
)
select view, node_id, cast(sum(neighbours) as integer) as degree, cast(any_value(strength) as decimal(18, 9)) as strength,
       greatest(0, 1 - sum(cast(case when strength > 0 then (cast(weight as double) / cast(strength as double)) ** 2 else 1 end as decimal(18, 9)))) as participation
from totals
group by view, node_id
