"""Which candidates are concepts, which labels name one concept, and what each paper is about.

Nothing is decided by one text alone. Surfaces are folded to keys (case, hyphens, spaces, plural); glosses and acronyms say which key stands for
which, and papers vote: the best-supported long form rules, an abbreviation with two long forms goes by the one of its own paper. What is left are
roots, one a concept; they are weighed paper by paper.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

from kg.engine import Engine
from kg.ids import concept_id, encode, short_hash

LARGE_CORPUS = 1_000
"""From so many papers on, a concept of one paper is kept only if it stands in a title, a gloss or beside its abbreviation."""
MAX_CONCEPTS = 25
"""How many extracted concepts a paper keeps, at most."""
MIN_WEIGHT = 0.15
"""A concept that weighs less in a paper is left out of it."""
_PART_PAPERS = 3
_CHUNK_SECTIONS = 4_000
_SCHEME = "scheme/extracted"
_MAIN_WEIGHT = "0.8"
_SUBJECT_WEIGHT = "0.5"

_HANGUL = re.compile("[가-힣]")
_JOINERS = re.compile(r"[\s\-‐‑–—_/·'’\"“”`]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_PLURAL_CAPITALS = re.compile(r"(?<=[A-Z0-9])s\b")
_OBJECT = re.compile("(?<=[가-힣]{2})(?:을|를)$")


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular of an English word in lower case, by its ending alone.

    >>> [singular(word) for word in ("models", "policies", "losses", "analysis", "bias", "images")]
    ['model', 'policy', 'loss', 'analysis', 'bias', 'image']
    """
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")) and len(word) > 4:
        return word[:-2]
    return word if word.endswith(("ss", "us", "is", "ias", "eas", "ous")) else word[:-1]


def fold(surface: str) -> str:
    """The key of a surface: surfaces with one key are spellings of one label. Empty if nothing is left.

    Short words of capitals keep them, for GAP is no gap and MATH no math.

    >>> fold("Mixture-of-Experts") == fold("mixture of expert"), fold("LLMs") == fold("LLM"), fold("C++") == fold("C"), fold("GAP") == fold("gap")
    (True, True, False, False)
    >>> fold("지식 그래프") == fold("지식그래프를")
    True
    """
    text = _PLURAL_CAPITALS.sub("", _POSSESSIVE.sub("", unicodedata.normalize("NFKC", surface)))
    if len(text) <= 5 and text.isalpha() and sum(character.isupper() for character in text) > 1:
        return text.upper()
    text = text.casefold()
    return _OBJECT.sub("", "".join(singular(word) for word in _JOINERS.split(text)).strip(".,:;!?()[]{}"))


def resolve_concepts(engine: Engine) -> None:
    """Make mentions, concepts, concept_labels, concept_links and paper_concepts; add judgements and clusters of kind concept.

    Reads sections, records, papers and the temporary tables ``candidates`` (section_id, begin_index, end_index, surface, evidence, confidence,
    partner, relation) and ``subjects`` (record_id, scheme, notation, label). The order of their rows does not matter.
    """
    engine.run("create temp table concept_keys (surface varchar, key varchar, hangul boolean, words integer)")
    surfaces = _chunks(
        engine, "select distinct surface from (select surface from candidates union all select partner from candidates) where surface is not null"
    )
    engine.insert("concept_keys", ("surface", "key", "hangul", "words"), (_key_row(surface) for (surface,) in surfaces))
    engine.run(_sql("pairs"))
    names = _forms(engine)
    roots = vote([Pair(*row) for row in engine.rows("select paper_id, child, parent, relation from concept_pairs order by all")], names)
    engine.run("create temp table concept_roots (key varchar, root varchar)")
    engine.insert("concept_roots", ("key", "root"), sorted(roots.everywhere.items()))
    engine.run("create temp table concept_local_roots (paper_id varchar, key varchar, root varchar)")
    engine.insert("concept_local_roots", ("paper_id", "key", "root"), ((paper, key, root) for (paper, key), root in sorted(roots.in_paper.items())))
    engine.run(_sql("numbers"), large=engine.value("select count(*) from papers") >= LARGE_CORPUS)
    engine.run(_sql("found"))
    _add_parts(engine)
    _choose_spans(engine)
    engine.run(_sql("weights"), most=MAX_CONCEPTS, least=MIN_WEIGHT)
    _drop(engine, "numbers", "parts", "pairs", "roots", "local_roots")
    _name(engine, roots, names)
    _drop(engine, "sections", "kept", "chosen", "named", "new_labels", "shown", "new_clusters", "new_judgements", "subjects", "notations")


