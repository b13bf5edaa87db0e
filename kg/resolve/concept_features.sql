-- concept_features: what is known of each concept that a paper may be about; the ranker's input (see concept_ranker.py)
--   Everything is a number; yes and no are 1 and 0. "c_" marks what is known from the whole corpus, "v_" what from the vocabulary.
--   title, coined, gloss, acronym   a mention in the title; the paper coins the name; a side of a gloss; beside its abbreviation
--   shared          only found where two terms share a word ("object and camera control")
--   mentions        places in the paper where it stands
--   sections        in how many of its sections
--   results         all mentions stand in a section on results
--   place           words before the first mention, in its section, in code points
--   whole, head     share of mentions that are a whole run of words; that end one
--   inner           share of mentions inside a longer run, at neither end
--   in_known, in_said, crossing, ends_known, around   share of mentions inside a longer term of a vocabulary; inside a longer gloss side, abbreviation or
--                   name; that cross the edge of one of these; that end with a term of a vocabulary; that hold one of these
--   quoted, action  stands in quotes; share of mentions that a verb's ending follows (생성하는)
--   both            a Korean and an English form in the paper
--   letters         characters of its longest form in the paper
--   guest, mixed    share of mentions with Latin words in a Korean text; Korean and Latin in one form
--   name, digit     looks like a name; has a digit
--   generic, weak   all words generic; the last word generic
--   c_rarity        ln(papers / papers with it, as a candidate), in nats
--   c_titles, c_gloss, c_whole   share of those with it in a title, in a gloss, as a whole run of words
--   c_tail          terms of the vocabulary that end with its last word; c_first: that begin with its first
--   v_words         share of the words of a form that stand in terms of the vocabulary
--   trusted, own    (no features) found by the user's own pipeline; of the user's own vocabulary
--   v_*             it is a concept of the vocabulary, and of which kind
create temp table concept_features as
with spans as (
    select paper_id, root, section, any_value(in_title) as in_title, begin_index, end_index, form, bool_or(whole) as whole, bool_or(head) as head,
           bool_or("inner") as "inner", bool_or(evidence = 'coined') as coined, bool_or(evidence = 'gloss') as gloss,
           bool_or(evidence = 'acronym') as acronym, bool_and(evidence = 'coordination') as shared, bool_or(evidence = 'quoted') as quoted, bool_or(evidence = 'action') as "action",
           bool_or(evidence like 'pipeline%') as trusted
    from concept_found group by paper_id, root, section, begin_index, end_index, form
),
strong as (
    -- Spans that somebody says are a term: a side of a gloss, an abbreviation, a name, a term of a vocabulary.
    select section, begin_index, end_index, bool_or(evidence = 'vocabulary') as known, bool_or(evidence in ('gloss', 'acronym', 'coined', 'quoted')) as said
    from concept_found where evidence in ('vocabulary', 'gloss', 'acronym', 'coined', 'quoted') group by all
),
beside as (
    select s.section, s.begin_index, s.end_index,
           bool_or(t.known and t.begin_index <= s.begin_index and t.end_index >= s.end_index) as in_known,
           bool_or(t.said and t.begin_index <= s.begin_index and t.end_index >= s.end_index) as in_said,
           bool_or(t.begin_index < s.begin_index and t.end_index > s.begin_index and t.end_index < s.end_index
                or t.begin_index > s.begin_index and t.begin_index < s.end_index and t.end_index > s.end_index) as crossing,
           bool_or(t.known and t.begin_index > s.begin_index and t.end_index = s.end_index) as ends_known,
           bool_or(t.begin_index >= s.begin_index and t.end_index <= s.end_index) as around
    from (select distinct section, begin_index, end_index from spans) s
    join strong t on t.section = s.section and t.begin_index < s.end_index and t.end_index > s.begin_index
         and (t.begin_index <> s.begin_index or t.end_index <> s.end_index)
    group by s.section, s.begin_index, s.end_index
),
mine as (
    select s.paper_id, root, bool_or(s.in_title and not shared) as title, bool_or(coined) as coined, bool_or(gloss) as gloss, bool_or(acronym) as acronym,
           bool_and(shared) as shared, count(*) as mentions, count(distinct section) as sections, bool_and(x.results) as results,
           min(s.begin_index) as place, count(*) filter (whole) as whole, count(*) filter (head) as head, count(*) filter ("inner") as "inner",
           bool_or(k.hangul) and bool_or(not k.hangul) as "both", max(k.letters) as letters,
           count(*) filter (x.korean and not k.hangul) as guest, bool_or(k.mixed) as mixed, bool_or(k.name) as name, bool_or(k.digit) as digit,
           bool_and(k.generic) as generic, bool_and(k.weak) as weak, max(k.tail) as tail, max(k.first) as first_word, max(k.known) as known,
           count(*) filter (in_known) as in_known, count(*) filter (in_said) as in_said, count(*) filter (crossing) as crossing,
           count(*) filter (ends_known) as ends_known, count(*) filter (around) as around, bool_or(quoted) as quoted,
           count(*) filter ("action") as "action", bool_or(trusted) as trusted
    from spans s join concept_keys k on k.surface = form join concept_sections x using (section)
    left join beside b on b.section = s.section and b.begin_index = s.begin_index and b.end_index = s.end_index
    group by s.paper_id, root
),
corpus as (
    select root, count(*) as papers, count(*) filter (title) as titles, count(*) filter (gloss or acronym) as glosses,
           sum(whole) / sum(mentions) as whole
    from mine group by root
)
select paper_id, m.root, title::integer as title, coined::integer as coined, gloss::integer as gloss, acronym::integer as acronym,
       shared::integer as shared, mentions, sections, results::integer as results, place, m.whole / mentions as whole, head / mentions as head,
       "inner" / mentions as "inner", in_known / mentions as in_known, in_said / mentions as in_said, crossing / mentions as crossing,
       ends_known / mentions as ends_known, around / mentions as around, quoted::integer as quoted, "action" / mentions as "action",
       ln((select count(*) from papers) / c.papers) as c_rarity, "both"::integer as "both", letters,
       guest / mentions as guest, mixed::integer as mixed, name::integer as name, digit::integer as digit, generic::integer as generic,
       weak::integer as weak, c.titles / c.papers as c_titles,
       c.glosses / c.papers as c_gloss, c.whole as c_whole,
       coalesce(t.terms, 0) as c_tail, coalesce(f.terms, 0) as c_first, known as v_words, (v.root is not null)::integer as v_known,
       coalesce(v.kind = 'Task', false)::integer as v_task, coalesce(v.kind = 'Method', false)::integer as v_method, coalesce(v.kind = 'Model', false)::integer as v_model,
       coalesce(v.kind = 'Dataset', false)::integer as v_dataset, coalesce(v.kind = 'Metric', false)::integer as v_metric, coalesce(v.kind = 'Field', false)::integer as v_field,
       m.trusted, coalesce(v.own, false) as own
from mine m
join corpus c using (root)
left join concept_tails t on t.word = m.tail
left join concept_firsts f on f.word = m.first_word
left join concept_known v on v.root = m.root
