-- drawn: the edges that a picture shows; no table of its own, but what communities, layout and page draw from
--   view            people, papers or concepts
--   source, target  ids, source < target
--   weight          people: sum of 1 / (authors - 1) over the joint papers of small teams, in papers (Newman, as in coauthorships);
--                   papers and concepts: that of shared_topics and cooccurrences
-- A team of more than 15 authors is drawn as its paper with a spoke to each author: its pairs would be a black disc (59 authors
-- make 1,711 lines). The other views keep an edge where either end counts the other among its four strongest neighbours
-- (concepts: by papers times cosine of their occurrences). Concepts of one paper are not drawn, for they only repeat that paper; where
-- fewer than 30 concepts have more, all are. Of many, the 2,000 papers of most shared topics and the 2,000 most frequent concepts.
with
small_teams as (
    select 'people' as view, a.author_id as source, b.author_id as target, sum(cast(1.0 / (p.authors - 1) as decimal(18, 9))) as weight
    from authorships a
    join authorships b using (paper_id)
    join papers p using (paper_id)
    where a.author_id < b.author_id and p.authors <= 15
    group by a.author_id, b.author_id
),
spokes as (
    select 'people' as view, a.author_id as source, a.paper_id as target, cast(1 as decimal(18, 9)) as weight
    from authorships a
    join papers p using (paper_id)
    where p.authors > 15
),
topical as (
    select paper_id
    from (select source as paper_id, weight from shared_topics union all select target, weight from shared_topics)
    group by paper_id
    order by sum(weight) desc, paper_id limit 2000
),
recurring as (
    select concept_id from concepts
    where papers >= case when (select count(*) from concepts where papers > 1) >= 30 then 2 else 1 end
    order by papers desc, concept_id limit 2000
),
neighbours as (
    select 'papers' as view, source, target, weight, cast(weight as double) as strength
    from shared_topics e
    semi join topical s on s.paper_id = e.source
    semi join topical t on t.paper_id = e.target
    union all
    select 'concepts', source, target, weight, c.papers * sqrt(cast(c.papers * c.weight as double))
    from cooccurrences c
    semi join recurring s on s.concept_id = c.source
    semi join recurring t on t.concept_id = c.target
),
both_ways as (
    select view, source, target, weight, strength, source as near, target as far from neighbours
    union all
    select view, source, target, weight, strength, target, source from neighbours
),
strongest as (
    select distinct view, source, target, weight
    from (select * from both_ways qualify row_number() over (partition by view, near order by strength desc, far) <= 4)
)
select * from small_teams
union all
select * from spokes
union all
select * from strongest
order by view, source, target
