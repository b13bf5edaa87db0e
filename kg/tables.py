"""Names, columns, keys and checks of every table: what ``kg.duckdb``, Parquet and CSV hold.

Each table is stored in the order of its key. An id is the IRI without the base. Months and days are ISO 8601 text at the
precision known. Weights are decimals, because a parallel sum of doubles is not the same twice.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its DuckDB type, whether it may be null, and what it means."""

    name: str
    type: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its columns, how many of them (from the left) are the key, and where its ids point.

    ``references`` maps a column to the ``table.column`` in which its values must stand.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: int
    references: tuple[tuple[str, str], ...] = ()

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the key.

        >>> TABLES["coauthorships"].key_columns
        ('source', 'target')
        """
        return tuple(column.name for column in self.columns[: self.key])

    def ddl(self) -> str:
        """The CREATE TABLE statement.

        >>> TABLES["aliases"].ddl()
        'create table aliases (alias_id varchar not null, target_id varchar not null, reason varchar not null)'
        """
        columns = ", ".join(f"{c.name} {c.type}{' not null' if c.required else ''}" for c in self.columns)
        return f"create table {self.name} ({columns})"


def _table(name: str, meaning: str, key: int, *columns: str, references: dict[str, str] | None = None) -> Table:
    """A table from lines of the form ``name type: meaning``; ``type?`` marks a column that may be null."""
    parsed = []
    for line in columns:
        head, _, text = line.partition(": ")
        column, _, kind = head.partition(" ")
        parsed.append(Column(name=column, type=kind.rstrip("?"), required=not kind.endswith("?"), meaning=text))
    return Table(name=name, meaning=meaning, columns=tuple(parsed), key=key, references=tuple(sorted((references or {}).items())))


WEIGHT = "decimal(18,9)"

_ALL = (
    _table(
        "sources",
        "a file that was read",
        1,
        "source_id varchar: source/<16 hex of its sha256>",
        "name varchar: the file's base name",
        "sha256 varchar: 64 hex digits",
        "bytes bigint: its size",
        "reader varchar: the reader that read it",
        "issued varchar?: a digest's date",
    ),
    _table(
        "records",
        "one paper as one source states it",
        1,
        "record_id varchar: record/<16 hex>",
        "source_id varchar: the file",
        "paper_id varchar: the paper that it is about",
        "line integer: where it begins in the file, from 1",
        "title varchar: as stated",
        "issued varchar?: the paper's date as stated",
        "arxiv_id varchar?: without version",
        "doi varchar?: lower case",
        "url varchar?: the link as given",
        "venue varchar?: as stated",
        "language varchar?: of the summary",
        "byline_complete boolean: false where the source cut the names",
        "order_trusted boolean: false where the order of names means nothing",
        "digest_id varchar?: the digest that it stands in",
        "votes integer?: in that digest",
        "rank integer?: place in that digest, from 1",
        references={"source_id": "sources.source_id", "paper_id": "papers.paper_id", "digest_id": "digests.digest_id"},
    ),
    _table(
        "sections",
        "one labelled piece of text of a record",
        1,
        "section_id varchar: text/<16 hex of the record>+<slug of the label>",
        "record_id varchar: the record",
        "label varchar: as printed",
        "text varchar: clean text",
        "language varchar?: BCP 47",
        references={"record_id": "records.record_id"},
    ),
    _table(
        "signatures",
        "one name at one place of one byline",
        1,
        "signature_id varchar: signature/<16 hex of the record>+<position>",
        "record_id varchar: the record",
        "position integer: place in the source's list, from 1",
        "name varchar: as written",
        "orcid varchar?: 0000-0000-0000-0000",
        "openalex_id varchar?: A...",
        "affiliation varchar?: as written",
        "author_id varchar: whom it names",
        references={"record_id": "records.record_id", "author_id": "authors.author_id"},
    ),
    _table(
        "mentions",
        "a concept found at [begin_index, end_index) of a section, in code points",
        3,
        "section_id varchar: the section",
        "begin_index integer: from 0",
        "end_index integer: excluded",
        "concept_id varchar: the concept",
        "surface varchar: the words there",
        "evidence varchar: what found it",
        "confidence decimal(4,3): in [0, 1]",
        references={"section_id": "sections.section_id", "concept_id": "concepts.concept_id"},
    ),
    _table(
        "judgements",
        "a decision that two things are, or are not, one, or what a person says of a concept",
        4,
        "kind varchar: paper, author or concept",
        "left_id varchar: a record, a signature or a label",
        "right_id varchar?: another, left_id < right_id; the new label where one is renamed, null where one is hidden",
        "verdict varchar: same, different or unsure; of a person also hidden or renamed",
        "score decimal(4,3): in [0, 1]",
        "judge varchar: a rule or a person",
        "reason varchar: why",
    ),
    _table(
        "clusters",
        "what the judgements add up to: each member's canonical thing",
        2,
        "kind varchar: paper, author or concept",
        "member_id varchar: a record, a signature or a label",
        "canonical_id varchar: what it is",
        "reason varchar: why",
    ),
    _table(
        "papers",
        "what records denote once they are resolved",
        1,
        "paper_id varchar: paper/arxiv:... or paper/doi:... or paper/key:...",
        "title varchar: the commonest, then a bibliographic source's, then the newest",
        "issued varchar?: ISO 8601 at the precision known",
        "arxiv_id varchar?: without version",
        "doi varchar?: lower case",
        "url varchar?: a link to it",
        "venue_id varchar?: where it appeared",
        "language varchar?: of the title",
        "authors integer: how many are known",
        "byline_complete boolean: whether those are all",
        references={"venue_id": "venues.venue_id"},
    ),
    _table(
        "authors",
        "a person or a team",
        1,
        "author_id varchar: author/<slug>",
        "name varchar: the commonest form",
        "kind varchar: person, group or ambiguous",
        "orcid varchar?: 0000-0000-0000-0000",
        "papers integer: how many",
    ),
    _table(
        "authorships",
        "an author's part in a paper",
        2,
        "paper_id varchar: the paper",
        "author_id varchar: the author",
        "position integer?: from 1, null where the source's order means nothing",
        "name_as_written varchar: the name in the byline",
        references={"paper_id": "papers.paper_id", "author_id": "authors.author_id"},
    ),
    _table(
        "concepts",
        "what papers are about",
        1,
        "concept_id varchar: concept/<slug>",
        "label varchar?: English",
        "label_ko varchar?: Korean",
        "kind varchar?: Task, Method, Model, Dataset, Metric or Field",
        "abbreviation varchar?: short form",
        "scheme varchar: scheme/extracted or an outside scheme",
        "papers integer: how many are about it",
        "first varchar?: date of the earliest of them",
    ),
    _table(
        "concept_labels",
        "the names of a concept",
        3,
        "concept_id varchar: the concept",
        "language varchar: BCP 47, und where unknown",
        "label varchar: the name",
        "kind varchar: preferred, alternative or abbreviation",
        "papers integer: how many use it",
        references={"concept_id": "concepts.concept_id"},
    ),
    _table(
        "concept_links",
        "how a concept relates to others",
        3,
        "concept_id varchar: the concept",
        "relation varchar: broader, exactMatch or closeMatch",
        "target varchar: a concept id (broader) or an IRI",
        references={"concept_id": "concepts.concept_id"},
    ),
    _table(
        "paper_concepts",
        "what a paper is about",
        2,
        "paper_id varchar: the paper",
        "concept_id varchar: the concept",
        f"weight {WEIGHT}: how strongly, in [0, 1]",
        "main boolean: one of the few that it is chiefly about",
        references={"paper_id": "papers.paper_id", "concept_id": "concepts.concept_id"},
    ),
    _table(
        "citations",
        "a paper that another cites",
        2,
        "source varchar: the citing paper",
        "target varchar: the cited paper's id, or its IRI where it is not in the graph",
        references={"source": "papers.paper_id"},
    ),
    _table(
        "venues",
        "where papers appear",
        1,
        "venue_id varchar: venue/<slug>",
        "name varchar: as stated",
        "kind varchar: Periodical or CreativeWorkSeries",
    ),
    _table(
        "digests",
        "an issue of a periodical list of papers",
        1,
        "digest_id varchar: digest/<date>",
        "issued varchar: its date",
        "label varchar: its heading",
    ),
    _table(
        "aliases",
        "another id of the same thing",
        1,
        "alias_id varchar: the id that gave way",
        "target_id varchar: the id that rules",
        "reason varchar: why",
    ),
    _table(
        "runs",
        "what made this graph: one row",
        1,
        "run_id varchar: run/<8 hex of version and configuration>",
        "config_id varchar: config/<8 hex>",
        "version varchar: of the program",
        "base varchar: the IRI base",
        "max_team integer: papers of more authors make no pairs",
        "pipeline varchar: fingerprint of the concept pipeline, 16 hex",
    ),
    _table(
        "coauthorships",
        "two authors who wrote together",
        2,
        "source varchar: an author",
        "target varchar: another, source < target",
        "papers integer: how many they share",
        f"weight {WEIGHT}: sum of 1 / (authors - 1) over those papers",
        "first varchar?: date of the earliest",
        "last varchar?: date of the latest",
        references={"source": "authors.author_id", "target": "authors.author_id"},
    ),
    _table(
        "shared_topics",
        "two papers that are strong neighbours by topic",
        2,
        "source varchar: a paper",
        "target varchar: another, source < target",
        "concepts integer: how many they share",
        f"weight {WEIGHT}: sum of ln(N / df) over those, in nats",
        references={"source": "papers.paper_id", "target": "papers.paper_id"},
    ),
    _table(
        "cooccurrences",
        "two concepts of one paper",
        2,
        "source varchar: a concept",
        "target varchar: another, source < target",
        "papers integer: how many are about both",
        f"weight {WEIGHT}: association strength, papers * N / (df * df)",
        references={"source": "concepts.concept_id", "target": "concepts.concept_id"},
    ),
    _table(
        "concept_months",
        "a concept in a month",
        2,
        "concept_id varchar: the concept",
        "month varchar: ISO 8601",
        "papers integer: that month's papers about it",
        f"share {WEIGHT}: of that month's papers",
        references={"concept_id": "concepts.concept_id"},
    ),
    _table(
        "communities",
        "which nodes of a view belong together",
        2,
        "view varchar: people, papers or concepts",
        "node_id varchar: an author, a paper or a concept",
        "community integer: from 0, by falling size",
    ),
    _table(
        "ranks",
        "how central a node of a view is",
        2,
        "view varchar: people, papers or concepts",
        "node_id varchar: an author, a paper or a concept",
        "degree integer: neighbours",
        f"strength {WEIGHT}: sum of the weights of its edges",
        f"participation {WEIGHT}: how evenly its edges spread over communities, in [0, 1)",
    ),
    _table(
        "layout",
        "where a node of a view is drawn",
        2,
        "view varchar: people, papers or concepts",
        "node_id varchar: an author, a paper or a concept",
        "x integer: in pixels at scale 1",
        "y integer: in pixels at scale 1",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
"""All tables by name, in the order in which the architecture lists them."""
