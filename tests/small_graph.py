"""A graph of four papers, by hand, in which every shipped query has an answer and every shape something to look at."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from kg.engine import Engine, derivation
from kg.tables import TABLES
from kg.writers.rdf import write_nquads

SHA_1, SHA_2 = "1273f2e7e6119b1831eec28f29897e510eac34bcab5a509e1afe498cc0c4ddae", "ab" * 32
SOURCE_1, SOURCE_2 = f"source/{SHA_1[:16]}", f"source/{SHA_2[:16]}"
REMOE, SECOND, EARLY, LATE = "paper/arxiv:2412.14711", "paper/arxiv:2502.04416", "paper/arxiv:2410.00001", "paper/doi:10.1000/x%3Cy%3E"
MOE, LLM, L1, FIELD = "concept/mixture-of-experts", "concept/large-language-model", "concept/l1-regularization", "concept/arxiv:cs.CL"
SUMMARY = "😀 ReMoE는 ReLU 라우팅을 쓰는 Mixture-of-Experts(MoE)이다."  # the first character is outside the basic plane
ABSTRACT = 'A "large" <b>language</b> model, or LLM; \\ and more.\nIt has two lines.'


def _mention(section: str, text: str, words: str, concept: str, evidence: str, confidence: str) -> tuple[Any, ...]:
    begin = text.index(words)
    return (section, begin, begin + len(words), concept, words, evidence, Decimal(confidence))


ROWS: dict[str, list[tuple[Any, ...]]] = {
    "sources": [(SOURCE_1, "2024-12-25.md", SHA_1, 1000, "digest", "2024-12-25"), (SOURCE_2, "snapshot.jsonl", SHA_2, 2000, "arxiv", None)],
    "records": [
        (
            "record/0000000000000001",
            SOURCE_1,
            REMOE,
            3,
            "ReMoE",
            "2024-12",
            "2412.14711",
            None,
            None,
            None,
            "ko",
            True,
            False,
            "digest/2024-12-25",
            7,
            1,
        ),
        (
            "record/0000000000000002",
            SOURCE_1,
            SECOND,
            9,
            'A Second "Look" at <Experts>',
            "2025-02",
            "2502.04416",
            None,
            None,
            None,
            "ko",
            False,
            False,
            "digest/2024-12-25",
            None,
            2,
        ),
        (
            "record/0000000000000003",
            SOURCE_2,
            EARLY,
            1,
            "Early Models",
            "2024-10-01",
            "2410.00001",
            None,
            None,
            None,
            "en",
            True,
            True,
            None,
            None,
            None,
        ),
        (
            "record/0000000000000004",
            SOURCE_2,
            LATE,
            2,
            "Late: a Study",
            "2024-12-31",
            None,
            "10.1000/x<y>",
            None,
            "Journal of Studies",
            "en",
            True,
            True,
            None,
            None,
            None,
        ),
        (
            "record/0000000000000005",
            SOURCE_2,
            REMOE,
            3,
            "ReMoE: Fully Differentiable",
            "2024-12-19",
            "2412.14711",
            None,
            None,
            None,
            "en",
            True,
            True,
            None,
            None,
            None,
        ),
    ],
    "sections": [
        ("text/0000000000000001+title", "record/0000000000000001", "title", "ReMoE", None),
        ("text/0000000000000001+whats-new", "record/0000000000000001", "What's New", SUMMARY, "ko"),
        ("text/0000000000000004+abstract", "record/0000000000000004", "abstract", ABSTRACT, "en"),
    ],
    "mentions": [
        _mention("text/0000000000000001+whats-new", SUMMARY, "Mixture-of-Experts", MOE, "gloss", "0.95"),
        _mention("text/0000000000000001+whats-new", SUMMARY, "MoE)"[:-1], MOE, "lexicon", "0.9"),
        _mention("text/0000000000000004+abstract", ABSTRACT, "LLM", LLM, "acronym", "1"),
    ],
    "papers": [
        (REMOE, "ReMoE", "2024-12", "2412.14711", None, None, None, "en", 3, True),
        (SECOND, 'A Second "Look" at <Experts>', "2025-02", "2502.04416", None, None, None, None, 3, False),
        (EARLY, "Early Models", "2024-10-01", "2410.00001", None, None, None, "en", 2, True),
        (LATE, "Late: a Study", "2024-12-31", None, "10.1000/x<y>", None, "venue/journal-of-studies", "en", 1, True),
    ],
    "authors": [
        ("author/aman-chadha", "Aman Chadha", "person", "0000-0000-0000-0001", 2),
        ("author/gemma-team", "Gemma Team", "group", None, 1),
        ("author/jianfei-chen", "Jianfei Chen", "person", None, 2),
        ("author/jun-zhu", "Jun Zhu", "ambiguous", None, 0),
        ("author/jun-zhu~688e0ea9", "Jun Zhu", "person", None, 1),
        ("author/vinija-jain", "Vinija Jain", "person", None, 2),
        ("author/ziteng-wang", "Ziteng Wang", "person", None, 1),
    ],
    "authorships": [
        (REMOE, "author/jianfei-chen", 1, "Jianfei Chen"),
        (REMOE, "author/jun-zhu~688e0ea9", 2, "Jun Zhu"),
        (REMOE, "author/ziteng-wang", 3, "Ziteng Wang"),
        (SECOND, "author/aman-chadha", None, "A. Chadha"),
        (SECOND, "author/jianfei-chen", None, "Jianfei Chen"),
        (SECOND, "author/vinija-jain", None, "Vinija Jain"),
        (EARLY, "author/aman-chadha", 1, "Aman Chadha"),
        (EARLY, "author/gemma-team", 2, "Gemma Team"),
        (LATE, "author/vinija-jain", 1, "Vinija Jain"),
    ],
    "signatures": [
        ("signature/0000000000000002+1", "record/0000000000000002", 1, "A. Chadha", None, None, None, "author/aman-chadha"),
        ("signature/0000000000000004+1", "record/0000000000000004", 1, "Vinija Jain", None, "A5", "Stanford University", "author/vinija-jain"),
    ],
    "concepts": [
        (MOE, "mixture of experts", "전문가 혼합", "Method", "MoE", "scheme/extracted", 3, "2024-12"),
        (LLM, "large language model", "대규모 언어 모델", "Model", "LLM", "scheme/extracted", 4, "2024-10-01"),
        (L1, "L1 regularization", None, None, None, "scheme/extracted", 1, "2024-12"),
        (FIELD, "Computation and Language", None, "Field", "cs.CL", "scheme/arxiv", 1, "2024-12-31"),
    ],
    "concept_labels": [
        (MOE, "en", "MoE", "abbreviation", 2),
        (MOE, "en", "mixture of experts", "preferred", 2),
        (MOE, "ko", "전문가 혼합", "preferred", 1),
        (LLM, "en", "LLM", "abbreviation", 3),
        (LLM, "en", "large language model", "preferred", 3),
        (LLM, "ko", "대규모 언어 모델", "preferred", 1),
        (LLM, "und", "LLMs", "alternative", 1),
        (L1, "en", "L1 regularization", "preferred", 1),
        (FIELD, "en", "Computation and Language", "preferred", 1),
        (FIELD, "und", "cs.CL", "abbreviation", 1),
    ],
    "concept_links": [(MOE, "broader", LLM), (LLM, "closeMatch", "http://www.wikidata.org/entity/Q115305900")],
    "paper_concepts": [
        (REMOE, L1, Decimal("0.2"), False),
        (REMOE, LLM, Decimal("0.5"), False),
        (REMOE, MOE, Decimal("0.9"), True),
        (SECOND, LLM, Decimal("0.5"), True),
        (SECOND, MOE, Decimal("0.5"), True),
        (EARLY, LLM, Decimal("0.5"), True),
        (LATE, FIELD, Decimal("0.5"), False),
        (LATE, LLM, Decimal("0.5"), False),
        (LATE, MOE, Decimal("0.1"), False),
    ],
    "citations": [(SECOND, REMOE), (SECOND, "https://doi.org/10.1000/elsewhere")],
    "venues": [("venue/journal-of-studies", "Journal of Studies", "Periodical")],
    "digests": [("digest/2024-12-25", "2024-12-25", "Daily Papers (2024-12-25)")],
    "aliases": [("paper/doi:10.1000/remoe", REMOE, "same arXiv id")],
    "runs": [("run/5c1e0d7a", "config/9b1d22f0", "0.1.0", "https://kg.example/", 100, "0123456789abcdef")],
    "shared_topics": [
        (REMOE, LATE, 1, Decimal("0.287682072")),
        (REMOE, SECOND, 1, Decimal("0.287682072")),
        (SECOND, LATE, 1, Decimal("0.287682072")),
    ],
    "cooccurrences": [(LLM, MOE, 3, Decimal("1")), (L1, LLM, 1, Decimal("1")), (L1, MOE, 1, Decimal("1.333333333"))],
    "concept_months": [
        (LLM, "2024-10", 1, Decimal("1")),
        (LLM, "2024-12", 2, Decimal("1")),
        (MOE, "2024-12", 2, Decimal("1")),
        (L1, "2024-12", 1, Decimal("0.5")),
        (FIELD, "2024-12", 1, Decimal("0.5")),
        (LLM, "2025-02", 1, Decimal("1")),
        (MOE, "2025-02", 1, Decimal("1")),
    ],
}


def fill(engine: Engine) -> None:
    """Make every table; the pairs of authors come from the project's own SQL."""
    for name, table in TABLES.items():
        engine.declare(name)
        rows = sorted(ROWS.get(name, []), key=lambda row: row[: len(table.key_columns)])
        for row in rows:
            engine.connection.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)
    engine.append("coauthorships", derivation("coauthorships"), max_team=100)


def write_small_graph(folder: Path) -> Path:
    """``kg.duckdb`` and ``kg.nq`` of the small graph, in a folder."""
    with Engine(folder / "kg.duckdb") as engine:
        fill(engine)
        write_nquads(engine, folder / "kg.nq")
    return folder
