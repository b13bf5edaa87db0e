"""The sample input: its facts are the real ones, whatever its summaries say."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

from kg.readers import find_reader, read
from kg.records import Record

_PAPERS = {"2024-10-08": 23, "2024-12-04": 50, "2024-12-23": 12, "2024-12-25": 11, "2025-02-10": 24}


def records(folder: Path) -> dict[str, list[Record]]:
    return {path.stem: list(read(path, find_reader(path))) for path in sorted(folder.glob("*.md")) if path.name != "README.md"}


def check_counts(entries: list[Record]) -> None:
    """The counts of the five digests, by hand from the real files."""
    names = Counter(signature.name for entry in entries for signature in entry.signatures)
    teams = sorted(len(entry.signatures) for entry in entries)
    pairs = {pair for entry in entries for pair in combinations(sorted({signature.name for signature in entry.signatures}), 2)}
    votes = [entry.votes for entry in entries if entry.votes is not None]
    assert len(entries) == len({entry.arxiv_id for entry in entries}) == 120
    assert (sum(names.values()), len(names), sum(count > 1 for count in names.values()), max(names.values())) == (1024, 959, 60, 4)
    assert (teams[len(teams) // 2], teams[-3:]) == (7, [42, 43, 59])
    assert len(pairs) == 7293
    assert (sum(votes), min(votes), max(votes)) == (1395, 1, 53)


def test_the_sample_holds_the_facts_of_120_real_papers(root: Path) -> None:
    by_day = records(root / "seeds" / "digests")
    assert {day: len(entries) for day, entries in by_day.items()} == _PAPERS
    check_counts([entry for entries in by_day.values() for entry in entries])


def test_each_paper_of_the_sample_has_three_bullets_of_its_own(root: Path) -> None:
    entries = [entry for found in records(root / "seeds" / "digests").values() for entry in found]
    bullets = []
    for entry in entries:
        assert [section.label for section in entry.sections] == ["title", "What's New", "Technical Details", "Performance Highlights"]
        bullets += [section.text for section in entry.sections[1:]]
    assert len(set(bullets)) == 360
    openings = Counter(bullet[:12] for bullet in bullets)
    assert max(openings.values()) <= 3, openings.most_common(3)


def test_the_sample_states_the_same_facts_as_the_real_digests(root: Path, shared: Path) -> None:
    ours, theirs = records(root / "seeds" / "digests"), records(shared / "seeds")

    def facts(entry: Record) -> tuple[object, ...]:
        return entry.title, entry.arxiv_id, entry.url, entry.votes, entry.rank, entry.digest, [signature.name for signature in entry.signatures]

    assert {day: [facts(entry) for entry in entries] for day, entries in ours.items()} == {
        day: [facts(entry) for entry in entries] for day, entries in theirs.items()
    }


def test_no_sentence_of_the_real_digests_is_in_the_sample(root: Path, shared: Path) -> None:
    """No run of 20 characters with Korean in it, spaces aside, is in both: words in Latin letters are names and terms."""
    run = 20

    def runs(folder: Path) -> set[str]:
        found = set()
        for entries in records(folder).values():
            for entry in entries:
                for section in entry.sections[1:]:
                    text = re.sub(r"\s+", "", section.text)
                    found |= {text[start : start + run] for start in range(len(text) - run + 1)}
        return {piece for piece in found if len(re.findall(r"[가-힣]", piece)) >= 12}

    assert sorted(runs(root / "seeds" / "digests") & runs(shared / "seeds")) == []
