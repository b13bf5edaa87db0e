"""Concepts of papers, in the format of concept scorers: extract_concepts.py INPUT.jsonl [--context DIGEST_FOLDER_OR_JSONL]

INPUT.jsonl has lines {"id", "title", "sections": {label: text}} or {"id", "title", "abstract"}. To standard output goes, for each,
{"id", "concepts": [{"label", "ko", "abbr", "kind", "surfaces", "score", "main"}]}, best first, at most 15 a paper,
through the stages of ``kg build``.
--context names more papers (a folder of digests, or such a file) over which glosses and counts are harvested;
a paper that stands in both counts once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from concepts_corpus import annotated, papers_of, predictions, write

from kg.resolve.concepts import resolve_concepts


def main() -> None:
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("input", type=Path)
    command.add_argument("--context", type=Path)
    options = command.parse_args()
    papers = list(papers_of(options.input))
    own = {"".join(text.split()) for _, sections in papers for label, text in sections if label == "title"}
    context = [] if options.context is None else papers_of(options.context)
    others = ((f"context {identifier}", sections) for identifier, sections in context if "".join(sections[0][1].split()) not in own)
    with annotated([*papers, *others]) as engine:
        resolve_concepts(engine)
        write(predictions(engine, [identifier for identifier, _ in papers]))


if __name__ == "__main__":
    main()
