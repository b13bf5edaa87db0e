-- concept_initials: abbreviations of three to five letters that no gloss explains, each with a long form that has them for initials
--   short, long   keys
--   papers        which papers use both, perhaps none
--   coined        whether a paper that does not use the long form coins the abbreviation in its title
-- Small words of a long form ("of") count or not.
create temp table concept_initials as
with shorts as (
    select distinct key as short from concept_keys where regexp_full_match(key, '[A-Z]{3,5}') and key not in (select child from concept_pairs) and key not in (select key from concept_terms)
),
fits as (
    select distinct short, key as long
    from (
        select key, surface, unnest([upper(initials), regexp_replace(initials, '[a-z]', '', 'g')]) as spelled
        from concept_keys where length(initials) between 3 and 8
    ) join shorts on short = spelled
    where key <> lower(short) and not regexp_matches(surface, '\b' || short || 's?\b')
),
uses as (
    select k.key, s.paper_id, bool_or(c.evidence = 'coined') as coined
    from candidates c join concept_keys k using (surface) join concept_sections s using (section_id)
    where k.key in (select short from fits union all select long from fits)
    group by all
)
select f.short, f.long, coalesce(list(a.paper_id order by a.paper_id) filter (b.paper_id is not null), []) as papers,
       bool_or(a.coined and b.paper_id is null) as coined
from fits f
join uses a on a.key = f.short
left join uses b on b.key = f.long and b.paper_id = a.paper_id
group by f.short, f.long
