"""Candidates of all sections, computed once for each text and pipeline, and kept beside the output for the next build."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import tee
from pathlib import Path
from typing import Any, NamedTuple

from kg.annotate import fingerprint
from kg.annotate.workers import annotated, usable_cores
from kg.engine import Engine, sql_path

_COLUMNS = ("text_id", "begin_index", "end_index", "surface", "evidence", "partner", "relation")
# A row without a place stands for the text itself: once for each, so that it is known though nothing is found in it.
_DECLARE = """
create temp table known_candidates (
    text_id varchar, begin_index integer, end_index integer, surface varchar, evidence varchar, partner varchar, relation varchar
)
"""
_OTHER_LANGUAGE = "other language"
"""What stands as evidence in the row of a text that is neither Korean nor English."""
# A title is annotated in another way than other text, so it is another text.
_TEXTS = """
create temp table texts as
select section_id, text, label = 'title' as is_title, sha256(case when label = 'title' then 'title' else 'text' end || chr(10) || text) as text_id
from sections
"""
_NEW = """
create temp table new_texts as
select distinct on (text_id) text_id, text, is_title from texts where text_id not in (select text_id from known_candidates) order by text_id
"""
_BATCH_TEXTS = 100
_BATCH_CHARACTERS = 50_000
"""A fifth of a second of work: enough that handing it to another process costs nothing, and little to wait for at the end."""
_CHARACTERS_PER_PROCESS = 300_000
"""What a process must have to do to be worth its start, which takes about as long as this."""
_READ_TEXTS = 2_000


class Annotated(NamedTuple):
    """How many texts were annotated, how many known, how many are neither Korean nor English; and the fingerprint of what annotates."""

    new: int
    known: int
    other_languages: int
    fingerprint: str


def annotate_sections(
    engine: Engine,
    *,
    kept: Path,
    keep: Path,
    terms: Sequence[str] = (),
    name: str | None = None,
    jobs: int | None = None,
    progress: Callable[[str, int, int | None], None] = lambda name, done, total: None,
) -> Annotated:
    """Make the temporary table candidates (section_id, begin_index, end_index, surface, evidence, partner, relation) from sections.

    Args:
        engine: where the tables are.
        kept: the folder with the candidates of the last build, if there is one.
        keep: the folder to keep this build's candidates in.
        terms: what vocabularies say that is a term, each once, in one order.
        name: a pipeline of the user's that takes the place of ours.
        jobs: how many processes may annotate; None for one a core, or for one alone where the pipeline is the user's, whose models may be large and
            use all cores by themselves.
        progress: is told the stage, the texts done and the texts in all.

    Raises:
        PipelineError: a process died; or the user's pipeline is not there, fails, or does not give what is needed.
    """
    mark = fingerprint(terms, name=name)
    file = f"candidates-{mark}.parquet"
    engine.run(_TEXTS)
    engine.run(_DECLARE)
    engine.read_kept("known_candidates", _COLUMNS, kept / file, where="text_id in (select text_id from texts)")
    known = engine.value("select count(distinct text_id) from known_candidates")
    engine.run(_NEW)
    new, characters = engine.rows("select count(*), coalesce(sum(length(text)), 0) from new_texts")[0]
    if new:
        most = jobs or (usable_cores() if name is None else 1)
        results = _rows(engine, new, terms, name, max(1, min(most, characters // _CHARACTERS_PER_PROCESS)), progress)
        with closing(results):
            engine.insert("known_candidates", _COLUMNS, results)
    keep.mkdir(parents=True, exist_ok=True)
    engine.run(f"copy (select * from known_candidates order by all) to {sql_path(keep / file)} (format parquet, compression zstd)")
    engine.run(
        """
        create temp table candidates as
        select section_id, begin_index, end_index, surface, evidence, partner, relation
        from texts join known_candidates using (text_id) where begin_index is not null
        order by all
        """
    )
    other_languages = engine.value(
        "select count(*) from texts join known_candidates using (text_id) where begin_index is null and evidence = $evidence",
        evidence=_OTHER_LANGUAGE,
    )
    for table in ("known_candidates", "new_texts", "texts"):
        engine.run(f"drop table {table}")
    return Annotated(new, known, other_languages, mark)


def _rows(
    engine: Engine, total: int, terms: Sequence[str], name: str | None, processes: int, progress: Callable[[str, int, int | None], None]
) -> Generator[tuple[Any, ...]]:
    """The rows of all new texts, batch by batch."""
    batches, asked = tee(_batches(engine, total))
    done = 0
    with closing(annotated(([text[1:] for text in batch] for batch in asked), terms, name=name, processes=processes)) as results:
        for batch, found in zip(batches, results, strict=True):
            for (text_id, text, _), (other_language, spans) in zip(batch, found, strict=True):
                yield (text_id, None, None, None, _OTHER_LANGUAGE if other_language else None, None, None)
                for begin, end, evidence, partner, relation in spans:
                    yield (text_id, begin, end, text[begin:end], evidence, partner, relation)
            done += len(batch)
            progress("annotate", done, total)


def _batches(engine: Engine, total: int) -> Generator[list[tuple[str, str, bool]]]:
    """New texts in batches of about equal work; no more of them are in memory than one SELECT gives."""
    batch: list[tuple[str, str, bool]] = []
    characters = 0
    for start in range(0, total, _READ_TEXTS):
        for row in engine.rows("select * from new_texts where rowid >= $start and rowid < $stop", start=start, stop=start + _READ_TEXTS):
            batch.append(row)
            characters += len(row[1])
            if len(batch) == _BATCH_TEXTS or characters >= _BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
    if batch:
        yield batch
