"""Candidates of all sections, computed once for each text and pipeline, and kept beside the output for the next build."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from kg.annotate import annotate, fingerprint
from kg.engine import Engine, sql_path
from kg.errors import OutputError

_COLUMNS = ("text_id", "begin_index", "end_index", "surface", "evidence", "confidence", "partner", "relation")
_DECLARE = """
create temp table known_candidates (
    text_id varchar, begin_index integer, end_index integer, surface varchar, evidence varchar, confidence double, partner varchar, relation varchar
)
"""
# A title is annotated in another way than other text, so it is another text.
_TEXTS = """
create temp table texts as
select section_id, text, label = 'title' as is_title, sha256(case when label = 'title' then 'title' else 'text' end || chr(10) || text) as text_id
from sections
"""


def annotate_sections(
    engine: Engine, *, kept: Path, keep: Path, progress: Callable[[str, int, int | None], None] = lambda name, done, total: None
) -> tuple[int, int]:
    """Make the temporary table candidates from sections; how many texts were annotated, and how many known.

    Args:
        engine: where the tables are.
        kept: the folder with the candidates of the last build, if there is one.
        keep: the folder to keep this build's candidates in, one row a candidate, one empty row for a text without.
        progress: is told the stage, the texts done and the texts in all.
    """
    name = f"candidates-{fingerprint()}.parquet"
    engine.run(_TEXTS)
    engine.run(_DECLARE)
    if (kept / name).exists():
        # What cannot be read (cut short, damaged, of another make) was only kept to save time.
        with suppress(duckdb.Error, OutputError):
            engine.run(
                f"insert into known_candidates select * from read_parquet({sql_path(kept / name)}) where text_id in (select text_id from texts)"
            )
    known = engine.value("select count(distinct text_id) from known_candidates")
    new = engine.rows(
        """
        select distinct on (text_id) text_id, text, is_title from texts
        where text_id not in (select text_id from known_candidates) order by text_id
        """
    )
    if new:
        engine.insert("known_candidates", _COLUMNS, _annotated(new, progress))
    keep.mkdir(parents=True, exist_ok=True)
    engine.run(f"copy (select * from known_candidates order by all) to {sql_path(keep / name)} (format parquet, compression zstd)")
    engine.run(
        """
        create temp table candidates as
        select section_id, begin_index, end_index, surface, evidence, confidence, partner, relation
        from texts join known_candidates using (text_id) where begin_index is not null
        order by all
        """
    )
    engine.run("drop table known_candidates")
    engine.run("drop table texts")
    return len(new), known


def _annotated(texts: list[tuple[str, str, bool]], progress: Callable[[str, int, int | None], None]) -> Iterator[tuple[Any, ...]]:
    results = annotate((text, is_title) for _, text, is_title in texts)
    for done, ((text_id, _, _), candidates) in enumerate(zip(texts, results, strict=True), 1):
        if not candidates:
            yield (text_id, None, None, None, None, None, None, None)
        for found in candidates:
            yield (text_id, found.begin, found.end, found.surface, found.evidence, found.confidence, found.partner, found.relation)
        if done % 200 == 0 or done == len(texts):
            progress("annotate", done, len(texts))