def _drop(engine: Engine, *tables: str) -> None:
    for table in tables:
        engine.run(f"drop table concept_{table}")


def _sql(name: str) -> str:
    return (files("kg.resolve") / f"concepts_{name}.sql").read_text(encoding="utf-8")


def _chunks(engine: Engine, select: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a SELECT whose text is read while rows are inserted: in a table first, then by ranges of its row ids."""
    engine.run(f"create temp table concept_chunks as {select}")
    total = engine.value("select count(*) from concept_chunks")
    for start in range(0, total, 100_000):
        yield from engine.rows("select * from concept_chunks where rowid >= $start and rowid < $stop", start=start, stop=start + 100_000)
    engine.run("drop table concept_chunks")


def _key_row(surface: str) -> tuple[str, str, bool, int]:
    return surface, fold(surface), _HANGUL.search(surface) is not None, len(_JOINERS.split(surface))


def _forms(engine: Engine) -> dict[str, str]:
    """The commonest surface of each key that stands in a gloss or acronym."""
    return dict(
        engine.rows(
            """
            select key, surface from (
                select key, surface, row_number() over (partition by key order by n desc, surface) as place
                from (
                    select k.key, k.surface, count(*) as n
                    from (select surface from candidates where partner is not null union all select partner from candidates where partner is not null)
                    join concept_keys k using (surface) group by all
                )
            ) where place = 1
            """
        )
    )


class Pair(NamedTuple):
    """One paper's word that the key ``child`` stands for ``parent``: an abbreviation for its long form, a Korean term for its English one."""

    paper_id: str
    child: str
    parent: str
    relation: str


class Roots(NamedTuple):
    """What the votes add up to: each key's root in all papers, and in one paper where that differs; and how each pair fared."""

    everywhere: dict[str, str]
    in_paper: dict[tuple[str, str], str]
    verdicts: list[tuple[str, str, str, str, float, str]]  # child, parent, relation, verdict, score, reason


def alike(left: str, right: str) -> bool:
    """Whether two long forms are variants of one: the same last word, and at least half of the words in common.

    >>> alike("Large Language Models", "Long Language Model"), alike("super resolution", "symbolic regression")
    (True, False)
    """
    first, second = ([singular(word) for word in _JOINERS.split(form.casefold()) if word] for form in (left, right))
    return bool(first) and bool(second) and first[-1] == second[-1] and 2 * len(set(first) & set(second)) >= max(len(first), len(second))


def _says_as_much(korean: str, glosses: list[str]) -> bool:
    """Whether a Korean term has as many words, of two or more, as one of its glosses has words or capitals."""
    words = len(_JOINERS.split(korean))
    return words > 1 and any(words == (sum(map(str.isupper, gloss)) if gloss.isalpha() else len(_JOINERS.split(gloss))) for gloss in glosses)


def vote(pairs: Iterable[Pair], names: dict[str, str]) -> Roots:
    """Let papers vote on what stands for what.

    An abbreviation goes to the long form of most papers, everywhere if that has three times the votes of all quite different ones, else only in
    papers that say so themselves. A variant of the winner ("Long Language Models" for LLM) with at most a third of its votes gives way to it. A
    Korean term goes the same way, over the roots of what it is glossed with; by the word of a single paper everywhere only if it has two words or
    more and as many as its gloss.

    Args:
        pairs: each paper's pairs, each once.
        names: a surface of each key.

    >>> pairs = [Pair(f"p{n}", "LLM", "largelanguagemodel", "abbreviation") for n in range(3)]
    >>> pairs.append(Pair("p9", "LLM", "longlanguagemodel", "abbreviation"))
    >>> names = {"LLM": "LLM", "largelanguagemodel": "large language models", "longlanguagemodel": "Long Language Models"}
    >>> roots = vote(pairs, names)
    >>> roots.everywhere["LLM"], roots.in_paper[("p9", "longlanguagemodel")]
    ('largelanguagemodel', 'largelanguagemodel')
    """
    votes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for pair in pairs:
        votes[pair.child, pair.parent, pair.relation].add(pair.paper_id)
    everywhere: dict[str, str] = {}
    in_paper: dict[tuple[str, str], str] = {}
    verdicts: list[tuple[str, str, str, str, float, str]] = []

    def root(key: str) -> str:
        seen = [key]
        while (parent := everywhere.get(seen[-1])) is not None:
            if parent in seen:
                return min(seen[seen.index(parent) :])
            seen.append(parent)
        return seen[-1]

    # English abbreviations first: Korean terms are counted over the roots that these give.
    for korean in (False, True):
        choices: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        relations: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for (child, parent, relation), papers in votes.items():
            if (_HANGUL.search(child) is not None) == korean and child != parent:
                if korean:
                    for paper in papers:
                        choices[child][in_paper.get((paper, parent), root(parent))].add(paper)
                        relations[child, in_paper.get((paper, parent), root(parent))].add((parent, relation))
                else:
                    choices[child][parent] |= papers
                    relations[child, parent].add((parent, relation))
        for child in sorted(choices):
            ranked = sorted(choices[child].items(), key=lambda item: (-len(item[1]), item[0]))
            best, supporters = ranked[0]
            if root(best) == child:
                continue
            variants = {
                form for form, papers in ranked[1:] if len(papers) * 3 <= len(supporters) and alike(names.get(form, form), names.get(best, best))
            }
            rivals = set().union(*(papers for form, papers in ranked[1:] if form not in variants))
            general = len(supporters) >= 3 * len(rivals) and (
                not korean
                or len(supporters) > 1
                or _says_as_much(names.get(child, child), [names.get(parent, parent) for parent, _ in sorted(relations[child, best])])
            )
            if general:
                everywhere[child] = best
            for form, papers in ranked:
                share = len(papers) / len(set().union(*(p for _, p in ranked)))
                relation = min(relation for _, relation in relations[child, form])
                count = f"{len(papers)} paper{'s' if len(papers) > 1 else ''}"
                if form in variants:
                    in_paper.update({(paper, form): best for paper in papers})
                    verdicts.append((child, form, relation, "different", share, f"{count} against {len(supporters)} for {names.get(best, best)}"))
                    continue
                verdicts.append((child, form, relation, "same" if general and form == best else "unsure", share, f"gloss in {count}"))
                if not (general and form == best):
                    for paper in sorted(papers):
                        in_paper.setdefault((paper, child), form)
    # A chain (Korean to abbreviation to long form) ends at its last link.
    flat = {key: root(key) for key in everywhere}
    return Roots({key: end for key, end in flat.items() if key != end}, {place: flat.get(key, key) for place, key in in_paper.items()}, verdicts)


def _add_parts(engine: Engine) -> None:
    """Where a phrase is found in one paper only, the longest part of it that is a concept of several papers takes its place."""
    known = {
        key for (key,) in engine.rows("select key from concept_numbers where papers >= $papers and words > 1 and not hangul", papers=_PART_PAPERS)
    }
    engine.run("create temp table concept_parts (surface varchar, begin_offset integer, end_offset integer, part varchar, key varchar)")
    if not known:
        return
    rows = _chunks(
        engine,
        """
        select distinct c.surface from candidates c join concept_keys k using (surface) join concept_numbers n using (key)
        where c.evidence in ('phrase', 'title', 'latin') and n.papers = 1 and k.words > 2 and not k.hangul
        """,
    )
    engine.insert(
        "concept_parts",
        ("surface", "begin_offset", "end_offset", "part", "key"),
        ((surface, begin, end, surface[begin:end], key) for (surface,) in rows for begin, end, key in best_part(surface, known)),
    )
    engine.run("delete from concept_found where evidence in ('phrase', 'title', 'latin') and surface in (select surface from concept_parts)")
    engine.run(
        """
        insert into concept_found
        select s.section, s.paper_id, s.in_title, c.begin_index + p.begin_offset, c.begin_index + p.end_offset, p.part,
               coalesce(l.root, g.root, p.key), 'part', 0.5
        from candidates c
        join concept_parts p using (surface)
        join concept_sections s using (section_id)
        left join concept_roots g on g.key = p.key
        left join concept_local_roots l on l.paper_id = s.paper_id and l.key = p.key
        where c.evidence in ('phrase', 'title', 'latin') group by all
        """
    )


def best_part(surface: str, known: set[str]) -> list[tuple[int, int, str]]:
    """The longest run of words of a surface, of two or more, whose key is known: begin, end, key; the rightmost of equals.

    >>> best_part("efficient sparse attention kernels", {"sparseattention"})
    [(10, 26, 'sparseattention')]
    """
    words = [(found.start(), found.end()) for found in re.finditer(r"\S+", surface)]
    for length in range(len(words) - 1, 1, -1):
        for first in range(len(words) - length, -1, -1):
            begin, end = words[first][0], words[first + length - 1][1]
            key = fold(surface[begin:end])
            if key in known:
                return [(begin, end, key)]
    return []


def _choose_spans(engine: Engine) -> None:
    """Of spans that overlap the better one stays: a gloss before others, then the longer, then the more trusted."""
    engine.run(
        """
        create temp table concept_kept (
            section integer, paper_id varchar, in_title boolean, begin_index integer, end_index integer, surface varchar, root varchar,
            evidence varchar, confidence double
        )
        """
    )
    sections = engine.value("select count(*) from concept_sections")
    for start in range(0, sections + 1, _CHUNK_SECTIONS):
        rows = engine.rows(
            """
            select section, begin_index, end_index, paper_id, in_title, surface, root, evidence, confidence from concept_found
            where section >= $start and section < $stop
            order by section, confidence >= 0.85 desc, end_index - begin_index desc, confidence desc, begin_index, root, evidence, surface
            """,
            start=start,
            stop=start + _CHUNK_SECTIONS,
        )
        engine.insert(
            "concept_kept",
            ("section", "paper_id", "in_title", "begin_index", "end_index", "surface", "root", "evidence", "confidence"),
            (
                (section, paper_id, in_title, begin, end, surface, root, evidence, confidence)
                for _, group in groupby(rows, key=lambda row: row[0])
                for section, begin, end, paper_id, in_title, surface, root, evidence, confidence in without_overlap(group)
            ),
        )
    engine.run("drop table concept_found")


def without_overlap(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Of rows (anything, begin, end, ...), best first, those that overlap none before them.

    >>> without_overlap([("s", 4, 9), ("s", 0, 5), ("s", 0, 4)])
    [('s', 4, 9), ('s', 0, 4)]
    """
    taken: list[tuple[Any, ...]] = []
    covered = bytearray()
    for row in rows:
        begin, end = row[1], row[2]
        if end > len(covered):
            covered.extend(bytes(end - len(covered)))
        if not any(covered[begin:end]):
            covered[begin:end] = b"\x01" * (end - begin)
            taken.append(row)
    return taken


class Form(NamedTuple):
    """A surface of a concept, with its key and the number of papers that use it."""

    surface: str
    key: str
    papers: int


class Named(NamedTuple):
    """A concept's names: (language, label, kind) each, and as what each surface is shown: (surface, language, label)."""

    label: str | None
    label_ko: str | None
    abbreviation: str | None
    labels: tuple[tuple[str, str, str], ...]
    shown: tuple[tuple[str, str, str], ...]


def _words(name: str) -> Iterator[list[str]]:
    """The lines of a word list beside this file, split; lines that begin with # left out."""
    for line in (files("kg.resolve") / f"concepts_{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split()


@cache
def _capitalised() -> frozenset[str]:
    return frozenset(word for line in _words("names") for word in line)


_OF = re.compile(r"[\s-][Oo]f[\s-]")


def tidy(surface: str) -> str:
    """A surface as a label: white space made one blank, the last word singular, lower case except names.

    >>> tidy("Mixture-of-Experts"), tidy("Video  Diffusion Models"), tidy("GPT-4o"), tidy("Gaussian Splatting"), tidy("LLMs")
    ('mixture-of-experts', 'video diffusion model', 'GPT-4o', 'Gaussian splatting', 'LLM')
    """
    words = unicodedata.normalize("NFC", surface).split()
    shouting = len(words) > 1 and all(word.isupper() for word in words) and sum(map(len, words)) > 5 * len(words)
    result = [_tidy_word(word.casefold() if shouting else word) for word in words]
    last = result[-1] if result else ""
    if _PLURAL_CAPITALS.search(last):
        result[-1] = _PLURAL_CAPITALS.sub("", last)
    elif last.islower() and last.isascii() and not _OF.search(surface):
        head, joint, tail = last.rpartition("-")
        result[-1] = head + joint + singular(tail)
    return " ".join(result)


@lru_cache(maxsize=50_000)
def _tidy_word(word: str) -> str:
    return "-".join(part if _keeps_case(part) else part.lower() for part in word.split("-"))


def _keeps_case(part: str) -> bool:
    inner = any(character.isupper() for character in part[1:]) or any(character.isdigit() for character in part)
    return inner or part in _capitalised() or len(part) == 1


def name(root: str, forms: Iterable[Form], shorts: set[str], fallback: str) -> Named:
    """Choose a concept's names from its forms.

    The English label is the commonest spelling of the root's own key, the Korean label the commonest Korean form, the abbreviation the commonest
    form that stands for the root. A single capitalised word that nobody writes small stays capitalised.

    Args:
        root: the concept's key.
        forms: every surface that papers use for it.
        shorts: the keys that abbreviate it.
        fallback: a surface of the root, should no form have its key.

    >>> forms = [Form("Mixture-of-Experts", "mixtureofexpert", 2), Form("MoE", "MOE", 3), Form("전문가 혼합", "전문가혼합", 1)]
    >>> named = name("mixtureofexpert", forms, {"MOE"}, "")
    >>> named.label, named.label_ko, named.abbreviation
    ('mixture-of-experts', '전문가 혼합', 'MoE')
    """
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    roles: list[tuple[str, str, str]] = []
    for form in forms:
        language = "ko" if _HANGUL.search(form.surface) else "en" if re.search("[A-Za-z]", form.surface) else "und"
        role = "abbreviation" if form.key in shorts else "root" if form.key == root else "variant"
        counted[language, role][" ".join(form.surface.split())] += form.papers
        roles.append((form.surface, language, role))

    def best(language: str, *roles: str) -> str | None:
        for role in roles:
            if counter := counted[language, role]:
                return min(counter, key=lambda surface: (-counter[surface], surface))
        return None

    label: str | None = None
    if not _HANGUL.search(root):
        written = best("en", "root") or best("und", "root") or fallback or root
        label = tidy(written)
        if (
            written.isalpha()
            and written[:1].isupper()
            and label == written.lower()
            and counted["en", "root"][written]
            and not counted["en", "root"][label]
        ):
            label = written
    label_ko = best("ko", "root", "variant", "abbreviation")
    abbreviation = best("en", "abbreviation")
    abbreviation = None if abbreviation is None else _PLURAL_CAPITALS.sub("", abbreviation)
    labels: dict[tuple[str, str], str] = {}
    if label is not None:
        labels["en" if re.search("[A-Za-z]", label) else "und", label] = "preferred"
    if label_ko is not None:
        labels["ko", label_ko] = "preferred"
    if abbreviation is not None:
        labels.setdefault(("en", abbreviation), "abbreviation")
    shown: list[tuple[str, str, str]] = []
    for surface, language, role in sorted(roles):
        short = role == "abbreviation" and language == "en"
        plain = " ".join(surface.split())
        text = plain if language == "ko" else _PLURAL_CAPITALS.sub("", plain) if short else tidy(plain)
        if label is not None and text.casefold() == label.casefold():
            text = label
        labels.setdefault((language, text), "abbreviation" if short else "alternative")
        shown.append((surface, language, text))
    return Named(label, label_ko, abbreviation, tuple((language, text, kind) for (language, text), kind in sorted(labels.items())), tuple(shown))


class _End(NamedTuple):
    rank: int
    kind: str
    alone: bool
    whole: bool


@cache
def _ends() -> dict[str, _End]:
    """With what labels of each kind end, in small letters without blanks; a short end must stand alone."""
    ranks: dict[str, int] = {}
    ends: dict[str, _End] = {}
    for kind, script, *words in _words("kinds"):
        rank = ranks.setdefault(kind, len(ranks))
        for word in words:
            bare = word.removeprefix("*")
            alone = script == "en" and bare == word and len(word) <= 4
            ends.setdefault(bare.casefold(), _End(rank, kind, alone, script == "="))
    return ends


def _kind_by_end(label: str | None, kinds: tuple[str, ...] = ()) -> str | None:
    """The kind that comes first in the list among those whose words end the label."""
    if label is None:
        return None
    text = (label.replace(" ", "") if _HANGUL.search(label) else label).casefold()
    ends = _ends()
    best: _End | None = None
    for start in range(max(0, len(text) - 20), len(text) - 1):
        end = ends.get(text[start:])
        if end is None or (kinds and end.kind not in kinds) or (end.whole and start) or (end.alone and start and text[start - 1] not in " -/"):
            continue
        if best is None or end.rank < best.rank:
            best = end
    return None if best is None else best.kind


_SHORT_METHODS = re.compile(
    r"(?:LLM|VLM|MLLM|LMM|CNN|RNN|GNN|GAN|VAE|MLP|LSTM|ViT|MoE|NeRF|MCTS|RAG|LoRA|RLHF|DPO|PPO|SFT|DiT|SSM|RL|ICL|CoT)s?", re.IGNORECASE
)


_VERSIONED = re.compile(r"[A-Z][\w-]*(?: [A-Z]?[\w.-]+)*? [A-Za-z]?\d[\w.]*(?: [\w.-]+)?")
"""A name with a version: Gemini 1.5 Pro, DeepSeek R1, Llama 3.1 8B."""


def kind_of(
    label: str | None, label_ko: str | None, *, coined: bool = False, as_dataset: int = 0, as_model: int = 0, mentions: int = 1
) -> str | None:
    """The kind of a concept by the words with which its labels end, by the word that follows it, and by its look; None if nothing tells.

    Args:
        label: the English label.
        label_ko: the Korean one.
        coined: a paper coins the name in its title.
        as_dataset: how many of its mentions are followed by "dataset" or "benchmark", in either language.
        as_model: how many are followed by "model".
        mentions: how many mentions there are.

    >>> [kind_of(label, None) for label in ("video generation", "MMBench", "ReLU routing", "word error rate", "DeepSeek R1", "banana")]
    ['Task', 'Dataset', 'Method', 'Metric', 'Model', None]
    >>> kind_of(None, "강화 학습"), kind_of("ReMoE", None, coined=True), kind_of("MQA", None, as_dataset=1)
    ('Method', 'Model', 'Dataset')
    """
    if label is not None and " " not in label and _looks_like_a_name(label) and not _SHORT_METHODS.fullmatch(label):
        if as_dataset and as_dataset * 4 >= mentions and as_dataset >= as_model:
            return "Dataset"
        kind = _kind_by_end(label, ("Dataset", "Metric"))
        if kind is not None:
            return kind
        if "@" in label:
            return "Metric"
        if coined or as_model or re.search(r"\d|(?:Net|LM|LLM|GPT|BERT|Former|Diffusion|Agent|GAN|Llama)(?:-|$)|[a-z][A-Z]", label):
            return "Model"
    if label is not None and _VERSIONED.fullmatch(label):
        return "Model"
    # What an English label says, the Korean one must not overrule: it is the translation that may be wrong.
    kind = _kind_by_end(label if label is not None else label_ko)
    if kind is not None:
        return kind
    if coined:
        return "Model"
    if as_dataset * 2 > mentions:
        return "Dataset"
    return _kind_by_end(label_ko)


def _looks_like_a_name(word: str) -> bool:
    return any(character.isupper() for character in word)


def _name(engine: Engine, roots: Roots, names: dict[str, str]) -> None:
    """Name the chosen concepts, give them ids, and make all tables."""
    shorts: dict[str, set[str]] = defaultdict(set)
    for child, parent, relation, verdict, _, _ in roots.verdicts:
        if relation == "abbreviation" and verdict != "different" and not _HANGUL.search(child):
            shorts[roots.everywhere.get(parent, parent)].add(child)
    engine.run(_sql("statistics"))
    rows = _chunks(
        engine,
        """
        select c.root, c.surface, k.key, count(distinct c.paper_id) as papers
        from concept_kept c join concept_chosen using (paper_id, root) join concept_keys k using (surface)
        group by all order by all
        """,
    )
    facts = {
        root: (coined, as_dataset, as_model, mentions)
        for root, coined, as_dataset, as_model, mentions in engine.rows("select * from concept_statistics")
    }
    named: list[tuple[str, str | None, Named]] = []
    for root, group in groupby(rows, key=lambda row: row[0]):
        result = name(root, [Form(surface, key, papers) for _, surface, key, papers in group], shorts[root], names.get(root, ""))
        coined, as_dataset, as_model, mentions = facts[root]
        named.append(
            (root, kind_of(result.label, result.label_ko, coined=coined, as_dataset=as_dataset, as_model=as_model, mentions=mentions), result)
        )
    _drop(engine, "keys", "statistics")
    ids = identify([(root, result.label or result.label_ko or root, kind) for root, kind, result in named])
    engine.run(
        "create temp table concept_named (root varchar, concept_id varchar, label varchar, label_ko varchar, kind varchar, abbreviation varchar)"
    )
    engine.insert(
        "concept_named",
        ("root", "concept_id", "label", "label_ko", "kind", "abbreviation"),
        ((root, ids[root], result.label, result.label_ko, kind, result.abbreviation) for root, kind, result in named),
    )
    engine.run("create temp table concept_new_labels (root varchar, language varchar, label varchar, kind varchar)")
    engine.run("create temp table concept_shown (root varchar, surface varchar, language varchar, label varchar)")
    engine.insert("concept_shown", ("root", "surface", "language", "label"), ((root, *shown) for root, _, result in named for shown in result.shown))
    engine.insert(
        "concept_new_labels", ("root", "language", "label", "kind"), ((root, *label) for root, _, result in named for label in result.labels)
    )
    engine.run("create temp table concept_new_clusters (member_id varchar, canonical_id varchar, reason varchar)")
    engine.insert("concept_new_clusters", ("member_id", "canonical_id", "reason"), _cluster_rows(named, ids, roots, names))
    engine.run("create temp table concept_new_judgements (left_id varchar, right_id varchar, verdict varchar, score double, reason varchar)")
    engine.insert("concept_new_judgements", ("left_id", "right_id", "verdict", "score", "reason"), _judgement_rows(roots, names))
    _make_tables(engine)


def identify(concepts: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
    """Ids of concepts (root, name, kind), each its own: of several with one slug each gets its kind behind it, or 6 hex digits of its root.

    >>> identify([("a", "Graph", "Field"), ("b", "graph", "Method"), ("c", "tree", None)])
    {'a': 'concept/graph~field', 'b': 'concept/graph~method', 'c': 'concept/tree'}
    """
    by_slug: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for root, label, kind in concepts:
        by_slug[concept_id(label)].append((root, kind))
    ids: dict[str, str] = {}
    for slug, group in by_slug.items():
        kinds = Counter(kind for _, kind in group)
        for root, kind in group:
            if len(group) == 1:
                ids[root] = slug
            elif kind is not None and kinds[kind] == 1:
                ids[root] = f"{slug}~{kind.lower()}"
            else:
                ids[root] = f"{slug}~{short_hash(root, 6)}"
    return dict(sorted(ids.items()))


def _cluster_rows(
    named: list[tuple[str, str | None, Named]], ids: dict[str, str], roots: Roots, names: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Each label that stands for one concept everywhere; and those that stand for one in some papers only, with the paper."""
    best: dict[str, tuple[int, str, str]] = {}
    reasons = {(child, parent): (relation, reason) for child, parent, relation, _, _, reason in roots.verdicts}
    for root, _, result in named:
        main = result.label or result.label_ko or root
        for _, label, kind in result.labels:
            key = fold(label)
            if label == main:
                reason = "its own label"
            elif key in {root, fold(main)}:
                reason = f"another spelling of {main}"
            elif (key, root) in reasons:
                relation, why = reasons[key, root]
                reason = f"{'abbreviation' if relation == 'abbreviation' else 'Korean'} of {main}: {why}"
            else:
                reason = f"{'abbreviation' if kind == 'abbreviation' else 'another name'} of {main}"
            candidate = (0 if roots.everywhere.get(key, key) == root else 1, ids[root], reason)
            if label not in best or candidate < best[label]:
                best[label] = candidate
    for label, (_, identifier, reason) in sorted(best.items()):
        yield label, identifier, reason
    for (paper, key), root in sorted(roots.in_paper.items()):
        if root in ids and key in names:
            yield f"{names[key]} in {paper}", ids[root], f"{names[key]} stands for {names.get(root, root)} in this paper"


def _judgement_rows(roots: Roots, names: dict[str, str]) -> Iterator[tuple[str, str, str, float, str]]:
    rows: dict[tuple[str, str], tuple[str, float, str]] = {}
    for child, parent, _, verdict, score, reason in sorted(roots.verdicts):
        left, right = sorted((names.get(child, child), names.get(parent, parent)))
        if left != right:
            rows.setdefault((left, right), (verdict, round(score, 3), reason))
    for (left, right), (verdict, score, reason) in sorted(rows.items()):
        yield left, right, verdict, score, reason


def _make_tables(engine: Engine) -> None:
    """The tables of `kg.tables`, from what was chosen and from the subjects that sources state."""
    engine.run("create temp table concept_subjects (paper_id varchar, concept_id varchar, scheme varchar, label varchar)")
    subjects = engine.rows("select distinct s.scheme, s.notation, min(s.label) as label from subjects s group by all order by all")
    engine.run("create temp table concept_notations (scheme varchar, notation varchar, concept_id varchar, label varchar)")
    engine.insert(
        "concept_notations",
        ("scheme", "notation", "concept_id", "label"),
        ((scheme, notation, f"concept/{encode(scheme)}:{encode(notation)}", label) for scheme, notation, label in subjects),
    )
    engine.run(
        """
        insert into concept_subjects
        select distinct r.paper_id, n.concept_id, 'scheme/' || n.scheme, n.label
        from subjects s join records r using (record_id) join concept_notations n on n.scheme = s.scheme and n.notation = s.notation
        """
    )
    engine.create(
        "paper_concepts",
        f"""
        select paper_id, concept_id, weight, place <= 3 or (place <= 6 and weight >= {_MAIN_WEIGHT}) as main
        from concept_chosen join concept_named using (root)
        union all select distinct paper_id, concept_id, {_SUBJECT_WEIGHT}, false from concept_subjects
        """,
    )
    engine.create(
        "concepts",
        f"""
        with counts as (
            select concept_id, count(*) as papers, min(p.issued) as first from paper_concepts join papers p using (paper_id) group by concept_id
        )
        select n.concept_id, n.label, n.label_ko, n.kind, n.abbreviation, '{_SCHEME}' as scheme, papers, first
        from concept_named n join counts using (concept_id)
        union all
        select s.concept_id, s.label, null, 'Field', null, s.scheme, papers, first
        from (select distinct concept_id, label, scheme from concept_subjects) s join counts using (concept_id)
        """,
    )
    engine.create(
        "concept_labels",
        """
        select n.concept_id, l.language, l.label, l.kind, count(distinct c.paper_id) as papers
        from concept_new_labels l
        join concept_named n on n.root = l.root
        left join concept_shown w on w.root = l.root and w.language = l.language and w.label = l.label
        left join concept_kept k on k.root = w.root and k.surface = w.surface
        left join concept_chosen c on c.paper_id = k.paper_id and c.root = k.root
        group by all
        union all
        select concept_id, 'en', label, 'preferred', papers from concepts where scheme <> 'scheme/extracted'
        """,
    )
    engine.declare("concept_links")
    engine.create(
        "mentions",
        """
        select s.section_id, k.begin_index, k.end_index, n.concept_id, k.surface, k.evidence, cast(k.confidence as decimal(4, 3)) as confidence
        from concept_kept k join concept_chosen using (paper_id, root) join concept_named n using (root) join concept_sections s using (section)
        """,
    )
    engine.append("clusters", "select 'concept' as kind, member_id, canonical_id, reason from concept_new_clusters")
    engine.append(
        "judgements",
        """
        select 'concept' as kind, left_id, right_id, verdict, cast(score as decimal(4, 3)) as score, 'rule: gloss' as judge, reason
        from concept_new_judgements
        """,
    )
